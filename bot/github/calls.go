package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot"
)

// The library puts names into the path as they are, so that a repository called
// ../../user would ask for something else. Only these get there.
var (
	repoName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}$`)
	loginName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
)

// isRepo reports whether s is OWNER/NAME and stays that in a path.
func isRepo(s string) bool {
	return repoName.MatchString(s) && !strings.HasSuffix(s, "/.") && !strings.HasSuffix(s, "/..")
}

// split returns the two parts of OWNER/NAME.
func split(repo string) (owner, name string, err error) {
	owner, name, _ = strings.Cut(repo, "/")
	if !isRepo(repo) {
		return "", "", &fault{kind: refused, text: fmt.Sprintf("%q is no repository; write OWNER/NAME", repo)}
	}
	return owner, name, nil
}

// on makes a call about a repository.
func (c *client) on(ctx context.Context, repo string, fn func(ctx context.Context, owner, name string) (*gh.Response, error)) error {
	owner, name, err := split(repo)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return c.do(ctx, func(ctx context.Context) (*gh.Response, error) { return fn(ctx, owner, name) })
}

// repository is what is known of a repository.
func (c *client) repository(ctx context.Context, repo string) (r *gh.Repository, err error) {
	err = c.on(ctx, repo, func(ctx context.Context, o, n string) (res *gh.Response, err error) {
		r, res, err = c.api.Repositories.Get(ctx, o, n)
		return res, err
	})
	return r, err
}

// create opens an issue: one request, never repeated.
func (c *client) create(ctx context.Context, repo string, in *gh.IssueRequest) (i *gh.Issue, err error) {
	err = c.on(ctx, repo, func(ctx context.Context, o, n string) (res *gh.Response, err error) {
		i, res, err = c.api.Issues.Create(ctx, o, n, in)
		return res, err
	})
	return c.whole(i, err)
}

// whole refuses an answer that names no issue, whatever its status says.
func (c *client) whole(i *gh.Issue, err error) (*gh.Issue, error) {
	if err == nil && i.GetNumber() == 0 {
		return nil, &fault{kind: unsure, text: "GitHub's answer holds no issue"}
	}
	return i, err
}

// issue reads an issue, where it is now.
func (c *client) issue(ctx context.Context, repo string, number int) (i *gh.Issue, err error) {
	err = c.on(ctx, repo, func(ctx context.Context, o, n string) (res *gh.Response, err error) {
		i, res, err = c.api.Issues.Get(ctx, o, n, number)
		return res, err
	})
	return c.whole(i, err)
}

// edit changes an issue.
func (c *client) edit(ctx context.Context, repo string, number int, in *gh.IssueRequest) (i *gh.Issue, err error) {
	err = c.on(ctx, repo, func(ctx context.Context, o, n string) (res *gh.Response, err error) {
		i, res, err = c.api.Issues.Edit(ctx, o, n, number, in)
		return res, err
	})
	return c.whole(i, err)
}

// assignable reports whether an issue of repo can be assigned to login.
func (c *client) assignable(ctx context.Context, repo, login string) (ok bool, err error) {
	err = c.on(ctx, repo, func(ctx context.Context, o, n string) (res *gh.Response, err error) {
		ok, res, err = c.api.Issues.IsAssignee(ctx, o, n, login)
		return res, err
	})
	return ok, err
}

// assign adds or takes away an assignee and leaves the others alone.
func (c *client) assign(ctx context.Context, repo string, number int, login string, add bool) (i *gh.Issue, err error) {
	call := c.api.Issues.RemoveAssignees
	if add {
		call = c.api.Issues.AddAssignees
	}
	err = c.on(ctx, repo, func(ctx context.Context, o, n string) (res *gh.Response, err error) {
		i, res, err = call(ctx, o, n, number, []string{login})
		return res, err
	})
	return c.whole(i, err)
}

// label adds labels and leaves the others alone.
func (c *client) label(ctx context.Context, repo string, number int, labels []string) error {
	return c.on(ctx, repo, func(ctx context.Context, o, n string) (res *gh.Response, err error) {
		_, res, err = c.api.Issues.AddLabelsToIssue(ctx, o, n, number, labels)
		return res, err
	})
}

// page is a part of a list of issues.
type page struct {
	issues []*gh.Issue // without pull requests
	oldest *gh.Issue   // the last one, of either kind
	next   int         // the next page; 0: there is none
	etag   string
	same   bool // nothing has changed since etag; issues is empty
}

// list reads a page of a repository's issues with a label, newest first by sort.
// Its address is always the same, or no ETag would ever match.
func (c *client) list(ctx context.Context, repo, label, sort string, at page) (p page, err error) {
	q := url.Values{"state": {"all"}, "sort": {sort}, "direction": {"desc"}, "per_page": {"100"}}
	if label != "" {
		q.Set("labels", label)
	}
	if at.next > 1 {
		q.Set("page", strconv.Itoa(at.next))
	}
	err = c.on(ctx, repo, func(ctx context.Context, o, n string) (*gh.Response, error) {
		req, err := c.api.NewRequest(http.MethodGet, fmt.Sprintf("repos/%s/%s/issues?%s", o, n, q.Encode()), nil)
		if err != nil {
			return nil, err
		}
		if at.etag != "" {
			req.Header.Set("If-None-Match", at.etag)
		}
		var all []*gh.Issue
		res, err := c.api.Do(ctx, req, &all)
		if res != nil && res.Response != nil && res.StatusCode == http.StatusNotModified {
			p = page{etag: at.etag, same: true}
			return res, nil
		}
		if err != nil {
			return res, err
		}
		p = page{next: res.NextPage, etag: res.Header.Get("ETag")}
		for _, i := range all {
			p.oldest = i
			if !i.IsPullRequest() {
				p.issues = append(p.issues, i)
			}
		}
		return res, nil
	})
	return p, err
}

// found is an issue as [bot] takes it; asked is the repository it was asked of.
func found(i *gh.Issue, asked string) bot.FoundIssue {
	f := bot.FoundIssue{
		Repo: asked, Number: i.GetNumber(), URL: i.GetHTMLURL(), Title: i.GetTitle(), UpdatedAt: i.GetUpdatedAt().Time,
		Closed: i.GetState() == "closed", ClosedAt: i.GetClosedAt().Time, Reason: i.GetStateReason(),
	}
	if _, repo, ok := strings.Cut(i.GetRepositoryURL(), "/repos/"); ok && isRepo(repo) {
		f.Repo = repo
	}
	return f
}
