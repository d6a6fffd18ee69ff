package fakegithub_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

const (
	testToken  = "ghp_token"
	testSecret = "It's a Secret to Everybody"
	repoName   = "acme/postmortems"
)

var begin = time.Date(2026, 3, 2, 9, 0, 0, 700_000_000, time.UTC)

// world is a GitHub with the repository acme/postmortems, its clock and the
// receiver of its webhooks.
type world struct {
	*fakegithub.GitHub
	t    *testing.T
	ctx  context.Context
	hook *receiver

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T, change ...func(*fakegithub.Options)) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), now: begin, hook: &receiver{t: t}}
	opt := fakegithub.Options{
		Token: testToken, WebhookURL: "https://bot.test/github/webhooks", WebhookSecret: testSecret, Client: &http.Client{Transport: w.hook},
		Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now },
	}
	for _, f := range change {
		f(&opt)
	}
	w.GitHub = fakegithub.New(opt)
	t.Cleanup(w.Close)
	w.AddRepo(fakegithub.Repo{Name: repoName, Private: true, Assignees: []string{"ana", "Ben", "cem"}})
	return w
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// client is go-github as anybody uses it.
func (w *world) client(token string) *github.Client {
	return w.clientAt(token, "https://github.test/api/v3/")
}

func (w *world) clientAt(token, base string) *github.Client {
	c := github.NewClient(&http.Client{Transport: inProcess{w.Handler()}})
	if token != "" {
		c = c.WithAuthToken(token)
	}
	c.BaseURL, _ = url.Parse(base)
	return c
}

// raw sends a request as it is and follows nothing.
func (w *world) raw(target, body string, headers ...string) *http.Response {
	w.t.Helper()
	method, path, _ := strings.Cut(target, " ")
	r, err := http.NewRequestWithContext(w.ctx, method, "https://github.test"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	for k := 0; k+1 < len(headers); k += 2 {
		r.Header.Set(headers[k], headers[k+1])
	}
	resp, err := inProcess{w.Handler()}.RoundTrip(r)
	if err != nil {
		w.t.Fatalf("%s: %v", target, err)
	}
	return resp
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// open opens an issue through the API.
func (w *world) open(title string, change ...func(*github.IssueRequest)) *github.Issue {
	w.t.Helper()
	req := &github.IssueRequest{Title: &title}
	for _, f := range change {
		f(req)
	}
	i, resp, err := w.client(testToken).Issues.Create(w.ctx, "acme", "postmortems", req)
	if err != nil || resp.StatusCode != http.StatusCreated {
		w.t.Fatalf("%v %v", resp, err)
	}
	return i
}

func labels(names ...string) func(*github.IssueRequest) {
	return func(r *github.IssueRequest) { r.Labels = &names }
}

func must[T any](v T, _ *github.Response, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// status is that of an error's answer.
func status(err error) int {
	var e *github.ErrorResponse
	if errors.As(err, &e) {
		return e.Response.StatusCode
	}
	return 0
}

// inProcess serves requests without a socket.
type inProcess struct{ h http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), "192.0.2.1:1234", r.URL.Host
	w := httptest.NewRecorder()
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			resp, err = nil, io.ErrUnexpectedEOF
		default:
			panic(p)
		}
	}()
	p.h.ServeHTTP(w, in)
	resp = w.Result()
	resp.Request = r
	return resp, nil
}

// receiver is the other end: it checks webhooks as go-github does.
type receiver struct {
	t      *testing.T
	mu     sync.Mutex
	status int // of all answers; 0: 200
	hang   bool
	list   []heard
}

type heard struct {
	guid, event string
	body        string
	told        any
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hang {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	body, err := github.ValidatePayload(req, []byte(testSecret))
	if err != nil || req.Header.Get("X-Hub-Signature-256") == "" {
		r.t.Errorf("%v: %v", err, req.Header)
	}
	told, err := github.ParseWebHook(github.WebHookType(req), body)
	if err != nil {
		r.t.Error(err)
	}
	if agent := req.Header.Get("User-Agent"); !strings.HasPrefix(agent, "GitHub-Hookshot/") || req.Header.Get("X-GitHub-Hook-ID") == "" {
		r.t.Errorf("%v", req.Header)
	}
	r.list = append(r.list, heard{github.DeliveryID(req), github.WebHookType(req), string(body), told})
	code := r.status
	if code == 0 {
		code = http.StatusOK
	}
	return &http.Response{StatusCode: code, Header: http.Header{"Location": {"https://elsewhere.test/"}}, Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// got is one line a webhook, and forgets them.
func (w *world) got() string {
	w.t.Helper()
	if err := w.WaitWebhooks(w.ctx); err != nil {
		w.t.Fatal(err)
	}
	w.hook.mu.Lock()
	defer w.hook.mu.Unlock()
	out := ""
	for _, h := range w.hook.list {
		switch e := h.told.(type) {
		case *github.IssuesEvent:
			out += fmt.Sprint(e.GetAction(), " #", e.GetIssue().GetNumber(), " by ", e.GetSender().GetLogin())
			if e.Label != nil {
				out += " " + e.Label.GetName()
			}
			if e.Assignee != nil {
				out += " " + e.Assignee.GetLogin()
			}
		case *github.IssueCommentEvent:
			out += fmt.Sprint("comment ", e.GetAction(), " #", e.GetIssue().GetNumber(), " by ", e.GetSender().GetLogin(), " ", e.GetComment().GetBody())
		}
		out += "\n"
	}
	w.hook.list = nil
	return out
}
