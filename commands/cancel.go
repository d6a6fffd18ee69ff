package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "cancel", Group: RunIncident, Rank: 140, Title: "Cancel",
	Summary: "end what was no incident; the page then says that there was no impact",
	Args: []Arg{
		{Name: "text", Kind: Text{}, Meta: "REASON", Required: true, Label: "Reason", Help: "Why it is none"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"cancel A false alarm of the probe"},
	Run:      runCancel,
})

func runCancel(c *Call) (bot.Reply, error) {
	if _, err := bot.Cancel(c.Work, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	r := bot.Say(c.Incident.Tag(), " is cancelled.")
	if c.Incident.Published() {
		r = r.With(bot.Para(c.pageSays()))
	}
	return r, nil
}
