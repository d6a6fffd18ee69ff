package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// reading is what somebody reads of a page: its text without the markup.
func reading(page string) string {
	page = "<main" + strings.SplitN(page, "<main", 2)[1] // every page has one
	page = regexp.MustCompile(`<svg.*?</svg>|<[^>]*>`).ReplaceAllString(page, " ")
	page = strings.NewReplacer("&#39;", "'", "&#43;", "+", "&amp;", "&").Replace(page)
	return strings.NewReplacer(" .", ".", " ,", ",").Replace(strings.Join(strings.Fields(page), " "))
}

func inOrder(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("%s: no %q at its place in:\n%s", what, part, text)
		}
		rest = after
	}
}

// TestIncidentPage compares the page with the report that was published of
// the incident.
func TestIncidentPage(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	srv := newSiteServer(t, s, pageOf(t, s, now, kustomer()))
	id := bot.PublicID("incident", "1")
	page := getPage(t, srv.Public(), "/incidents/"+id)
	inOrder(t, "report", reading(page),
		"Users unable to load Kustomer application", "Incident Report for Kustomer",
		"Resolved", "This incident has been resolved.", "Posted Jan 23, 2020 - 17:56 EST",
		"Monitoring", "At this time, Kustomer chat is fully operational.", "Posted Jan 23, 2020 - 17:25 EST",
		"Investigating", "However, Kustomer chat is experiencing errors,", "Posted Jan 23, 2020 - 17:11 EST",
		"Monitoring", "The Kustomer application has recovered", "Posted Jan 23, 2020 - 16:48 EST",
		"Update", "We are continuing to investigate this issue.", "Posted Jan 23, 2020 - 16:41 EST",
		"Investigating", "We are currently investigating this issue and will share information", "Posted Jan 23, 2020 - 16:35 EST",
		"This incident affected: Prod1 (US) (API, Channel - Chat, Web Client).", "Current status")
	for _, want := range []string{
		"<title>Kustomer Status - Users unable to load Kustomer application</title>",
		`<link rel="canonical" href="https://status.example.com:8443/incidents/` + id + `">`,
		`<meta property="og:title" content="Kustomer Status - Users unable to load Kustomer application">`,
		`<link rel="alternate" type="application/atom+xml" title="Kustomer Status (Atom)" href="https://status.example.com:8443/history.atom">`,
		`<time datetime="2020-01-23T17:56:00-05:00" title="2020-01-23 22:56 UTC">Jan 23, 2020 - 17:56 EST</time>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
}

func TestHomePage(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	r := kustomerUntil(clock(22, 12))
	next := clock(22, 40)
	r.LastPublic().NextBy = &next
	open := getPage(t, newSiteServer(t, s, pageOf(t, s, clock(22, 12), r)).Public(), "/")
	inOrder(t, "open", reading(open),
		kustomerTitle, "Next update by Jan 23, 17:40 EST.", "Investigating", "chat is experiencing errors", "Monitoring", "Update", "Investigating",
		"This incident affects: Prod1 (US) (API, Channel - Chat, Web Client).",
		"Components Partially Degraded Service", "Prod1 (US) Degraded performance", "API Operational", "Channel - Chat Degraded performance",
		"Web Client Operational", "Documentation Help and guides Operational",
		"Past incidents", "Jan 23, 2020 Ongoing: "+kustomerTitle, "Jan 22, 2020 No incidents reported.", "Incident history", "rendered at Jan 23, 2020 - 17:12 EST.")
	if strings.Contains(open, "No incidents reported today.") || strings.Contains(open, "All Systems Operational") {
		t.Error("an open incident and a quiet day at once")
	}
	late := getPage(t, newSiteServer(t, s, pageOf(t, s, clock(22, 45), r)).Public(), "/")
	inOrder(t, "late", reading(late), "An update was promised by Jan 23, 17:40 EST and is late.")

	done := getPage(t, newSiteServer(t, s, pageOf(t, s, now, kustomer())).Public(), "/")
	inOrder(t, "done", reading(done),
		"All Systems Operational", "Components Prod1 (US) Operational", "Jan 24, 2020 No incidents reported today.",
		"Jan 23, 2020 "+kustomerTitle, "Resolved", "Investigating", "Jan 22, 2020 No incidents reported.", "Jan 10, 2020 No incidents reported.")
	if n := strings.Count(done, `<section class="day">`); n != 15 {
		t.Errorf("%d days, want today and 14 more", n)
	}
	if strings.Contains(done, "Next update") {
		t.Error("a promise outlived its incident")
	}
}

// TestDaysAcrossMidnight has an incident on the day on which it ended in the
// page's zone, and no quiet day among those that it covered.
func TestDaysAcrossMidnight(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	r := declare(1, clock(3, 0), "Long one") // 22 January, 22:00 in New York
	r.public(clock(3, 5), bot.Investigating, "Looking.")
	r.add(clock(3, 5).AddDate(0, 0, 2), bot.Event{Kind: bot.EventResolved, Public: true, Data: bot.Data{Stock: true}})
	page := reading(getPage(t, newSiteServer(t, s, pageOf(t, s, clock(12, 0).AddDate(0, 0, 2), r)).Public(), "/"))
	inOrder(t, "home", page, "Jan 25, 2020 No incidents reported today.", "Jan 24, 2020 Long one Resolved", "Jan 23, 2020 Ongoing: Long one",
		"Jan 22, 2020 Ongoing: Long one", "Jan 21, 2020 No incidents reported.")
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	var list []*record
	for k := range 5 {
		at := now.AddDate(0, -2*k, -5)
		r := declare(int64(9-k), at, fmt.Sprintf("Incident of %s", at.Format("January 2006")))
		r.public(at, bot.Identified, "Known.")
		r.add(at.Add(time.Hour), bot.Event{Kind: bot.EventResolved, Public: true, Data: bot.Data{Stock: true}})
		list = append(list, r)
	}
	h := newSiteServer(t, s, pageOf(t, s, now, list...)).Public()
	inOrder(t, "page 1", reading(getPage(t, h, "/history")), "January 2020 Incident of January 2020 This incident has been resolved. Jan 19, 09:30 – 10:30 EST",
		"December 2019 No incidents reported.", "November 2019 Incident of November 2019", "Older")
	inOrder(t, "page 2", reading(getPage(t, h, "/history?page=2&utm_source=x")), "October 2019 No", "September 2019 Incident of September 2019", "August 2019 No", "Newer", "Older")
	last := reading(getPage(t, h, "/history?page=3"))
	inOrder(t, "page 3", last, "July 2019 Incident", "June 2019 No", "May 2019 Incident of May 2019", "Newer")
	if strings.Contains(last, "Older") {
		t.Error("the last page leads on")
	}
	if getPage(t, h, "/history?page=1") != getPage(t, h, "/history") {
		t.Error("page 1 is another page")
	}
	for _, path := range []string{"/history?page=4", "/history?page=0", "/history?page=x", "/history?page=02", "/history?page=-1"} {
		if r := ask(t, h, http.MethodGet, path, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	h := newSiteServer(t, s, pageOf(t, s, now, kustomer())).Public()
	for _, path := range []string{"/incidents/1", "/incidents/", "/incidents/zzzzzzzzzzzz", "/dashboard", "/api/v1/incidents", "/healthz", "/metrics", "/api/v2/nothing.json", "//evil.example/", "/history/x", "/history?"} {
		r := ask(t, h, http.MethodGet, path, "")
		body := text(t, r)
		if path == "/history?" {
			continue // an empty query is none
		}
		if r.StatusCode != http.StatusNotFound || !strings.Contains(body, "There is no page here") || strings.Contains(body, path[1:]) && len(path) > 9 {
			t.Errorf("%s: %s %s", path, r.Status, body)
		}
	}
	if r := ask(t, h, http.MethodGet, "/history/", ""); r.StatusCode != http.StatusMovedPermanently || r.Header.Get("Location") != "/history" {
		t.Errorf("slash at the end: %s to %q", r.Status, r.Header.Get("Location"))
	}
}

func TestConditionalGet(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	h := newSiteServer(t, s, pageOf(t, s, now, kustomer())).Public()
	for _, path := range []string{"/", "/incidents/" + bot.PublicID("incident", "1"), "/history", "/history.atom", "/history.rss", "/api/v2/summary.json"} {
		first := ask(t, h, http.MethodGet, path, "")
		etag, body := first.Header.Get("Etag"), text(t, first)
		zipped := ask(t, h, http.MethodGet, path, "", "Accept-Encoding: br, gzip;q=0.8")
		z, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		plain, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(plain, []byte(body)) {
			t.Errorf("%s: gzip holds something else (%v)", path, err)
		}
		if got := zipped.Header.Get("Etag"); got == etag || zipped.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: two encodings under one tag %s", path, got)
		}
		if r := ask(t, h, http.MethodGet, path, "", "Accept-Encoding: gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: gzip for somebody who refuses it", path)
		}
		head := ask(t, h, http.MethodHead, path, "")
		if n := text(t, head); head.StatusCode != http.StatusOK || n != "" || head.Header.Get("Content-Length") != fmt.Sprint(len(body)) {
			t.Errorf("HEAD %s: %s, %d bytes, length %s", path, head.Status, len(n), head.Header.Get("Content-Length"))
		}
		for _, header := range []string{"If-None-Match: " + etag, `If-None-Match: "x", W/` + etag, "If-None-Match: " + zipped.Header.Get("Etag"), "If-None-Match: *", "If-Modified-Since: " + first.Header.Get("Last-Modified")} {
			if r := ask(t, h, http.MethodGet, path, "", header); r.StatusCode != http.StatusNotModified || text(t, r) != "" || r.Header.Get("Etag") != etag {
				t.Errorf("%s with %s: %s", path, header, r.Status)
			}
		}
		for _, header := range []string{`If-None-Match: "x"`, "If-Modified-Since: Thu, 01 Jan 2004 00:00:00 GMT", "If-Modified-Since: yesterday"} {
			if r := ask(t, h, http.MethodGet, path, "", header); r.StatusCode != http.StatusOK {
				t.Errorf("%s with %s: %s", path, header, r.Status)
			}
		}
		if got := first.Header.Get("Cache-Control"); got != "public, max-age=0, s-maxage=30, stale-if-error=86400" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		if got := first.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("%s: Vary %q", path, got)
		}
	}
}

// TestSecurityHeaders asks for them on every kind of answer.
func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if err := w.srv.site.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	script := regexp.MustCompile(`/assets/[^"]+\.js`).FindString(getPage(t, w.mux, "/"))
	for _, c := range []struct {
		method, path string
		code         int
	}{
		{"GET", "/", 200}, {"GET", "/nothing", 404}, {"POST", "/", 405}, {"DELETE", "/api/v2/summary.json", 405}, {"OPTIONS", "/history", 405},
		{"GET", "/history/", 301}, {"GET", script, 200}, {"GET", "/history.atom", 200}, {"GET", "/robots.txt", 200},
		{"GET", "/api/v1/incidents", 401}, {"GET", "/healthz", 200}, {"GET", "/readyz", 200}, {"GET", "/metrics", 200}, {"PUT", "/readyz", 405},
	} {
		r := ask(t, w.mux, c.method, c.path, "")
		if r.StatusCode != c.code {
			t.Errorf("%s %s: %s, want %d", c.method, c.path, r.Status, c.code)
		}
		csp := r.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; ") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s %s: policy %q", c.method, c.path, csp)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Referrer-Policy") == "" || r.Header.Get("Cross-Origin-Opener-Policy") == "" {
			t.Errorf("%s %s: headers %v", c.method, c.path, r.Header)
		}
		if c.code == 405 && r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow %q", c.method, c.path, r.Header.Get("Allow"))
		}
		if r.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s %s sets a cookie", c.method, c.path)
		}
		if cors := r.Header.Get("Access-Control-Allow-Origin"); (cors == "*") != (c.code == 200 && strings.HasPrefix(c.path, "/api/v2/")) {
			t.Errorf("%s %s: Access-Control-Allow-Origin %q", c.method, c.path, cors)
		}
	}
}

// TestPolicyHolds looks for what the policy forbids in the pages themselves.
func TestPolicyHolds(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	h := newSiteServer(t, s, pageOf(t, s, now, kustomer())).Public()
	for _, path := range []string{"/", "/history", "/incidents/" + bot.PublicID("incident", "1")} {
		page := getPage(t, h, path)
		if found := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script>|javascript:`).FindString(page); found != "" {
			t.Errorf("%s has %q, which the policy drops", path, found)
		}
		for _, link := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			if r := ask(t, h, http.MethodGet, link[1], ""); r.StatusCode != http.StatusOK || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %s", link[1], r.Status)
			}
		}
	}
}
