package storagetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func incidents() []contract {
	return []contract{
		{"numbers start at 1 and have no gaps", numbering},
		{"what was stored is read back", incidentRoundTrip},
		{"a lock counts the version up and shows what the transaction did", locking},
		{"an unknown incident is not found", unknownIncident},
		{"a number is used once", numberOnce},
		{"a channel leads to its incident and to no other", channels},
		{"roles follow the incident", rolesFollow},
		{"lists filter by every field and page", listing},
		{"a list holds at most 500, 50 if nothing was said", listLimits},
	}
}

func numbering(s *suite) {
	for want := int64(1); want <= 3; want++ {
		err := s.Update(s.Context(), func(tx bot.Tx) error {
			if _, err := declareIn(tx, "never", bot.Data{}, base()); err != nil {
				return err
			}
			return errTest
		})
		s.equal("error", err, errTest)
		s.equal("number", s.declare("Checkout is down", bot.Data{}), want)
	}
}

func incidentRoundTrip(s *suite) {
	since := base().Add(-time.Hour)
	number := s.declare("Checkout is down", bot.Data{Severity: "sev1", Services: []string{"api", "web"}, When: &since, Origin: "C0OPS", Acting: true})
	want := &bot.Incident{}
	s.update(func(tx bot.Tx) (err error) {
		if want, err = tx.LockIncident(bot.Self(), number); err != nil {
			return err
		}
		for _, e := range []bot.Event{
			{Kind: bot.EventUpdated, Actor: ben, Text: "We look into it.", Public: true, Data: bot.Data{
				Status: bot.Identified, NextBy: &since, Components: []bot.ComponentChange{{Component: "api", State: bot.MajorOutage}}}},
			{Kind: bot.EventLink, Text: "https://example.com/?a=1&b=<2> Graph"},
			{Kind: bot.EventSummary, Text: "The database is full."},
			{Kind: bot.EventResolved, Text: "Done.", Data: bot.Data{}},
		} {
			if _, err := appendTo(tx, want, e, base()); err != nil {
				return err
			}
		}
		return nil
	})
	got := s.incident(number)
	s.equal("state", asJSON(got), asJSON(want))
	s.equal("head", got.Head, want.Head)
	s.equal("open, published", fmt.Sprint(got.Open(), got.Published()), "false true")
	s.equal("declared", got.DeclaredAt, base())
}

// asJSON is the whole state; maps and pointers print alike when they are.
func asJSON(i *bot.Incident) string {
	b, err := json.Marshal(i)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func locking(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	v := s.incident(number).Version
	s.update(func(tx bot.Tx) error {
		i, err := tx.LockIncident(bot.Self(), number)
		if err != nil {
			return err
		}
		s.equal("version", i.Version, v+1)
		if _, err := appendTo(tx, i, bot.Event{Kind: bot.EventTitle, Text: "Chat is down"}, base()); err != nil {
			return err
		}
		again, err := tx.Incident(bot.Self(), number)
		if err != nil {
			return err
		}
		s.equal("title in the same transaction", again.Title, "Chat is down")
		s.equal("title for others", s.incident(number).Title, "Checkout is down")
		return nil
	})
	s.equal("title afterwards", s.incident(number).Title, "Chat is down")
}

func unknownIncident(s *suite) {
	s.declare("Checkout is down", bot.Data{})
	s.view(func(tx bot.ReadTx) error {
		_, err := tx.Incident(bot.Self(), 2)
		s.missing("Incident", err, 2)
		_, err = tx.Events(bot.Self(), 2, bot.EventFilter{})
		s.missing("Events", err, 2)
		_, err = tx.Timeline(bot.Self(), 2, bot.EventFilter{})
		s.missing("Timeline", err, 2)
		_, err = tx.Event(bot.Self(), 2, 1)
		s.missing("Event", err, 2)
		_, err = tx.Event(bot.Self(), 1, 2)
		s.refused("an entry too far", err, bot.KindNotFound)
		_, err = tx.Members(2)
		s.missing("Members", err, 2)
		_, err = tx.IncidentByChannel(bot.Self(), "C0NONE")
		s.refused("IncidentByChannel", err, bot.KindNotFound)
		return nil
	})
	s.missing("LockIncident", s.Update(s.Context(), func(tx bot.Tx) error {
		_, err := tx.LockIncident(bot.Self(), 2)
		return err
	}), 2)
	s.missing("SetChannel", s.Update(s.Context(), func(tx bot.Tx) error { return tx.SetChannel(2, "C1", "x") }), 2)
	s.refused("Redact", s.Update(s.Context(), func(tx bot.Tx) error { return tx.Redact(1, 9) }), bot.KindNotFound)
}

func numberOnce(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	err := s.Update(s.Context(), func(tx bot.Tx) error { return tx.CreateIncident(&bot.Incident{Number: number}) })
	s.refused("CreateIncident", err, bot.KindInternal)
	s.equal("title", s.incident(number).Title, "Checkout is down")
}

func channels(s *suite) {
	one, two := s.declare("One", bot.Data{}), s.declare("Two", bot.Data{})
	s.update(func(tx bot.Tx) error { return tx.SetChannel(one, "C0ONE", "inc-1-one") })
	s.record(one, bot.Event{Kind: bot.EventNote, Text: "the channel survives an entry"})
	s.view(func(tx bot.ReadTx) error {
		i, err := tx.IncidentByChannel(bot.Everyone(), "C0ONE")
		if err != nil {
			return err
		}
		s.equal("incident", fmt.Sprint(i.Number, i.Channel, i.ChannelName), fmt.Sprint(one, "C0ONE", "inc-1-one"))
		return nil
	})
	err := s.Update(s.Context(), func(tx bot.Tx) error { return tx.SetChannel(two, "C0ONE", "x") })
	s.refused("another incident's channel", err, bot.KindConflict)
	s.update(func(tx bot.Tx) error { return tx.SetChannel(one, "C0ONE", "renamed") })
	s.equal("renamed", s.incident(one).ChannelName, "renamed")
	s.update(func(tx bot.Tx) error { return tx.SetChannel(one, "", "") })
	s.update(func(tx bot.Tx) error { return tx.SetChannel(two, "C0ONE", "x") })
	s.equal("moved", s.incident(two).Channel, "C0ONE")
	s.equal("detached", s.incident(one).Channel, "")
}

func rolesFollow(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	held := func(id bot.UserID) (out string) {
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.Incidents(bot.Everyone(), bot.IncidentFilter{Holder: id})
			out = numbers(list)
			return err
		})
		return out
	}
	members := func() (list []bot.UserID) {
		s.view(func(tx bot.ReadTx) (err error) { list, err = tx.Members(number); return err })
		return list
	}
	s.equal("the declarer", held(ana), "1")
	s.record(number, bot.Event{Kind: bot.EventRole, Data: bot.Data{Role: "comms", User: ben}})
	s.record(number, bot.Event{Kind: bot.EventRole, Data: bot.Data{Role: bot.Commander, User: ben}})
	s.equal("replaced", held(ana), "")
	s.equal("two roles, once", held(ben), "1")
	s.equal("who holds a role is no member", members(), []bot.UserID{})
	s.record(number, bot.Event{Kind: bot.EventRole, Data: bot.Data{Role: bot.Commander}})
	s.record(number, bot.Event{Kind: bot.EventRole, Data: bot.Data{Role: "comms"}})
	s.equal("none", held(ben), "")
	s.update(func(tx bot.Tx) error { return tx.SetMembers(number, []bot.UserID{dan, cat, dan}) })
	s.equal("set members", members(), []bot.UserID{cat, dan})
	s.update(func(tx bot.Tx) error { return tx.SetMembers(number, []bot.UserID{dan}) })
	s.record(number, bot.Event{Kind: bot.EventRole, Data: bot.Data{Role: "comms", User: ana}})
	s.equal("members, whoever holds a role", members(), []bot.UserID{dan})
}

