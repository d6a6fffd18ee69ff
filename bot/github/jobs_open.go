package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot"
)

const notSignedIn = "no GitHub credentials are set; set GITHUB_TOKEN or a GitHub App"

// open opens the issue of an item. The mark that it is being opened is committed
// before the first byte leaves, so of two that come here, in whatever process, one
// sends; and who comes back to a mark does not know what was sent and sends
// nothing.
func (g *GitHub) open(ctx context.Context, t *task) error {
	switch {
	case t.f.Issue.State == bot.IssueCreating:
		return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
			if f.Issue.State != bot.IssueCreating {
				return nil // it was put back meanwhile, by a job that still runs
			}
			_, err := bot.BeginIssue(w, f)
			return err
		})
	case t.f.Issue.State != bot.IssueWanted:
		return nil
	case g.client.auth.none():
		return g.fail(ctx, t, notSignedIn)
	case t.f.Issue.Adopted:
		return g.adopt(ctx, t)
	case t.i.Private && !strings.EqualFold(t.f.Issue.Repo, g.settings().PrivateRepo):
		return g.fail(ctx, t, fmt.Sprintf("incident #%d is private, and %s is not the repository for those; set private.repo", t.i.Number, t.f.Issue.Repo))
	}
	if why, err := g.unfit(ctx, t); err != nil || why != "" {
		return g.failOr(ctx, t, why, err)
	}
	in, err := g.issueRequest(ctx, t)
	if err != nil {
		return err
	}
	if err := g.allow(ctx, toCreate); err != nil {
		return err
	}
	began, start := false, time.Now()
	err = g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) (err error) {
		began, err = bot.BeginIssue(w, f)
		t.f = f
		if err != nil || !began {
			return err
		}
		return w.Tx.SetLink(bot.Link{Owner: keyOwner(f.Key), Name: "item", Value: fmt.Sprint(f.Number)})
	})
	if err != nil || !began {
		return err
	}
	// Its own deadline: the time that reading took is not the sending's. It counts from
	// before the mark was set: a process that stood still behind it must not open what
	// a person may have had opened again meanwhile.
	sending, cancel := context.WithDeadline(context.WithoutCancel(ctx), start.Add(recordTime+callTime))
	defer cancel()
	issue, err := g.client.create(sending, t.f.Issue.Repo, in)
	return g.keep(ctx, t, issue, err)
}

// keyOwner is where links are kept of the item with this key.
func keyOwner(key string) string { return "github:item:" + key }

// keep writes down what became of a sending. When that fails the mark stays, and
// the next try makes the issue unknown.
func (g *GitHub) keep(ctx context.Context, t *task, issue *gh.Issue, sent error) error {
	var f *fault
	if sent != nil && !errors.As(sent, &f) {
		f = &fault{kind: unsure, text: g.client.errorLine(sent)}
	}
	err := g.record(ctx, t, func(w *bot.Work, item *bot.FollowUp) error {
		switch {
		case !sameTry(item, t.f):
			return nil // a person had it opened again meanwhile
		case f == nil:
			return g.opened(w, item, found(issue, t.f.Issue.Repo))
		case denied(f):
			return bot.RefuseIssue(w, item, g.reason(f, t.f.Issue.Repo))
		case f.kind == refused:
			return bot.FailIssue(w, item, g.reason(f, t.f.Issue.Repo))
		case f.kind == limited || f.kind == unsent:
			return bot.KeepIssue(w, item, f.text)
		}
		return bot.LoseIssue(w, item, f.text)
	})
	switch {
	case err != nil || f == nil:
		return err
	case denied(f):
		return g.wait(ctx, t, g.reason(f, t.f.Issue.Repo))
	case f.kind == limited || f.kind == unsent:
		return g.later(ctx, f)
	}
	return nil
}

// sameTry reports whether a is still what b was when it was sent.
func sameTry(a, b *bot.FollowUp) bool {
	return a.Issue.TriedAt != nil && b.Issue.TriedAt != nil && a.Issue.TriedAt.Equal(*b.Issue.TriedAt)
}

// fail says that no issue will be opened, and why.
func (g *GitHub) fail(ctx context.Context, t *task, why string) error {
	return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		if f.Issue.State != bot.IssueWanted {
			return nil
		}
		return bot.FailIssue(w, f, why)
	})
}

// failOr fails for a reason, or comes again after an error that proves none.
func (g *GitHub) failOr(ctx context.Context, t *task, why string, err error) error {
	var f *fault
	switch {
	case why != "":
		return g.fail(ctx, t, why)
	case denied(err):
		return g.waitOr(ctx, t, err)
	case errors.As(err, &f) && f.kind == refused:
		return g.fail(ctx, t, g.reason(f, t.f.Issue.Repo))
	case errors.As(err, &f):
		return g.later(ctx, f)
	}
	return err
}

