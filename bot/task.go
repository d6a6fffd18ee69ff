package bot

import "time"

// Task is something to be done during the incident: for now, and no issue. Its
// number is unique within the incident.
type Task struct {
	Number   int64      `json:"number"`
	Seq      int64      `json:"seq"`
	Text     Text       `json:"text"`
	Owner    UserID     `json:"owner,omitempty"`
	AddedBy  UserID     `json:"added_by"`
	AddedAt  time.Time  `json:"added_at"`
	DoneBy   UserID     `json:"done_by,omitempty"`
	DoneAt   *time.Time `json:"done_at,omitempty"`
	FollowUp int64      `json:"followup,omitempty"` // the action item that it became
}

// Open reports whether t is still to be done.
func (t *Task) Open() bool { return t.DoneAt == nil }

// TaskMark is what an entry tells of a task.
type TaskMark struct {
	Number   int64  `json:"number"`
	Owner    UserID `json:"owner,omitempty"`
	Done     bool   `json:"done,omitempty"`
	FollowUp int64  `json:"followup,omitempty"`
}

// Task returns the task with this number, or nil.
func (i *Incident) Task(number int64) *Task {
	for k := range i.Tasks {
		if i.Tasks[k].Number == number {
			return &i.Tasks[k]
		}
	}
	return nil
}

// OpenTasks returns those that are still to be done.
func (i *Incident) OpenTasks() []Task {
	var out []Task
	for k := range i.Tasks {
		if i.Tasks[k].Open() {
			out = append(out, i.Tasks[k])
		}
	}
	return out
}

// tasked folds an entry about a task.
func (i *Incident) tasked(e Event) {
	m := e.Data.Task
	if m == nil {
		return
	}
	if !m.Done {
		i.Tasks = append(i.Tasks, Task{Number: m.Number, Seq: e.Seq, Text: e.Text, Owner: m.Owner, AddedBy: e.Actor, AddedAt: e.RecordedAt})
		return
	}
	if t := i.Task(m.Number); t != nil {
		at := e.RecordedAt
		t.DoneBy, t.DoneAt, t.FollowUp = e.Actor, &at, m.FollowUp
	}
}

// MaxTasks is how many tasks an incident can have.
const MaxTasks = 500

// AddTask adds a task to w.Incident.
func AddTask(w *Work, text Text, owner UserID) (*Task, error) {
	text, err := oneLine("task", text, MaxTitle)
	if err != nil {
		return nil, err
	}
	if n := len(w.Incident.Tasks); n >= MaxTasks {
		return nil, Conflict("Incident #%d has %d tasks, which is the most.", w.Incident.Number, n)
	}
	if err := w.taskAlready(text); err != nil {
		return nil, err
	}
	number := int64(len(w.Incident.Tasks) + 1)
	if _, err := w.Record(Event{Kind: EventTask, Text: text, Data: Data{Task: &TaskMark{Number: number, Owner: owner}}}); err != nil {
		return nil, err
	}
	return w.Incident.Task(number), nil
}

func (w *Work) taskAlready(text Text) error {
	if w.Req.Exact {
		return nil
	}
	for k := range w.Incident.Tasks {
		if t := &w.Incident.Tasks[k]; t.Text == text && t.AddedBy == w.Who.ID && w.Now.Sub(t.AddedAt) < twice {
			return Conflict("That is task %d already.", t.Number)
		}
	}
	return nil
}

// DoneTask says that a task is done.
func DoneTask(w *Work, number int64) (*Task, error) {
	if _, err := w.openTask(number); err != nil {
		return nil, err
	}
	return w.Incident.Task(number), w.endTask(number, 0)
}

// PromoteTask makes a task an action item.
func PromoteTask(w *Work, number int64) (*FollowUp, error) {
	f, err := AddFollowUp(w, FollowUpDraft{Task: number})
	if err != nil {
		return nil, err
	}
	return f, w.endTask(number, f.Number)
}

func (w *Work) endTask(number, followUp int64) error {
	_, err := w.Record(Event{Kind: EventTask, Data: Data{Task: &TaskMark{Number: number, Done: true, FollowUp: followUp}}})
	return err
}

func (w *Work) openTask(number int64) (*Task, error) {
	t := w.Incident.Task(number)
	switch {
	case t == nil:
		return nil, NotFound("Incident #%d has no task %d.", w.Incident.Number, number).WithLine("Show the tasks", "task list")
	case t.FollowUp != 0:
		return nil, Conflict("Task %d is action item %d by now", number, t.FollowUp).done(t.DoneBy, *t.DoneAt)
	case !t.Open():
		return nil, Conflict("Task %d is done already", number).done(t.DoneBy, *t.DoneAt)
	}
	return t, nil
}

// done adds who did it and when to a refusal.
func (e *Error) done(who UserID, at time.Time) *Error {
	return e.by(Event{Seq: 1, Actor: who, At: at})
}
