package github

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// label labels an issue that existed before its item.
func (g *GitHub) label(ctx context.Context, t *task) error {
	if t.f.Issue.State != bot.IssueOpened {
		return nil
	}
	if err := g.allow(ctx, toWrite); err != nil {
		return err
	}
	err := g.client.label(ctx, t.f.Issue.Repo, t.f.Issue.Number, g.labels(t.f))
	var f *fault
	if errors.As(err, &f) && f.kind == refused && f.status != http.StatusUnauthorized {
		return bot.Permanent(f)
	}
	if err != nil {
		return g.later(ctx, err)
	}
	return nil
}

// assign gives a new issue to its item's owner.
func (g *GitHub) assign(ctx context.Context, t *task) error {
	if t.f.Issue.State != bot.IssueOpened {
		return nil
	}
	return g.assignTo(ctx, t, t.f.Issue.Repo, t.f.Issue.Number)
}

// assignTo makes the item's owner the assignee, as far as their login is known,
// and takes away whom we assigned before. Whom GitHub does not take is told, and
// stays the owner here. It reports what it did by writing it down.
func (g *GitHub) assignTo(ctx context.Context, t *task, repo string, number int) error {
	login, old := g.settings().Logins[t.f.Owner], t.f.Issue.Assignee
	if strings.EqualFold(login, old) {
		return nil
	}
	if old != "" {
		if err := g.unassign(ctx, t, repo, number, old); err != nil {
			return err
		}
	}
	if login == "" {
		return nil
	}
	refusedBefore := ""
	err := g.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		refusedBefore, err = tx.Link(keyOwner(t.f.Key), "refused")
		return err
	})
	if err != nil || refusedBefore == login {
		return err
	}
	why, at, err := g.tryAssign(ctx, repo, number, login)
	if err != nil {
		return g.later(ctx, err)
	}
	return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		taken := ""
		if why != "" {
			taken = login
		}
		if err := w.Tx.SetLink(bot.Link{Owner: keyOwner(f.Key), Name: "refused", Value: taken}); err != nil {
			return err
		}
		if err := bot.SentIssue(w, f, 0, at); err != nil {
			return err
		}
		return bot.AssignIssue(w, f, login, why)
	})
}

// tryAssign assigns login; why says why GitHub does not take it, and at is
// GitHub's time of what it has now.
func (g *GitHub) tryAssign(ctx context.Context, repo string, number int, login string) (why string, at time.Time, err error) {
	if !loginName.MatchString(login) {
		return "that is no login of GitHub", at, nil
	}
	why = login + " cannot be assigned in " + repo + "; give them access to it, or see their login under people in the configuration"
	if err := g.allow(ctx, toRead); err != nil {
		return "", at, err
	}
	if ok, err := g.client.assignable(ctx, repo, login); err != nil || !ok {
		return whyNot(why, err), at, unlessRefused(err)
	}
	if err := g.allow(ctx, toWrite); err != nil {
		return "", at, err
	}
	i, err := g.client.assign(ctx, repo, number, login, true)
	if err != nil {
		return whyNot(why, err), at, unlessRefused(err)
	}
	for _, u := range i.Assignees {
		if strings.EqualFold(u.GetLogin(), login) {
			return "", i.GetUpdatedAt().Time, nil
		}
	}
	return why, i.GetUpdatedAt().Time, nil
}

// whyNot is what is told of a login that GitHub does not take.
func whyNot(why string, err error) string {
	if err != nil {
		return err.Error()
	}
	return why
}

// unlessRefused is err unless that says for good that a login is not taken.
func unlessRefused(err error) error {
	var f *fault
	if errors.As(err, &f) && f.kind == refused && f.status != http.StatusUnauthorized {
		return nil
	}
	return err
}

// unassign takes away an assignee that we added.
func (g *GitHub) unassign(ctx context.Context, t *task, repo string, number int, login string) error {
	if err := g.allow(ctx, toWrite); err != nil {
		return err
	}
	i, err := g.client.assign(ctx, repo, number, login, false)
	if err != nil {
		return g.later(ctx, err)
	}
	return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		t.f.Issue.Assignee = ""
		if err := bot.SentIssue(w, f, 0, i.GetUpdatedAt().Time); err != nil {
			return err
		}
		return bot.AssignIssue(w, f, "", "")
	})
}
