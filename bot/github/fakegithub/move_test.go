package fakegithub_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

func TestTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddRepo(fakegithub.Repo{Name: "acme/app", Private: true, Assignees: []string{"ana"}})
	w.AddRepo(repoPublic)
	c := w.client(testToken)
	must(c.Issues.CreateLabel(w.ctx, "acme", "app", &github.Label{Name: new("a")}))
	old := w.open("x", labels("a", "b"), func(r *github.IssueRequest) { r.Assignees = &[]string{"ana", "cem"} })
	w.got()
	ana := w.As("ana")
	if _, err := ana.Transfer(w.ctx, repoName, 1, "acme/public"); err == nil {
		t.Error("a private issue became public")
	}
	moved, err := ana.Transfer(w.ctx, repoName, 1, "acme/app")
	if err != nil || moved.Repo != "acme/app" || moved.ID == old.GetID() || !slices.Equal(moved.Labels, []string{"a"}) || !slices.Equal(moved.Assignees, []string{"ana"}) {
		t.Errorf("%+v %v", moved, err)
	}
	w.hook.mu.Lock()
	told := w.hook.list[0].body
	w.hook.mu.Unlock()
	for _, want := range []string{`"action":"transferred"`, `"new_issue":{`, `"new_repository":{`, `"full_name":"acme/app"`} {
		if !strings.Contains(told, want) {
			t.Errorf("the webhook has no %s", want)
		}
	}
	if got, want := w.got(), "transferred #1 by ana\nopened #1 by ana\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for _, method := range []string{"GET", "PATCH"} {
		resp := w.raw(method+" /api/v3/repos/acme/postmortems/issues/1", `{"state":"closed"}`)
		if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusMovedPermanently || !strings.HasPrefix(to, "https://github.test/api/v3/repositories/") || !strings.HasSuffix(to, "/issues/1") {
			t.Errorf("%s: %d %s", method, resp.StatusCode, to)
		}
	}
	if got := must(c.Issues.Get(w.ctx, "acme", "postmortems", 1)); got.GetID() != moved.ID || !strings.HasSuffix(got.GetRepositoryURL(), "/repos/acme/app") {
		t.Errorf("%v", got)
	}
	// The trap of go-github: the change is lost and nobody says so.
	if got := must(c.Issues.Edit(w.ctx, "acme", "postmortems", 1, &github.IssueRequest{State: new("closed")})); got.GetState() != "open" {
		t.Errorf("%v", got)
	}
	if list := must(c.Issues.ListByRepo(w.ctx, "acme", "postmortems", &github.IssueListByRepoOptions{State: "all"})); len(list)+len(w.Issues(repoName)) != 0 {
		t.Errorf("%v", list)
	}
	w.AddRepo(fakegithub.Repo{Name: "acme/app", Private: true, Hidden: true})
	if resp := w.raw("GET /repos/acme/postmortems/issues/1", ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("it tells of a repository that one does not see: %d", resp.StatusCode)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open("x")
	if err := w.As("ana").Delete(w.ctx, repoName, 1); err != nil {
		t.Fatal(err)
	}
	if got := w.got(); !strings.HasSuffix(got, "deleted #1 by ana\n") {
		t.Error(got)
	}
	c := w.client(testToken)
	if _, _, err := c.Issues.Get(w.ctx, "acme", "postmortems", 1); status(err) != 410 {
		t.Errorf("%v", err)
	}
	if _, _, err := c.Issues.Edit(w.ctx, "acme", "postmortems", 1, &github.IssueRequest{State: new("closed")}); status(err) != 410 {
		t.Errorf("%v", err)
	}
	if _, ok := w.Issue(repoName, 1); ok || len(w.Issues(repoName)) != 0 {
		t.Error("it is still there")
	}
	if i := w.open("y"); i.GetNumber() != 2 {
		t.Errorf("the number is used again: %v", i)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open("x")
	if err := w.RenameRepo(repoName, "acme/incidents"); err != nil {
		t.Fatal(err)
	}
	c := w.client(testToken)
	if got := must(c.Issues.Get(w.ctx, "acme", "postmortems", 1)); got.GetTitle() != "x" || !strings.Contains(got.GetHTMLURL(), "acme/incidents") {
		t.Errorf("%v", got)
	}
	must(c.Issues.Create(w.ctx, "acme", "postmortems", &github.IssueRequest{Title: new("y")}))
	if n := len(w.Issues("acme/incidents")); n != 2 {
		t.Errorf("%d issues", n)
	}
	if get, post := w.raw("GET /repos/acme/postmortems/issues?state=all", ""), w.raw("POST /repos/acme/postmortems/issues", `{"title":"z"}`); get.StatusCode != http.StatusMovedPermanently ||
		!strings.HasSuffix(get.Header.Get("Location"), "/issues?state=all") || post.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("%d %s %d", get.StatusCode, get.Header.Get("Location"), post.StatusCode)
	}
}

// TestWhatIsLeftOut is 404 as GitHub says it, and never a page.
func TestWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open("x")
	for _, target := range []string{
		"GET /api/v3/repos/acme/postmortems/actions/runs", "POST /repos/acme/postmortems/deployments", "GET /search/issues?q=x", "POST /graphql", "GET /api/v3",
		"PUT /api/v3/repos/acme/postmortems/issues/1", "GET /repos/acme/postmortems/issues/9", "GET /repos/acme/postmortems/issues/x", "GET /repos/acme/postmortems/issues/1/nope",
		"GET /repositories/77/issues", "GET /repos/acme/postmortems/issues/comments/1",
	} {
		resp := w.raw(target, "")
		if body := text(t, resp); resp.StatusCode != http.StatusNotFound || !strings.HasPrefix(body, `{"documentation_url":"https://docs.github.com/rest","message":"Not Found"`) {
			t.Errorf("%s: %d %.80s", target, resp.StatusCode, body)
		}
	}
}
