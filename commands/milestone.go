package commands

import (
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "milestone", Group: RunIncident, Rank: 100, Title: "Set a milestone",
	Summary: "say when something was reached, whatever the record says",
	Args: []Arg{
		{Name: "milestone", Kind: Mark{}, Required: true, Help: "What was reached"},
		{Name: "time", Kind: Time{}, Required: true, Label: "When"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"milestone impact 16:19", "milestone detected 2020-01-23 16:19", "milestone mitigated 20m ago"},
	Run:      runMilestone,
})

func runMilestone(c *Call) (bot.Reply, error) {
	m, _ := get[bot.Milestone](c, "milestone")
	t, _ := get[time.Time](c, "time")
	if _, err := bot.SetMilestone(c.Work, m, t); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(c.Incident.Tag(), bot.Plain(": "+string(m)+" set to "), bot.Moment(t), "."), nil
}
