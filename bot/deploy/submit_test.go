package deploy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// drop ends the connection without an answer after the request was read.
func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// half promises more than it sends.
func half(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestOutcomesOfASubmit(t *testing.T) {
	soon := time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		change func(*Template)
		want   sentOutcome
		why    string
	}{
		{name: "200", answer: says(200, `{}`), want: taken},
		{name: "204 without a body", answer: says(204, ""), want: taken},
		{name: "200 with a page", answer: says(200, "<html>"), want: taken},
		{name: "202 that is not in ok", answer: says(202, `{"message":"queued"}`), change: ok200, want: unknown, why: "it answered 202 Accepted: queued, which the template does not take for accepted"},
		{name: "201 with what is needed", answer: says(201, `{"id":7}`), change: wantsID, want: taken},
		{name: "201 without", answer: says(201, `{"id":null}`), change: wantsID, want: unknown, why: "it was accepted (201), but its answer lacks id"},
		{name: "201 that is no JSON", answer: says(201, `{"id":`), change: wantsID, want: unknown, why: "it was accepted (201), but its answer is no JSON"},
		{name: "201 with a list", answer: says(201, `{"id":[1,2]}`), change: wantsID, want: unknown, why: "it was accepted (201), but its id cannot be used"},
		{name: "201 cut short", answer: half(201, `{"id":7}`), change: wantsID, want: unknown, why: "it was accepted (201), but its answer broke off"},
		{name: "201 cut short, nothing needed", answer: half(201, `{"id":7}`), want: taken},
		{name: "201 too long", answer: says(201, `"`+strings.Repeat("x", wire.DefaultMaxBody)+`"`), change: wantsID, want: unknown, why: "it was accepted (201), but answer is longer"},
		{name: "302", answer: says(302, "", "Location", "/elsewhere"), want: unknown, why: "a redirect is not followed"},
		{name: "307", answer: says(307, "", "Location", "/elsewhere"), want: refused, why: "a redirect is not followed"},
		{name: "307", answer: says(307, "", "Location", "/elsewhere"), want: refused, why: "a redirect is not followed"},
		{name: "400", answer: says(400, `{"error":{"message":"auto-sync\nis on"}}`), want: refused, why: "it answered 400 Bad Request: auto-sync is on"},
		{name: "401", answer: says(401, `<html>sign in</html>`, "Content-Type", "text/html"), want: refused, why: "it answered 401 Unauthorized"},
		{name: "404", answer: says(404, `{"errors":["no such app"]}`), want: refused, why: "it answered 404 Not Found: no such app"},
		{name: "409", answer: says(409, `busy`, "Content-Type", "text/plain"), want: refused, why: "it answered 409 Conflict: busy"},
		{name: "408", answer: says(408, ``), want: unknown, why: "it may have been taken"},
		{name: "500", answer: says(500, ``), want: unknown, why: "it may have been taken: it answered 500"},
		{name: "502", answer: says(502, ``), want: unknown, why: "it may have been taken"},
		{name: "503", answer: says(503, ``), want: unknown, why: "it may have been taken"},
		{name: "503, come later", answer: says(503, ``, "Retry-After", "7"), want: notSent, why: "it answered 503"},
		{name: "503, come later, who knows when", answer: says(503, ``, "Retry-After", "soon"), want: unknown, why: "it may have been taken"},
		{name: "503, come at", answer: says(503, ``, "Retry-After", soon), want: notSent, why: "it answered 503"},
		{name: "429", answer: says(429, ``), want: notSent, why: "it answered 429"},
		{name: "504", answer: says(504, ``, "Retry-After", "7"), want: unknown, why: "it may have been taken"},
		{name: "dropped after it was read", answer: drop, want: unknown, why: "it may have been taken"},
		{name: "dropped, with a key that Go repeats by", answer: drop, change: func(tm *Template) { tm.Submit.IdempotencyHeader = "Idempotency-Key" }, want: unknown, why: "it may have been taken"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRemote(t, tc.answer)
			tm := r.template()
			if tc.change != nil {
				tc.change(tm)
			}
			s := sound(t, tm).submit(t.Context(), stepVars(), "r7-main-0")
			if s.outcome != tc.want || !strings.HasPrefix(s.why, tc.why) && !strings.HasSuffix(s.why, tc.why) || (s.why == "") != (tc.want == taken) {
				t.Errorf("got %v (%s), want %v, %q", s.outcome, s.why, tc.want, tc.why)
			}
			if n := len(r.hits()); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
			if tc.want == notSent && strings.Contains(tc.name, "503") && (s.again < 5*time.Second || s.again > 31*time.Second) {
				t.Errorf("again after %s", s.again)
			}
		})
	}
}

