package storagetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func reminders() []contract {
	return []contract{
		{"numbers start at 1 and have no gaps", reminderNumbers},
		{"what was stored is read back", reminderRoundTrip},
		{"every state is kept, and no other", reminderStates},
		{"12 that are set at once all get a number", remindersAtOnce},
		{"saving changes no other and not where it came from", reminderSave},
		{"an incident's has the text of its entry, which goes with it", reminderText},
		{"an incident's is seen with it", privateReminders},
		{"one without an incident is its user's", ownReminders},
		{"lists are of an incident or of a person, those due first first", reminderLists},
		{"a list holds at most 200", reminderLimits},
	}
}

// reminder is one of ana's, whose number is chosen when it is set. Without an
// incident it keeps its text itself.
func reminder(incident int64) *bot.Reminder {
	return &bot.Reminder{
		Incident: incident, User: ana, At: base().Add(time.Hour), State: bot.ReminderWaiting, SetAt: base(), Text: "Look at the graphs.",
	}
}

// remind writes r and the entry that holds its text.
func (s *suite) remind(r *bot.Reminder) *bot.Reminder {
	s.Helper()
	s.update(func(tx bot.Tx) error { return remindIn(tx, r) })
	return r
}

func remindIn(tx bot.Tx, r *bot.Reminder) (err error) {
	if r.Number, err = tx.NextReminder(); err != nil {
		return err
	}
	if r.Incident == bot.House {
		return tx.CreateReminder(r)
	}
	i, err := tx.LockIncident(bot.Self(), r.Incident)
	if err != nil {
		return err
	}
	r.Seq = i.Head.Seq + 1
	if err := tx.CreateReminder(r); err != nil {
		return err
	}
	_, err = appendTo(tx, i, bot.Event{Kind: bot.EventReminder, Actor: r.User, Text: r.Text, Data: bot.Data{
		Reminder: &bot.ReminderMark{Number: r.Number, State: r.State, At: r.At},
	}}, base())
	return err
}

func (s *suite) saveReminder(r *bot.Reminder) error {
	return s.Update(s.Context(), func(tx bot.Tx) error { return tx.SaveReminder(r) })
}

// reminder reads one as the bot itself.
func (s *suite) reminder(number int64) (r *bot.Reminder) {
	s.Helper()
	s.view(func(tx bot.ReadTx) (err error) {
		r, err = tx.Reminder(bot.Self(), number)
		return err
	})
	return r
}

// everything is all that a reminder is, comparable.
func everything(r *bot.Reminder) string {
	b, err := json.Marshal(r)
	return fmt.Sprintf("%s %q %v", b, r.Text, err)
}

func reminderNames(list []*bot.Reminder) string {
	out := make([]string, len(list))
	for k, r := range list {
		out[k] = fmt.Sprint(r.Number)
	}
	return strings.Join(out, " ")
}

func reminderNumbers(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	for want := range 4 {
		err := s.Update(s.Context(), func(tx bot.Tx) error {
			if _, err := tx.NextReminder(); err != nil {
				return err
			}
			return errTest
		})
		s.equal("error", err, errTest)
		s.equal("number", s.remind(reminder([]int64{number, bot.House}[want%2])).Number, want+1)
	}
	for what, change := range map[string]func(*bot.Reminder){
		"a used number":        func(r *bot.Reminder) { r.Number = 3 },
		"no such incident":     func(r *bot.Reminder) { r.Incident, r.Seq = 99, 1 },
		"no entry":             func(r *bot.Reminder) { r.Incident = number },
		"an entry of no house": func(r *bot.Reminder) { r.Seq = 1 },
		"nobody's":             func(r *bot.Reminder) { r.User = "" },
	} {
		r := reminder(bot.House)
		r.Number = 9
		change(r)
		s.refused(what, s.Update(s.Context(), func(tx bot.Tx) error { return tx.CreateReminder(r) }), bot.KindInternal)
	}
}

