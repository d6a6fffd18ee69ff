package commands

import (
	"fmt"

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
	if _, err := bot.Redact(c.Work, n, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say("The text of entry ", bot.Plain(fmt.Sprint(n)), " of ", c.Incident.Tag(), " is gone. What Slack shows of it is Slack's to delete."), nil
}
