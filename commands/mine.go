package commands

import (
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "mine", Group: LookAt, Rank: 30,
	Summary:  "show the open incidents in which you hold a role",
	Reads:    true,
	Examples: []string{"mine"},
	Run:      runMine,
})

func runMine(c *Call) (bot.Reply, error) {
	held, err := c.Tx.Incidents(c.Viewer(), bot.IncidentFilter{Open: true, Holder: c.Who.ID, Limit: maxList + 1})
	if err != nil {
		return bot.Reply{}, fmt.Errorf("incidents of %s: %w", c.Who.ID, err)
	}
	return c.incidents(held, "You hold no role in an open incident.", "Your open incidents"), nil
}
