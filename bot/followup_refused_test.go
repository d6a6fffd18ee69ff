package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func refuses(why string) func(*bot.Work, *bot.FollowUp) error {
	return func(w *bot.Work, f *bot.FollowUp) error { return bot.RefuseIssue(w, f, why) }
}

// TestARefusalIsToldOnce, however often it is met, until GitHub takes something.
func TestARefusalIsToldOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	f := h.item(n, bot.FollowUpDraft{})
	h.gitHub(f.Number, refuses("no token"))
	h.beginIssue(f.Number)
	got := h.gitHub(f.Number, refuses("a bad token"))
	if got.Issue.State != bot.IssueWanted || got.Issue.TriedAt != nil || got.Issue.Why != "a bad token" || got.Issue.RefusedAt == nil {
		t.Errorf("%+v", got.Issue)
	}
	h.beginIssue(f.Number)
	if got = h.gitHub(f.Number, opens(seven(h))); got.Issue.RefusedAt != nil || got.Issue.Why != "" {
		t.Errorf("%+v", got.Issue)
	}
	h.gitHub(f.Number, refuses("no right"))
	if got = h.gitHub(f.Number, bot.ResumeIssue); got.Issue.RefusedAt != nil || got.Issue.State != bot.IssueOpened {
		t.Errorf("%+v", got.Issue)
	}
	if marks := h.marks(n); marks != "added* refused issue refused" {
		t.Errorf("told %s", marks)
	}
	events := h.events(n, bot.EventFollowUp)
	last := events[len(events)-1]
	notice := h.bot.Settings.FollowUpNotice(h.kept(f.Number), last).Summary.String()
	if !last.Data.FollowUp.Noticed() || !strings.Contains(notice, "GitHub refuses what is sent for action item 1: no right") {
		t.Errorf("%q", notice)
	}
}

// TestAChangeThatGitHubRefuses leaves the word to GitHub.
func TestAChangeThatGitHubRefuses(t *testing.T) {
	t.Parallel()
	h, n, number := opened(t)
	f := h.does(ana, number, stands(bot.FollowUpDone))
	if got := h.gitHub(number, hears(bot.FoundIssue{Number: 7, UpdatedAt: h.now})); got.State != bot.FollowUpDone {
		t.Errorf("GitHub's word counts early: %s", got.State)
	}
	h.gitHub(number, func(w *bot.Work, o *bot.FollowUp) error { return bot.UnsentIssue(w, o, f.Issue.Wanted, "422") })
	if got := h.gitHub(number, hears(bot.FoundIssue{Number: 7, UpdatedAt: h.now})); got.State != bot.FollowUpOpen || got.Issue.Pending() {
		t.Errorf("%s, %+v", got.State, got.Issue)
	}
	if marks := h.marks(n); marks != "added* issue state* unsent state" {
		t.Errorf("told %s", marks)
	}
	m := bot.FollowUpMark{What: bot.DeedUnsent}
	if !m.Noticed() {
		t.Error("nobody is told")
	}
}

// TestWhatWasSaidOfAnIssueThatCouldNotBeRead counts once it can.
func TestWhatWasSaidOfAnIssueThatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	f := h.item(n, bot.FollowUpDraft{Repo: "acme/api", Issue: 3})
	h.gitHub(f.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.FailIssue(w, f, "404") })
	h.does(ana, f.Number, stands(bot.FollowUpDone))
	if marks := h.marks(n); marks != "added* issue state" {
		t.Errorf("told %s", marks)
	}
	h.does(ana, f.Number, retries)
	got := h.gitHub(f.Number, opens(bot.FoundIssue{Number: 3, Title: "Open", UpdatedAt: h.now}))
	if got.State != bot.FollowUpDone || !got.Issue.Turning() {
		t.Errorf("%s, %+v", got.State, got.Issue)
	}
}

// TestGitHubsTime is that of what happened there, within what can be.
func TestGitHubsTime(t *testing.T) {
	t.Parallel()
	h, n, number := opened(t)
	added := h.kept(number).AddedAt
	h.later(3 * time.Hour)
	now := h.now
	for _, c := range []struct {
		name  string
		found bot.FoundIssue
		want  time.Time
	}{
		{"closed", bot.FoundIssue{Closed: true, ClosedAt: added.Add(time.Hour), UpdatedAt: added.Add(2 * time.Hour)}, added.Add(time.Hour)},
		{"opened", bot.FoundIssue{UpdatedAt: added.Add(2 * time.Hour)}, added.Add(2 * time.Hour)},
		{"closed before it was added", bot.FoundIssue{Closed: true, ClosedAt: added.Add(-time.Hour), UpdatedAt: added.Add(2 * time.Hour)}, added},
		{"opened in time to come", bot.FoundIssue{UpdatedAt: now.Add(time.Hour)}, now},
		{"closed without a time", bot.FoundIssue{Closed: true, UpdatedAt: now.Add(time.Hour)}, now},
	} {
		c.found.Number = 7
		got := h.gitHub(number, hears(c.found))
		events := h.events(n, bot.EventFollowUp)
		e := events[len(events)-1]
		if !e.At.Equal(c.want) || e.RecordedAt.Before(now) {
			t.Errorf("%s: at %s, recorded at %s, want %s", c.name, e.At, e.RecordedAt, c.want)
		}
		if c.found.Closed && !got.ClosedAt.Equal(c.want) {
			t.Errorf("%s: closed at %s, want %s", c.name, got.ClosedAt, c.want)
		}
	}
}

// TestAPrivateItemIsNotTold of by an issue that became its own.
func TestAPrivateItemIsNotTold(t *testing.T) {
	t.Parallel()
	for _, private := range []bool{true, false} {
		h := newHouse(t, repos)
		other := h.item(h.declare(bot.Draft{Private: private}), bot.FollowUpDraft{Text: "Another"})
		h.beginIssue(other.Number)
		h.gitHub(other.Number, opens(seven(h)))
		f := h.item(h.declare(bot.Draft{}), bot.FollowUpDraft{Repo: "acme/old", Issue: 7})
		got := h.gitHub(f.Number, opens(seven(h)))
		if got.Issue.State != bot.IssueFailed || strings.Contains(got.Issue.Why, "belongs") == private {
			t.Errorf("private %t: %+v", private, got.Issue)
		}
	}
}
