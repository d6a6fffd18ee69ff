package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// A refusal says what to change, and is not tried again by itself.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*plan)
		before func(*world)
		want   string
	}{
		{"404", nil, fails(404, `{"message":"Not Found"}`), "the token cannot see it"},
		{"410", nil, fails(410, `{"message":"Issues are disabled for this repo"}`), "issues are disabled"},
		{"422", nil, fails(422, `{"message":"Validation Failed","errors":[{"resource":"Issue","field":"title","code":"missing_field"}]}`), "the field title"},
		{"307", nil, fails(307, `{"message":"Moved"}`), "a redirect of a write"},
		{"no such repository", func(p *plan) { p.settings.Followups.Repo = "acme/none" }, nil, "acme/none is not there, or the token cannot see it"},
		{"no credentials", func(p *plan) { p.config.Token = "" }, nil, notSignedIn},
		{"public", nil, repo(fakegithub.Repo{Name: openRepo}), "acme/postmortems is public; make it private, or set followups.allow_public: true"},
		{"issues off", nil, repo(fakegithub.Repo{Name: openRepo, Private: true, IssuesOff: true}), "issues are disabled in acme/postmortems; turn them on"},
		{"renamed", nil, func(w *world) { w.must(w.hub.RenameRepo(openRepo, "acme/reviews")) }, "is called acme/reviews now"},
		{"path tricks", func(p *plan) { p.settings.Followups.Repo = "../../user" }, nil, "no repository"},
		{"dots", func(p *plan) { p.settings.Followups.Repo = "acme/.." }, nil, "no repository"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, c.change, func(w *world) {
				if c.before != nil {
					c.before(w)
				}
				w.add(bot.FollowUpDraft{})
				w.rest(time.Hour)
				f := w.expect(bot.FollowUpOpen, bot.IssueFailed)
				if !strings.Contains(f.Issue.Why, c.want) {
					t.Errorf("why %q, want %q", f.Issue.Why, c.want)
				}
				if n := w.calls(http.MethodPost, ""); n > 1 {
					t.Errorf("%d posts", n)
				}
				w.quiet()
			})
		})
	}
}

func fails(status int, body string) func(*world) {
	return func(w *world) {
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath, Status: status, Body: body})
	}
}

func repo(r fakegithub.Repo) func(*world) { return func(w *world) { w.hub.AddRepo(r) } }

// A refusal is over once its cause is.
func TestARefusedIssueIsOpenedOnceAPersonSaysSo(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.hub.AddRepo(fakegithub.Repo{Name: openRepo})
		w.add(bot.FollowUpDraft{})
		w.rest(time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueFailed)
		w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true})
		w.must(w.on(ana, 1, bot.RetryIssue))
		w.rest(time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
	})
}

// The limits of GitHub, by 403 and by 429, with and without a time.
func TestLimits(t *testing.T) {
	reset := func(in time.Duration) string { return fmt.Sprint(time.Now().Add(in).Unix()) }
	for _, c := range []struct {
		name   string
		status int
		body   string
		header func() map[string]string
		after  time.Duration // when it is sent again
	}{
		{"403 primary", 403, `{"message":"API rate limit exceeded"}`, func() map[string]string {
			return map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset(10 * time.Minute)}
		}, 10 * time.Minute},
		{"429 primary", 429, `{"message":"API rate limit exceeded"}`, func() map[string]string {
			return map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset(10 * time.Minute)}
		}, 10 * time.Minute},
		{"403 secondary", 403, `{"message":"You have exceeded a secondary rate limit","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`,
			func() map[string]string { return map[string]string{"Retry-After": "120"} }, 2 * time.Minute},
		{"429 secondary", 429, `{"message":"You have exceeded a secondary rate limit"}`, func() map[string]string { return map[string]string{"Retry-After": "120"} }, 2 * time.Minute},
		{"429 without a time", 429, ``, nil, time.Minute},
		{"403 without a time", 403, `{"message":"You have exceeded a secondary rate limit. Please wait."}`, nil, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				f := fakegithub.Fault{Method: http.MethodPost, Path: createPath, Status: c.status, Body: c.body}
				if c.header != nil {
					f.Header = c.header()
				}
				w.hub.Fail(f)
				w.add(bot.FollowUpDraft{})
				w.rest(2 * time.Second)
				w.expect(bot.FollowUpOpen, bot.IssueWanted)
				w.add(bot.FollowUpDraft{Text: "another"}) // the limit is for all
				calls := len(w.hub.Calls())
				w.rest(c.after - 5*time.Second)
				if n := len(w.hub.Calls()); n != calls {
					t.Errorf("%d calls before the time", n-calls)
				}
				w.rest(20 * time.Second)
				w.expect(bot.FollowUpOpen, bot.IssueOpened)
				w.issues(openRepo, 2)
				for _, e := range w.record() {
					if e.Data.FollowUp.Issue == bot.IssueUnknown {
						t.Error("it was unknown for a while")
					}
				}
			})
		})
	}
}