func reminderRoundTrip(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	for n, incident := range []int64{number, bot.House} {
		r := reminder(incident)
		r.Text = "It's 100% \"quoted\" 🔥\n'; --"
		s.remind(r)
		s.equal("as it was set", everything(s.reminder(int64(n+1))), everything(r))
		end := base().Add(2 * time.Hour)
		r.State, r.EndedAt, r.EndedBy, r.At, r.SetAt = bot.ReminderCancelled, &end, ben, base().Add(3*time.Hour), base().Add(-time.Hour)
		s.update(func(tx bot.Tx) error {
			if err := tx.SaveReminder(r); err != nil {
				return err
			}
			same, err := tx.Reminder(bot.Self(), r.Number)
			s.equal("in the same transaction", everything(same), everything(r))
			return err
		})
		s.equal("saved", everything(s.reminder(r.Number)), everything(r))
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.Reminders(bot.As(ana), bot.ReminderFilter{Incident: incident, User: ana})
			s.equal("listed", everything(list[0]), everything(r))
			return err
		})
	}
	r := reminder(bot.House)
	r.Number, r.Text = 9, "\xff"
	s.refused("text that is no UTF-8", s.Update(s.Context(), func(tx bot.Tx) error { return tx.CreateReminder(r) }), bot.KindInvalid)
	r.Text = ""
	s.update(func(tx bot.Tx) error { return tx.CreateReminder(r) })
	s.equal("no text", s.reminder(9).Text, "")
}

func reminderStates(s *suite) {
	r := s.remind(reminder(bot.House))
	for _, state := range []bot.ReminderState{bot.ReminderFired, bot.ReminderCancelled, bot.ReminderWaiting} {
		r.State = state
		s.equal("saving", s.saveReminder(r), error(nil))
		s.equal("state", s.reminder(r.Number).State, state)
	}
	for _, state := range []bot.ReminderState{"", "Waiting", "done"} {
		r.State = state
		s.refused(fmt.Sprintf("state %q", state), s.saveReminder(r), bot.KindInternal)
	}
}

func remindersAtOnce(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	var wg sync.WaitGroup
	for k := range 12 {
		wg.Go(func() {
			err := s.Update(s.Context(), func(tx bot.Tx) error { return remindIn(tx, reminder([]int64{number, bot.House}[k%2])) })
			if err != nil {
				s.Errorf("set: %v", err)
			}
		})
	}
	wg.Wait()
	var all []int64
	s.view(func(tx bot.ReadTx) error {
		for _, incident := range []int64{number, bot.House} {
			list, err := tx.Reminders(bot.Self(), bot.ReminderFilter{Incident: incident, User: ana})
			if err != nil {
				return err
			}
			s.equal("of each", len(list), 6)
			for _, r := range list {
				all = append(all, r.Number)
			}
		}
		return nil
	})
	slices.Sort(all)
	s.equal("all there are", all, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
}

func reminderSave(s *suite) {
	one, two := s.declare("One", bot.Data{}), s.declare("Two", bot.Data{})
	other := s.remind(reminder(two))
	for _, incident := range []int64{one, bot.House} {
		r := s.remind(reminder(incident))
		for what, change := range map[string]func(*bot.Reminder){
			"one that is not there": func(r *bot.Reminder) { r.Number = 99 },
			"another one's number":  func(r *bot.Reminder) { r.Number = other.Number },
			"another incident":      func(r *bot.Reminder) { r.Incident, r.Seq = two, 2 },
			"no incident":           func(r *bot.Reminder) { r.Incident, r.Seq = bot.House, 0 },
			"another entry":         func(r *bot.Reminder) { r.Seq++ },
			"another user":          func(r *bot.Reminder) { r.User = ben },
		} {
			if what == "no incident" && incident == bot.House {
				continue
			}
			changed := *r
			changed.EndedBy = ben
			change(&changed)
			s.refused(what, s.saveReminder(&changed), bot.KindInternal)
		}
		r.State = bot.ReminderFired
		s.equal("saving", s.saveReminder(r), error(nil))
		s.equal("saved", everything(s.reminder(r.Number)), everything(r))
	}
	s.equal("the other", everything(s.reminder(other.Number)), everything(other))
}
