package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Script is what the cast does so that the scenario happens again.
//
// What happened before somebody declared is told right after, with its own time.
// A file that does not say when that was (declared_at) means the moment at which
// the trouble was seen. Of what follows from the record (when the impact began,
// when it was over) nothing is typed, unless the file says otherwise.
func (s *Scenario) Script(c Cast) []Step {
	w := &writer{s: s, cast: c, declared: s.declaredAt()}
	begun := false
	for _, e := range s.Events {
		if !begun && !e.At.Before(w.declared) {
			w.declare()
			begun = true
		}
		switch {
		case e.Kind == kindDeploy && len(s.targets()) > 0:
			w.add(e.At, c.Engineer, Deploy{s.targets()})
		case begun:
			w.event(e)
		}
	}
	if !begun {
		w.declare()
	}
	w.followUp()
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

// writer makes a script, step by step.
type writer struct {
	s        *Scenario
	cast     Cast
	declared time.Time
	out      []Step

	status   string // that customers read
	resolved time.Time
	followed bool // the action items are there
}

func (w *writer) add(at time.Time, by string, a Act) { w.out = append(w.out, Step{at, by, a}) }

func (w *writer) line(at time.Time, by, format string, args ...any) {
	w.add(at, by, Type{fmt.Sprintf(format, args...)})
}

// declare is the first line, and what it has to make up for.
func (w *writer) declare() {
	at, ana := w.declared, w.cast.Commander
	line := "declare " + w.severity() + w.s.Title
	for _, v := range w.s.Services {
		line += " --service " + v.ID
	}
	w.add(at, ana, Type{line})
	w.line(at, ana, "assign comms @%s", w.cast.Comms)
	for _, e := range w.s.Events {
		if e.At.Before(at) && e.Kind != kindDeploy {
			w.line(at, ana, "note %s%s", e.Text, w.ago(" --at -", e.At, ""))
			w.components(at, w.ago(" --at -", e.At, ""), e)
		}
	}
	if t := w.s.Milestones.Detected; t != nil {
		w.line(at, ana, "milestone detected%s", w.ago(" ", *t, " ago"))
	}
	if t := w.s.Milestones.ImpactStarted; t != nil && !w.s.impactFollows() {
		w.line(at, ana, "milestone impact%s", w.ago(" ", *t, " ago"))
	}
}

// impactFollows reports whether the first component that is not operational says
// when the impact began, to the minute.
func (s *Scenario) impactFollows() bool {
	k := slices.IndexFunc(s.Events, func(e Event) bool { return len(e.Components) > 0 })
	return k >= 0 && s.Events[k].At.Sub(*s.Milestones.ImpactStarted).Abs() < time.Minute
}

// severity is the word of the file, if it has one.
func (w *writer) severity() string {
	if w.s.Severity == nil {
		return ""
	}
	word, _, _ := strings.Cut(*w.s.Severity, " ")
	return strings.ToLower(word) + " "
}

// ago is a time before the declaration in whole minutes, between two words; for
// less than one nothing is left of --at, and now of a milestone.
func (w *writer) ago(before string, t time.Time, after string) string {
	d := w.declared.Sub(t).Round(time.Minute)
	switch {
	case d > 0:
		return fmt.Sprintf("%s%dm%s", before, int(d.Minutes()), after)
	case after != "":
		return " now"
	}
	return ""
}

// event is something that happened while it went on, or after.
func (w *writer) event(e Event) {
	if e.Kind == kindPostmortem {
		w.followUp()
		w.postmortem(e.At)
		return
	}
	if !w.resolved.IsZero() {
		w.followUp() // before the days after are told
	}
	switch e.Kind {
	case kindRollback:
		if e.Target != "" {
			w.line(e.At, w.cast.Engineer, "rollback %s --reason %s", e.Target, e.Text)
			w.add(e.At, w.cast.Approver, Click{"Approve"})
			w.components(e.At, "", e)
			return
		}
	case kindRollbackDone:
		if e.Target != "" {
			w.add(e.At, w.cast.Engineer, Finish{e.Target})
		}
	}
	w.components(e.At, "", e)
	w.tell(e)
}

// tell says it to customers where that is news to them, else to the record.
func (w *writer) tell(e Event) {
	public := e.Status != "" && (e.Status != w.status || slices.Contains([]string{"status", "update", "comms", kindDeclare}, e.Kind))
	switch {
	case !public && w.resolved.IsZero() && e.Kind == "comms":
		w.line(e.At, w.cast.Comms, "update %s", e.Text)
	case !public && e.Kind == "component":
		// its states say it
	case !public:
		w.line(e.At, w.cast.Commander, "note %s", e.Text)
	case e.Status == string(bot.Resolved):
		w.line(e.At, w.cast.Comms, "resolve %s --public", sentence(e.Text))
		w.resolved = e.At
	default:
		promise := ""
		if w.status == "" && w.toldWithin(e.At, firstPromise) {
			promise = " --next 30m"
		}
		w.line(e.At, w.cast.Comms, "update %s %s --public%s", e.Status, sentence(e.Text), promise)
	}
	if public {
		w.status = e.Status
	}
	w.mitigated(e)
}

// sentence ends a text as customers expect it to.
func sentence(text string) string {
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// firstPromise is what the first public update promises, where it was kept.
const firstPromise = 30 * time.Minute

// toldWithin reports whether customers read something new within d of t.
func (w *writer) toldWithin(t time.Time, d time.Duration) bool {
	return slices.ContainsFunc(w.s.Events, func(e Event) bool {
		return e.Status != "" && e.At.After(t) && e.At.Sub(t) <= d
	})
}

// mitigated says so at the time that the file gives, if neither all components
// became operational then nor the status monitoring.
func (w *writer) mitigated(e Event) {
	t := w.s.Milestones.Mitigated
	if t == nil || !e.At.Equal(*t) {
		return
	}
	bad := map[string]bool{}
	var clear time.Time
	for _, x := range w.s.Events {
		was := len(bad)
		for name, state := range x.Components {
			if bad[name] = true; state == bot.Operational {
				delete(bad, name)
			}
		}
		if was > 0 && len(bad) == 0 {
			clear = x.At
		}
	}
	if !clear.Equal(*t) {
		w.line(e.At, w.cast.Commander, "milestone mitigated now")
	}
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
		w.line(at, w.cast.Commander, "component %s%s", strings.Join(words, " "), when)
	}
}

// stateWord is the short word that people type.
func stateWord(s bot.ComponentState) string {
	if s == bot.Operational {
		return "ok"
	}
	word, _, _ := strings.Cut(string(s), "_")
	return word
}
