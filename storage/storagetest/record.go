package storagetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func record() []contract {
	return []contract{
		{"entries are read back as they were written", eventRoundTrip},
		{"texts are read back whatever they hold", hostileTexts},
		{"text that could not be read back is refused", refusedTexts},
		{"an entry must continue its stream", mustContinue},
		{"an entry that would not verify is refused", mustVerify},
		{"filters of a stream", streamFilters},
		{"a timeline is in order of time, then number", timelineOrder},
		{"a timeline pages", timelinePages},
		{"redaction drops the text and keeps the chain", redaction},
		{"the house has a stream of its own", houseStream},
		{"the stored incident is the fold of its entries", foldEqualsState},
		{"a random history folds to what is stored, and verifies", randomHistories},
		{"so does another one each time", newHistory},
	}
}

// asEntry is all that an entry is, comparable.
func asEntry(e bot.Event) string {
	b, err := json.Marshal(e)
	return fmt.Sprint(string(b), err)
}

func eventRoundTrip(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	when, zoned := base().Add(-time.Minute), base().In(time.FixedZone("", 3600))
	written := []bot.Event{s.events(number)[0]}
	for _, e := range []bot.Event{
		{Kind: bot.EventUpdated, Actor: ben, Via: bot.ViaAPI, Text: "All of it", Public: true, At: base().Add(-time.Hour), Data: bot.Data{
			Severity: "sev1", Status: bot.Monitoring, Components: []bot.ComponentChange{{Component: "a", State: bot.Degraded, At: when}},
			Services: []string{"x"}, Role: "comms", User: cat, Milestone: bot.MilestoneImpact, When: &when, NextBy: &zoned, Ref: 1,
			Private: true, Drill: true, Assumed: true, Acting: true, Public: true, Kept: true, Stock: true, Origin: "C1", Call: "<chat.postMessage>&", OnBehalf: true,
			Rollback: &bot.RollbackMark{ID: "r7", Target: "api-eu", State: bot.RollbackRunning, Step: "eu", StepState: bot.RollbackSucceeded, Start: []string{"us"},
				Plan: []bot.StepPair{{Step: "eu", From: "v2", To: "v1"}}, Hash: "h", PlanOnly: true, Asked: "v1", Minutes: 7},
			Deploy: &bot.DeployMark{Source: "generic", Service: "api", Kind: bot.DeployFlag, Status: bot.DeployFailed}}},
		{Kind: bot.EventNote, At: time.UnixMicro(0)},                                        // the epoch is a time
		{Kind: bot.EventNote, At: time.Date(1, 2, 3, 4, 5, 6, 7, time.UTC)},                 // long ago
		{Kind: bot.EventNote, At: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)}, // and far ahead
		{Kind: bot.EventNote, Actor: "", Via: bot.ViaBot, Text: ""},
	} {
		written = append(written, s.record(number, e))
	}
	read := s.events(number)
	for k := range written {
		s.equal(fmt.Sprintf("entry %d", k+1), asEntry(read[k]), asEntry(written[k]))
		s.view(func(tx bot.ReadTx) error {
			one, err := tx.Event(bot.Everyone(), number, int64(k+1))
			s.equal("read alone", asEntry(one), asEntry(written[k]))
			return err
		})
	}
	s.verify(read)
}

func hostileTexts(s *suite) {
	number := s.declare("' OR 1=1; DROP TABLE events; --", bot.Data{})
	texts := []string{
		`"';--` + "`$1 %s %% \\ \\' {{.}} <!channel> &lt;", "line\nbreaks\r\nand\ttabs", " space at the ends ",
		"𝕋𝕠𝕔𝕤𝕚𝕟 🔥👩🏽‍🚒 \U0010FFFF", "e\u0301 is not \u00e9", "\u202eright to left", "\ufeffmark", "\ufffd", "\x01\x02\x1f\x7f",
		string(bot.MentionUser(ben)) + string(bot.LinkTo("https://e.example", "label")), strings.Repeat("long ", 100_000), "1", "0x10", "NULL", "true",
	}
	for _, text := range texts {
		s.record(number, bot.Event{Kind: bot.EventSummary, Text: bot.Text(text)})
		s.equal("summary", string(s.incident(number).Summary), text)
	}
	list := s.events(number)
	s.verify(list)
	for k, text := range texts {
		s.equal("text", string(list[k+1].Text), text)
	}
	s.equal("title", s.incident(number).Title, "' OR 1=1; DROP TABLE events; --")
}

