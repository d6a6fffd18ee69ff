package github

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot"
)

// hook is an event of issues, as far as we hear it. The library's own type drops
// where an issue was transferred to.
type hook struct {
	Action     string        `json:"action"`
	Issue      *gh.Issue     `json:"issue"`
	Repository hookRepo      `json:"repository"`
	Sender     hookUser      `json:"sender"`
	Changes    hookTransfers `json:"changes"`
}

type hookRepo struct {
	FullName string `json:"full_name"`
}

type hookUser struct {
	Login string `json:"login"`
}

// hookTransfers is where an issue went. Other actions hold other changes.
type hookTransfers struct {
	NewIssue      *gh.Issue `json:"new_issue"`
	NewRepository hookRepo  `json:"new_repository"`
}

// readHook reads the body of an event of issues.
func readHook(body []byte) (*hook, error) {
	h := &hook{}
	if err := json.Unmarshal(body, h); err != nil {
		return nil, err
	}
	if h.Issue.GetNumber() <= 0 || !isRepo(h.Repository.FullName) {
		return nil, errors.New("no issue or no repository")
	}
	if !loginName.MatchString(strings.TrimSuffix(h.Sender.Login, "[bot]")) {
		h.Sender.Login = ""
	}
	return h, nil
}

// effect is what follows from h; nil: nothing.
func (h *hook) effect() func(*GitHub, *bot.Work) error {
	switch {
	case h.Issue.IsPullRequest():
		return nil
	case h.Action == "opened":
		if key := keyIn(h.Issue.GetBody()); key != "" {
			return func(g *GitHub, w *bot.Work) error { return g.heardOpened(w, key, h.found()) }
		}
		return nil
	case h.Action == "closed" || h.Action == "reopened":
		return h.onItem(func(w *bot.Work, f *bot.FollowUp) error { return bot.HearIssue(w, f, h.found(), h.Sender.Login) })
	case h.Action == "deleted":
		why := "it was deleted on GitHub"
		if h.Sender.Login != "" {
			why += " by " + h.Sender.Login
		}
		return h.onItem(func(w *bot.Work, f *bot.FollowUp) error { return bot.GoneIssue(w, f, why) })
	case h.Action == "transferred" && h.Changes.NewIssue.GetNumber() > 0 && isRepo(h.Changes.NewRepository.FullName):
		return h.onItem(func(w *bot.Work, f *bot.FollowUp) error { return bot.HearIssue(w, f, h.transferred(), h.Sender.Login) })
	}
	return nil
}

// found is the issue that h is about.
func (h *hook) found() bot.FoundIssue {
	f := found(h.Issue, h.Repository.FullName)
	f.Repo = h.Repository.FullName
	return f
}

// transferred is where the issue is now. What it was is told by the old one, and
// the newer of the two times counts.
func (h *hook) transferred() bot.FoundIssue {
	old, f := h.found(), found(h.Changes.NewIssue, "")
	f.Repo = h.Changes.NewRepository.FullName
	if h.Changes.NewIssue.State == nil {
		f.Closed, f.Reason = old.Closed, old.Reason
	}
	if f.UpdatedAt.Before(old.UpdatedAt) {
		f.UpdatedAt = old.UpdatedAt
	}
	return f
}

// onItem does something with the item that has the issue of h, if there is one.
func (h *hook) onItem(fn func(*bot.Work, *bot.FollowUp) error) func(*GitHub, *bot.Work) error {
	return func(_ *GitHub, w *bot.Work) error {
		f, err := itemOf(w.Tx, h.Repository.FullName, h.Issue.GetNumber())
		if err != nil || f == nil {
			return err
		}
		if f, err = bot.TakeFollowUp(w, f.Number); err != nil {
			return err
		}
		return fn(w, f)
	}
}

// itemOf finds the item with an issue; nil: none has it.
func itemOf(tx bot.ReadTx, repo string, number int) (*bot.FollowUp, error) {
	list, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{Repo: repo, Issue: number, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// heardOpened takes an issue of ours of which nobody knew whether it was opened.
// It must be where it was sent to: whoever copies an issue copies its marker.
func (g *GitHub) heardOpened(w *bot.Work, key string, at bot.FoundIssue) error {
	value, err := w.Tx.Link(keyOwner(key), "item")
	if err != nil || value == "" {
		return err
	}
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return err
	}
	f, err := bot.TakeFollowUp(w, number)
	if err != nil {
		return err
	}
	waits := f.Issue.State == bot.IssueCreating || f.Issue.State == bot.IssueUnknown
	if f.Key != key || !waits || f.Issue.Adopted || !strings.EqualFold(f.Issue.Repo, at.Repo) {
		return nil
	}
	return g.opened(w, f, at)
}
