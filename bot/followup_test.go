package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// repos are the repositories of these tests.
func repos(s *bot.Settings) {
	s.Followups.Repo, s.Followups.PrivateRepo = "acme/postmortems", "acme/security"
	s.Services[1].Repo = "acme/billing"
	s.Followups.Web = "https://github.example"
	s.DefaultSeverity = "sev1"
}

// marks are the entries about an action item, in words.
func (h *house) marks(incident int64) string {
	h.t.Helper()
	var out []string
	for _, e := range h.events(incident, bot.EventFollowUp) {
		line := string(e.Data.FollowUp.What)
		if e.Data.FollowUp.Push {
			line += "*"
		}
		out = append(out, line)
	}
	return strings.Join(out, " ")
}

func TestWhereAnItemsIssueGoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		incident   bot.Draft
		item       bot.FollowUpDraft
		change     func(*bot.Settings)
	}{
		{"the configured repository", "acme/postmortems", bot.Draft{}, bot.FollowUpDraft{}, nil},
		{"the service's", "acme/billing", bot.Draft{}, bot.FollowUpDraft{Service: "billing"}, nil},
		{"a service without one", "acme/postmortems", bot.Draft{}, bot.FollowUpDraft{Service: "api-gateway"}, nil},
		{"a private incident's", "acme/security", bot.Draft{Private: true}, bot.FollowUpDraft{}, nil},
		{"a private one's, whatever the service", "acme/security", bot.Draft{Private: true}, bot.FollowUpDraft{Service: "billing"}, nil},
		{"a private one's, with no place for it", "", bot.Draft{Private: true}, bot.FollowUpDraft{Service: "billing"}, func(s *bot.Settings) { s.Followups.PrivateRepo = "" }},
		{"a drill's", "", bot.Draft{Drill: true}, bot.FollowUpDraft{}, nil},
		{"an issue that exists, in a drill", "", bot.Draft{Drill: true}, bot.FollowUpDraft{Repo: "acme/api", Issue: 3}, nil},
		{"none is configured", "", bot.Draft{}, bot.FollowUpDraft{}, func(s *bot.Settings) { s.Followups.Repo = "" }},
		{"an issue that exists", "acme/api", bot.Draft{}, bot.FollowUpDraft{Repo: "acme/api", Issue: 3}, nil},
	} {
		h := newHouse(t, func(s *bot.Settings) {
			repos(s)
			if c.change != nil {
				c.change(s)
			}
		})
		n := h.declare(c.incident)
		f := h.kept(h.item(n, c.item).Number)
		wanted, marks := bot.IssueWanted, "added*"
		if c.want == "" {
			wanted, marks = bot.IssueNone, "added"
		}
		if f.Issue.Repo != c.want || f.Issue.State != wanted || h.marks(n) != marks {
			t.Errorf("%s: %+v, told %s", c.name, f.Issue, h.marks(n))
		}
		if f.Issue.Adopted != (c.want == "acme/api") || f.Incident != n || len(f.Key) != 26 || f.State != bot.FollowUpOpen || f.AddedBy != ana {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

// TestDueByPolicy: from today in the owner's zone, by severity.
func TestDueByPolicy(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) {
		repos(s)
		s.Holidays = []bot.Date{"2020-01-27"}
		s.Severities[1].FollowupDue = bot.Period{N: 2, Unit: "bd"}
		s.Severities[2].FollowupDue = bot.Period{}
	})
	h.lives(map[bot.UserID]string{cat: "Asia/Tokyo", ben: "America/New_York"}) // 24 and 23 January
	incidents := map[string]int64{}
	for _, sev := range []string{"sev1", "sev2", "sev3"} {
		incidents[sev] = h.declare(bot.Draft{Severity: sev})
	}
	for _, c := range []struct {
		severity string
		d        bot.FollowUpDraft
		want     bot.Date
	}{
		{"sev1", bot.FollowUpDraft{Owner: ben}, "2020-02-07"},
		{"sev1", bot.FollowUpDraft{Owner: cat}, "2020-02-08"},
		{"sev1", bot.FollowUpDraft{}, "2020-02-07"},
		{"sev1", bot.FollowUpDraft{Owner: "U0NOBODY"}, "2020-02-07"},
		{"sev1", bot.FollowUpDraft{Due: "2020-12-01"}, "2020-12-01"},
		{"sev2", bot.FollowUpDraft{Owner: ben}, "2020-01-28"}, // Friday, and a Monday that is none
		{"sev2", bot.FollowUpDraft{Owner: cat}, "2020-01-29"},
		{"sev3", bot.FollowUpDraft{Owner: cat}, ""},
	} {
		if f := h.item(incidents[c.severity], c.d); f.Due != c.want {
			t.Errorf("%s for %s: due on %q, want %q", c.severity, c.d.Owner, f.Due, c.want)
		}
	}
}

func TestTheSameItemTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n, other := h.declare(bot.Draft{}), h.declare(bot.Draft{})
	add := func(user bot.UserID, incident int64, exact bool, d bot.FollowUpDraft) error {
		return h.ask(bot.Request{User: user, Exact: exact}, func(w *bot.Work) error {
			if err := w.Lock(incident); err != nil {
				return err
			}
			_, err := bot.AddFollowUp(w, d)
			return err
		})
	}
	text := bot.FollowUpDraft{Text: "Test each\n service alone"}
	for _, step := range []struct {
		what string
		do   func() error
		want string
	}{
		{"the first", func() error { return add(ana, n, false, text) }, ""},
		{"again", func() error { return add(ana, n, false, text) }, "That is action item 1 already."},
		{"by somebody else", func() error { return add(ben, n, false, text) }, ""},
		{"elsewhere", func() error { return add(ana, other, false, text) }, ""},
		{"by a program", func() error { return add(ana, n, true, text) }, ""},
		{"an issue", func() error { return add(ana, n, false, bot.FollowUpDraft{Repo: "acme/api", Issue: 3}) }, ""},
		{"an issue again", func() error { return add(ana, other, false, bot.FollowUpDraft{Repo: "acme/api", Issue: 3}) }, "That issue is action item 5 of incident #1 already."},
		{"an issue by a program", func() error { return add(ben, n, true, bot.FollowUpDraft{Repo: "acme/api", Issue: 3}) }, "That issue is action item 5 of incident #1 already."},
		{"nothing", func() error { return add(ana, n, false, bot.FollowUpDraft{}) }, "action item"},
		{"a minute later", func() error { h.later(time.Minute); return add(ana, n, false, text) }, ""},
	} {
		if err := step.do(); err == nil && step.want != "" || err != nil && (step.want == "" || !strings.Contains(err.Error(), step.want)) {
			t.Errorf("%s: %v, want %q", step.what, err, step.want)
		}
	}
	// What somebody may not know of is not named to them.
	secret := h.declare(bot.Draft{Private: true})
	h.item(secret, bot.FollowUpDraft{Repo: "acme/security", Issue: 9})
	if err := add(ben, n, false, bot.FollowUpDraft{Repo: "acme/security", Issue: 9}); err != nil {
		t.Errorf("an issue of a private item: %v", err)
	}
	if f := h.kept(8); f.Issue.State != bot.IssueNone || f.Issue.Number != 0 || f.Text != "https://github.example/acme/security/issues/9" {
		t.Errorf("an issue of a private item: %q, %+v", f.Text, f.Issue)
	}
	h.refused("somebody else's item", h.with(ben, 7, stands(bot.FollowUpDone)), bot.KindNotFound, "There is no action item 7.")
	h.refused("one that never was", h.with(ben, 99, stands(bot.FollowUpDone)), bot.KindNotFound, "There is no action item 99.")
}

// TestStatesOfItems is every state and everything that can be done about it.
func TestStatesOfItems(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	for _, from := range bot.FollowUpStates() {
		for _, to := range bot.FollowUpStates() {
			f := h.item(n, bot.FollowUpDraft{})
			if from != bot.FollowUpOpen {
				f = h.does(ana, f.Number, stands(from))
			}
			sent := f.Issue.Wanted
			h.later(time.Minute)
			err := h.with(ben, f.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(w, f, to, "a reason") })
			got := h.kept(f.Number)
			what := fmt.Sprintf("%s, and %s", from, to)
			words := strings.ReplaceAll(string(from), "_", " ")
			switch {
			case from == to:
				h.refused(what, err, bot.KindConflict, fmt.Sprintf("Action item %d is %s already: <@U0ANA>, ", f.Number, words))
			case from.Closed() && to != bot.FollowUpOpen:
				h.refused(what, err, bot.KindConflict, fmt.Sprintf("Action item %d is %s. Open it again first.", f.Number, words))
			case err != nil || got.State != to:
				t.Errorf("%s: %s, %v", what, got.State, err)
			}
			if pushed := got.Issue.Wanted != sent; pushed != (err == nil && from.Closed() != to.Closed()) {
				t.Errorf("%s: GitHub is told: %v", what, pushed)
			}
			if got.State.Closed() != (got.ClosedAt != nil) {
				t.Errorf("%s: closed at %v", what, got.ClosedAt)
			}
		}
	}
	list := h.events(n, bot.EventFollowUp)
	if last := list[len(list)-1]; last.Text != "" && last.Text != "a reason" || !slices.ContainsFunc(list, func(e bot.Event) bool { return e.Text == "a reason" }) {
		t.Errorf("the reason is in %+v", last)
	}
}

