package commands

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// sureArg is what a button writes once a held text was looked at again.
func sureArg() Arg {
	return Arg{Name: "sure", Kind: Switch{}, Flag: true, Hidden: true, Help: "Customers may read it, although it was held back"}
}

var _ = register(Command{
	Name: "update", Group: RunIncident, Rank: 20, Title: "Post an update",
	Summary: "tell the team, and with --public customers, how things stand",
	Args: []Arg{
		{Name: "status", Kind: Status{}, Help: "Where the incident stands now; unchanged if you leave it out"},
		{Name: "text", Kind: Text{}, Required: true, Label: "Update", Help: "What is known, and what happens next"},
		{Name: "public", Kind: Switch{}, Flag: true, Label: "Tell customers", Help: "Customers read it on the status page", Right: bot.RightPublish},
		{Name: "component", Kind: Change{}, Flag: true, Many: true, Label: "Components", Help: "Its state: " + stateWords},
		{Name: "next", Kind: Until{}, Flag: true, Label: "Next update by", Help: "When you will say more: 30m, 2h, 17:00"},
		{Name: "at", Kind: Time{}, Flag: true, Hidden: true, Shown: true, Help: "When it was so, if not now"},
		sureArg(), seenArg(),
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{
		"update The database is back, queues are draining",
		"update monitoring A fix is out --public --next 30m",
		`update identified It is the cache --component "Web Client=degraded"`,
		"update -- monitoring is broken, too",
	},
	Run: runUpdate,
})

func runUpdate(c *Call) (bot.Reply, error) {
	d := bot.UpdateDraft{
		Text: c.text("text"), Public: c.is("public"), Components: list[bot.ComponentChange](c, "component"),
		NextBy: opt[time.Time](c, "next"), At: opt[time.Time](c, "at"),
	}
	d.Status, _ = get[bot.Status](c, "status")
	if d.Status == bot.Resolved && c.typedLine() && c.Incident.Open() {
		return c.askResolved(), nil
	}
	if d.Public && !c.Incident.Private && !c.Incident.Drill && !c.Incident.NeverTold() {
		if held, r, err := c.hold(c.firstRead(d.Text)); held {
			return r, err
		}
	}
	was, first := c.Incident.Status, d.Public && !c.Incident.Published()
	e, err := bot.Update(c.Work, d)
	if err != nil {
		return bot.Reply{}, err
	}
	if d.Status == bot.Resolved {
		return c.resolved()
	}
	text := bot.Join("Posted to the team: ", c.Incident.Tag())
	if d.Public {
		text = bot.Join("Customers read it now, and so does the team: ", c.Incident.Tag())
	}
	if d.Status != "" {
		text = bot.Join(text, bot.Plain(" is "+string(c.Incident.Status)))
	}
	r := bot.Say(text, ".")
	if first {
		r = c.firstPublished(e)
	}
	if d.NextBy != nil {
		r = r.With(bot.Small("Next update promised by ", bot.Moment(*d.NextBy), "."))
	}
	return c.offerText(r, was), nil
}

// askResolved asks what a first word "resolved" was.
func (c *Call) askResolved() bot.Reply {
	v := values{"text": c.text("text")}
	for _, name := range []string{"public", "at", sureArg().Name, seenArg().Name} {
		v[name] = c.values[name]
	}
	if len(list[bot.ComponentChange](c, "component")) > 0 {
		c.note("Resolving sets no components; resolve --all-clear sets the rest to operational.")
	}
	if c.values["next"] != "" {
		c.note("Resolving promises no next update.")
	}
	buttons := button("Resolve incident", c.lineFor("resolve", v))
	if c.parsed.lead != nil {
		buttons = append(buttons, button("It was text", c.asText())...)
	}
	return bot.Say("Is ", c.Incident.Tag(), " resolved, or is ", bot.Code("resolved"), " a word of your update? Nothing was posted yet.").
		With(bot.Buttons(buttons...))
}

// offerText offers to keep a first word as text that was read as a status. The
// incident then goes back to the status that it had.
func (c *Call) offerText(r bot.Reply, was bot.Status) bot.Reply {
	l := c.parsed.lead
	if l == nil || !c.typedLine() || strings.HasSuffix(l.raw, ":") {
		return r
	}
	if c.is("public") {
		// What customers read already is corrected, not said again.
		fix := c.sure(values{"n": bot.Plain(fmt.Sprint(c.Incident.LastPublic().Seq)), "text": l.text})
		return r.With(bot.Buttons(button("It was text", c.lineFor("update fix", fix))...))
	}
	fixed := maps.Clone(c.values)
	fixed["status"], fixed["text"] = bot.Text(was), l.text
	if b := button("It was text", c.again(c.Cmd, fixed)); was != bot.Resolved && was != bot.Cancelled {
		r = r.With(bot.Buttons(b...))
	}
	return r
}
