package github

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

func failDropped() fakegithub.Fault {
	return fakegithub.Fault{Method: http.MethodPost, Path: createPath, Drop: true}
}

// alone is an install without webhooks.
func alone(p *plan) { p.deaf, p.config.WebhookSecret = true, "" }

func TestNothingIsPolledWithoutAnIssue(t *testing.T) {
	bubble(t, func(p *plan) { alone(p); p.config.Token = "" }, func(w *world) {
		w.add(bot.FollowUpDraft{})
		w.rest(24 * time.Hour)
		if n := len(w.hub.Calls()); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
	bubble(t, func(p *plan) { alone(p); p.settings.Followups.Repo = "" }, func(w *world) {
		w.add(bot.FollowUpDraft{})
		w.rest(24 * time.Hour)
		if n := len(w.hub.Calls()); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestThePollHearsWhatNoWebhookTold(t *testing.T) {
	opened(t, alone, func(w *world) {
		w.rest(time.Minute)
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, "not_planned"))
		w.rest(time.Minute)
		w.expect(bot.FollowUpDropped, bot.IssueOpened)
		w.must(w.hub.As("cy").Reopen(w.ctx, openRepo, 1)) // no item is open now
		w.rest(time.Hour + time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
	})
}

// While nothing changes the answers are 304, of one address, once a minute.
func TestThePollCostsNothing(t *testing.T) {
	opened(t, alone, func(w *world) {
		w.rest(2 * time.Minute)
		before := len(w.hub.Calls())
		w.rest(time.Hour)
		calls := w.hub.Calls()[before:]
		if len(calls) != 60 {
			t.Errorf("%d calls", len(calls))
		}
		for _, c := range calls {
			if c.Status != http.StatusNotModified || c.Query != calls[0].Query {
				t.Fatalf("%s", c)
			}
		}
	})
	opened(t, nil, func(w *world) { // beside webhooks
		w.rest(time.Hour)
		before := len(w.hub.Calls())
		w.rest(time.Hour)
		if n := len(w.hub.Calls()) - before; n != 6 {
			t.Errorf("%d calls", n)
		}
	})
}

// What was said while our own change was on its way is not lost: the listing has
// not changed since, and is taken over all the same.
func TestThePollTakesOverWhatWasIgnored(t *testing.T) {
	opened(t, alone, func(w *world) {
		w.rest(90 * time.Second)
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPatch, Status: 422, Times: -1})
		w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(work, f, bot.FollowUpDone, "") }))
		w.rest(2 * time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueOpened) // the push was refused for good
		if n := w.told(bot.DeedUnsent); n != 1 {
			t.Errorf("told %d times", n)
		}
		w.quiet()
	})
}

// What was closed there while another change waits here stays closed.
func TestAChangeThatWaitsOpensNothing(t *testing.T) {
	opened(t, alone, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Path: createPath + "/1$", Status: 503, Times: 1})
		w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error { return bot.DueFollowUp(work, f, "2027-01-31", "later") }))
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, ""))
		w.rest(5 * time.Minute)
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		if i, _ := w.hub.Issue(openRepo, 1); i.State != "closed" || !strings.Contains(i.Body, "2027-01-31") {
			t.Errorf("the issue is %s: %s", i.State, i.Body)
		}
	})
}

