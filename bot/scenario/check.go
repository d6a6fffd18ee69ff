package scenario

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
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

// faults collects what keeps a scenario from being played.
type faults []error

func (f *faults) add(format string, args ...any) {
	*f = append(*f, fmt.Errorf("scenario: "+format, args...))
}

// check names everything that keeps s from being played.
func (s *Scenario) check() error {
	var f faults
	if s.Schema != schema {
		f.add("schema is %q, not %q", s.Schema, schema)
	}
	if oneLine(s.Title) == "" || len([]rune(s.Title)) > bot.MaxTitle {
		f.add("title is missing, or longer than %d characters", bot.MaxTitle)
	}
	if oneLine(s.Organisation) == "" {
		f.add("organisation is missing")
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		f.add("source_time_zone %q is no IANA name such as America/New_York", s.Zone)
	}
	if word := s.severity(); word != "" && !hasSeverity(word) {
		f.add("severity %q begins with none of sev1, sev2, sev3", *s.Severity)
	}
	known := s.checkComponents(&f)
	s.checkServices(&f)
	for k, x := range s.Items {
		if slices.ContainsFunc(s.Items[:k], func(y ActionItem) bool { return oneLine(y.Title) == oneLine(x.Title) }) {
			f.add("action item %q is there twice", x.Title)
		}
		if oneLine(x.Title) == "" || !slices.Contains(bot.FollowUpStates(), x.Status) {
			f.add("action item %q: status %q is none of %v", x.Title, x.Status, bot.FollowUpStates())
		}
	}
	if len(s.Events) == 0 {
		f.add("there are no events")
	}
	targets := s.targets()
	for _, e := range s.Events {
		for _, err := range e.check(known, targets) {
			f.add("event %d: %w", e.N, err)
		}
	}
	if len(f) == 0 {
		s.checkOrder(&f)
	}
	return errors.Join(f...)
}

func hasSeverity(word string) bool {
	settings := bot.Defaults()
	_, ok := bot.Find(settings.Severities, word)
	return ok
}

// checkComponents returns the names that there are.
func (s *Scenario) checkComponents(f *faults) map[string]bool {
	known, ids := map[string]bool{}, map[string]string{}
	for _, c := range s.Components {
		id := c.ID()
		switch other, taken := ids[id]; {
		case id == "":
			f.add("component %q has no letter from a to z and no digit to be called by", c.Name)
		case taken:
			f.add("components %q and %q would both be called %s", other, c.Name, id)
		}
		known[c.Name], ids[id] = true, c.Name
	}
	return known
}

// idShape is what services and targets are called.
var idShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (s *Scenario) checkServices(f *faults) {
	seen := map[string]bool{}
	check := func(what, id string) {
		if !idShape.MatchString(id) {
			f.add("%s %q is none; write letters from a to z, digits and single dashes", what, id)
		}
		if seen[id] {
			f.add("%s %q is there twice", what, id)
		}
		seen[id] = true
	}
	for _, v := range s.Services {
		check("service", v.ID)
	}
	clear(seen)
	for _, v := range s.Services {
		seen[AllOf(v)] = len(v.Targets) > 1
		for _, t := range v.Targets {
			check("target", t.ID)
		}
	}
}

// AllOf is what the target is called that is all targets of a service.
func AllOf(v Service) string { return v.ID + "-all" }

// The years in which an event may be.
const firstYear, lastYear = 1990, 2100

func (e *Event) check(known map[string]bool, targets []string) (out []error) {
	fault := func(format string, args ...any) { out = append(out, fmt.Errorf(format, args...)) }
	if y := e.At.Year(); y < firstYear || y > lastYear {
		fault("at is missing, or not between %d and %d", firstYear, lastYear)
	}
	if e.Kind == "" || oneLine(e.Text) == "" {
		fault("kind or text is missing")
	}
	if e.Target != "" && !slices.Contains(targets, e.Target) {
		fault("target %q is none of %v", e.Target, targets)
	}
	if _, ok := bot.ParseStatus(e.Status); e.Status != "" && e.Status != statusPostmortem && !ok {
		fault("public_status %q is no status", e.Status)
	}
	if why := heldBecause(e.Text); e.Status != "" && why != "" {
		fault("customers would not be told this without a question: %s", why)
	}
	for name, state := range e.Components {
		if !known[name] {
			fault("component %q is not in components", name)
		}
		if !slices.Contains(bot.ComponentStates(), state) {
			fault("%s: %q is no state of a component", name, state)
		}
	}
	return out
}

// mention is what the workspace would make a name of.
var mention = regexp.MustCompile(`(^|\s)[@#]\w`)

// heldBecause is why a text is not published without a question.
func heldBecause(text string) string {
	if mention.MatchString(text) {
		return "it names somebody, or a channel"
	}
	return bot.HeldBecause(bot.Plain(text))
}

// checkOrder looks at what has to come before what. It needs events that are
// right, each for itself.
func (s *Scenario) checkOrder(f *faults) {
	events := slices.SortedStableFunc(slices.Values(s.Events), byTime)
	m, declared := s.Milestones, (&Scenario{Milestones: s.Milestones, Events: events}).declaredAt()
	for name, t := range map[string]*time.Time{"impact_started_at": m.ImpactStarted, "detected_at": m.Detected} {
		if t != nil && t.After(declared) {
			f.add("%s is later than the declaration", name)
		}
	}
	ended := false
	for _, e := range events {
		status, isStatus := bot.ParseStatus(e.Status)
		switch {
		case isStatus && e.At.Before(declared):
			f.add("event %d: customers read of it before it was declared", e.N)
		case isStatus:
			ended = status == bot.Resolved
		case e.Kind == kindPostmortem && !ended:
			f.add("event %d: the post-mortem comes before the end", e.N)
		case e.Kind == kindPostmortem && (s.Postmortem == nil || strings.TrimSpace(s.Postmortem.RootCause) == ""):
			f.add("event %d: a post-mortem is published, but there is no root cause in postmortem", e.N)
		}
	}
}

func byTime(a, b Event) int { return a.At.Compare(b.At) }

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
