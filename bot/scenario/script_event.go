package scenario

import (
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// event is something that happened while it went on, or after.
func (w *writer) event(e Event) {
	switch {
	case e.Kind == kindPostmortem:
		w.postmortem(e.At)
		return
	case e.Kind == kindRollback && e.Target != "":
		w.line(e.At, w.cast.Engineer, say("rollback "+e.Target+" --reason", quoted(e.Text), false))
		w.add(e.At, w.cast.Approver, Approve{e.Target})
	case e.Kind == kindRollbackDone && e.Target != "":
		w.add(e.At, w.cast.Engineer, Finish{e.Target})
	}
	w.components(e.At, "", e)
	w.tell(e)
	w.mitigated(e)
}

// quoted is a text that the language would misread as the value of a flag.
func quoted(text string) string {
	return language.ReplaceAllStringFunc(oneLine(text), func(string) string { return " " })
}

// silent reports whether something else says already what an event without news
// for customers tells.
func (w *writer) silent(e Event) bool {
	return e.Kind == "component" || e.Kind == kindRollback && e.Target != "" || len(w.s.deployed(e)) > 0
}

// tell says it to customers where that is news to them, else to the record.
func (w *writer) tell(e Event) {
	ended := w.status == string(bot.Resolved)
	news := slices.Contains([]string{"status", "update", "comms", kindDeclare}, e.Kind)
	switch public := e.Status != "" && (e.Status != w.status || news && !ended); {
	case !public && w.silent(e):
	case !public && e.Kind == "comms" && !ended:
		w.line(e.At, w.cast.Comms, say("update", e.Text, beginsLikeOne(e.Text)))
	case !public:
		w.line(e.At, w.cast.Commander, w.note(e.Text, ""))
	case e.Status == string(bot.Resolved):
		w.public(e, "resolve", "")
	default:
		if ended {
			w.line(e.At, w.cast.Commander, say("reopen", e.Text, false))
		}
		promise := ""
		if w.status == "" && w.toldWithin(e.At, firstPromise) {
			promise = " --next 30m"
		}
		w.public(e, "update "+e.Status, promise)
	}
}

// public tells customers.
func (w *writer) public(e Event, line, promise string) {
	text := sentence(e.Text)
	if language.MatchString(text) {
		w.line(e.At, w.cast.Comms, say(line+" --public"+promise, text, true))
	} else {
		w.line(e.At, w.cast.Comms, say(line, text, false)+" --public"+promise)
	}
	w.status = e.Status
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
	if t == nil || !e.At.Equal(*t) || w.lastAt(*t).N != e.N {
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

// lastAt is the last event of a time.
func (w *writer) lastAt(t time.Time) (last Event) {
	for _, e := range w.s.Events {
		if e.At.Equal(t) {
			last = e
		}
	}
	return last
}
