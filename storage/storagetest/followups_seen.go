package storagetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

func followUpSave(s *suite) {
	one, two := s.declare("One", bot.Data{}), s.declare("Two", bot.Data{})
	f, other := s.added(item(one)), s.added(item(two))
	for what, change := range map[string]func(*bot.FollowUp){
		"one that is not there": func(f *bot.FollowUp) { f.Number = 99 },
		"another one's number":  func(f *bot.FollowUp) { f.Number = other.Number },
		"another incident":      func(f *bot.FollowUp) { f.Incident = two },
		"another key":           func(f *bot.FollowUp) { f.Key = "elsewhere" },
	} {
		changed := *f
		changed.Priority = "p0"
		change(&changed)
		s.refused(what, s.Update(s.Context(), func(tx bot.Tx) error { return tx.SaveFollowUp(&changed) }), bot.KindInternal)
	}
	f.Priority = "p4"
	s.keep(f)
	s.equal("saved", entire(s.followUp(f.Number)), entire(f))
	s.equal("the other", entire(s.followUp(other.Number)), entire(other))
}

func followUpText(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	texts := func() string {
		var out []string
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.FollowUps(bot.Everyone(), bot.FollowUpFilter{})
			for _, f := range list {
				one, err := tx.FollowUp(bot.Everyone(), f.Number)
				if err != nil {
					return err
				}
				s.equal("read alone", one.Text, f.Text)
				out = append(out, string(f.Text))
			}
			return err
		})
		return strings.Join(out, "|")
	}
	s.update(func(tx bot.Tx) error {
		i, err := tx.LockIncident(bot.Self(), number)
		if err != nil {
			return err
		}
		f := item(number)
		f.Number, f.Key, f.Seq = 99, "early", i.Head.Seq+1
		if err := tx.CreateFollowUp(f); err != nil {
			return err
		}
		early, err := tx.FollowUp(bot.Self(), 99)
		if err != nil {
			return err
		}
		s.equal("before its entry", early.Text, "")
		_, err = appendTo(tx, i, bot.Event{Kind: bot.EventFollowUp, Text: "Early."}, base())
		return err
	})
	f := item(number)
	f.Text = "hunter2 leaked"
	s.added(f)
	s.equal("texts", texts(), "hunter2 leaked|Early.")
	f.Text = "not where it is kept"
	s.keep(f)
	s.equal("after another was saved", texts(), "hunter2 leaked|Early.")
	s.update(func(tx bot.Tx) error { return tx.Redact(number, f.Seq) })
	s.equal("redacted", texts(), string(bot.RedactedText)+"|Early.")
	f.Seq = s.record(number, bot.Event{Kind: bot.EventFollowUp, Text: "Rotate the password."}).Seq
	s.keep(f)
	s.equal("the entry of a new text", texts(), "Rotate the password.|Early.")
}

