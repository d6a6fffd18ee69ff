package commands

import (
	"fmt"
	"maps"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// maxTargets is how many targets are shown with their buttons: two blocks each,
// of the fifty that Slack draws in a message.
const maxTargets = 15

// targets lists what could be rolled back. Nothing starts by itself, even if
// only one target can be meant.
func (c *Call) targets() (bot.Reply, error) {
	s, i := c.Settings(), c.Incident
	list := s.TargetsOf(i.Services)
	switch {
	case len(s.Targets) == 0:
		return bot.Reply{}, noTargets()
	case len(list) == 0:
		list = s.Targets
		names := make([]string, len(i.Services))
		for k, id := range i.Services {
			names[k] = c.serviceName(id)
		}
		c.note(bot.Plain("No target is configured for " + strings.Join(names, ", ") + "; these are all."))
	}
	head := bot.Join("What can be rolled back for ", i.Tag())
	names := make([]bot.Text, len(list))
	for k, t := range list {
		names[k] = bot.Plain(t.Name)
	}
	r := bot.Reply{Message: bot.Message{Summary: bot.Join(head, ": ", commas(names)), Blocks: []bot.Block{bot.Para(head)}}}
	for _, t := range list[:min(len(list), maxTargets)] {
		blocks, err := c.target(t)
		if err != nil {
			return bot.Reply{}, err
		}
		r = r.With(blocks...)
	}
	if more := names[min(len(names), maxTargets):]; len(more) > 0 {
		r = r.With(bot.Small("By their names also: ", commas(more).OneLine(1000), "."))
	}
	return r, nil
}

// target is one of them: what runs, and what can be done.
func (c *Call) target(t bot.Target) ([]bot.Block, error) {
	known, err := c.deployed(t)
	if err != nil {
		return nil, err
	}
	line := bot.Join(bot.Bold(t.Name), bot.Plain(": "+c.serviceName(t.Service)+" in "+t.Environment), "\n", known)
	live, err := c.Tx.Rollbacks(c.Viewer(), bot.RollbackFilter{LockKey: t.LockKey, Live: true, Limit: 1})
	if err != nil {
		return nil, fmt.Errorf("rollbacks of %s: %w", t.LockKey, err)
	}
	if len(live) > 0 {
		r := live[0]
		line = bot.Join(line, "\n", bot.Bold(r.ID+" is under way"), bot.Plain(fmt.Sprintf(" in #%d: %s", r.Incident, r.State.Label())))
		return []bot.Block{bot.Para(line), bot.Buttons(showButton(r))}, nil
	}
	given := maps.Clone(c.values)
	given["target"] = bot.Text(t.Name)
	buttons := button("Roll back "+t.Name, c.again(c.Cmd, given))
	if !c.Req.Exact {
		given[editArg.Name] = "true"
		buttons = append(buttons, button("…with options", c.again(c.Cmd, given))...)
	}
	return []bot.Block{bot.Para(line), bot.Buttons(buttons...)}, nil
}

// shared reports whether t is not the only target of its service there. Deploy
// notices name no target, so what they tell is then true of one of them only.
func (c *Call) shared(t bot.Target) bool {
	n := 0
	for _, o := range c.Settings().Targets {
		if o.Service == t.Service && o.Environment == t.Environment {
			n++
		}
	}
	return n > 1
}

// deployed says what deploy notices told of what runs, and what ran before.
func (c *Call) deployed(t bot.Target) (bot.Text, error) {
	list, err := c.Tx.Deploys(bot.DeployFilter{Services: []string{t.Service}, Environment: t.Environment})
	if err != nil {
		return "", fmt.Errorf("deploys of %s: %w", t.Service, err)
	}
	var last *bot.Deploy
	before := ""
	for k := range list {
		d := &list[k]
		if d.Status != bot.DeploySucceeded || d.Kind != bot.DeployOf && d.Kind != bot.DeployRollback {
			continue
		}
		if last == nil {
			last, before = d, d.Previous
		} else if before == "" && d.Version != last.Version {
			before = d.Version
		}
	}
	if last == nil {
		return "No deploy of it was told of; its versions are read when you ask.", nil
	}
	text := bot.Join(bot.Code(last.Version), " deployed ", bot.Moment(last.At()), by(*last))
	if c.shared(t) {
		text = bot.Join(bot.Plain("Last deploy of "+c.serviceName(t.Service)+": "), bot.Code(last.Version), " ", bot.Moment(last.At()), by(*last))
	}
	if before != "" {
		text = bot.Join(text, ", before it ", bot.Code(before))
	}
	return text, nil
}

// by is who made a deploy, as far as that was told.
func by(d bot.Deploy) bot.Text {
	switch {
	case d.Actor != "":
		return bot.Join(" by ", bot.ActorText(d.Actor))
	case d.Source == "tocsin":
		return bot.Plain(" by rollback " + d.Key)
	}
	return ""
}
