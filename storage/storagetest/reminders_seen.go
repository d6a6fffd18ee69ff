package storagetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func reminderText(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	s.update(func(tx bot.Tx) error {
		i, err := tx.LockIncident(bot.Self(), number)
		if err != nil {
			return err
		}
		r := reminder(number)
		r.Number, r.Seq = 99, i.Head.Seq+1
		if err := tx.CreateReminder(r); err != nil {
			return err
		}
		early, err := tx.Reminder(bot.Self(), 99)
		if err != nil {
			return err
		}
		s.equal("before its entry", early.Text, "")
		_, err = appendTo(tx, i, bot.Event{Kind: bot.EventReminder, Text: "Early."}, base())
		return err
	})
	r := s.remind(reminder(number))
	own := s.remind(reminder(bot.House))
	text := func(what string, n int64, want bot.Text) {
		s.Helper()
		s.equal(what, s.reminder(n).Text, want)
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.Reminders(bot.Self(), bot.ReminderFilter{Incident: s.reminder(n).Incident, User: ana})
			for _, o := range list {
				if o.Number == n {
					s.equal(what+", in the list", o.Text, want)
				}
			}
			return err
		})
	}
	text("the early one", 99, "Early.")
	r.Text = "not where it is kept"
	s.equal("saving", s.saveReminder(r), error(nil))
	text("after another was saved", r.Number, "Look at the graphs.")
	s.update(func(tx bot.Tx) error { return tx.Redact(number, r.Seq) })
	text("redacted", r.Number, bot.RedactedText)
	text("its own", own.Number, "Look at the graphs.")
	own.Text = "Look at them again."
	s.equal("saving its own", s.saveReminder(own), error(nil))
	text("its own, saved", own.Number, "Look at them again.")
}

// privateReminders sets one in a private incident, between two that are not.
func privateReminders(s *suite) {
	number := s.secret()
	var hidden int64
	for _, incident := range []int64{1, number, 3} {
		r := reminder(incident)
		r.User = dan // who set it does not see it for that
		if s.remind(r); incident == number {
			hidden = r.Number
		}
	}
	for _, w := range viewers() {
		s.view(func(tx bot.ReadTx) error {
			r, err := tx.Reminder(w.v, hidden)
			s.equal(w.name+": reads it", err == nil, w.sees)
			if w.sees {
				s.equal(w.name+": text", r.Text, reminder(number).Text)
			} else {
				s.noReminder(w.name, tx, w.v, hidden)
			}
			for _, waiting := range []bool{false, true} {
				list, err := tx.Reminders(w.v, bot.ReminderFilter{Incident: number, Waiting: waiting})
				s.equal(w.name+": list", len(list) == 1, w.sees)
				if err != nil {
					return err
				}
				list, err = tx.Reminders(w.v, bot.ReminderFilter{Incident: 1, Waiting: waiting})
				s.equal(w.name+": list of another", len(list), 1)
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	s.update(func(tx bot.Tx) error { return tx.SetMembers(number, nil) })
	s.view(func(tx bot.ReadTx) error { s.noReminder("who left", tx, bot.As(ben), hidden); return nil })
}

// noReminder fails the test unless one that is there answers v as one does that
// was never used.
func (s *suite) noReminder(what string, tx bot.ReadTx, v bot.Viewer, hidden int64) {
	s.Helper()
	_, err := tx.Reminder(v, hidden)
	s.refused(what, err, bot.KindNotFound)
	s.equal(what+": answer", err, fmt.Sprintf("There is no reminder %d.", hidden))
	_, never := tx.Reminder(v, 99)
	s.equal(what+": one never used", never, "There is no reminder 99.")
}

func ownReminders(s *suite) {
	s.secret()
	r := s.remind(reminder(bot.House))
	for _, w := range viewers() {
		sees := w.v.All() || w.v.User() == ana
		s.view(func(tx bot.ReadTx) error {
			if _, err := tx.Reminder(w.v, r.Number); sees {
				s.equal(w.name, err, error(nil))
			} else {
				s.noReminder(w.name, tx, w.v, r.Number)
			}
			for _, waiting := range []bool{false, true} {
				list, err := tx.Reminders(w.v, bot.ReminderFilter{User: ana, Waiting: waiting})
				s.equal(w.name+": list", len(list) == 1, sees)
				if err != nil {
					return err
				}
				for _, user := range []bot.UserID{"", "%", dan} {
					list, err := tx.Reminders(w.v, bot.ReminderFilter{User: user, Waiting: waiting})
					s.equal(w.name+": list of "+string(user), len(list), 0)
					if err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
}

func reminderLists(s *suite) {
	one, two := s.declare("One", bot.Data{}), s.declare("Two", bot.Data{})
	var all []*bot.Reminder
	for k := range 48 {
		r := reminder([]int64{bot.House, one, bot.House, two}[k%4])
		r.User = []bot.UserID{ana, ben}[k/4%2]
		r.State = []bot.ReminderState{bot.ReminderWaiting, bot.ReminderFired, bot.ReminderCancelled}[k%3]
		r.At = base().Add(time.Duration(k*7%10) * time.Microsecond)
		all = append(all, s.remind(r))
	}
	slices.SortFunc(all, func(a, b *bot.Reminder) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Number, b.Number)) })
	for _, f := range []bot.ReminderFilter{{}, {User: ana}, {User: ben}, {Incident: one}, {Incident: one, User: ana}, {Incident: two}, {Incident: 99}} {
		for _, waiting := range []bool{false, true} {
			f.Waiting = waiting
			var want []*bot.Reminder
			for _, r := range all {
				if r.Incident == f.Incident && (f.Incident != bot.House || r.User == f.User) && (!waiting || r.State == bot.ReminderWaiting) {
					want = append(want, r)
				}
			}
			s.view(func(tx bot.ReadTx) error {
				list, err := tx.Reminders(bot.Self(), f)
				s.equal(fmt.Sprintf("%+v", f), reminderNames(list), reminderNames(want))
				return err
			})
		}
	}
}

func reminderLimits(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	s.update(func(tx bot.Tx) error {
		for k := range int64(420) {
			r := reminder(number)
			r.Number, r.Seq, r.At = k+1, 1, base().Add(-time.Duration(k)*time.Minute)
			if k >= 210 {
				r.Incident, r.Seq = bot.House, 0
			}
			if err := tx.CreateReminder(r); err != nil {
				return err
			}
		}
		return nil
	})
	s.view(func(tx bot.ReadTx) error {
		for first, f := range map[int64]bot.ReminderFilter{210: {Incident: number}, 420: {User: ana}} {
			for _, f.Waiting = range []bool{false, true} {
				list, err := tx.Reminders(bot.As(ana), f)
				if err != nil {
					return err
				}
				s.equal(fmt.Sprintf("%+v", f), fmt.Sprint(len(list), list[0].Number), fmt.Sprint(200, first))
			}
		}
		return nil
	})
}
