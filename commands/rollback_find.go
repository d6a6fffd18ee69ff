package commands

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// idArg names the rollback that a verb is about.
func idArg() Arg {
	return Arg{Name: "id", Kind: RollbackID{}, Label: "Rollback", Help: "Its id, such as r7; the only one that can be meant if you leave it out"}
}

// states returns whether a rollback is in one of these.
func states(of ...bot.RollbackState) func(*bot.Rollback) bool {
	return func(r *bot.Rollback) bool { return slices.Contains(of, r.State) }
}

// live is a rollback to which something can still happen.
func live(r *bot.Rollback) bool { return !r.State.Final() }

// rollback finds the one that the line is about. One that was named has brought
// its incident along. Without an id it is the only one of the incident
// for which the first of fits holds that holds for any; when none does, the
// newest, of which the use case says why it cannot be.
func (c *Call) rollback(fits ...func(*bot.Rollback) bool) (*bot.Rollback, error) {
	id, named := get[string](c, "id")
	if !named {
		var err error
		if id, err = c.impliedRollback(fits); err != nil {
			return nil, err
		}
	}
	r, err := c.takeRollback(id)
	if err != nil {
		return nil, fmt.Errorf("rollback %s: %w", id, err)
	}
	return r, nil
}

func (c *Call) takeRollback(id string) (*bot.Rollback, error) {
	if c.Work != nil {
		return bot.TakeRollback(c.Work, id)
	}
	r, err := c.Tx.Rollback(c.Viewer(), id)
	if err != nil {
		return nil, err
	}
	c.Incident, err = c.Tx.Incident(c.Viewer(), r.Incident)
	return r, err
}

func (c *Call) impliedRollback(fits []func(*bot.Rollback) bool) (string, error) {
	filter := bot.RollbackFilter{Live: true}
	if c.Incident != nil {
		filter = bot.RollbackFilter{Incident: c.Incident.Number}
	}
	all, err := c.Tx.Rollbacks(c.Viewer(), filter)
	if err != nil {
		return "", fmt.Errorf("rollbacks: %w", err)
	}
	var found []*bot.Rollback
	for _, fit := range fits {
		for _, r := range all {
			if fit(r) {
				found = append(found, r)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	switch {
	case c.Incident == nil:
		return "", c.whichRollback(bot.Invalid("Which rollback? This is no incident's channel."), found)
	case len(found) > 1:
		return "", c.whichRollback(bot.Invalid("Which rollback of #%d?", c.Incident.Number), found)
	case len(found) == 1:
		return found[0].ID, nil
	case len(all) == 0:
		return "", bot.NotFound("There is no rollback in #%d.", c.Incident.Number).
			WithHint("Ask for one: rollback TARGET.").WithLine("What can be rolled back", c.lineFor("rollback", nil))
	}
	return all[0].ID, nil
}

// whichRollback hands the line back with a button for each that may have been
// meant. Where a button of the card asks before it counts, so does this one.
func (c *Call) whichRollback(e *bot.Error, found []*bot.Rollback) error {
	names := make([]string, 0, len(found))
	_, verb, _ := strings.Cut(c.Cmd.Name, " ")
	for _, r := range found {
		names = append(names, fmt.Sprintf("%s (%s, %s)", r.ID, r.Target, r.State.Label()))
		if len(e.Lines) == maxOffers {
			continue
		}
		v := maps.Clone(c.values)
		v["id"] = bot.Text(r.ID)
		offer := button(strings.ToUpper(verb[:1])+verb[1:]+" "+r.ID+": "+r.Target, c.again(c.Cmd, v))
		for _, b := range c.Settings().RollbackButtons(r) {
			if b.Line == c.Cmd.Name+" "+r.ID && len(offer) > 0 {
				offer[0].Confirm = b.Confirm
			}
		}
		e.Lines = append(e.Lines, offer...)
	}
	if len(names) == 0 {
		return e.WithHint("Name it: %s r7. None that could be meant is under way where you can see it.", c.Cmd.Name)
	}
	return e.WithHint("Name it: %s %s. There are: %s.", c.Cmd.Name, found[0].ID, strings.Join(names, ", "))
}
