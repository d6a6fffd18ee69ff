package github

import (
	"net/http"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

// TestThePollSeesWhatLeft is F5: with webhooks off, one poll is enough to see that
// an issue was deleted or moved, and that one is still there whose label was taken
// off. The last is not asked for again before a day is over.
func TestThePollSeesWhatLeft(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		want   bot.IssueState
		repo   string
	}{
		"deleted": {func(w *world) { w.must(w.hub.As("cy").Delete(w.ctx, openRepo, 1)) }, bot.IssueGone, openRepo},
		"transferred": {func(w *world) {
			_, err := w.hub.As("cy").Transfer(w.ctx, openRepo, 1, closedRepo)
			w.must(err)
		}, bot.IssueOpened, closedRepo},
		"without its label": {func(w *world) {
			w.must(w.hub.As("cy").Unlabel(w.ctx, openRepo, 1, "postmortem"))
		}, bot.IssueOpened, openRepo},
	} {
		t.Run(name, func(t *testing.T) {
			opened(t, alone, func(w *world) {
				w.rest(2 * time.Minute)
				c.change(w)
				w.rest(2 * time.Minute)
				if f := w.expect(bot.FollowUpOpen, c.want); f.Issue.Repo != c.repo {
					t.Errorf("%+v", f.Issue)
				}
				w.rest(20 * time.Hour)
				if n := w.calls(http.MethodGet, createPath+"/1"); n > 2 {
					t.Errorf("asked for %d times", n)
				}
			})
		})
	}
}

// TestThePollAsksAgain: a question that GitHub could not answer is asked again with
// the next poll, not a day later.
func TestThePollAsksAgain(t *testing.T) {
	opened(t, alone, func(w *world) {
		w.rest(2 * time.Minute)
		w.must(w.hub.As("cy").Unlabel(w.ctx, openRepo, 1, "postmortem"))
		w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Path: createPath + "/1$", Status: http.StatusNotFound, Times: 10})
		w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Path: "/repos/" + openRepo + "$", Status: http.StatusBadGateway, Times: 1})
		w.rest(4 * time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueGone)
	})
}
