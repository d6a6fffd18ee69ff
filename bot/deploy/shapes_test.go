package deploy

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// One template for each shape of deploy system, against answers as the system's
// documentation has them (design notes B1, B4).

// script answers each method and path with what it says at the time.
type script map[string]func(*http.Request) (int, string)

func (s script) handler(w http.ResponseWriter, r *http.Request) {
	answer, ok := s[r.Method+" "+r.URL.Path]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	status, body := answer(r)
	if status == http.StatusCreated && strings.HasPrefix(body, "http") {
		w.Header().Set("Location", body)
		body = ""
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func always(status int, body string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return status, body }
}

func expectSeen(t *testing.T, c *client, vars map[string]string, since time.Time, want bot.RollbackState) seen {
	t.Helper()
	s, err := c.poll(t.Context(), vars, since)
	if err != nil || s.state != want {
		t.Fatalf("got %+v, %v; want %s", s, err, want)
	}
	for k, v := range s.vars {
		vars[k] = v
	}
	return s
}

func TestArgoCD(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 400_000_000, time.UTC)
	operation := `{"phase":"Succeeded","startedAt":"2026-02-28T09:00:00Z","message":"an older one"}`
	history := `[{"id":39,"revision":"aaa","deployedAt":"2026-02-01T10:00:00Z"},{"id":41,"revision":"bbb","deployedAt":"2026-02-20T10:00:00Z"},{"id":42,"revision":"ccc","deployedAt":"2026-03-01T11:50:00Z"}]`
	s := script{}
	s["GET /api/v1/applications/gateway"] = func(r *http.Request) (int, string) {
		return 200, fmt.Sprintf(`{"metadata":{"name":"gateway"},"status":{"history":%s,"operationState":%s}}`, history, operation)
	}
	s["POST /api/v1/applications/gateway/rollback"] = always(200, `{"metadata":{"name":"gateway","selfLink":"/applications/gateway"}}`)
	r := newRemote(t, s.handler)
	tm := &Template{
		Name: "argocd", Auth: Auth{Kind: AuthBearer, Secret: canary}, Hosts: []string{r.host}, AllowCIDRs: onLoopback,
		Versions: &Versions{URL: pattern("/api/v1/applications/${app}"), Items: "status.history", ID: "id", Label: "revision", At: "deployedAt", Current: "last"},
		Submit: Submit{
			URL: pattern(r.URL + "/api/v1/applications/${app}/rollback"), OK: []int{200},
			JSON:    map[string]any{"name": pattern("${app}"), "id": pattern("${version_id:int}"), "prune": false},
			Extract: map[string]Extract{"link": {JSON: "metadata.selfLink", Optional: true}},
		},
		Poll: []Poll{{
			URL: pattern("/api/v1/applications/${app}?refresh=normal"), Guard: "status.operationState.startedAt",
			Status: "status.operationState.phase", Success: []string{"Succeeded"}, Failure: []string{"Failed", "Error"}, Message: "status.operationState.message",
		}},
	}
	c := sound(t, tm)
	menu, err := c.menu(t.Context(), stepVars())
	if err != nil || len(menu.Versions) != 3 || menu.Current != 0 || menu.Versions[0].ID != "42" || menu.Versions[1].Label != "bbb" || !menu.Versions[2].At.Equal(time.Date(2026, 2, 1, 10, 0, 0, 0, time.UTC)) {
		t.Fatalf("got %+v, %v", menu, err)
	}
	sent := c.submit(t.Context(), stepVars("version_id", menu.Versions[1].ID), "k")
	if sent.outcome != taken || sent.accepted.Link != r.URL+"/applications/gateway" {
		t.Fatalf("got %+v", sent)
	}
	if got := r.hits()[1].body; got != `{"id":41,"name":"gateway","prune":false}` {
		t.Errorf("sent %s", got)
	}
	if !c.canPollBlind() {
		t.Error("what may have been sent could be looked for")
	}
	if got := expectSeen(t, c, stepVars(), since, bot.RollbackRunning); got.message != "" {
		t.Errorf("an older operation says %q", got.message)
	}
	operation = `null`
	expectSeen(t, c, stepVars(), since, bot.RollbackRunning)
	operation = `{"phase":"Running","startedAt":"2026-03-01T12:00:00Z","message":"one of two tasks"}` // in whole seconds, and so before the submit
	if got := expectSeen(t, c, stepVars(), since, bot.RollbackRunning); got.message != "one of two tasks" {
		t.Errorf("got %q", got.message)
	}
	operation = `{"phase":"Error","startedAt":"2026-03-01T12:00:00Z"}`
	if got := expectSeen(t, c, stepVars(), since, bot.RollbackFailed); got.message != "its state is Error" {
		t.Errorf("got %q", got.message)
	}
	operation = `{"phase":"Succeeded","startedAt":"2026-03-01T12:00:00Z"}`
	expectSeen(t, c, stepVars(), since, bot.RollbackSucceeded)
}