// privateFollowUps adds to a private incident, between two that are not.
func privateFollowUps(s *suite) {
	number := s.secret()
	var hidden int64
	for k, incident := range []int64{1, number, 3} {
		f := ofIssue(incident, "acme/secret", k+1)
		f.Owner, f.Due = ana, "2026-01-01"
		if s.added(f); incident == number {
			hidden = f.Number
		}
	}
	for _, w := range viewers() {
		s.view(func(tx bot.ReadTx) error {
			f, err := tx.FollowUp(w.v, hidden)
			s.equal(w.name+": reads it", err == nil, w.sees)
			if w.sees {
				s.equal(w.name+": text", f.Text, item(number).Text)
			} else {
				s.refused(w.name, err, bot.KindNotFound)
				s.equal(w.name+": answer", err, fmt.Sprintf("There is no action item %d.", hidden))
				_, never := tx.FollowUp(w.v, 99)
				s.equal(w.name+": one never used", never, "There is no action item 99.")
			}
			for _, c := range []struct {
				f          bot.FollowUpFilter
				open, sees int
			}{
				{bot.FollowUpFilter{}, 2, 3},
				{bot.FollowUpFilter{Open: true}, 2, 3},
				{bot.FollowUpFilter{Owner: ana}, 2, 3},
				{bot.FollowUpFilter{DueBefore: "2026-01-02"}, 2, 3},
				{bot.FollowUpFilter{Repo: "acme/secret", Issue: 2}, 0, 1},
				{bot.FollowUpFilter{Repo: "acme/secret", Issue: 1}, 1, 1},
				{bot.FollowUpFilter{Incident: number}, 0, 1},
				{bot.FollowUpFilter{Incident: 1}, 1, 1},
			} {
				want := c.open
				if w.sees {
					want = c.sees
				}
				list, err := tx.FollowUps(w.v, c.f)
				s.equal(fmt.Sprintf("%s: %+v", w.name, c.f), len(list), want)
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	s.update(func(tx bot.Tx) error { return tx.SetMembers(number, nil) })
	err := s.View(s.Context(), func(tx bot.ReadTx) error { _, err := tx.FollowUp(bot.As(ben), hidden); return err })
	s.refused("who left", err, bot.KindNotFound)
}

// followUpLists makes action items of every sort and checks each filter against
// the same question asked in Go.
func followUpLists(s *suite) {
	incidents := []int64{s.declare("One", bot.Data{}), s.declare("Two", bot.Data{Private: true}), s.declare("Three", bot.Data{})}
	var all []*bot.FollowUp
	s.record(incidents[2], bot.Event{Kind: bot.EventRole, Data: bot.Data{Role: bot.Commander, User: ben}})
	s.record(incidents[0], bot.Event{Kind: bot.EventRole, Data: bot.Data{Role: "comms", User: ben}})
	for k := range 40 {
		f := item(incidents[k%3])
		f.State = bot.FollowUpStates()[k%5]
		f.Owner = []bot.UserID{ben, cat, ""}[k/2%3]
		f.AddedBy = []bot.UserID{ana, ben, dan, ""}[k/5%4]
		f.Due = []bot.Date{"", "2025-12-31", "2026-01-02", "2026-01-03"}[k/3%4]
		f.Issue.Repo, f.Issue.Number = []string{"acme/web", "acme/api"}[k%2], k/4
		all = append(all, f)
		if k/2%2 == 1 {
			f.Issue.Number = 0
		}
		s.added(f)
	}
	for k := range 1024 {
		f := bot.FollowUpFilter{Limit: 500, Open: k&4 > 0}
		if k&1 > 0 {
			f.Incident = incidents[k/2%2]
		}
		if k&2 > 0 {
			f.Owner = ben
		}
		if k&8 > 0 {
			f.DueBefore = "2026-01-03"
		}
		if k&16 > 0 {
			f.Repo, f.Issue = "acme/web", 1
		}
		if k&32 > 0 {
			f.After = 11
		}
		f.States = [][]bot.FollowUpState{
			nil, {bot.FollowUpInProgress, bot.FollowUpDone}, {bot.FollowUpDropped}, {"in progress", "%", "', "},
		}[k>>6&3]
		if k&256 > 0 {
			f.Limit = 2
		}
		if k&512 > 0 { // he commands the third incident
			f.Concerns, f.Open = ben, true
		}
		s.view(func(tx bot.ReadTx) error {
			for _, v := range []bot.Viewer{bot.Self(), bot.As(dan)} {
				list, err := tx.FollowUps(v, f)
				s.equal(fmt.Sprintf("%+v for %+v", f, v), itemNumbers(list), expectFollowUps(all, f, v.All()))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// expectFollowUps answers f in Go; the second incident is private.
func expectFollowUps(all []*bot.FollowUp, f bot.FollowUpFilter, sees bool) string {
	var list []*bot.FollowUp
	for _, x := range all {
		if f.Incident > 0 && x.Incident != f.Incident || f.Owner != "" && x.Owner != f.Owner || f.Open && x.State.Closed() ||
			len(f.States) > 0 && !slices.Contains(f.States, x.State) || f.DueBefore != "" && (x.Due == "" || x.Due >= f.DueBefore) ||
			f.Concerns != "" && x.Owner != f.Concerns && x.AddedBy != f.Concerns && x.Incident != 3 ||
			f.Issue > 0 && (x.Issue.Number != f.Issue || x.Issue.Repo != f.Repo) ||
			x.Number <= f.After || !sees && x.Incident == 2 || len(list) == f.Limit {
			continue
		}
		list = append(list, x)
	}
	return itemNumbers(list)
}

func followUpPages(s *suite) {
	one, two := s.declare("One", bot.Data{}), s.declare("Two", bot.Data{Private: true})
	for k := range 20 {
		f := item([]int64{one, two}[k%2])
		f.Owner = ben
		s.added(f)
	}
	for what, f := range map[string]bot.FollowUpFilter{
		"all": {}, "open": {Open: true}, "of an incident": {Incident: one}, "of a person": {Owner: ben},
	} {
		var pages []string
		for f.Limit = 4; ; {
			var list []*bot.FollowUp
			s.view(func(tx bot.ReadTx) (err error) {
				list, err = tx.FollowUps(bot.Everyone(), f)
				return err
			})
			if len(list) == 0 {
				break
			}
			pages = append(pages, itemNumbers(list))
			f.After = list[len(list)-1].Number
		}
		s.equal(what, strings.Join(pages, "|"), "1 3 5 7|9 11 13 15|17 19")
	}
}

func followUpLimits(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	s.update(func(tx bot.Tx) error {
		for k := range int64(510) {
			f := item(number)
			f.Number, f.Key, f.Seq, f.Owner = k+1, fmt.Sprint(k), 1, ben
			if err := tx.CreateFollowUp(f); err != nil {
				return err
			}
		}
		return nil
	})
	for limit, want := range map[int]int{0: 50, 7: 7, 500: 500, 9000: 500} {
		for _, f := range []bot.FollowUpFilter{{}, {Open: true}, {Incident: number}, {Owner: ben}} {
			f.Limit = limit
			s.view(func(tx bot.ReadTx) error {
				list, err := tx.FollowUps(bot.Everyone(), f)
				s.equal(fmt.Sprintf("%+v", f), len(list), want)
				return err
			})
		}
	}
}
