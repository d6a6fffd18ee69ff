package github

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// talk is a client of a small server.
func talk(t *testing.T, h http.HandlerFunc) *client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := newClient(Config{APIURL: s.URL + "/", Redactor: wire.NewRedactor(hubToken)}, newAuth(hubToken))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

// A token goes to the API's host and to no other, whatever the answer says.
func TestTheTokenStaysOnItsHost(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked++ }))
	defer other.Close()
	c := talk(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+hubToken {
			t.Error("not signed in")
		}
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusMovedPermanently)
	})
	if _, err := c.issue(t.Context(), openRepo, 1); statusOf(err) != 301 {
		t.Errorf("%v", err)
	}
	if asked != 0 {
		t.Error("the other host was asked")
	}
	rt := &transport{base: c.api.BaseURL, reads: http.DefaultTransport, writes: http.DefaultTransport, auth: c.auth}
	req := httptest.NewRequest(http.MethodGet, other.URL, nil)
	if res, err := rt.RoundTrip(req); err == nil {
		res.Body.Close()
		t.Error("the transport goes anywhere")
	}
}

func TestRedirectsOfReadingsOnly(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var did []string
		c := talk(t, func(w http.ResponseWriter, r *http.Request) {
			did = append(did, r.Method+" "+r.URL.Path)
			if strings.HasPrefix(r.URL.Path, "/moved/") {
				_, _ = w.Write([]byte(`{"number":7,"state":"open"}`))
				return
			}
			http.Redirect(w, r, "/moved/7", status)
		})
		if i, err := c.issue(t.Context(), openRepo, 1); err != nil || i.GetNumber() != 7 {
			t.Errorf("%d: reading: %v %v", status, i, err)
		}
		did = nil
		if _, err := c.edit(t.Context(), openRepo, 1, &gh.IssueRequest{State: gh.String("closed")}); statusOf(err) != status {
			t.Errorf("%d: writing: %v", status, err)
		}
		if len(did) != 1 {
			t.Errorf("%d: writing did %v", status, did)
		}
	}
	n := 0
	c := talk(t, func(w http.ResponseWriter, r *http.Request) { n++; http.Redirect(w, r, "/more", http.StatusFound) })
	if _, err := c.issue(t.Context(), openRepo, 1); err == nil || n != maxHops+1 {
		t.Errorf("%d hops: %v", n, err)
	}
}

