package commands

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "severity", Aliases: []string{"sev"}, Group: RunIncident, Rank: 50, Title: "Set the severity",
	Summary: "say how bad it is",
	Args: []Arg{
		{Name: "severity", Kind: Severity{}, Meta: "SEV", Required: true, Help: "By id or name; SEV-1, sev 1 and p1 will do"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"severity sev1", "sev 2", "sev critical"},
	Run:      runSeverity,
})

func runSeverity(c *Call) (bot.Reply, error) {
	sev, _ := get[bot.Severity](c, "severity")
	if _, err := bot.SetSeverity(c.Work, sev.ID); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(c.Incident.Tag(), " is ", bot.Bold(strings.ToUpper(sev.ID)), bot.Plain(" ("+sev.Name+") now.")), nil
}
