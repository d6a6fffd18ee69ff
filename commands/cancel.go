package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "cancel", Group: RunIncident, Rank: 140, Title: "Cancel incident", Submit: "Cancel incident", Close: "Keep it open",
	Summary: "end what was no incident; the page then says that there was no impact",
	Args: []Arg{
		{Name: "text", Kind: Text{}, Meta: "REASON", Required: true, Label: "Reason", Help: "Why it is none; customers do not read this"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Fill:     fillCancel,
	Examples: []string{"cancel A false alarm of the probe"},
	Run:      runCancel,
})

// fillCancel says over the form what customers will read.
func fillCancel(c *Call, _ values) (bot.Text, error) {
	if !c.Incident.Open() || !c.Incident.Published() {
		return "", nil
	}
	return bot.Join("Customers will read: “", bot.StockLine(bot.Cancelled), "”"), nil
}

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