// What the library would put into a path as it is does not get there.
func TestNamesThatChangeThePath(t *testing.T) {
	c := talk(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	for _, repo := range []string{"../../user", "a/..", "a/.", "a/b/c", "a", "", "/", "a/", "/b", "a b/c", "a/b?x=1", "a/b#c", "a/%2e%2e", "é/b", "a/b\n", "-a/b"} {
		if _, err := c.issue(t.Context(), repo, 1); err == nil {
			t.Errorf("%q was taken", repo)
		}
	}
}

// Each row is an answer to a write, and what it proves.
func TestWhatAFaultProves(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		header map[string]string
		want   faultKind
		text   string
	}{
		{"400", 400, `{"message":"Problems parsing JSON"}`, nil, refused, "GitHub answered 400 Problems parsing JSON"},
		{"401", 401, `{"message":"Bad credentials"}`, nil, refused, "401"},
		{"401 with OTP", 401, `{"message":"Must specify OTP"}`, map[string]string{"X-GitHub-OTP": "required; app"}, refused, "401"},
		{"403", 403, `{"message":"Forbidden"}`, nil, refused, "403"},
		{"404", 404, ``, nil, refused, "404"},
		{"408", 408, ``, nil, unsure, "408"},
		{"410", 410, ``, nil, refused, "410"},
		{"422", 422, `{"message":"Validation Failed","errors":[{"field":"title","code":"invalid"}]}`, nil, refused, "(title invalid )"},
		{"429", 429, ``, nil, limited, "429"},
		{"403 abuse", 403, `{"message":"You have triggered an abuse detection mechanism."}`, nil, limited, "limit"},
		{"403 with a time", 403, `{}`, map[string]string{"Retry-After": "5"}, limited, "limit"},
		{"500", 500, ``, nil, unsure, "500"},
		{"503 with a time", 503, ``, map[string]string{"Retry-After": "5"}, unsure, "503"},
		{"202", 202, `{}`, nil, unsure, ""},
		{"200 with nothing", 200, ``, nil, unsure, "no issue"},
		{"201 with broken JSON", 201, `{"number":`, nil, unsure, ""},
		{"a secret in the answer", 400, `{"message":"` + hubToken + `"}`, nil, refused, "[redacted]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			hits := 0
			cl := talk(t, func(w http.ResponseWriter, _ *http.Request) {
				hits++
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
			_, err := cl.create(t.Context(), openRepo, &gh.IssueRequest{Title: gh.String("x")})
			var f *fault
			if !errors.As(err, &f) || f.kind != c.want || !strings.Contains(f.text, c.text) || strings.Contains(f.text, hubToken) {
				t.Errorf("%#v, want %s with %q", err, c.want, c.text)
			}
			if hits != 1 {
				t.Errorf("%d requests", hits)
			}
		})
	}
}

// A list of issues holds pull requests, which are none.
func TestPullRequestsAreNoIssues(t *testing.T) {
	c := talk(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"number":3},{"number":2,"pull_request":{"url":"x"}}]`))
	})
	p, err := c.list(t.Context(), openRepo, "postmortem", "created", page{})
	if err != nil || len(p.issues) != 1 || p.issues[0].GetNumber() != 3 || p.oldest.GetNumber() != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}

func kindOf(err error) faultKind {
	var f *fault
	if !errors.As(err, &f) {
		return -1
	}
	return f.kind
}

func TestWhatNoAnswerProves(t *testing.T) {
	c := talk(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err := c.create(t.Context(), openRepo, &gh.IssueRequest{})
	if kindOf(err) != unsure {
		t.Errorf("dropped: %#v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := make(chan struct{})
	c = talk(t, func(http.ResponseWriter, *http.Request) { <-done })
	_, err = c.create(ctx, openRepo, &gh.IssueRequest{})
	close(done)
	if kindOf(err) != unsure {
		t.Errorf("too late: %#v", err)
	}
	s := httptest.NewServer(nil)
	s.Close()
	for name, at := range map[string]string{"refused": s.URL + "/", "guard": "http://169.254.169.254/"} {
		c, err := newClient(Config{APIURL: at, Redactor: wire.NewRedactor()}, newAuth(hubToken))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.create(t.Context(), openRepo, &gh.IssueRequest{})
		if kindOf(err) != unsent {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

// A kept connection that is dead is not used for a write: nobody could tell
// whether it had left.
func TestEachWriteHasItsConnection(t *testing.T) {
	from := map[string]int{}
	c := talk(t, func(w http.ResponseWriter, r *http.Request) {
		from[r.RemoteAddr]++
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"number":1}`))
	})
	for range 3 {
		if _, err := c.create(t.Context(), openRepo, &gh.IssueRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(from) != 3 {
		t.Errorf("%v", from)
	}
}

func appKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func TestGitHubApp(t *testing.T) {
	key, text := appKey(t)
	app := func(p *plan) {
		p.config.Token, p.config.AppID, p.config.InstallationID, p.config.PrivateKey = "", "4711", "99", text
		p.hub.Token, p.hub.AppID, p.hub.InstallationID, p.hub.PublicKey = "", "4711", "99", &key.PublicKey
	}
	fetched := func(w *world) int { return w.calls(http.MethodPost, "/app/installations/99/access_tokens") }
	bubble(t, app, func(w *world) {
		w.add(bot.FollowUpDraft{Owner: ana})
		w.rest(10 * time.Second)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		if n := fetched(w); n != 1 {
			t.Errorf("%d tokens", n)
		}
		lent := w.g.client.auth.current()
		w.rest(55 * time.Minute)
		if w.g.client.auth.current() != lent {
			t.Error("it was fetched early")
		}
		w.rest(10 * time.Minute)
		if n := fetched(w); n != 2 {
			t.Errorf("%d tokens after an hour", n)
		}
		for _, c := range w.hub.Calls() {
			if c.Status == http.StatusUnauthorized {
				t.Errorf("an old token was used: %s", c)
			}
		}
		w.hub.RevokeTokens()
		w.add(bot.FollowUpDraft{})
		w.rest(10 * time.Second)
		w.issues(openRepo, 2)
		if n := fetched(w); n != 3 {
			t.Errorf("%d tokens after a 401", n)
		}
		if strings.Contains(w.logs.String(), lent) {
			t.Error("a token is in the log")
		}
		w.quiet()
	})
	t.Run("a key that is not taken", func(t *testing.T) {
		bubble(t, func(p *plan) { app(p); other, _ := appKey(t); p.hub.PublicKey = &other.PublicKey }, func(w *world) {
			w.add(bot.FollowUpDraft{})
			w.rest(time.Minute)
			if f := w.expect(bot.FollowUpOpen, bot.IssueWanted); !strings.Contains(f.Issue.Why, "GITHUB_APP_PRIVATE_KEY") {
				t.Errorf("%q", f.Issue.Why)
			}
		})
	})
	t.Run("a 401 that stays", func(t *testing.T) {
		bubble(t, app, func(w *world) {
			w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath, Status: 401, Times: -1})
			w.add(bot.FollowUpDraft{})
			w.rest(time.Minute)
			w.expect(bot.FollowUpOpen, bot.IssueWanted)
			if n := w.calls(http.MethodPost, createPath); n != 2 {
				t.Errorf("%d posts", n)
			}
		})
	})
}

