package bot_test

import (
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// gitHub does something about an item's issue as the bot, and returns what is
// kept then.
func (h *house) gitHub(number int64, fn func(*bot.Work, *bot.FollowUp) error) *bot.FollowUp {
	h.t.Helper()
	return h.does("", number, fn)
}

func (h *house) beginIssue(number int64) (ok bool) {
	h.t.Helper()
	h.gitHub(number, func(w *bot.Work, f *bot.FollowUp) (err error) {
		ok, err = bot.BeginIssue(w, f)
		return err
	})
	return ok
}

func opens(found bot.FoundIssue) func(*bot.Work, *bot.FollowUp) error {
	return func(w *bot.Work, f *bot.FollowUp) error { return bot.OpenIssue(w, f, found) }
}

func hears(found bot.FoundIssue) func(*bot.Work, *bot.FollowUp) error {
	return func(w *bot.Work, f *bot.FollowUp) error { return bot.HearIssue(w, f, found, "ben") }
}

func retries(w *bot.Work, f *bot.FollowUp) error { return bot.RetryIssue(w, f) }

// seven is an issue as it was opened.
func seven(h *house) bot.FoundIssue {
	return bot.FoundIssue{Repo: "acme/postmortems", Number: 7, URL: "https://github.example/acme/postmortems/issues/7", UpdatedAt: h.now}
}

// opened is an item whose issue is open as number seven.
func opened(t *testing.T) (h *house, n, number int64) {
	t.Helper()
	h = newHouse(t, repos)
	n = h.declare(bot.Draft{})
	number = h.item(n, bot.FollowUpDraft{Owner: ben}).Number
	if !h.beginIssue(number) {
		t.Fatal("it cannot begin")
	}
	h.gitHub(number, opens(seven(h)))
	h.later(time.Minute)
	return h, n, number
}

func TestAnIssueIsOpenedOnce(t *testing.T) {
	t.Parallel()
	h, n, number := opened(t)
	f := h.kept(number)
	if f.Issue.State != bot.IssueOpened || f.Issue.Number != 7 || f.Issue.Pending() || f.Issue.TriedAt == nil || !f.Issue.UpdatedAt.Equal(h.now.Add(-time.Minute)) {
		t.Errorf("%+v", f.Issue)
	}
	if h.beginIssue(number) {
		t.Error("it is opened again")
	}
	h.gitHub(number, opens(bot.FoundIssue{Number: 8, Closed: true}))
	h.gitHub(number, func(w *bot.Work, f *bot.FollowUp) error { return bot.FailIssue(w, f, "422") })
	h.gitHub(number, func(w *bot.Work, f *bot.FollowUp) error { return bot.LoseIssue(w, f, "EOF") })
	h.gitHub(number, func(w *bot.Work, f *bot.FollowUp) error { return bot.KeepIssue(w, f, "EOF") })
	if got := h.kept(number); got.Issue.State != bot.IssueOpened || got.Issue.Number != 7 || got.State != bot.FollowUpOpen {
		t.Errorf("a late word changed %+v", got.Issue)
	}
	h.refused("opened", h.with(ana, number, retries), bot.KindConflict, "Action item 1 has its issue: https://github.example/acme/postmortems/issues/7")
	if got := h.marks(n); got != "added* issue" {
		t.Errorf("told %s", got)
	}
}

// TestACrashWhileAnIssueIsOpened: what may have been opened is never opened
// again by itself.
func TestACrashWhileAnIssueIsOpened(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	f := h.item(n, bot.FollowUpDraft{})
	h.refused("wanted", h.with(ana, f.Number, retries), bot.KindConflict, "is being opened")
	if !h.beginIssue(f.Number) {
		t.Fatal("it cannot begin")
	}
	h.gitHub(f.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.KeepIssue(w, f, "no route to host") })
	if !h.beginIssue(f.Number) {
		t.Error("nothing had left, and it cannot begin")
	}
	h.refused("creating", h.with(ana, f.Number, retries), bot.KindConflict, "is being opened")
	for range 2 {
		if h.beginIssue(f.Number) {
			t.Error("it is sent again behind a crash")
		}
	}
	if got := h.kept(f.Number); got.Issue.State != bot.IssueUnknown || got.Issue.Why == "" || got.Issue.TriedAt == nil {
		t.Errorf("%+v", got.Issue)
	}
	h.refused("it is being looked for", h.with(ana, f.Number, retries), bot.KindConflict, "may have been opened; it is being looked for")
	h.gitHub(f.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.LoseIssue(w, f, "EOF") })
	for range 2 {
		h.gitHub(f.Number, bot.AskIssue)
	}
	if got := h.kept(f.Number); !got.Issue.Lost {
		t.Errorf("nobody is asked: %+v", got.Issue)
	}
	h.does(ana, f.Number, retries)
	if got := h.kept(f.Number); got.Issue.State != bot.IssueWanted || got.Issue.Lost || got.Key != f.Key || got.Issue.TriedAt != nil {
		t.Errorf("%+v", got)
	}
	h.gitHub(f.Number, bot.AskIssue) // too late
	if !h.beginIssue(f.Number) {
		t.Error("a person said so, and it cannot begin")
	}
	h.gitHub(f.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.FailIssue(w, f, "410: issues are disabled") })
	h.does(ana, f.Number, retries)
	if !h.beginIssue(f.Number) {
		t.Error("it was refused, a person said so, and it cannot begin")
	}
	// It turns up in the end.
	h.gitHub(f.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.LoseIssue(w, f, "EOF") })
	h.gitHub(f.Number, opens(seven(h)))
	if got := h.kept(f.Number); got.Issue.State != bot.IssueOpened || got.Issue.Why != "" {
		t.Errorf("%+v", got.Issue)
	}
	if got := h.marks(n); got != "added* issue issue retry* issue retry* issue issue" {
		t.Errorf("told %s", got)
	}
}

func TestRetryNeedsSomewhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) { s.Followups.Repo = "" })
	f := h.item(h.declare(bot.Draft{}), bot.FollowUpDraft{})
	h.refused("nowhere", h.with(ana, f.Number, retries), bot.KindConflict, "No repository for follow-ups is set. Name it under followups.repo")
	f = h.item(h.declare(bot.Draft{Private: true}), bot.FollowUpDraft{})
	h.refused("nowhere private", h.with(ana, f.Number, retries), bot.KindConflict, "private.repo")
	f = h.item(h.declare(bot.Draft{Drill: true}), bot.FollowUpDraft{})
	h.refused("a drill", h.with(ana, f.Number, retries), bot.KindConflict, "is a drill, which opens no issues")
	h.bot.Settings.Followups.Repo = "acme/postmortems"
	if got := h.does(ana, 1, retries); got.Issue.State != bot.IssueWanted || got.Issue.Repo != "acme/postmortems" {
		t.Errorf("a repository that was set later: %+v", got.Issue)
	}
}

// TestWhatChangesWhileAnIssueIsOpened is sent behind it.
func TestWhatChangesWhileAnIssueIsOpened(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	f := h.item(n, bot.FollowUpDraft{})
	h.beginIssue(f.Number)
	h.does(ana, f.Number, stands(bot.FollowUpDone))
	got := h.gitHub(f.Number, opens(seven(h)))
	if !got.Issue.Pending() || got.State != bot.FollowUpDone || h.marks(n) != "added* state* issue*" {
		t.Errorf("%+v, told %s", got, h.marks(n))
	}
	h.later(time.Minute)
	// While GitHub does not have it, what GitHub says is out of date.
	if got = h.gitHub(f.Number, hears(bot.FoundIssue{Number: 7, UpdatedAt: h.now})); got.State != bot.FollowUpDone {
		t.Errorf("%s", got.State)
	}
	sent := func(k int64) func(*bot.Work, *bot.FollowUp) error {
		return func(w *bot.Work, f *bot.FollowUp) error { return bot.SentIssue(w, f, k, h.now) }
	}
	h.gitHub(f.Number, sent(got.Issue.Wanted))
	if got = h.gitHub(f.Number, sent(0)); got.Issue.Pending() {
		t.Errorf("a late word unsends: %+v", got.Issue)
	}
	// An item that failed, was closed, and is opened after all.
	second := h.item(n, bot.FollowUpDraft{Text: "Another"})
	h.gitHub(second.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.FailIssue(w, f, "422") })
	h.does(ana, second.Number, stands(bot.FollowUpDone))
	found := seven(h)
	found.Number = 8
	if got := h.gitHub(second.Number, opens(found)); !got.Issue.Pending() {
		t.Errorf("GitHub does not hear that it is done: %+v", got.Issue)
	}
}

// TestWhatGitHubSays is what a webhook or a poll tells of an issue.
func TestWhatGitHubSays(t *testing.T) {
	t.Parallel()
	h, n, number := opened(t)
	at := func(d time.Duration) time.Time { return h.now.Add(d) }
	for _, c := range []struct {
		name  string
		found bot.FoundIssue
		want  bot.FollowUpState
		text  bot.Text
	}{
		{"older", bot.FoundIssue{Number: 7, Closed: true, UpdatedAt: at(-time.Hour)}, bot.FollowUpOpen, ""},
		{"closed", bot.FoundIssue{Number: 7, Closed: true, Reason: "completed", UpdatedAt: at(time.Second)}, bot.FollowUpDone, ""},
		{"the same again", bot.FoundIssue{Number: 7, Closed: true, Reason: "completed", UpdatedAt: at(time.Second)}, bot.FollowUpDone, ""},
		{"late word of its opening", bot.FoundIssue{Number: 7, UpdatedAt: at(0)}, bot.FollowUpDone, ""},
		{"opened again in the same second", bot.FoundIssue{Number: 7, UpdatedAt: at(time.Second)}, bot.FollowUpOpen, ""},
		{"not planned", bot.FoundIssue{Number: 7, Closed: true, Reason: "not_planned", UpdatedAt: at(2 * time.Second)}, bot.FollowUpDropped, "closed as not planned"},
		{"opened again", bot.FoundIssue{Number: 7, UpdatedAt: at(3 * time.Second)}, bot.FollowUpOpen, ""},
		{"a duplicate", bot.FoundIssue{Number: 7, Closed: true, Reason: "duplicate", UpdatedAt: at(4 * time.Second)}, bot.FollowUpDropped, "closed as a duplicate"},
		{"opened again", bot.FoundIssue{Number: 7, UpdatedAt: at(5 * time.Second)}, bot.FollowUpOpen, ""},
	} {
		before := len(h.events(n))
		was := h.kept(number)
		got := h.gitHub(number, hears(c.found))
		if got.State != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.State, c.want)
		}
		list := h.events(n)
		if changed := was.State != got.State; changed != (len(list) == before+1) {
			t.Errorf("%s: %d entries more", c.name, len(list)-before)
		} else if e := list[len(list)-1]; changed && (e.Via != bot.ViaGitHub || e.Actor != "" || e.Data.FollowUp.Login != "ben" || e.Text != c.text || e.Data.FollowUp.Push) {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
	// In progress is kept by an issue that is open, and lost by one that is closed.
	h.does(ana, number, stands(bot.FollowUpInProgress))
	if got := h.gitHub(number, hears(bot.FoundIssue{Number: 7, UpdatedAt: at(6 * time.Second)})); got.State != bot.FollowUpInProgress {
		t.Errorf("%s", got.State)
	}
	got := h.gitHub(number, hears(bot.FoundIssue{Repo: "acme/archive", Number: 3, URL: "https://github.example/acme/archive/issues/3", Closed: true, UpdatedAt: at(7 * time.Second)}))
	if got.Issue.Repo != "acme/archive" || got.Issue.Number != 3 || got.State != bot.FollowUpDone {
		t.Errorf("moved: %+v %s", got.Issue, got.State)
	}
	other := h.item(n, bot.FollowUpDraft{Text: "Another"})
	h.gitHub(other.Number, opens(bot.FoundIssue{Repo: "acme/archive", Number: 4, UpdatedAt: h.now}))
	if got := h.gitHub(other.Number, hears(bot.FoundIssue{Repo: "acme/archive", Number: 3, UpdatedAt: at(time.Hour)})); got.Issue.State != bot.IssueGone {
		t.Errorf("moved to where another item's is: %+v", got.Issue)
	}
	h.does(ana, number, stands(bot.FollowUpOpen))
	for range 2 {
		h.gitHub(number, func(w *bot.Work, f *bot.FollowUp) error { return bot.GoneIssue(w, f, "404") })
	}
	if got := h.kept(number); got.Issue.State != bot.IssueGone || got.Issue.Pending() || got.State != bot.FollowUpOpen {
		t.Errorf("gone: %+v", got)
	}
	h.does(ana, number, stands(bot.FollowUpDone))
	if h.kept(number).Issue.Pending() {
		t.Error("what is gone is to be told")
	}
	h.gitHub(number, func(w *bot.Work, f *bot.FollowUp) error { return bot.AssignIssue(w, f, "ben", "") })
	h.gitHub(number, func(w *bot.Work, f *bot.FollowUp) error { return bot.AssignIssue(w, f, "cem", "no such collaborator") })
	if got := h.kept(number); got.Issue.Assignee != "ben" {
		t.Errorf("assigned to %s", got.Issue.Assignee)
	}
}
