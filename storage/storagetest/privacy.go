package storagetest

import (
	"fmt"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

func privacy() []contract {
	return []contract{
		{"every read knows a private incident's people", privateReads},
		{"to others its number answers like one never used", privateNumber},
		{"who leaves sees nothing any more", privateLeaving},
		{"the house's record is the bot's", privateHouse},
		{"canary", privateCanary},
	}
}

// viewers are all sorts of viewer of an incident whose commander is ana and
// whose channel has the member ben.
func viewers() []struct {
	name string
	v    bot.Viewer
	sees bool
} {
	return []struct {
		name string
		v    bot.Viewer
		sees bool
	}{
		{"everyone", bot.Everyone(), false},
		{"stranger", bot.As(dan), false},
		{"nobody", bot.As(""), false},
		{"a wildcard", bot.As("%"), false},
		{"holder", bot.As(ana), true},
		{"member", bot.As(ben), true},
		{"the bot", bot.Self(), true},
	}
}

// secret declares a private incident between two that are not.
func (s *suite) secret() int64 {
	s.declare("Open one", bot.Data{User: cat})
	number := s.declare("canary title", bot.Data{Private: true, User: ana})
	s.declare("Open two", bot.Data{User: cat})
	s.update(func(tx bot.Tx) error {
		if err := tx.SetMembers(number, []bot.UserID{ben}); err != nil {
			return err
		}
		if err := tx.SetChannel(number, "C0SECRET", "canary-channel"); err != nil {
			return err
		}
		return tx.Enqueue(bot.Job{Lane: "a", Kind: "slack.post", Incident: number, CreatedAt: base(), Payload: bot.Payload("canary job")})
	})
	s.record(number, bot.Event{Kind: bot.EventNote, Text: "canary note"})
	return number
}

func privateReads(s *suite) {
	number := s.secret()
	for _, w := range viewers() {
		s.update(func(tx bot.Tx) error {
			for what, err := range readAll(tx, w.v, number) {
				if (err == nil) != w.sees {
					s.Errorf("%s: %s: %v", w.name, what, err)
				}
			}
			return nil
		})
		s.view(func(tx bot.ReadTx) error {
			want := "3 1"
			if w.sees {
				want = "3 2 1"
			}
			for _, f := range []bot.IncidentFilter{{}, {Open: true}, {Since: base()}} {
				list, err := tx.Incidents(w.v, f)
				if err != nil {
					return err
				}
				s.equal(fmt.Sprintf("%s: list %+v", w.name, f), numbers(list), want)
			}
			held, err := tx.Incidents(w.v, bot.IncidentFilter{Holder: ana})
			if err != nil {
				return err
			}
			s.equal(w.name+": held", len(held) == 1, w.sees)
			for _, states := range [][]bot.JobState{nil, {bot.JobWaiting, bot.JobDone}} {
				jobs, err := tx.Jobs(w.v, bot.JobFilter{States: states})
				if err != nil {
					return err
				}
				s.equal(fmt.Sprint(w.name, ": jobs ", states), len(jobs) == 1, w.sees)
			}
			return nil
		})
	}
}

// readAll reads an incident in every way there is to read one.
func readAll(tx bot.Tx, v bot.Viewer, number int64) map[string]error {
	out := map[string]error{}
	_, out["Incident"] = tx.Incident(v, number)
	_, out["IncidentByChannel"] = tx.IncidentByChannel(v, "C0SECRET")
	_, out["LockIncident"] = tx.LockIncident(v, number)
	_, out["Event"] = tx.Event(v, number, 1)
	_, out["Events"] = tx.Events(v, number, bot.EventFilter{})
	_, out["Events, last"] = tx.Events(v, number, bot.EventFilter{Last: true, Limit: 5})
	_, out["Events, none match"] = tx.Events(v, number, bot.EventFilter{After: 99})
	_, out["Timeline"] = tx.Timeline(v, number, bot.EventFilter{})
	_, out["Timeline, last"] = tx.Timeline(v, number, bot.EventFilter{Last: true, Limit: 5})
	return out
}

func privateNumber(s *suite) {
	const unused = 99
	number := s.secret()
	s.update(func(tx bot.Tx) error {
		hidden, never := readAll(tx, bot.As(dan), number), readAll(tx, bot.As(dan), unused)
		for what, err := range hidden {
			got := strings.ReplaceAll(fmt.Sprint(err), fmt.Sprint(number), "N")
			want := strings.ReplaceAll(fmt.Sprint(never[what]), fmt.Sprint(unused), "N")
			if what == "IncidentByChannel" {
				_, other := tx.IncidentByChannel(bot.As(dan), "C0NEVER")
				want = fmt.Sprint(other)
			}
			s.equal(what, got, want)
			s.refused(what, err, bot.KindNotFound)
		}
		_, err := tx.Event(bot.As(dan), number, 99)
		s.missing("an entry that is not there", err, number)
		return nil
	})
}

func privateLeaving(s *suite) {
	number := s.secret()
	s.update(func(tx bot.Tx) error { return tx.SetMembers(number, nil) })
	s.record(number, bot.Event{Kind: bot.EventRole, Data: bot.Data{Role: bot.Commander, User: cat}})
	for who, sees := range map[bot.UserID]bool{ana: false, ben: false, cat: true} {
		err := s.View(s.Context(), func(tx bot.ReadTx) error { _, err := tx.Incident(bot.As(who), number); return err })
		s.equal(string(who), err == nil, sees)
	}
}

func privateHouse(s *suite) {
	s.update(func(tx bot.Tx) error { return tx.Enqueue(bot.Job{Lane: "a", Kind: "x.y", CreatedAt: base()}) })
	for _, v := range []bot.Viewer{bot.Everyone(), bot.As(ana)} {
		s.view(func(tx bot.ReadTx) error {
			_, err := tx.Events(v, bot.House, bot.EventFilter{})
			s.refused("the house's events", err, bot.KindNotFound)
			jobs, err := tx.Jobs(v, bot.JobFilter{})
			s.equal("jobs of no incident", len(jobs), 1)
			return err
		})
	}
}

// privateCanary reads everything that a stranger can and looks for the word.
func privateCanary(s *suite) {
	number := s.secret()
	f := ofIssue(number, "canary/canary", 1)
	f.Text, f.Owner = "canary item", dan // it is nobody's but the incident's
	s.added(f)
	for _, incident := range []int64{number, bot.House} {
		r := reminder(incident)
		r.Text = "canary reminder"
		s.remind(r)
	}
	s.view(func(tx bot.ReadTx) error {
		for _, v := range []bot.Viewer{bot.Everyone(), bot.As(dan)} {
			var all []any
			for n := range number + 3 {
				if i, err := tx.Incident(v, n); err == nil {
					all = append(all, *i)
				}
				e, err := tx.Events(v, n, bot.EventFilter{})
				all = append(all, e, err)
				if f, err := tx.FollowUp(v, n); err == nil {
					all = append(all, *f)
				}
				if r, err := tx.Reminder(v, n); err == nil {
					all = append(all, *r)
				}
				all = append(all, lists(tx, v, n)...)
			}
			list, err := tx.Incidents(v, bot.IncidentFilter{})
			jobs, jerr := tx.Jobs(v, bot.JobFilter{States: []bot.JobState{bot.JobWaiting, bot.JobDone, bot.JobFailed, bot.JobSuperseded}})
			all = append(all, err, jobs, jerr)
			for _, i := range list {
				all = append(all, *i)
			}
			if strings.Contains(fmt.Sprintf("%+v", all), "canary") {
				s.Errorf("a stranger read the canary: %+v", all)
			}
		}
		return nil
	})
}

// lists is what is in the lists of action items and reminders that could have
// something of an incident.
func lists(tx bot.ReadTx, v bot.Viewer, incident int64) (all []any) {
	for _, f := range []bot.FollowUpFilter{{}, {Open: true}, {Incident: incident}, {Owner: dan}, {Repo: "canary/canary", Issue: 1}} {
		list, err := tx.FollowUps(v, f)
		for _, x := range list {
			all = append(all, *x)
		}
		all = append(all, err)
	}
	for _, f := range []bot.ReminderFilter{{Incident: incident}, {User: ana}, {User: ana, Waiting: true}} {
		list, err := tx.Reminders(v, f)
		for _, x := range list {
			all = append(all, *x)
		}
		all = append(all, err)
	}
	return all
}
