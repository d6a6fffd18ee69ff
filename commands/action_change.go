package commands

import (
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "action due", Group: FollowUp, Rank: 28, Title: "Move a due date",
	Summary: "move the day on which an action item is due, or take it off; the reason stays in the record",
	Args: []Arg{
		actionArg(),
		{Name: "date", Kind: Day{None: true}, Required: true, Label: "Due", Help: "By when"},
		{Name: "text", Kind: Text{Short: true}, Meta: "REASON", Required: true, Label: "Reason", Help: "Why; it stays in the timeline"},
	},
	Right: bot.RightRespond, Scope: Optional,
	Examples: []string{"action due 3 2099-12-01 The vendor delivers in November", "action due 3 14d Ana is ill", "action due 3 none It goes on for ever"},
	Run:      runActionDue,
})

var _ = register(Command{
	Name: "action owner", Group: FollowUp, Rank: 29, Title: "Give an action item",
	Summary: "give an action item to somebody, or to nobody",
	Args: []Arg{
		actionArg(),
		{Name: "user", Kind: Person{}, Required: true, Label: "Who", Help: "Somebody, me, or none"},
	},
	Right: bot.RightRespond, Scope: Optional,
	Examples: []string{"action owner 3 @ana", "action owner 3 none"},
	Run:      runActionOwner,
})

var _ = register(Command{
	Name: "action retry", Group: FollowUp, Rank: 30, Title: "Open the issue again", Submit: "Open again",
	Summary: "open the issue of an action item that has none, after looking that there is none",
	Args:    []Arg{actionArg()},
	Right:   bot.RightRespond, Scope: Optional,
	Examples: []string{"action retry 3"},
	Run:      runActionRetry,
})

func runActionDue(c *Call) (bot.Reply, error) {
	f, err := c.action()
	if err != nil {
		return bot.Reply{}, err
	}
	due, _ := get[bot.Date](c, "date")
	was := f.Due
	if due == "" && was == "" && !f.State.Closed() {
		return bot.Reply{}, bot.Conflict("Action item %d has no due date.", f.Number)
	}
	if err := bot.DueFollowUp(c.Work, f, due, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	text := fmt.Sprintf("Action item %d is due on %s", f.Number, due.Label())
	if due == "" {
		text = fmt.Sprintf("Action item %d has no due date now", f.Number)
	}
	if was != "" {
		text += "; it was " + was.Label()
	}
	return bot.Say(bot.Plain(text + ".")), nil
}

func runActionOwner(c *Call) (bot.Reply, error) {
	f, err := c.action()
	if err != nil {
		return bot.Reply{}, err
	}
	who, err := c.owner("user")
	if err != nil {
		return bot.Reply{}, err
	}
	if err := bot.OwnFollowUp(c.Work, f, who); err != nil {
		return bot.Reply{}, err
	}
	if who == "" {
		return bot.Say(c.itemName(f), " has no owner now; ", bot.MentionUser(c.reminded(f)), " is reminded of it."), nil
	}
	return bot.Say(c.itemName(f), " belongs to ", bot.MentionUser(who), " now: ", said(f.Text).OneLine(200), "."), nil
}

func runActionRetry(c *Call) (bot.Reply, error) {
	f, err := c.action()
	if err != nil {
		return bot.Reply{}, err
	}
	if err := bot.RetryIssue(c.Work, f); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(bot.Plain(fmt.Sprintf("Action item %d: an issue in %s is being opened.", f.Number, f.Issue.Repo))), nil
}
