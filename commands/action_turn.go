package commands

import (
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
)

// actionArg names an action item.
func actionArg() Arg {
	return Arg{Name: "n", Kind: ActionNumber{}, Required: true, Label: "Action item", Help: "Its number; action list shows it"}
}

// turning declares a verb that says where an action item stands.
func turning(c Command, to bot.FollowUpState) *Command {
	c.Name = "action " + c.Name
	c.Group, c.Right, c.Scope = FollowUp, bot.RightRespond, Optional
	c.Args = []Arg{actionArg(), reasonArg()}
	c.Run = func(c *Call) (bot.Reply, error) { return c.turn(to) }
	return register(c)
}

var _ = turning(Command{
	Name: "start", Rank: 23, Title: "Start an action item",
	Summary:  "say that somebody works on an action item",
	Examples: []string{"action start 3"},
}, bot.FollowUpInProgress)

var _ = turning(Command{
	Name: "ongoing", Rank: 24, Title: "A practice without end", Submit: "Ongoing",
	Summary:  "say that an action item is a practice that goes on",
	Examples: []string{"action ongoing 3 We do it with every release"},
}, bot.FollowUpOngoing)

var _ = turning(Command{
	Name: "done", Rank: 25, Title: "An action item is done", Submit: "It is done",
	Summary:  "say that an action item is done; its issue is closed with it",
	Examples: []string{"action done 3", "followup done 3 It is in the release of today"},
}, bot.FollowUpDone)

var _ = turning(Command{
	Name: "drop", Rank: 26, Title: "Drop an action item",
	Summary:  "say that an action item will not be done; its issue is closed as not planned",
	Examples: []string{"action drop 3 The service is switched off in May"},
}, bot.FollowUpDropped)

var _ = turning(Command{
	Name: "reopen", Rank: 27, Title: "Reopen an action item",
	Summary:  "open an action item again, and its issue with it",
	Examples: []string{"action reopen 3 The alert is silent again"},
}, bot.FollowUpOpen)

// turn says where an action item stands now.
func (c *Call) turn(to bot.FollowUpState) (bot.Reply, error) {
	f, err := c.action()
	if err != nil {
		return bot.Reply{}, err
	}
	was := f.State
	if err := bot.SetFollowUp(c.Work, f, to, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	text := bot.Join(c.itemName(f), " is ", bot.Bold(f.State.Label()), ": ", said(f.Text).OneLine(200), ".")
	if was.Closed() != to.Closed() {
		text = bot.Join(text, c.issueFollows(f))
	}
	return bot.Say(text).With(bot.Buttons(actionButtons(f)...)), nil
}

// itemName calls an action item, and its incident where that is not the one whose
// channel this is: items are numbered through all incidents, and a slip of the
// finger must show.
func (c *Call) itemName(f *bot.FollowUp) bot.Text {
	t := bot.Plain(fmt.Sprintf("Action item %d", f.Number))
	if c.Incident != nil && c.Incident.Channel == c.Req.Channel && c.Req.Channel != "" {
		return t
	}
	return bot.Join(t, bot.Plain(fmt.Sprintf(" of #%d", f.Incident)))
}

// issueFollows says what becomes of the issue with its action item.
func (c *Call) issueFollows(f *bot.FollowUp) bot.Text {
	verb := "opened again"
	if f.State.Closed() {
		verb = "closed"
	}
	switch f.Issue.State {
	case bot.IssueOpened:
		return bot.Join(" Its issue ", bot.LinkTo(f.Issue.URL, issueRef(f)), bot.Plain(" is being "+verb+", too."))
	case bot.IssueWanted, bot.IssueCreating, bot.IssueUnknown:
		return " Its issue follows once it is there."
	case bot.IssueNone, bot.IssueFailed, bot.IssueGone:
	}
	return ""
}

// action is the item that the line names, as it is under its incident's lock.
func (c *Call) action() (*bot.FollowUp, error) {
	n, _ := get[int64](c, "n")
	f, err := bot.TakeFollowUp(c.Work, n)
	if err != nil {
		return nil, fmt.Errorf("action item %d: %w", n, err)
	}
	return f, nil
}
