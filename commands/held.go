package commands

import (
	"crypto/sha256"
	"encoding/hex"
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

// seenArg is what customers had read when a button that is sure was drawn.
func seenArg() Arg {
	return Arg{Name: "seen", Kind: Word{}, Flag: true, Hidden: true, Help: "What was looked at"}
}

// customersRead tells apart what customers have read of the incident at two times.
func (c *Call) customersRead() bot.Text {
	read := fmt.Appendln(nil, c.Incident.CustomerTitle())
	for _, u := range c.Incident.Updates {
		read = fmt.Appendln(read, u.Seq, u.Fix, u.Stands())
	}
	sum := sha256.Sum256(read)
	return bot.Text(hex.EncodeToString(sum[:6]))
}

// stands reports whether text is what customers read now, as after a click too many.
func (c *Call) stands(text bot.Text) bool {
	u := c.Incident.LastPublic()
	return u != nil && u.Text == text || c.Incident.CustomerTitle() == text
}

// sure marks v as looked at, as long as customers read nothing newer: a button
// that was left over must not undo what was written since.
func (c *Call) sure(v values) values {
	v["sure"], v["seen"] = "true", c.customersRead()
	return v
}

// hold asks for a second look at a text that customers would read, if it holds
// what they should not. A program cannot look, so it is refused.
func (c *Call) hold(text bot.Text) (held bool, r bot.Reply, err error) {
	why, seen := bot.HeldBecause(text), c.values["seen"]
	newer := c.is("sure") && seen != "" && seen != c.customersRead() && !c.stands(text)
	if !newer && (why == "" || c.is("sure")) || c.Req.Exact && why == "" {
		return false, r, nil
	}
	if c.Req.Exact {
		return true, r, bot.Invalid("Held back from customers, since %s.", why).
			WithHint("Change the text, or add --sure.")
	}
	edit := maps.Clone(c.values)
	delete(edit, "sure")
	delete(edit, "seen")
	edit[editArg.Name] = "true"
	buttons := append(button("Send anyway", c.again(c.Cmd, c.sure(maps.Clone(c.values)))), button("Edit", c.again(c.Cmd, edit))...)
	head := bot.Text("Customers would read this; nothing was sent yet.")
	if why != "" {
		head = bot.Join("Customers would read this, and ", bot.Plain(why), ". Nothing was sent yet.")
	}
	switch {
	case newer && c.Incident.Published():
		r = bot.Say("What customers read has changed since you were asked. ", head).With(bot.Quote(text), bot.Para(c.pageSays()))
	case newer: // it has another title
		r = bot.Say("What customers would read has changed since you were asked. ", head).With(bot.Quote(text))
	default:
		r = bot.Say(head).With(bot.Quote(text))
	}
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
