package slack

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// post sends a body as Slack would, signed with secret at a time.
func (w *world) post(path, body, secret string, at time.Time) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, path, strings.NewReader(body))
	signer, err := wire.NewSlackSigner(secret)
	if err != nil {
		w.t.Fatal(err)
	}
	signer.Sign(r.Header, []byte(body), at)
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	return rec
}

func (w *world) signed(path, body string) *httptest.ResponseRecorder {
	return w.post(path, body, testSecret, time.Now())
}

func commandForm(text string, more ...string) string {
	f := url.Values{"command": {"/incident"}, "text": {text}, "user_id": {ana}, "team_id": {"T0DEMO"}, "channel_id": {"C000000001"}, "trigger_id": {"1.2.t"}}
	for k := 0; k+1 < len(more); k += 2 {
		f.Set(more[k], more[k+1])
	}
	return f.Encode()
}

func TestOnlySignedRequests(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		body := commandForm("declare Forged")
		for _, path := range []string{"/slack/commands", "/slack/interactions", "/slack/events"} {
			for name, rec := range map[string]*httptest.ResponseRecorder{
				"other secret": w.post(path, body, strings.Repeat("x", 32), time.Now()),
				"too old":      w.post(path, body, testSecret, time.Now().Add(-6*time.Minute)),
				"future":       w.post(path, body, testSecret, time.Now().Add(6*time.Minute)),
			} {
				if rec.Code != http.StatusUnauthorized || rec.Body.Len() > 0 {
					t.Errorf("%s %s: %d %q", path, name, rec.Code, rec.Body)
				}
			}
			r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, path, strings.NewReader(body))
			rec := httptest.NewRecorder()
			if w.mux.ServeHTTP(rec, r); rec.Code != http.StatusUnauthorized {
				t.Errorf("%s unsigned: %d", path, rec.Code)
			}
			if rec := w.signed(path, strings.Repeat("x", maxBody+1)); rec.Code != http.StatusRequestEntityTooLarge {
				t.Errorf("%s too long: %d", path, rec.Code)
			}
		}
		if n := w.talk.count.Load(); n != 0 {
			t.Errorf("%d requests came through", n)
		}
		if rec := w.signed("/slack/commands", body); rec.Code != http.StatusOK || w.talk.count.Load() != 1 {
			t.Errorf("signed: %d", rec.Code)
		}
	})
}

func TestBothSecretsWhileRotating(t *testing.T) {
	t.Parallel()
	old := strings.Repeat("o", 32)
	s, err := New(Config{BotToken: "x", SigningSecrets: []string{testSecret, old}})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s.Mount(mux)
	w := &world{t: t, ctx: t.Context(), mux: mux}
	for _, secret := range []string{testSecret, old} {
		if rec := w.post("/slack/events", `{"type":"url_verification","challenge":"c"}`, secret, time.Now()); rec.Code != http.StatusOK || rec.Body.String() != `{"challenge":"c"}` {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
	for _, c := range []Config{{}, {BotToken: "x", SigningSecrets: []string{"short"}}, {BotToken: "x", SigningSecrets: []string{testSecret, ""}}, {BotToken: "x", APIURL: "slack.com"}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
	// Socket Mode: no secret, no paths.
	s, err = New(Config{BotToken: "x"})
	if err != nil {
		t.Fatal(err)
	}
	w.mux = http.NewServeMux()
	s.Mount(w.mux)
	if rec := w.signed("/slack/events", "{}"); rec.Code != http.StatusNotFound {
		t.Errorf("without a secret: %d", rec.Code)
	}
}

func TestCommandIsDecoded(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.signed("/slack/commands", commandForm("  hello <@U0000BEN1|ben> &amp;lt; <#C000000001|x> <http://a.test|a.test> \u202e", "response_url", "https://hooks.slack.com/x", "thread_ts", "1.2"))
		r := w.talk.seen.Load()
		want := bot.Join("hello ", bot.MentionUser(ben), " &lt; ", bot.MentionChannel("C000000001"), " a.test")
		if r.Line != want || r.Key != "slack:1.2.t" || r.User != ana || r.Channel != "C000000001" || r.Via != bot.ViaSlack || r.ReplyURL == "" || r.At.IsZero() {
			t.Errorf("%+v", r)
		}
		for body, code := range map[string]int{"ssl_check=1&token=x": 200, "a=%zz": 400, "text=hi": 400} {
			if rec := w.signed("/slack/commands", body); rec.Code != code || rec.Body.Len() > 0 {
				t.Errorf("%s: %d %s", body, rec.Code, rec.Body)
			}
		}
		rec := w.signed("/slack/commands", commandForm("declare x", "team_id", "T0OTHER"))
		if w.talk.count.Load() != 1 || !strings.Contains(rec.Body.String(), "another workspace") {
			t.Errorf("another team: %s", rec.Body)
		}
	})
}

// TestOnce: the same command any number of times is one incident.
func TestOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		done := make(chan string, 5)
		for range 5 {
			go func() { done <- w.signed("/slack/commands", commandForm("declare Once")).Body.String() }()
		}
		first := <-done
		for range 4 {
			if again := <-done; again != first || !strings.Contains(again, "Declared") {
				t.Errorf("%q and %q", first, again)
			}
		}
		w.rest(time.Minute)
		if n := len(w.fake.Calls("conversations.create")); n != 1 {
			t.Errorf("%d channels", n)
		}
	})
}

func TestErrorsHandTheLineBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		a := w.slash(ana, "general", "wrong <b> & @ben")
		for _, part := range []string{"That is wrong, @ben.", "/incident wrong <b> & @ben", "Try the other one.", "[Other one]"} {
			if !strings.Contains(a.Text, part) {
				t.Errorf("%q is missing in:\n%s", part, a.Text)
			}
		}
		if a.Message.EphemeralTo != ana {
			t.Error("others see it")
		}
		for _, line := range []string{"broken line", "panic now"} {
			a := w.slash(ana, "general", line)
			_, rest, _ := strings.Cut(a.Text, "has it as `")
			ref, _, _ := strings.Cut(rest, "`")
			if !strings.Contains(a.Text, "Sorry") || !strings.Contains(a.Text, "/incident "+line) || len(ref) != 8 || !strings.Contains(w.logs.String(), "ref="+ref) {
				t.Errorf("%s", a.Text)
			}
			if strings.Contains(a.Text, "fire") || strings.Contains(a.Text, "purpose") {
				t.Error("our fault is shown in detail")
			}
		}
	})
}

// TestUndecided: what may be done, or may not, is called neither; a form does not
// stay open to be sent again.
func TestUndecided(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		check := func(shown string) {
			t.Helper()
			for _, part := range []string{"not known whether this was done", "Look first, with list or show"} {
				if !strings.Contains(shown, part) {
					t.Errorf("%q is missing in:\n%s", part, shown)
				}
			}
			for _, part := range []string{"Nothing was changed", "secret"} {
				if strings.Contains(shown, part) {
					t.Errorf("%q is shown in:\n%s", part, shown)
				}
			}
		}
		check(w.slash(ana, "general", "undecided line").Text)
		if !strings.Contains(w.logs.String(), "secret detail") {
			t.Error("the log does not say why")
		}
		w.talk.extra = func(bot.Request) bot.Reply {
			return bot.Reply{Form: &bot.Form{Verb: "undecided", Title: "T", Inputs: []bot.FormInput{{Name: "text", Kind: bot.InputText, Label: "Text"}}}}
		}
		w.slash(ana, "general", "extra")
		w.rest(time.Second)
		a, err := w.fake.As(ana).Submit(w.ctx, w.fake.As(ana).Views()[0].ID, map[string]string{"text": "abc"})
		if err != nil || a.View == nil {
			t.Fatalf("the form stays: %v %+v", err, a)
		}
		check(w.fake.PlainView(*a.View))
	})
}

func TestSlowDispatcher(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.talk.slow.Store(int64(10 * time.Second))
		start := time.Now()
		a := w.slash(ana, "general", "hello")
		if time.Since(start) > 2600*time.Millisecond || !strings.Contains(a.Text, "Working on it") {
			t.Errorf("after %s: %s", time.Since(start), a.Text)
		}
		w.rest(10 * time.Second)
		w.once(w.whispered("general", ana), "Hello @ana.")
	})
}

// TestHungSlack: commands are answered at once while nothing of Slack answers.
func TestHungSlack(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.fake.Inject(fakeslack.Fault{Hang: true, Times: -1})
		start := time.Now()
		w.slash(ana, "general", "declare Everything hangs")
		w.slash(ana, "general", "update It does")
		if d := time.Since(start); d > time.Second {
			t.Errorf("it took %s", d)
		}
		w.rest(5 * time.Minute)
		if ok, since, detail := w.slack.Health(); ok || !strings.Contains(detail, "reached") || time.Since(since) < time.Minute {
			t.Errorf("healthy: %v %s %s", ok, since, detail)
		}
		w.fake.ClearFaults()
		w.rest(10 * time.Minute)
		if ok, _, detail := w.slack.Health(); !ok {
			t.Error(detail)
		}
		w.once(w.said(string(w.incident(1).Channel))[1:], "It does")
	})
}

