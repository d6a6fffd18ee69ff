package bot

import "slices"

// Redacted is what a redaction took out of the record: the entry that was asked
// for, and those that held the same text, as they are without it.
type Redacted struct {
	Entry Event
	Also  []Event
}

// Redact removes the text of entry seq from the record, for everybody and for
// good; that it was there, when, and why it went stays. Where the same text was
// published later, or stands in the post-mortem, it goes, too. What customers read
// goes off the page with it, and so needs [RightPublish].
func Redact(w *Work, seq int64, reason Text) (Redacted, error) {
	reason, err := body("reason", reason)
	if err != nil {
		return Redacted{}, err
	}
	e, err := w.Tx.Event(w.Viewer(), w.Incident.Number, seq)
	if err != nil {
		return Redacted{}, err
	}
	switch {
	case e.Redacted:
		return Redacted{}, w.already(func(o Event) bool { return o.Kind == EventRedacted && o.Data.Ref == seq }, "Entry %d was redacted already", seq)
	case e.Text == "":
		return Redacted{}, Invalid("Entry %d holds no text.", seq).WithHint("timeline shows the numbers.")
	}
	all, err := w.copies(e)
	if err != nil {
		return Redacted{}, err
	}
	if w.read(all) {
		if err := w.Need(RightPublish); err != nil {
			return Redacted{}, err
		}
	}
	var out Redacted
	for _, n := range all {
		if err := w.forget(n); err != nil {
			return Redacted{}, err
		}
		if _, err = w.Record(Event{Kind: EventRedacted, Text: reason, Data: Data{Ref: n}}); err != nil {
			return Redacted{}, err
		}
		gone, err := w.Tx.Event(Self(), w.Incident.Number, n)
		if err != nil {
			return Redacted{}, err
		}
		if n == seq {
			out.Entry = gone
		} else {
			out.Also = append(out.Also, gone)
		}
	}
	return out, nil
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
	twin, err := w.twin(e)
	if err != nil {
		return nil, err
	}
	written, err := w.writtenWith(e)
	out = slices.Concat(out, twin, written)
	slices.Sort(out[1:])
	return slices.Compact(out), err
}

// twin returns the entry of the action item that the task of e became, or of the
// task that the action item of e was, if it holds the same text.
func (w *Work) twin(e Event) ([]int64, error) {
	var seq int64
	switch d := e.Data; {
	case d.Task != nil:
		t := w.Incident.Task(d.Task.Number)
		if t == nil || t.FollowUp == 0 {
			return nil, nil
		}
		f, err := w.Tx.FollowUp(Self(), t.FollowUp)
		if err != nil {
			return nil, err
		}
		seq = f.Seq
	case d.FollowUp != nil && d.FollowUp.Task != 0:
		if t := w.Incident.Task(d.FollowUp.Task); t != nil {
			seq = t.Seq
		}
	}
	if seq == 0 || seq == e.Seq {
		return nil, nil
	}
	o, err := w.Tx.Event(Self(), w.Incident.Number, seq)
	if err != nil || o.Text != e.Text {
		return nil, err
	}
	return []int64{seq}, nil
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
	p := w.Incident.Postmortem
	return p != nil && p.Public != nil && slices.Contains(entries, p.Public.Seq)
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
