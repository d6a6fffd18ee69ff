package commands

import (
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// atArg backdates a fact.
func atArg() Arg {
	return Arg{Name: "at", Kind: Time{}, Flag: true, Label: "When", Help: "When it was so, if not now"}
}

var _ = register(Command{
	Name: "status", Shorts: []Short{{Word: "mitigate", Args: "monitoring"}}, Wordy: "update",
	Group: RunIncident, Rank: 30, Title: "Set the status",
	Summary: "say where the incident stands: investigating, identified, monitoring or resolved, in any order",
	Args: []Arg{
		{Name: "status", Kind: Status{}, Required: true, Help: "Where the incident stands now"},
		atArg(),
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"status identified", "status monitoring --at 16:48", "mitigate"},
	Run:      runStatus,
})

func runStatus(c *Call) (bot.Reply, error) {
	s, _ := get[bot.Status](c, "status")
	if _, err := bot.SetStatus(c.Work, s, opt[time.Time](c, "at")); err != nil {
		return bot.Reply{}, err
	}
	if s == bot.Resolved {
		return c.resolved()
	}
	return c.offerStock(bot.Say(c.Incident.Tag(), bot.Plain(" is "+string(s)+" now."))), nil
}

// offerStock offers to tell customers, when the page says something else than
// the team.
func (c *Call) offerStock(r bot.Reply) bot.Reply {
	i := c.Incident
	if !i.Published() || i.LastPublic().Status == i.Status {
		return r
	}
	line := bot.StockLine(i.Status)
	r = r.With(bot.Para("The page still says ", bot.Bold(i.LastPublic().Status.Label()), ". Customers could read: “", line, "”"))
	return r.With(bot.Buttons(bot.Button{
		Label: "Tell customers: " + i.Status.Label(),
		Line:  c.lineFor("update", values{"status": bot.Text(i.Status), "public": "true", "text": line}),
	}))
}
