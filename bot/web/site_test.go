package web

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestRun follows changes from the API to the page, in virtual time.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		var later atomic.Int64
		w.bot.Now = func() time.Time { return now.Add(time.Duration(later.Load())) }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		first := make(chan string, 1)
		go func() { first <- getPage(t, w.mux, "/") }() // before there is anything to show
		synctest.Wait()
		go func() { ended <- w.srv.Run(ctx) }()
		if page := <-first; !strings.Contains(page, "All Systems Operational") {
			t.Errorf("the first reader got %s", page)
		}
		w.run("declare Checkout is down")
		w.run("publish We are on it.")
		time.Sleep(time.Second)
		inOrder(t, "home", reading(getPage(t, w.mux, "/")), "Checkout is down", "Investigating", "We are on it.", "rendered at Jan 24, 2020 - 09:30 EST")
		later.Store(int64(24 * time.Hour)) // nothing changes but the day
		time.Sleep(2 * tick)
		inOrder(t, "home", reading(getPage(t, w.mux, "/")), "Jan 25, 2020 Ongoing: Checkout is down", "rendered at Jan 25, 2020 - 09:30 EST")
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
		getPage(t, w.mux, "/") // the last render stands
	})
}

func TestNotRenderedYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := serve(w.srv.Public(), r)
	if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %v", got.Status, got.Header)
	}
}

// TestLastRenderStands closes the database under the page.
func TestLastRenderStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.keep(kustomer())
	if err := w.srv.site.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.srv.site.refresh(ctx); err == nil {
		t.Fatal("a read with an ended context went well")
	}
	if page := getPage(t, w.mux, "/"); !strings.Contains(page, kustomerTitle) {
		t.Error("the last render is gone")
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	slack := "the socket is silent"
	w := newWorld(t, func(c *Config) { c.SlackHealth = func() (bool, string) { return slack == "", slack } })
	for _, c := range []struct {
		path string
		code int
		want string
	}{
		{"/healthz", 200, `{"ok":true,"version":"1.2.3"}`},
		{"/readyz", 200, `{"ok":true,"database":"ok","slack":"the socket is silent","version":"1.2.3"}`},
		{"/readyz?slack=1", 503, `{"ok":false,"database":"ok","slack":"the socket is silent","version":"1.2.3"}`},
	} {
		r := ask(t, w.mux, http.MethodGet, c.path, "")
		if body := strings.TrimSpace(text(t, r)); r.StatusCode != c.code || body != c.want {
			t.Errorf("%s: %s %s", c.path, r.Status, body)
		}
	}
	w.srv.Drain()
	if r := ask(t, w.mux, http.MethodGet, "/readyz", ""); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text(t, r), `"stopping":"the program is stopping`) {
		t.Errorf("while it stops: %s", r.Status)
	}
	if r := ask(t, w.mux, http.MethodGet, "/healthz", ""); r.StatusCode != http.StatusOK {
		t.Errorf("healthz while it stops: %s; a restart would not help", r.Status)
	}
	w.srv.draining.Store(false)
	slack = ""
	if r := ask(t, w.mux, http.MethodGet, "/readyz?slack=1", ""); r.StatusCode != http.StatusOK {
		t.Errorf("with Slack: %s", r.Status)
	}
	bare := newWorld(t, nil)
	if r := ask(t, bare.mux, http.MethodGet, "/readyz?slack=1", ""); r.StatusCode != http.StatusOK || !strings.Contains(text(t, r), "not configured") {
		t.Errorf("without Slack in the configuration: %s", r.Status)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := serve(w.mux, r)
	if body := text(t, got); got.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, `"database":"does not answer"`) {
		t.Errorf("without a database: %s %s", got.Status, body)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.MetricsElsewhere = true; c.Version = "1\n\"2" })
	w.keep(declare(1, now, "x"))
	if err := w.srv.site.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := ask(t, w.mux, http.MethodGet, "/metrics", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("/metrics is in Mount: %s", r.Status)
	}
	getPage(t, w.mux, "/")
	ask(t, w.mux, http.MethodGet, "/incidents/made-up-by-a-stranger", "")
	w.get("/api/v1/incidents", "wrong", 401)
	body := getPage(t, w.srv.Metrics(), "/metrics")
	for _, want := range []string{
		`tocsin_http_requests_total{route="/",code="200"} 1`, `tocsin_http_requests_total{route="public_other",code="404"} 2`,
		`tocsin_http_requests_total{route="/api/v1/incidents",code="401"} 1`, `tocsin_incidents_open{severity="sev1"} 1`,
		`tocsin_incidents_open{severity="sev2"} 0`, `tocsin_rollbacks_live{state="awaiting_approval"} 0`, `tocsin_jobs{state="waiting"} 0`, `tocsin_jobs{state="failed"} 0`, "tocsin_database_up 1",
		"\ntocsin_page_age_seconds ", `tocsin_build_info{version="1_\"2",go="go`, "go_goroutines ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	line := regexp.MustCompile(`^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="(\\.|[^"\\])*"(,[a-z]+="(\\.|[^"\\])*")*\})? [0-9.e+-]+)$`)
	for sc := bufio.NewScanner(strings.NewReader(body)); sc.Scan(); {
		if !line.MatchString(sc.Text()) {
			t.Errorf("not in the text format: %s", sc.Text())
		}
	}
	if strings.Contains(body, "stranger") {
		t.Error("a stranger's path is a label")
	}
}

// BenchmarkPublicPage compares the home page with a bare handler that writes
// the same bytes, both over connections on the loopback.
func BenchmarkPublicPage(b *testing.B) {
	s := kustomerSettings(b)
	srv := newSiteServer(b, s, pageOf(b, s, now, kustomer()))
	body := srv.site.current.Load().paths["/"].gzipped().body
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", htmlKind)
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body)
	})
	b.Run("bare", func(b *testing.B) { load(b, bare, len(body)) })
	b.Run("page", func(b *testing.B) { load(b, srv.Public(), len(body)) })
}

