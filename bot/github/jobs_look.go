package github

import (
	"context"
	"errors"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot"
)

// lookAt is when it is looked for an issue that may have been opened, from when it
// was sent. GitHub's lists lag behind by seconds to minutes, so that one early
// look which finds nothing proves nothing; after the last a person decides.
var lookAt = [...]time.Duration{5 * time.Second, 20 * time.Second, time.Minute, 3 * time.Minute, 10 * time.Minute}

const (
	// lookBack is by how much GitHub's clock and ours may differ.
	lookBack = 5 * time.Minute
	// lookLong is how long a last look that GitHub does not answer is tried again.
	lookLong = time.Hour
	// maxPages bounds how far a list is read.
	maxPages = 10
)

// errLater is why a job comes back that has seen nothing.
var errLater = errors.New("looked, and looks again")

// look finds out whether an issue was opened after all. It only ever finds: that
// nothing was found opens nothing.
func (g *GitHub) look(ctx context.Context, t *task) error {
	tried := t.f.Issue.TriedAt
	if t.f.Issue.State != bot.IssueUnknown || t.f.Issue.Lost || tried == nil {
		return nil
	}
	issue, err := g.find(ctx, t.f.Issue.Repo, t.f.Key, tried.Add(-lookBack))
	if err == nil && issue != nil {
		return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
			if !sameTry(f, t.f) {
				return nil
			}
			return g.opened(w, f, found(issue, t.f.Issue.Repo))
		})
	}
	var f *fault
	if errors.As(err, &f) && (f.kind == limited || denied(f)) {
		return g.waitOr(ctx, t, f)
	}
	now, cause := g.now(), err
	if cause == nil {
		cause = errLater
	}
	for _, after := range lookAt {
		if next := tried.Add(after); next.After(now) {
			return bot.WaitUntil(next, cause)
		}
	}
	if err != nil && now.Sub(*tried) < lookLong {
		return g.later(ctx, err)
	}
	return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		if !sameTry(f, t.f) {
			return nil
		}
		return bot.AskIssue(w, f)
	})
}

// find looks through the issues of a repository that were opened since a time, for
// the one with the marker of an item. Of several it is the first: whoever copies
// an issue copies its marker.
func (g *GitHub) find(ctx context.Context, repo, key string, since time.Time) (*gh.Issue, error) {
	var first *gh.Issue
	at := page{}
	for range maxPages {
		if err := g.allow(ctx, toRead); err != nil {
			return nil, err
		}
		p, err := g.client.list(ctx, repo, g.mainLabel(), "created", at)
		if err != nil {
			return nil, err
		}
		for _, i := range p.issues {
			if hasMarker(i.GetBody(), key) && !i.GetCreatedAt().Before(since) {
				first = i
			}
		}
		if p.next == 0 || p.oldest == nil || p.oldest.GetCreatedAt().Before(since) {
			break
		}
		at.next = p.next
	}
	return first, nil
}
