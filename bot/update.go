package bot

import (
	"slices"
	"time"
)

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
		if err := w.mayTell(); err != nil {
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
	d.Text = text
	if err := w.justSaid(d); err != nil {
		return Event{}, err
	}
	return w.Record(Event{Kind: EventUpdated, Text: text, Public: d.Public, At: orNow(d.At), Data: Data{
		Status: d.Status, Components: d.Components, NextBy: utc(d.NextBy),
	}})
}

// twice is how soon after an update the same one is taken for a slip of the
// finger: a double click, the Enter key once too often.
const twice = time.Minute

// justSaid refuses an update that changes nothing, when the same person has
// just said the same. A program means what it says.
func (w *Work) justSaid(d UpdateDraft) error {
	if w.Req.Exact {
		return nil
	}
	last, err := w.Tx.Events(w.Viewer(), w.Incident.Number, EventFilter{Kinds: []EventKind{EventUpdated}, Last: true, Limit: 1})
	if err != nil || len(last) == 0 {
		return err
	}
	e := last[0]
	same := e.Text == d.Text && e.Actor == w.Who.ID && e.Public == d.Public && e.Data.Ref == 0 && w.Now.Sub(e.RecordedAt) < twice
	if !same || d.Status != "" && d.Status != w.Incident.Status || len(w.Incident.news(d.Components)) > 0 || d.NextBy != nil && e.Data.NextBy == nil {
		return nil
	}
	return Conflict("That was said already").by(e)
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

// mayTell also refuses the first word of what was no incident: the page would
// call it resolved.
func (w *Work) mayTell() error {
	if err := w.mayPublish(); err != nil || !w.Incident.NeverTold() {
		return err
	}
	return Conflict("Incident #%d was cancelled, and customers read nothing of it.", w.Incident.Number).
		WithHint("If there is something to tell, open it again first: reopen REASON.").WithLine("Reopen", "reopen")
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
			if !u.Stands() {
				return nil, w.already(func(e Event) bool {
					return e.Data.Ref == seq && (e.Kind == EventRetracted || e.Kind == EventRedacted)
				}, "Update %d was taken back already", seq)
			}
			return u, nil
		}
	}
	return nil, NotFound("Entry %d of incident #%d is no public update.", seq, w.Incident.Number).
		WithHint("timeline shows the numbers.")
}

// PublishUpdate lets customers read update seq (0: the last one), which was
// written for the team, or was taken back, as a message of now. Needs
// [RightPublish].
func PublishUpdate(w *Work, seq int64) (Event, error) {
	if err := w.mayTell(); err != nil {
		return Event{}, err
	}
	e, text, err := UpdateToPublish(&w.Look, seq)
	if err != nil {
		return Event{}, err
	}
	promise := e.Data.NextBy
	if promise != nil && !promise.After(w.Now) {
		promise = nil
	}
	return w.Record(Event{Kind: EventPublished, Text: text, Public: true, Data: Data{
		Ref: e.Seq, Status: w.Incident.Status.forCustomers(), NextBy: promise,
	}})
}

// UpdateToPublish returns the entry that [PublishUpdate] would publish, and the
// text that customers would read of it: as it was corrected, if it was.
func UpdateToPublish(l *Look, seq int64) (Event, Text, error) {
	e, err := l.updateEntry(seq)
	if err != nil {
		return Event{}, "", err
	}
	text := e.Text
	for _, u := range l.Incident.Updates {
		switch {
		case u.Seq != e.Seq && u.From != e.Seq:
		case u.Stands():
			return Event{}, "", l.already(func(o Event) bool { return o.Seq == u.Seq }, "Customers read update %d already", e.Seq)
		case !u.Redacted:
			text = u.Text
		}
	}
	if text == RedactedText {
		return Event{}, "", Conflict("The text of update %d was redacted.", e.Seq).WithHint("Write a new one with update TEXT --public.")
	}
	return e, text, nil
}

// updateEntry finds update seq; 0: the last that was written for the team alone,
// else the last.
func (l *Look) updateEntry(seq int64) (Event, error) {
	if seq != 0 {
		e, err := l.Tx.Event(l.Viewer(), l.Incident.Number, seq)
		if err == nil && (e.Kind != EventUpdated || e.Data.Ref != 0) {
			err = Invalid("Entry %d is no update that could be published.", seq).WithHint("timeline shows the numbers.")
		}
		return e, err
	}
	last, err := l.Tx.Events(l.Viewer(), l.Incident.Number, EventFilter{Kinds: []EventKind{EventUpdated}, Last: true, Limit: 50})
	if err != nil {
		return Event{}, err
	}
	var other Event // the last one that customers could read already
	for _, e := range slices.Backward(last) {
		switch {
		case e.Data.Ref != 0 || e.Redacted:
		case !slices.ContainsFunc(l.Incident.Updates, func(u PublicUpdate) bool { return u.Seq == e.Seq || u.From == e.Seq }):
			return e, nil
		case other.Seq == 0:
			other = e
		}
	}
	if other.Seq != 0 {
		return other, nil
	}
	return Event{}, Conflict("Incident #%d has no update yet.", l.Incident.Number).WithHint("Write one with update TEXT --public.")
}

// already is the answer to what was done before: who did it, and when, by the
// last entry that match accepts.
func (l *Look) already(match func(Event) bool, format string, args ...any) error {
	list, err := l.Tx.Events(l.Viewer(), l.Incident.Number, EventFilter{Last: true, Limit: 500})
	if err != nil {
		return err
	}
	refusal := Conflict(format, args...)
	for _, e := range slices.Backward(list) {
		if match(e) {
			return refusal.by(e)
		}
	}
	return refusal.by(Event{})
}

// ofKind accepts entries of these kinds.
func ofKind(kinds ...EventKind) func(Event) bool {
	return func(e Event) bool { return slices.Contains(kinds, e.Kind) }
}

// by adds who did it and when to a refusal.
func (e *Error) by(ev Event) *Error {
	if ev.Seq == 0 {
		e.Text += "."
		return e
	}
	who := Text("Tocsin")
	switch m := ev.Data.FollowUp; {
	case ev.Actor != "":
		who = MentionUser(ev.Actor)
	case m != nil && m.Login != "":
		who = Plain(m.Login + " on GitHub")
	}
	e.Done = Join(who, ", ", Moment(ev.At))
	return e
}
