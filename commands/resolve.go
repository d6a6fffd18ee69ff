package commands

import (
	"fmt"
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
		sureArg(), seenArg(),
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
	return c.resolved()
}

// resolved says how things stand after a resolve, for the team, for customers,
// and for what was left as it is: components, tasks, reminders, the post-mortem.
func (c *Call) resolved() (bot.Reply, error) {
	i := c.Incident
	r := bot.Say(i.Tag(), " is resolved.")
	if i.Published() {
		r = r.With(bot.Para(c.pageSays()))
	}
	if unwell := i.Unwell(); len(unwell) > 0 {
		clear, changes := values{}, []bot.ComponentChange{}
		arg := table["component"].arg("component")
		for _, id := range unwell {
			clear.add(arg, bot.Text(id+"="+string(bot.Operational)))
			changes = append(changes, bot.ComponentChange{Component: id, State: i.Components[id]})
		}
		r = r.With(bot.Para(bot.Plain("Still not operational: "+c.Settings().States(changes)+".")),
			bot.Buttons(button("Set to operational", c.lineFor("component", clear))...))
	}
	r = r.With(c.askTasks()...)
	waiting, err := c.waiting()
	if err != nil {
		return bot.Reply{}, err
	}
	if n := len(waiting); n > 0 {
		stay := "1 reminder stays set."
		if n > 1 {
			stay = fmt.Sprintf("%d reminders stay set.", n)
		}
		r = r.With(bot.Para(bot.Plain(stay)), bot.Buttons(bot.Button{Label: "Show reminders", Line: c.lineFor("remind list", nil)}))
	}
	if due := c.Settings().PostmortemDue(i); due != "" {
		r = r.With(bot.Para(bot.Plain("The post-mortem is due on "+due.Label()+"; "), bot.MentionUser(i.PostmortemOwner()), " is reminded of it."),
			bot.Buttons(bot.Button{Label: "Post-mortem", Line: c.lineFor("postmortem", nil)}))
	}
	return r, nil
}

// askTasks asks which of the open tasks become action items.
func (c *Call) askTasks() []bot.Block {
	open := c.Incident.OpenTasks()
	if len(open) == 0 {
		return nil
	}
	out := []bot.Block{bot.Para(bot.Bold("Tasks that are still open"), ": which of them become action items?")}
	rows := make([]bot.Text, 0, len(open))
	var buttons []bot.Button
	for k, t := range open {
		if k == maxRows {
			rows = append(rows, bot.Plain(fmt.Sprintf("%d more; task list lists them.", len(open)-k)))
			break
		}
		rows = append(rows, taskRow(t))
		if k < maxActs {
			buttons = append(buttons, bot.Button{
				Label: "Make action item: " + c.spoken(t.Text, 40),
				Line:  c.lineFor("task promote", values{"n": bot.Plain(fmt.Sprint(t.Number))}),
			})
		}
	}
	if len(open) > 1 {
		buttons = append(buttons, bot.Button{Label: fmt.Sprintf("Make all %d action items", len(open)), Line: c.lineFor("task promote", values{"n": "all"})})
	}
	return append(append(out, paras(rows)...), bot.Buttons(buttons...))
}
