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
		return g.wait(ctx, t, notSignedIn)
	}
	if err := g.place(ctx, t); err != nil {
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
	hides, err := g.hides(ctx, t.f)
	if err != nil {
		return err
	}
	if in := difference(t, issue, hides); in != nil {
		t.place = false
		if issue, err = g.client.edit(ctx, now.Repo, now.Number, in); err != nil {
			return g.pushFailed(ctx, t, err)
		}
	}
	err = g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		if hides {
			if err := w.Tx.SetLink(bot.Link{Owner: keyOwner(f.Key), Name: linkHidden, Value: "yes"}); err != nil {
				return err
			}
		}
		return bot.SentIssue(w, f, sent, issue.GetUpdatedAt().Time)
	})
	if err != nil {
		return err
	}
	return g.assignTo(ctx, t, now.Repo, now.Number)
}

// difference is what an issue lacks of its item; nil: nothing. Open or closed is
// what was said last, here or there: it is sent only if that was here. Of the body
// it is our own line alone, so that what people wrote stays; with hides also our
// text, which was redacted.
func difference(t *task, issue *gh.Issue, hides bool) *gh.IssueRequest {
	f := t.f
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
	body := setDue(issue.GetBody(), f.Due, f.Key)
	if hides {
		body = hide(body, t.i.Number, f.Key)
		if title := bot.RedactedText.String(); issue.GetTitle() != title {
			differs, in.Title = true, gh.String(title)
		}
	}
	if body != issue.GetBody() {
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
		return f
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
	default:
		sent, why := t.f.Issue.Wanted, g.reason(f, t.f.Issue.Repo)
		return g.record(ctx, t, func(w *bot.Work, item *bot.FollowUp) error { return bot.UnsentIssue(w, item, sent, why) })
	}
	gone, err := g.gone(ctx, t.f, f)
	if err != nil {
		return g.waitOr(ctx, t, err)
	}
	if gone == "" {
		return g.wait(ctx, t, g.reason(f, t.f.Issue.Repo))
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
