package bot

import "time"

// ResolveDraft is how an incident ends well.
type ResolveDraft struct {
	Text       Text
	Public     bool // customers read Text
	Internal   bool // customers read nothing of it
	AllClear   bool // components that are not operational become so
	Components []ComponentChange
	At         *time.Time
}

// Resolve ends an incident. If it is published, customers read Text (Public,
// which needs [RightPublish]), the stock line, or nothing (Internal).
func Resolve(w *Work, d ResolveDraft) (Event, error) {
	if w.Incident.Status == Resolved {
		return Event{}, w.statusAlready()
	}
	if err := w.mayTurn(Resolved); err != nil {
		return Event{}, err
	}
	if err := w.past("--at", d.At); err != nil {
		return Event{}, err
	}
	if d.At != nil && d.At.Before(w.Incident.DeclaredAt) {
		return Event{}, Invalid("That is before the incident was declared.").
			WithHint("Resolve it now, and say milestone resolved TIME for when it was over.")
	}
	if d.Public && d.Internal {
		return Event{}, Invalid("--public and --internal exclude each other.")
	}
	e := Event{Kind: EventResolved, At: orNow(d.At), Data: Data{Status: Resolved, Components: d.Components}}
	if d.Text != "" {
		text, err := body("text", d.Text)
		if err != nil {
			return Event{}, err
		}
		e.Text = text
	}
	if d.Public {
		if err := w.mayPublish(); err != nil {
			return Event{}, err
		}
	}
	e.Public = d.Public && e.Text != ""
	e.Data.Stock = !e.Public && (d.Public || w.Incident.Published() && !d.Internal)
	if d.AllClear {
		e.Data.Components = append(e.Data.Components, w.allClear()...)
	}
	e, err := w.Record(e)
	if err != nil {
		return Event{}, err
	}
	return e, w.remindWriter()
}

// allClear is what it takes for every component to be operational.
func (w *Work) allClear() []ComponentChange {
	var out []ComponentChange
	for _, id := range w.Incident.Unwell() {
		out = append(out, ComponentChange{Component: id, State: Operational})
	}
	return out
}

// Cancel ends an incident that was none. What customers read of it is closed
// with the stock line.
func Cancel(w *Work, reason Text) (Event, error) {
	if w.Incident.Status == Cancelled {
		return Event{}, w.statusAlready()
	}
	if err := w.mayTurn(Cancelled); err != nil {
		return Event{}, err
	}
	reason, err := body("reason", reason)
	if err != nil {
		return Event{}, err
	}
	return w.Record(Event{Kind: EventCancelled, Text: reason, Data: Data{
		Status: Cancelled, Stock: w.Incident.Published(), Components: w.allClear(),
	}})
}

// Reopen opens an ended incident again, as investigating.
func Reopen(w *Work, reason Text) (Event, error) {
	if w.Incident.Open() {
		return Event{}, Conflict("Incident #%d is open: %s.", w.Incident.Number, w.Incident.Status)
	}
	reason, err := body("reason", reason)
	if err != nil {
		return Event{}, err
	}
	return w.Record(Event{Kind: EventReopened, Text: reason, Data: Data{Status: Investigating}})
}
