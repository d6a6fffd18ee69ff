package deploy

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestMenu(t *testing.T) {
	for _, tc := range []struct {
		name, body, current string
		ids                 string
		at                  int
		fault               string
	}{
		{name: "first", body: `[{"id":3},{"id":2}]`, current: "first", ids: "3 2", at: 0},
		{name: "last", body: `[{"id":2},{"id":3}]`, current: "last", ids: "3 2", at: 0},
		{name: "not told", body: `[{"id":3},{"id":2}]`, current: "", ids: "3 2", at: -1},
		{name: "told by none", body: `[{"id":3,"live":false},{"id":2}]`, current: "live", ids: "3 2", at: -1},
		{name: "told as text", body: `[{"id":3},{"id":2,"live":"true"}]`, current: "live", ids: "3 2", at: 1},
		{name: "by time", body: `[{"id":1,"at":1700000000},{"id":3,"at":"2026-01-01T00:00:00+02:00","live":true},{"id":2,"at":1700000001000}]`, current: "live", ids: "3 2 1", at: 0},
		{name: "without one time, as it is", body: `[{"id":1,"at":1700000000},{"id":3,"live":true}]`, current: "live", ids: "1 3", at: 1},
		{name: "empty", body: `[]`, current: "first", ids: "", at: -1},
		{name: "no list", body: `{"items":null}`, current: "first", fault: "no list of versions"},
		{name: "no id", body: `[{"id":3},{"id":null}]`, current: "first", fault: "a version has no id"},
		{name: "long id", body: `[{"id":"` + strings.Repeat("x", 201) + `"}]`, current: "first", fault: "a version has no id"},
		{name: "no JSON", body: `<html>`, current: "first", fault: "its answer is no JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRemote(t, says(200, tc.body))
			tm := r.template()
			tm.Versions = &Versions{URL: pattern("/v"), ID: "id", At: "at", Current: tc.current}
			menu, err := sound(t, tm).menu(t.Context(), stepVars())
			if tc.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fault) {
					t.Errorf("got %v", err)
				}
				return
			}
			var ids []string
			for _, v := range menu.Versions {
				ids = append(ids, v.ID)
			}
			if err != nil || strings.Join(ids, " ") != tc.ids || menu.Current != tc.at || menu.None {
				t.Errorf("got %v at %d, %v", ids, menu.Current, err)
			}
		})
	}
	r := newRemote(t, says(200, ""))
	if menu, err := sound(t, r.template()).menu(t.Context(), stepVars()); err != nil || !menu.None || len(r.hits()) != 0 {
		t.Errorf("without versions: %+v, %v", menu, err)
	}
}

func TestMoment(t *testing.T) {
	for in, want := range map[string]string{
		`"2026-03-01T12:00:00.5+02:00"`: "2026-03-01T10:00:00.5Z", `1700000000`: "2023-11-14T22:13:20Z", `"1700000000"`: "2023-11-14T22:13:20Z",
		`1700000000123`: "2023-11-14T22:13:20.123Z", `0`: "", `null`: "", `"soon"`: "", `"NaN"`: "", `1e300`: "", `-1`: "", `[1]`: "", `"9999-12-31T23:59:59-23:00"`: "",
	} {
		got, ok := moment(gjson.Parse(in))
		if ok != (want != "") || ok && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %s, %v", in, got.Format(time.RFC3339Nano), ok)
		}
	}
}

func TestPollStates(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	poll := Poll{
		URL: pattern("/r"), Status: "state", Success: []string{"passed", "1"}, Failure: []string{"failed"}, Blocked: []string{"manual"},
		BlockedPath: "blocked", BlockedEquals: "true", Message: "message", Guard: "started",
	}
	fresh := `"started":"2026-03-01T12:00:01Z",`
	for _, tc := range []struct {
		body    string
		want    bot.RollbackState
		message string
	}{
		{`{` + fresh + `"state":"passed"}`, bot.RollbackSucceeded, ""},
		{`{` + fresh + `"state":1}`, bot.RollbackSucceeded, ""},
		{`{` + fresh + `"state":"passed","blocked":true,"message":"approve me"}`, bot.RollbackBlocked, "approve me"},
		{`{` + fresh + `"state":"manual"}`, bot.RollbackBlocked, "its state is manual"},
		{`{` + fresh + `"state":"failed","message":"no\nmemory"}`, bot.RollbackFailed, "no memory"},
		{`{` + fresh + `"state":"failed"}`, bot.RollbackFailed, "its state is failed"},
		{`{` + fresh + `"state":"Passed"}`, bot.RollbackRunning, ""},
		{`{` + fresh + `"state":null}`, bot.RollbackRunning, ""},
		{`{` + fresh + `"state":["passed"]}`, bot.RollbackRunning, ""},
		{`{` + fresh + `"message":"token=` + canary + `"}`, bot.RollbackRunning, "token=[redacted]"},
		{`{"started":"2026-03-01T11:59:59Z","state":"passed"}`, bot.RollbackSucceeded, ""},
		{`{"started":"2026-03-01T11:59:58.9Z","state":"passed"}`, bot.RollbackRunning, ""},
		{`{"started":null,"state":"failed"}`, bot.RollbackRunning, ""},
		{`{"state":"failed","blocked":true}`, bot.RollbackRunning, ""},
	} {
		r := newRemote(t, says(200, tc.body))
		tm := r.template()
		tm.Poll = []Poll{poll}
		if s, err := sound(t, tm).poll(t.Context(), stepVars(), since); err != nil || s.state != tc.want || s.message != tc.message {
			t.Errorf("%s: got %+v, %v; want %s", tc.body, s, err, tc.want)
		}
	}
	for body, fault := range map[string]string{``: "no JSON", `<html>`: "no JSON"} {
		if _, err := clientOf(t, newRemote(t, says(200, body)).template()).poll(t.Context(), stepVars(), since); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: got %v", body, err)
		}
	}
	for _, status := range []int{204, 302, 404, 429, 500} {
		if s, err := clientOf(t, newRemote(t, says(status, `{"state":"done"}`)).template()).poll(t.Context(), stepVars(), since); err == nil || s.state != bot.RollbackRunning {
			t.Errorf("%d: got %+v", status, s)
		}
	}
}