func TestGitHubActions(t *testing.T) {
	runs, conclusion, status := `[]`, `null`, `queued`
	s := script{}
	s["POST /repos/acme/gateway/actions/workflows/rollback.yml/dispatches"] = always(204, "")
	s["GET /repos/acme/gateway/actions/workflows/rollback.yml/runs"] = func(*http.Request) (int, string) { return 200, `{"workflow_runs":` + runs + `}` }
	r := newRemote(t, s.handler)
	s["GET /repos/acme/gateway/actions/runs/1002"] = func(*http.Request) (int, string) {
		return 200, fmt.Sprintf(`{"id":1002,"status":%q,"conclusion":%s,"html_url":"%s/acme/gateway/runs/1002"}`, status, conclusion, r.URL)
	}
	list := "/repos/${repo}/actions/workflows/rollback.yml/runs?event=workflow_dispatch&per_page=100"
	tm := &Template{
		Name: "actions", Auth: Auth{Kind: AuthBearer, Secret: canary}, Hosts: []string{r.host}, AllowCIDRs: onLoopback,
		Submit: Submit{
			URL: pattern(r.URL + "/repos/acme/${app}/actions/workflows/rollback.yml/dispatches"), OK: []int{200, 204},
			JSON: map[string]any{"ref": "main", "inputs": map[string]any{"request_id": pattern("${request_id}"), "version": pattern("${version}")}},
		},
		Find: &Find{URL: pattern(strings.ReplaceAll(list, "${repo}", "acme/${app}")), Items: "workflow_runs", Match: "display_title", Equals: pattern("rollback ${request_id}"), Extract: map[string]Extract{"run_id": {JSON: "id"}}},
		Poll: []Poll{
			{URL: pattern(strings.ReplaceAll(list, "${repo}", "acme/${app}")), Extract: map[string]Extract{"run_id": {JSON: `workflow_runs.#(display_title%"*rollback ${request_id}").id`}}},
			{
				URL: pattern("/repos/acme/${app}/actions/runs/${run_id}"), Status: "conclusion", Success: []string{"success"}, Failure: []string{"failure", "cancelled", "timed_out"},
				BlockedPath: "status", BlockedEquals: "waiting", Extract: map[string]Extract{"link": {JSON: "html_url"}},
			},
		},
	}
	c := sound(t, tm)
	vars := stepVars()
	if sent := c.submit(t.Context(), vars, "k"); sent.outcome != taken || len(sent.accepted.Vars) != 0 {
		t.Fatalf("got %+v", sent)
	}
	expectSeen(t, c, vars, time.Time{}, bot.RollbackRunning)
	if _, found, err := c.find(t.Context(), vars); found || err != nil {
		t.Errorf("nothing is there: %v, %v", found, err)
	}
	runs = `[{"id":1003,"display_title":"rollback r77"},{"id":1002,"display_title":"rollback r7"},{"id":1001,"display_title":"rollback r6"}]`
	if a, found, err := c.find(t.Context(), vars); !found || err != nil || a.Vars["run_id"] != "1002" {
		t.Errorf("got %+v, %v, %v", a, found, err)
	}
	before := len(r.hits())
	got := expectSeen(t, c, vars, time.Time{}, bot.RollbackRunning)
	if got.vars["run_id"] != "1002" || got.link != r.URL+"/acme/gateway/runs/1002" || len(r.hits()) != before+2 {
		t.Errorf("got %+v", got)
	}
	status = "waiting"
	expectSeen(t, c, vars, time.Time{}, bot.RollbackBlocked)
	status, conclusion = "completed", `"success"`
	expectSeen(t, c, vars, time.Time{}, bot.RollbackSucceeded)
	if len(r.hits()) != before+4 {
		t.Error("a stage that has what it looks for is asked again")
	}
	if c.canPollBlind() {
		t.Error("without a guard an older run could be taken for this one")
	}
}