func TestDueAndOwner(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	f := h.item(n, bot.FollowUpDraft{Owner: ana, Due: "2020-02-01"})
	due := func(d bot.Date, reason bot.Text) func(*bot.Work, *bot.FollowUp) error {
		return func(w *bot.Work, f *bot.FollowUp) error { return bot.DueFollowUp(w, f, d, reason) }
	}
	own := func(id bot.UserID) func(*bot.Work, *bot.FollowUp) error {
		return func(w *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(w, f, id) }
	}
	h.refused("no reason", h.with(ben, f.Number, due("2020-03-01", "")), bot.KindInvalid, "reason")
	h.refused("the same day", h.with(ben, f.Number, due("2020-02-01", "because")), bot.KindConflict, "Action item 1 is due on 1 Feb 2020 already: <@U0ANA>, ")
	if got := h.does(ben, f.Number, due("", "nobody knows")); got.Due != "" || got.Issue.Wanted != 1 {
		t.Errorf("%+v", got)
	}
	h.refused("no day again", h.with(ben, f.Number, due("", "because")), bot.KindConflict, "Action item 1 has no due date already: <@U0BEN>, ")
	h.refused("the same owner", h.with(ben, f.Number, own(ana)), bot.KindConflict, "Action item 1 has that owner already: <@U0BEN>, ")
	if got := h.does(ben, f.Number, own("")); got.Owner != "" || got.Issue.Wanted != 2 {
		t.Errorf("%+v", got)
	}
	h.does(ben, f.Number, stands(bot.FollowUpDone))
	h.refused("a closed one", h.with(ben, f.Number, due("2020-03-01", "because")), bot.KindConflict, "Action item 1 is done.")
	overdue := bot.FollowUp{State: bot.FollowUpOngoing, Due: "2020-02-01"}
	if !overdue.Overdue("2020-02-02") || overdue.Overdue("2020-02-01") {
		t.Error("it is overdue on the day after")
	}
	if got := h.marks(n); got != "added* due* owner* state*" {
		t.Errorf("told %s", got)
	}
}

func TestTasks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	add := func(w *bot.Work) error { _, err := bot.AddTask(w, "Call the vendor", ben); return err }
	finish := func(k int64) func(*bot.Work) error {
		return func(w *bot.Work) error { _, err := bot.DoneTask(w, k); return err }
	}
	promote := func(k int64) func(*bot.Work) error {
		return func(w *bot.Work) error { _, err := bot.PromoteTask(w, k); return err }
	}
	h.done(ana, n, add)
	h.refused("twice", h.in(ana, n, add), bot.KindConflict, "That is task 1 already.")
	h.done(ben, n, add)
	h.done(ben, n, finish(1))
	h.refused("done", h.in(ana, n, finish(1)), bot.KindConflict, "Task 1 is done already: <@U0BEN>, ")
	h.refused("none", h.in(ana, n, finish(9)), bot.KindNotFound, "Incident #1 has no task 9.")
	h.refused("done, and then one of GitHub's", h.in(ana, n, promote(1)), bot.KindConflict, "Task 1 is done already")
	h.done(ana, n, resolve)
	h.done(ana, n, promote(2))
	h.refused("promoted twice", h.in(ana, n, promote(2)), bot.KindConflict, "Task 2 is action item 1 by now: <@U0ANA>, ")
	if f := h.kept(1); f.Text != "Call the vendor" || f.Owner != ben || f.Issue.State != bot.IssueWanted || f.Due != "2020-02-07" {
		t.Errorf("%+v", f)
	}
	h.view(func(tx bot.ReadTx) error {
		i, err := tx.Incident(bot.Self(), n)
		if len(i.Tasks) != 2 || len(i.OpenTasks()) != 0 || i.Tasks[1].FollowUp != 1 || i.Tasks[0].DoneBy != ben || i.Task(3) != nil {
			t.Errorf("%+v", i.Tasks)
		}
		return err
	})
}
