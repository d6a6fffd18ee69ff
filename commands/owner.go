package commands

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// owner is whom an argument names as the owner of something; empty: nobody. An app
// and an account that was closed do nothing about it.
func (c *Call) owner(arg string) (bot.UserID, error) {
	id, _ := get[bot.UserID](c, arg)
	if id == "" {
		return "", nil
	}
	who, err := bot.FindPerson(c.Tx, id)
	switch {
	case err != nil:
		return "", err
	case who.Bot:
		return "", bot.Invalid("<@%s> is an app and cannot own anything.", id).WithHint("Name a person, me, or none.")
	case who.Deleted:
		return "", bot.Invalid("The account of <@%s> is closed.", id).WithHint("Name somebody else, me, or none.")
	}
	if c.Incident != nil && c.Incident.Private {
		if _, err := c.Tx.Incident(bot.As(id), c.Incident.Number); bot.KindOf(err) == bot.KindNotFound {
			c.note(bot.Join(bot.MentionUser(id), " cannot see this private incident and is not told of it; invite them to its channel."))
		} else if err != nil {
			return "", err
		}
	}
	return id, nil
}

// spoken is t as one line of plain text, for where no reference can be drawn, such
// as a button: people by their handles.
func (c *Call) spoken(t bot.Text, limit int) string {
	var b strings.Builder
	for _, s := range said(t).Spans() {
		if s.Kind != bot.SpanUser {
			b.WriteString(s.Value)
			continue
		}
		name := "somebody"
		if who, err := c.Tx.Person(bot.UserID(s.Value)); err == nil && who.Handle != "" { // a label; without it there is a word for them
			name = "@" + who.Handle
		}
		b.WriteString(name)
	}
	return bot.Plain(b.String()).OneLine(limit).String()
}
