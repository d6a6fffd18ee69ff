package bot

import (
	"time"
)

// FollowUpState is where an action item stands.
type FollowUpState string

// The states, with the names that the JSON API gives them.
const (
	FollowUpOpen       FollowUpState = "open"
	FollowUpInProgress FollowUpState = "in_progress"
	FollowUpOngoing    FollowUpState = "ongoing" // a practice that has no end
	FollowUpDone       FollowUpState = "done"
	FollowUpDropped    FollowUpState = "dropped"
)

// FollowUpStates lists every state.
func FollowUpStates() []FollowUpState {
	return []FollowUpState{FollowUpOpen, FollowUpInProgress, FollowUpOngoing, FollowUpDone, FollowUpDropped}
}

// Closed reports whether nothing more is to be done.
func (s FollowUpState) Closed() bool { return s == FollowUpDone || s == FollowUpDropped }

// Label is the state as post-mortems write it.
func (s FollowUpState) Label() string {
	switch s {
	case FollowUpInProgress:
		return "IN PROGRESS"
	case FollowUpOngoing:
		return "ONGOING"
	case FollowUpDone:
		return "DONE"
	case FollowUpDropped:
		return "DROPPED"
	case FollowUpOpen:
	}
	return "OPEN"
}

// FollowUp is an action item of an incident. It is no fold of events, since
// what GitHub answers is no record; but each change of it is written together
// with an entry of its incident.
type FollowUp struct {
	Number   int64 `json:"number"` // unique in the install
	Incident int64 `json:"incident"`
	Seq      int64 `json:"seq"` // the entry whose text is its text
	// Key is in the body of its issue and in no other install's.
	Key      string        `json:"key"`
	State    FollowUpState `json:"state"`
	Owner    UserID        `json:"owner,omitempty"`
	Due      Date          `json:"due,omitempty"`
	Priority string        `json:"priority,omitempty"` // p0 to p4
	Service  string        `json:"service,omitempty"`
	AddedBy  UserID        `json:"added_by"`
	AddedAt  time.Time     `json:"added_at"`
	ClosedAt *time.Time    `json:"closed_at,omitempty"`
	Issue    Issue         `json:"issue"`

	// Text is that of the entry Seq, so that redaction reaches it.
	Text Text `json:"-"`
}

// IssueState is what is known of the issue of an action item.
type IssueState string

// The states of an issue.
const (
	IssueNone IssueState = "" // none is wanted: kept here only
	// IssueWanted: it is to be opened, or (Adopted) looked up.
	IssueWanted IssueState = "wanted"
	// IssueCreating: written before the first byte leaves.
	IssueCreating IssueState = "creating"
	// IssueUnknown: it may have been opened, is looked for, and is never opened
	// again by itself.
	IssueUnknown IssueState = "unknown"
	IssueOpened  IssueState = "opened" // there is one, open or closed
	IssueFailed  IssueState = "failed" // GitHub refused it; Why says why
	IssueGone    IssueState = "gone"   // it was deleted, or we can no longer see it
)

// Issue is the GitHub issue of an action item.
type Issue struct {
	State IssueState `json:"state,omitempty"`
	// Repo is OWNER/NAME where it is or is to be.
	Repo    string `json:"repo,omitempty"`
	Number  int    `json:"number,omitempty"`
	URL     string `json:"url,omitempty"`
	Adopted bool   `json:"adopted,omitempty"` // somebody gave its address
	// TriedAt is when it was last sent to be opened.
	TriedAt *time.Time `json:"tried_at,omitempty"`
	// Lost says that it was looked for until that was of no more use, and that a
	// person was asked.
	Lost bool   `json:"lost,omitempty"`
	Why  string `json:"why,omitempty"` // a machine's reason
	// RefusedAt is since when GitHub takes nothing from us, which was told.
	RefusedAt *time.Time `json:"refused_at,omitempty"`
	// UpdatedAt is GitHub's time of the newest state that was taken over; what is
	// older never wins.
	UpdatedAt *time.Time `json:"updated_at,omitempty"`
	// Wanted counts our changes that GitHub is to have, Sent is up to which it has
	// them.
	Wanted int64 `json:"wanted,omitempty"`
	Sent   int64 `json:"sent,omitempty"`
	// Turned is what Wanted was when we last opened or closed it ourselves.
	Turned int64 `json:"turned,omitempty"`
	// Assignee is the login that GitHub took.
	Assignee string `json:"assignee,omitempty"`
}

// Pending reports whether GitHub does not have our last change yet.
func (i Issue) Pending() bool { return i.Wanted != i.Sent }

// Turning reports whether GitHub does not have our last opening or closing yet:
// until then, what it says of that is out of date.
func (i Issue) Turning() bool { return i.Turned > i.Sent }

// Overdue reports whether f should be closed by now.
func (f *FollowUp) Overdue(today Date) bool { return !f.State.Closed() && f.Due != "" && f.Due < today }

// FollowUpFilter says which action items are wanted. Zero fields do not filter.
type FollowUpFilter struct {
	Incident int64
	Owner    UserID
	// Concerns, with Open, is somebody who owns it, added it, or commands its
	// incident.
	Concerns  UserID
	States    []FollowUpState
	Open      bool // not closed
	DueBefore Date // with a day that is before this one
	// Repo and Issue are both set or neither.
	Repo  string
	Issue int
	After int64 // numbers above, for the next page
	Limit int   // at most 500; 0: 50
}

// FollowUpReader reads action items, each with the text that its entry holds
// ([RedactedText] once that was redacted).
type FollowUpReader interface {
	FollowUp(v Viewer, number int64) (*FollowUp, error)
	// FollowUps returns them in the order of their numbers.
	FollowUps(v Viewer, f FollowUpFilter) ([]*FollowUp, error)
}

