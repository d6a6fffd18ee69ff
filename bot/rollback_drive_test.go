package bot_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestTimedOutIsNoEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id := h.approved(n)
	h.run(id, "main")
	if r := h.timeOut(id, "main"); !r.Live() || r.EndedAt != nil {
		t.Errorf("%+v", r)
	}
	h.is("timed out", id, "timed_out: timed_out pending")
	if got, want := h.last(n), "r1: main is no longer watched – watched for 30 min"; got != want {
		t.Errorf("entry: %s", got)
	}
	h.refused("sent again", h.on(ana, id, resend("main")), bot.KindConflict, "No step of r1 waits for that: it is timed out.")
	h.must(ana, id, done(""))
	h.is("done, says a person", id, "approved: succeeded *pending")
	if s := h.rollback(id).Steps[0]; s.DecidedBy != ana {
		t.Errorf("%+v", s)
	}
}

func next(w *bot.Work, r *bot.Rollback) error { _, err := bot.NextStep(w, r, ""); return err }

func done(step string) func(*bot.Work, *bot.Rollback) error {
	return func(w *bot.Work, r *bot.Rollback) error { _, err := bot.DoneStep(w, r, step); return err }
}

func resend(step string) func(*bot.Work, *bot.Rollback) error {
	return func(w *bot.Work, r *bot.Rollback) error { _, err := bot.ResendStep(w, r, step); return err }
}

func TestNext(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) {
		s.Targets[0].Steps = append(s.Targets[0].Steps, bot.TargetStep{Name: "kb"})
		s.Targets[0].Who = []bot.GroupID{oncall}
	})
	n := h.declare(bot.Draft{})
	id, err := h.request(cat, n, bot.RollbackDraft{})
	if err != nil {
		t.Fatal(err)
	}
	h.refused("while versions are read", h.on(cat, id, next), bot.KindConflict, "are still being read")
	h.plan(id, menu())
	h.refused("before it was approved", h.on(cat, id, next), bot.KindConflict, "r1 waits for approval; nothing was sent yet.")
	h.must(ben, id, bot.ApproveRollback)
	h.refused("while the first is about to be sent", h.on(cat, id, next), bot.KindConflict, "The next step of r1 cannot be started now: approved.")
	h.begin(id, "main", nil)
	h.refused("while it is being sent", h.on(cat, id, next), bot.KindConflict, "The next step of r1 cannot be started now: submitting.")
	h.accept(id, "main")
	h.refused("without the right", h.on(eve, id, next), bot.KindForbidden, "rollback")
	h.refused("not one of the target's", h.on(ana, id, next), bot.KindForbidden, "For gateway this is narrowed to")
	h.must(cat, id, next)
	h.is("started early", id, "running: running *pending pending")
	if got, want := h.last(n), "r1: chat is sent → chat"; got != want {
		t.Errorf("entry: %s", got)
	}
	h.refused("twice", h.on(cat, id, next), bot.KindConflict, "The next step of r1 cannot be started now: running.")
	h.run(id, "chat")
	h.must(cat, id, next)
	h.run(id, "kb")
	h.refused("when all were started", h.on(cat, id, next), bot.KindConflict, "Every step of r1 was started already.")
	for _, s := range []string{"kb", "main", "chat"} {
		h.end(id, s, bot.Ended{OK: true})
	}
	h.is("in another order", id, "succeeded: succeeded succeeded succeeded")
	h.refused("when it is over", h.on(cat, id, next), bot.KindConflict, "r1 has succeeded already.")
}

func TestDoneAndResend(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) { s.Targets[0].Steps[1].Parallel = true })
	n := h.declare(bot.Draft{})
	id := h.planned(n)
	for what, do := range map[string]func(*bot.Work, *bot.Rollback) error{"done": done("main"), "resend": resend("")} {
		h.refused(what+" before approval", h.on(ana, id, do), bot.KindConflict, "r1 waits for approval; nothing was sent yet.")
	}
	h.must(ben, id, bot.ApproveRollback)
	h.refused("nothing is unknown", h.on(ana, id, done("")), bot.KindConflict, "No step of r1 waits for that: it is approved.")
	for _, s := range []string{"main", "chat"} {
		h.begin(id, s, nil)
		h.lose(id, s)
	}
	err := h.on(ana, id, done(""))
	var e *bot.Error
	if h.refused("which one", err, bot.KindInvalid, "Which step of r1?"); !errors.As(err, &e) ||
		!slices.EqualFunc(e.Lines, []string{"rollback done r1 main", "rollback done r1 chat"}, func(b bot.Button, line string) bool { return b.Line == line }) {
		t.Errorf("offers %+v", e)
	}
	h.refused("no such step", h.on(ana, id, done("kb")), bot.KindConflict, "No step of r1 waits for that: it is outcome unknown.")
	h.refused("without the right", h.on(eve, id, resend("main")), bot.KindForbidden, "rollback")
	h.later(10 * time.Minute)
	h.must(cat, id, resend("MAIN"))
	h.is("sent again", id, "unknown: *pending unknown")
	if got, want := h.last(n), "r1: main is sent → main"; got != want {
		t.Errorf("entry: %s", got)
	}
	h.run(id, "main")
	if s := h.rollback(id).Steps[0]; s.Tries != 2 || s.DecidedBy != cat || !s.SubmittedAt.Equal(h.now) {
		t.Errorf("%+v", s)
	}
	h.must(ana, id, done("chat"))
	h.is("the other is done", id, "running: running succeeded")
	h.end(id, "main", bot.Ended{OK: true})
	h.refused("when it is over", h.on(ana, id, done("main")), bot.KindConflict, "r1 has succeeded already.")
}

// TestWhatWasCancelledIsNotSentAgain: a step whose outcome became unknown after
// the rollback was cancelled can be closed, and not be sent.
func TestWhatWasCancelledIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id := h.approved(h.declare(bot.Draft{}))
	h.begin(id, "main", nil)
	h.must(ana, id, cancel(""))
	h.lose(id, "main")
	h.is("lost", id, "unknown: unknown cancelled")
	h.refused("sent again", h.on(ana, id, resend("main")), bot.KindConflict, "r1 was cancelled; nothing more of it is sent.")
	h.must(ana, id, done("main"))
	h.is("done", id, "cancelled: succeeded cancelled")
}
