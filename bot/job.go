package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Job is an effect on the world outside. It is written in the transaction of
// the event that caused it and done later by the [Runner]: at least once, and
// after every earlier job of its lane.
type Job struct {
	ID int64
	// Lane is what the job waits in. Jobs of one lane are done one at a time,
	// in the order in which they were written; lanes do not wait for each other.
	Lane string
	// Kind is NAME.WORK; the integration called NAME does it.
	Kind string
	// Dedup, if set, is unique for ever: a second job with it is not written.
	Dedup string
	// Edit, if set, names the message that this job redraws. A job that has not
	// started is dropped when a later one of its lane has the same Edit.
	Edit string
	// Incident is what the job is about, for the outbox; [House] for nothing.
	Incident int64
	// Payload holds ids, never texts: what is sent is read when it is sent.
	Payload json.RawMessage
	// RunAt is when it may start; zero is at once. In a lane it also holds up
	// what comes behind it.
	RunAt time.Time

	State     JobState
	Attempt   int // from 1 in Do; above 1 the outcome of an earlier try may be unknown
	LastError string
	CreatedAt time.Time
	DoneAt    time.Time
	Token     int64 // of the lease under which it runs; a stale one cannot finish
}

// JobState is where a job stands.
type JobState string

// The states of a job.
const (
	JobWaiting    JobState = "waiting"
	JobDone       JobState = "done"
	JobFailed     JobState = "failed"
	JobSuperseded JobState = "superseded"
)

// Unmarshal reads the payload into v.
func (j Job) Unmarshal(v any) error {
	if err := json.Unmarshal(j.Payload, v); err != nil {
		return Permanent(fmt.Errorf("%s: payload: %w", j.Kind, err))
	}
	return nil
}

// Delivery reports whether j carries something out of the house, or should have:
// a clock that waits for its time does not.
func (j Job) Delivery() bool {
	return j.State != JobWaiting || !strings.HasPrefix(j.Kind, clockName+".")
}

// Payload encodes v, which must be a type that always encodes.
func Payload(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// Outcome is how a try of a job ended.
type Outcome struct {
	State JobState  // JobWaiting: try again at RunAt
	RunAt time.Time // with JobWaiting
	Free  bool      // with JobWaiting: it did not start, so the try does not count
	Error string
}

// waitError asks for another try at a known time.
type waitError struct {
	at      time.Time
	started bool
	err     error
}

func (e *waitError) Error() string { return e.err.Error() }
func (e *waitError) Unwrap() error { return e.err }

// WaitUntil says that the job did not start (a limit is used up) and may at t.
func WaitUntil(t time.Time, err error) error { return &waitError{at: t, err: err} }

// RetryAt says that the job was tried in vain and may be tried again at t.
func RetryAt(t time.Time, err error) error { return &waitError{at: t, started: true, err: err} }

// permanentError ends a job.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// Permanent says that trying again is of no use.
func Permanent(err error) error { return &permanentError{err} }

// IsPermanent reports whether err ends a job.
func IsPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}

// The spacing of tries when an integration gives no time: doubled from the
// first to the second. Network errors are never given up.
const (
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
)

// OutcomeOf says what follows from what Do returned.
func OutcomeOf(j Job, err error, now time.Time) Outcome {
	var w *waitError
	switch {
	case err == nil:
		return Outcome{State: JobDone}
	case errors.As(err, &w):
		return Outcome{State: JobWaiting, RunAt: w.at, Free: !w.started, Error: err.Error()}
	case IsPermanent(err):
		return Outcome{State: JobFailed, Error: err.Error()}
	}
	pause := lastRetry
	if j.Attempt < 10 {
		pause = min(lastRetry, firstRetry<<max(j.Attempt-1, 0))
	}
	return Outcome{State: JobWaiting, RunAt: now.Add(pause), Error: err.Error()}
}
