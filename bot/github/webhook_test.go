package github

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

func TestWhatPeopleDoOnGitHub(t *testing.T) {
	opened(t, nil, func(w *world) {
		by := w.hub.As("cy")
		w.rest(time.Second)
		w.must(by.Close(w.ctx, openRepo, 1, "completed"))
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		all := w.record()
		last := all[len(all)-1]
		if last.Via != bot.ViaGitHub || last.Data.FollowUp.Login != "cy" || last.Data.FollowUp.State != bot.FollowUpDone {
			t.Errorf("recorded %+v %+v", last, last.Data.FollowUp)
		}
		w.rest(time.Second)
		w.must(by.Reopen(w.ctx, openRepo, 1))
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.rest(time.Second)
		w.must(by.Close(w.ctx, openRepo, 1, "not_planned"))
		w.expect(bot.FollowUpDropped, bot.IssueOpened)
		w.rest(time.Second)
		w.must(by.Reopen(w.ctx, openRepo, 1))
		w.rest(time.Second)
		moved, err := by.Transfer(w.ctx, openRepo, 1, closedRepo)
		w.must(err)
		if f := w.expect(bot.FollowUpOpen, bot.IssueOpened); f.Issue.Repo != closedRepo || f.Issue.Number != moved.Number || f.Issue.URL != moved.URL {
			t.Errorf("%+v, want %+v", f.Issue, moved)
		}
		w.rest(time.Second)
		w.must(by.Delete(w.ctx, closedRepo, moved.Number))
		if f := w.expect(bot.FollowUpOpen, bot.IssueGone); f.Issue.Why != "it was deleted on GitHub by cy" {
			t.Errorf("%q", f.Issue.Why)
		}
		for _, d := range w.hub.Deliveries() {
			if d.Status/100 != 2 {
				t.Errorf("%s %s was answered with %d", d.Event, d.Action, d.Status)
			}
		}
	})
}

func TestARedeliveryHasNoSecondEffect(t *testing.T) {
	opened(t, nil, func(w *world) {
		w.rest(time.Second)
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, ""))
		all := w.hub.Deliveries()
		closing := all[len(all)-1]
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		before := len(w.record())
		w.must(w.hub.Redeliver(closing.GUID))
		w.must(w.hub.Redeliver(all[0].GUID)) // that it was opened
		if n := len(w.record()); n != before {
			t.Errorf("%d entries more", n-before)
		}
		w.issues(openRepo, 1)
		w.rest(time.Second)
		w.must(w.hub.As("cy").Reopen(w.ctx, openRepo, 1))
		w.must(w.hub.Redeliver(closing.GUID))
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
	})
}

// Deliveries come in any order: what is older changes nothing.
func TestAnOlderEventNeverWins(t *testing.T) {
	opened(t, nil, func(w *world) {
		by := w.hub.As("cy")
		w.hub.PauseWebhooks()
		w.rest(time.Second)
		w.must(by.Close(w.ctx, openRepo, 1, ""))
		w.rest(time.Second)
		w.must(by.Reopen(w.ctx, openRepo, 1))
		all := w.hub.Deliveries()
		w.must(w.hub.Redeliver(all[len(all)-1].GUID))
		w.must(w.hub.Redeliver(all[len(all)-2].GUID))
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
	})
}

// While GitHub does not have our last change, what it says is out of date; once it
// has it, the poll brings what was said in between.
func TestEventsWhilePendingAreIgnored(t *testing.T) {
	opened(t, nil, func(w *world) {
		w.set(1, bot.FollowUpDone)
		w.rest(5 * time.Second)
		w.net.down.Store(true)
		w.set(1, bot.FollowUpOpen) // which GitHub does not learn
		w.rest(time.Second)
		w.must(w.hub.As("cy").Reopen(w.ctx, openRepo, 1))
		w.rest(time.Second)
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, ""))
		if f := w.expect(bot.FollowUpOpen, bot.IssueOpened); !f.Issue.Pending() {
			t.Fatal("nothing is pending")
		}
		w.net.down.Store(false)
		w.rest(10 * time.Minute)
		if i := w.hubIssue(); i.State != "open" {
			t.Errorf("GitHub has %s", i.State)
		}
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.quiet()
	})
}

