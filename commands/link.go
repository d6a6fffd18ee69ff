package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "link", Group: RunIncident, Rank: 110, Title: "Add a link",
	Summary: "add a link to the card",
	Args: []Arg{
		{Name: "url", Kind: Address{}, Required: true, Label: "Address"},
		{Name: "name", Kind: Text{Short: true}, Help: "How the card calls it"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"link https://grafana.example.com/d/gateway Gateway dashboard"},
	Run:      runLink,
})

func runLink(c *Call) (bot.Reply, error) {
	address, _ := get[string](c, "url")
	if _, err := bot.AddLink(c.Work, address, c.text("name")); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say("The link is on the card of ", c.Incident.Tag(), "."), nil
}
