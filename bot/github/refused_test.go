package github

import (
	"net/http"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

// told counts the entries of a deed that somebody notices.
func (w *world) told(what bot.FollowUpDeed) (n int) {
	for _, e := range w.record() {
		if m := e.Data.FollowUp; m.What == what && m.Noticed() && e.Text != "" {
			n++
		}
	}
	return n
}

// A token that GitHub does not take, or that has no right, is told once; what
// waits for it is tried slowly, and goes on by itself.
func TestWhatGitHubRefusesForOurRights(t *testing.T) {
	adopted := bot.FollowUpDraft{Repo: openRepo, Issue: 1}
	for name, c := range map[string]struct {
		path  string
		draft bot.FollowUpDraft
		waits bot.IssueState
	}{
		"looking at the repository": {"/repos/acme/postmortems$", bot.FollowUpDraft{}, bot.IssueWanted},
		"opening":                   {createPath + "$", bot.FollowUpDraft{}, bot.IssueWanted},
		"adopting":                  {createPath + "/1$", adopted, bot.IssueWanted},
	} {
		for _, status := range []int{401, 403} {
			t.Run(name, func(t *testing.T) {
				bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
					if c.draft.Issue != 0 {
						_, err := w.hub.As("cy").Open(w.ctx, openRepo, "There", "")
						w.must(err)
					}
					w.hub.Fail(fakegithub.Fault{Path: c.path, Status: status, Times: -1})
					w.add(c.draft)
					w.rest(10 * time.Hour)
					f := w.expect(bot.FollowUpOpen, c.waits)
					if n := w.told(bot.DeedRefused); n != 1 || f.Issue.Why == "" {
						t.Errorf("told %d times: %q", n, f.Issue.Why)
					}
					if n := len(w.hub.Calls()); n < 10 || n > 40 {
						t.Errorf("%d calls", n)
					}
					w.hub.ClearFaults()
					w.rest(tokenLong + time.Minute)
					if f := w.expect(bot.FollowUpOpen, bot.IssueOpened); f.Issue.RefusedAt != nil || f.Issue.Why != "" {
						t.Errorf("%+v", f.Issue)
					}
					w.quiet()
				})
			})
		}
	}
}

func TestPushesThatGitHubRefusesForOurRights(t *testing.T) {
	for name, c := range map[string]struct {
		method, path string
		status       int
	}{
		"reading, 401":   {http.MethodGet, createPath + "/1$", 401},
		"reading, 403":   {http.MethodGet, createPath + "/1$", 403},
		"writing, 401":   {http.MethodPatch, "", 401},
		"writing, 403":   {http.MethodPatch, "", 403},
		"assigning, 401": {"", "/repos/acme/postmortems/assignees/|" + createPath + "/1/assignees", 401},
	} {
		t.Run(name, func(t *testing.T) {
			opened(t, func(p *plan) { p.deaf = true; p.settings.Followups.Logins[ben] = "ben" }, func(w *world) {
				w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true, Assignees: []string{"ana", "ben"}})
				for round := range 2 {
					w.hub.Fail(fakegithub.Fault{Method: c.method, Path: c.path, Status: c.status, Times: -1})
					owner, state := bot.UserID(ben), bot.FollowUpDone
					if round == 1 {
						owner, state = ana, bot.FollowUpOpen
					}
					w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(work, f, owner) }))
					w.set(1, state)
					w.rest(9 * time.Hour)
					if n := w.told(bot.DeedRefused); n != round+1 {
						t.Errorf("told %d times", n)
					}
					w.hub.ClearFaults()
					w.rest(tokenLong + time.Minute)
					if i := w.hubIssue(); (i.State == "open") != (state == bot.FollowUpOpen) || len(i.Assignees) != 1 || i.Assignees[0] != w.g.settings().Logins[owner] {
						t.Errorf("it is %s, of %v", i.State, i.Assignees)
					}
					if f := w.expect(state, bot.IssueOpened); f.Issue.Pending() || f.Issue.RefusedAt != nil {
						t.Errorf("%+v", f.Issue)
					}
				}
				w.quiet()
			})
		})
	}
}

// While GitHub refuses the looking, nobody is asked to look themselves.
func TestALookThatIsRefused(t *testing.T) {
	bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.hub.Fail(failDropped())
		w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Path: createPath + "$", Status: 401, Times: -1})
		w.add(bot.FollowUpDraft{})
		w.rest(6 * time.Hour)
		if f := w.expect(bot.FollowUpOpen, bot.IssueUnknown); f.Issue.Lost || w.told(bot.DeedRefused) != 1 {
			t.Errorf("told %d times: %+v", w.told(bot.DeedRefused), f.Issue)
		}
		w.hub.ClearFaults()
		w.rest(tokenLong + time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.issues(openRepo, 1)
		w.quiet()
	})
}

// The program was started anew with another token: nothing waits for its hour.
func TestANewTokenGoesOnAtOnce(t *testing.T) {
	bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Path: createPath, Status: 401, Times: -1})
		w.add(bot.FollowUpDraft{})
		w.rest(5*time.Hour + time.Minute)
		w.hub.ClearFaults()
		_, err := w.g.resume(w.ctx)
		w.must(err)
		w.rest(10 * time.Second)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
	})
}

func TestAPushWithoutCredentialsWaits(t *testing.T) {
	still(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.add(bot.FollowUpDraft{})
		w.done(jobOpen, 1)
		token := w.g.client.auth.token
		w.g.client.auth.token = ""
		w.set(1, bot.FollowUpDone)
		for k := range 3 {
			if o := w.do(jobPush, k+1); o.State != bot.JobWaiting || time.Until(o.RunAt) < tokenWait {
				t.Errorf("%+v", o)
			}
		}
		if n := w.told(bot.DeedRefused); n != 1 {
			t.Errorf("told %d times", n)
		}
		w.g.client.auth.token = token
		after(writeEvery)
		w.done(jobPush, 4)
		if i := w.hubIssue(); i.State != "closed" {
			t.Errorf("it is %s", i.State)
		}
	})
}

// What GitHub will never take is told, and freezes nothing.
func TestAPushThatIsRefusedForGood(t *testing.T) {
	opened(t, nil, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPatch, Status: 422, Body: `{"message":"Validation Failed"}`})
		w.set(1, bot.FollowUpDone)
		w.rest(time.Minute)
		if f := w.expect(bot.FollowUpDone, bot.IssueOpened); f.Issue.Pending() || w.told(bot.DeedUnsent) != 1 {
			t.Errorf("told %d times: %+v", w.told(bot.DeedUnsent), f.Issue)
		}
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, ""))
		w.rest(time.Second)
		w.must(w.hub.As("cy").Reopen(w.ctx, openRepo, 1))
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.quiet()
	})
}

// A right that the token lacks for assigning comes back with the next push.
func TestAnAssignmentComesBackWithItsRight(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath + "/1/assignees", Status: 403, Times: -1})
		w.add(bot.FollowUpDraft{Owner: ana})
		w.rest(time.Minute)
		w.set(1, bot.FollowUpDone)
		w.rest(time.Minute)
		if n := w.told(bot.DeedUnassigned); n != 1 {
			t.Errorf("told %d times", n)
		}
		w.hub.ClearFaults()
		w.set(1, bot.FollowUpOpen)
		w.rest(time.Minute)
		if i := w.hubIssue(); len(i.Assignees) != 1 {
			t.Errorf("assigned to %v", i.Assignees)
		}
	})
}