// listing makes incidents of every sort and checks each filter against the
// same question asked in Go.
func listing(s *suite) {
	const n = 24
	for k := range n {
		s.update(func(tx bot.Tx) error {
			number, err := declareIn(tx, fmt.Sprint(k), bot.Data{Drill: k%5 == 0, User: []bot.UserID{ana, ben, cat}[k%3]}, base().Add(time.Duration(k)*time.Hour))
			if err == nil && k%2 == 0 {
				_, err = recordIn(tx, number, bot.Event{Kind: bot.EventUpdated, Public: true, Text: "Known."}, base().Add(time.Duration(k)*time.Hour))
			}
			if err == nil && k%4 < 2 {
				_, err = recordIn(tx, number, bot.Event{Kind: bot.EventResolved}, base().Add(time.Duration(k+1)*time.Hour))
			}
			if err == nil && k%3 > 0 {
				_, err = recordIn(tx, number, bot.Event{Kind: bot.EventPostmortem, Data: bot.Data{Postmortem: []*bot.PostmortemMark{
					{What: bot.PostmortemOwned, Owner: ben}, {What: bot.PostmortemMoved, Due: "2026-01-02"}, {What: bot.PostmortemSkipped},
				}[k/3%3]}}, base().Add(time.Duration(k+1)*time.Hour))
			}
			return err
		})
	}
	var all []*bot.Incident // newest first, read one by one
	for number := int64(n); number >= 1; number-- {
		all = append(all, s.incident(number))
	}
	for k := range 256 {
		f := bot.IncidentFilter{Open: k&1 > 0, Published: k&2 > 0, Limit: 500}
		if k&4 > 0 {
			f.Holder = ben
		}
		if k&8 > 0 { // a nanosecond too late for the eighth
			f.Since = base().Add(7*time.Hour + time.Nanosecond)
		}
		if k&16 > 0 {
			f.Before = 20
		}
		if k&32 > 0 {
			f.Limit = 3
		}
		if k&64 > 0 {
			f.Owed, f.Holder = true, ""
		}
		if k&128 > 0 && f.Owed {
			f.Writer = ben
		}
		want := expect(all, f)
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.Incidents(bot.Everyone(), f)
			s.equal(fmt.Sprintf("%+v", f), numbers(list), want)
			return err
		})
	}
}

// expect answers f in Go.
func expect(all []*bot.Incident, f bot.IncidentFilter) string {
	var list []*bot.Incident
	for _, i := range all {
		if f.Open && !i.Open() || f.Published && !i.Published() || f.Holder != "" && !i.Has(f.Holder) || f.Owed && !i.Owed() ||
			f.Writer != "" && i.PostmortemOwner() != f.Writer && i.Roles[bot.Commander] != f.Writer && i.DeclaredBy != f.Writer ||
			i.DeclaredAt.Before(f.Since) || f.Before > 0 && i.Number >= f.Before || len(list) == f.Limit {
			continue
		}
		list = append(list, i)
	}
	return numbers(list)
}

func listLimits(s *suite) {
	s.update(func(tx bot.Tx) error {
		for range 510 {
			number, err := tx.NextNumber()
			if err != nil {
				return err
			}
			if err := tx.CreateIncident(&bot.Incident{Number: number}); err != nil {
				return err
			}
		}
		return nil
	})
	for limit, want := range map[int]int{0: 50, 7: 7, 500: 500, 9000: 500} {
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.Incidents(bot.Everyone(), bot.IncidentFilter{Limit: limit})
			s.equal(fmt.Sprintf("limit %d", limit), len(list), want)
			return err
		})
	}
}
