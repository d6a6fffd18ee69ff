package bot

import "time"

// ReminderState is where a reminder stands.
type ReminderState string

// The states of a reminder.
const (
	ReminderWaiting   ReminderState = "waiting"
	ReminderFired     ReminderState = "fired"
	ReminderCancelled ReminderState = "cancelled"
)

// Reminder is what somebody wants to be told later: in the incident's channel,
// or, with no incident, in a direct message.
type Reminder struct {
	Number   int64         `json:"number"` // unique in the install
	Incident int64         `json:"incident,omitempty"`
	Seq      int64         `json:"seq,omitempty"` // with an incident: the entry whose text is its text
	User     UserID        `json:"user"`
	At       time.Time     `json:"at"`
	State    ReminderState `json:"state"`
	SetAt    time.Time     `json:"set_at"`
	EndedAt  *time.Time    `json:"ended_at,omitempty"`
	EndedBy  UserID        `json:"ended_by,omitempty"` // who cancelled it

	// Text is the entry's; without an incident it is kept with the reminder.
	Text Text `json:"-"`
}

// ReminderFilter says which reminders are wanted: those of an incident, or those
// without one of a person.
type ReminderFilter struct {
	Incident int64
	User     UserID
	Waiting  bool
}

// ReminderReader reads reminders. One without an incident is seen by who set it.
type ReminderReader interface {
	Reminder(v Viewer, number int64) (*Reminder, error)
	// Reminders returns those due first first, at most 200.
	Reminders(v Viewer, f ReminderFilter) ([]*Reminder, error)
}

// ReminderWriter keeps reminders.
type ReminderWriter interface {
	// NextReminder returns a number never returned by a committed transaction.
	NextReminder() (int64, error)
	CreateReminder(r *Reminder) error
	SaveReminder(r *Reminder) error
}

// ReminderMark is what an entry tells of a reminder.
type ReminderMark struct {
	Number int64         `json:"number"`
	State  ReminderState `json:"state"`
	At     time.Time     `json:"at"`
}

const (
	// maxAhead is how far ahead a reminder may be set.
	maxAhead = 366 * 24 * time.Hour
	// maxWaiting is how many of a person's may wait.
	maxWaiting = 100
)

// SetReminder sets a reminder: in w.Incident's channel, or for the person alone when
// there is none.
func SetReminder(w *Work, at time.Time, text Text) (*Reminder, error) {
	text, err := body("text", text)
	if err != nil {
		return nil, err
	}
	if w.Who.ID == "" {
		return nil, Invalid("A reminder is somebody's; say whose.")
	}
	if !at.After(w.Now) {
		return nil, Invalid("%s is over.", at.In(w.Zone()).Format("2006-01-02 15:04 MST"))
	}
	if at.After(w.Now.Add(maxAhead)) {
		return nil, Invalid("A reminder can be a year ahead at most.")
	}
	r := &Reminder{User: w.Who.ID, At: at.UTC().Truncate(time.Microsecond), State: ReminderWaiting, SetAt: w.Now, Text: text}
	f := ReminderFilter{User: w.Who.ID, Waiting: true}
	if w.Incident != nil {
		r.Incident, r.Seq = w.Incident.Number, w.Incident.Head.Seq+1
		f = ReminderFilter{Incident: r.Incident, Waiting: true}
	}
	have, err := w.Tx.Reminders(w.Viewer(), f)
	if err != nil {
		return nil, err
	}
	if len(have) >= maxWaiting {
		return nil, Conflict("%d reminders wait already, which is the most.", len(have)).WithLine("Show them", "remind list")
	}
	if r.Number, err = w.Tx.NextReminder(); err != nil {
		return nil, err
	}
	if err := w.Tx.CreateReminder(r); err != nil {
		return nil, err
	}
	w.Plan(remindJob(r))
	if w.Incident == nil {
		return r, nil
	}
	return r, w.tellReminder(r, Event{Text: text})
}

// CancelReminder takes a reminder back that has not fired.
func CancelReminder(w *Work, number int64) (*Reminder, error) {
	r, err := w.Tx.Reminder(w.Viewer(), number)
	if err != nil {
		return nil, err
	}
	if r.Incident != House && (w.Incident == nil || w.Incident.Number != r.Incident) {
		if err := w.Lock(r.Incident); err != nil {
			return nil, err
		}
		if r, err = w.Tx.Reminder(w.Viewer(), number); err != nil {
			return nil, err
		}
	}
	switch r.State {
	case ReminderFired:
		return nil, Conflict("Reminder %d was given already", number).done("", *r.EndedAt)
	case ReminderCancelled:
		return nil, Conflict("Reminder %d was cancelled already", number).done(r.EndedBy, *r.EndedAt)
	case ReminderWaiting:
	}
	return r, w.endReminder(r, ReminderCancelled)
}

func (w *Work) endReminder(r *Reminder, s ReminderState) error {
	now := w.Now
	r.State, r.EndedAt, r.EndedBy = s, &now, w.Who.ID
	if err := w.Tx.SaveReminder(r); err != nil || r.Incident == House {
		return err
	}
	return w.tellReminder(r, Event{})
}

func (w *Work) tellReminder(r *Reminder, e Event) error {
	e.Kind, e.Data.Reminder = EventReminder, &ReminderMark{r.Number, r.State, r.At}
	_, err := w.Record(e)
	return err
}
