package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
)

// ApproveRollback lets r begin. The approval is for the plan as it is: who asked
// cannot give it, and not when the plan is no longer true. Needs
// [RightApprove], or, where the target asks for no second person,
// [RightRollback].
func ApproveRollback(w *Work, r *Rollback) error {
	t, known := Find(w.Settings().Targets, r.Target)
	if err := w.mayApprove(r, t); err != nil {
		return err
	}
	if r.State != RollbackAwaiting {
		return w.notWaiting(r)
	}
	if !w.Incident.Open() {
		return Conflict("Incident #%d is %s.", w.Incident.Number, w.Incident.Status).WithHint("Open it again first: reopen REASON.")
	}
	if !known || t.Digest != r.TargetDigest {
		return Conflict("The target %s was changed in the configuration since %s was planned.", r.Target, r.ID).again(r)
	}
	if !w.Now.Before(*r.ExpiresAt) {
		return Conflict("%s could be approved for %s, which are over.", r.ID, roundly(r.ExpiresAt.Sub(*r.ReadAt))).again(r)
	}
	if w.Who.ID == r.RequestedBy && !t.Approval.Alone {
		return Forbidden("You asked for %s yourself; a second person has to approve it.", r.ID).WithHint("The plan names who can.")
	}
	sealed := r.PlanHash
	if r.seal(); r.PlanHash != sealed {
		return Conflict("The plan of %s is not the one that was shown.", r.ID).again(r)
	}
	now := w.Now
	r.State, r.ApprovedBy, r.ApprovedAt = RollbackApproved, w.Who.ID, &now
	start := w.queue(r, t)
	return w.tellRollback(r, Event{}, RollbackMark{Hash: r.PlanHash, Start: start})
}

// mayApprove refuses who may not judge r.
func (w *Work) mayApprove(r *Rollback, t Target) error {
	right, groups := RightApprove, t.Approval.Groups
	if t.Approval.Alone {
		right, groups = RightRollback, t.Who
	}
	if err := w.needOver(right, groups, t); err != nil {
		return err
	}
	if w.Req.Root && !w.Settings().RootApproves && !w.Bot.cutOff() {
		return Forbidden("The root token cannot approve a rollback while the workspace can be reached.").
			WithHint("Approve in Slack, with a personal token, or set api: {approve: always} in the configuration.")
	}
	return nil
}

// notWaiting says why r cannot be approved or denied any more, or not yet.
func (w *Work) notWaiting(r *Rollback) error {
	switch {
	case r.State == RollbackRequested:
		return Conflict("The versions of %s are still being read; the plan follows.", r.ID)
	case r.State == RollbackAwaiting:
		return Conflict("%s waits for approval; nothing was sent yet.", r.ID).WithLine("Show "+r.ID, "rollback show "+r.ID)
	case r.ApprovedAt != nil && r.State != RollbackVoided:
		e := Conflict("%s was approved already and %s", r.ID, r.stands())
		e.Done = Join("by ", MentionUser(r.ApprovedBy), ", ", Moment(*r.ApprovedAt))
		return e
	}
	return w.ended(r)
}

// stands says how r stands, behind its name.
func (r *Rollback) stands() string {
	if r.State.Final() {
		return "has " + map[RollbackState]string{
			RollbackSucceeded: "succeeded", RollbackFailed: "failed", RollbackCancelled: "been cancelled", RollbackVoided: "been voided",
		}[r.State]
	}
	return "is " + map[bool]string{true: "under way", false: r.State.Label()}[r.State == RollbackApproved]
}

