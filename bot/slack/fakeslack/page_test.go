package fakeslack

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// page asks the page's backend and decodes the answer.
func (w *world) page(method, path string, body any) (int, map[string]any) {
	w.t.Helper()
	r, _ := http.NewRequest(method, "https://slack.test"+path, strings.NewReader(string(encode(body))))
	r.Header.Set("Content-Type", "application/json")
	resp, err := w.http.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	var o map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&o)
	return resp.StatusCode, o
}

func (w *world) do(user string, act map[string]any) map[string]any {
	w.t.Helper()
	_, o := w.page("POST", "/_/act?user="+user, act)
	return o
}

func TestPageFiles(t *testing.T) {
	w := newWorld(t)
	for path, kind := range map[string]string{
		"/": "text/html", "/static/app.js": "text/javascript", "/static/page.css": "text/css", "/static/icon.svg": "image/svg+xml",
	} {
		resp, err := w.http.Get("https://slack.test" + path)
		if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: %v %v", path, resp, err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		policy := resp.Header.Get("Content-Security-Policy")
		if policy == "" || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if path == "/" && (strings.Contains(string(body), "://") || strings.Contains(string(body), "style=")) {
			t.Error("the page must have no foreign resources and no inline styles")
		}
	}
}

func TestPageShowsWhatThePersonMaySee(t *testing.T) {
	w := newWorld(t)
	w.say(w.general, text("for all"))
	must(w.api.PostEphemeral(w.general, "U0ANA", text("only for ana")))(t)
	names := func(user string) (out string) {
		_, o := w.page("GET", "/_/state?user="+user, nil)
		for _, c := range o["channels"].([]any) {
			out += c.(map[string]any)["name"].(string) + " "
		}
		return strings.TrimSpace(out)
	}
	if got := names("U0ANA"); got != "general other secret" {
		t.Errorf("ana sees %q", got)
	}
	if got := names("U0BEN"); got != "general other" {
		t.Errorf("ben sees %q", got)
	}
	// Said even without one: the page forgets what it showed to somebody else.
	_, state := w.page("GET", "/_/state?user=U0ANA", nil)
	if home, said := state["home"]; !said || home != nil {
		t.Errorf("a home tab that was not published: %v %v", home, said)
	}
	for user, want := range map[string]int{"U0ANA": 2, "U0BEN": 1} {
		_, o := w.page("GET", "/_/messages?user="+user+"&channel="+w.general, nil)
		if n := len(o["messages"].([]any)); n != want {
			t.Errorf("%s sees %d messages, want %d", user, n, want)
		}
	}
	_, o := w.page("GET", "/_/messages?user=U0BEN&channel="+w.secret, nil)
	if n := len(o["messages"].([]any)); n != 0 {
		t.Errorf("ben reads the private channel: %d", n)
	}
}

func TestPageActs(t *testing.T) {
	w := newWorld(t)
	w.app.commands = func(rw http.ResponseWriter, f url.Values) {
		if f.Get("text") == "declare" {
			must(w.api.OpenView(f.Get("trigger_id"), form("declare")))(t)
			return
		}
		writeJSON(rw, slack.WebhookMessage{Text: "ran " + f.Get("text")})
	}
	if o := w.do("U0ANA", map[string]any{"do": "send", "channel": w.general, "text": "hello @ben"}); o["ok"] != true {
		t.Fatal(o)
	}
	msgs := w.Messages(w.general)
	ts := msgs[len(msgs)-1].TS
	for _, act := range []map[string]any{
		{"do": "send", "channel": w.general, "text": "/incident list"},
		{"do": "send", "channel": w.general, "thread": ts, "text": "in the thread"},
		{"do": "react", "channel": w.general, "ts": ts, "emoji": "eyes"},
		{"do": "pin", "channel": w.general, "ts": ts},
		{"do": "read", "channel": w.general},
		{"do": "shortcut", "callback": "declare"},
		{"do": "home"},
	} {
		if o := w.do("U0ANA", act); o["ok"] != true {
			t.Errorf("%v: %v", act, o)
		}
	}
	m, _ := w.Message(w.general, ts)
	if m.Replies != 1 || !m.Pinned || len(m.Reactions) != 1 {
		t.Errorf("%+v", m)
	}
	if o := w.do("U0ANA", map[string]any{"do": "send", "channel": w.general, "thread": ts, "text": "/incident list"}); !strings.Contains(o["error"].(string), "threads") {
		t.Error(o)
	}
	if o := w.do("U0ANA", map[string]any{"do": "send", "channel": w.general, "text": "/incident declare"}); o["ok"] != true {
		t.Fatal(o)
	}
	view := w.As("ana").Views()[0].ID
	o := w.do("U0ANA", map[string]any{"do": "submit", "view": view, "values": map[string]string{"title": "x"}})
	if errs, _ := o["errors"].(map[string]any); errs["severity"] == nil || o["ok"] != false {
		t.Error(o)
	}
	if o = w.do("U0ANA", map[string]any{"do": "submit", "view": view, "values": map[string]string{"title": "x", "severity": "sev1"}}); o["ok"] != true {
		t.Error(o)
	}
	if o = w.do("U0BEN", map[string]any{"do": "join", "channel": w.other}); o["ok"] != true {
		t.Error(o)
	}
	if o = w.do("U0BEN", map[string]any{"do": "dance"}); o["ok"] != false {
		t.Error(o)
	}
}

