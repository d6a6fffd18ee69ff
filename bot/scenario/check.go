package scenario

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// The kinds of event that a script treats in a way of their own. Any other is
// noted, and its status and components are set.
const (
	kindDeploy       = "deploy"
	kindDeclare      = "declare"
	kindRollback     = "rollback"
	kindRollbackDone = "rollback_done"
	kindPostmortem   = "postmortem"
)

// statusPostmortem is the one public status that is no status of an incident.
const statusPostmortem = "postmortem"

// check names everything that keeps s from being played.
func (s *Scenario) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf("scenario: "+format, args...)) }
	if s.Schema != Schema {
		fault("schema is %q, not %q", s.Schema, Schema)
	}
	if s.Title == "" {
		fault("title is missing")
	}
	if _, err := time.LoadLocation(s.Zone); err != nil {
		fault("source_time_zone: %v", err)
	}
	known := map[string]bool{}
	for _, c := range s.Components {
		switch {
		case c.ID() == "":
			fault("a component has no name")
		case known[c.Name]:
			fault("component %q is there twice", c.Name)
		}
		known[c.Name] = true
	}
	for _, x := range s.Items {
		if x.Title == "" || !slices.Contains(bot.FollowUpStates(), x.Status) {
			fault("action item %q: status %q is none of %v", x.Title, x.Status, bot.FollowUpStates())
		}
	}
	if len(s.Events) == 0 {
		fault("there are no events")
	}
	targets := s.targets()
	for _, e := range s.Events {
		for _, err := range e.check(known, targets) {
			fault("event %d: %v", e.N, err)
		}
	}
	return errors.Join(faults...)
}

func (e *Event) check(known map[string]bool, targets []string) (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if e.At.IsZero() {
		fault("at is missing")
	}
	if e.Kind == "" || e.Text == "" {
		fault("kind or text is missing")
	}
	if e.Target != "" && !slices.Contains(targets, e.Target) {
		fault("target %q is none of %v", e.Target, targets)
	}
	if _, ok := bot.ParseStatus(e.Status); e.Status != "" && e.Status != statusPostmortem && !ok {
		fault("public_status %q is no status", e.Status)
	}
	for name, state := range e.Components {
		if !known[name] {
			fault("component %q is not in components", name)
		}
		if !slices.Contains(bot.ComponentStates(), state) {
			fault("%s: %q is no state of a component", name, state)
		}
	}
	return faults
}

// targets are the ids of all targets.
func (s *Scenario) targets() []string {
	var out []string
	for _, v := range s.Services {
		for _, t := range v.Targets {
			out = append(out, t.ID)
		}
	}
	return out
}
