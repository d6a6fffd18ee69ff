package bot_test

import (
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestAnAdoptedIssue brings its title and says where it stands.
func TestAnAdoptedIssue(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	f := h.item(n, bot.FollowUpDraft{Repo: "acme/api", Issue: 3})
	if f.Text != "https://github.example/acme/api/issues/3" {
		t.Errorf("until then it reads %q", f.Text)
	}
	title := " Cache\x02 has\nno limit "
	got := h.gitHub(f.Number, opens(bot.FoundIssue{Repo: "acme/api", Number: 3, URL: "https://github.example/acme/api/issues/3", Title: title, Closed: true, UpdatedAt: h.now}))
	if got.Text != "Cache has no limit" || got.State != bot.FollowUpDone || got.Issue.Pending() || !got.Issue.Adopted {
		t.Errorf("%+v", got)
	}
	if marks := h.marks(n); marks != "added* issue title state" {
		t.Errorf("told %s", marks)
	}
	open := h.item(n, bot.FollowUpDraft{Repo: "acme/api", Issue: 4})
	if got := h.gitHub(open.Number, opens(bot.FoundIssue{Number: 4, Title: "Open", UpdatedAt: h.now})); got.State != bot.FollowUpOpen || got.Issue.Repo != "acme/api" {
		t.Errorf("%+v", got)
	}
	// What was said here before it was looked up counts.
	done := h.item(n, bot.FollowUpDraft{Repo: "acme/api", Issue: 5})
	h.does(ana, done.Number, stands(bot.FollowUpDone))
	if got := h.gitHub(done.Number, opens(bot.FoundIssue{Number: 5, Title: "Done here", UpdatedAt: h.now})); got.State != bot.FollowUpDone || !got.Issue.Pending() || got.Text != "Done here" {
		t.Errorf("%+v", got)
	}
}

// TestAnAdoptedIssueThatIsNotThere is looked up again when a person says so, and
// no other is opened.
func TestAnAdoptedIssueThatIsNotThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	f := h.item(n, bot.FollowUpDraft{Repo: "acme/secret", Issue: 3})
	h.gitHub(f.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.FailIssue(w, f, "404") })
	got := h.does(ana, f.Number, retries)
	if i := got.Issue; i.State != bot.IssueWanted || !i.Adopted || i.Repo != "acme/secret" || i.Number != 3 || i.URL == "" {
		t.Errorf("%+v", i)
	}
	// One that turns out to be another item's, under a name that its repository had.
	first := h.item(n, bot.FollowUpDraft{})
	h.gitHub(first.Number, opens(seven(h)))
	old := h.item(n, bot.FollowUpDraft{Repo: "acme/pms", Issue: 7})
	if got := h.gitHub(old.Number, opens(seven(h))); got.Issue.State != bot.IssueFailed || got.Issue.Why == "" {
		t.Errorf("%+v", got.Issue)
	}
}
