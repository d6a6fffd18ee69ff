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
	if err := g.place(ctx, t); err != nil {
		return err
	}
	err := g.client.label(ctx, t.f.Issue.Repo, t.f.Issue.Number, g.labels(t.f))
	var f *fault
	if errors.As(err, &f) && f.kind == refused && f.status != http.StatusUnauthorized {
		return bot.Permanent(f)
	}
	if err != nil {
		return g.waitOr(ctx, t, err)
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
	before := ""
	err := g.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		before, err = tx.Link(keyOwner(t.f.Key), "refused")
		return err
	})
	if err != nil || before == login {
		return err
	}
	if err := g.place(ctx, t); err != nil {
		return err
	}
	t.place = false
	a, err := g.tryAssign(ctx, repo, number, login)
	if err != nil {
		return g.waitOr(ctx, t, err)
	}
	return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		refused := ""
		switch {
		case a.rights:
			refused = login + untilMended
		case a.why != "":
			refused = login
		}
		if err := w.Tx.SetLink(bot.Link{Owner: keyOwner(f.Key), Name: "refused", Value: refused}); err != nil {
			return err
		}
		if err := bot.SentIssue(w, f, 0, a.at); err != nil {
			return err
		}
		if a.why != "" && before == login+untilMended {
			return nil // it was told
		}
		return bot.AssignIssue(w, f, login, a.why)
	})
}

// untilMended is behind a login whom the token may not assign: that was told, and
// the next push tries again.
const untilMended = "?"

// assigned is what became of an assignment.
type assigned struct {
	why    string    // why GitHub does not take the login; empty: it did
	rights bool      // since the token may not
	at     time.Time // GitHub's time of what it has now
}

// tryAssign assigns login.
func (g *GitHub) tryAssign(ctx context.Context, repo string, number int, login string) (assigned, error) {
	if !loginName.MatchString(login) {
		return assigned{why: "that is no login of GitHub"}, nil
	}
	why := login + " cannot be assigned in " + repo + "; give them access to it, or see their login under people in the configuration"
	if ok, err := g.client.assignable(ctx, repo, login); err != nil || !ok {
		return assigned{why: whyNot(why, err), rights: denied(err)}, unlessRefused(err)
	}
	i, err := g.client.assign(ctx, repo, number, login, true)
	if err != nil {
		return assigned{why: whyNot(why, err), rights: denied(err)}, unlessRefused(err)
	}
	a := assigned{why: why, at: i.GetUpdatedAt().Time}
	for _, u := range i.Assignees {
		if strings.EqualFold(u.GetLogin(), login) {
			a.why = ""
		}
	}
	return a, nil
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
	if err := g.place(ctx, t); err != nil {
		return err
	}
	t.place = false
	i, err := g.client.assign(ctx, repo, number, login, false)
	if err != nil {
		return g.waitOr(ctx, t, err)
	}
	return g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		t.f.Issue.Assignee = ""
		if err := bot.SentIssue(w, f, 0, i.GetUpdatedAt().Time); err != nil {
			return err
		}
		return bot.AssignIssue(w, f, "", "")
	})
}
