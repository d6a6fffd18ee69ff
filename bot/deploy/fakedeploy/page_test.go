package fakedeploy

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPageFiles(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	back(t, s, "r1")
	for path, kind := range map[string]string{
		"/": "text/html", "/runs/run-1": "text/html", "/static/page.js": "text/javascript", "/static/page.css": "text/css", "/static/icon.svg": "image/svg+xml",
	} {
		a := send(t, s, httptest.NewRequest(http.MethodGet, path, nil))
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), kind) {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
		if policy := a.header.Get("Content-Security-Policy"); policy == "" || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if kind == "text/html" && (strings.Contains(a.text, "://") || strings.Contains(a.text, "style=") || strings.Contains(a.text, "<script>") || strings.Contains(a.text, `="/`)) {
			t.Errorf("%s has foreign resources, inline code or addresses that do not move with it", path)
		}
	}
	if a := send(t, s, httptest.NewRequest(http.MethodGet, "/runs/run-9", nil)); a.status != http.StatusNotFound {
		t.Errorf("a run that is not there: %d", a.status)
	}
}

func TestPageShows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		shows := func(path string, want ...string) {
			t.Helper()
			text := send(t, s, httptest.NewRequest(http.MethodGet, path, nil)).text
			for _, one := range want {
				if !strings.Contains(text, one) {
					t.Errorf("%s does not show %s:\n%s", path, one, text)
				}
			}
		}
		shows("/", "gateway", "api-gateway", "production", `<p class="version">v42</p>`, "rel-40", "Deploy a new version <span>v43</span>", "Nothing was deployed or rolled back yet.")
		back(t, s, "r1")
		time.Sleep(24 * time.Second)
		shows("/", "times are UTC", "Asked for, UTC", "draining 3 of 12 hosts", `value="24"`, `href="runs/run-1"`, "r1", " disabled")
		shows("/runs/run-1", "rollback to v41", "running", "draining 3 of 12 hosts", "rel-41", "r1", "errors", `action="run-1/hold"`)
		_ = s.Block("run-1")
		shows("/runs/run-1", "waiting", `action="run-1/resume"`)
		_ = s.Unblock("run-1")
		s.SetHealth("gateway", false)
		time.Sleep(time.Hour)
		shows("/", `<p class="version">v41</p>`, "unhealthy", "succeeded", "v41 runs on 12 hosts")
	})
}

func TestPageEscapes(t *testing.T) {
	t.Parallel()
	s := New(Options{Token: testToken})
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}`
	s.AddApp(App{Name: evil + "/../x?y#z", Service: evil, Environment: evil, Releases: []Release{{ID: evil, Version: evil, By: evil}}})
	path := "/api/apps/" + url.PathEscape(evil+"/../x?y#z")
	a := ask(t, s, "POST "+path+"/rollback", string(encode(obj{"to": evil, "request_id": evil, "reason": evil, "by": evil})))
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.text)
	}
	s.Fail(evil+"/../x?y#z", evil)
	if err := s.Deploy(t.Context(), evil+"/../x?y#z", evil, evil); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"/?by=" + url.QueryEscape(evil), "/runs/run-1", "/runs/run-2"} {
		text := send(t, s, httptest.NewRequest(http.MethodGet, page, nil)).text
		if !strings.Contains(text, "&lt;script&gt;alert(1)") {
			t.Errorf("%s does not show the text at all:\n%s", page, text)
		}
		for _, bad := range []string{"<script>alert", "<img src=x", `"'>`, `"'&gt;`} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %s", page, bad)
			}
		}
	}
	// The button of such an app leads to it.
	text := send(t, s, httptest.NewRequest(http.MethodGet, "/", nil)).text
	_, after, _ := strings.Cut(text, `formaction="`)
	to, _, _ := strings.Cut(after, `"`)
	before := len(s.Runs())
	if a := send(t, s, httptest.NewRequest(http.MethodPost, "/"+to, nil)); a.status != http.StatusSeeOther || len(s.Runs()) != before+1 {
		t.Errorf("%s: %d %s", to, a.status, a.text)
	}
}

func TestPageDeploys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		press := func(path, by string) answer {
			t.Helper()
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(url.Values{"by": {by}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return send(t, s, r)
		}
		if a := press("/apps/gateway/deploy", " Ben  Okafor "); a.status != http.StatusSeeOther || a.header.Get("Location") != "../../?by=Ben+Okafor" {
			t.Fatalf("%d %v %s", a.status, a.header, a.text)
		}
		if r := s.Runs()[0]; r.Version != "v43" || r.By != "Ben Okafor" || r.Kind != KindDeploy {
			t.Errorf("%+v", r)
		}
		if a := press("/apps/gateway/deploy", "ana"); a.status != http.StatusConflict || !strings.Contains(a.text, "run-1") {
			t.Errorf("%d %s", a.status, a.text)
		}
		if a := press("/apps/nope/deploy", "ana"); a.status != http.StatusNotFound {
			t.Errorf("%d", a.status)
		}
		if a := press("/runs/run-1/hold", ""); a.header.Get("Location") != "../run-1" || s.Runs()[0].Status != Waiting {
			t.Errorf("%d %v", a.status, s.Runs()[0])
		}
		if press("/runs/run-1/resume", ""); s.Runs()[0].Status == Waiting {
			t.Errorf("%v", s.Runs()[0])
		}
		if a := press("/runs/run-1/eat", ""); a.status != http.StatusNotFound {
			t.Errorf("%d", a.status)
		}
		time.Sleep(100 * time.Second)
		if a := press("/runs/run-1/hold", ""); a.status != http.StatusConflict {
			t.Errorf("%d", a.status)
		}
		if press("/apps/gateway/deploy", strings.Repeat("é", 90)); s.Runs()[1].By != strings.Repeat("é", maxName) || s.Runs()[1].Version != "v44" {
			t.Errorf("%+v", s.Runs()[1])
		}
	})
}

func TestPageRefusesOtherSites(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	id := back(t, s, "r1")
	s.AddApp(App{Name: "chat"})
	for _, path := range []string{"/apps/chat/deploy", "/runs/" + id + "/hold"} {
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"} {
			r := httptest.NewRequest(http.MethodPost, path, nil)
			r.Header.Set(name, value)
			if a := send(t, s, r); a.status != http.StatusForbidden {
				t.Errorf("%s with %s: %d", path, name, a.status)
			}
		}
	}
	if runs := s.Runs(); len(runs) != 1 || runs[0].Status == Waiting {
		t.Errorf("%+v", runs)
	}
}
