package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "show", Group: LookAt, Rank: 20, Title: "Show an incident",
	Summary: "show an incident's card",
	Args: []Arg{
		{Name: "incident", Kind: Number{}, Meta: "#N", Help: "Its number; this channel's if you leave it out"},
		{Name: "more", Kind: Switch{}, Flag: true, Help: "With everything that can be done to it"},
	},
	Scope: Optional, Reads: true,
	Examples: []string{"show #12", "show", "show 12 --more"},
	Run:      runShow,
})

func runShow(c *Call) (bot.Reply, error) {
	if n, ok := get[int64](c, "incident"); ok {
		if err := c.take(n); err != nil {
			return bot.Reply{}, err
		}
	}
	if c.Incident == nil {
		return bot.Reply{}, c.whichIncident()
	}
	m := c.Settings().Card(c.Incident, c.Now)
	if c.is("more") {
		m.Blocks = append(m.Blocks, bot.Buttons(c.Settings().MoreButtons(c.Incident)...))
	}
	return bot.Reply{Message: m}, nil
}
