package fakeslack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

// ask sends a raw request, such as "POST auth.test", and returns the decoded answer.
func (w *world) ask(target, contentType, auth, body string) map[string]any {
	w.t.Helper()
	method, path, _ := strings.Cut(target, " ")
	r, _ := http.NewRequest(method, "https://slack.test/api/"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if auth != "" {
		r.Header.Set("Authorization", "Bearer "+auth)
	}
	resp, err := w.http.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	var o map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&o); err != nil {
		w.t.Fatal(err)
	}
	return o
}

func TestBodiesAndTokens(t *testing.T) {
	w := newWorld(t)
	const form, js = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	var parts bytes.Buffer
	mw := multipart.NewWriter(&parts)
	_ = mw.WriteField("channel", w.general)
	_ = mw.WriteField("text", "hi")
	_ = mw.Close()
	blocks := `[{"type":"divider"}]`
	for _, c := range []struct{ name, method, path, kind, auth, body, want string }{
		{"form with token", "POST", "chat.postMessage", form, "", "token=" + testToken + "&text=hi&channel=" + w.general, ""},
		{"form with header", "POST", "chat.postMessage", form, testToken, "text=hi&channel=" + w.general, ""},
		{"form with blocks", "POST", "chat.postMessage", form, testToken, "channel=" + w.general + "&blocks=" + url.QueryEscape(blocks), ""},
		{"json", "POST", "chat.postMessage", js, testToken, `{"text":"hi","unfurl_links":false,"channel":"` + w.general + `"}`, ""},
		{"json blocks", "POST", "chat.postMessage", js, testToken, `{"channel":"` + w.general + `","blocks":` + blocks + `}`, ""},
		{"json blocks as text", "POST", "chat.postMessage", js, testToken, `{"channel":"` + w.general + `","blocks":"[{\"type\":\"divider\"}]"}`, ""},
		{"multipart", "POST", "chat.postMessage", mw.FormDataContentType(), testToken, parts.String(), ""},
		{"get", "GET", "conversations.info?channel=" + w.general, "", testToken, "", ""},
		{"token in the query", "GET", "auth.test?token=" + testToken, "", "", "", "not_authed"},
		{"no token", "POST", "auth.test", form, "", "", "not_authed"},
		{"wrong token", "POST", "auth.test", form, "xoxb-other", "", "invalid_auth"},
		{"bad json", "POST", "auth.test", js, testToken, "{", "invalid_json"},
		{"unknown method", "POST", "chat.sing", form, testToken, "", "unknown_method"},
		{"missing argument", "POST", "conversations.info", form, testToken, "", "invalid_arguments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := w.ask(c.method+" "+c.path, c.kind, c.auth, c.body)
			got, _ := o["error"].(string)
			if got != c.want || o["ok"] != (c.want == "") {
				t.Errorf("%v, want error %q", o, c.want)
			}
		})
	}
	for _, c := range w.Calls() {
		if c.Args["token"] != "" || strings.Contains(string(c.Result), testToken) {
			t.Errorf("the journal holds the token: %+v", c)
		}
	}
}

func TestJournal(t *testing.T) {
	w := newWorld(t)
	w.say(w.general, text("hi"))
	_, _, _ = w.api.PostMessage("C0NONE", text("x"))
	calls := w.Calls("chat.postMessage")
	if len(calls) != 2 || calls[0].Args["text"] != "hi" || calls[0].Error != "" || calls[1].Error != "channel_not_found" || calls[0].At.IsZero() {
		t.Errorf("%+v", calls)
	}
}

func TestFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		post := func() error {
			_, _, err := w.api.PostMessage(w.general, text("x"))
			return err
		}
		w.Inject(Fault{Method: "chat.postMessage", Error: "fatal_error", Times: 2})
		wantErr(t, post(), "fatal_error")
		_, err := w.api.AuthTest()
		wantErr(t, err, "")
		wantErr(t, post(), "fatal_error")
		wantErr(t, post(), "")

		w.Inject(Fault{Method: "chat.postMessage", RetryAfter: 7})
		var limited *slack.RateLimitedError
		if err := post(); !errors.As(err, &limited) || limited.RetryAfter != 7*time.Second {
			t.Error(err)
		}
		w.Inject(Fault{Status: 503})
		var status slack.StatusCodeError
		if err := post(); !errors.As(err, &status) || status.Code != 503 {
			t.Error(err)
		}
		w.Inject(Fault{Method: "chat.postMessage", Delay: 2 * time.Second})
		start := time.Now()
		if err := post(); err != nil || time.Since(start) != 2*time.Second {
			t.Error(err, time.Since(start))
		}
		before := len(w.Messages("general"))
		w.Inject(Fault{Method: "chat.postMessage", DropAfterCommit: true})
		if err := post(); err == nil || len(w.Messages("general")) != before+1 {
			t.Error("the answer was to be lost, the message kept:", err)
		}
		w.Inject(Fault{Method: "chat.postMessage", Hang: true, Times: -1})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, _, err := w.api.PostMessageContext(ctx, w.general, text("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		synctest.Wait() // the hung request is over on the other side too
		w.ClearFaults()
		wantErr(t, post(), "")
		calls := w.Calls("chat.postMessage")
		if last := calls[len(calls)-3:]; !last[0].Dropped || last[0].Status != 200 || !last[1].Dropped || last[1].Status != 0 || last[2].Dropped {
			t.Errorf("%+v", last)
		}
	})
}

func TestFaultsOfResponseURLs(t *testing.T) {
	w := newWorld(t)
	a := must(w.As("ana").Slash(t.Context(), "general", "/incident", "x"))(t)
	w.Inject(Fault{Method: "response_url", Status: 500})
	if code, _ := w.hook(a.ResponseURL, `{"text":"x"}`); code != 500 || len(w.Messages("general")) != 0 {
		t.Error(code)
	}
	if code, body := w.hook(a.ResponseURL, `{"text":"x"}`); code != 200 || body != "ok" {
		t.Error(code, body)
	}
}

func TestRateLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(o *Options) { o.RateLimits = true })
		w.say(w.general, text("one"))
		_, _, err := w.api.PostMessage(w.general, text("two"))
		var limited *slack.RateLimitedError
		if !errors.As(err, &limited) || limited.RetryAfter != time.Second {
			t.Fatal(err)
		}
		w.say("U0ANA", text("another conversation"))
		time.Sleep(time.Second)
		w.say(w.general, text("two"))
		for i := range 21 {
			_, err = w.api.SetTopicOfConversation(w.general, strings.Repeat("x", i))
		}
		if !errors.As(err, &limited) || limited.RetryAfter != time.Minute {
			t.Error(err)
		}
		w.LimitRates(false)
		if _, err = w.api.SetTopicOfConversation(w.general, "x"); err != nil {
			t.Error(err)
		}
	})
}

func TestTimestampsFollowTheDemoClock(t *testing.T) {
	now := time.Date(2020, 1, 23, 16, 15, 0, 0, time.UTC)
	w := newWorld(t, func(o *Options) { o.Now = func() time.Time { return now } })
	first, second := w.say(w.general, text("a")), w.say(w.general, text("b"))
	if first != "1579796100.000000" || second != "1579796100.000001" {
		t.Error(first, second)
	}
	// Requests are still signed in real time: the app of the tests checks.
	must(w.As("ana").Slash(t.Context(), "general", "/incident", "x"))(t)
}

func TestMultipleClientsAtOnce(t *testing.T) {
	w := newWorld(t)
	done := make(chan error)
	for range 8 {
		go func() {
			_, _, err := w.api.PostMessage(w.general, text("x"))
			if err == nil {
				_, err = w.As("ana").Slash(t.Context(), "general", "/incident", "x")
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	seen := map[string]bool{}
	for _, m := range w.Messages("general") {
		if seen[m.TS] {
			t.Errorf("ts %s twice", m.TS)
		}
		seen[m.TS] = true
	}
}

func TestUploadWithBrokenMultipart(t *testing.T) {
	w := newWorld(t)
	u := must(w.api.GetUploadURLExternalContext(t.Context(), slack.GetUploadURLExternalParameters{FileName: "a.txt", FileSize: 2}))(t)
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhi\r\n--x--\r\n--x--\r\n"
	resp, err := w.http.Post(u.UploadURL, "multipart/form-data; boundary=x", strings.NewReader(body))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	if b, _ := io.ReadAll(resp.Body); string(b) != "OK - 2" {
		t.Errorf("%s", b)
	}
}
