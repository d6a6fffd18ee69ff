package commands

import (
	"fmt"
	"maps"

	"github.com/tocsin-dev/tocsin/bot"
)

// firstRead is what customers read with text: before the first time also the
// title, which was written for the team.
func (c *Call) firstRead(text bot.Text) bot.Text {
	if c.Incident.Published() {
		return text
	}
	return bot.Join(c.Incident.CustomerTitle(), "\n", text)
}

// hold asks for a second look at a text that customers would read, if it holds
// what they should not. A program cannot look, so it is refused.
func (c *Call) hold(text bot.Text) (held bool, r bot.Reply, err error) {
	why := bot.HeldBecause(text)
	if why == "" || c.is("sure") {
		return false, r, nil
	}
	if c.Req.Exact {
		return true, r, bot.Invalid("Held back from customers, since %s.", why).
			WithHint("Change the text, or add --sure.")
	}
	sure, edit := maps.Clone(c.values), maps.Clone(c.values)
	sure["sure"], edit[editArg.Name] = "true", "true"
	buttons := append(button("Send anyway", c.again(c.Cmd, sure)), button("Edit", c.again(c.Cmd, edit))...)
	r = bot.Say("Customers would read this, and ", bot.Plain(why), ". Nothing was sent yet.").
		With(bot.Quote(text))
	if len(buttons) < 2 {
		return true, r.With(bot.Small("To send it as it is, send the line again with --sure.")), nil
	}
	return true, r.With(bot.Buttons(buttons...)), nil
}

// firstPublished tells what customers read now for the first time, and how to
// change it.
func (c *Call) firstPublished(e bot.Event) bot.Reply {
	i := c.Incident
	u := i.LastPublic()
	r := bot.Say("Customers now read: ", bot.Bold(i.CustomerTitle().String()), bot.Plain(" — "+u.Status.Label()+" — "), u.Text)
	r.Blocks = []bot.Block{
		bot.Para(bot.Bold("Customers now read:")),
		bot.Quote(bot.Join(bot.Bold(i.CustomerTitle().String()), "\n", bot.Plain(u.Status.Label()+" — "), u.Text)),
	}
	return r.With(bot.Buttons(
		bot.Button{Label: "Change title", Line: c.lineFor("title", values{"public": "true"})},
		bot.Button{Label: "Take back", Line: c.lineFor("update retract", values{"n": bot.Plain(fmt.Sprint(e.Seq)), "text": "Taken back"}), Style: "danger"},
	))
}
