package bot

// Redact removes the text of entry seq from the record, for everybody and for
// good; that it was there, when, and why it went stays. Where the same text was
// published later it goes, too. What customers read goes off the page with it,
// and so needs [RightPublish].
func Redact(w *Work, seq int64, reason Text) (Event, error) {
	reason, err := body("reason", reason)
	if err != nil {
		return Event{}, err
	}
	e, err := w.Tx.Event(w.Viewer(), w.Incident.Number, seq)
	if err != nil {
		return Event{}, err
	}
	switch {
	case e.Redacted:
		return Event{}, w.already(func(o Event) bool { return o.Kind == EventRedacted && o.Data.Ref == seq }, "Entry %d was redacted already", seq)
	case e.Text == "":
		return Event{}, Invalid("Entry %d holds no text.", seq).WithHint("timeline shows the numbers.")
	}
	all, err := w.copies(e)
	if err != nil {
		return Event{}, err
	}
	if w.read(all) {
		if err := w.Need(RightPublish); err != nil {
			return Event{}, err
		}
	}
	var last Event
	for _, n := range all {
		if err := w.forget(n); err != nil {
			return Event{}, err
		}
		if last, err = w.Record(Event{Kind: EventRedacted, Text: reason, Data: Data{Ref: n}}); err != nil {
			return Event{}, err
		}
	}
	return last, nil
}

// copies returns the entries that hold the text of e: what was published later
// is an entry of its own.
func (w *Work) copies(e Event) ([]int64, error) {
	source, out := e.Seq, []int64{e.Seq}
	if e.Kind == EventPublished {
		source = e.Data.Ref
		out = append(out, source)
	}
	published, err := w.Tx.Events(w.Viewer(), w.Incident.Number, EventFilter{Kinds: []EventKind{EventPublished}})
	if err != nil {
		return nil, err
	}
	for _, p := range published {
		if p.Data.Ref == source && p.Seq != e.Seq && !p.Redacted {
			out = append(out, p.Seq)
		}
	}
	return out, nil
}

// read reports whether customers read the text of one of these entries.
func (w *Work) read(entries []int64) bool {
	for _, u := range w.Incident.Updates {
		for _, n := range entries {
			if u.Stands() && (u.Fix == n || u.Fix == 0 && u.Seq == n) {
				return true
			}
		}
	}
	return false
}

// forget drops a text. What it became part of (title, summary, page) is only
// known by folding the record again.
func (w *Work) forget(seq int64) error {
	e, err := w.Tx.Event(Self(), w.Incident.Number, seq)
	if err != nil {
		return err
	}
	if err := w.Tx.Redact(w.Incident.Number, seq); err != nil {
		return err
	}
	if m := e.Data.Rollback; m != nil {
		if err := w.forgetMessages(m.ID, e.Text); err != nil {
			return err
		}
	}
	all, err := w.Tx.Events(Self(), w.Incident.Number, EventFilter{})
	if err != nil {
		return err
	}
	again := Fold(all)
	again.Version, again.Channel, again.ChannelName = w.Incident.Version, w.Incident.Channel, w.Incident.ChannelName
	w.Incident = again
	return nil
}

// forgetMessages drops from a rollback what it keeps of a redacted text. Its
// reason is read from the entry and went with it.
func (w *Work) forgetMessages(id string, text Text) error {
	if text == "" {
		return nil
	}
	r, err := w.Tx.Rollback(Self(), id)
	if err != nil {
		return err
	}
	if Plain(r.Why) == text {
		r.Why = RedactedText.String()
	}
	for k := range r.Steps {
		if Plain(r.Steps[k].Message) == text {
			r.Steps[k].Message = RedactedText.String()
		}
	}
	return w.Tx.SaveRollback(r)
}
