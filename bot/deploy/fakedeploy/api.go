package fakedeploy

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// obj is a JSON object on its way out.
type obj = map[string]any

// A Call is one entry of the journal: a request to the API.
type Call struct {
	Method, Path, Query string
	// Body is what was sent.
	Body string
	At   time.Time
	// Status is HTTP's. Dropped calls were never answered; with Status 0 they did
	// no work either.
	Status  int
	Dropped bool
}

// String is the call on one line.
func (c Call) String() string {
	s := c.Method + " " + c.Path
	if c.Query != "" {
		s += "?" + c.Query
	}
	if c.Body != "" {
		s += " " + c.Body
	}
	return s + " -> " + strconv.Itoa(c.Status)
}

// Calls returns the journal, oldest first.
func (s *System) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Handler serves the API under /api/ and the page under /.
func (s *System) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", s.serve(func(r *http.Request, _ []byte) (reply, error) {
		return reply{}, refuse(http.StatusNotFound, "there is no %s %s", r.Method, r.URL.Path)
	}))
	mux.HandleFunc("GET /api/apps", s.serve(s.listApps))
	mux.HandleFunc("GET /api/apps/{app}/releases", s.serve(s.listReleases))
	mux.HandleFunc("GET /api/apps/{app}/health", s.serveOpen(s.health))
	mux.HandleFunc("POST /api/apps/{app}/rollback", s.serve(s.rollback))
	mux.HandleFunc("GET /api/runs", s.serve(s.listRuns))
	mux.HandleFunc("GET /api/runs/{id}", s.serve(s.oneRun))
	s.mountPage(mux)
	return mux
}

// reply is an answer before it is written: text, or the JSON of body.
type reply struct {
	status int
	header map[string]string
	body   any
	text   string
}

// endpoint answers one call. It holds the mutex, and every run is up to date.
type endpoint func(r *http.Request, body []byte) (reply, error)

// maxBody is the most that is read of a request.
const maxBody = 1 << 20

// serve asks for the token, serveOpen for none.
func (s *System) serve(e endpoint) http.HandlerFunc {
	return s.serveOpen(func(r *http.Request, body []byte) (reply, error) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || s.opt.Token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(s.opt.Token)) != 1 {
			return reply{}, refuse(http.StatusUnauthorized, "the token is missing or wrong; send Authorization: Bearer TOKEN")
		}
		return e(r, body)
	})
}

func (s *System) serveOpen(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, readErr := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		f := s.takeFault(r.Method, r.URL.Path)
		call := Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body), At: s.opt.Now()}
		if !s.pass(r.Context(), f.Delay) || f.DropBefore {
			s.drop(call)
		}
		rep, faulty := f.reply()
		if !faulty {
			rep = s.work(e, r, body, readErr)
		}
		call.Status = rep.status
		if f.DropAfter || !s.pass(r.Context(), f.AnswerDelay) {
			s.drop(call)
		}
		s.record(call)
		rep.write(w)
	}
}

// drop cuts the connection.
func (s *System) drop(c Call) {
	c.Dropped = true
	s.record(c)
	panic(http.ErrAbortHandler)
}

func (s *System) record(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
}

func (s *System) work(e endpoint, r *http.Request, body []byte, err error) reply {
	var rep reply
	if err == nil {
		rep, err = s.locked(e, r, body)
	}
	var no *refusal
	var long *http.MaxBytesError
	switch {
	case err == nil:
		return rep
	case errors.As(err, &no):
		return reply{status: no.status, body: obj{"error": no.text}}
	case errors.As(err, &long):
		return reply{status: http.StatusRequestEntityTooLarge, body: obj{"error": "the body is over a megabyte"}}
	}
	return reply{status: http.StatusBadRequest, body: obj{"error": err.Error()}}
}

func (s *System) locked(e endpoint, r *http.Request, body []byte) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return e(r, body)
}

func (rep reply) write(w http.ResponseWriter) {
	if rep.body != nil {
		rep.text = string(encode(rep.body))
	}
	if strings.HasPrefix(strings.TrimSpace(rep.text), "{") || strings.HasPrefix(strings.TrimSpace(rep.text), "[") {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range rep.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(rep.status)
	_, _ = io.WriteString(w, rep.text) // the client may have gone
}

// encode writes JSON without escaping < and >.
func encode(v any) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("fakedeploy: " + err.Error()) // only our own types come here
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
