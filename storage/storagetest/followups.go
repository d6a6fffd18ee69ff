package storagetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func followUps() []contract {
	return []contract{
		{"numbers start at 1 and have no gaps", followUpNumbers},
		{"what was stored is read back", followUpRoundTrip},
		{"every state is kept, and no other", followUpStates},
		{"an issue belongs to one", followUpIssue},
		{"of 12 that ask for an issue at once one gets it", followUpRace},
		{"12 that are added at once all get a number", followUpsAtOnce},
		{"saving changes no other and not where it came from", followUpSave},
		{"the text is the entry's, and goes with it", followUpText},
		{"it is seen with its incident", privateFollowUps},
		{"lists filter by every field", followUpLists},
		{"every page follows the one before", followUpPages},
		{"a list holds at most 500, 50 if nothing was said", followUpLimits},
	}
}

// item is an action item of an incident, whose number and key are chosen when
// it is added.
func item(incident int64) *bot.FollowUp {
	return &bot.FollowUp{Incident: incident, State: bot.FollowUpOpen, AddedBy: ana, AddedAt: base(), Text: "Write the runbook."}
}

// ofIssue is item for an issue that exists.
func ofIssue(incident int64, repo string, number int) *bot.FollowUp {
	f := item(incident)
	f.Issue = bot.Issue{State: bot.IssueWanted, Repo: repo, Number: number, Adopted: true}
	return f
}

// addItem writes f and the entry that holds its text.
func (s *suite) addItem(f *bot.FollowUp) error {
	return s.Update(s.Context(), func(tx bot.Tx) error { return addIn(tx, f) })
}

func addIn(tx bot.Tx, f *bot.FollowUp) error {
	i, err := tx.LockIncident(bot.Self(), f.Incident)
	if err != nil {
		return err
	}
	if f.Number, err = tx.NextFollowUp(); err != nil {
		return err
	}
	f.Key, f.Seq = fmt.Sprintf("key%d", f.Number), i.Head.Seq+1
	if err := tx.CreateFollowUp(f); err != nil {
		return err
	}
	_, err = appendTo(tx, i, bot.Event{Kind: bot.EventFollowUp, Actor: f.AddedBy, Text: f.Text, Data: bot.Data{
		FollowUp: &bot.FollowUpMark{Number: f.Number, What: bot.DeedAdded, State: f.State},
	}}, base())
	return err
}

// added is addItem for one that must be taken.
func (s *suite) added(f *bot.FollowUp) *bot.FollowUp {
	s.Helper()
	if err := s.addItem(f); err != nil {
		s.Fatalf("an action item of #%d: %v", f.Incident, err)
	}
	return f
}

// keep saves f.
func (s *suite) keep(f *bot.FollowUp) {
	s.Helper()
	s.update(func(tx bot.Tx) error { return tx.SaveFollowUp(f) })
}

// followUp reads one as the bot itself.
func (s *suite) followUp(number int64) (f *bot.FollowUp) {
	s.Helper()
	s.view(func(tx bot.ReadTx) (err error) {
		f, err = tx.FollowUp(bot.Self(), number)
		return err
	})
	return f
}

// entire is all that an action item is, comparable.
func entire(f *bot.FollowUp) string {
	b, err := json.Marshal(f)
	return fmt.Sprintf("%s %q %v", b, f.Text, err)
}

func itemNumbers(list []*bot.FollowUp) string {
	out := make([]string, len(list))
	for k, f := range list {
		out[k] = fmt.Sprint(f.Number)
	}
	return strings.Join(out, " ")
}

func followUpNumbers(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	for want := range 3 {
		err := s.Update(s.Context(), func(tx bot.Tx) error {
			if _, err := tx.NextFollowUp(); err != nil {
				return err
			}
			return errTest
		})
		s.equal("error", err, errTest)
		s.equal("number", s.added(item(number)).Number, want+1)
	}
	for what, change := range map[string]func(*bot.FollowUp){
		"a used number": func(f *bot.FollowUp) { f.Number = 3 },
		"a used key":    func(f *bot.FollowUp) { f.Key = "key3" },
		"no key":        func(f *bot.FollowUp) { f.Key = "" },
		"no incident":   func(f *bot.FollowUp) { f.Incident = 99 },
	} {
		f := item(number)
		f.Number, f.Key, f.Seq = 9, "key9", 1
		change(f)
		s.refused(what, s.Update(s.Context(), func(tx bot.Tx) error { return tx.CreateFollowUp(f) }), bot.KindInternal)
	}
}