// ended says how r ended before anything was sent, and offers to ask again.
func (w *Work) ended(r *Rollback) error {
	e := Conflict("%s %s", r.ID, map[RollbackState]string{
		RollbackDenied: "was denied", RollbackCancelled: "was cancelled", RollbackExpired: "expired: nobody approved it in time",
		RollbackVoided: "is void", RollbackFailed: "could not be planned", RollbackSucceeded: "has succeeded",
	}[r.State])
	switch {
	case r.Why != "":
		e.Text += ": " + r.Why + "."
	case r.ClosedBy != "" && r.EndedAt != nil:
		e.Done = Join("by ", MentionUser(r.ClosedBy), ", ", Moment(*r.EndedAt))
	default:
		e.Text += "."
	}
	return e.again(r)
}

// again offers to ask for r anew, for more than its plan.
func (e *Error) again(r *Rollback) *Error {
	return e.WithHint("Ask again to get a plan of what is true now.").WithLine("Ask again", strings.TrimSuffix(r.AskAgain(), planFlag))
}

// planFlag asks for nothing but the plan.
const planFlag = " --plan"

// AskAgain is the line that asks for the same as r did.
func (r *Rollback) AskAgain() string {
	line := "rollback " + r.Target
	if r.Asked != "" {
		line += " --to " + quoteWord(r.Asked)
	}
	if r.PlanOnly {
		line += planFlag
	}
	return line
}