func TestConfig(t *testing.T) {
	_, text := appKey(t)
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(*Config) {}, ""},
		{func(c *Config) { c.Token = hubToken }, ""},
		{func(c *Config) { c.AppID, c.InstallationID, c.PrivateKey = "1", "2", text }, ""},
		{func(c *Config) {
			c.AppID, c.InstallationID, c.PrivateKey = "1", "2", strings.ReplaceAll(text, "\n", `\n`)
		}, ""},
		{func(c *Config) { c.APIURL = "https://ghe.example.com/api/v3/" }, ""},
		{func(c *Config) { c.Token = hubToken + "\n" }, "GITHUB_TOKEN"},
		{func(c *Config) { c.Token, c.AppID = hubToken, "1" }, "GITHUB_TOKEN"},
		{func(c *Config) { c.AppID = "1" }, "GITHUB_APP_INSTALLATION_ID"},
		{func(c *Config) { c.InstallationID, c.PrivateKey = "2", text }, "GITHUB_APP_ID"},
		{func(c *Config) { c.AppID, c.InstallationID, c.PrivateKey = "1", "x", text }, "GITHUB_APP_INSTALLATION_ID"},
		{func(c *Config) { c.AppID, c.InstallationID, c.PrivateKey = "1", "2", "nonsense-canary" }, "GITHUB_APP_PRIVATE_KEY"},
		{func(c *Config) { c.APIURL = "https://ghe.example.com/api/v3" }, "GITHUB_API_URL"},
		{func(c *Config) { c.APIURL = "ftp://ghe.example.com/" }, "GITHUB_API_URL"},
		{func(c *Config) { c.WebhookSecret = "short" }, "GITHUB_WEBHOOK_SECRET"},
		{func(c *Config) { c.Bot.Settings.Followups.Labels = []string{"a,b"} }, "followups.labels"},
	} {
		set := bot.Defaults()
		config := Config{Bot: &bot.Bot{Settings: &set, Now: time.Now}}
		c.change(&config)
		_, err := New(config)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%v, want %q", err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), hubToken)) {
			t.Errorf("a secret is in %v", err)
		}
	}
}