// Only what the last stage says of its own time makes a step of which no answer
// came one that was found.
func TestFresh(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const newer, older = `"2026-03-01T12:00:01Z"`, `"2026-03-01T11:00:00Z"`
	for _, tc := range []struct {
		early, late, id string
		unguarded, want bool
	}{
		{early: newer, late: newer, id: "1", want: true},
		{early: newer, late: older, id: "1"},
		{early: newer, late: newer, id: "null"},
		{early: older, late: newer, id: "1"},
		{early: newer, late: newer, id: "1", unguarded: true},
	} {
		r := newRemote(t, func(w http.ResponseWriter, req *http.Request) {
			at := map[bool]string{true: tc.early, false: tc.late}[req.URL.Path == "/runs"]
			says(200, `{"at":`+at+`,"id":`+tc.id+`,"state":"going"}`)(w, req)
		})
		tm := r.template()
		stageBefore(tm, "/runs")
		tm.Poll[0].Guard = "at"
		if tm.Poll[1].Guard = "at"; tc.unguarded {
			tm.Poll[1].Guard = ""
		}
		if s, err := sound(t, tm).poll(t.Context(), stepVars(), since); err != nil || s.fresh != tc.want || s.state != bot.RollbackRunning {
			t.Errorf("%+v: got %+v, %v", tc, s, err)
		}
	}
}

func TestLinksOfAnswers(t *testing.T) {
	for in, want := range map[string]string{
		`"/runs/1"`: "HOST/runs/1", `"runs/1"`: "HOST/apps/gateway/runs/1", `"HOST/runs/1?page=2#log"`: "HOST/runs/1?page=2",
		`"https://evil.test/"`: "", `"javascript:alert(1)"`: "", `"HOST/?token=` + canary + `"`: "", `null`: "", `["x"]`: "", `"http://[::1"`: "",
		`"/` + strings.Repeat("x", maxValue) + `"`: "",
	} {
		var r *remote
		r = newRemote(t, func(w http.ResponseWriter, req *http.Request) {
			says(200, `{"url":`+strings.ReplaceAll(in, "HOST", r.URL)+`}`)(w, req)
		})
		tm := r.template()
		tm.Submit.Extract = map[string]Extract{"link": {JSON: "url"}, "message": {JSON: "none"}}
		s := sound(t, tm).submit(t.Context(), stepVars(), "k")
		if s.outcome != taken || s.accepted.Link != strings.ReplaceAll(want, "HOST", r.URL) || len(s.accepted.Vars) != 0 {
			t.Errorf("%s: got %+v", in, s)
		}
	}
}

// A secret in the query of a URL that an answer gives is ours, and is not kept.
func TestOwnSecretInAnAnsweredURL(t *testing.T) {
	r := newRemote(t, says(201, "", "Location", "/queue/1?token="+url.QueryEscape(canary)+"&x=1"))
	tm := r.template()
	tm.Auth = Auth{Kind: AuthQuery, Name: "token", Secret: canary}
	tm.Submit.Extract = map[string]Extract{"queue": {Header: "Location"}}
	tm.Poll[0].URL = pattern("${queue}")
	if s := sound(t, tm).submit(t.Context(), stepVars(), "k"); s.outcome != taken || s.accepted.Vars["queue"] != r.URL+"/queue/1?x=1" {
		t.Errorf("got %+v", s)
	}
	tm.Submit.Extract = map[string]Extract{"id": {Header: "Location"}}
	tm.Poll[0].URL = pattern("/x?id=${id}")
	if s := sound(t, tm).submit(t.Context(), stepVars(), "k"); s.outcome != unknown || strings.Contains(s.why, canary) {
		t.Errorf("got %+v", s)
	}
}

