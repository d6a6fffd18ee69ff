package commands

import (
	"fmt"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "redact", Group: RunIncident, Rank: 92, Title: "Redact an entry",
	Summary: "remove the text of an entry for good; that it was there stays",
	Args: []Arg{
		{Name: "seq", Kind: Number{}, Meta: "SEQ", Required: true, Label: "Entry", Help: "Its number in the timeline"},
		{Name: "text", Kind: Text{}, Meta: "REASON", Required: true, Label: "Reason", Help: "Why; this stays"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"redact 7 It held a customer's name"},
	Run:      runRedact,
})

func runRedact(c *Call) (bot.Reply, error) {
	n, _ := get[int64](c, "seq")
	gone, err := bot.Redact(c.Work, n, c.text("text"))
	if err != nil {
		return bot.Reply{}, err
	}
	out := bot.Say("The text of entry ", bot.Plain(fmt.Sprint(n)), " of ", c.Incident.Tag(), " is gone.")
	if len(gone.Also) > 0 {
		held := make([]string, len(gone.Also))
		for k, e := range gone.Also {
			held[k] = heldIn(e)
		}
		out = out.With(bot.Para(bot.Plain("Gone with it, since the same text stood there: " + strings.Join(held, "; ") + ".")))
	}
	left, err := leftOf(c, gone)
	if err != nil {
		return bot.Reply{}, err
	}
	return out.With(bot.Para(left)), nil
}

// heldIn names an entry that held the text, too.
func heldIn(e bot.Event) string {
	n := fmt.Sprintf("entry %d", e.Seq)
	switch m := e.Data.Postmortem; {
	case m != nil && m.What == bot.PostmortemSet:
		for _, x := range bot.Sections() {
			if x.Slug == m.Section {
				return n + ", the post-mortem's section " + x.Title
			}
		}
	case m != nil:
		return n + ", the post-mortem that customers read"
	case e.Kind == bot.EventPublished || e.Public:
		return n + ", which customers read"
	case e.Data.FollowUp != nil:
		return fmt.Sprintf("%s, action item %d", n, e.Data.FollowUp.Number)
	case e.Data.Task != nil:
		return fmt.Sprintf("%s, task %d", n, e.Data.Task.Number)
	}
	return n
}

// leftOf says where the text may be still.
func leftOf(c *Call, gone bot.Redacted) (bot.Text, error) {
	var left bot.Text
	for _, e := range append([]bot.Event{gone.Entry}, gone.Also...) {
		m := e.Data.FollowUp
		if m == nil {
			continue
		}
		f, err := c.Tx.FollowUp(bot.Self(), m.Number)
		switch {
		case err != nil:
			return "", err
		case f.Issue.Number == 0:
		case f.Issue.Adopted:
			left = bot.Join(left, "Its issue ", f.Issue.Link(), " was not opened here and keeps its text: change it on GitHub. ")
		default:
			left = bot.Join(left, "Its issue ", f.Issue.Link(), " is emptied, too; what was quoted there is GitHub's to delete. ")
		}
	}
	return bot.Join(left, "What Tocsin posted of it in Slack is drawn again without it. What people wrote, and what was sent by e-mail or as a notification, is out of reach."), nil
}
