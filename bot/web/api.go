package web

import (
	"context"
	_ "embed" // the API's description
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// apiDeadline bounds what one request may wait for the database.
const apiDeadline = 10 * time.Second

// openAPI describes the endpoints below; a test compares the two.
//
//go:embed openapi.json
var openAPI []byte

// call is one authenticated request to the API.
type call struct {
	*http.Request
	caller caller
	w      http.ResponseWriter
}

// endpoint is one path of the API.
type endpoint struct {
	method string
	path   string
	route  route
	// verb is what a token that is limited to some verbs must hold, all of it or
	// its first word; empty: such a token cannot come here.
	verb string
	// handle returns what is encoded as the answer, a [document] that is the
	// answer, or an error for [Server.fail].
	handle func(context.Context, call) (any, error)
}

func (s *Server) endpoints() []endpoint {
	return []endpoint{
		{http.MethodPost, "/api/v1/commands", routeCommands, anyVerb, s.postCommand},
		{http.MethodGet, "/api/v1/incidents", routeIncidents, "list", s.getIncidents},
		{http.MethodGet, "/api/v1/incidents/{n}", routeOneIncident, "show", s.getIncident},
		{http.MethodGet, "/api/v1/incidents/{n}/timeline", routeTimeline, "timeline", s.getTimeline},
		{http.MethodGet, "/api/v1/incidents/{n}/postmortem", routePostmortem, "postmortem", s.getPostmortem},
		{http.MethodGet, "/api/v1/incidents/{n}/postmortem.md", routePostmortem, "postmortem", s.getPostmortemMarkdown},
		{http.MethodGet, "/api/v1/incidents/{n}/postmortem.html", routePostmortem, "postmortem", s.getPostmortemHTML},
		{http.MethodGet, "/api/v1/followups", routeFollowUps, "action list", s.getFollowUps},
		{http.MethodGet, "/api/v1/rollbacks/{id}", routeRollback, "rollback show", s.getRollback},
		{http.MethodGet, "/api/v1/outbox", routeOutbox, "", s.getOutbox},
		{http.MethodGet, "/api/v1/openapi.json", routeOpenAPI, anyVerb, func(context.Context, call) (any, error) {
			return json.RawMessage(openAPI), nil
		}},
	}
}

// api serves the endpoints. Methods are judged after the token, so that a
// stranger learns nothing of what there is.
func (s *Server) api() http.Handler {
	mux := http.NewServeMux()
	for _, e := range s.endpoints() {
		mux.Handle(e.path, s.serve(e))
	}
	mux.Handle("/api/v1/", s.serve(endpoint{route: routeAPIOther, verb: anyVerb, handle: func(context.Context, call) (any, error) {
		return nil, bot.NotFound("There is nothing at this path.").WithHint("GET /api/v1/openapi.json lists what there is.")
	}}))
	return mux
}

func (s *Server) serve(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), apiDeadline)
		defer cancel()
		rec := &recorder{ResponseWriter: w}
		secure(rec.Header())
		answer, err := s.answer(ctx, e, call{Request: r, w: rec})
		if doc, is := answer.(document); is && err == nil {
			doc.write(rec)
		} else if err == nil {
			wire.WriteJSON(rec, http.StatusOK, answer)
		} else {
			s.fail(ctx, rec, err)
		}
		s.counts.add(e.route, rec.code)
	})
}

func (s *Server) answer(ctx context.Context, e endpoint, c call) (any, error) {
	if err := s.trusted.Check(c.Request); err != nil {
		return nil, bot.Forbidden("Requests from pages of other sites are refused.")
	}
	var err error
	if c.caller, err = s.authenticate(ctx, c.Request); err != nil {
		return nil, err
	}
	if e.method != "" && c.Method != e.method && (e.method != http.MethodGet || c.Method != http.MethodHead) {
		c.w.Header().Set("Allow", e.method)
		return nil, refuse(http.StatusMethodNotAllowed, "Only %s works here.", e.method)
	}
	if err := c.caller.covers(e.verb); err != nil {
		return nil, err
	}
	return e.handle(ctx, c)
}

// refusal is an error with a status code that its kind does not say.
type refusal struct {
	code int
	err  *bot.Error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(code int, format string, args ...any) *refusal {
	return &refusal{code, bot.Invalid(format, args...)}
}

// statusOf maps the kinds of error to HTTP, once for all endpoints.
func statusOf(k bot.Kind) int {
	switch k {
	case bot.KindInvalid:
		return http.StatusBadRequest
	case bot.KindForbidden:
		return http.StatusForbidden
	case bot.KindNotFound:
		return http.StatusNotFound
	case bot.KindConflict:
		return http.StatusConflict
	case bot.KindUnknown:
		return http.StatusServiceUnavailable
	case bot.KindInternal:
	}
	return http.StatusInternalServerError
}

type errorShape struct {
	Kind  string `json:"kind"`
	Text  string `json:"text"`
	Hint  string `json:"hint"`
	Line  string `json:"line,omitempty"` // a command line that would have worked
	Label string `json:"label,omitempty"`
}

// fail writes err. What is the user's is shown; what is ours is logged and
// named without detail.
func (s *Server) fail(ctx context.Context, w http.ResponseWriter, err error) {
	var (
		form   *bot.FormError
		known  *bot.Error
		refuse *refusal
		shape  = errorShape{Kind: string(bot.KindInternal), Text: "Something went wrong here, and nothing was changed."}
		code   = http.StatusInternalServerError
	)
	if errors.As(err, &form) {
		err = bot.Invalid("Some of the values cannot be taken: %s.", joinFields(form.Fields))
	}
	if errors.As(err, &known) {
		shape = errorShape{Kind: string(known.Kind), Text: known.Sentence().String(), Hint: known.Hint, Line: known.Line, Label: known.Label}
		code = statusOf(known.Kind)
	}
	if errors.As(err, &refuse) {
		code = refuse.code
	}
	switch {
	case known != nil && known.Kind == bot.KindUnknown:
		s.log.ErrorContext(ctx, "not known whether an API request was carried out", "error", err)
		w.Header().Set("Retry-After", "5")
	case code != http.StatusInternalServerError:
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		code, shape.Text = http.StatusServiceUnavailable, "The database did not answer in time. Try again."
		w.Header().Set("Retry-After", "1")
	default:
		s.log.ErrorContext(ctx, "API request failed", "error", err)
	}
	if code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="tocsin"`)
	}
	wire.WriteJSON(w, code, struct {
		OK    bool       `json:"ok"`
		Error errorShape `json:"error"`
	}{false, shape})
}

// document is an answer that is no JSON.
type document struct {
	kind   string
	policy string // what it may load
	body   []byte
}

func (d document) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", d.kind)
	h.Set("Content-Security-Policy", d.policy)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(d.body) // the caller has gone; there is nobody to tell
}
