package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

var loopbackRanges = prefixes("127.0.0.0/8", "::1/128")

func server(t *testing.T, h http.HandlerFunc) *url.URL {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return must(url.Parse(s.URL))
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

// get asks and gives what came back, or the error.
func get(t *testing.T, g Guard, target string) (string, error) {
	t.Helper()
	c, err := NewClient(g)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil))
	res, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

func TestLoopbackNeedsBothSettings(t *testing.T) {
	u := server(t, hello)
	named := "http://localhost:" + u.Port() // resolves only when dialled
	for _, tc := range []struct {
		name   string
		guard  Guard
		target string
		want   error
	}{
		{"neither", Guard{}, u.String(), ErrLoopback},
		{"flag alone", Guard{AllowLoopback: true}, u.String(), ErrLoopback},
		{"range alone", Guard{AllowCIDRs: loopbackRanges}, u.String(), ErrLoopback},
		{"both", Guard{AllowCIDRs: loopbackRanges, AllowLoopback: true}, u.String(), nil},
		{"by name, neither", Guard{}, named, ErrLoopback},
		{"by name, both", Guard{AllowCIDRs: loopbackRanges, AllowLoopback: true}, named, nil},
		{"mapped into IPv6", Guard{}, "http://[::ffff:127.0.0.1]:" + u.Port(), ErrLoopback},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.guard.Hosts = []string{u.Host, "localhost:" + u.Port()}
			body, err := get(t, tc.guard, tc.target)
			if !errors.Is(err, tc.want) || (tc.want == nil && body != "hello") {
				t.Errorf("got %q, %v; want %v", body, err, tc.want)
			}
			if refusal := new(RefusedError); tc.want != nil && !errors.As(err, &refusal) {
				t.Errorf("%v is no RefusedError", err)
			}
		})
	}
}

func TestGuardRefusesWhatCannotBeMeant(t *testing.T) {
	ok := []string{"example.com"}
	for name, g := range map[string]Guard{
		"no hosts":           {},
		"empty host":         {Hosts: []string{""}},
		"a URL":              {Hosts: []string{"https://example.com"}},
		"a path":             {Hosts: []string{"example.com/x"}},
		"any host":           {Hosts: []string{"*"}},
		"wildcard alone":     {Hosts: []string{"*."}},
		"wildcard inside":    {Hosts: []string{"a.*.com"}},
		"port zero":          {Hosts: []string{"example.com:0"}},
		"port too high":      {Hosts: []string{"example.com:65536"}},
		"port by name":       {Hosts: []string{"example.com:https"}},
		"short IPv4":         {Hosts: []string{"127.1"}},
		"decimal IPv4":       {Hosts: []string{"2130706433"}},
		"hexadecimal IPv4":   {Hosts: []string{"0x7f.0.0.0x1"}},
		"wildcard address":   {Hosts: []string{"*.10.0.0.1"}},
		"not ASCII":          {Hosts: []string{"bücher.example"}},
		"zero range":         {Hosts: ok, AllowCIDRs: []netip.Prefix{{}}},
		"mapped range":       {Hosts: ok, AllowCIDRs: prefixes("::ffff:10.0.0.0/104")},
		"negative timeout":   {Hosts: ok, Timeout: -1},
		"negative limit":     {Hosts: ok, MaxBody: -1},
		"two proxies":        {Hosts: ok, Proxy: &url.URL{Scheme: "http", Host: "p"}, ProxyFromEnvironment: true},
		"proxy without host": {Hosts: ok, Proxy: &url.URL{Scheme: "http"}},
		"proxy of no kind":   {Hosts: ok, Proxy: &url.URL{Scheme: "ftp", Host: "p"}},
	} {
		if _, err := NewClient(g); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNoRedirect(t *testing.T) {
	followed := false
	u := server(t, func(w http.ResponseWriter, r *http.Request) {
		if followed = r.URL.Path == "/next"; !followed {
			http.Redirect(w, r, "/next", http.StatusFound)
		}
	})
	c := must(NewClient(Guard{Hosts: []string{u.Host}, AllowCIDRs: loopbackRanges, AllowLoopback: true}))
	res, err := c.Do(must(http.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusFound || followed {
		t.Errorf("status %d, followed %v", res.StatusCode, followed)
	}
}

func TestBodyLimit(t *testing.T) {
	u := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/zip" {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			_, _ = z.Write(bytes.Repeat([]byte("x"), 1<<20))
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", len(r.URL.Path)))
	})
	g := Guard{Hosts: []string{u.Host}, AllowCIDRs: loopbackRanges, AllowLoopback: true, MaxBody: 10}
	for path, want := range map[string]bool{"/123456789": true, "/1234567890": false, "/zip": false, "/": true} {
		body, err := get(t, g, u.String()+path)
		tooLarge := new(BodyTooLargeError)
		if want && (err != nil || len(body) != len(path)) {
			t.Errorf("%s: got %q, %v", path, body, err)
		}
		if !want && (!errors.As(err, &tooLarge) || tooLarge.Limit != 10 || len(body) != 10) {
			t.Errorf("%s: got %d bytes, %v", path, len(body), err)
		}
	}
}

func TestDeadline(t *testing.T) {
	done := make(chan struct{})
	u := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-done
	})
	defer close(done)
	_, err := get(t, Guard{Hosts: []string{u.Host}, AllowCIDRs: loopbackRanges, AllowLoopback: true, Timeout: 50 * time.Millisecond}, u.String())
	if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() { //nolint:errorlint // net.Error is an interface
		t.Errorf("got %v, want a timeout while the body is read", err)
	}
}