func TestJenkins(t *testing.T) {
	s := script{}
	executable, result, location := `null`, `null`, ""
	r := newRemote(t, s.handler)
	s["POST /job/rollback/buildWithParameters"] = func(*http.Request) (int, string) { return 201, location }
	s["GET /queue/item/39/api/json"] = func(*http.Request) (int, string) { return 200, `{"cancelled":false,"executable":` + executable + `}` }
	s["GET /job/rollback/7/api/json"] = func(*http.Request) (int, string) { return 200, `{"result":` + result + `,"building":true}` }
	tm := &Template{
		Name: "jenkins", Auth: Auth{Kind: AuthBasic, User: "bot", Secret: canary}, Hosts: []string{r.host}, AllowCIDRs: onLoopback,
		Submit: Submit{
			URL: pattern(r.URL + "/job/rollback/buildWithParameters"), OK: []int{201}, Form: map[string]Pattern{"APP": pattern("${app}"), "VERSION": pattern("${version}")},
			Extract: map[string]Extract{"queue": {Header: "Location"}},
		},
		Poll: []Poll{
			{URL: pattern("${queue}api/json"), Status: "cancelled", Failure: []string{"true"}, Extract: map[string]Extract{"build": {JSON: "executable.url"}}},
			{URL: pattern("${build}api/json"), Status: "result", Success: []string{"SUCCESS"}, Failure: []string{"FAILURE", "ABORTED"}},
		},
	}
	c := sound(t, tm)
	for _, foreign := range []string{"http://evil.test/queue/item/39/", "https://" + r.host + "@evil.test/", "http://169.254.169.254/latest/", "ftp://" + r.host + "/x", "//evil.test/x"} {
		location = foreign
		if strings.HasPrefix(foreign, "http") {
			sent := c.submit(t.Context(), stepVars(), "k")
			if sent.outcome != unknown || !strings.HasPrefix(sent.why, "it was accepted (201), but its queue cannot be used") {
				t.Errorf("%s: got %v", foreign, sent)
			}
		}
		before := len(r.hits())
		if _, err := c.poll(t.Context(), stepVars("queue", foreign), time.Time{}); err == nil || len(r.hits()) != before {
			t.Errorf("%s was asked: %v", foreign, err)
		}
	}
	location = r.URL + "/queue/item/39/"
	vars := stepVars("version", `v1.2 "x"/../y&APP=other`)
	sent := c.submit(t.Context(), vars, "k")
	if sent.outcome != taken || sent.accepted.Vars["queue"] != location {
		t.Fatalf("got %+v", sent)
	}
	hits := r.hits()
	form, err := url.ParseQuery(hits[len(hits)-1].body)
	if err != nil || len(form) != 2 || form.Get("VERSION") != vars["version"] || form.Get("APP") != "gateway" {
		t.Errorf("sent %v, %v", form, err)
	}
	vars["queue"] = location
	expectSeen(t, c, vars, time.Time{}, bot.RollbackRunning)
	executable = `{"number":7,"url":"http://evil.test/job/rollback/7/"}`
	if _, err := c.poll(t.Context(), vars, time.Time{}); err == nil || !strings.Contains(err.Error(), "evil.test") {
		t.Errorf("a build on another host: %v", err)
	}
	executable = `{"number":7,"url":"` + r.URL + `/job/rollback/7/"}`
	expectSeen(t, c, vars, time.Time{}, bot.RollbackRunning)
	result = `"ABORTED"`
	expectSeen(t, c, vars, time.Time{}, bot.RollbackFailed)
	result = `"SUCCESS"`
	expectSeen(t, c, vars, time.Time{}, bot.RollbackSucceeded)
	if c.canPollBlind() {
		t.Error("without the Location there is nothing to poll")
	}
	s["GET /queue/item/39/api/json"] = always(200, `{"cancelled":true,"executable":null}`)
	delete(vars, "build")
	expectSeen(t, c, vars, time.Time{}, bot.RollbackFailed)
}