func refusedTexts(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	for _, text := range []string{"a\x00b", "\x00", "broken \xff UTF-8", "half a rune \xf0\x9f"} {
		for what, fn := range map[string]func(bot.Tx) error{
			"entry": func(tx bot.Tx) error {
				_, err := recordIn(tx, number, bot.Event{Kind: bot.EventNote, Text: bot.Text(text)}, base())
				return err
			},
			"link":   func(tx bot.Tx) error { return tx.SetLink(bot.Link{Owner: "o", Name: "n", Value: text}) },
			"key":    func(tx bot.Tx) error { _, err := tx.ClaimKey(text, "", base()); return err },
			"look":   func(tx bot.Tx) error { _, err := tx.Link("o", text); return err },
			"person": func(tx bot.Tx) error { return tx.SavePerson(bot.Person{ID: "U1", Name: text}) },
			"lock":   func(tx bot.Tx) error { _, err := tx.LockIncident(bot.As(bot.UserID(text)), number); return err },
		} {
			s.refused(fmt.Sprintf("%s %q", what, text), s.Update(s.Context(), fn), bot.KindInvalid)
		}
	}
	s.equal("entries", len(s.events(number)), 1)
	s.update(func(tx bot.Tx) error { return tx.Enqueue(bot.Job{Lane: "l", Kind: "a.b", CreatedAt: base()}) })
	s.update(func(tx bot.Tx) error { // what a system answered is kept as far as it can be
		jobs, err := tx.Claim(base(), time.Minute, 1)
		if err != nil {
			return err
		}
		_, err = tx.Finish(jobs[0], bot.Outcome{State: bot.JobFailed, Error: "bad\x00\xff" + strings.Repeat("é", 9000)}, base(), 0)
		return err
	})
	s.view(func(tx bot.ReadTx) error {
		jobs, err := tx.Jobs(bot.Self(), bot.JobFilter{})
		s.equal("last error", strings.HasPrefix(jobs[0].LastError, "bad\ufffdéé"), true)
		return err
	})
}

func mustContinue(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	first := s.events(number)[0]
	for what, head := range map[string]bot.Head{
		"a gap":         {Seq: first.Seq + 1, Hash: first.Hash, RecordedAt: first.RecordedAt},
		"the same seq":  {Seq: first.Seq - 1, Hash: first.Hash, RecordedAt: first.RecordedAt},
		"another chain": {Seq: first.Seq, Hash: "0123", RecordedAt: first.RecordedAt},
	} {
		err := s.Update(s.Context(), func(tx bot.Tx) error {
			i, err := tx.LockIncident(bot.Self(), number)
			if err != nil {
				return err
			}
			i.Head = head
			_, err = appendTo(tx, i, bot.Event{Kind: bot.EventNote}, base())
			return err
		})
		s.refused(what, err, bot.KindInternal)
	}
	err := s.Update(s.Context(), func(tx bot.Tx) error {
		e := bot.Event{Incident: number, Kind: bot.EventNote}.Seal(first.Head(), base())
		return tx.Append(e, nil)
	})
	s.refused("without its incident", err, bot.KindInternal)
	s.equal("entries", len(s.events(number)), 1)
}

func mustVerify(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	for what, spoil := range map[string]func(*bot.Event){
		"text": func(e *bot.Event) { e.Text = "another" },
		"kind": func(e *bot.Event) { e.Kind = bot.EventTitle },
		"data": func(e *bot.Event) { e.Data.Ref = 7 },
		"time": func(e *bot.Event) { e.At = e.At.Add(time.Microsecond) },
		"lost in JSON": func(e *bot.Event) {
			e.Data.Role = "\xff"
			*e = e.Seal(bot.Head{Seq: e.Seq - 1, Hash: e.Prev}, base().Add(time.Hour))
		},
		"half a microsecond": func(e *bot.Event) { e.Salt = "" },
	} {
		err := s.Update(s.Context(), func(tx bot.Tx) error {
			i, err := tx.LockIncident(bot.Self(), number)
			if err != nil {
				return err
			}
			e := bot.Event{Incident: number, Kind: bot.EventNote, Text: "text"}.Seal(i.Head, base())
			spoil(&e)
			return tx.Append(e, i)
		})
		s.refused(what, err, bot.KindInternal)
	}
	s.equal("entries", len(s.events(number)), 1)
}