// Limits in a row that name no time are waited for longer each time.
func TestLimitsInARowWaitLonger(t *testing.T) {
	c := &client{auth: newAuth(""), redact: wire.NewRedactor()}
	want := time.Minute
	for range 8 {
		if got := c.limit(429, 0, "").wait; got != want {
			t.Fatalf("waits %s, want %s", got, want)
		}
		want = min(2*want, slowest)
	}
}

func TestOurOwnLimits(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for k := range 45 {
			w.add(bot.FollowUpDraft{Text: bot.Plain(fmt.Sprintf("item %d", k))})
		}
		w.rest(30 * time.Second)
		w.issues(openRepo, createPlaces) // at once
		last := time.Time{}
		for _, c := range w.hub.Calls() {
			if c.Method != http.MethodGet {
				if c.At.Sub(last) < writeEvery {
					t.Errorf("two writes within %s", c.At.Sub(last))
				}
				last = c.At
			}
		}
		w.rest(createEvery)
		w.issues(openRepo, 2*createPlaces)
		w.rest(2 * createEvery)
		w.issues(openRepo, 45)
		w.quiet()
	})
}

// A private incident's items go to the private repository and nowhere else.
func TestPrivateIncidents(t *testing.T) {
	private := bot.Draft{Title: "Breach of acme-canary", Private: true}
	bubble(t, nil, func(w *world) {
		w.addTo(private, bot.FollowUpDraft{})
		w.rest(time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.issues(openRepo, 0)
		if i := w.issues(closedRepo, 1)[0]; !strings.Contains(i.Body, "acme-canary") {
			t.Errorf("%q", i.Body)
		}
	})
	t.Run("refused", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: "/repos/acme/secret/issues", Status: 404})
			w.addTo(private, bot.FollowUpDraft{})
			w.rest(time.Hour)
			w.expect(bot.FollowUpOpen, bot.IssueFailed)
			w.issues(openRepo, 0)
		})
	})
	t.Run("public repository", func(t *testing.T) {
		bubble(t, func(p *plan) { p.settings.Followups.AllowPublic = true }, func(w *world) {
			w.hub.AddRepo(fakegithub.Repo{Name: closedRepo})
			w.addTo(private, bot.FollowUpDraft{})
			w.rest(time.Hour)
			w.expect(bot.FollowUpOpen, bot.IssueFailed)
			w.issues(closedRepo, 0)
		})
	})
	t.Run("repository changed in the configuration", func(t *testing.T) {
		still(t, nil, func(w *world) {
			w.addTo(private, bot.FollowUpDraft{})
			w.g.settings().PrivateRepo = "acme/other"
			w.done(jobOpen, 1)
			w.expect(bot.FollowUpOpen, bot.IssueFailed)
			w.issues(closedRepo, 0)
		})
	})
}