func followUpRoundTrip(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	at := func(minutes int) *time.Time {
		t := base().Add(time.Duration(minutes) * time.Minute)
		return &t
	}
	f := s.added(item(number))
	s.equal("as it was added", entire(s.followUp(1)), entire(f))
	full := item(number)
	full.Text, full.Owner, full.Due, full.Priority, full.Service = "It's 100% \"quoted\" 🔥", ben, "2026-12-01", "p1", "api"
	full.Issue = bot.Issue{State: bot.IssueUnknown, Repo: "Acme/Web", TriedAt: at(1), Lost: true, Why: "'; -- déjà\nvu", Wanted: 3, Sent: 2}
	s.added(full)
	s.equal("all of it", entire(s.followUp(2)), entire(full))
	text := f.Text
	*f = *full
	f.Number, f.Key, f.Seq, f.State, f.ClosedAt, f.Text = 1, "key1", 2, bot.FollowUpDropped, at(9), text
	f.Issue.State, f.Issue.Number, f.Issue.URL, f.Issue.Adopted = bot.IssueOpened, 7, "https://github.example/acme/web/issues/7?a=1&b=<2>", true
	f.Issue.UpdatedAt, f.Issue.Assignee = at(8), "ben-on-github"
	s.update(func(tx bot.Tx) error {
		if err := tx.SaveFollowUp(f); err != nil {
			return err
		}
		same, err := tx.FollowUp(bot.Self(), 1)
		s.equal("in the same transaction", entire(same), entire(f))
		return err
	})
	s.equal("saved", entire(s.followUp(1)), entire(f))
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.FollowUps(bot.Everyone(), bot.FollowUpFilter{})
		s.equal("listed", entire(list[0]), entire(f))
		return err
	})
	f.Issue.Why = "\x00 and \xff" // what GitHub answered is kept as far as it can be
	s.keep(f)
	s.equal("hostile answer", s.followUp(1).Issue.Why, "\x00 and \ufffd")
}

func followUpStates(s *suite) {
	f := s.added(item(s.declare("Checkout is down", bot.Data{})))
	for _, state := range bot.FollowUpStates() {
		f.State = state
		s.keep(f)
		s.equal("state", s.followUp(1).State, state)
	}
	save := func() error { return s.Update(s.Context(), func(tx bot.Tx) error { return tx.SaveFollowUp(f) }) }
	for _, state := range []bot.FollowUpState{"", "Open", "in progress"} {
		f.State = state
		s.refused(fmt.Sprintf("state %q", state), save(), bot.KindInternal)
	}
	f.State, f.Due = bot.FollowUpOpen, "tomorrow"
	s.refused("a due date that is none", save(), bot.KindInternal)
	f.Due, f.Issue.Number = "", 7
	s.refused("an issue of no repository", save(), bot.KindInternal)
}

func followUpIssue(s *suite) {
	one, two := s.declare("One", bot.Data{}), s.declare("Two", bot.Data{})
	first := s.added(ofIssue(one, "acme/web", 7))
	taken := func(what string, f *bot.FollowUp) {
		s.Helper()
		err := s.addItem(f)
		s.refused(what, err, bot.KindConflict)
		var e *bot.Error
		if errors.As(err, &e) && e.Sentence() != "That issue belongs to an action item already." {
			s.Errorf("%s: %q", what, e.Sentence())
		}
	}
	taken("the same issue", ofIssue(one, "acme/web", 7))
	taken("in another incident", ofIssue(two, "acme/web", 7))
	taken("in other letters", ofIssue(two, "Acme/WEB", 7))
	first.State = bot.FollowUpDone
	s.keep(first)
	taken("of one that is done", ofIssue(two, "acme/web", 7))
	other := s.added(ofIssue(two, "acme/web", 8))
	s.added(ofIssue(two, "acme/api", 7))
	s.added(ofIssue(two, "acme/web", 0))
	s.added(ofIssue(two, "acme/web", 0)) // many wait for theirs
	s.added(item(one))
	other.Issue.Number = 7
	s.refused("saving", s.Update(s.Context(), func(tx bot.Tx) error { return tx.SaveFollowUp(other) }), bot.KindInternal)
	s.equal("after that", s.followUp(other.Number).Issue.Number, 8)
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.FollowUps(bot.Everyone(), bot.FollowUpFilter{Repo: "ACME/web", Issue: 7})
		s.equal("whose it is", itemNumbers(list), first.Number)
		return err
	})
	first.Issue.Number = 9
	s.keep(first)
	s.added(ofIssue(two, "acme/web", 7)) // it has moved
}

func followUpRace(s *suite) {
	incidents := []int64{s.declare("One", bot.Data{}), s.declare("Two", bot.Data{}), s.declare("Three", bot.Data{})}
	var got, refused atomic.Int64
	var wg sync.WaitGroup
	for k := range 12 {
		wg.Go(func() {
			switch err := s.addItem(ofIssue(incidents[k%3], "acme/web", 7)); {
			case err == nil:
				got.Add(1)
			case bot.KindOf(err) == bot.KindConflict:
				refused.Add(1)
			default:
				s.Errorf("add: %v", err)
			}
		})
	}
	wg.Wait()
	s.equal("got it, were refused", fmt.Sprint(got.Load(), refused.Load()), "1 11")
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{})
		s.equal("all there are", itemNumbers(list), "1")
		return err
	})
}

func followUpsAtOnce(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if err := s.addItem(item(number)); err != nil {
				s.Errorf("add: %v", err)
			}
		})
	}
	wg.Wait()
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{})
		s.equal("all there are", itemNumbers(list), "1 2 3 4 5 6 7 8 9 10 11 12")
		return err
	})
}
