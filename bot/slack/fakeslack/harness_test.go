package fakeslack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/slack-go/slack"
)

const (
	testToken  = "xoxb-test"
	testSecret = "8f742231b10e8888abcd99yyyzzz85a5"
)

// app is a tiny Slack app: it verifies every request as slack-go does, keeps
// it, and answers with what the test put in.
type app struct {
	t        *testing.T
	mu       sync.Mutex
	got      []received
	commands func(w http.ResponseWriter, form url.Values)
	interact func(w http.ResponseWriter, payload slack.InteractionCallback)
	events   func(w http.ResponseWriter, r received)
}

type received struct {
	path   string
	header http.Header
	body   []byte
	form   url.Values
}

// event is the inner event of an Events API request.
func (r received) event() map[string]any {
	var outer struct {
		EventID string         `json:"event_id"`
		Event   map[string]any `json:"event"`
	}
	_ = json.Unmarshal(r.body, &outer)
	return outer.Event
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	v, err := slack.NewSecretsVerifier(r.Header, testSecret)
	if err == nil {
		_, _ = v.Write(body)
		err = v.Ensure()
	}
	if err != nil {
		a.t.Errorf("%s: signature: %v", r.URL.Path, err)
	}
	got := received{path: r.URL.Path, header: r.Header.Clone(), body: body}
	got.form, _ = url.ParseQuery(string(body))
	a.mu.Lock()
	a.got = append(a.got, got)
	a.mu.Unlock()
	switch {
	case r.URL.Path == "/slack/commands" && a.commands != nil:
		a.commands(w, got.form)
	case r.URL.Path == "/slack/interactions" && a.interact != nil:
		var ic slack.InteractionCallback
		if err := json.Unmarshal([]byte(got.form.Get("payload")), &ic); err != nil {
			a.t.Errorf("payload: %v", err)
		}
		a.interact(w, ic)
	case r.URL.Path == "/slack/events" && a.events != nil:
		a.events(w, got)
	}
}

func (a *app) requests(path string) []received {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []received
	for _, r := range a.got {
		if r.path == path {
			out = append(out, r)
		}
	}
	return out
}

// eventTypes are the types of the events received, with subtypes of messages.
func (a *app) eventTypes() []string {
	var out []string
	for _, r := range a.requests("/slack/events") {
		e := r.event()
		kind, _ := e["type"].(string)
		if sub, ok := e["subtype"].(string); ok {
			kind += "/" + sub
		}
		out = append(out, kind)
	}
	return out
}

// world is a workspace with Ana and Ben, the channels general (with the bot),
// other (without) and secret (private, without), and an app.
type world struct {
	*Slack
	t       *testing.T
	app     *app
	api     *slack.Client
	http    *http.Client
	general string
	other   string
	secret  string
}

func newWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, app: &app{t: t}}
	network := Net{"app.test": w.app}
	w.http = &http.Client{Transport: network}
	opt := Options{
		BotToken: testToken, SigningSecret: testSecret, AppURL: "https://app.test", Client: w.http,
		Aliases: []string{"/inc"},
		Shortcuts: []Shortcut{
			{Name: "Add to timeline", CallbackID: "add_note"}, {Name: "Declare", CallbackID: "declare", Global: true},
		},
	}
	for _, f := range change {
		f(&opt)
	}
	w.Slack = New(opt)
	t.Cleanup(w.Close)
	network["slack.test"] = w.Handler()
	w.AddUser(User{ID: "U0ANA", Name: "ana", RealName: "Ana Ruiz", TZ: "Europe/Madrid", Email: "ana@example.com"})
	w.AddUser(User{ID: "U0BEN", Name: "ben", RealName: "Ben Okafor", Email: "ben@example.com"})
	w.AddUser(User{ID: "U0GONE", Name: "gone", Deleted: true, Email: "gone@example.com"})
	w.AddUser(User{ID: "U0GUEST", Name: "guest", IsRestricted: true})
	w.AddUser(User{ID: "U0EXT", Name: "ext", TeamID: "T0OTHER"})
	w.AddGroup(Group{ID: "S0SRE", Handle: "sre", Users: []string{"U0ANA", "U0BEN"}})
	w.general = w.AddChannel("general", false, "U0ANA", "U0BEN", w.BotUser())
	w.other = w.AddChannel("other", false, "U0ANA")
	w.secret = w.AddChannel("secret", true, "U0ANA")
	w.api = slack.New(testToken, slack.OptionAPIURL("https://slack.test/api/"), slack.OptionHTTPClient(w.http))
	return w
}

// wantErr fails unless err is the Slack error of this code; empty means none.
func wantErr(t *testing.T, err error, code string) {
	t.Helper()
	got := ""
	var se slack.SlackErrorResponse
	switch {
	case errors.As(err, &se):
		got = se.Err
	case err != nil:
		got = err.Error()
	}
	if got != code {
		t.Errorf("error %q, want %q", got, code)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func text(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }

// say posts as the bot and returns the ts.
func (w *world) say(channel string, opts ...slack.MsgOption) string {
	w.t.Helper()
	_, ts, err := w.api.PostMessage(channel, opts...)
	if err != nil {
		w.t.Fatal(err)
	}
	return ts
}