func TestAPublicRepositoryThatIsAllowed(t *testing.T) {
	bubble(t, func(p *plan) { p.settings.Followups.AllowPublic = true }, func(w *world) {
		w.hub.AddRepo(fakegithub.Repo{Name: openRepo})
		w.add(bot.FollowUpDraft{})
		w.rest(time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
	})
}

// A bad assignee keeps the issue, and is told.
func TestABadAssigneeKeepsTheIssue(t *testing.T) {
	for name, before := range map[string]func(*world){
		"not assignable": func(w *world) { w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true}) },
		"ignored": func(w *world) {
			w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true})
			w.hub.Fail(fakegithub.Fault{Method: http.MethodGet, Path: "/repos/acme/postmortems/assignees/", Status: 204, Times: -1})
		},
		"refused": func(w *world) {
			w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath + "/1/assignees", Status: 403, Times: -1})
		},
		"path tricks": func(w *world) { w.g.settings().Logins[ana] = "../../user" },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				before(w)
				w.add(bot.FollowUpDraft{Owner: ana})
				w.rest(time.Minute)
				f := w.expect(bot.FollowUpOpen, bot.IssueOpened)
				if f.Issue.Assignee != "" || len(w.issues(openRepo, 1)[0].Assignees) != 0 || f.Owner != ana {
					t.Errorf("assigned %+v", f.Issue)
				}
				told := func() (n int) {
					for _, e := range w.record() {
						if e.Data.FollowUp.What == bot.DeedUnassigned && e.Data.FollowUp.Login == w.g.settings().Logins[ana] && e.Text != "" {
							n++
							if name == "path tricks" && e.Text != "that is no login of GitHub" {
								t.Errorf("GitHub was asked: %q", e.Text)
							}
						}
					}
					return n
				}
				if told() != 1 {
					t.Errorf("told %d times", told())
				}
				w.set(1, bot.FollowUpDone)
				w.rest(time.Minute)
				if told() != 1 {
					t.Errorf("told %d times after another push", told())
				}
				w.quiet()
			})
		})
	}
}

func TestAdopting(t *testing.T) {
	adopt := bot.FollowUpDraft{Repo: "Acme/Postmortems", Issue: 1}
	open := func(w *world) {
		_, err := w.hub.As("ben").Open(w.ctx, openRepo, "Fix the @queue", "People wrote this.\nDue: 2020-01-01\n")
		w.must(err)
	}
	bubble(t, nil, func(w *world) {
		open(w)
		w.add(adopt)
		w.rest(time.Minute)
		f := w.expect(bot.FollowUpOpen, bot.IssueOpened)
		if f.Text.String() != "Fix the @queue" || f.Issue.Repo != openRepo {
			t.Errorf("%q in %s", f.Text, f.Issue.Repo)
		}
		i := w.issues(openRepo, 1)[0]
		if strings.Join(i.Labels, " ") != "postmortem" {
			t.Errorf("labels %v", i.Labels)
		}
		w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error { return bot.DueFollowUp(work, f, "2026-12-01", "later") }))
		w.set(1, bot.FollowUpDone)
		w.rest(time.Minute)
		after := w.issues(openRepo, 1)[0]
		if after.Body != i.Body || after.State != "closed" {
			t.Errorf("%s: %q", after.State, after.Body)
		}
		w.quiet()
	})
	t.Run("closed", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			open(w)
			w.must(w.hub.As("ben").Close(w.ctx, openRepo, 1, "not_planned"))
			w.add(adopt)
			w.rest(time.Minute)
			w.expect(bot.FollowUpDropped, bot.IssueOpened)
		})
	})
	t.Run("transferred", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			open(w)
			_, err := w.hub.As("ben").Transfer(w.ctx, openRepo, 1, closedRepo)
			w.must(err)
			w.add(adopt)
			w.rest(time.Minute)
			if f := w.expect(bot.FollowUpOpen, bot.IssueOpened); f.Issue.Repo != closedRepo || f.Issue.Number != 1 {
				t.Errorf("%+v", f.Issue)
			}
		})
	})
	for name, c := range map[string]struct {
		before func(*world)
		want   string
	}{
		"not there":    {func(*world) {}, "is not there"},
		"pull request": {func(w *world) { _, err := w.hub.As("ben").OpenPull(w.ctx, openRepo, "change"); w.must(err) }, "is a pull request"},
		"deleted":      {func(w *world) { open(w); w.must(w.hub.As("ben").Delete(w.ctx, openRepo, 1)) }, "was deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				c.before(w)
				w.add(adopt)
				w.rest(time.Minute)
				if f := w.expect(bot.FollowUpOpen, bot.IssueFailed); !strings.Contains(f.Issue.Why, c.want) {
					t.Errorf("%q", f.Issue.Why)
				}
			})
		})
	}
}