// Our own change comes back while the next one is on its way.
func TestOurOwnChangesComingBackChangeNothing(t *testing.T) {
	opened(t, nil, func(w *world) {
		before := len(w.record())
		for _, s := range []bot.FollowUpState{bot.FollowUpDone, bot.FollowUpOpen, bot.FollowUpDone} {
			w.set(1, s)
			w.rest(5 * time.Second)
		}
		for _, d := range w.hub.Deliveries() {
			w.must(w.hub.Redeliver(d.GUID))
		}
		w.rest(time.Hour)
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		if n := len(w.record()); n != before+3 {
			t.Errorf("%d entries, want 3", n-before)
		}
	})
}

// Whoever copies an issue copies its marker, and gets no item.
func TestACopiedMarkerAdoptsNothing(t *testing.T) {
	opened(t, nil, func(w *world) {
		_, err := w.hub.As("cy").Open(w.ctx, openRepo, "copy", w.hubIssue().Body)
		w.must(err)
		if f := w.expect(bot.FollowUpOpen, bot.IssueOpened); f.Issue.Number != 1 {
			t.Errorf("%+v", f.Issue)
		}
		body := w.hubIssue().Body
		w.must(w.hub.As("cy").Delete(w.ctx, openRepo, 1))
		_, err = w.hub.As("cy").Open(w.ctx, openRepo, "copy", body)
		w.must(err)
		w.expect(bot.FollowUpOpen, bot.IssueGone)
	})
	t.Run("elsewhere", func(t *testing.T) {
		bubble(t, func(p *plan) { p.settings.Followups.PrivateRepo = "" }, func(w *world) {
			w.hub.PauseWebhooks()
			w.hub.Fail(failDropped())
			w.add(bot.FollowUpDraft{})
			w.rest(2 * time.Second)
			f := w.expect(bot.FollowUpOpen, bot.IssueUnknown)
			w.hub.DropWebhooks()
			w.hub.ResumeWebhooks()
			_, err := w.hub.As("cy").Open(w.ctx, closedRepo, "copy", marker(f.Key))
			w.must(err)
			w.expect(bot.FollowUpOpen, bot.IssueUnknown)
		})
	})
}

func TestRefusedDeliveries(t *testing.T) {
	opened(t, nil, func(w *world) {
		body := `{"action":"closed","issue":{"number":1,"state":"closed","updated_at":"2100-01-01T00:00:00Z"},"repository":{"full_name":"` + openRepo + `"},"sender":{"login":"mallory"}}`
		sha := func(h http.Header, b []byte) {
			m := hmac.New(sha1.New, []byte(hookSecret))
			m.Write(b)
			h.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(m.Sum(nil)))
		}
		other := func(h http.Header, b []byte) {
			s, err := wire.NewGitHubSigner("ffffffffffffffffffffffffffffffff")
			w.must(err)
			s.Sign(h, b, time.Time{})
		}
		for _, c := range []struct {
			name, id, event, body string
			sign                  func(http.Header, []byte)
			want                  int
		}{
			{"unsigned", "11111111-1", "issues", body, func(http.Header, []byte) {}, 401},
			{"SHA-1 alone", "11111111-2", "issues", body, sha, 401},
			{"forged", "11111111-3", "issues", body, other, 401},
			{"another body's signature", "11111111-4", "issues", body, func(h http.Header, _ []byte) { w.sign(h, []byte("{}")) }, 401},
			{"empty signature", "11111111-5", "issues", body, func(h http.Header, _ []byte) { h.Set(wire.GitHubSignatureHeader, "") }, 401},
			{"two signatures", "11111111-6", "issues", body, func(h http.Header, b []byte) { w.sign(h, b); h.Add(wire.GitHubSignatureHeader, "sha256=00") }, 401},
			{"no delivery", "", "issues", body, nil, 400},
			{"no JSON", "11111111-7", "issues", "payload=%7B%7D", nil, 400},
			{"no issue", "11111111-8", "issues", `{"action":"closed"}`, nil, 400},
			{"strange repository", "11111111-9", "issues", strings.ReplaceAll(body, openRepo, "../x"), nil, 400},
			{"too long", "22222222-1", "issues", strings.Repeat(" ", maxHook+1), nil, 413},
			{"ping", "22222222-2", "ping", `{"zen":"x"}`, nil, 204},
			{"another event", "22222222-3", "sub_issues", `{}`, nil, 204},
			{"another action", "22222222-4", "issues", strings.Replace(body, `"closed"`, `"pinned"`, 1), nil, 204},
			{"a pull request", "22222222-5", "issues", strings.Replace(body, `"number":1`, `"number":1,"pull_request":{"url":"x"}`, 1), nil, 204},
			{"transferred to nowhere", "22222222-6", "issues", strings.Replace(body, `"closed"`, `"transferred"`, 1), nil, 204},
			{"an issue of nobody's", "22222222-7", "issues", strings.Replace(body, `"number":1`, `"number":99`, 1), nil, 200},
		} {
			if got := w.deliver(c.id, c.event, c.body, c.sign); got != c.want {
				t.Errorf("%s: %d, want %d", c.name, got, c.want)
			}
		}
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		// The very same with a signature counts, in another spelling of the name too.
		if got := w.deliver("33333333-1", "issues", strings.ReplaceAll(body, openRepo, "Acme/PostMortems"), nil); got != 200 {
			t.Errorf("%d", got)
		}
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		// Its id is taken now, whatever comes under it.
		again := strings.NewReplacer(`"closed"`, `"reopened"`, `"state":"closed"`, `"state":"open"`, "2100", "2101").Replace(body)
		if got := w.deliver("33333333-1", "issues", again, nil); got != 200 {
			t.Errorf("%d", got)
		}
		w.expect(bot.FollowUpDone, bot.IssueOpened)
		if got := w.deliver("33333333-2", "issues", strings.Replace(again, `"state":"closed"`, `"state":"open"`, 1), nil); got != 200 {
			t.Errorf("%d", got)
		}
	})
}