// reason says what to do about a refusal.
func (g *GitHub) reason(f *fault, repo string) string {
	switch f.status {
	case http.StatusUnauthorized:
		if g.client.auth.renews() {
			return "GitHub does not take the app's key; see GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY (" + f.text + ")"
		}
		return "GitHub does not take GITHUB_TOKEN; make a new one"
	case http.StatusForbidden:
		return fmt.Sprintf("the token may not write issues in %s; it needs the rights Issues: read and write (%s)", repo, f.text)
	case http.StatusNotFound:
		return repo + " is not there, or the token cannot see it; give the token this repository, with Issues: read and write"
	case http.StatusGone:
		return "issues are disabled in " + repo + "; turn them on in its settings"
	case http.StatusUnprocessableEntity:
		if f.field != "" {
			return fmt.Sprintf("GitHub refused the field %s: %s", f.field, f.text)
		}
	}
	return f.text
}

// repository is what is known of a repository, and since when.
type repository struct {
	name             string // as GitHub spells it
	public, off, old bool   // off: issues are disabled; old: archived
	at               time.Time
}

// fresh is for how long what was read of a repository is not read again.
const fresh = time.Hour

// see reads a repository, once an hour.
func (g *GitHub) see(ctx context.Context, name string) (repository, error) {
	key := strings.ToLower(name)
	g.mu.Lock()
	known, ok := g.repos[key]
	g.mu.Unlock()
	if ok && g.now().Sub(known.at) < fresh {
		return known, nil
	}
	if err := g.allow(ctx, toRead); err != nil {
		return known, err
	}
	r, err := g.client.repository(ctx, name)
	if err != nil {
		return known, err
	}
	known = repository{name: r.GetFullName(), public: !r.GetPrivate(), off: r.HasIssues != nil && !*r.HasIssues, old: r.GetArchived(), at: g.now()}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.repos[key] = known
	return known, nil
}

// forget makes a repository be read again.
func (g *GitHub) forget(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.repos, strings.ToLower(name))
}

// unfit says why no issue is opened in the item's repository; empty: one may be.
// What it refuses is not kept for the hour: somebody will mend it. Of a private
// incident nothing is said on the word of an hour ago.
func (g *GitHub) unfit(ctx context.Context, t *task) (string, error) {
	repo := t.f.Issue.Repo
	if t.i.Private {
		g.forget(repo)
	}
	r, err := g.see(ctx, repo)
	if err != nil {
		return "", err
	}
	why := ""
	switch {
	case !strings.EqualFold(r.name, repo):
		why = fmt.Sprintf("%s is called %s now; write that in the configuration", repo, r.name)
	case r.public && t.i.Private:
		why = fmt.Sprintf("%s is public, and incident #%d is private; make it private, or name a private one under private.repo", repo, t.i.Number)
	case r.public && !g.settings().AllowPublic:
		why = repo + " is public; make it private, or set followups.allow_public: true"
	case r.off:
		why = "issues are disabled in " + repo + "; turn them on in its settings"
	case r.old:
		why = repo + " is archived, which takes no issues"
	}
	if why != "" {
		g.forget(repo)
	}
	return why, nil
}

// adopt takes an issue that somebody gave by its address.
func (g *GitHub) adopt(ctx context.Context, t *task) error {
	if err := g.allow(ctx, toRead); err != nil {
		return err
	}
	name := fmt.Sprintf("%s#%d", t.f.Issue.Repo, t.f.Issue.Number)
	issue, err := g.client.issue(ctx, t.f.Issue.Repo, t.f.Issue.Number)
	switch statusOf(err) {
	case http.StatusNotFound:
		return g.fail(ctx, t, name+" is not there, or the token cannot see it; give the token its repository, with Issues: read and write")
	case http.StatusGone:
		return g.fail(ctx, t, name+" was deleted")
	}
	if err != nil {
		return g.failOr(ctx, t, "", err)
	}
	if issue.IsPullRequest() {
		return g.fail(ctx, t, name+" is a pull request; give the address of an issue")
	}
	err = g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		if f.Issue.State != bot.IssueWanted {
			return nil
		}
		return g.opened(w, f, found(issue, t.f.Issue.Repo))
	})
	if bot.KindOf(err) == bot.KindConflict { // it was transferred to where another item has it
		return g.fail(ctx, t, name+" is "+issue.GetHTMLURL()+" now, which cannot be followed by this item")
	}
	return err
}