// quoteWord writes v as one word of a command line, in quotes unless it is made
// of what versions are usually made of. Two quotes inside quotes are one.
func quoteWord(v string) string {
	usual := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.+:/@#~", r)
	}
	if v != "" && v[0] != '-' && strings.IndexFunc(v, func(r rune) bool { return !usual(r) }) < 0 {
		return v
	}
	return `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
}

// DenyRollback ends a request that waits. Needs [RightApprove].
func DenyRollback(w *Work, r *Rollback, reason Text) error {
	t, _ := Find(w.Settings().Targets, r.Target)
	if err := w.needOver(RightApprove, t.Approval.Groups, t); err != nil {
		return err
	}
	if r.State != RollbackAwaiting && r.State != RollbackRequested {
		return w.notWaiting(r)
	}
	return w.closeRequest(r, RollbackDenied, reason)
}

// CancelRollback ends r: before it was approved altogether, afterwards as far as
// it has not begun. A step whose outcome nobody knows is given up, and its lock
// with it. It belongs to who asked, the commander, and who holds
// [RightRollback].
func CancelRollback(w *Work, r *Rollback, reason Text) error {
	if w.Who.ID != r.RequestedBy && w.Who.ID != w.Incident.Roles[Commander] {
		if err := w.Need(RightRollback); err != nil {
			return err
		}
	}
	if err := checkReason(reason); err != nil {
		return err
	}
	switch {
	case r.State.Final():
		return w.finalAlready(r)
	case r.State == RollbackAwaiting || r.State == RollbackRequested:
		return w.closeRequest(r, RollbackCancelled, reason)
	}
	now, changed := w.Now, false
	for k := range r.Steps {
		switch s := &r.Steps[k]; s.State {
		case StepPending, RollbackUnknown, RollbackTimedOut:
			s.State, s.QueuedAt, s.EndedAt, s.DecidedBy, changed = RollbackCancelled, nil, &now, w.Who.ID, true
		}
	}
	if !changed {
		return Conflict("%s is under way in the deploy system, and nothing is left that has not begun.", r.ID).
			WithHint("What runs there can only be stopped there.")
	}
	r.Stopped, r.ClosedBy = true, w.Who.ID
	return w.settleRollback(r, Event{Text: reason.OneLine(0)}, RollbackMark{StepState: RollbackCancelled})
}

// finalAlready says how r ended.
func (w *Work) finalAlready(r *Rollback) error {
	if r.ApprovedAt == nil || r.State == RollbackVoided {
		return w.ended(r)
	}
	return Conflict("%s %s already.", r.ID, r.stands())
}

// closeRequest ends r before anything was sent.
func (w *Work) closeRequest(r *Rollback, s RollbackState, reason Text) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	now := w.Now
	r.State, r.ClosedBy, r.EndedAt = s, w.Who.ID, &now
	return w.tellRollback(r, Event{Text: reason.OneLine(0)}, RollbackMark{})
}

// checkReason refuses a reason that is too long.
func checkReason(reason Text) error {
	if n := len([]rune(reason.OneLine(0).String())); n > MaxTitle {
		return Invalid("The reason has %d characters; %d is the most.", n, MaxTitle)
	}
	return nil
}

// ExpireRollback ends r if it still waits and its time is over.
func ExpireRollback(w *Work, r *Rollback) error {
	if r.State != RollbackAwaiting || r.ExpiresAt == nil || w.Now.Before(*r.ExpiresAt) {
		return nil
	}
	now := w.Now
	r.State, r.EndedAt = RollbackExpired, &now
	return w.tellRollback(r, Event{}, RollbackMark{})
}

// voidRollback ends r because its plan is no longer true.
func (w *Work) voidRollback(r *Rollback, why string) error {
	now := w.Now
	r.State, r.Why, r.EndedAt = RollbackVoided, why, &now
	return w.tellRollback(r, Event{Text: Plain(why)}, RollbackMark{})
}

// voidPlans voids the plans of the service that d changes, if they wait for
// approval: what they say of the current version is no longer sure. What was
// told late and is what a plan starts from changes nothing.
func (w *Work) voidPlans(d Deploy) error {
	list, err := w.Tx.Rollbacks(Self(), RollbackFilter{Service: d.Service, Environment: d.Environment, Live: true})
	if err != nil {
		return err
	}
	untrue := func(r *Rollback) bool { return r.State == RollbackAwaiting && d.Status != DeployFailed && !r.knows(d) }
	return w.voidThose(list, "a "+string(d.Kind)+" of "+d.Version+" came in", untrue)
}

// voidThose voids those of list of which untrue is so, also once they are
// locked: they may have been approved in between.
func (w *Work) voidThose(list []*Rollback, why string, untrue func(*Rollback) bool) error {
	for _, r := range oldestFirst(list) {
		if !untrue(r) {
			continue
		}
		r, err := w.relock(r)
		if err != nil {
			return err
		}
		if !untrue(r) {
			continue
		}
		if err := w.voidRollback(r, why); err != nil {
			return err
		}
	}
	return nil
}

// oldestFirst puts rollbacks in the order in which everybody locks incidents.
func oldestFirst(list []*Rollback) []*Rollback {
	slices.SortFunc(list, func(a, b *Rollback) int { return cmp.Compare(a.Incident, b.Incident) })
	return list
}

// relock locks the incident of r, whoever asked, and returns r as it is then.
func (w *Work) relock(r *Rollback) (*Rollback, error) {
	if err := w.lockAsBot(r.Incident); err != nil {
		return nil, err
	}
	return w.Tx.Rollback(Self(), r.ID)
}

// knows reports whether the plan of r was made of a state that had d in it.
func (r *Rollback) knows(d Deploy) bool {
	from := slices.ContainsFunc(r.Steps, func(s Step) bool { return s.From.same(Version{ID: d.Version, Label: d.Version}) })
	return from && r.ReadAt != nil && d.At().Before(*r.ReadAt)
}

// VoidEdited voids the plans of targets that were changed in the configuration
// since. It is for the start of a process, when that can have happened.
func (b *Bot) VoidEdited(ctx context.Context) error {
	_, err := b.Carry(ctx, Request{}, func(w *Work) (Reply, error) {
		list, err := w.Tx.Rollbacks(Self(), RollbackFilter{Live: true, Limit: 500})
		if err != nil {
			return Reply{}, err
		}
		return Reply{}, w.voidThose(list, "the target was changed in the configuration", func(r *Rollback) bool {
			t, ok := Find(w.Settings().Targets, r.Target)
			return (!ok || t.Digest != r.TargetDigest) && (r.State == RollbackAwaiting || r.State == RollbackRequested)
		})
	})
	return err
}