func TestWithoutASecretThePathIsOff(t *testing.T) {
	still(t, func(p *plan) { p.config.WebhookSecret = "" }, func(w *world) {
		if got := w.deliver("11111111-1", "issues", "{}", func(http.Header, []byte) {}); got != 404 {
			t.Errorf("%d", got)
		}
	})
	still(t, nil, func(w *world) {
		rec := httptest.NewRecorder()
		w.mux.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/github/webhooks", nil))
		if rec.Code != 405 {
			t.Errorf("%d", rec.Code)
		}
	})
}

// A delivery that could not be kept may be sent again.
func TestADeliveryThatCouldNotBeKept(t *testing.T) {
	opened(t, nil, func(w *world) {
		body := `{"action":"closed","issue":{"number":1,"state":"closed","updated_at":"2100-01-01T00:00:00Z"},"repository":{"full_name":"` + openRepo + `"}}`
		synctest.Wait()
		store := w.bot.Store
		broken := &breaking{Store: store}
		broken.fail.Store(true)
		w.g.bot = bot.New(broken, w.bot.Settings, w.bot.Log)
		if got := w.deliver("11111111-1", "issues", body, nil); got != 503 {
			t.Errorf("%d", got)
		}
		w.g.bot = w.bot
		if got := w.deliver("11111111-1", "issues", body, nil); got != 200 {
			t.Errorf("%d", got)
		}
		w.expect(bot.FollowUpDone, bot.IssueOpened)
	})
}

func FuzzWebhook(f *testing.F) {
	f.Add([]byte(`{"action":"closed","issue":{"number":1,"state":"closed","updated_at":"2100-01-01T00:00:00Z"},"repository":{"full_name":"a/b"},"sender":{"login":"x[bot]"}}`))
	f.Add([]byte(`{"action":"opened","issue":{"number":1,"body":"<!-- tocsin:item=AAAAAAAAAAAAAAAAAAAAAAAAAA -->"},"repository":{"full_name":"a/b"}}`))
	f.Add([]byte(`{"action":"transferred","issue":{"number":1},"repository":{"full_name":"a/b"},"changes":{"new_issue":{"number":2,"html_url":"x"},"new_repository":{"full_name":"c/d"}}}`))
	f.Add([]byte(`{"action":"edited","issue":{"number":1},"repository":{"full_name":"a/b"},"changes":{"title":{"from":"x"}}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := readHook(body)
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Error("it is no JSON")
		}
		h.effect()
		if _, _, err := split(h.found().Repo); err != nil {
			t.Errorf("%q is taken for a repository", h.found().Repo)
		}
		if h.Action == "transferred" && h.effect() != nil {
			if at := h.transferred(); at.Number <= 0 || !isRepo(at.Repo) {
				t.Errorf("transferred to %+v", at)
			}
		}
		if l := strings.TrimSuffix(h.Sender.Login, "[bot]"); l != "" && !loginName.MatchString(l) {
			t.Errorf("%q is taken for a login", l)
		}
	})
}
