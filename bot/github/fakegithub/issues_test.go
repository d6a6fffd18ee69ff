package fakegithub_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

// TestBothAddresses: an Enterprise server's API has a prefix, github.com's none.
func TestBothAddresses(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"https://github.test/api/v3/", "https://github.test/"} {
		w := newWorld(t)
		c := w.clientAt(testToken, base)
		made := must(c.Issues.Create(w.ctx, "acme", "postmortems", &github.IssueRequest{Title: github.String("Raise the pool"), Body: github.String("Why <b>")}))
		if made.GetNumber() != 1 || made.GetHTMLURL() != "https://github.test/acme/postmortems/issues/1" || made.GetUser().GetLogin() != "tocsin[bot]" ||
			made.GetUser().GetType() != "Bot" || made.GetState() != "open" || made.GetID() == 0 || made.GetNodeID() == "" || made.GetBody() != "Why <b>" {
			t.Errorf("%+v", made)
		}
		got := must(c.Issues.Get(w.ctx, "acme", "postmortems", 1))
		if got.GetTitle() != "Raise the pool" || !got.GetCreatedAt().Time.Equal(begin.Truncate(time.Second)) || got.GetURL() != "https://github.test/api/v3/repos/acme/postmortems/issues/1" {
			t.Errorf("%+v", got)
		}
		if list := must(c.Issues.ListByRepo(w.ctx, "acme", "postmortems", nil)); len(list) != 1 || list[0].GetID() != made.GetID() {
			t.Errorf("%v", list)
		}
		repo := must(c.Repositories.Get(w.ctx, "Acme", "Postmortems"))
		if repo.GetFullName() != repoName || !repo.GetPrivate() || !repo.GetHasIssues() || !repo.GetPermissions()["push"] {
			t.Errorf("%+v", repo)
		}
		if byID := must(c.Repositories.GetByID(w.ctx, repo.GetID())); byID.GetFullName() != repoName {
			t.Errorf("%+v", byID)
		}
		if calls := w.Calls(); calls[0].Path != "/repos/acme/postmortems/issues" || calls[0].Status != http.StatusCreated {
			t.Errorf("%v", calls)
		}
	}
}

func TestWhatCreateRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddRepo(fakegithub.Repo{Name: "acme/off", IssuesOff: true})
	w.AddRepo(fakegithub.Repo{Name: "acme/hidden", Hidden: true})
	c := w.client(testToken)
	for _, one := range []struct {
		repo        string
		req         github.IssueRequest
		status      int
		field, code string
	}{
		{"postmortems", github.IssueRequest{}, 422, "title", "missing_field"},
		{"postmortems", github.IssueRequest{Title: new(strings.Repeat("é", 257))}, 422, "title", "custom"},
		{"postmortems", github.IssueRequest{Title: new("x"), Body: new(strings.Repeat("é", 65537))}, 422, "body", "custom"},
		{"postmortems", github.IssueRequest{Title: new("x"), Assignees: &[]string{"ana", "nobody"}}, 422, "assignees", "invalid"},
		{"postmortems", github.IssueRequest{Title: new("x"), Assignee: new("nobody")}, 422, "assignees", "invalid"},
		{"postmortems", github.IssueRequest{Title: new("x"), Milestone: new(7)}, 422, "milestone", "invalid"},
		{"postmortems", github.IssueRequest{Title: new("x"), Labels: &[]string{strings.Repeat("l", 51)}}, 422, "name", "custom"},
		{"off", github.IssueRequest{Title: new("x")}, 410, "", ""},
		{"hidden", github.IssueRequest{Title: new("x")}, 404, "", ""},
		{"nowhere", github.IssueRequest{Title: new("x")}, 404, "", ""},
	} {
		_, _, err := c.Issues.Create(w.ctx, "acme", one.repo, &one.req)
		var e *github.ErrorResponse
		if !errors.As(err, &e) || e.Response.StatusCode != one.status || e.Message == "" {
			t.Errorf("%s: %v, want %d", one.repo, err, one.status)
			continue
		}
		if one.field != "" && (len(e.Errors) != 1 || e.Errors[0].Field != one.field || e.Errors[0].Code != one.code) {
			t.Errorf("%+v, want %s %s", e.Errors, one.field, one.code)
		}
		if one.field == "body" && !strings.Contains(e.Errors[0].Message, "body is too long") {
			t.Errorf("%+v", e.Errors)
		}
	}
	if n := len(w.Issues(repoName)); n != 0 {
		t.Errorf("a refusal opened %d issues", n)
	}
	w.open(strings.Repeat("é", 256), func(r *github.IssueRequest) { r.Body = new(strings.Repeat("é", 65536)) })
	for body, want := range map[string]int{"{": 400, "[]": 400, `{"title":1}`: 422} {
		if resp := w.raw("POST /repos/acme/postmortems/issues", body); resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", body, resp.StatusCode, want)
		}
	}
}

func TestLabelsAreMadeByUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(testToken)
	must(c.Issues.CreateLabel(w.ctx, "acme", "postmortems", &github.Label{Name: new("Postmortem"), Color: new("B60205"), Description: new("from an incident")}))
	i := w.open("x", labels("postmortem", "area/db #1", "postmortem"))
	if len(i.Labels) != 2 || i.Labels[0].GetName() != "Postmortem" || i.Labels[0].GetColor() != "b60205" || i.Labels[1].GetColor() != "ededed" {
		t.Errorf("%v", i.Labels)
	}
	_, _, err := c.Issues.CreateLabel(w.ctx, "acme", "postmortems", &github.Label{Name: new("AREA/DB #1")})
	var e *github.ErrorResponse
	if !errors.As(err, &e) || e.Response.StatusCode != http.StatusUnprocessableEntity || e.Errors[0].Code != "already_exists" {
		t.Errorf("%v", err)
	}
	if all := must(c.Issues.AddLabelsToIssue(w.ctx, "acme", "postmortems", 1, []string{"sev1"})); len(all) != 3 {
		t.Errorf("%v", all)
	}
	if _, err := c.Issues.RemoveLabelForIssue(w.ctx, "acme", "postmortems", 1, "sev9"); status(err) != 404 {
		t.Errorf("%v", err)
	}
	if _, err := c.Issues.RemoveLabelForIssue(w.ctx, "acme", "postmortems", 1, "SEV1"); err != nil {
		t.Error(err)
	}
	must(c.Issues.EditLabel(w.ctx, "acme", "postmortems", "postmortem", &github.Label{Name: new("pm")}))
	if got, _ := w.Issue(repoName, 1); !slices.Equal(got.Labels, []string{"pm", "area/db #1"}) {
		t.Errorf("%v", got.Labels)
	}
	if _, err := c.Issues.DeleteLabel(w.ctx, "acme", "postmortems", "pm"); err != nil {
		t.Error(err)
	}
	must(c.Issues.ReplaceLabelsForIssue(w.ctx, "acme", "postmortems", 1, []string{"a", "b"}))
	if got, _ := w.Issue(repoName, 1); !slices.Equal(got.Labels, []string{"a", "b"}) {
		t.Errorf("%v", got.Labels)
	}
	if _, _, err := c.Issues.GetLabel(w.ctx, "acme", "postmortems", "pm"); status(err) != 404 {
		t.Errorf("%v", err)
	}
}

func TestAssignees(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(testToken)
	w.open("x", func(r *github.IssueRequest) { r.Assignees = &[]string{"BEN"} })
	for login, want := range map[string]bool{"ana": true, "ANA": true, "nobody": false} {
		if got := must(c.Issues.IsAssignee(w.ctx, "acme", "postmortems", login)); got != want {
			t.Errorf("%s: %v", login, got)
		}
	}
	i, resp, err := c.Issues.AddAssignees(w.ctx, "acme", "postmortems", 1, []string{"nobody", "cem", "ben"})
	if err != nil || resp.StatusCode != http.StatusCreated || len(i.Assignees) != 2 || i.Assignees[0].GetLogin() != "Ben" || i.GetAssignee().GetLogin() != "Ben" {
		t.Errorf("%v %v %v", i, resp, err)
	}
	must(c.Issues.RemoveAssignees(w.ctx, "acme", "postmortems", 1, []string{"ben", "ana"}))
	if got, _ := w.Issue(repoName, 1); !slices.Equal(got.Assignees, []string{"cem"}) {
		t.Errorf("%v", got.Assignees)
	}
	if all := must(c.Issues.ListAssignees(w.ctx, "acme", "postmortems", nil)); len(all) != 3 {
		t.Errorf("%v", all)
	}
}

