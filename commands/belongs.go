package commands

import (
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
)

// belonging is a kind whose values belong to an incident and bring it along, so
// that a line with one works anywhere.
type belonging interface {
	Kind
	// home is the incident that a value belongs to, as far as the person may know
	// of it; 0: to none.
	home(c *Call, v any) (int64, error)
	// missing refuses a value that there is not.
	missing(v any) *bot.Error
	// elsewhere refuses one of incident n where another was named.
	elsewhere(v any, n int64) *bot.Error
}

// bring makes the incident of what the line names the one at hand, and no other.
// brought is false when it names nothing of that kind, or nothing that can be read,
// which is said where all arguments are read.
func (c *Call) bring() (brought bool, err error) {
	for k := range c.Cmd.Args {
		a := &c.Cmd.Args[k]
		kind, ok := a.Kind.(belonging)
		if !ok || c.values[a.Name] == "" {
			continue
		}
		if v, err := a.Kind.read(c, c.values[a.Name]); err == nil {
			return true, c.bringHome(kind, v)
		}
	}
	return false, nil
}

func (c *Call) bringHome(kind belonging, v any) error {
	n, err := kind.home(c, v)
	if bot.KindOf(err) == bot.KindNotFound {
		return c.missed(kind, v)
	}
	if err != nil {
		return fmt.Errorf("%s of %v: %w", c.Cmd.Name, v, err)
	}
	if n != bot.House {
		if err = c.take(n); bot.KindOf(err) == bot.KindNotFound {
			return c.missed(kind, v)
		}
		if err != nil {
			return err
		}
	}
	named, channel := c.parsed.incident, c.parsed.channel
	if named == 0 && channel == "" || named == n && n != bot.House || channel != "" && c.Incident != nil && channel == c.Incident.Channel {
		return nil
	}
	return suggest(kind.elsewhere(v, n), c.Cmd.line(c.values).String())
}

// missed refuses what is not there. What the person must not know of is refused
// like what never was.
func (c *Call) missed(kind belonging, v any) error {
	c.Incident = nil
	e := kind.missing(v)
	if l := c.parsed.lead; l != nil && l.text != "" && c.typedLine() {
		e.Lines = append(e.Lines, button("It was text", c.asText())...)
	}
	return e
}