func ok200(tm *Template) { tm.Submit.OK = []int{200} }

func wantsID(tm *Template) { tm.Submit.Extract = map[string]Extract{"id": {JSON: "id"}} }

// Every step has a connection of its own: Go repeats a request with an
// Idempotency-Key when a kept connection dies.
func TestNoKeptConnectionIsUsedToSend(t *testing.T) {
	var posts atomic.Int64
	r := newRemote(t, func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodPost {
			if posts.Add(1) > 1 {
				drop(w, req)
			}
		}
		_, _ = io.WriteString(w, `{"state":"going"}`)
	})
	tm := r.template()
	tm.Submit.IdempotencyHeader = "Idempotency-Key"
	tm.Submit.JSON = nil // a request without a body is what Go takes for repeatable
	c := sound(t, tm)
	for _, want := range []sentOutcome{taken, unknown, unknown} {
		if _, err := c.poll(t.Context(), stepVars(), time.Time{}); err != nil {
			t.Fatal(err)
		}
		if s := c.submit(t.Context(), stepVars(), "k"); s.outcome != want {
			t.Errorf("got %v, want %v", s, want)
		}
	}
	if n := len(r.hits()); n != 6 {
		t.Errorf("asked %d times, want 3 polls and 3 submits", n)
	}
}

// A body that can be read once only cannot be sent twice, whatever a transport
// makes of the request.
func TestBodyCannotBeSentAgain(t *testing.T) {
	c := clientOf(t, newRemote(t, says(200, "")).template())
	if req, err := c.command(t.Context(), stepVars(), "k"); err != nil || req.GetBody != nil || req.ContentLength != int64(len(`{"id":41}`)) {
		t.Errorf("got %+v, %v", req, err)
	}
}

// What proves that nothing left.
func TestNothingLeft(t *testing.T) {
	never := func(t *testing.T) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }
	}
	send := func(t *testing.T, ctx context.Context, url, host string) sent {
		t.Helper()
		tm := &Template{Name: "x", Auth: Auth{Kind: AuthNone}, Hosts: []string{host}, AllowCIDRs: onLoopback, Submit: Submit{URL: pattern(url)}, Blind: true}
		return clientOf(t, tm).submit(ctx, stepVars(), "k")
	}
	t.Run("refused connection", func(t *testing.T) {
		r := newRemote(t, never(t))
		r.Close()
		if s := send(t, t.Context(), r.URL, r.host); s.outcome != notSent || !strings.Contains(s.why, "refused") {
			t.Errorf("got %v", s)
		}
	})
	t.Run("no such name", func(t *testing.T) {
		if s := send(t, t.Context(), "https://nobody.invalid/x", "nobody.invalid"); s.outcome != notSent {
			t.Errorf("got %v", s)
		}
	})
	t.Run("certificate of a stranger", func(t *testing.T) {
		server := httptest.NewUnstartedServer(never(t))
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
		server.StartTLS()
		defer server.Close()
		if s := send(t, t.Context(), server.URL, strings.TrimPrefix(server.URL, "https://")); s.outcome != notSent || !strings.Contains(s.why, "certificate") {
			t.Errorf("got %v", s)
		}
	})
	t.Run("dropped in the handshake", func(t *testing.T) {
		host := hangingUp(t)
		if s := send(t, t.Context(), "https://"+host, host); s.outcome != notSent {
			t.Errorf("got %v", s)
		}
		if s := send(t, t.Context(), "http://"+host, host); s.outcome != unknown {
			t.Errorf("the same without a handshake: got %v", s)
		}
	})
	t.Run("over before it began", func(t *testing.T) {
		r := newRemote(t, never(t))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if s := send(t, ctx, r.URL, r.host); s.outcome != notSent || s.why != "it was interrupted" {
			t.Errorf("got %v", s)
		}
	})
	t.Run("refused by the guard", func(t *testing.T) {
		r := newRemote(t, never(t))
		if s := send(t, t.Context(), r.URL, "other.test"); s.outcome != refused || !strings.Contains(s.why, "nothing was sent: refused to connect to "+r.host) {
			t.Errorf("got %v", s)
		}
	})
	t.Run("no number", func(t *testing.T) {
		r := newRemote(t, never(t))
		s := clientOf(t, r.template()).submit(t.Context(), stepVars("version_id", "v41"), "k")
		if s.outcome != refused || !strings.Contains(s.why, `nothing was sent: the variable version_id is "v41", and the request wants a whole number`) {
			t.Errorf("got %v", s)
		}
	})
	t.Run("answer could not be read", func(t *testing.T) {
		r := newRemote(t, never(t))
		tm := r.template()
		tm.Submit.Extract = map[string]Extract{"run": {JSON: "runs.${target}.id"}}
		if s := sound(t, tm).submit(t.Context(), stepVars("target", "a.b"), "k"); s.outcome != refused || !strings.Contains(s.why, "nothing was sent") {
			t.Errorf("got %v", s)
		}
	})
}

