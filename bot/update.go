package bot

import "time"

// UpdateDraft is what the team, and with Public the customers, are told.
type UpdateDraft struct {
	Text       Text
	Status     Status // empty: unchanged
	Public     bool
	Components []ComponentChange
	NextBy     *time.Time // a promise of the next update, which replaces the clock
	At         *time.Time
}

// Update tells the team, or everybody, how things stand. An update whose
// status is resolved resolves. Public ones need [RightPublish].
func Update(w *Work, d UpdateDraft) (Event, error) {
	if d.Status == Resolved {
		return Resolve(w, ResolveDraft{Text: d.Text, Public: d.Public, Components: d.Components, At: d.At})
	}
	text, err := body("update", d.Text)
	if err != nil {
		return Event{}, err
	}
	if d.Public {
		if err := w.mayPublish(); err != nil {
			return Event{}, err
		}
	}
	if err := w.mayTurn(d.Status); err != nil {
		return Event{}, err
	}
	if d.NextBy != nil && !d.NextBy.After(w.Now) {
		return Event{}, Invalid("The next update is promised for a time that is over.").WithHint("Write a length of time from now, such as --next 30m.")
	}
	if err := w.past("--at", d.At); err != nil {
		return Event{}, err
	}
	return w.Record(Event{Kind: EventUpdated, Text: text, Public: d.Public, At: orNow(d.At), Data: Data{
		Status: d.Status, Components: d.Components, NextBy: utc(d.NextBy),
	}})
}

// mayPublish refuses what customers must not read.
func (w *Work) mayPublish() error {
	switch {
	case w.Incident.Private:
		return Conflict("Incident #%d is private and cannot be published.", w.Incident.Number)
	case w.Incident.Drill:
		return Conflict("Incident #%d is a drill, which publishes nothing.", w.Incident.Number)
	}
	return w.Need(RightPublish)
}

// mayTurn refuses a change of status of what has ended.
func (w *Work) mayTurn(s Status) error {
	if s == "" || w.Incident.Open() {
		return nil
	}
	return Conflict("Incident #%d is %s.", w.Incident.Number, w.Incident.Status).
		WithHint("Open it again first: reopen REASON.")
}

// FixUpdate puts text in the place of public update seq (0: the last one). What
// was there stays in the record. Needs [RightPublish].
func FixUpdate(w *Work, seq int64, text Text) (Event, error) {
	u, err := w.publicUpdate(seq)
	if err != nil {
		return Event{}, err
	}
	if text, err = body("corrected text", text); err != nil {
		return Event{}, err
	}
	if text == u.Text {
		return Event{}, Conflict("Update %d reads like that already.", u.Seq)
	}
	return w.Record(Event{Kind: EventUpdated, Text: text, Public: true, Data: Data{Ref: u.Seq}})
}

// RetractUpdate takes public update seq (0: the last one) off the page; it
// stays in the record. Needs [RightPublish].
func RetractUpdate(w *Work, seq int64, reason Text) (Event, error) {
	u, err := w.publicUpdate(seq)
	if err != nil {
		return Event{}, err
	}
	if reason, err = body("reason", reason); err != nil {
		return Event{}, err
	}
	return w.Record(Event{Kind: EventRetracted, Text: reason, Data: Data{Ref: u.Seq}})
}

// publicUpdate finds public update seq among those that stand.
func (w *Work) publicUpdate(seq int64) (*PublicUpdate, error) {
	if err := w.Need(RightPublish); err != nil {
		return nil, err
	}
	if seq == 0 {
		if u := w.Incident.LastPublic(); u != nil {
			return u, nil
		}
		return nil, Conflict("Customers read no update of incident #%d.", w.Incident.Number).
			WithHint("Write one with update TEXT --public.")
	}
	for k := range w.Incident.Updates {
		if u := &w.Incident.Updates[k]; u.Seq == seq {
			if u.Retracted {
				return nil, w.already(seq, EventRetracted, "Update %d was taken back already", seq)
			}
			return u, nil
		}
	}
	return nil, NotFound("Entry %d of incident #%d is no public update.", seq, w.Incident.Number).
		WithHint("timeline shows the numbers.")
}

// PublishUpdate lets customers read update seq (0: the last one), which was
// written for the team, or was taken back. Needs [RightPublish].
func PublishUpdate(w *Work, seq int64) (Event, error) {
	if err := w.mayPublish(); err != nil {
		return Event{}, err
	}
	e, err := w.updateEntry(seq)
	if err != nil {
		return Event{}, err
	}
	text := e.Text
	for _, u := range w.Incident.Updates {
		if u.Seq != e.Seq && u.From != e.Seq {
			continue
		}
		if !u.Retracted {
			return Event{}, w.already(u.Seq, "", "Customers read update %d already", e.Seq)
		}
		text = u.Text // as it was corrected before it was taken back
	}
	status := e.Data.Status
	if status == "" {
		status = w.Incident.statusAt(e.At)
	}
	return w.Record(Event{Kind: EventPublished, Text: text, Public: true, Data: Data{Ref: e.Seq, Status: status}})
}

func (w *Work) updateEntry(seq int64) (Event, error) {
	if seq != 0 {
		e, err := w.Tx.Event(w.Viewer(), w.Incident.Number, seq)
		if err == nil && (e.Kind != EventUpdated || e.Redacted || e.Data.Ref != 0) {
			err = Invalid("Entry %d is no update that could be published.", seq).WithHint("timeline shows the numbers.")
		}
		return e, err
	}
	last, err := w.Tx.Events(w.Viewer(), w.Incident.Number, EventFilter{Kinds: []EventKind{EventUpdated}, Last: true, Limit: 50})
	if err != nil {
		return Event{}, err
	}
	for k := len(last) - 1; k >= 0; k-- {
		if !last[k].Redacted && last[k].Data.Ref == 0 {
			return last[k], nil
		}
	}
	return Event{}, Conflict("Incident #%d has no update yet.", w.Incident.Number).WithHint("Write one with update TEXT --public.")
}

// statusAt is the status that i had at t.
func (i *Incident) statusAt(t time.Time) Status {
	s := Investigating
	for _, h := range i.History {
		if !h.At.After(t) {
			s = h.Status
		}
	}
	return s.forCustomers()
}

// already is the answer to what was done before: who did it, and when. It
// looks for the last entry of this kind, or with an empty kind for entry seq.
func (l *Look) already(seq int64, kind EventKind, format string, args ...any) error {
	refusal := Conflict(format, args...)
	var found Event
	if kind == "" {
		e, err := l.Tx.Event(l.Viewer(), l.Incident.Number, seq)
		if err != nil && KindOf(err) != KindNotFound {
			return err
		}
		found = e
	} else {
		list, err := l.Tx.Events(l.Viewer(), l.Incident.Number, EventFilter{Kinds: []EventKind{kind}, Last: true, Limit: 100})
		if err != nil {
			return err
		}
		for _, e := range list {
			if seq == 0 || e.Data.Ref == seq {
				found = e
			}
		}
	}
	return refusal.by(found)
}

// by adds who did it and when to a refusal.
func (e *Error) by(ev Event) *Error {
	if ev.Seq == 0 {
		e.Text += "."
		return e
	}
	who := Text("Tocsin")
	if ev.Actor != "" {
		who = MentionUser(ev.Actor)
	}
	e.Done = Join(who, ", ", Moment(ev.At))
	return e
}