// TestWithoutPush: what a token that may only read names is dropped in silence.
func TestWithoutPush(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddRepo(fakegithub.Repo{Name: "other/public", ReadOnly: true, Assignees: []string{"ana"}})
	c := w.client(testToken)
	i := must(c.Issues.Create(w.ctx, "other", "public", &github.IssueRequest{Title: new("x"), Labels: &[]string{"a"}, Assignees: &[]string{"ana", "nobody"}}))
	if len(i.Labels)+len(i.Assignees) != 0 {
		t.Errorf("%v", i)
	}
	theirs, err := w.As("ana").Open(w.ctx, "other/public", "y", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Issues.Edit(w.ctx, "other", "public", theirs.Number, &github.IssueRequest{State: new("closed")}); status(err) != 403 {
		t.Errorf("%v", err)
	}
	if _, _, err := c.Issues.AddAssignees(w.ctx, "other", "public", 1, []string{"ana"}); status(err) != 403 {
		t.Errorf("%v", err)
	}
}

func TestEditReplaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(testToken)
	w.open("x", labels("a", "b"), func(r *github.IssueRequest) { r.Assignees = &[]string{"ana"} })
	w.got()
	w.pass(time.Minute)
	i := must(c.Issues.Edit(w.ctx, "acme", "postmortems", 1, &github.IssueRequest{Labels: &[]string{"b", "c"}, Assignees: &[]string{"Ben"}, Title: new("y"), Body: new("z")}))
	if len(i.Labels) != 2 || i.Labels[1].GetName() != "c" || len(i.Assignees) != 1 || i.GetTitle() != "y" || !i.GetUpdatedAt().Time.Equal(begin.Add(time.Minute).Truncate(time.Second)) {
		t.Errorf("%v", i)
	}
	want := "edited #1 by tocsin[bot]\nunlabeled #1 by tocsin[bot] a\nlabeled #1 by tocsin[bot] c\nunassigned #1 by tocsin[bot] ana\nassigned #1 by tocsin[bot] Ben\n"
	if got := w.got(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	w.pass(time.Minute)
	i = must(c.Issues.Edit(w.ctx, "acme", "postmortems", 1, &github.IssueRequest{Title: new("y"), State: new("open"), StateReason: new("reopened"), Labels: &[]string{"b", "c"}}))
	if got := w.got(); got != "" || !i.GetUpdatedAt().Time.Equal(begin.Add(time.Minute).Truncate(time.Second)) || i.StateReason != nil {
		t.Errorf("nothing changed, but %q, %v", got, i)
	}
	i = must(c.Issues.Edit(w.ctx, "acme", "postmortems", 1, &github.IssueRequest{Labels: &[]string{}, Assignees: &[]string{}}))
	if len(i.Labels)+len(i.Assignees) != 0 {
		t.Errorf("%v", i)
	}
	if _, _, err := c.Issues.Edit(w.ctx, "acme", "postmortems", 1, &github.IssueRequest{Assignees: &[]string{"nobody"}}); status(err) != 422 {
		t.Errorf("%v", err)
	}
}

func TestStateReasons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(testToken)
	w.open("x")
	edit := func(state, reason string) *github.Issue {
		t.Helper()
		req := &github.IssueRequest{}
		if state != "" {
			req.State = &state
		}
		if reason != "" {
			req.StateReason = &reason
		}
		return must(c.Issues.Edit(w.ctx, "acme", "postmortems", 1, req))
	}
	for _, one := range []struct{ state, reason, isState, isReason string }{
		{"", "not_planned", "open", ""}, {"closed", "", "closed", "completed"}, {"closed", "not_planned", "closed", "completed"},
		{"open", "", "open", "reopened"}, {"closed", "not_planned", "closed", "not_planned"}, {"open", "", "open", "reopened"},
		{"closed", "duplicate", "closed", "duplicate"},
	} {
		i := edit(one.state, one.reason)
		if i.GetState() != one.isState || i.GetStateReason() != one.isReason || (i.ClosedAt != nil) != (one.isState == "closed") || (i.ClosedBy != nil) != (one.isState == "closed") {
			t.Errorf("%+v: %s %s %v", one, i.GetState(), i.GetStateReason(), i.ClosedAt)
		}
	}
	for _, req := range []github.IssueRequest{{State: new("done")}, {State: new("open"), StateReason: new("because")}} {
		if _, _, err := c.Issues.Edit(w.ctx, "acme", "postmortems", 1, &req); status(err) != 422 {
			t.Errorf("%v", err)
		}
	}
}

func TestCommentsAndMilestones(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.client(testToken)
	w.open("x")
	made := must(c.Issues.CreateComment(w.ctx, "acme", "postmortems", 1, &github.IssueComment{Body: new("overdue")}))
	if err := w.As("ana").Comment(w.ctx, repoName, 1, "on it"); err != nil {
		t.Fatal(err)
	}
	must(c.Issues.EditComment(w.ctx, "acme", "postmortems", made.GetID(), &github.IssueComment{Body: new("done")}))
	if one := must(c.Issues.GetComment(w.ctx, "acme", "postmortems", made.GetID())); one.GetBody() != "done" {
		t.Errorf("%v", one)
	}
	list := must(c.Issues.ListComments(w.ctx, "acme", "postmortems", 1, nil))
	if len(list) != 2 || list[1].GetUser().GetLogin() != "ana" || list[1].GetBody() != "on it" {
		t.Errorf("%v", list)
	}
	want := "opened #1 by tocsin[bot]\ncomment created #1 by tocsin[bot] overdue\ncomment created #1 by ana on it\ncomment edited #1 by tocsin[bot] done\n"
	if got := w.got(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	_, _, err := c.Issues.CreateComment(w.ctx, "acme", "postmortems", 1, &github.IssueComment{Body: new(strings.Repeat("x", 65537))})
	if status(err) != 422 {
		t.Errorf("%v", err)
	}
	due := begin.Truncate(time.Second)
	m := must(c.Issues.CreateMilestone(w.ctx, "acme", "postmortems", &github.Milestone{Title: new("March"), DueOn: &github.Timestamp{Time: due}}))
	must(c.Issues.Edit(w.ctx, "acme", "postmortems", 1, &github.IssueRequest{Milestone: m.Number}))
	if i := must(c.Issues.Get(w.ctx, "acme", "postmortems", 1)); i.GetMilestone().GetTitle() != "March" || !i.GetMilestone().GetDueOn().Time.Equal(due) || i.GetComments() != 2 {
		t.Errorf("%v", i)
	}
	must(c.Issues.RemoveMilestone(w.ctx, "acme", "postmortems", 1))
	if i, _ := w.Issue(repoName, 1); i.Milestone != 0 {
		t.Errorf("%v", i)
	}
}
