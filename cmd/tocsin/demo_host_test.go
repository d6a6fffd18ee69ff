package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot/scenario"
)

// TestDemoBase: wherever the demo listens, it says an address that can be opened,
// and whether others can reach it.
func TestDemoBase(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080", "[::1]:8080": "http://[::1]:8080", "[::]:8080": "http://127.0.0.1:8080 open",
		"0.0.0.0:8080": "http://127.0.0.1:8080 open", "10.0.0.5:8080": "http://10.0.0.5:8080 open", "192.0.2.2:8080": " open",
	} {
		a, err := net.ResolveTCPAddr("tcp", listen)
		if err != nil {
			t.Fatal(err)
		}
		got, open := demoBase(a)
		if open {
			got += " open"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}

// TestDemoHosts: the configuration holds wherever it listens, a page of another site
// cannot act here under a name of its own, and the first page is found.
func TestDemoHosts(t *testing.T) {
	t.Parallel()
	story, err := scenario.Load(scenario.Default)
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"http://127.0.0.1:8080", "http://[::1]:8080", "http://10.0.0.5:8080"} {
		s, err := newSandbox(t.Context(), env{strings.NewReader(""), io.Discard, t.Output(), nil}, base, story, outside{volatile: true})
		if err != nil {
			t.Fatalf("%s: %v", base, err)
		}
		for _, c := range []struct {
			method, url, origin string
			want                int
		}{
			{http.MethodGet, base + "/demo", "", http.StatusOK},
			{http.MethodGet, "http://localhost:8080/demo", "", http.StatusOK},
			{http.MethodGet, "http://10.0.0.1:80/demo", "", http.StatusOK},
			{http.MethodGet, base + "/demo/", "", http.StatusFound},
			{http.MethodGet, "http://evil.example/demo", "", http.StatusMisdirectedRequest},
			{http.MethodPost, "http://evil.example/demo/skip", "http://evil.example", http.StatusMisdirectedRequest},
			{http.MethodPost, base + "/demo/skip", "http://evil.example", http.StatusForbidden},
			{http.MethodPost, base + "/demo/skip", base, http.StatusSeeOther},
		} {
			r := httptest.NewRequestWithContext(t.Context(), c.method, c.url, nil)
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			w := httptest.NewRecorder()
			s.handler().ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("%s %s from %q: %d, want %d", c.method, c.url, c.origin, w.Code, c.want)
			}
		}
		if err := s.app.store.Close(); err != nil {
			t.Error(err)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}