func streamFilters(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	kinds := []bot.EventKind{bot.EventNote, bot.EventUpdated, bot.EventRole, bot.EventFailed}
	for k := range 11 {
		s.record(number, bot.Event{Kind: kinds[k%4], Text: bot.Text(fmt.Sprint(k))})
	}
	other := s.declare("Another", bot.Data{})
	s.record(other, bot.Event{Kind: bot.EventNote})
	for _, c := range []struct {
		f    bot.EventFilter
		want string
	}{
		{bot.EventFilter{}, "1 2 3 4 5 6 7 8 9 10 11 12"},
		{bot.EventFilter{Limit: 3}, "1 2 3"},
		{bot.EventFilter{After: 3, Limit: 3}, "4 5 6"},
		{bot.EventFilter{After: 12}, ""},
		{bot.EventFilter{Last: true, Limit: 3}, "10 11 12"},
		{bot.EventFilter{Last: true}, "1 2 3 4 5 6 7 8 9 10 11 12"},
		{bot.EventFilter{Last: true, After: 11, Limit: 3}, "12"},
		{bot.EventFilter{Kinds: []bot.EventKind{bot.EventNote}}, "2 6 10"},
		{bot.EventFilter{Kinds: []bot.EventKind{bot.EventNote, bot.EventFailed}, After: 3, Limit: 2}, "5 6"},
		{bot.EventFilter{Kinds: []bot.EventKind{bot.EventUpdated}, Last: true, Limit: 2}, "7 11"},
		{bot.EventFilter{Kinds: []bot.EventKind{"not"}}, ""},
		{bot.EventFilter{Kinds: []bot.EventKind{bot.EventDeclared}}, "1"},
	} {
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.Events(bot.Everyone(), number, c.f)
			s.equal(fmt.Sprintf("events %+v", c.f), seqs(list), c.want)
			if err != nil {
				return err
			}
			list, err = tx.Timeline(bot.Everyone(), number, c.f)
			s.equal(fmt.Sprintf("timeline %+v", c.f), seqs(list), c.want)
			return err
		})
	}
}

// backdated makes an incident whose entries were said to have happened in
// another order than they were recorded, some at the same time.
func (s *suite) backdated() (number int64, order string) {
	number = s.declare("Checkout is down", bot.Data{})
	for _, minutes := range []int{-10, 5, -10, -30, 5, 0} {
		s.record(number, bot.Event{Kind: bot.EventNote, At: base().Add(time.Duration(minutes) * time.Minute)})
	}
	return number, "5 2 4 1 7 3 6"
}

func timelineOrder(s *suite) {
	number, order := s.backdated()
	for _, c := range []struct {
		f    bot.EventFilter
		want string
	}{
		{bot.EventFilter{}, order},
		{bot.EventFilter{Last: true, Limit: 3}, "7 3 6"},
		{bot.EventFilter{Limit: 3}, "5 2 4"},
		{bot.EventFilter{After: 4}, "5 7 6"},
	} {
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.Timeline(bot.Everyone(), number, c.f)
			s.equal(fmt.Sprintf("%+v", c.f), seqs(list), c.want)
			return err
		})
	}
}

func timelinePages(s *suite) {
	number, order := s.backdated()
	for size := 1; size <= 8; size++ {
		var all []bot.Event
		f := bot.EventFilter{Limit: size}
		for {
			var page []bot.Event
			s.view(func(tx bot.ReadTx) (err error) { page, err = tx.Timeline(bot.Everyone(), number, f); return err })
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
			f.AfterAt, f.After = page[len(page)-1].At, page[len(page)-1].Seq
		}
		s.equal(fmt.Sprintf("pages of %d", size), seqs(all), order)
	}
}

func redaction(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	s.record(number, bot.Event{Kind: bot.EventNote, Text: "the password is hunter2"})
	s.record(number, bot.Event{Kind: bot.EventNote, Text: "a note behind it"})
	s.update(func(tx bot.Tx) error {
		if err := tx.Redact(number, 2); err != nil {
			return err
		}
		_, err := recordIn(tx, number, bot.Event{Kind: bot.EventRedacted, Data: bot.Data{Ref: 2}}, base())
		return err
	})
	s.update(func(tx bot.Tx) error { return tx.Redact(number, 2) }) // again changes nothing
	list := s.events(number)
	s.verify(list)
	s.equal("redacted", fmt.Sprintf("%v %q %q", list[1].Redacted, list[1].Text, list[1].Salt), fmt.Sprintf("true %q %q", bot.RedactedText, ""))
	s.equal("the next one", fmt.Sprint(list[2].Redacted, " ", list[2].Text), "false a note behind it")
}

func houseStream(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	for k := range 3 {
		s.update(func(tx bot.Tx) error {
			head, err := tx.LockHouse()
			if err != nil {
				return err
			}
			s.equal("head", head.Seq, k)
			return tx.Append(bot.Event{Incident: bot.House, Kind: "freeze", Text: bot.Text(fmt.Sprint(k))}.Seal(head, base()), nil)
		})
	}
	for what, head := range map[string]bot.Head{"the same seq": {}, "a gap": {Seq: 7}, "another chain": {Seq: 3, Hash: "0123"}} {
		err := s.Update(s.Context(), func(tx bot.Tx) error {
			return tx.Append(bot.Event{Incident: bot.House, Kind: "freeze"}.Seal(head, base()), nil)
		})
		s.refused(what, err, bot.KindInternal)
	}
	list := s.events(bot.House)
	s.equal("entries", seqs(list), "1 2 3")
	s.verify(list)
	s.equal("the incident's", seqs(s.events(number)), "1")
}