func TestFindMatchesWholeWords(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		ok       bool
	}{
		{"r1", "r1", true}, {"rollback r1 of main", "r1", true}, {"rollback-r1", "r1", true}, {"r1: main", "r1", true}, {"r1-", "r1", true}, {"r1 - main", "r1", true},
		{"r12", "r1", false}, {"xr1", "r1", false}, {"r1-eu", "r1", false}, {"r1_eu", "r1", false}, {"r12 r1", "r1", true}, {"r1é", "r1", false}, {"", "r1", false},
		{"(r1)", "(r1)", true}, {"a(r1)b", "(r1)", true}, {"r1r1", "r1", false}, {"\xffr1\xff", "r1", true},
	} {
		if got := mentions(tc.in, tc.want); got != tc.ok {
			t.Errorf("%q in %q: %v", tc.want, tc.in, got)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		found      bool
		fault      string
	}{
		{name: "one object", body: `{"note":"r7","id":1}`, found: true},
		{name: "a list", body: `[{"note":"r6","id":2},{"note":null},{"id":4},{"note":"r7","id":1}]`, found: true},
		{name: "not there", body: `[{"note":"r77","id":2}]`},
		{name: "empty", body: `[]`},
		{name: "lacks what is needed", body: `[{"note":"r7"}]`, fault: "it was found, but it lacks run"},
		{name: "no JSON", body: `-`, fault: "no JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRemote(t, says(200, tc.body))
			tm := r.template()
			tm.Find = &Find{URL: pattern("/runs"), Match: "note", Equals: pattern("${request_id}"), Extract: map[string]Extract{"run": {JSON: "id"}}}
			a, found, err := sound(t, tm).find(t.Context(), stepVars())
			if found != tc.found || (err != nil) != (tc.fault != "") || err != nil && !strings.Contains(err.Error(), tc.fault) || found && a.Vars["run"] != "1" {
				t.Errorf("got %+v, %v, %v", a, found, err)
			}
			if _, found, err := clientOf(t, tm).find(t.Context(), stepVars("request_id", "")); found || err == nil {
				t.Errorf("everything contains nothing: %v, %v", found, err)
			}
		})
	}
	r := newRemote(t, says(200, `{}`))
	if _, found, err := clientOf(t, r.template()).find(t.Context(), stepVars()); found || err != nil || len(r.hits()) != 0 {
		t.Errorf("without a find: %v, %v", found, err)
	}
}

func TestCanPollBlind(t *testing.T) {
	for name, tc := range map[string]struct {
		want   bool
		change func(*Template)
	}{
		"guarded, by name":            {true, func(*Template) {}},
		"no guard":                    {false, func(tm *Template) { tm.Poll[0].Guard = "" }},
		"needs the answer in a URL":   {false, func(tm *Template) { tm.Poll[0].URL = pattern("/runs/${run}") }},
		"needs the answer in a path":  {false, func(tm *Template) { tm.Poll[0].Status = "runs.${run}.state" }},
		"an earlier stage gives it":   {true, func(tm *Template) { stageBefore(tm, "/runs?ref=${request_id}") }},
		"the earlier stage needs it":  {false, func(tm *Template) { stageBefore(tm, "/queue/${run}") }},
		"nothing can be asked at all": {false, func(tm *Template) { tm.Poll = nil }},
	} {
		tm := newRemote(t, says(200, "")).template()
		tm.Submit.Extract = map[string]Extract{"run": {JSON: "id"}}
		tm.Poll[0].Guard = "started"
		tc.change(tm)
		if got := clientOf(t, tm).canPollBlind(); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func stageBefore(tm *Template, url string) {
	last := tm.Poll[0]
	last.URL = pattern("/runs/${run}")
	tm.Poll = []Poll{{URL: pattern(url), Extract: map[string]Extract{"run": {JSON: "id"}}}, last}
}

func TestPace(t *testing.T) {
	own := Every{First: 5 * time.Second, Then: 20 * time.Second, After: 2 * time.Minute}
	for _, tc := range []struct {
		e           Every
		since, want time.Duration
	}{
		{Every{}, 0, 2 * time.Second}, {Every{}, 2 * time.Second, 15 * time.Second}, {Every{}, 4*time.Minute + 59*time.Second, 15 * time.Second}, {Every{}, 5 * time.Minute, time.Minute},
		{own, 4 * time.Second, 5 * time.Second}, {own, 5 * time.Second, 20 * time.Second}, {own, time.Hour, 2 * time.Minute}, {Every{First: time.Hour}, time.Minute, time.Hour},
	} {
		if got := tc.e.next(tc.since); got != tc.want {
			t.Errorf("%+v after %s: %s, want %s", tc.e, tc.since, got, tc.want)
		}
	}
}
