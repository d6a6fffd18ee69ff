package bot

import (
	"slices"
	"strings"
	"time"
)

// SubmitTime is how long after it was to start a step may still be sent. A
// rollback that fires hours later, when a process comes back, helps nobody.
const SubmitTime = time.Minute

// queue marks the steps that may start as to be sent now, and returns their
// names for the entry that makes it known.
func (w *Work) queue(r *Rollback, t Target) []string {
	names := r.ready(t.GoOn)
	for _, n := range names {
		now := w.Now
		r.Step(n).QueuedAt = &now
	}
	return names
}

// settleRollback works out where r stands after its steps changed, starts what
// may start, ends it when nothing can follow, and records e about it.
func (w *Work) settleRollback(r *Rollback, e Event, m RollbackMark) error {
	t, _ := Find(w.Settings().Targets, r.Target)
	if !t.GoOn {
		w.stopBehindFailure(r)
	}
	m.Start = append(m.Start, w.queue(r, t)...)
	r.State = r.derive()
	if s := r.Step(m.Step); s != nil {
		m.StepState, m.Minutes = s.State, s.minutes()
	}
	if r.State.Final() {
		now := w.Now
		r.EndedAt = &now
	}
	if err := w.tellRollback(r, e, m); err != nil || r.State != RollbackSucceeded || !r.sent() {
		return err
	}
	return w.tellRolledBack(r)
}

// sent reports whether any step left, or may have.
func (r *Rollback) sent() bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Tries > 0 })
}

// stopBehindFailure cancels what waits behind a step that failed.
func (w *Work) stopBehindFailure(r *Rollback) {
	failed := false
	for k := range r.Steps {
		s := &r.Steps[k]
		failed = failed || s.State == RollbackFailed
		if failed && s.State == StepPending {
			now := w.Now
			s.State, s.QueuedAt, s.EndedAt, s.Message = RollbackCancelled, nil, &now, "not started, since a step before it failed"
		}
	}
}

// minutes is how long s took from when it was sent, rounded.
func (s *Step) minutes() int64 {
	if s.SubmittedAt == nil || s.EndedAt == nil {
		return 0
	}
	return int64(s.EndedAt.Sub(*s.SubmittedAt).Round(time.Minute) / time.Minute)
}

// tellRolledBack makes a rollback that succeeded a deploy like any other.
func (w *Work) tellRolledBack(r *Rollback) error {
	d := Deploy{
		Source: "tocsin", Key: r.ID, Service: r.Service, Environment: r.Environment, Kind: DeployRollback,
		Version: versions(r, func(s Step) Version { return s.To }), Previous: versions(r, func(s Step) Version { return s.From }),
		Status: DeploySucceeded, FinishedAt: *r.EndedAt, ReceivedAt: w.Now,
	}
	if r.ApprovedAt != nil {
		d.StartedAt = *r.ApprovedAt
	}
	if _, err := w.Tx.SaveDeploy(d); err != nil {
		return err
	}
	_, err := w.RecordHouse(Event{Kind: EventDeploy, Text: d.sentence(w.Settings()), Data: Data{Deploy: &DeployMark{d.Source, d.Service, d.Kind, d.Status}}})
	return err
}