// load asks h over one connection a worker, without a client's own costs.
func load(b *testing.B, h http.Handler, size int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	b.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			b.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		in := bufio.NewReader(conn)
		for pb.Next() {
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n"); err != nil {
				b.Error(err)
				return
			}
			r, err := http.ReadResponse(in, nil)
			if err != nil {
				b.Error(err)
				return
			}
			if n, _ := io.Copy(io.Discard, r.Body); n != int64(size) {
				b.Errorf("%d bytes, want %d", n, size)
			}
		}
	})
}

// TestInternalChangeDrawsNothing has what customers do not read cost no render
// and leave every tag as it was.
func TestInternalChangeDrawsNothing(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	r := kustomer()
	srv := newSiteServer(t, s, pageOf(t, s, now, r))
	first := srv.site.current.Load()
	r.add(now, bot.Event{Kind: bot.EventNote, Text: "internal"})
	if err := srv.site.show(pageOf(t, s, now.Add(time.Second), r)); err != nil {
		t.Fatal(err)
	}
	second := srv.site.current.Load()
	if reflect.ValueOf(first.paths).Pointer() != reflect.ValueOf(second.paths).Pointer() {
		t.Error("a note redrew the page")
	}
	if !second.at.After(first.at) {
		t.Error("the page looks older than it is")
	}
}

// TestChangedIncidentAlone has a change redraw the pages that tell of it and
// no others.
func TestChangedIncidentAlone(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	other := declare(2, clock(10, 0), "Other")
	other.public(clock(10, 1), bot.Identified, "Known.")
	srv := newSiteServer(t, s, pageOf(t, s, now, other, kustomer()))
	first := srv.site.current.Load()
	other.public(clock(10, 2), bot.Monitoring, "Better.")
	if err := srv.site.show(pageOf(t, s, now, other, kustomer())); err != nil {
		t.Fatal(err)
	}
	second := srv.site.current.Load()
	if path := "/incidents/" + bot.PublicID("incident", "1"); first.paths[path] != second.paths[path] {
		t.Error("an incident that did not change was drawn again")
	}
	for _, path := range []string{"/", "/history", "/history.atom", "/history.rss", "/api/v2/summary.json", "/incidents/" + bot.PublicID("incident", "2")} {
		if first.paths[path] == second.paths[path] || !strings.Contains(string(second.paths[path].plain.body), "Better.") {
			t.Errorf("%s does not tell of the change", path)
		}
	}
	// What was taken back is gone from everywhere.
	other.add(clock(10, 3), bot.Event{Kind: bot.EventRetracted, Data: bot.Data{Ref: other.Head.Seq}})
	if err := srv.site.show(pageOf(t, s, now, other, kustomer())); err != nil {
		t.Fatal(err)
	}
	for path, a := range srv.site.current.Load().paths {
		if strings.Contains(string(a.plain.body), "Better.") {
			t.Errorf("%s still shows what was retracted", path)
		}
	}
}

// TestCorrection shows the new words and when they came.
func TestCorrection(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	r := declare(1, clock(10, 0), "x")
	r.public(clock(10, 1), bot.Identified, "Wrong words.")
	r.add(clock(10, 9), bot.Event{Kind: bot.EventUpdated, Text: "Right words.", Public: true, Data: bot.Data{Ref: r.Head.Seq}})
	h := newSiteServer(t, s, pageOf(t, s, now, r)).Public()
	page := reading(getPage(t, h, "/incidents/"+bot.PublicID("incident", "1")))
	inOrder(t, "incident", page, "Right words.", "Posted Jan 23, 2020 - 05:01 EST, corrected Jan 23, 2020 - 05:09 EST")
	if strings.Contains(page, "Wrong") {
		t.Error("the old words are still there")
	}
	if atom := getPage(t, h, "/history.atom"); !strings.Contains(atom, "<updated>2020-01-23T05:09:00-05:00</updated>") {
		t.Errorf("the feed does not date the correction: %s", atom)
	}
}
