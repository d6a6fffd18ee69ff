package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Script is what the cast does so that the scenario happens again, in order of
// time.
//
// What happened before somebody declared is told right after, with its own time.
// A file that does not say when that was (declared_at) means the moment at which
// the trouble was seen. Of what follows from the record (when the impact began,
// when it was over) nothing is typed, unless the file says otherwise.
func (s *Scenario) Script(c Cast) []Step {
	w := &writer{s: s, cast: c, declared: s.declaredAt(), last: s.lastEnd()}
	begun := false
	for k, e := range s.Events {
		if !begun && !e.At.Before(w.declared) {
			w.declare()
			begun = true
		}
		if targets := s.deployed(e); len(targets) > 0 {
			w.add(e.At, c.Engineer, Deploy{targets})
		}
		if begun {
			w.event(e)
		}
		if k == w.last {
			w.followUp(e.At)
		}
	}
	if !begun {
		w.declare()
	}
	slices.SortStableFunc(w.out, func(a, b Step) int { return a.At.Compare(b.At) })
	return w.out
}

// declaredAt is when somebody declares.
func (s *Scenario) declaredAt() time.Time {
	for _, t := range []*time.Time{s.Milestones.Declared, s.Milestones.Detected} {
		if t != nil {
			return *t
		}
	}
	k := slices.IndexFunc(s.Events, func(e Event) bool { return e.Status != "" || len(e.Components) > 0 })
	return s.Events[max(k, 0)].At
}

// lastEnd is the index of the event that ended it for good; -1: none did.
func (s *Scenario) lastEnd() int {
	for k, e := range slices.Backward(s.Events) {
		if e.Status == string(bot.Resolved) {
			return k
		}
		if _, ok := bot.ParseStatus(e.Status); ok {
			break
		}
	}
	return -1
}

// deployed is what a deploy released; nothing for any other event.
func (s *Scenario) deployed(e Event) []string {
	switch {
	case e.Kind != kindDeploy:
		return nil
	case e.Target != "":
		return []string{e.Target}
	}
	return s.targets()
}

// writer makes a script, step by step.
type writer struct {
	s        *Scenario
	cast     Cast
	declared time.Time
	last     int // the event that ended it for good
	out      []Step

	status string // that customers read
}

func (w *writer) add(at time.Time, by string, a Act) { w.out = append(w.out, Step{at, by, a}) }

func (w *writer) line(at time.Time, by, line string) { w.add(at, by, Type{Line: line}) }

// declare is the first line, and what it has to make up for.
func (w *writer) declare() {
	at, ana := w.declared, w.cast.Commander
	line := "declare"
	if word := w.s.severity(); word != "" {
		line += " " + word
	}
	services := ""
	for _, v := range w.s.Services {
		services += " --service " + v.ID
	}
	if language.MatchString(oneLine(w.s.Title)) || w.s.severity() == "" && beginsLikeOne(w.s.Title) {
		w.line(at, ana, say(line+services, w.s.Title, true))
	} else {
		w.line(at, ana, say(line, w.s.Title, false)+services)
	}
	w.line(at, ana, "assign comms @"+w.cast.Comms)
	for _, e := range w.s.Events {
		if !e.At.Before(at) {
			break
		}
		when := w.at(e.At)
		if len(w.s.deployed(e)) == 0 { // its notice tells of it
			w.line(at, ana, w.note(e.Text, when))
		}
		w.components(at, when, e)
	}
	if t := w.s.Milestones.Detected; t != nil {
		w.line(at, ana, "milestone detected "+w.ago(*t))
	}
	if t := w.s.Milestones.ImpactStarted; t != nil && !w.s.impactFollows() {
		w.line(at, ana, "milestone impact "+w.ago(*t))
	}
}

// note is a line for the timeline, with its time in front where a text could be
// misread.
func (w *writer) note(text, when string) string {
	if language.MatchString(oneLine(text)) {
		return say("note"+when, text, true)
	}
	return say("note", text, false) + when
}

// impactFollows reports whether the first component that is not operational says
// when the impact began, to the minute.
func (s *Scenario) impactFollows() bool {
	k := slices.IndexFunc(s.Events, func(e Event) bool { return len(e.Components) > 0 })
	return k >= 0 && s.Events[k].At.Sub(*s.Milestones.ImpactStarted).Abs() < time.Minute
}

// severity is the word of the file, if it has one.
func (s *Scenario) severity() string {
	if s.Severity == nil {
		return ""
	}
	word, _, _ := strings.Cut(*s.Severity, " ")
	return strings.ToLower(word)
}

// longAgo is from when on a time is told as a moment and not by its distance.
const longAgo = 24 * time.Hour

// ago is a time before the declaration as people tell it.
func (w *writer) ago(t time.Time) string {
	switch d := w.declared.Sub(t).Round(time.Minute); {
	case d <= 0:
		return "now"
	case d < longAgo:
		return fmt.Sprintf("%dm ago", int(d.Minutes()))
	}
	return t.UTC().Format(time.RFC3339)
}

// at is such a time as a flag; "" where it makes no difference.
func (w *writer) at(t time.Time) string {
	switch d := w.declared.Sub(t).Round(time.Minute); {
	case d <= 0:
		return ""
	case d < longAgo:
		return fmt.Sprintf(" --at -%dm", int(d.Minutes()))
	}
	return " --at " + t.UTC().Format(time.RFC3339)
}

// components sets those that an event names, in the order of the file.
func (w *writer) components(at time.Time, when string, e Event) {
	var words []string
	for _, c := range w.s.Components {
		if state, ok := e.Components[c.Name]; ok {
			words = append(words, c.ID()+"="+stateWord(state))
		}
	}
	if len(words) > 0 {
		w.line(at, w.cast.Commander, "component "+strings.Join(words, " ")+when)
	}
}

// stateWord is the short word that people type.
func stateWord(s bot.ComponentState) string {
	if s == bot.Operational {
		return "ok"
	}
	word, _, _ := strings.Cut(strings.TrimPrefix(string(s), "under_"), "_")
	return word
}