// An issue without its label is in no listing, and is asked for once a day.
func TestAnIssueThatNoListingShows(t *testing.T) {
	opened(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.rest(10 * time.Minute)
		// There are more pages, on one of which it may be.
		more := map[string]string{"Link": `<` + hubURL + `/api/v3` + createPath + `?page=2>; rel="next"`}
		w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Path: createPath + "$", Status: 200, Body: "[]", Header: more, Times: -1})
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, ""))
		w.rest(23 * time.Hour)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.rest(2 * time.Hour)
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		if n := w.calls(http.MethodGet, createPath+"/1"); n != 1 {
			t.Errorf("asked for %d times", n)
		}
	})
	for name, c := range map[string]struct {
		before func(*world)
		want   bot.IssueState
	}{
		"deleted": {func(w *world) { w.must(w.hub.As("cy").Delete(w.ctx, openRepo, 1)) }, bot.IssueGone},
		"hidden":  {func(w *world) { w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true, Hidden: true}) }, bot.IssueOpened},
		"transferred": {func(w *world) {
			_, err := w.hub.As("cy").Transfer(w.ctx, openRepo, 1, closedRepo)
			w.must(err)
		}, bot.IssueOpened},
	} {
		t.Run(name, func(t *testing.T) {
			opened(t, func(p *plan) { p.deaf = true }, func(w *world) {
				w.rest(time.Minute)
				c.before(w)
				w.rest(26 * time.Hour)
				f := w.expect(bot.FollowUpOpen, c.want)
				if name == "transferred" && f.Issue.Repo != closedRepo {
					t.Errorf("%+v", f.Issue)
				}
			})
		})
	}
}

func TestThePollReadsAllPages(t *testing.T) {
	bubble(t, func(p *plan) {
		alone(p)
		p.settings.Followups.Labels = nil // the listing is of all issues
	}, func(w *world) {
		w.add(bot.FollowUpDraft{})
		w.rest(2 * time.Minute)
		key := w.item(1).Key
		for range 250 {
			_, err := w.hub.As("cy").Open(w.ctx, openRepo, "noise", "noise")
			w.must(err)
		}
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, ""))
		w.rest(time.Second)
		for range 150 {
			_, err := w.hub.As("cy").Open(w.ctx, openRepo, "noise", "noise")
			w.must(err)
		}
		w.rest(2 * time.Minute)
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		issue, err := w.g.find(w.ctx, openRepo, key, time.Now().Add(-time.Hour))
		if err != nil || issue.GetNumber() != 1 {
			t.Errorf("found %v, %v", issue, err)
		}
	})
}

// What was read before an item changed here is out of date, and GitHub's times,
// in whole seconds, do not tell.
func TestAListingThatWasReadBeforeAChange(t *testing.T) {
	opened(t, func(p *plan) { p.deaf = true }, func(w *world) {
		p := newPoller(w.g)
		w.set(1, bot.FollowUpDone)
		w.rest(10 * time.Second)
		before := w.item(1)
		w.set(1, bot.FollowUpOpen)
		w.rest(10 * time.Second)
		w.set(1, bot.FollowUpDone)
		w.rest(10 * time.Second)
		now := w.item(1)
		w.must(p.hear(w.ctx, before, bot.FoundIssue{Repo: openRepo, Number: 1, UpdatedAt: *now.Issue.UpdatedAt}))
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		w.must(p.hear(w.ctx, now, bot.FoundIssue{Repo: openRepo, Number: 1, UpdatedAt: *now.Issue.UpdatedAt}))
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
	})
}

// A limit holds the poll, too, and everything else with it.
func TestALimitHoldsThePoll(t *testing.T) {
	opened(t, alone, func(w *world) {
		w.rest(time.Minute)
		w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Status: 429, Header: map[string]string{"Retry-After": "1800"}})
		w.rest(time.Minute)
		before := len(w.hub.Calls())
		w.set(1, bot.FollowUpDone)
		w.rest(28 * time.Minute)
		if n := len(w.hub.Calls()); n != before {
			t.Errorf("%d calls", n-before)
		}
		w.rest(3 * time.Minute)
		if i := w.hubIssue(); i.State != "closed" {
			t.Errorf("it is %s", i.State)
		}
	})
}

// Trouble with the poll is logged, without a token, and ends with its cause.
func TestThePollGoesOn(t *testing.T) {
	opened(t, alone, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Status: 502, Body: "token " + hubToken, Times: 3})
		w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Status: 404, Body: `{"message":"` + hubToken + `"}`})
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, ""))
		w.rest(10 * time.Minute)
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		if !strings.Contains(w.logs.String(), "cannot poll") {
			t.Error("nothing was logged")
		}
	})
}
