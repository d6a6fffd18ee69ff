package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serveEnv is what serve needs, before a Slack that does not answer.
func serveEnv(t *testing.T, extra ...string) []string {
	t.Helper()
	return append([]string{
		"SLACK_BOT_TOKEN=" + testBotToken, "SLACK_SIGNING_SECRET=" + testSecret, "SLACK_API_URL=http://127.0.0.1:9/api/",
		"TOCSIN_DATABASE=" + filepath.Join(t.TempDir(), "tocsin.db"), "TOCSIN_LOG_LEVEL=error",
	}, extra...)
}

// TestPortInUse: a taken port is said in one line, before anything is touched.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	environ := serveEnv(t, "TOCSIN_LISTEN="+taken.Addr().String())
	var stderr strings.Builder
	code := run(t.Context(), []string{"serve"}, env{strings.NewReader(""), &stderr, &stderr, environ})
	if code != 1 || !strings.Contains(stderr.String(), "cannot listen on "+taken.Addr().String()) || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
	for _, v := range environ {
		if file, ok := strings.CutPrefix(v, "TOCSIN_DATABASE="); ok {
			if _, err := os.Stat(file); !os.IsNotExist(err) {
				t.Errorf("the database was touched: %v", err)
			}
		}
	}
}

// TestPublicAddressServesThePageAlone: with an address of its own the page is
// there and nothing else, and the main address has no page. A stop is clean.
func TestPublicAddressServesThePageAlone(t *testing.T) {
	t.Parallel()
	main, public, metrics := freeAddress(t), freeAddress(t), freeAddress(t)
	environ := serveEnv(t, "TOCSIN_LISTEN="+main, "TOCSIN_PUBLIC_LISTEN="+public, "TOCSIN_METRICS_LISTEN="+metrics, "TOCSIN_API_TOKEN="+testRoot)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"serve"}, env{strings.NewReader(""), t.Output(), t.Output(), environ})
	}()
	status := func(address, path string) int {
		res, err := http.Get("http://" + address + path)
		if err != nil {
			return 0
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	await(t, "the page", func() bool { return status(public, "/") == http.StatusOK })
	for _, c := range []struct {
		address, path string
		want          int
	}{
		{main, "/", http.StatusNotFound},
		{main, "/api/v2/summary.json", http.StatusNotFound},
		{main, "/healthz", http.StatusOK},
		{main, "/readyz", http.StatusOK},
		{main, "/readyz?slack=1", http.StatusServiceUnavailable},
		{main, "/metrics", http.StatusNotFound},
		{main, "/api/v1/incidents", http.StatusUnauthorized},
		{metrics, "/metrics", http.StatusOK},
		{metrics, "/", http.StatusNotFound},
		{public, "/api/v2/summary.json", http.StatusOK},
		{public, "/history.atom", http.StatusOK},
		{public, "/api/v1/incidents", http.StatusNotFound},
		{public, "/slack/commands", http.StatusNotFound},
		{public, "/healthz", http.StatusNotFound},
		{public, "/incidents/1", http.StatusNotFound},
	} {
		if got := status(c.address, c.path); got != c.want {
			t.Errorf("%s%s: %d, want %d", c.address, c.path, got, c.want)
		}
	}
	stop()
	if code := <-done; code != 0 {
		t.Errorf("serve ended with %d", code)
	}
}
