package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"
)

// yard is a deploy system.
type yard struct {
	mu      sync.Mutex
	runs    []run
	current map[string]string // version id, by app
	healthy bool
	down    bool // nobody listens
	deaf    bool // it answers no poll
	// deploy answers a submit instead of the yard; it returns false to let it.
	deploy func(w http.ResponseWriter, r *http.Request) bool
	server *http.Server
	conns  chan net.Conn
	gone   chan struct{}
	once   sync.Once
}

// run is one thing that the yard was told to do.
type run struct {
	ID      int    `json:"id"`
	App     string `json:"app"`
	Ref     string `json:"ref"`
	Version string `json:"version"`
	Key     string `json:"key"`
	State   string `json:"state"`
	Message string `json:"message"`
}

func newYard() *yard {
	y := &yard{current: map[string]string{"main": "2", "chat": "2"}, healthy: true, conns: make(chan net.Conn), gone: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /versions/{app}", y.versions)
	mux.HandleFunc("POST /deploy/{app}", y.submit)
	mux.HandleFunc("GET /runs", y.list)
	mux.HandleFunc("GET /runs/{id}", y.show)
	mux.HandleFunc("GET /health", y.health)
	y.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Hour, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	return y
}

// Accept, Close and Addr make y the listener of its own server.
func (y *yard) Accept() (net.Conn, error) {
	select {
	case c := <-y.conns:
		return c, nil
	case <-y.gone:
		return nil, net.ErrClosed
	}
}

func (y *yard) Close() error {
	y.once.Do(func() { close(y.gone) })
	return nil
}

func (y *yard) Addr() net.Addr { return &net.TCPAddr{} }

func (y *yard) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	y.mu.Lock()
	down := y.down
	y.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	here, there := net.Pipe()
	select {
	case y.conns <- there:
		return here, nil
	case <-y.gone:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (y *yard) versions(w http.ResponseWriter, r *http.Request) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+yardSecret {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	list := []map[string]any{}
	for _, id := range []string{"3", "2", "1"} {
		list = append(list, map[string]any{"id": id, "label": "v" + id, "runs": id == y.current[r.PathValue("app")]})
	}
	_ = json.NewEncoder(w).Encode(list)
}

func (y *yard) submit(w http.ResponseWriter, r *http.Request) {
	var in run
	err := json.NewDecoder(r.Body).Decode(&in)
	y.mu.Lock()
	defer y.mu.Unlock()
	in.ID, in.App, in.State, in.Key = len(y.runs)+1, r.PathValue("app"), "going", r.Header.Get("X-Request-Id")
	if err != nil {
		in.Message = err.Error()
	}
	if y.deploy != nil && y.deploy(w, r) {
		return
	}
	y.runs = append(y.runs, in)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(in)
}

func (y *yard) list(w http.ResponseWriter, _ *http.Request) {
	y.mu.Lock()
	defer y.mu.Unlock()
	_ = json.NewEncoder(w).Encode(append([]run{}, y.runs...))
}

func (y *yard) show(w http.ResponseWriter, r *http.Request) {
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, one := range y.runs {
		if fmt.Sprint(one.ID) == r.PathValue("id") && !y.deaf {
			_ = json.NewEncoder(w).Encode(one)
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}

func (y *yard) health(w http.ResponseWriter, _ *http.Request) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if !y.healthy {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// set changes the yard.
func (y *yard) set(fn func(*yard)) {
	y.mu.Lock()
	defer y.mu.Unlock()
	fn(y)
}

// finish ends the n-th run.
func (y *yard) finish(n int, state string) {
	y.set(func(y *yard) {
		y.runs[n-1].State = state
		if state == "done" {
			y.current[y.runs[n-1].App] = y.runs[n-1].Version
		}
	})
}

// hits are the runs that were submitted.
func (y *yard) hits() []run {
	y.mu.Lock()
	defer y.mu.Unlock()
	return slices.Clone(y.runs)
}

func pattern(s string) Pattern {
	p, err := ParsePattern(s)
	if err != nil {
		panic(err)
	}
	return p
}

// yardTemplate is how to speak to the yard.
func yardTemplate() *Template {
	return &Template{
		Name: "yard", Auth: Auth{Kind: AuthBearer, Secret: yardSecret}, Hosts: []string{yardHost},
		Versions: &Versions{URL: pattern("/versions/${app}"), ID: "id", Label: "label", Current: "runs"},
		Submit: Submit{
			URL: pattern("https://" + yardHost + "/deploy/${app}"), JSON: map[string]any{
				"version": pattern("${version_id}"), "ref": pattern("${request_id}/${step}"), "reason": pattern("${reason}"),
			},
			Extract: map[string]Extract{"run": {JSON: "id"}},
		},
		Poll: []Poll{{
			URL: pattern("/runs/${run}"), Status: "state", Success: []string{"done"}, Failure: []string{"broken"},
			Blocked: []string{"held"}, Message: "message",
		}},
		Timeout: 30 * time.Minute,
	}
}

// yardFind is how to find in the yard what may have been sent.
func yardFind() *Find {
	return &Find{URL: pattern("/runs"), Match: "ref", Equals: pattern("${request_id}/${step}"), Extract: map[string]Extract{"run": {JSON: "id"}}}
}
