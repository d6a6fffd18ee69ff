package commands

import (
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "resolve", Aliases: []string{"fixed", "close"}, Group: RunIncident, Rank: 120, Title: "Resolve",
	Summary: "end the incident; if customers read of it they are told, too",
	Args: []Arg{
		{Name: "text", Kind: Text{}, Label: "Last update", Help: "What it was, and what ended it"},
		{Name: "public", Kind: Switch{}, Flag: true, Label: "Tell customers this text", Help: "Customers read the text instead of the stock line", Right: bot.RightPublish},
		{Name: "internal", Kind: Switch{}, Flag: true, Label: "Tell customers nothing", Help: "The page stays as it is"},
		{Name: "all-clear", Kind: Switch{}, Flag: true, Label: "All clear", Help: "Set the other components to operational"},
		atArg(),
		sureArg(),
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"resolve", "resolve The deploy was rolled back --all-clear", "resolve Chat works again --public --at 17:56"},
	Run:      runResolve,
})

func runResolve(c *Call) (bot.Reply, error) {
	d := bot.ResolveDraft{
		Text: c.text("text"), Public: c.is("public"), Internal: c.is("internal"),
		AllClear: c.is("all-clear"), At: opt[time.Time](c, "at"),
	}
	if d.Public && c.Incident.Open() && !c.Incident.Private && !c.Incident.Drill {
		text := d.Text
		if text == "" {
			text = bot.StockLine(bot.Resolved)
		}
		if held, r, err := c.hold(c.firstRead(text)); held {
			return r, err
		}
	}
	if _, err := bot.Resolve(c.Work, d); err != nil {
		return bot.Reply{}, err
	}
	return c.resolved(), nil
}

// resolved says how things stand after a resolve, for the team, for customers,
// and for the components that were left as they are.
func (c *Call) resolved() bot.Reply {
	i := c.Incident
	r := bot.Say(i.Tag(), " is resolved.")
	if i.Published() {
		r = r.With(bot.Para(c.pageSays()))
	}
	unwell := i.Unwell()
	if len(unwell) == 0 {
		return r
	}
	clear, changes := values{}, []bot.ComponentChange{}
	arg := table["component"].arg("component")
	for _, id := range unwell {
		clear.add(arg, bot.Text(id+"="+string(bot.Operational)))
		changes = append(changes, bot.ComponentChange{Component: id, State: i.Components[id]})
	}
	return r.With(bot.Para(bot.Plain("Still not operational: "+c.states(changes)+".")),
		bot.Buttons(button("Set to operational", c.lineFor("component", clear))...))
}