// FollowUpWriter keeps action items.
type FollowUpWriter interface {
	// NextFollowUp returns a number never returned by a committed transaction.
	NextFollowUp() (int64, error)
	CreateFollowUp(f *FollowUp) error
	// SaveFollowUp changes all but its number, incident and key.
	SaveFollowUp(f *FollowUp) error
}

// TakeFollowUp finds an action item for this work, locks its incident and makes
// it w.Incident. For somebody who may not see the incident there is none.
func TakeFollowUp(w *Work, number int64) (*FollowUp, error) {
	f, err := w.Tx.FollowUp(w.Viewer(), number)
	if err != nil {
		return nil, err
	}
	if w.Incident == nil || w.Incident.Number != f.Incident {
		if err := w.Lock(f.Incident); err != nil {
			return nil, err
		}
	}
	return w.Tx.FollowUp(w.Viewer(), number) // as it is under the lock
}

// SetFollowUp says where an action item stands; reason may be empty. Its issue
// is closed and opened with it.
func SetFollowUp(w *Work, f *FollowUp, state FollowUpState, reason Text) error {
	if f.State == state {
		return w.followUpAlready(f, func(m *FollowUpMark) bool { return m.What == DeedState || m.What == DeedAdded },
			"Action item %d is %s already", f.Number, f.State.words())
	}
	if state != FollowUpOpen && f.State.Closed() {
		return Conflict("Action item %d is %s.", f.Number, f.State.words()).
			WithHint("Open it again first.").WithLine("Reopen", "action reopen "+itoa(f.Number))
	}
	reason, err := w.reason(reason)
	if err != nil {
		return err
	}
	push := f.State.Closed() != state.Closed()
	f.turn(state, w.Now)
	return w.pushFollowUp(f, Event{Text: reason}, FollowUpMark{What: DeedState, Push: push})
}

// turn changes the state of f, as of at.
func (f *FollowUp) turn(state FollowUpState, at time.Time) {
	f.State, f.ClosedAt = state, nil
	if state.Closed() {
		f.ClosedAt = &at
	}
}

// DueFollowUp moves the day on which an action item is due, for a reason.
func DueFollowUp(w *Work, f *FollowUp, due Date, reason Text) error {
	reason, err := body("reason", reason)
	if err != nil {
		return err
	}
	if f.State.Closed() {
		return Conflict("Action item %d is %s.", f.Number, f.State.words())
	}
	if f.Due == due {
		stands := "is due on " + due.Label()
		if due == "" {
			stands = "has no due date"
		}
		return w.followUpAlready(f, func(m *FollowUpMark) bool { return m.Due == due }, "Action item %d "+stands+" already", f.Number)
	}
	f.Due = due
	return w.pushFollowUp(f, Event{Text: reason}, FollowUpMark{What: DeedDue, Push: true})
}

// OwnFollowUp gives an action item to somebody; nobody if who is empty.
func OwnFollowUp(w *Work, f *FollowUp, who UserID) error {
	if f.Owner == who {
		return w.followUpAlready(f, func(m *FollowUpMark) bool { return m.Owner == who }, "Action item %d has that owner already", f.Number)
	}
	f.Owner = who
	return w.pushFollowUp(f, Event{}, FollowUpMark{What: DeedOwner, Push: true})
}

func (w *Work) followUpAlready(f *FollowUp, is func(*FollowUpMark) bool, format string, args ...any) error {
	return w.already(func(e Event) bool {
		return e.Data.FollowUp != nil && e.Data.FollowUp.Number == f.Number && is(e.Data.FollowUp)
	}, format, args...)
}

func (w *Work) reason(t Text) (Text, error) {
	if t == "" {
		return "", nil
	}
	return body("reason", t)
}

// pushFollowUp is tellFollowUp for what GitHub is to have, if m.Push says so and
// there is or will be an issue. Of one that could not be read it is remembered,
// since it may be read later.
func (w *Work) pushFollowUp(f *FollowUp, e Event, m FollowUpMark) error {
	unread := f.Issue.State == IssueFailed && f.Issue.Adopted
	wanted := m.Push && f.Issue.State != IssueNone && f.Issue.State != IssueGone && (f.Issue.State != IssueFailed || unread)
	m.Push = wanted && !unread
	if wanted {
		f.Issue.Wanted++
	}
	if wanted && m.What == DeedState {
		f.Issue.Turned = f.Issue.Wanted
	}
	return w.tellFollowUp(f, e, m)
}

// tellFollowUp saves f and records e about it.
func (w *Work) tellFollowUp(f *FollowUp, e Event, m FollowUpMark) error {
	m.Number, m.State, m.Owner, m.Due = f.Number, f.State, f.Owner, f.Due
	m.Issue, m.Lost, m.Repo, m.Ref, m.URL = f.Issue.State, f.Issue.Lost, f.Issue.Repo, f.Issue.Number, f.Issue.URL
	if m.What == DeedTitle {
		f.Seq = w.Incident.Head.Seq + 1
	}
	if err := w.Tx.SaveFollowUp(f); err != nil {
		return err
	}
	e.Kind, e.Data.FollowUp = EventFollowUp, &m
	if _, err := w.Record(e); err != nil || f.State.Closed() {
		return err
	}
	switch m.What {
	case DeedAdded, DeedDue, DeedOwner, DeedState:
		return w.remindOwner(f)
	}
	return nil
}

func (s FollowUpState) words() string {
	if s == FollowUpInProgress {
		return "in progress"
	}
	return string(s)
}
