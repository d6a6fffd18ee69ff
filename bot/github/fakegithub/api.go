package fakegithub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// apiPrefix is where an Enterprise server has its API. It is left out by
// clients of api.github.com, which is taken, too.
const apiPrefix = "/api/v3"

// maxBody is the most that is read of a request.
const maxBody = 1 << 20

// A Call is one entry of the journal: a request to the API.
type Call struct {
	// Path is without /api/v3.
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

// Calls lists the requests to the API, oldest first. It never holds a token.
func (g *GitHub) Calls() []Call {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Call(nil), g.calls...)
}

// A refusal is an error with the HTTP status that says it.
type refusal struct {
	status int
	text   string
	errors []obj
	to     string // where it is now, a path without /api/v3
}

func (r *refusal) Error() string {
	s := "fakegithub: " + r.text
	for _, e := range r.errors {
		s += fmt.Sprint(" ", e["field"], " ", e["code"])
	}
	return s
}

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, text: fmt.Sprintf(format, args...)}
}

func invalid(e obj) error {
	return &refusal{status: http.StatusUnprocessableEntity, text: "Validation Failed", errors: []obj{e}}
}

// reply is what an endpoint answers: text, or the JSON of body.
type reply struct {
	status int
	header map[string]string
	body   any
	text   string
}

func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

// request is a call on its way through.
type request struct {
	*http.Request
	prefix string // /api/v3 or nothing
	body   []byte
	who    visitor
}

// endpoint answers one call. It holds the mutex.
type endpoint func(request) (reply, error)

// serve answers one kind of call.
func (g *GitHub) serve(prefix string, e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := request{Request: r, prefix: prefix}
		var readErr error
		q.body, readErr = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		f := g.takeFault(q.Method, q.URL.Path)
		call := Call{Method: q.Method, Path: q.URL.Path, Query: q.URL.RawQuery, Body: string(q.body), At: g.opt.Now()}
		if !g.wait(r.Context(), f.Delay, f.Hold) || f.DropBefore {
			g.drop(call)
		}
		rep, faulty := f.reply()
		if !faulty || f.Done {
			done := g.work(e, q, readErr)
			if !faulty {
				rep = done
			}
		}
		call.Status = rep.status
		if f.Drop || !g.wait(r.Context(), 0, f.HoldAnswer) {
			g.drop(call)
		}
		g.record(call)
		rep.write(w)
	}
}

// drop cuts the connection.
func (g *GitHub) drop(c Call) {
	c.Dropped = true
	g.record(c)
	panic(http.ErrAbortHandler)
}

func (g *GitHub) record(c Call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, c)
}

// work does what is asked for, and adds what all answers carry.
func (g *GitHub) work(e endpoint, q request, err error) reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	var rep reply
	if err == nil {
		rep, err = g.answer(e, &q)
	}
	if err != nil {
		rep = g.refused(q, err)
	}
	g.finish(q, &rep)
	return rep
}

// answer finds out who asks, and lets the endpoint answer.
func (g *GitHub) answer(e endpoint, q *request) (reply, error) {
	var err error
	if q.who, err = g.visitor(q.Request); err != nil {
		return reply{}, err
	}
	if g.exhausted(q.Request) {
		return reply{}, &refusal{status: http.StatusForbidden, text: "API rate limit exceeded for " + q.who.login + "."}
	}
	return e(*q)
}

// refused is the answer to an error.
func (g *GitHub) refused(q request, err error) reply {
	var no *refusal
	var long *http.MaxBytesError
	body := obj{"documentation_url": "https://docs.github.com/rest"}
	switch {
	case errors.As(err, &no):
	case errors.As(err, &long):
		no = &refusal{status: http.StatusRequestEntityTooLarge, text: "Request body too large"}
	default:
		no = &refusal{status: http.StatusBadRequest, text: "Problems parsing JSON"}
	}
	body["message"], body["status"] = no.text, strconv.Itoa(no.status)
	if no.errors != nil {
		body["errors"] = no.errors
	}
	rep := reply{status: no.status, body: body, header: map[string]string{}}
	if no.to != "" {
		to := g.opt.PublicURL + q.prefix + no.to
		rep.header["Location"], body["url"] = to, to
	}
	return rep
}

func (rep reply) write(w http.ResponseWriter) {
	if rep.body != nil {
		rep.text = string(encode(rep.body))
	}
	if rep.text != "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range rep.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(rep.status)
	_, _ = io.WriteString(w, rep.text) // the client may have gone
}

// read reads the JSON object that was sent.
func (q request) read(into any) error {
	if len(q.body) == 0 {
		return nil
	}
	err := json.Unmarshal(q.body, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		if wrong.Field == "" {
			return refuse(http.StatusBadRequest, "Body should be a JSON object")
		}
		return refuse(http.StatusUnprocessableEntity, "Invalid request.\n\nFor 'properties/%s', %s is not of the right type.", wrong.Field, wrong.Value)
	}
	return err
}

// number reads a number of the path; 0 if it is none.
func (q request) number(name string) int64 {
	n, err := strconv.ParseInt(q.PathValue(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// link is this request's address with other values in the query.
func (g *GitHub) link(q request, change map[string]string) string {
	query := q.URL.Query()
	for name, value := range change {
		query.Set(name, value)
	}
	return g.opt.PublicURL + q.prefix + (&url.URL{Path: q.URL.Path}).EscapedPath() + "?" + query.Encode()
}
