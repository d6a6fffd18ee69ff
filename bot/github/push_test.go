package github

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

// opened is a world with one item whose issue is open.
func opened(t *testing.T, change func(*plan), fn func(*world)) {
	t.Helper()
	bubble(t, change, func(w *world) {
		w.add(bot.FollowUpDraft{Owner: ana, Due: "2026-12-01"})
		w.rest(10 * time.Second)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		fn(w)
	})
}

func (w *world) hubIssue() fakegithub.Issue {
	w.t.Helper()
	i, ok := w.hub.Issue(openRepo, 1)
	if !ok {
		w.t.Fatal("no issue")
	}
	return i
}

func TestPush(t *testing.T) {
	opened(t, nil, func(w *world) {
		w.set(1, bot.FollowUpDone)
		w.rest(10 * time.Second)
		if i := w.hubIssue(); i.State != "closed" || i.StateReason != "completed" {
			t.Errorf("%s %s", i.State, i.StateReason)
		}
		w.set(1, bot.FollowUpOpen)
		w.rest(10 * time.Second)
		if i := w.hubIssue(); i.State != "open" {
			t.Errorf("%s %s", i.State, i.StateReason)
		}
		w.set(1, bot.FollowUpDropped)
		w.rest(10 * time.Second)
		if i := w.hubIssue(); i.State != "closed" || i.StateReason != "not_planned" {
			t.Errorf("%s %s", i.State, i.StateReason)
		}
		f := w.expect(bot.FollowUpDropped, bot.IssueOpened)
		if f.Issue.Pending() || !f.Issue.UpdatedAt.Equal(w.hubIssue().UpdatedAt) {
			t.Errorf("%+v, GitHub has %s", f.Issue, w.hubIssue().UpdatedAt)
		}
		w.rest(2 * time.Hour) // what comes back changes nothing
		w.expect(bot.FollowUpDropped, bot.IssueOpened)
		w.quiet()
	})
}

func TestPushLeavesAloneWhatPeopleWrote(t *testing.T) {
	opened(t, nil, func(w *world) {
		body := strings.Replace(w.hubIssue().Body, "Alert on queue depth", "Due: 2020-01-01\nsee the notes\r", 1) + "\nDue: 2021-01-01\n"
		w.must(w.hub.As("ben").Edit(w.ctx, openRepo, 1, "A better title", body))
		w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error { return bot.DueFollowUp(work, f, "2027-01-31", "later") }))
		w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(work, f, ben) }))
		w.rest(10 * time.Second)
		i := w.hubIssue()
		if want := strings.Replace(body, "Due: 2026-12-01", "Due: 2027-01-31", 1); i.Body != want || i.Title != "A better title" {
			t.Errorf("%q\n%q, want\n%q", i.Title, i.Body, want)
		}
		if len(i.Assignees) != 0 { // Ben has no login
			t.Errorf("assignees %v", i.Assignees)
		}
		w.quiet()
	})
}

func TestOnlyOurAssigneeIsTakenAway(t *testing.T) {
	opened(t, func(p *plan) { p.settings.Followups.Logins[ben] = "ben" }, func(w *world) {
		w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true, Assignees: []string{"ana", "ben", "cy"}})
		_, err := w.g.client.assign(w.ctx, openRepo, 1, "cy", true)
		w.must(err)
		w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(work, f, ben) }))
		w.rest(20 * time.Second)
		if i := w.hubIssue(); strings.Join(i.Assignees, " ") != "cy ben" {
			t.Errorf("assignees %v", i.Assignees)
		}
		if n := w.calls(http.MethodPatch, ""); n != 0 {
			t.Errorf("%d changes of what is so already", n)
		}
		w.quiet()
	})
}

func TestAnItemClosedBeforeItsIssueWasOpened(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.net.down.Store(true)
		w.add(bot.FollowUpDraft{})
		w.rest(time.Second)
		w.set(1, bot.FollowUpDone)
		w.net.down.Store(false)
		w.rest(5 * time.Minute)
		if i := w.hubIssue(); i.State != "closed" {
			t.Errorf("%s", i.State)
		}
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		w.quiet()
	})
}

// A moved issue is followed by reading; a write that is redirected would become a
// reading and seem to have worked.
func TestPushToATransferredIssue(t *testing.T) {
	opened(t, func(p *plan) { p.deaf = true }, func(w *world) {
		moved, err := w.hub.As("ben").Transfer(w.ctx, openRepo, 1, closedRepo)
		w.must(err)
		w.set(1, bot.FollowUpDone)
		w.rest(10 * time.Second)
		f := w.expect(bot.FollowUpDone, bot.IssueOpened)
		if f.Issue.Repo != closedRepo || f.Issue.Number != moved.Number || f.Issue.URL != moved.URL {
			t.Errorf("%+v, want %+v", f.Issue, moved)
		}
		if i, _ := w.hub.Issue(closedRepo, moved.Number); i.State != "closed" {
			t.Errorf("it is %s", i.State)
		}
		w.quiet()
	})
}

func TestPushToARenamedRepository(t *testing.T) {
	opened(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.must(w.hub.RenameRepo(openRepo, "acme/reviews"))
		w.set(1, bot.FollowUpDone)
		w.rest(10 * time.Second)
		if f := w.expect(bot.FollowUpDone, bot.IssueOpened); f.Issue.Repo != "acme/reviews" || f.Issue.Pending() {
			t.Errorf("%+v", f.Issue)
		}
	})
}

func TestPushToAnIssueThatIsGone(t *testing.T) {
	opened(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.must(w.hub.As("ben").Delete(w.ctx, openRepo, 1))
		w.set(1, bot.FollowUpDone)
		w.rest(10 * time.Second)
		if f := w.expect(bot.FollowUpDone, bot.IssueGone); !strings.Contains(f.Issue.Why, "deleted") {
			t.Errorf("%q", f.Issue.Why)
		}
		w.quiet()
	})
}

// A token that lost its rights sees nothing either: that does not make an issue
// gone.
func TestATokenWithoutRightsLosesNoIssue(t *testing.T) {
	opened(t, nil, func(w *world) {
		w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true, Hidden: true})
		w.set(1, bot.FollowUpDone)
		w.rest(3 * time.Hour)
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		if n := w.told(bot.DeedRefused); n != 1 {
			t.Errorf("told %d times", n)
		}
		w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true})
		w.rest(tokenLong + time.Minute)
		if i := w.hubIssue(); i.State != "closed" {
			t.Errorf("%s", i.State)
		}
		w.quiet()
	})
}

// A redirect of the writing is no success.
func TestARedirectedWriteIsDoneAgain(t *testing.T) {
	opened(t, nil, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPatch, Status: 301, Header: map[string]string{"Location": hubURL + "/api/v3" + createPath + "/1"}})
		w.set(1, bot.FollowUpDone)
		w.rest(10 * time.Second)
		if i := w.hubIssue(); i.State != "closed" {
			t.Errorf("it is %s", i.State)
		}
		if f := w.expect(bot.FollowUpDone, bot.IssueOpened); f.Issue.Pending() {
			t.Error("it was not sent")
		}
	})
}
