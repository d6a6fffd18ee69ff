package deploy

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

const canary = "canary+secret/0123456789"

var onLoopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// remote is a deploy system on a socket that keeps what it was asked.
type remote struct {
	*httptest.Server
	host string
	mu   sync.Mutex
	got  []asked
}

type asked struct {
	method, uri, body string
	header            http.Header
}

func newRemote(t *testing.T, answer http.HandlerFunc) *remote {
	t.Helper()
	r := &remote{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.got = append(r.got, asked{req.Method, req.RequestURI, string(body), req.Header.Clone()})
		r.mu.Unlock()
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	r.host = strings.TrimPrefix(r.URL, "http://")
	return r
}

func (r *remote) hits() []asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// template is the simplest one for r.
func (r *remote) template() *Template {
	return &Template{
		Name: "remote", Auth: Auth{Kind: AuthBearer, Secret: canary}, Hosts: []string{r.host}, AllowCIDRs: onLoopback,
		Submit: Submit{URL: pattern(r.URL + "/apps/${app}/rollback"), JSON: map[string]any{"id": pattern("${version_id:int}")}},
		Poll:   []Poll{{URL: pattern("/apps/${app}"), Status: "state", Success: []string{"done"}, Failure: []string{"broken"}}},
	}
}

// stepVars is what a request about a step has.
func stepVars(more ...string) map[string]string {
	vars := map[string]string{
		"request_id": "r7", "service": "api-gateway", "environment": "production", "target": "gateway-prod", "step": "main",
		"from": "v42", "version": "v41", "version_id": "41", "reason": "errors", "requested_by": "U0ANA", "app": "gateway",
	}
	for k := 0; k < len(more); k += 2 {
		vars[more[k]] = more[k+1]
	}
	return vars
}

func clientOf(t *testing.T, tm *Template) *client {
	t.Helper()
	c, err := newClient(tm, nil, true, wire.NewRedactor())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	return c
}

// sound makes a client of a template with no fault.
func sound(t *testing.T, tm *Template) *client {
	t.Helper()
	if all := tm.Check(map[string]string{"app": "gateway"}); len(all) > 0 {
		t.Fatalf("the template has faults: %v", all)
	}
	return clientOf(t, tm)
}

func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for k := 0; k < len(header); k += 2 {
			w.Header().Set(header[k], header[k+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestSignIn(t *testing.T) {
	hook := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	for _, tc := range []struct {
		auth Auth
		want func(asked) bool
	}{
		{Auth{Kind: AuthNone}, func(a asked) bool { return a.header.Get("Authorization") == "" }},
		{Auth{Kind: AuthBearer, Secret: canary}, func(a asked) bool { return a.header.Get("Authorization") == "Bearer "+canary }},
		{Auth{Kind: AuthBasic, User: "bot", Secret: canary}, func(a asked) bool {
			user, pass, ok := (&http.Request{Header: a.header}).BasicAuth()
			return ok && user == "bot" && pass == canary
		}},
		{Auth{Kind: AuthHeader, Name: "PRIVATE-TOKEN", Secret: canary}, func(a asked) bool { return a.header.Get("PRIVATE-TOKEN") == canary }},
		{Auth{Kind: AuthQuery, Name: "token", Secret: canary}, func(a asked) bool { return strings.HasSuffix(a.uri, "?token="+url.QueryEscape(canary)) }},
		{Auth{Kind: AuthForm, Name: "token", Secret: canary}, func(a asked) bool {
			return a.method == http.MethodGet || a.body == url.Values{"token": {canary}}.Encode() && a.header.Get("Content-Type") == "application/x-www-form-urlencoded"
		}},
		{Auth{Kind: AuthHMAC, Secret: hook}, func(a asked) bool {
			signer, err := wire.NewWebhookSigner(hook)
			return err == nil && (a.method == http.MethodGet || a.header.Get("Webhook-Id") == "r7-main-0" && signer.Verify(a.header, []byte(a.body), time.Now()) == nil)
		}},
	} {
		t.Run(string(tc.auth.Kind), func(t *testing.T) {
			r := newRemote(t, says(200, `{"state":"going"}`))
			tm := r.template()
			tm.Auth = tc.auth
			if tc.auth.Kind == AuthForm {
				tm.Submit.JSON = nil
			}
			c := sound(t, tm)
			if s := c.submit(t.Context(), stepVars(), "r7-main-0"); s.outcome != taken {
				t.Fatalf("got %v", s)
			}
			if s, err := c.poll(t.Context(), stepVars(), time.Time{}); err != nil || s.state != bot.RollbackRunning {
				t.Fatalf("got %v, %v", s, err)
			}
			got := r.hits()
			for _, a := range got {
				if !tc.want(a) || a.header.Get("User-Agent") != "Tocsin" || a.header.Get("Accept") != "application/json" {
					t.Errorf("%+v", a)
				}
			}
			if len(got) != 2 {
				t.Errorf("asked %d times", len(got))
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	r := newRemote(t, says(200, `{}`))
	tm := r.template()
	tm.Headers = map[string]string{"Accept": "application/vnd.heroku+json; version=3"}
	tm.Submit.Headers = map[string]Pattern{"Content-Type": pattern("application/json; domain-model=x"), "X-Request-Id": pattern("${request_id}"), "Authorization": pattern("Bearer other")}
	tm.Submit.IdempotencyHeader = "Idempotency-Key"
	c := sound(t, tm)
	c.submit(t.Context(), stepVars(), "r7-main-0")
	c.submit(t.Context(), stepVars(), `r7-"eu.west"-0`)
	got := r.hits()
	if len(got) != 2 {
		t.Fatalf("asked %d times", len(got))
	}
	for name, want := range map[string]string{
		"Accept": "application/vnd.heroku+json; version=3", "Content-Type": "application/json; domain-model=x", "X-Request-Id": "r7",
		"Authorization": "Bearer " + canary, "Idempotency-Key": `"r7-main-0"`,
	} {
		if h := got[0].header.Get(name); h != want {
			t.Errorf("%s is %q, want %q", name, h, want)
		}
	}
	if key := strings.Trim(got[1].header.Get("Idempotency-Key"), `"`); len(key) != 64 || strings.Trim(key, "0123456789abcdef") != "" {
		t.Errorf("a key that no header takes became %q", key)
	}
	if s := c.submit(t.Context(), stepVars("request_id", "r7\r\nX-Admin: 1"), "k"); s.outcome != refused || !strings.Contains(s.why, "X-Request-Id") || len(r.hits()) != 2 {
		t.Errorf("got %v", s)
	}
}

// Nothing that a client says holds a secret, whatever goes wrong and whatever
// the other side says.
func TestSecretsStayInside(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := gone.Addr().String()
	_ = gone.Close()
	basic := func(req *http.Request) string { return strings.TrimPrefix(req.Header.Get("Authorization"), "Basic ") }
	echo := func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Location", req.URL.String())
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": "bad " + req.URL.RawQuery + " and " + canary + " and " + basic(req)})
	}
	forms := []string{canary, url.QueryEscape(canary), base64.StdEncoding.EncodeToString([]byte("bot:" + canary))}
	leaks := func(s string) bool {
		return slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(s, form) })
	}
	for name, auth := range map[string]Auth{"query": {Kind: AuthQuery, Name: "token", Secret: canary}, "basic": {Kind: AuthBasic, User: "bot", Secret: canary}} {
		for _, how := range []string{"told", "down", "dropped"} {
			t.Run(name+" "+how, func(t *testing.T) {
				r := newRemote(t, echo)
				tm := r.template()
				switch how {
				case "down":
					tm.Hosts, tm.Submit.URL = []string{nobody}, pattern("http://"+nobody+"/apps/${app}/rollback")
				case "dropped":
					r.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
				}
				tm.Auth, tm.Versions = auth, &Versions{URL: pattern("/v"), ID: "id"}
				tm.Find = &Find{URL: pattern("/f"), Match: "m", Equals: pattern("${request_id}")}
				c := sound(t, tm)
				s := c.submit(t.Context(), stepVars(), "k")
				_, menuErr := c.menu(t.Context(), stepVars())
				_, pollErr := c.poll(t.Context(), stepVars(), time.Time{})
				_, _, findErr := c.find(t.Context(), stepVars())
				if menuErr == nil || pollErr == nil || findErr == nil || s.why == "" {
					t.Fatalf("all must fail: %v, %v, %v, %v", s, menuErr, pollErr, findErr)
				}
				for _, said := range []string{s.why, menuErr.Error(), pollErr.Error(), findErr.Error()} {
					if leaks(said) || strings.Contains(said, "\n") {
						t.Errorf("%q", said)
					}
				}
			})
		}
	}
}

func TestLongAnswersAreCut(t *testing.T) {
	r := newRemote(t, says(400, strings.Repeat("no \n\x1b[31m", 400), "Content-Type", "text/plain; charset=utf-8"))
	s := clientOf(t, r.template()).submit(t.Context(), stepVars(), "k")
	if n := len([]rune(s.why)); n > maxMessage+40 || n < maxMessage || strings.ContainsAny(s.why, "\n\x1b") {
		t.Errorf("%d runes: %q", n, s.why)
	}
}

// The proxy of the environment is not for deploy systems: it would see the
// secret, and could reach what the guard refuses.
func TestEnvironmentProxyIsNotUsed(t *testing.T) {
	proxy := newRemote(t, says(200, `{}`))
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	metadata := &Template{
		Name: "metadata", Auth: Auth{Kind: AuthNone}, Hosts: []string{"169.254.169.254"}, AllowCIDRs: []netip.Prefix{netip.MustParsePrefix("169.254.0.0/16")},
		Submit: Submit{URL: pattern("http://169.254.169.254/latest")}, Blind: true,
	}
	r := newRemote(t, says(200, `{}`))
	if s := sound(t, r.template()).submit(t.Context(), stepVars(), "k"); s.outcome != taken {
		t.Errorf("got %v", s)
	}
	if s := clientOf(t, metadata).submit(t.Context(), stepVars(), "k"); s.outcome != refused || !strings.Contains(s.why, "nothing was sent") {
		t.Errorf("got %v", s)
	}
	if len(proxy.hits()) != 0 || len(r.hits()) != 1 {
		t.Errorf("proxy %d, remote %d", len(proxy.hits()), len(r.hits()))
	}
}

func TestLoopbackNeedsTheOperator(t *testing.T) {
	r := newRemote(t, says(200, `{}`))
	c, err := newClient(r.template(), wire.NewClient, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := c.submit(t.Context(), stepVars(), "k"); s.outcome != refused || len(r.hits()) != 0 || !strings.Contains(s.why, "loopback") {
		t.Errorf("got %v", s)
	}
	v, err := newVerifier(Verify{URL: pattern(r.URL), CIDRs: onLoopback}, nil, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if ok, why := v.check(t.Context(), nil); ok || !strings.Contains(why, "loopback") {
		t.Errorf("got %v, %q", ok, why)
	}
}

// What we believe of an answer must not be anybody's on the way to write.
func TestVerifyAsksNoPublicHostInPlain(t *testing.T) {
	v, err := newVerifier(Verify{URL: pattern("http://gw.test/healthz")}, nil, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if ok, why := v.check(t.Context(), nil); ok || !strings.HasPrefix(why, "plain http to a public host") {
		t.Errorf("got %v, %q", ok, why)
	}
}

func TestVerify(t *testing.T) {
	ctx, off := context.WithCancel(t.Context())
	off()
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		v      Verify
		ok     bool
		why    string
	}{
		{"status", says(200, ""), Verify{}, true, ""},
		{"other status", says(204, ""), Verify{Status: 204}, true, ""},
		{"wrong status", says(503, `{"error":"warming up"}`), Verify{}, false, "it answered 503 Service Unavailable: warming up"},
		{"redirect", says(302, "", "Location", "/login"), Verify{}, false, "it answered 302 Found"},
		{"version", says(200, `{"version":"v41"}`), Verify{Path: "version", Equals: pattern("${version}")}, true, ""},
		{"wrong version", says(200, `{"version":"v42"}`), Verify{Path: "version", Equals: pattern("${version}")}, false, "version is v42, not v41"},
		{"no version", says(200, `{"version":null}`), Verify{Path: "version", Equals: pattern("${version}")}, false, "version is not told"},
		{"no JSON", says(200, `ok`), Verify{Path: "version", Equals: pattern("${version}")}, false, "its answer is no JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRemote(t, tc.answer)
			tc.v.URL, tc.v.CIDRs = pattern(r.URL+"/health?app=${app}"), onLoopback
			if all := tc.v.Check(map[string]string{"app": "gateway"}); len(all) > 0 {
				t.Fatal(all)
			}
			v, err := newVerifier(tc.v, nil, true, nil)
			if err != nil {
				t.Fatal(err)
			}
			if ok, why := v.check(t.Context(), stepVars()); ok != tc.ok || why != tc.why {
				t.Errorf("got %v, %q; want %v, %q", ok, why, tc.ok, tc.why)
			}
			if ok, why := v.check(ctx, stepVars()); ok || why != "it was interrupted" {
				t.Errorf("interrupted: %v, %q", ok, why)
			}
		})
	}
}
