package scenario

import (
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// The pause between the end and the first action item, and between two.
const (
	untilItems = 10 * time.Minute
	eachItem   = 2 * time.Minute
)

// followUp adds the action items once the incident is over, and has each come to
// where it stands.
func (w *writer) followUp() {
	if w.followed || w.resolved.IsZero() {
		return
	}
	w.followed = true
	owners := []string{w.cast.Commander, w.cast.Approver, w.cast.Approver, w.cast.Engineer, w.cast.Comms}
	at := w.resolved.Add(untilItems)
	for k, x := range w.s.Items {
		w.line(at, w.cast.Commander, "action add %s --owner @%s", x.Title, owners[k%len(owners)])
		at = at.Add(eachItem)
	}
	for k, x := range w.s.Items {
		if x.Status != bot.FollowUpOpen {
			w.add(at, owners[k%len(owners)], Settle{x.Title, x.Status})
			at = at.Add(eachItem)
		}
	}
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
			w.line(at, w.cast.Commander, "postmortem set %s %s", x.section, sentence(x.text))
		}
	}
	w.line(at, w.cast.Commander, "postmortem publish --public")
	w.add(at, w.cast.Commander, Click{"Publish"})
}
