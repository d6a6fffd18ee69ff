package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "card", Group: RunIncident, Rank: 1,
	Summary:  "show the incident's card, as nothing at all does; elsewhere the open incidents and the declare form",
	Scope:    Optional,
	Reads:    true,
	Examples: []string{"", "12"},
	Run:      runCard,
})

func runCard(c *Call) (bot.Reply, error) {
	if c.Incident != nil {
		return bot.Reply{Message: c.Settings().Card(c.Incident, c.Now)}, nil
	}
	r, err := c.openIncidents()
	if err != nil || c.Req.Exact {
		return r, err
	}
	intro := bot.Text("")
	for _, b := range r.Blocks {
		if b.Kind == bot.BlockPara {
			intro = bot.Join(intro, "\n", b.Text)
		}
	}
	r = r.With(bot.Buttons(bot.Button{Label: "Declare an incident", Line: "declare", Style: "primary"}))
	if c.May(bot.RightDeclare) {
		r.Form = (&Call{Look: c.Look, Cmd: table["declare"]}).form(nil).Form
		r.Form.Intro = trim(intro)
	}
	return r, nil
}