// hangingUp accepts connections and closes them.
func hangingUp(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}

// tripper is a transport that tells nothing of its connections.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Without word of a connection only an error that says so proves anything.
func TestSilentTransport(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset")}
	for _, tc := range []struct {
		err  error
		want sentOutcome
	}{
		{&net.DNSError{Err: "no such host", Name: "x"}, notSent},
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, notSent},
		{&wire.RefusedError{Target: "x", Err: wire.ErrHost}, refused},
		{reset, unknown}, {io.EOF, unknown}, {context.DeadlineExceeded, unknown}, {context.Canceled, unknown},
		{tls.RecordHeaderError{Msg: "not TLS"}, unknown},
	} {
		dial := func(wire.Guard) (*http.Client, error) {
			return &http.Client{Transport: tripper(func(*http.Request) (*http.Response, error) { return nil, tc.err })}, nil
		}
		tm := &Template{Hosts: []string{"x.test"}, Submit: Submit{URL: pattern("https://x.test/")}, Blind: true}
		c, err := newClient(tm, dial, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := c.submit(t.Context(), nil, "k"); s.outcome != tc.want || s.why == "" {
			t.Errorf("%v: got %v, want %v", tc.err, s, tc.want)
		}
	}
}

// The deadline is kept, and what it means depends on whether there was a
// connection by then.
func TestDeadline(t *testing.T) {
	for name, want := range map[string]sentOutcome{"connects": unknown, "hangs": notSent} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there := net.Pipe()
				defer there.Close()
				ended := make(chan struct{})
				defer close(ended)
				if want == unknown {
					go func() { _, _ = io.Copy(io.Discard, there) }()
				}
				dial := func(wire.Guard) (*http.Client, error) {
					return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
						if want == unknown {
							return here, nil
						}
						<-ended // Go lets a dial go on after its request
						return nil, net.ErrClosed
					}}}, nil
				}
				tm := &Template{Hosts: []string{"x.test"}, AllowCIDRs: onLoopback, Submit: Submit{URL: pattern("http://x.test/")}, Blind: true}
				c, err := newClient(tm, dial, false, nil)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				s := c.submit(t.Context(), nil, "k")
				if took := time.Since(start); s.outcome != want || took != callTime || !strings.HasSuffix(s.why, "no answer came in time") {
					t.Errorf("got %v after %s", s, took)
				}
			})
		})
	}
}

// Also a deadline that ends while a long body is being written is no proof: the
// request has begun to leave.
func TestDeadlineWithinTheBodyIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer there.Close()
		go func() { _, _ = io.ReadFull(there, make([]byte, 6000)) }() // and then no more
		dial := func(wire.Guard) (*http.Client, error) {
			return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}}, nil
		}
		tm := &Template{Hosts: []string{"x.test"}, AllowCIDRs: onLoopback, Submit: Submit{URL: pattern("http://x.test/"), JSON: map[string]any{"reason": pattern("${reason}")}}, Blind: true}
		c, err := newClient(tm, dial, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := c.submit(t.Context(), stepVars("reason", strings.Repeat("x", 20000)), "k"); s.outcome != unknown {
			t.Errorf("got %v", s)
		}
	})
}
