package fakegithub

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestSignature: what GitHub's documentation signs, we sign.
func TestSignature(t *testing.T) {
	t.Parallel()
	const want = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	if got := signature("It's a Secret to Everybody", []byte("Hello, World!")); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func newPages(t *testing.T) *GitHub {
	t.Helper()
	g := New(Options{Now: func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }})
	t.Cleanup(g.Close)
	g.AddRepo(Repo{Name: "acme/postmortems", Private: true, Assignees: []string{"ana", "ben"}})
	return g
}

func (g *GitHub) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	g.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func (g *GitHub) post(path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k := 0; k+1 < len(headers); k += 2 {
		r.Header.Set(headers[k], headers[k+1])
	}
	w := httptest.NewRecorder()
	g.Handler().ServeHTTP(w, r)
	return w
}

func TestPageFiles(t *testing.T) {
	t.Parallel()
	g := newPages(t)
	if _, err := g.As("ana").Open(t.Context(), "acme/postmortems", "Raise the pool", "Why"); err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]string{
		"/": "text/html", "/acme/postmortems/issues": "text/html", "/acme/postmortems/issues?state=closed": "text/html", "/acme/postmortems/issues/1": "text/html",
		"/acme/postmortems/issues/new": "text/html", "/static/page.js": "text/javascript", "/static/page.css": "text/css", "/static/icon.svg": "image/svg+xml",
	} {
		w := g.get(path)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
		text := w.Body.String()
		if kind == "text/html" && (strings.Contains(text, "://") || strings.Contains(text, "style=") || strings.Contains(text, "<script>") || strings.Contains(text, `="/`)) {
			t.Errorf("%s has foreign resources, inline code or addresses that do not move with it", path)
		}
	}
	for _, path := range []string{"/acme/nope/issues", "/acme/postmortems/issues/9", "/acme/postmortems/issues/x", "/nope", "/static/nope.js"} {
		if w := g.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestPeopleActOnPages(t *testing.T) {
	t.Parallel()
	g := newPages(t)
	const base = "/acme/postmortems/issues"
	shows := func(path string, want ...string) {
		t.Helper()
		text := g.get(path).Body.String()
		for _, one := range want {
			if !strings.Contains(text, one) {
				t.Errorf("%s does not show %s:\n%s", path, one, text)
			}
		}
	}
	act := func(path, to string, form url.Values) {
		t.Helper()
		form.Set("as", "ben")
		if w := g.post(path, form, "Sec-Fetch-Site", "same-origin"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != to {
			t.Errorf("%s: %d %s %s", path, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
	act(base, "issues/1?as=ben", url.Values{"title": {"Raise the pool"}, "body": {"Line 1\r\nLine 2 &lt;b&gt; \\*x\\*\r\n\r\n<!-- tocsin:item=K1 -->"}})
	if i, _ := g.Issue("acme/postmortems", 1); i.Author != "ben" || !strings.HasPrefix(i.Body, "Line 1\nLine 2") || !strings.Contains(i.Body, "<!-- tocsin") {
		t.Errorf("%+v", i)
	}
	if err := g.As("ana").Label(t.Context(), "acme/postmortems", 1, "sev1"); err != nil {
		t.Fatal(err)
	}
	_ = g.As("ana").Assign(t.Context(), "acme/postmortems", 1, "ana")
	shows("/", "acme/postmortems", "1 open, 0 closed", "private")
	shows(base+"?as=ben", "Raise the pool", "sev1", "assigned to ana", "Open <b>1</b>", `href="issues/1?as=ben"`, "<option selected>ben</option>")
	shows(base+"/1", "Line 1\nLine 2 &lt;b&gt; *x*</div>", "Close as completed", "Close as not planned", "added the label <b>sev1</b>", "<option selected>ana</option>")
	if text := g.get(base + "/1").Body.String(); strings.Contains(text, "tocsin:item") || strings.Contains(text, "Reopen") {
		t.Errorf("the page shows what is hidden:\n%s", text)
	}
	act(base+"/1/comment", "../1?as=ben", url.Values{"comment": {"On it"}})
	act(base+"/1/decline", "../1?as=ben", url.Values{})
	shows(base+"/1", "Closed as not planned", "<b>ben</b> closed this as <b>not planned</b>", "On it", "Reopen")
	shows(base, "There are none.", "Closed <b>1</b>")
	shows(base+"?state=closed", "Raise the pool", "not planned")
	act(base+"/1/reopen", "../1?as=ben", url.Values{})
	act(base+"/1/complete", "../1?as=ben", url.Values{})
	if i, _ := g.Issue("acme/postmortems", 1); i.StateReason != Completed || i.ClosedBy != "ben" || len(i.Comments) != 1 {
		t.Errorf("%+v", i)
	}
	for path, form := range map[string]url.Values{base: {"title": {" "}}, base + "/1/comment": {"comment": {" "}}} {
		if w := g.post(path, form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := g.post(base+"/1/eat", nil); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}

func TestPagesRefuseOtherSites(t *testing.T) {
	t.Parallel()
	g := newPages(t)
	if _, err := g.As("ana").Open(t.Context(), "acme/postmortems", "x", ""); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/acme/postmortems/issues", "/acme/postmortems/issues/1/complete", "/acme/postmortems/issues/1/comment"} {
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"} {
			if w := g.post(path, url.Values{"title": {"evil"}, "comment": {"evil"}}, name, value); w.Code != http.StatusForbidden {
				t.Errorf("%s with %s: %d", path, name, w.Code)
			}
		}
	}
	if all := g.Issues("acme/postmortems"); len(all) != 1 || all[0].State != Open || len(all[0].Comments) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestPagesEscape(t *testing.T) {
	t.Parallel()
	g := newPages(t)
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}&lt;script&gt;alert(2)`
	g.AddRepo(Repo{Name: "acme/evil", Assignees: []string{evil}})
	who := g.As(evil)
	if _, err := who.Open(t.Context(), "acme/evil", evil, evil+"<!-- gone"); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		who.Comment(t.Context(), "acme/evil", 1, evil), who.Label(t.Context(), "acme/evil", 1, `"><script>alert(1)`), who.Assign(t.Context(), "acme/evil", 1, evil),
		who.Edit(t.Context(), "acme/evil", 1, evil+"!", ""),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	for _, page := range []string{"/acme/evil/issues", "/acme/evil/issues/1?as=" + url.QueryEscape(evil), "/acme/evil/issues/new"} {
		text := g.get(page).Body.String()
		if !strings.Contains(text, "&lt;script&gt;alert(1)") {
			t.Errorf("%s does not show the text at all:\n%s", page, text)
		}
		for _, bad := range []string{"<script>alert", "<img src=x", `"'>`, "gone"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %s", page, bad)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a repository of an impossible name was added")
		}
	}()
	g.AddRepo(Repo{Name: "acme/x?y#z"})
}

// TestMovedPages lead on; deleted ones are gone.
func TestMovedPages(t *testing.T) {
	t.Parallel()
	g := newPages(t)
	g.AddRepo(Repo{Name: "acme/app", Private: true})
	ana := g.As("ana")
	for range 2 {
		if _, err := ana.Open(t.Context(), "acme/postmortems", "x", ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ana.Transfer(t.Context(), "acme/postmortems", 1, "acme/app"); err != nil {
		t.Fatal(err)
	}
	_ = ana.Delete(t.Context(), "acme/postmortems", 2)
	if w := g.get("/acme/postmortems/issues/1"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "../../../acme/app/issues/1" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
	if w := g.get("/acme/postmortems/issues/2"); w.Code != http.StatusGone {
		t.Errorf("%d", w.Code)
	}
	if w := g.get("/acme/app"); w.Header().Get("Location") != "app/issues" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