// versions names the versions of all steps, each once.
func versions(r *Rollback, of func(Step) Version) string {
	var out []string
	for _, s := range r.Steps {
		if n := of(s).Name(); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return strings.Join(out, ", ")
}

// BeginStep marks a step as being sent; only when it answers true, and its
// transaction is committed, may the first byte leave. running is the version
// that the deploy system says runs now, nil if it cannot say: when that is not
// the one that the plan starts from, the plan is void. A step that was begun
// before and of which no more is known was cut off by a crash; it becomes
// unknown and is not sent.
func BeginStep(w *Work, r *Rollback, name string, running *Version) (bool, error) {
	s := r.Step(name)
	switch {
	case s == nil:
		return false, nil
	case s.State == RollbackSubmitting:
		return false, LoseStep(w, r, name, "the program stopped while it was being sent")
	case s.State != StepPending || s.QueuedAt == nil || r.Stopped || r.State.Final():
		return false, nil
	case w.Now.Sub(*s.QueuedAt) > SubmitTime:
		return false, EndStep(w, r, name, Ended{Message: "it was not sent within " + roundly(SubmitTime) + ", and now it must not be"})
	}
	if t, ok := Find(w.Settings().Targets, r.Target); !ok || t.Digest != r.TargetDigest {
		return false, EndStep(w, r, name, Ended{Message: "the target was changed in the configuration since it was approved; nothing was sent"})
	}
	if running != nil && !running.same(s.From) && (s.From.ID != "" || running.same(s.To)) {
		return false, w.changedSince(r, s, *running)
	}
	now := w.Now
	s.State, s.SubmittedAt, s.SentThere = RollbackSubmitting, &now, nil // QueuedAt stays: SubmitTime is counted from it, try after try
	s.Tries++
	r.State = r.derive()
	return true, w.Tx.SaveRollback(r)
}

// changedSince ends a step that starts from a version that no longer runs.
func (w *Work) changedSince(r *Rollback, s *Step, running Version) error {
	if running.same(s.To) {
		return EndStep(w, r, s.Name, Ended{OK: true, Message: "runs " + s.To.Name() + " already"})
	}
	why := s.Name + " runs " + running.Name() + " by now, not " + s.From.Name()
	if r.sent() {
		return EndStep(w, r, s.Name, Ended{Message: why + "; nothing was sent"})
	}
	for k := range r.Steps {
		if r.Steps[k].State == StepPending {
			r.Steps[k].State, r.Steps[k].QueuedAt = RollbackCancelled, nil
		}
	}
	return w.voidRollback(r, why)
}

// KeepStep says that nothing has left, so that the step may be sent again within
// [SubmitTime] of when it first was to be; unless it must not start any more.
func KeepStep(w *Work, r *Rollback, name, why string) error {
	s := r.Step(name)
	if s == nil || s.State != RollbackSubmitting {
		return nil
	}
	s.State, s.SubmittedAt, s.Message = StepPending, nil, why
	s.Tries--
	if t, _ := Find(w.Settings().Targets, r.Target); !t.GoOn {
		w.stopBehindFailure(r)
	}
	if r.Stopped && s.State == StepPending {
		now := w.Now
		s.State, s.QueuedAt, s.EndedAt = RollbackCancelled, nil, &now
	}
	if s.State != StepPending {
		return w.settleRollback(r, Event{Text: Plain(s.Message)}, RollbackMark{Step: name})
	}
	r.State = r.derive()
	return w.Tx.SaveRollback(r)
}

// Accepted is what the deploy system said when it took a step.
type Accepted struct {
	Link, Message string
	Vars          map[string]string
	SentThere     *time.Time // when it was sent, by the deploy system's clock
}

// AcceptStep says that the deploy system took a step, or was found to have
// taken one of which that was not known.
func AcceptStep(w *Work, r *Rollback, name string, a Accepted) error {
	s := r.Step(name)
	if s == nil || s.State != RollbackSubmitting && s.State != RollbackUnknown {
		return nil
	}
	now := w.Now
	s.State, s.QueuedAt, s.AcceptedAt, s.HeardAt, s.Message = RollbackRunning, nil, &now, &now, a.Message
	s.SentThere = a.SentThere
	s.keep(a.Link, a.Vars)
	return w.settleRollback(r, Event{}, RollbackMark{Step: name})
}

// keep adds what an answer held.
func (s *Step) keep(link string, vars map[string]string) {
	if link != "" {
		s.Link = link
	}
	for k, v := range vars {
		if s.Vars == nil {
			s.Vars = map[string]string{}
		}
		s.Vars[k] = v
	}
}

// Heard is what the deploy system says of a step that has not ended.
type Heard struct {
	State         RollbackState // one for which [RollbackState.Watched] is true
	Link, Message string
	Vars          map[string]string
	Quiet         bool // no answer came: the step was not heard of
}

// heardEvery is how often hearing the same again is written down.
const heardEvery = 30 * time.Second

// HearStep keeps how a step goes. A change of state is recorded, the rest only
// shown.
func HearStep(w *Work, r *Rollback, name string, h Heard) error {
	s := r.Step(name)
	if s == nil || !s.State.Watched() || !h.State.Watched() {
		return nil
	}
	now := w.Now
	news := s.State != h.State
	if !news && s.Message == h.Message && (h.Link == "" || h.Link == s.Link) && len(h.Vars) == 0 &&
		(h.Quiet || s.HeardAt != nil && now.Sub(*s.HeardAt) < heardEvery) {
		return nil
	}
	if news && h.State == RollbackVerifying {
		s.VerifyingAt = &now
	}
	if !h.Quiet {
		s.HeardAt = &now
	}
	s.State, s.Message = h.State, h.Message
	s.keep(h.Link, h.Vars)
	if !news {
		return w.Tx.SaveRollback(r)
	}
	e := Event{}
	if h.State == RollbackBlocked {
		e.Text = Plain(h.Message)
	}
	return w.settleRollback(r, e, RollbackMark{Step: name})
}

// Ended is how a step ended.
type Ended struct {
	OK      bool
	Message string // a machine's, of one line
}

// EndStep ends a step that has not ended.
func EndStep(w *Work, r *Rollback, name string, end Ended) error {
	s := r.Step(name)
	if s == nil || s.State.Final() {
		return nil
	}
	now := w.Now
	s.State, s.QueuedAt, s.EndedAt, s.Message = RollbackFailed, nil, &now, end.Message
	if end.OK {
		s.State = RollbackSucceeded
	}
	return w.settleRollback(r, Event{Text: Plain(end.Message)}, RollbackMark{Step: name})
}

// LoseStep says that nobody knows whether a step was sent, or what became of
// it. It is not sent again unless a person says so.
func LoseStep(w *Work, r *Rollback, name, why string) error {
	s := r.Step(name)
	if s == nil || s.State != RollbackSubmitting {
		return nil
	}
	s.State, s.QueuedAt, s.Message = RollbackUnknown, nil, why
	return w.settleRollback(r, Event{Text: Plain(why)}, RollbackMark{Step: name})
}

// TimeOutStep says that a step was watched for as long as its template says.
func TimeOutStep(w *Work, r *Rollback, name, why string) error {
	s := r.Step(name)
	if s == nil || !s.State.Watched() {
		return nil
	}
	s.State, s.Message = RollbackTimedOut, why
	return w.settleRollback(r, Event{Text: Plain(why)}, RollbackMark{Step: name})
}
