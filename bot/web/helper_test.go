package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// now is the moment at which the tests' pages are read: the morning after the
// incident of 23 January 2020.
var now = time.Date(2020, 1, 24, 14, 30, 0, 0, time.UTC)

func kustomerSettings(t testing.TB) *bot.Settings {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	s := bot.Defaults()
	s.Organisation, s.Zone = "Kustomer", zone
	s.BaseURL, s.PublicURL = "https://tocsin.example.com", "https://status.example.com:8443"
	s.Components = []bot.Component{
		{ID: "api", Name: "API", Group: "Prod1 (US)"},
		{ID: "chat", Name: "Channel - Chat", Group: "Prod1 (US)"},
		{ID: "web", Name: "Web Client", Group: "Prod1 (US)"},
		{ID: "docs", Name: "Documentation", Description: "Help and guides"},
	}
	return &s
}

// record folds events into an incident as storage does.
type record struct {
	*bot.Incident
	events []bot.Event
}

func declare(number int64, at time.Time, title string) *record {
	r := &record{Incident: &bot.Incident{Number: number}}
	r.add(at, bot.Event{Kind: bot.EventDeclared, Text: bot.Plain(title), Actor: "U0ANA",
		Data: bot.Data{Severity: "sev1", User: "U0ANA", Services: []string{"api-gateway"}}})
	return r
}

func (r *record) add(at time.Time, e bot.Event) {
	e.Incident = r.Number
	e = e.Seal(r.Head, at)
	r.events = append(r.events, e)
	r.Apply(e)
}

func (r *record) public(at time.Time, s bot.Status, text bot.Text) {
	r.add(at, bot.Event{Kind: bot.EventUpdated, Text: text, Public: true, Actor: "U0ANA", Data: bot.Data{Status: s}})
}

func (r *record) states(at time.Time, state bot.ComponentState, ids ...string) {
	e := bot.Event{Kind: bot.EventComponent, Actor: "U0ANA"}
	for _, id := range ids {
		e.Data.Components = append(e.Data.Components, bot.ComponentChange{Component: id, State: state})
	}
	r.add(at, e)
}

// clock is a time of 23 January 2020, in UTC.
func clock(hour, minute int) time.Time { return time.Date(2020, 1, 23, hour, minute, 0, 0, time.UTC) }

const kustomerTitle = "Users unable to load Kustomer application"

// kustomerUntil is the incident as it stood at a time.
func kustomerUntil(end time.Time) *record {
	r := declare(1, clock(21, 21), kustomerTitle)
	for _, step := range []struct {
		at time.Time
		do func(at time.Time)
	}{
		{clock(21, 22), func(at time.Time) { r.states(at, bot.MajorOutage, "api", "chat", "web") }},
		{clock(21, 35), func(at time.Time) {
			r.public(at, bot.Investigating, "We are currently investigating this issue and will share information as soon as it is available.")
		}},
		{clock(21, 41), func(at time.Time) { r.public(at, "", "We are continuing to investigate this issue.") }},
		{clock(21, 42), func(at time.Time) { r.states(at, bot.Operational, "api", "web") }},
		{clock(21, 43), func(at time.Time) { r.states(at, bot.Degraded, "chat") }},
		{clock(21, 48), func(at time.Time) {
			r.public(at, bot.Monitoring, "The Kustomer application has recovered and all users should now be able to access the platform without issue. We will continue to monitor this incident until we are certain that it will not recur.")
		}},
		{clock(22, 11), func(at time.Time) {
			r.public(at, bot.Investigating, "The Kustomer application continues to be accessible and functional at this time. However, Kustomer chat is experiencing errors, which may prevent some customers from writing in via this channel.")
		}},
		{clock(22, 19), func(at time.Time) { r.states(at, bot.Operational, "chat") }},
		{clock(22, 25), func(at time.Time) {
			r.public(at, bot.Monitoring, "At this time, Kustomer chat is fully operational. We are continuing to monitor the issue, and will share details as they become available.")
		}},
		{clock(22, 56), func(at time.Time) {
			r.add(at, bot.Event{Kind: bot.EventResolved, Public: true, Actor: "U0ANA", Data: bot.Data{Stock: true}})
		}},
	} {
		if !step.at.After(end) {
			step.do(step.at)
		}
	}
	return r
}

func kustomer() *record { return kustomerUntil(now) }

// incidents is what a page is read from.
type incidents struct {
	bot.IncidentReader
	list []*bot.Incident
}

func (r incidents) Incidents(bot.Viewer, bot.IncidentFilter) ([]*bot.Incident, error) {
	return r.list, nil
}

// pageOf reads the page at a time, newest incident first.
func pageOf(t testing.TB, s *bot.Settings, at time.Time, list ...*record) bot.PublicPage {
	t.Helper()
	var in incidents
	for _, r := range list {
		in.list = append(in.list, r.Incident)
	}
	p, err := s.PublicPage(in, at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newSiteServer is a server without a store, whose public side shows page.
func newSiteServer(t testing.TB, s *bot.Settings, page bot.PublicPage) *Server {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	srv, err := New(Config{Bot: bot.New(nil, s, log), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.site.show(page); err != nil {
		t.Fatal(err)
	}
	return srv
}

// ask sends a request to h; each header is "Name: value".
func ask(t testing.TB, h http.Handler, method, path, body string, headers ...string) *http.Response { //nolint:revive // t, and what a request consists of
	t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, in)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return serve(h, r)
}

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// text is the body of a response.
func text(t testing.TB, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// page gets a page that must be there.
func getPage(t testing.TB, h http.Handler, path string) string {
	t.Helper()
	r := ask(t, h, http.MethodGet, path, "")
	if r.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", path, r.Status)
	}
	return text(t, r)
}
