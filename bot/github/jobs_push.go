package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot"
)

// push brings an issue to where its item is: open or closed, the day on which it
// is due, the assignee. What of that is so already is not sent.
func (g *GitHub) push(ctx context.Context, t *task) error {
	if t.f.Issue.State != bot.IssueOpened {
		return nil
	}
	sent := t.f.Issue.Wanted // as of the state that was read with it
	if g.client.auth.none() {
		return bot.Permanent(errors.New(notSignedIn))
	}
	if err := g.allow(ctx, toRead); err != nil {
		return err
	}
	issue, err := g.client.issue(ctx, t.f.Issue.Repo, t.f.Issue.Number)
	if err != nil {
		return g.pushFailed(ctx, t, err)
	}
	now := found(issue, t.f.Issue.Repo)
	moved := now.Number != t.f.Issue.Number || !strings.EqualFold(now.Repo, t.f.Issue.Repo)
	if moved || !t.f.Issue.Turning() && now.Closed != t.f.State.Closed() {
		err := g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error { return bot.HearIssue(w, f, now, "") })
		if err != nil {
			return err
		}
	}
	if in := difference(t.f, issue); in != nil {
		if err := g.allow(ctx, toWrite); err != nil {
			return err
		}
		if issue, err = g.client.edit(ctx, now.Repo, now.Number, in); err != nil {
			return g.pushFailed(ctx, t, err)
		}
	}
	if err := g.assignTo(ctx, t, now.Repo, now.Number); err != nil {
		return err
	}
	return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		return bot.SentIssue(w, f, sent, issue.GetUpdatedAt().Time)
	})
}

// difference is what an issue lacks of its item; nil: nothing. Open or closed is
// what was said last, here or there: it is sent only if that was here. Of the body
// it is our own line alone, so that what people wrote stays.
func difference(f *bot.FollowUp, issue *gh.Issue) *gh.IssueRequest {
	in, differs := &gh.IssueRequest{}, false
	if closed := f.State.Closed(); f.Issue.Turning() && closed != (issue.GetState() == "closed") {
		differs = true
		switch {
		case !closed:
			in.State = gh.String("open")
		case f.State == bot.FollowUpDropped:
			in.State, in.StateReason = gh.String("closed"), gh.String("not_planned")
		default:
			in.State, in.StateReason = gh.String("closed"), gh.String("completed")
		}
	}
	if body := setDue(issue.GetBody(), f.Due, f.Key); body != issue.GetBody() {
		differs, in.Body = true, gh.String(body)
	}
	if !differs {
		return nil
	}
	return in
}

// pushFailed says what follows when an issue could not be brought to where its
// item is. That it is gone is believed only if its repository is there: a token
// that lost its rights sees nothing either, and will get them back.
func (g *GitHub) pushFailed(ctx context.Context, t *task, err error) error {
	var f *fault
	if !errors.As(err, &f) || f.kind != refused {
		return g.later(ctx, err)
	}
	switch f.status {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		// It moved between the reading and the writing; the next reading follows it.
		return bot.RetryAt(g.now().Add(writeEvery), f)
	case http.StatusUnprocessableEntity:
		return bot.Permanent(f)
	}
	gone, err := g.gone(ctx, t.f, f)
	if err != nil {
		return g.later(ctx, err)
	}
	if gone == "" {
		return bot.RetryAt(g.now().Add(tokenWait), errors.New(g.reason(f, t.f.Issue.Repo)))
	}
	return g.record(ctx, t, func(w *bot.Work, item *bot.FollowUp) error { return bot.GoneIssue(w, item, gone) })
}

// gone says in words that an issue is gone, as f proves; empty: it does not.
func (g *GitHub) gone(ctx context.Context, item *bot.FollowUp, f *fault) (string, error) {
	name := fmt.Sprintf("%s#%d", item.Issue.Repo, item.Issue.Number)
	switch f.status {
	case http.StatusGone:
		return name + " was deleted", nil
	case http.StatusNotFound:
	default:
		return "", nil
	}
	g.forget(item.Issue.Repo)
	_, err := g.see(ctx, item.Issue.Repo)
	switch {
	case statusOf(err) == http.StatusNotFound:
		return "", nil
	case err != nil:
		return "", err
	}
	return name + " was deleted, or moved to where the token cannot see it", nil
}
