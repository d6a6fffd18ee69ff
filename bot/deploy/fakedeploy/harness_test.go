package fakedeploy

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const testToken = "deploy-token"

// begin is when synctest's clock starts.
var begin = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// newSystem is a system with the app gateway, three releases, the last one v42.
func newSystem(t *testing.T, change ...func(*Options)) *System {
	t.Helper()
	opt := Options{Token: testToken, PublicURL: "https://deploy.test"}
	for _, f := range change {
		f(&opt)
	}
	s := New(opt)
	t.Cleanup(s.Close)
	s.AddApp(App{Name: "gateway", Service: "api-gateway", Environment: "production", Duration: 100 * time.Second, Releases: []Release{
		{Version: "v40", By: "cem"}, {Version: "v41", By: "ben"}, {Version: "v42", By: "ana"},
	}})
	return s
}

// answer is what came of a request; dropped if the connection was cut.
type answer struct {
	status  int
	body    map[string]any
	text    string
	header  http.Header
	dropped bool
}

// items are the members of a list.
func (a answer) items() []map[string]any {
	var out []map[string]any
	list, _ := a.body["items"].([]any)
	for _, one := range list {
		out = append(out, one.(map[string]any))
	}
	return out
}

// ask sends a request such as "POST /api/apps/gateway/rollback" with the token.
func ask(t *testing.T, s *System, target, body string) answer {
	t.Helper()
	method, path, _ := strings.Cut(target, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+testToken)
	return send(t, s, r)
}

func send(t *testing.T, s *System, r *http.Request) (a answer) {
	t.Helper()
	w := httptest.NewRecorder()
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			a = answer{dropped: true}
		default:
			panic(p)
		}
	}()
	s.Handler().ServeHTTP(w, r)
	a = answer{status: w.Code, text: w.Body.String(), header: w.Header()}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			t.Errorf("%s %s: %v in %s", r.Method, r.URL, err, a.text)
		}
	}
	return a
}

// back starts a rollback of gateway to v41 and returns the run's id.
func back(t *testing.T, s *System, request string) string {
	t.Helper()
	a := ask(t, s, "POST /api/apps/gateway/rollback", `{"to":"rel-41","request_id":"`+request+`","reason":"errors"}`)
	run, _ := a.body["run"].(map[string]any)
	id, _ := run["id"].(string)
	if a.status != http.StatusCreated || id == "" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	return id
}
