package scenario

import (
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// The pause between the end and the first action item, and between two; both are
// shorter where the post-mortem is published sooner.
const (
	untilItems = 5
	eachItem   = 2 * time.Minute
)

// followUp adds the action items once the incident is over, and has each come to
// where it stands.
func (w *writer) followUp(end time.Time) {
	pause := eachItem
	if t := w.published(); !t.IsZero() {
		pause = min(pause, t.Sub(end)/time.Duration(untilItems+2*len(w.s.Items)+1))
	}
	owners := []string{w.cast.Commander, w.cast.Approver, w.cast.Approver, w.cast.Engineer, w.cast.Comms}
	at := end.Add(untilItems * pause)
	for k, x := range w.s.Items {
		owner := " --owner @" + owners[k%len(owners)]
		line := say("action add", x.Title, false) + owner
		if language.MatchString(oneLine(x.Title)) {
			line = say("action add"+owner, x.Title, true)
		}
		w.line(at, w.cast.Commander, line)
		at = at.Add(pause)
	}
	for k, x := range w.s.Items {
		if x.Status != bot.FollowUpOpen {
			w.add(at, owners[k%len(owners)], Settle{k, x.Title, x.Status})
			at = at.Add(pause)
		}
	}
}

// published is when customers read the post-mortem; zero: never.
func (w *writer) published() time.Time {
	for _, e := range w.s.Events {
		if e.Kind == kindPostmortem {
			return e.At
		}
	}
	return time.Time{}
}

// postmortem writes what the file has of it, and has customers read it.
func (w *writer) postmortem(at time.Time) {
	p := w.s.Postmortem
	if p == nil {
		p = &Postmortem{}
	}
	for _, x := range []struct{ section, text string }{
		{"summary", p.Summary}, {"impact", p.Impact}, {"root-cause", p.RootCause}, {"trigger", p.Trigger}, {"resolution", p.Resolution},
	} {
		if x.text != "" {
			w.line(at, w.cast.Commander, say("postmortem set "+x.section, sentence(x.text), false))
		}
	}
	w.add(at, w.cast.Commander, Type{Line: "postmortem publish --public", Asks: true})
	w.add(at, w.cast.Commander, Click{"Publish"})
}