func TestHeroku(t *testing.T) {
	s := script{}
	release := "pending"
	s["GET /apps/gateway/releases"] = always(200, `[
		{"id":"rel-40","version":40,"current":false,"created_at":"2026-02-01T10:00:00Z","user":{"email":"ana@example.com"}},
		{"id":"rel-42","version":42,"current":true,"created_at":"2026-03-01T10:00:00Z","user":{"email":"ben@example.com"}},
		{"id":"rel-41","version":41,"current":false,"created_at":"2026-02-10T10:00:00Z","user":{"email":"ana@example.com"}}]`)
	s["POST /apps/gateway/releases"] = always(201, `{"id":"rel-43","version":43}`)
	s["GET /apps/gateway/releases/rel-43"] = func(*http.Request) (int, string) { return 200, `{"status":"` + release + `"}` }
	r := newRemote(t, s.handler)
	tm := &Template{
		Name: "heroku", Auth: Auth{Kind: AuthBearer, Secret: canary}, Hosts: []string{r.host}, AllowCIDRs: onLoopback,
		Headers:  map[string]string{"Accept": "application/vnd.heroku+json; version=3"},
		Versions: &Versions{URL: pattern("/apps/${app}/releases"), ID: "id", Label: "version", At: "created_at", By: "user.email", Current: "current"},
		Submit:   Submit{URL: pattern(r.URL + "/apps/${app}/releases"), OK: []int{201}, JSON: map[string]any{"release": pattern("${version_id}")}, Extract: map[string]Extract{"release": {JSON: "id"}}},
		Poll:     []Poll{{URL: pattern("/apps/${app}/releases/${release}"), Status: "status", Success: []string{"succeeded"}, Failure: []string{"failed"}}},
	}
	c := sound(t, tm)
	menu, err := c.menu(t.Context(), stepVars())
	if err != nil || menu.Current != 0 || menu.Versions[0].ID != "rel-42" || menu.Versions[1].ID != "rel-41" || menu.Versions[2].Label != "40" || menu.Versions[2].By != "ana@example.com" {
		t.Fatalf("got %+v, %v", menu, err)
	}
	vars := stepVars("version_id", "rel-41")
	sent := c.submit(t.Context(), vars, "k")
	if sent.outcome != taken || sent.accepted.Vars["release"] != "rel-43" {
		t.Fatalf("got %+v", sent)
	}
	vars["release"] = sent.accepted.Vars["release"]
	expectSeen(t, c, vars, time.Time{}, bot.RollbackRunning)
	release = "succeeded"
	expectSeen(t, c, vars, time.Time{}, bot.RollbackSucceeded)
	for _, a := range r.hits() {
		if a.header.Get("Accept") != "application/vnd.heroku+json; version=3" {
			t.Errorf("%s %s without the Accept", a.method, a.uri)
		}
	}
}

// A flag that is off is a state like any other: booleans compare as text.
func TestFlag(t *testing.T) {
	on := true
	r := newRemote(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"environments": map[string]any{"production": map[string]any{"on": on}}})
	})
	tm := r.template()
	tm.Poll = []Poll{{URL: pattern("/flags/${app}"), Status: "environments.${environment}.on", Success: []string{"false"}}}
	c := sound(t, tm)
	expectSeen(t, c, stepVars(), time.Time{}, bot.RollbackRunning)
	on = false
	expectSeen(t, c, stepVars(), time.Time{}, bot.RollbackSucceeded)
}
