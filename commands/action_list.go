package commands

import (
	"fmt"
	"slices"

	"github.com/tocsin-dev/tocsin/bot"
)

func allArg() Arg {
	return Arg{Name: "all", Kind: Switch{}, Flag: true, Label: "All", Help: "Also those that are done or dropped"}
}

var _ = register(Command{
	Name: "action", Aliases: []string{"followup"}, Group: FollowUp, Rank: 20, Wordy: "action add", Later: []string{"edit"},
	Summary: "list action items, as action list does",
	Args:    []Arg{allArg()},
	Scope:   Optional, Reads: true,
	Examples: []string{"action", "followup", "#12 action --all"},
	Run:      runActions,
})

var _ = register(Command{
	Name: "action list", Group: FollowUp, Rank: 22,
	Summary: "list the action items: of the incident, elsewhere yours and then all that are open",
	Args:    []Arg{allArg()},
	Scope:   Optional, Reads: true,
	Examples: []string{"action list", "#12 action list --all"},
	Run:      runActions,
})

func runActions(c *Call) (bot.Reply, error) {
	if c.Incident == nil {
		return c.everyAction()
	}
	all, err := c.Tx.FollowUps(c.Viewer(), bot.FollowUpFilter{Incident: c.Incident.Number, Limit: 500})
	if err != nil {
		return bot.Reply{}, fmt.Errorf("action items: %w", err)
	}
	if len(all) == 0 {
		return bot.Say(c.Incident.Tag(), " has no action items. Add one: ", bot.Code("action add TEXT")).
			With(bot.Buttons(bot.Button{Label: "Add an action item", Line: c.lineFor("action add", nil)})), nil
	}
	shown := slices.Clone(all)
	if !c.is("all") {
		shown = slices.DeleteFunc(shown, func(f *bot.FollowUp) bool { return f.State.Closed() })
	}
	closed := len(all) - len(shown)
	slices.SortStableFunc(shown, func(a, b *bot.FollowUp) int { return rankState(a) - rankState(b) })
	head := bot.Join("Action items of ", c.Incident.Tag())
	r := bot.Reply{Message: bot.Message{Blocks: []bot.Block{bot.Para(bot.Bold("Action items"), " of ", c.Incident.Tag())}}}
	r = c.actions(r, shown)
	if len(shown) == 0 {
		r = r.With(bot.Para("None is open."))
	}
	if closed > 0 {
		r = r.With(bot.Small(bot.Plain(fmt.Sprintf("%d closed are not shown; ", closed)), bot.Code("action list --all"), " shows them."))
	}
	if len(shown) > maxRows {
		r = r.With(c.moreActions(len(shown) - maxRows))
	}
	r.Summary = bot.Join(head, bot.Plain(fmt.Sprintf(": %d of %d shown.", min(len(shown), maxRows), len(all))))
	return r, nil
}

func rankState(f *bot.FollowUp) int {
	if f.State.Closed() {
		return 1
	}
	return 0
}

// everyAction lists what the person owns, then all of the house.
func (c *Call) everyAction() (bot.Reply, error) {
	filter := bot.FollowUpFilter{Owner: c.Who.ID, Open: !c.is("all"), Limit: maxRows + 1}
	own, err := c.Tx.FollowUps(c.Viewer(), filter)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("action items of %s: %w", c.Who.ID, err)
	}
	filter.Owner, filter.Limit = "", 2*maxRows+2
	all, err := c.Tx.FollowUps(c.Viewer(), filter)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("action items: %w", err)
	}
	rest := slices.DeleteFunc(all, func(f *bot.FollowUp) bool { return f.Owner == c.Who.ID })
	if len(own)+len(rest) == 0 {
		return bot.Say("No action item is open. They are added to an incident: ", bot.Code("#12 action add TEXT")), nil
	}
	r := bot.Reply{Message: bot.Message{Summary: bot.Plain(fmt.Sprintf("Action items: %s.", countOf(len(own), len(rest))))}}
	if len(own) > 0 {
		r = c.actions(r.With(bot.Para(bot.Bold("Yours"))), own)
	}
	room := maxRows - min(len(own), maxRows)
	if len(rest) > 0 && room > 0 {
		rows := make([]bot.Text, 0, room)
		for _, f := range rest[:min(len(rest), room)] {
			rows = append(rows, c.actionRow(f))
		}
		head := "Others'"
		if len(own) == 0 {
			head = "You own none; these are others'"
		}
		r = r.With(bot.Para(bot.Bold(head))).With(paras(rows)...)
	}
	if len(own)+len(rest) > maxRows {
		r = r.With(c.moreActions(0))
	}
	return r.With(bot.Small(bot.Code("#12 action list"), " lists those of one incident.")), nil
}

