package fakegithub_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(testToken)
	must(c.Issues.CreateMilestone(w.ctx, "acme", "postmortems", &github.Milestone{Title: new("March")}))
	w.open("one", labels("a", "b"))
	w.pass(time.Minute)
	w.open("two", labels("a"), func(r *github.IssueRequest) { r.Assignees = &[]string{"ana"} })
	w.pass(time.Minute)
	if _, err := w.As("cem").Open(w.ctx, repoName, "three", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.As("cem").OpenPull(w.ctx, repoName, "four"); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	if err := w.As("ana").Close(w.ctx, repoName, 1, "completed"); err != nil {
		t.Fatal(err)
	}
	must(c.Issues.Edit(w.ctx, "acme", "postmortems", 3, &github.IssueRequest{Milestone: new(1)}))
	for _, one := range []struct {
		opt  github.IssueListByRepoOptions
		want string
	}{
		{github.IssueListByRepoOptions{}, "4 3 2"},
		{github.IssueListByRepoOptions{State: "all"}, "4 3 2 1"},
		{github.IssueListByRepoOptions{State: "closed"}, "1"},
		{github.IssueListByRepoOptions{State: "all", Labels: []string{"A", "b"}}, "1"},
		{github.IssueListByRepoOptions{State: "all", Labels: []string{"a"}, Sort: "created", Direction: "asc"}, "1 2"},
		{github.IssueListByRepoOptions{State: "all", Creator: "tocsin[bot]"}, "2 1"},
		{github.IssueListByRepoOptions{Assignee: "ANA"}, "2"},
		{github.IssueListByRepoOptions{Assignee: "none"}, "4 3"},
		{github.IssueListByRepoOptions{Assignee: "*"}, "2"},
		{github.IssueListByRepoOptions{Milestone: "1"}, "3"},
		{github.IssueListByRepoOptions{State: "all", Milestone: "none"}, "4 2 1"},
		{github.IssueListByRepoOptions{State: "all", Sort: "updated"}, "3 1 4 2"},
		{github.IssueListByRepoOptions{State: "all", Since: begin.Add(3 * time.Minute).Truncate(time.Second)}, "3 1"},
	} {
		got := ""
		for _, i := range must(c.Issues.ListByRepo(w.ctx, "acme", "postmortems", &one.opt)) {
			got += strconv.Itoa(i.GetNumber()) + " "
			if i.IsPullRequest() != (i.GetNumber() == 4) {
				t.Errorf("%d is a pull request: %v", i.GetNumber(), i.IsPullRequest())
			}
		}
		if strings.TrimSpace(got) != one.want {
			t.Errorf("%+v: %s, want %s", one.opt, got, one.want)
		}
	}
	if _, _, err := c.Issues.ListByRepo(w.ctx, "acme", "postmortems", &github.IssueListByRepoOptions{State: "shut"}); status(err) != 422 {
		t.Errorf("%v", err)
	}
	w.SetListLag(time.Hour)
	if list := must(c.Issues.ListByRepo(w.ctx, "acme", "postmortems", nil)); len(list) != 0 {
		t.Errorf("%v", list)
	}
	if i := must(c.Issues.Get(w.ctx, "acme", "postmortems", 2)); i.GetNumber() != 2 {
		t.Errorf("%v", i)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"/api/v3", ""} {
		w := newWorld(t)
		for k := range 7 {
			w.open(fmt.Sprint("issue ", k))
		}
		c := w.clientAt(testToken, "https://github.test"+prefix+"/")
		opt, got := &github.IssueListByRepoOptions{Direction: "asc", ListOptions: github.ListOptions{PerPage: 3}}, ""
		for {
			list, resp, err := c.Issues.ListByRepo(w.ctx, "acme", "postmortems", opt)
			if err != nil {
				t.Fatal(err)
			}
			got += fmt.Sprint(len(list), " of ", resp.LastPage, ", first ", resp.FirstPage, ", back ", resp.PrevPage, "\n")
			if resp.NextPage == 0 {
				break
			}
			opt.Page = resp.NextPage
		}
		if want := "3 of 3, first 0, back 0\n3 of 3, first 1, back 1\n1 of 0, first 1, back 2\n"; got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		// octokit takes the address of the next page from the header as it is.
		next, walked := prefix+"/repos/acme/postmortems/issues?per_page=3&labels=", 0
		for next != "" {
			resp := w.raw("GET "+next, "")
			walked += strings.Count(text(t, resp), `"node_id":"I_`)
			_, after, more := strings.Cut(resp.Header.Get("Link"), `>; rel="next"`)
			_ = after
			if !more {
				break
			}
			head, _, _ := strings.Cut(resp.Header.Get("Link"), `>; rel="next"`)
			next = strings.TrimPrefix(head[strings.LastIndex(head, "<")+1:], "https://github.test")
			if !strings.HasPrefix(next, prefix+"/repos/") || !strings.Contains(next, "per_page=3") {
				t.Fatalf("next is %s", next)
			}
		}
		if walked != 7 {
			t.Errorf("%d issues", walked)
		}
		for query, want := range map[string]int{"per_page=200": 7, "per_page=x&page=-1": 7, "page=9": 0} {
			if resp := w.raw("GET "+prefix+"/repos/acme/postmortems/issues?"+query, ""); resp.StatusCode != http.StatusOK || strings.Count(text(t, resp), `"node_id":"I_`) != want {
				t.Errorf("%s: %d", query, resp.StatusCode)
			}
		}
	}
}

func TestETags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open("x")
	const list = "GET /api/v3/repos/acme/postmortems/issues?state=all"
	used := func(r *http.Response) string { return r.Header.Get("X-RateLimit-Used") }
	first := w.raw(list, "")
	tag := first.Header.Get("ETag")
	again := w.raw(list, "", "If-None-Match", tag)
	if tag == "" || again.StatusCode != http.StatusNotModified || text(t, again) != "" || used(again) != used(first) || again.Header.Get("ETag") != tag {
		t.Errorf("%s: %d, %s after %s", tag, again.StatusCode, used(again), used(first))
	}
	if other := w.raw("GET /api/v3/repos/acme/postmortems/issues?state=all&page=1", "", "If-None-Match", tag); other.StatusCode != http.StatusOK {
		t.Errorf("another address: %d", other.StatusCode)
	}
	w.AddRepo(repoPublic)
	w.SetToken("another")
	if other := w.raw(list, "", "If-None-Match", tag, "Authorization", "Bearer another"); other.StatusCode != http.StatusOK {
		t.Errorf("another token: %d", other.StatusCode)
	}
	w.SetToken(testToken)
	if err := w.As("ana").Label(w.ctx, repoName, 1, "new"); err != nil {
		t.Fatal(err)
	}
	if fresh := w.raw(list, "", "If-None-Match", tag); fresh.StatusCode != http.StatusOK || fresh.Header.Get("ETag") == tag || used(fresh) == used(first) {
		t.Errorf("changed: %d", fresh.StatusCode)
	}
}