func TestPageRefusesOtherSites(t *testing.T) {
	w := newWorld(t)
	r, _ := http.NewRequest(http.MethodPost, "https://slack.test/_/act?user=U0ANA", strings.NewReader(`{"do":"home"}`))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := w.http.Do(r)
	if err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("%v %v", resp, err)
	}
}

func TestPermalinksLeadToThePage(t *testing.T) {
	w := newWorld(t)
	c := &http.Client{Transport: w.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Get("https://slack.test/archives/C0X/p1579796100000001?thread_ts=1579796100.000000")
	if err != nil || resp.Header.Get("Location") != "../../#C0X/1579796100.000001/1579796100.000000" {
		t.Errorf("%v %v", resp, err)
	}
}

func TestStreamTellsOfChanges(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	resp, err := http.Get(server.URL + "/_/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() string {
		for lines.Scan() {
			if line, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return line
			}
		}
		return ""
	}
	first := next()
	w.say(w.general, text("news"))
	if second := next(); first == "" || second == "" || first == second {
		t.Errorf("versions %q and %q", first, second)
	}
	w.Close() // ends the stream
	for lines.Scan() {
	}
}

// TestClickSendsWhatWasDrawn: a message that changed while somebody looked at it
// does not turn their click into another one.
func TestClickSendsWhatWasDrawn(t *testing.T) {
	t.Parallel()
	sent := make(chan string, 10) // events come, too, and have none
	s := New(Options{BotToken: "xoxb-x", SigningSecret: "secret", AppURL: "http://app.test", Client: &http.Client{Transport: Net{
		"app.test": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if p := r.FormValue("payload"); p != "" {
				sent <- p
			}
		}),
	}}})
	defer s.Close()
	ana := s.AddUser(User{Name: "ana"})
	c := s.AddChannel("general", false, ana, s.BotUser())
	post := func(method, value string) {
		t.Helper()
		blocks := `[{"type":"actions","block_id":"b","elements":[{"type":"button","action_id":"line:0","text":{"type":"plain_text","text":"x"},"value":"` + value + `"}]}]`
		form := url.Values{"token": {"xoxb-x"}, "channel": {c}, "text": {"x"}, "blocks": {blocks}}
		if list := s.Messages(c); method == "chat.update" {
			form.Set("ts", list[len(list)-1].TS)
		}
		r := httptest.NewRequest(http.MethodPost, "/api/"+method, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), `"ok":true`) {
			t.Fatal(w.Body)
		}
	}
	post("chat.postMessage", "resolve")
	post("chat.update", "cancel")
	list := s.Messages(c)
	act := `{"do":"click","channel":"general","ts":"` + list[len(list)-1].TS + `","match":"b/line:0","drawn":"resolve"}`
	r := httptest.NewRequest(http.MethodPost, "/_/act?user=ana", strings.NewReader(act))
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	if got := <-sent; !strings.Contains(got, `"value":"resolve"`) {
		t.Errorf("the app was sent %s", got)
	}
}
