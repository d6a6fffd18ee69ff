package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// RollbackState is where a rollback stands, or one of its steps.
type RollbackState string

// The states, with the names that the JSON API gives them.
const (
	// RollbackRequested: the versions that run, and could, are being read.
	RollbackRequested RollbackState = "requested"
	// RollbackAwaiting: the plan is made and waits for a second person.
	RollbackAwaiting RollbackState = "awaiting_approval"
	// RollbackApproved: nothing is under way, and the next step may start.
	RollbackApproved   RollbackState = "approved"
	RollbackSubmitting RollbackState = "submitting" // written before the first byte leaves
	RollbackRunning    RollbackState = "running"    // the deploy system has accepted it
	RollbackBlocked    RollbackState = "blocked"    // it waits for somebody in the deploy system
	RollbackVerifying  RollbackState = "verifying"  // done, says the deploy system; the health check is not over
	RollbackSucceeded  RollbackState = "succeeded"
	RollbackFailed     RollbackState = "failed"
	// RollbackTimedOut: it was watched for as long as the template says; what
	// became of it is for a person to find out.
	RollbackTimedOut RollbackState = "timed_out"
	// RollbackUnknown: it may have been sent, and is never sent again by itself.
	RollbackUnknown   RollbackState = "unknown"
	RollbackCancelled RollbackState = "cancelled"
	RollbackDenied    RollbackState = "denied"
	RollbackExpired   RollbackState = "expired" // nobody approved in time
	RollbackVoided    RollbackState = "voided"  // the plan is no longer true
	// StepPending is a step that has not started. Only steps are.
	StepPending RollbackState = "pending"
)

// Final reports whether nothing more can follow. What is unknown or timed out
// is not final: it keeps its lock until a person has looked.
func (s RollbackState) Final() bool {
	switch s {
	case RollbackSucceeded, RollbackFailed, RollbackCancelled, RollbackDenied, RollbackExpired, RollbackVoided:
		return true
	}
	return false
}

// active reports whether a step in this state was started and has not ended.
func (s RollbackState) active() bool {
	switch s {
	case RollbackSubmitting, RollbackRunning, RollbackBlocked, RollbackVerifying, RollbackTimedOut, RollbackUnknown:
		return true
	}
	return false
}

// Watched reports whether the deploy system is asked how a step in this state
// goes.
func (s RollbackState) Watched() bool {
	return s == RollbackRunning || s == RollbackBlocked || s == RollbackVerifying
}

// Label is the state as a reader sees it.
func (s RollbackState) Label() string {
	switch s {
	case RollbackAwaiting:
		return "waits for approval"
	case RollbackTimedOut:
		return "timed out"
	case RollbackRequested:
		return "reading versions"
	case RollbackUnknown:
		return "outcome unknown"
	}
	return string(s)
}

// Version is something that a deploy system can run. Labels are for people, ids
// for the deploy system; only the ID is always there.
type Version struct {
	ID    string     `json:"id"`
	Label string     `json:"label,omitempty"`
	At    *time.Time `json:"at,omitempty"` // when it was deployed
	By    string     `json:"by,omitempty"`
}

// Name is how people call v: its label, else its id, else that it is not known.
func (v Version) Name() string {
	switch {
	case v.Label != "":
		return v.Label
	case v.ID != "":
		return v.ID
	}
	return "unknown version"
}

// same reports whether v and o are one version, under whatever id.
func (v Version) same(o Version) bool {
	return v.ID == o.ID && v.ID != "" || v.Label == o.Label && v.Label != ""
}

// is reports whether somebody who wrote s means v.
func (v Version) is(s string) bool { return s != "" && (norm(v.Label) == norm(s) || v.ID == s) }

