package commands

import (
	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "title", Aliases: []string{"rename"}, Group: RunIncident, Rank: 60, Title: "Name the incident",
	Summary: "give the incident another title; with --public the one that customers read",
	Args: []Arg{
		{Name: "text", Kind: Text{Short: true}, Required: true, Label: "Title", Help: "What is broken, in a few words"},
		{Name: "public", Kind: Switch{}, Flag: true, Label: "For customers", Help: "The title on the status page", Right: bot.RightPublish},
		sureArg(), seenArg(),
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"title Checkout fails for card payments", "title Payments are delayed --public"},
	Run:      runTitle,
})

func runTitle(c *Call) (bot.Reply, error) {
	title, public := c.text("text"), c.is("public")
	// Without a public title of its own the page shows the team's, unless who
	// renames it may not speak to customers: then they go on reading the old one.
	shown := public || c.Incident.Published() && c.Incident.PublicTitle == "" && c.May(bot.RightPublish)
	if shown && !c.Incident.Private && !c.Incident.Drill {
		if held, r, err := c.hold(title); held {
			return r, err
		}
	}
	if _, err := bot.SetTitle(c.Work, title, public); err != nil {
		return bot.Reply{}, err
	}
	switch {
	case shown && c.Incident.Published():
		return bot.Say("Customers now read: ", bot.Bold(c.Incident.CustomerTitle().String())), nil
	case public:
		return bot.Say("Customers will read: ", bot.Bold(c.Incident.CustomerTitle().String()), " once the incident is published."), nil
	}
	return bot.Say("It is called ", c.Incident.Tag(), " now."), nil
}
