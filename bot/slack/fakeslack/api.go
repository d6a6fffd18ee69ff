package fakeslack

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// obj is a JSON object on its way out.
type obj = map[string]any

// A Call is one entry of the journal: a Web API method or, as "response_url",
// a post to one.
type Call struct {
	Method string
	// Args are the arguments without the token; blocks, views and other
	// structures are JSON text.
	Args map[string]string
	At   time.Time
	// Error is the API's, empty when it went well. Status is HTTP's. Dropped
	// calls were never answered; with Status 0 they did no work either.
	Error   string
	Status  int
	Dropped bool
	Result  json.RawMessage
}

// String is the call on one line.
func (c Call) String() string {
	return fmt.Sprintf("%s %v -> %d %s", c.Method, c.Args, c.Status, c.Result)
}

// method is one of the Web API.
type method struct {
	tier int
	// scope is what the token must have one of, split by |; empty: none.
	scope string
	// need are arguments without which Slack does not look further.
	need []string
	run  func(*Slack, args) (obj, error)
}

// apiError is an answer with ok false.
type apiError struct {
	code  string
	extra obj
}

func (e *apiError) Error() string { return e.code }

func fail(code string) error { return &apiError{code: code} }

// methods is the whole Web API here, put together from the files that hold
// its parts.
func methods() map[string]method {
	all := map[string]method{}
	for _, part := range []map[string]method{
		chatMethods(), conversationMethods(), conversationWrites(), peopleMethods(),
		reactionMethods(), pinMethods(), bookmarkMethods(), viewMethods(), fileMethods(),
	} {
		for name, m := range part {
			all[name] = m
		}
	}
	return all
}

// Handler serves the Web API under /api/, response URLs, uploads, and the page
// with its backend under /.
func (s *Slack) Handler() http.Handler {
	mux := http.NewServeMux()
	known := methods()
	mux.HandleFunc("/api/{method}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("method")
		m, ok := known[name]
		if !ok {
			m = method{run: func(*Slack, args) (obj, error) { return nil, fail("unknown_method") }}
		}
		s.serveMethod(w, r, name, m)
	})
	mux.HandleFunc("POST /response/{id}", s.serveHook)
	mux.HandleFunc("POST /upload/{id}", s.serveUpload)
	mux.HandleFunc("GET /file/{id}/{name}", s.serveFile)
	s.mountPage(mux)
	return mux
}

// reply is an answer before it is written.
type reply struct {
	status     int
	retryAfter int
	body       obj
}

func (s *Slack) serveMethod(w http.ResponseWriter, r *http.Request, name string, m method) {
	a, token, err := readArgs(w, r)
	f, abort := s.fault(r.Context(), name)
	if abort {
		s.record(name, a, reply{}, true)
		panic(http.ErrAbortHandler)
	}
	var rep reply
	switch {
	case f != nil && !f.DropAfterCommit && f.reply() != nil:
		rep = *f.reply()
	case err != nil:
		rep = answer(nil, err)
	default:
		rep = s.run(name, m, a, token)
	}
	dropped := f != nil && f.DropAfterCommit
	s.record(name, a, rep, dropped)
	if dropped {
		panic(http.ErrAbortHandler)
	}
	if rep.body != nil && m.scope != "" {
		w.Header().Set("X-Accepted-Oauth-Scopes", strings.ReplaceAll(m.scope, "|", ","))
	}
	s.mu.Lock()
	scopes := strings.Join(s.opt.Scopes, ",")
	s.mu.Unlock()
	setHeader(w, "X-Oauth-Scopes", scopes)
	rep.write(w)
}

func (s *Slack) run(name string, m method, a args, token string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case token == "":
		return answer(nil, fail("not_authed"))
	case token != s.opt.BotToken:
		return answer(nil, fail("invalid_auth"))
	}
	if wait := s.limit(name, m.tier, a["channel"]); wait > 0 {
		return reply{status: http.StatusTooManyRequests, retryAfter: wait, body: obj{"ok": false, "error": "ratelimited"}}
	}
	if !s.allowed(m.scope) {
		return answer(nil, &apiError{"missing_scope", obj{"needed": m.scope, "provided": strings.Join(s.opt.Scopes, ",")}})
	}
	for _, need := range m.need {
		if a[need] == "" {
			return answer(nil, invalidArguments("missing required field: "+need))
		}
	}
	return answer(m.run(s, a))
}

func (s *Slack) allowed(scope string) bool {
	if scope == "" || s.opt.Scopes == nil {
		return true
	}
	return slices.ContainsFunc(strings.Split(scope, "|"), func(one string) bool { return slices.Contains(s.opt.Scopes, one) })
}

func invalidArguments(messages ...string) error {
	return &apiError{"invalid_arguments", obj{"response_metadata": obj{"messages": marked(messages)}}}
}

// marked writes messages as response_metadata has them.
func marked(messages []string) []string {
	out := make([]string, len(messages))
	for i, m := range messages {
		out[i] = "[ERROR] " + m
	}
	return out
}

func answer(o obj, err error) reply {
	if err == nil {
		if o == nil {
			o = obj{}
		}
		o["ok"] = true
		return reply{status: http.StatusOK, body: o}
	}
	var api *apiError
	if !errors.As(err, &api) {
		api = &apiError{code: err.Error()}
	}
	body := obj{"ok": false, "error": api.code}
	for k, v := range api.extra {
		body[k] = v
	}
	return reply{status: http.StatusOK, body: body}
}

func (rep reply) write(w http.ResponseWriter) {
	if rep.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(rep.retryAfter))
	}
	if rep.body == nil {
		http.Error(w, http.StatusText(rep.status), rep.status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(rep.status)
	_, _ = w.Write(encode(rep.body)) // the client may have gone
}

func (s *Slack) record(name string, a args, rep reply, dropped bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Call{Method: name, Args: a, At: s.opt.SignNow(), Status: rep.status, Dropped: dropped}
	if rep.body != nil {
		c.Error, _ = rep.body["error"].(string)
		c.Result = encode(rep.body)
	}
	s.calls = append(s.calls, c)
}

// Calls returns the journal, oldest first; with methods named, only theirs.
func (s *Slack) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			out = append(out, c)
		}
	}
	return out
}

// encode writes JSON as Slack does, without escaping < and >.
func encode(v any) json.RawMessage {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("fakeslack: " + err.Error()) // only our own types come here
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}

func setHeader(w http.ResponseWriter, name, value string) {
	if value != "" {
		w.Header().Set(name, value)
	}
}

func jsonText(n int64) string { return strconv.FormatInt(n, 10) }

func ceilSeconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }
