package storagetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func rollbacks() []contract {
	return []contract{
		{"numbers start at 1 and have no gaps", rollbackNumbers},
		{"what was stored is read back", rollbackRoundTrip},
		{"every state is kept, and no other", rollbackStates},
		{"a live one holds its lock in every state, and gives it back", rollbackLock},
		{"a plan alone takes no lock", planTakesNoLock},
		{"of 12 that ask at once one gets the lock", rollbackRace},
		{"a transaction that fails frees its lock", rollbackFreed},
		{"what ended cannot come back to a lock that another holds", lockIsKept},
		{"saving changes no other and not where it came from", rollbackSave},
		{"the reason is the entry's, and goes with it", rollbackReason},
		{"it is seen with its incident", privateRollbacks},
		{"lists filter by every field", rollbackLists},
		{"a list holds at most 500, 50 if nothing was said", rollbackLimits},
	}
}

// holding are the states that keep a lock; ending are the others.
func holding() []bot.RollbackState {
	return []bot.RollbackState{
		bot.RollbackRequested, bot.RollbackAwaiting, bot.RollbackApproved, bot.RollbackSubmitting, bot.RollbackRunning,
		bot.RollbackBlocked, bot.RollbackVerifying, bot.RollbackTimedOut, bot.RollbackUnknown,
	}
}

func ending() []bot.RollbackState {
	return []bot.RollbackState{
		bot.RollbackSucceeded, bot.RollbackFailed, bot.RollbackCancelled, bot.RollbackDenied, bot.RollbackExpired, bot.RollbackVoided,
	}
}

// ofAPI is a request for a rollback of api in production.
func ofAPI(incident int64) *bot.Rollback {
	return &bot.Rollback{
		Incident: incident, Target: "api-production", Service: "api", Environment: "production", LockKey: "api/production",
		State: bot.RollbackRequested, Steps: []bot.Step{{Name: "eu", State: bot.StepPending}}, TargetDigest: "d1",
		RequestedBy: ana, RequestedAt: base(), Reason: "The last deploy broke it.",
	}
}

// ask writes r, whose number it chooses, and the entry that asked for it.
func (s *suite) ask(r *bot.Rollback) error {
	return s.Update(s.Context(), func(tx bot.Tx) error { return askIn(tx, r) })
}

func askIn(tx bot.Tx, r *bot.Rollback) error {
	i, err := tx.LockIncident(bot.Self(), r.Incident)
	if err != nil {
		return err
	}
	if r.Number, err = tx.NextRollback(); err != nil {
		return err
	}
	r.ID, r.Seq = fmt.Sprintf("r%d", r.Number), i.Head.Seq+1
	if err := tx.CreateRollback(r); err != nil {
		return err
	}
	_, err = appendTo(tx, i, bot.Event{Kind: bot.EventRollback, Actor: r.RequestedBy, Text: r.Reason, Data: bot.Data{
		Rollback: &bot.RollbackMark{ID: r.ID, Target: r.Target, State: r.State, PlanOnly: r.PlanOnly},
	}}, base())
	return err
}

// asked is ask for one that must be taken.
func (s *suite) asked(r *bot.Rollback) *bot.Rollback {
	s.Helper()
	if err := s.ask(r); err != nil {
		s.Fatalf("a rollback of %s: %v", r.LockKey, err)
	}
	return r
}

// become saves r in another state.
func (s *suite) become(r *bot.Rollback, state bot.RollbackState) {
	s.Helper()
	r.State = state
	s.update(func(tx bot.Tx) error { return tx.SaveRollback(r) })
}

// rollback reads one as the bot itself.
func (s *suite) rollback(id string) (r *bot.Rollback) {
	s.Helper()
	s.view(func(tx bot.ReadTx) (err error) {
		r, err = tx.Rollback(bot.Self(), id)
		return err
	})
	return r
}

// whole is all that a rollback is, comparable.
func whole(r *bot.Rollback) string {
	b, err := json.Marshal(r)
	return fmt.Sprintf("%s %q %v", b, r.Reason, err)
}

func ids(list []*bot.Rollback) string {
	out := make([]string, len(list))
	for k, r := range list {
		out[k] = r.ID
	}
	return strings.Join(out, " ")
}

func rollbackNumbers(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	for want := range 3 {
		err := s.Update(s.Context(), func(tx bot.Tx) error {
			if _, err := tx.NextRollback(); err != nil {
				return err
			}
			return errTest
		})
		s.equal("error", err, errTest)
		r := ofAPI(number)
		r.PlanOnly = true
		s.equal("number", s.asked(r).Number, want+1)
	}
	taken := ofAPI(number)
	taken.ID, taken.Number, taken.Seq, taken.PlanOnly = "r3", 9, 1, true
	s.refused("a used id", s.Update(s.Context(), func(tx bot.Tx) error { return tx.CreateRollback(taken) }), bot.KindInternal)
	taken.ID, taken.Number = "r9", 3
	s.refused("a used number", s.Update(s.Context(), func(tx bot.Tx) error { return tx.CreateRollback(taken) }), bot.KindInternal)
}

func rollbackRoundTrip(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	at := func(minutes int) *time.Time {
		t := base().Add(time.Duration(minutes) * time.Minute)
		return &t
	}
	r := s.asked(ofAPI(number))
	s.equal("as it was asked for", whole(s.rollback("r1")), whole(r))
	r.State, r.Asked, r.Stopped, r.PlanHash, r.ApprovedBy, r.ClosedBy = bot.RollbackFailed, "v1 \"quoted\", 100%", true, "h1", ben, cat
	r.Why, r.ReadAt, r.ExpiresAt, r.ApprovedAt, r.EndedAt = "it's over 🔥", at(1), at(11), at(2), at(40)
	r.Target, r.TargetDigest = "renamed", "d2"
	r.Steps = []bot.Step{
		{
			Name: "eu", From: bot.Version{ID: "41", Label: "v2", At: at(-60), By: "dan"}, To: bot.Version{ID: "40"}, State: bot.RollbackSucceeded,
			Link: "https://deploys.example/1?a=1&b=<2>", Message: "déjà\nvu", Vars: map[string]string{"id": "7", "a": "'; --"},
			QueuedAt: at(3), Tries: 2, SubmittedAt: at(4), AcceptedAt: at(5), VerifyingAt: at(6), HeardAt: at(7), EndedAt: at(8), DecidedBy: dan,
		},
		{Name: "us", Parallel: true, State: bot.RollbackFailed},
	}
	s.update(func(tx bot.Tx) error {
		if err := tx.SaveRollback(r); err != nil {
			return err
		}
		same, err := tx.Rollback(bot.Self(), "r1")
		s.equal("in the same transaction", whole(same), whole(r))
		return err
	})
	s.equal("saved", whole(s.rollback("r1")), whole(r))
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.Rollbacks(bot.Everyone(), bot.RollbackFilter{})
		s.equal("listed", whole(list[0]), whole(r))
		return err
	})
	r.Steps[1].Message = "\x00 and \xff" // what a system answered is kept as far as it can be
	s.update(func(tx bot.Tx) error { return tx.SaveRollback(r) })
	s.equal("hostile answer", s.rollback("r1").Steps[1].Message, "\x00 and \ufffd")
}

func rollbackStates(s *suite) {
	r := s.asked(ofAPI(s.declare("Checkout is down", bot.Data{})))
	for _, state := range append(holding(), ending()...) {
		s.become(r, state)
		s.equal("state", s.rollback(r.ID).State, state)
	}
	for _, state := range []bot.RollbackState{"", "done", bot.StepPending} {
		r.State = state
		s.refused(fmt.Sprintf("state %q", state), s.Update(s.Context(), func(tx bot.Tx) error { return tx.SaveRollback(r) }), bot.KindInternal)
	}
}

func rollbackSave(s *suite) {
	one, two := s.declare("One", bot.Data{}), s.declare("Two", bot.Data{})
	r := s.asked(ofAPI(one))
	other := ofAPI(two)
	other.LockKey = "other"
	s.asked(other)
	for what, change := range map[string]func(*bot.Rollback){
		"one that is not there": func(r *bot.Rollback) { r.ID = "r99" },
		"another one's id":      func(r *bot.Rollback) { r.ID = other.ID },
		"another number":        func(r *bot.Rollback) { r.Number = 99 },
		"another incident":      func(r *bot.Rollback) { r.Incident = two },
		"another entry":         func(r *bot.Rollback) { r.Seq++ },
		"another lock":          func(r *bot.Rollback) { r.LockKey = "elsewhere" },
		"another requester":     func(r *bot.Rollback) { r.RequestedBy = ben },
	} {
		changed := *r
		changed.Why = "changed"
		change(&changed)
		s.refused(what, s.Update(s.Context(), func(tx bot.Tx) error { return tx.SaveRollback(&changed) }), bot.KindInternal)
	}
	s.become(r, bot.RollbackAwaiting)
	s.equal("saved", whole(s.rollback(r.ID)), whole(r))
	s.equal("the other", whole(s.rollback(other.ID)), whole(other))
}