func TestProxy(t *testing.T) {
	var asked []string
	proxy := server(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Host)
		hello(w, r)
	})
	g := Guard{Hosts: []string{"inside.test", "169.254.169.254", "10.0.0.1"}, Proxy: proxy}
	// A proxy on loopback needs no permission: the operator named it.
	if body, err := get(t, g, "http://inside.test/"); err != nil || body != "hello" {
		t.Fatalf("got %q, %v", body, err)
	}
	for target, want := range map[string]error{
		"http://outside.test/":       ErrHost,
		"http://169.254.169.254/":    ErrForbiddenAddress, // even when listed as a host
		"http://10.0.0.1/":           ErrPrivateAddress,
		"http://" + proxy.Host + "/": ErrHost, // the proxy itself is no target
	} {
		if _, err := get(t, g, target); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", target, err, want)
		}
	}
	if len(asked) != 1 || asked[0] != "inside.test" {
		t.Errorf("the proxy was asked for %q", asked)
	}
	metadata := Guard{Hosts: []string{"inside.test"}, Proxy: &url.URL{Scheme: "http", Host: "169.254.169.254"}}
	if _, err := get(t, metadata, "http://inside.test/"); !errors.Is(err, ErrForbiddenAddress) {
		t.Errorf("metadata address as proxy: %v", err)
	}
}

func TestDialContextIsGuardedByItself(t *testing.T) {
	u := server(t, hello)
	tr := must(NewTransport(Guard{Hosts: []string{u.Host}, AllowCIDRs: loopbackRanges, AllowLoopback: true}))
	conn, err := tr.DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	for addr, want := range map[string]error{"evil.test:443": ErrHost, "127.0.0.1:1": ErrPort, "nonsense": ErrHost} {
		if _, err := tr.DialContext(t.Context(), "tcp", addr); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", addr, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tr.DialContext(ctx, "tcp", u.Host); err == nil {
		t.Error("dialled with a cancelled context")
	}
}

func TestCleanError(t *testing.T) {
	inner := errors.New("no route")
	err := CleanError(&url.Error{Op: "Get", URL: "https://user:pw@git.test/api/x?private_token=abc#f", Err: inner})
	if got := err.Error(); got != `Get "https://git.test/api/x": no route` || !errors.Is(err, inner) {
		t.Errorf("got %s", got)
	}
	if err := CleanError(&url.Error{Op: "Get", URL: "::token=abc", Err: inner}); strings.Contains(err.Error(), "abc") {
		t.Errorf("got %s", err)
	}
	if CleanError(nil) != nil || CleanError(inner) != inner { //nolint:errorlint // the same value is what is asked for
		t.Error("other errors must pass unchanged")
	}
}