func TestLongReply(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		a := w.slash(ana, "general", "long")
		w.rest(time.Minute)
		n := strings.Count(strings.Join(w.whispered("general", ana), " "), "word")
		if n != 8000 {
			t.Errorf("%d of 8000 words; the answer had %d bytes", n, len(a.Body))
		}
		if len(a.Body) > maxAnswer {
			t.Errorf("the answer has %d bytes", len(a.Body))
		}
	})
}

func TestResponseHosts(t *testing.T) {
	t.Parallel()
	s, err := New(Config{BotToken: "x"})
	if err != nil {
		t.Fatal(err)
	}
	local, err := New(Config{BotToken: "x", APIURL: "http://127.0.0.1:9999/api/"})
	if err != nil {
		t.Fatal(err)
	}
	for to, want := range map[string]bool{
		"https://hooks.slack.com/commands/1": true, "https://x.slack.com/": true, "https://hooks.slack-gov.com/1": true, "https://slack.com/x": true,
		"http://hooks.slack.com/1": false, "https://slack.com.evil.test/": false, "https://evilslack.com/": false, "https://hooks.slack.com@evil.test/": false,
		"https://u:p@hooks.slack.com/": false, "https://169.254.169.254/": false, "": false, "https://hooks.slack.com:8443/": false, "http://127.0.0.1:9999/r": false,
	} {
		if got := s.trusted(to); got != want {
			t.Errorf("%s: %v", to, got)
		}
	}
	if !local.trusted("http://127.0.0.1:9999/response/1") || local.trusted("http://127.0.0.1:80/") || local.trusted("ftp://127.0.0.1:9999/") {
		t.Error("the configured API's host")
	}
	if err := s.postURL(t.Context(), "https://evil.test/secret-path", response{}); err == nil || strings.Contains(err.Error(), "secret-path") {
		t.Errorf("%v", err)
	}
}

// TestSecretsStayOut: whatever fails, neither the token nor a response URL is
// in the logs.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		for _, f := range []fakeslack.Fault{{Hang: true}, {DropAfterCommit: true}, {Status: 500}, {Error: "invalid_auth"}, {Error: "fatal_error"}} {
			f.Times = 12
			w.fake.Inject(f)
		}
		a := w.slash(ana, "general", "declare A canary-title")
		w.slash(ana, "general", "form")
		w.slash(ana, "general", "long")
		w.rest(40 * time.Minute)
		_, hook, _ := strings.Cut(a.ResponseURL, "/response/")
		for _, canary := range []string{testToken, testSecret, hook} {
			if canary == "" || strings.Contains(w.logs.String(), canary) {
				t.Errorf("%q is in the log", canary)
			}
		}
		for _, j := range w.jobs(bot.JobWaiting, bot.JobFailed, bot.JobDone) {
			if s := string(j.Payload) + j.LastError; strings.Contains(s, hook) || strings.Contains(s, "canary-title") || strings.Contains(s, testToken) {
				t.Errorf("job %d holds %s", j.ID, s)
			}
		}
	})
}

func TestShutdownFinishes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.talk.slow.Store(int64(5 * time.Second))
		w.slash(ana, "general", "hello")
		w.close() // waits for the answer
		w.once(w.whispered("general", ana), "Hello @ana.")
	})
}

// TestVector is Slack's own example of a signed request.
func TestVector(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
		time.Sleep(time.Until(time.Unix(1531420618, 0)))
		r := httptest.NewRequestWithContext(w.ctx, http.MethodPost, "/slack/commands", strings.NewReader(body))
		r.Header.Set("X-Slack-Request-Timestamp", "1531420618")
		r.Header.Set("X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")
		rec := httptest.NewRecorder()
		if w.mux.ServeHTTP(rec, r); rec.Code != http.StatusOK {
			t.Errorf("%d", rec.Code)
		}
	})
}

func responseOf(t *testing.T, rec *httptest.ResponseRecorder) (r struct {
	ResponseType string `json:"response_type"`
	Parse        string `json:"parse"`
	Text         string `json:"text"`
}) {
	t.Helper()
	if err := json.Unmarshal(rec.Body.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnswerIsPlain(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		r := responseOf(t, w.signed("/slack/commands", commandForm("hello")))
		if r.ResponseType != "ephemeral" || r.Parse != "none" || r.Text != "Hello <@"+ana+">." {
			t.Errorf("%+v", r)
		}
	})
}
