package bot

import "slices"

// NextStep starts the next step while another one runs. name is the step that is
// meant, so that a late click starts no other; empty: whichever is next. Needs
// [RightRollback].
func NextStep(w *Work, r *Rollback, name string) (*Step, error) {
	if err := w.mayDrive(r); err != nil {
		return nil, err
	}
	s := r.Next()
	switch {
	case r.ApprovedAt == nil:
		return nil, w.notWaiting(r)
	case s == nil && r.State.Final():
		return nil, w.finalAlready(r)
	case s == nil && slices.ContainsFunc(r.Steps, func(s Step) bool { return s.State == StepPending }):
		return nil, Conflict("The next step of %s cannot be started now: %s.", r.ID, r.State.Label()).WithLine("Show "+r.ID, "rollback show "+r.ID)
	case s != nil && name != "" && norm(name) != norm(s.Name) && r.Step(name) == nil:
		return nil, NotFound("%s has no step %q.", r.ID, name).WithHint("Next is %s.", s.Name)
	case s != nil && name != "" && norm(name) != norm(s.Name):
		return nil, Conflict("%s of %s is not the next step; that is %s.", name, r.ID, s.Name).WithLine("Show "+r.ID, "rollback show "+r.ID)
	case s == nil:
		return nil, Conflict("Every step of %s was started already.", r.ID).WithLine("Show "+r.ID, "rollback show "+r.ID)
	}
	now := w.Now
	s.QueuedAt = &now
	return s, w.tellRollback(r, Event{}, RollbackMark{Step: s.Name, StepState: StepPending, Start: []string{s.Name}})
}

// mayDrive refuses who may not decide about a rollback that was approved.
func (w *Work) mayDrive(r *Rollback) error {
	t, _ := Find(w.Settings().Targets, r.Target)
	return w.needOver(RightRollback, t.Who, t)
}

// DoneStep is a person's word that a step whose outcome nobody knows was done.
// name may be empty when there is only one. Needs [RightRollback].
func DoneStep(w *Work, r *Rollback, name string) (*Step, error) {
	s, err := w.undecided(r, name, "done", RollbackUnknown, RollbackTimedOut)
	if err != nil {
		return nil, err
	}
	now := w.Now
	s.State, s.EndedAt, s.DecidedBy = RollbackSucceeded, &now, w.Who.ID
	return s, w.settleRollback(r, Event{}, RollbackMark{Step: s.Name})
}

// ResendStep sends a step again of which nobody knows whether it was sent, on a
// person's word. Needs [RightRollback].
func ResendStep(w *Work, r *Rollback, name string) (*Step, error) {
	s, err := w.undecided(r, name, "resend", RollbackUnknown)
	if err != nil {
		return nil, err
	}
	if r.Stopped {
		return nil, Conflict("%s was cancelled; nothing more of it is sent.", r.ID).WithHint("rollback done, if it was done; else cancel it, and ask again.")
	}
	now := w.Now
	s.State, s.QueuedAt, s.DecidedBy = StepPending, &now, w.Who.ID
	return s, w.settleRollback(r, Event{}, RollbackMark{Step: s.Name, Start: []string{s.Name}})
}

// undecided finds the step that a person decides about.
func (w *Work) undecided(r *Rollback, name, verb string, states ...RollbackState) (*Step, error) {
	if err := w.mayDrive(r); err != nil {
		return nil, err
	}
	var found []*Step
	for k := range r.Steps {
		s := &r.Steps[k]
		if slices.Contains(states, s.State) && (name == "" || norm(s.Name) == norm(name)) {
			found = append(found, s)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		e := Invalid("Which step of %s?", r.ID)
		for _, s := range found {
			e.Lines = append(e.Lines, Button{Label: s.Name, Line: "rollback " + verb + " " + r.ID + " " + s.Name})
		}
		return nil, e
	case r.State.Final() || r.ApprovedAt == nil:
		return nil, w.finalOrWaiting(r)
	}
	return nil, Conflict("No step of %s waits for that: it is %s.", r.ID, r.State.Label()).WithLine("Show "+r.ID, "rollback show "+r.ID)
}

func (w *Work) finalOrWaiting(r *Rollback) error {
	if r.State.Final() {
		return w.finalAlready(r)
	}
	return w.notWaiting(r)
}
