package fakedeploy

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheTokenIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + testToken, "Bearer " + testToken + "x"} {
		for _, target := range []string{
			"GET /api/apps", "GET /api/apps/gateway/releases", "GET /api/runs", "GET /api/runs/run-1", "GET /api/nowhere", "POST /api/apps/gateway/rollback",
		} {
			method, path, _ := strings.Cut(target, " ")
			r := httptest.NewRequest(method, path, strings.NewReader(`{"to":"rel-41"}`))
			r.Header.Set("Authorization", header)
			if a := send(t, s, r); a.status != http.StatusUnauthorized {
				t.Errorf("%s with %q: %d", target, header, a.status)
			}
		}
	}
	if runs := s.Runs(); len(runs) != 0 {
		t.Errorf("a run was begun without a token: %+v", runs)
	}
	if a := send(t, s, httptest.NewRequest(http.MethodGet, "/api/apps/gateway/health", nil)); a.status != http.StatusOK {
		t.Errorf("the health check asks for a token: %d", a.status)
	}
	open := newSystem(t, func(o *Options) { o.Token = "" })
	r := httptest.NewRequest(http.MethodGet, "/api/apps", nil)
	r.Header.Set("Authorization", "Bearer ")
	if a := send(t, open, r); a.status != http.StatusUnauthorized {
		t.Errorf("the empty token opens a system without one: %d", a.status)
	}
}

func TestReleases(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		a := ask(t, s, "GET /api/apps/gateway/releases", "")
		got := ""
		for _, r := range a.items() {
			got += fmt.Sprint(r["id"], " ", r["version"], " ", r["by"], " ", r["deployed_at"], " ", r["current"], "\n")
		}
		want := "rel-40 v40 cem 1999-12-29T00:00:00Z false\nrel-41 v41 ben 1999-12-30T00:00:00Z false\nrel-42 v42 ana 1999-12-31T00:00:00Z true\n"
		if got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		if a := ask(t, s, "GET /api/apps", ""); len(a.items()) != 1 || a.items()[0]["version"] != "v42" || a.items()[0]["run"] != nil {
			t.Error(a.text)
		}
		if a := ask(t, s, "GET /api/apps/gateway/health", ""); a.body["version"] != "v42" || a.body["ok"] != true {
			t.Error(a.text)
		}
		s.SetHealth("gateway", false)
		if a := ask(t, s, "GET /api/apps/gateway/health", ""); a.body["version"] != "v42" || a.body["ok"] != false {
			t.Error(a.text)
		}
	})
}

func TestRollback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		a := ask(t, s, "POST /api/apps/gateway/rollback", `{"to":"rel-41","request_id":"r1","reason":"errors","more":1}`)
		run, _ := a.body["run"].(map[string]any)
		if a.status != http.StatusCreated || run["id"] != "run-1" || run["status"] != "queued" || run["url"] != "https://deploy.test/runs/run-1" {
			t.Fatalf("%d %s", a.status, a.text)
		}
		if got := s.Current("gateway").Version; got != "v42" {
			t.Errorf("%s runs before the run is over", got)
		}
		time.Sleep(50 * time.Second)
		a = ask(t, s, "GET /api/runs/run-1", "")
		for name, want := range map[string]any{
			"id": "run-1", "app": "gateway", "to": "rel-41", "version": "v41", "previous": "v42", "status": "running", "request_id": "r1", "reason": "errors",
			"url": "https://deploy.test/runs/run-1", "created_at": "2000-01-01T00:00:00Z", "started_at": "2000-01-01T00:00:02Z", "finished_at": nil,
		} {
			if a.body[name] != want {
				t.Errorf("%s is %v, want %v", name, a.body[name], want)
			}
		}
		time.Sleep(time.Hour)
		a = ask(t, s, "GET /api/runs/run-1", "")
		if a.body["status"] != "succeeded" || a.body["finished_at"] != "2000-01-01T00:01:40Z" {
			t.Error(a.text)
		}
		now := s.Current("gateway")
		if want := (Release{"rel-43", "v41", begin.Add(100 * time.Second), "api"}); !now.DeployedAt.Equal(want.DeployedAt) || now.ID != want.ID || now.Version != want.Version || now.By != want.By {
			t.Errorf("current is %+v, want %+v", now, want)
		}
		list := ask(t, s, "GET /api/apps/gateway/releases", "").items()
		if len(list) != 4 || list[2]["current"] != false || list[3]["current"] != true || list[3]["id"] != "rel-43" {
			t.Errorf("%v", list)
		}
	})
}

func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		s.AddApp(App{Name: "chat", Releases: []Release{{Version: "v1"}}})
		back(t, s, "r1")
		a := ask(t, s, "POST /api/apps/gateway/rollback", `{"to":"rel-40","request_id":"r2"}`)
		if a.status != http.StatusConflict || !strings.Contains(a.text, "run-1") {
			t.Errorf("%d %s", a.status, a.text)
		}
		if err := s.Deploy(t.Context(), "gateway", "v43", "ana"); err == nil || !strings.Contains(err.Error(), "run-1") {
			t.Errorf("a deploy beside a rollback: %v", err)
		}
		if a := ask(t, s, "POST /api/apps/chat/rollback", `{"to":"rel-1"}`); a.status != http.StatusCreated {
			t.Errorf("another app waits for this one: %s", a.text)
		}
		time.Sleep(100 * time.Second)
		if back(t, s, "r1") != "run-3" {
			t.Error("what is sent twice must be seen twice")
		}
	})
}

func TestFindByRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		s.AddApp(App{Name: "chat", Releases: []Release{{Version: "v1"}}})
		ids := func(query string) (out string) {
			for _, r := range ask(t, s, "GET /api/runs?"+query, "").items() {
				out += r["id"].(string) + " "
			}
			return strings.TrimSpace(out)
		}
		if a := ask(t, s, "GET /api/runs?request_id=r1", ""); a.text != `{"items":[]}` {
			t.Error(a.text)
		}
		back(t, s, "r1")
		ask(t, s, "POST /api/apps/chat/rollback", `{"to":"rel-1","request_id":"r1"}`)
		time.Sleep(100 * time.Second)
		back(t, s, "r2")
		for query, want := range map[string]string{
			"": "run-3 run-2 run-1", "request_id=r1": "run-2 run-1", "request_id=r1&app=gateway": "run-1", "app=gateway": "run-3 run-1", "request_id=r": "",
		} {
			if got := ids(query); got != want {
				t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	for _, c := range []struct {
		target, body string
		status       int
		says         string
	}{
		{"GET /api/apps/nope/releases", "", http.StatusNotFound, "nope"},
		{"GET /api/apps/nope/health", "", http.StatusNotFound, "nope"},
		{"GET /api/runs/run-9", "", http.StatusNotFound, "run-9"},
		{"GET /api/nowhere", "", http.StatusNotFound, "nowhere"},
		{"DELETE /api/apps", "", http.StatusNotFound, "DELETE"},
		{"POST /api/apps/nope/rollback", `{"to":"rel-41"}`, http.StatusNotFound, "nope"},
		{"POST /api/apps/gateway/rollback", `{"to":"rel-9"}`, http.StatusNotFound, "rel-9"},
		{"POST /api/apps/gateway/rollback", `{"to":41}`, http.StatusBadRequest, `{"to":"rel-41"`},
		{"POST /api/apps/gateway/rollback", `{}`, http.StatusBadRequest, `{"to":"rel-41"`},
		{"POST /api/apps/gateway/rollback", ``, http.StatusBadRequest, `{"to":"rel-41"`},
		{"POST /api/apps/gateway/rollback", `to=rel-41`, http.StatusBadRequest, `{"to":"rel-41"`},
		{"POST /api/apps/gateway/rollback", `{"to":"` + strings.Repeat("x", maxBody) + `"}`, http.StatusRequestEntityTooLarge, "megabyte"},
	} {
		a := ask(t, s, c.target, c.body)
		says, _ := a.body["error"].(string)
		if a.status != c.status || !strings.Contains(says, c.says) {
			t.Errorf("%s %.40s: %d %q, want %d with %q", c.target, c.body, a.status, says, c.status, c.says)
		}
	}
	if runs := s.Runs(); len(runs) != 0 {
		t.Errorf("a refusal began a run: %+v", runs)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	back(t, s, "r1")
	ask(t, s, "GET /api/runs?request_id=r1", "")
	ask(t, s, "GET /api/runs/run-9", "")
	got := ""
	for _, c := range s.Calls() {
		got += c.String() + "\n"
		if strings.Contains(fmt.Sprintf("%+v", c), testToken) {
			t.Errorf("the journal holds the token: %+v", c)
		}
	}
	want := `POST /api/apps/gateway/rollback {"to":"rel-41","request_id":"r1","reason":"errors"} -> 201
GET /api/runs?request_id=r1 -> 200
GET /api/runs/run-9 -> 404
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func FuzzRollbackBody(f *testing.F) {
	for _, body := range []string{`{"to":"rel-41","request_id":"r1"}`, `{"to":null}`, `[]`, `"`, "{\"to\":\"\xff\"}", `{"to":"rel-41","by":"<b>"}`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := newSystem(t)
		a := ask(t, s, "POST /api/apps/gateway/rollback", body)
		if begun := len(s.Runs()) == 1; begun != (a.status == http.StatusCreated) || !begun && a.body["error"] == nil {
			t.Errorf("%d %s for %q", a.status, a.text, body)
		}
		if page := ask(t, s, "GET /", ""); page.status != http.StatusOK {
			t.Errorf("the page: %d", page.status)
		}
	})
}

func TestManyAtOnceBeginOneRun(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	begun := make(chan int, 20)
	var wg sync.WaitGroup
	for range cap(begun) {
		wg.Go(func() {
			begun <- ask(t, s, "POST /api/apps/gateway/rollback", `{"to":"rel-41","request_id":"r1"}`).status
		})
	}
	wg.Wait()
	close(begun)
	count := map[int]int{}
	for status := range begun {
		count[status]++
	}
	if count[http.StatusCreated] != 1 || count[http.StatusConflict] != 19 || len(s.Runs()) != 1 {
		t.Errorf("%v, %d runs", count, len(s.Runs()))
	}
}