// Step is one cluster of a rollback, with its own clock.
type Step struct {
	Name     string        `json:"name"`
	Parallel bool          `json:"parallel,omitempty"` // starts together with the one before
	From     Version       `json:"from"`
	To       Version       `json:"to"`
	State    RollbackState `json:"state"`
	// Link is where the deploy system shows it, Message what it says: both from
	// its answers, cut and without secrets.
	Link    string `json:"link,omitempty"`
	Message string `json:"message,omitempty"`
	// Vars is what was extracted from the deploy system's answers.
	Vars map[string]string `json:"vars,omitempty"`
	// QueuedAt is since when it is to be sent; it goes when the outcome is known,
	// or known to be unknown. Tries counts how often it was sent, SubmittedAt is
	// when it last was; AcceptedAt when the deploy system took it; VerifyingAt since
	// when the health check runs; HeardAt when the deploy system last answered;
	// EndedAt the end.
	QueuedAt    *time.Time `json:"queued_at,omitempty"`
	Tries       int        `json:"tries,omitempty"`
	SubmittedAt *time.Time `json:"submitted_at,omitempty"`
	AcceptedAt  *time.Time `json:"accepted_at,omitempty"`
	VerifyingAt *time.Time `json:"verifying_at,omitempty"`
	HeardAt     *time.Time `json:"heard_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	// SentThere is when it was sent by the clock of the deploy system, as far as its
	// answer told.
	SentThere *time.Time `json:"sent_there,omitempty"`
	// DecidedBy is who said how it ended, or sent it again, when the machine could
	// not tell.
	DecidedBy UserID `json:"decided_by,omitempty"`
}

// Rollback is one request to bring a service back to an earlier version. Its
// plan never changes once it was made: whoever wants another asks anew.
//
// It is no fold of events, since the deploy system's answers are no record; but
// each change of state is written together with an entry of its incident.
type Rollback struct {
	ID          string        `json:"id"` // r7, unique in the install
	Number      int64         `json:"number"`
	Incident    int64         `json:"incident"`
	Seq         int64         `json:"seq"` // the entry that asked for it
	Target      string        `json:"target"`
	Service     string        `json:"service"`
	Environment string        `json:"environment"`
	LockKey     string        `json:"lock_key"`
	State       RollbackState `json:"state"`
	// Asked is the version that was asked for by id or label; empty: the one
	// before the current one.
	Asked    string `json:"asked,omitempty"`
	PlanOnly bool   `json:"plan_only,omitempty"` // nothing is to be sent
	Steps    []Step `json:"steps"`
	// Stopped says that somebody cancelled: what runs is watched to its end, and
	// nothing more starts.
	Stopped bool `json:"stopped,omitempty"`
	// TargetDigest is the target as it was configured; PlanHash covers it, the
	// request and every step's from and to. An approval is for that hash.
	TargetDigest string     `json:"target_digest"`
	PlanHash     string     `json:"plan_hash,omitempty"`
	RequestedBy  UserID     `json:"requested_by"`
	ApprovedBy   UserID     `json:"approved_by,omitempty"`
	ClosedBy     UserID     `json:"closed_by,omitempty"` // who denied or cancelled it
	Why          string     `json:"why,omitempty"`       // it failed or was voided: a machine's reason
	RequestedAt  time.Time  `json:"requested_at"`
	ReadAt       *time.Time `json:"read_at,omitempty"` // when the plan was made
	ExpiresAt    *time.Time `json:"expires_at,omitempty"`
	ApprovedAt   *time.Time `json:"approved_at,omitempty"`
	EndedAt      *time.Time `json:"ended_at,omitempty"`

	// Reason is the text of the entry Seq, so that redaction reaches it.
	Reason Text `json:"-"`
}

// Live reports whether r holds the lock of its service and environment.
func (r *Rollback) Live() bool { return !r.State.Final() && !r.PlanOnly }

// Step returns the step called name, or nil.
func (r *Rollback) Step(name string) *Step {
	for k := range r.Steps {
		if r.Steps[k].Name == name {
			return &r.Steps[k]
		}
	}
	return nil
}

// seal computes the hash that an approval is bound to.
func (r *Rollback) seal() {
	type pair struct{ Name, From, To string }
	plan := struct {
		ID, Target, Service, Environment, Digest string
		Steps                                    []pair
	}{r.ID, r.Target, r.Service, r.Environment, r.TargetDigest, nil}
	for _, s := range r.Steps {
		plan.Steps = append(plan.Steps, pair{s.Name, s.From.ID, s.To.ID})
	}
	b, err := json.Marshal(plan)
	if err != nil { // only strings
		panic(err)
	}
	sum := sha256.Sum256(b)
	r.PlanHash = hex.EncodeToString(sum[:])
}

// derive works out where r stands from where its steps do. What wants a person
// shows first.
func (r *Rollback) derive() RollbackState {
	has := func(s RollbackState) bool {
		return slices.ContainsFunc(r.Steps, func(st Step) bool { return st.State == s })
	}
	for _, s := range []RollbackState{
		RollbackUnknown, RollbackTimedOut, RollbackBlocked, RollbackSubmitting, RollbackRunning, RollbackVerifying,
	} {
		if has(s) {
			return s
		}
	}
	switch {
	case has(StepPending):
		return RollbackApproved
	case has(RollbackFailed):
		return RollbackFailed
	case has(RollbackCancelled):
		return RollbackCancelled
	}
	return RollbackSucceeded
}

// ready returns the steps that may start: those that wait behind nothing but
// what has succeeded, with the ones that start together with them. Where the
// target says continue, a failed step holds nothing up.
func (r *Rollback) ready(goOn bool) []string {
	if r.Stopped {
		return nil
	}
	var out []string
	for k := range r.Steps {
		s := &r.Steps[k]
		if s.State != StepPending || s.QueuedAt != nil {
			continue
		}
		clear := true
		for _, before := range r.Steps[:r.groupStart(k)] {
			if before.State != RollbackSucceeded && (!goOn || before.State != RollbackFailed) {
				clear = false
			}
		}
		if clear {
			out = append(out, s.Name)
		}
	}
	return out
}

// groupStart is the first step of those that start together with step k.
func (r *Rollback) groupStart(k int) int {
	for k > 0 && r.Steps[k].Parallel {
		k--
	}
	return k
}

// Next returns the first step that has not started while another runs and that
// somebody could start at once, or nil.
func (r *Rollback) Next() *Step {
	if r.Stopped || r.State.Final() || r.ApprovedAt == nil {
		return nil
	}
	for k := range r.Steps {
		switch s := &r.Steps[k]; s.State {
		case StepPending:
			if s.QueuedAt == nil {
				return s
			}
			return nil
		case RollbackSubmitting, RollbackUnknown, RollbackTimedOut:
			return nil // whether it runs is not known yet
		}
	}
	return nil
}