func countOf(own, rest int) string {
	if own == 0 {
		return "you own none"
	}
	if rest == 0 {
		return fmt.Sprintf("you own %d", own)
	}
	return fmt.Sprintf("you own %d, and others have some", own)
}

func (c *Call) moreActions(n int) bot.Block {
	more := bot.Text("There are more; ")
	if n > 0 {
		more = bot.Plain(fmt.Sprintf("There are %d more; ", n))
	}
	return bot.Small(more, bot.LinkTo(c.Settings().BaseURL+"/api/v1/followups", "the API"), " has them all.")
}

// actions adds a row for each item, with what can be done to the first ones.
func (c *Call) actions(r bot.Reply, list []*bot.FollowUp) bot.Reply {
	var rest []bot.Text
	for k, f := range list[:min(len(list), maxRows)] {
		if k >= maxActs || f.State.Closed() {
			rest = append(rest, c.actionRow(f))
			continue
		}
		r = r.With(bot.Para(c.actionRow(f)), bot.Buttons(actionButtons(f)...))
	}
	if len(rest) > 0 {
		r = r.With(paras(rest)...)
	}
	return r
}

// actionButtons are what is next for an action item. Its number is enough.
func actionButtons(f *bot.FollowUp) []bot.Button {
	n := fmt.Sprint(f.Number)
	if f.State.Closed() {
		return []bot.Button{{Label: "Reopen " + n, Line: "action reopen " + n}}
	}
	out := []bot.Button{{Label: n + " is done", Line: "action done " + n}}
	if f.State == bot.FollowUpOpen {
		out = append([]bot.Button{{Label: "Start " + n, Line: "action start " + n}}, out...)
	}
	if f.Issue.State == bot.IssueFailed || f.Issue.State == bot.IssueGone || f.Issue.State == bot.IssueUnknown && f.Issue.Lost {
		out = append(out, bot.Button{Label: "Open the issue of " + n + " again", Line: "action retry " + n})
	}
	return out
}

// actionRow is an action item in a list.
func (c *Call) actionRow(f *bot.FollowUp) bot.Text {
	text := bot.Join(bot.Code(fmt.Sprint(f.Number)), bot.Plain(" ["+f.State.Label()+"] "), said(f.Text).OneLine(200), "\n")
	if f.Owner != "" {
		text = bot.Join(text, bot.MentionUser(f.Owner))
	} else {
		text = bot.Join(text, "no owner")
	}
	if f.Due != "" {
		text = bot.Join(text, bot.Plain(" · due "+f.Due.Label()))
	}
	if f.Overdue(bot.DateOf(c.Now.In(c.Zone()))) {
		text = bot.Join(text, ", overdue")
	}
	if f.Priority != "" {
		text = bot.Join(text, bot.Plain(" · "+f.Priority))
	}
	if c.Incident == nil {
		text = bot.Join(text, bot.Plain(fmt.Sprintf(" · #%d", f.Incident)))
	}
	return bot.Join(text, issueRow(f))
}

// issueRow is how the issue of an action item stands, for a list.
func issueRow(f *bot.FollowUp) bot.Text {
	switch f.Issue.State {
	case bot.IssueNone:
		return ""
	case bot.IssueOpened:
		return bot.Join(" · ", bot.LinkTo(f.Issue.URL, issueRef(f)))
	case bot.IssueWanted, bot.IssueCreating:
		return " · its issue is being opened"
	case bot.IssueUnknown:
		return " · nobody knows whether its issue was opened"
	case bot.IssueFailed:
		return bot.Join(" · no issue: ", bot.Plain(f.Issue.Why).OneLine(150))
	case bot.IssueGone:
	}
	return " · its issue is gone"
}
