package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "summary", Group: RunIncident, Rank: 70, Title: "Summarise",
	Summary: "say in a few sentences what the incident is, for those who join",
	Args: []Arg{
		{Name: "text", Kind: Text{}, Required: true, Label: "Summary", Help: "It stands on the card until the next one"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"summary The gateway ran out of memory after the 16:15 deploy; it is being rolled back"},
	Run:      runSummary,
})

func runSummary(c *Call) (bot.Reply, error) {
	if _, err := bot.SetSummary(c.Work, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say("The card of ", c.Incident.Tag(), " has the new summary."), nil
}
