package commands

import (
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "component", Aliases: []string{"components"}, Group: RunIncident, Rank: 40, Title: "Set components",
	Summary: "set the states of components: " + stateWords,
	Args: []Arg{
		{Name: "component", Kind: Change{}, Many: true, Required: true, Label: "Components", Help: "Name and state"},
		atArg(),
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"component api=degraded", "component api=major Web Client=partial --at -20m", "component “Web Client”=ok"},
	Run:      runComponent,
})

func runComponent(c *Call) (bot.Reply, error) {
	e, err := bot.SetComponents(c.Work, list[bot.ComponentChange](c, "component"), opt[time.Time](c, "at"))
	if err != nil {
		return bot.Reply{}, err
	}
	reader := "Customers see it when the incident is published."
	if c.Incident.Published() {
		reader = "Customers see it on the page."
	}
	return bot.Say(c.Incident.Tag(), bot.Plain(": "+c.Settings().States(e.Data.Components)+". "+reader)), nil
}
