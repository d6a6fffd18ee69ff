package deploy

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// A step whose target was taken out of the configuration is left to the replicas
// that may know it; when there is none, it ends in words, not in a job that failed.
func TestATargetThatIsGone(t *testing.T) {
	still(t, nil, func(w *world) {
		w.sentOnce()
		w.must(w.drive(ana, func(work *bot.Work, r *bot.Rollback) error {
			_, err := bot.NextStep(work, r, "")
			return err
		}))
		w.deploy.targets = nil
		for _, j := range []struct{ kind, step string }{{jobPoll, "main"}, {jobSubmit, "chat"}} {
			if d := w.waits(j.kind, j.step); d != elsewherePause {
				t.Errorf("%s comes back after %s", j.kind, d)
			}
		}
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
		w.rest(bot.SubmitTime)
		w.done(jobSubmit, "chat", 1)
		w.waits(jobPoll, "main")
		w.rest(elsewhereTime)
		w.done(jobPoll, "main", 1)
		r := w.expect(bot.RollbackTimedOut, bot.RollbackTimedOut, bot.RollbackFailed)
		if m := r.Steps[1].Message; !strings.Contains(m, "not in the configuration") || !strings.Contains(m, "nothing was sent") {
			t.Errorf("chat reads %q", m)
		}
	})
	still(t, nil, func(w *world) {
		w.ask()
		w.deploy.targets = nil
		w.waits(jobVersions, "")
		w.expect(bot.RollbackRequested)
		w.rest(planTime)
		w.done(jobVersions, "", 1)
		if r := w.expect(bot.RollbackFailed); !strings.Contains(r.Why, "not in the configuration") {
			t.Errorf("why: %q", r.Why)
		}
	})
}

// A replica that has the target as it was, or as it will be, ends nothing that
// another one can carry out.
func TestAnotherReplicaKnowsTheTarget(t *testing.T) {
	for name, forget := range map[string]func(w *world) (remember func()){
		"unknown": func(w *world) func() {
			known := w.deploy.targets
			w.deploy.targets = nil
			return func() { w.deploy.targets = known }
		},
		"other": func(w *world) func() {
			target := &w.bot.Settings.Targets[0]
			known := target.Digest
			target.Digest = "as edited"
			return func() { target.Digest = known }
		},
	} {
		t.Run(name, func(t *testing.T) {
			still(t, nil, func(w *world) {
				w.ask()
				remember := forget(w)
				w.waits(jobVersions, "")
				remember()
				w.done(jobVersions, "", 1)
				w.approve()
				remember = forget(w)
				w.waits(jobSubmit, "main")
				if n := len(w.yard.hits()); n != 0 {
					t.Errorf("%d requests left", n)
				}
				remember()
				w.done(jobSubmit, "main", 1)
				for range 3 { // a replica now and then that does not know it
					remember = forget(w)
					w.waits(jobPoll, "main")
					w.rest(elsewhereTime - time.Second)
					w.waits(jobPoll, "main")
					remember()
					w.waits(jobPoll, "main")
				}
				w.yard.finish(1, "done")
				remember = forget(w)
				w.waits(jobPoll, "main")
				remember()
				w.done(jobPoll, "main", 1)
				w.expect(bot.RollbackApproved, bot.RollbackSucceeded, bot.StepPending)
			})
		})
	}
}

// F2: when no replica has the target as it was approved, nothing is sent.
func TestAnEditedTargetIsNotSent(t *testing.T) {
	still(t, nil, func(w *world) {
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.bot.Settings.Targets[0].Digest = "as edited"
		w.waits(jobSubmit, "main")
		w.rest(bot.SubmitTime - 2*time.Second)
		w.done(jobSubmit, "main", 1)
		r := w.expect(bot.RollbackFailed, bot.RollbackFailed, bot.RollbackCancelled)
		if m := r.Steps[0].Message; !strings.Contains(m, "changed in the configuration") || len(w.yard.hits()) != 0 {
			t.Errorf("main reads %q, %d requests left", m, len(w.yard.hits()))
		}
	})
}

// A look for what may have been sent goes on, whoever's turn it is.
func TestALookIsLeftToAnotherReplica(t *testing.T) {
	still(t, func(p *plan) { p.template.Find = yardFind() }, func(w *world) {
		w.yard.set(func(y *yard) { y.deploy = dropped(y) })
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.done(jobSubmit, "main", 1)
		known := w.deploy.targets
		w.deploy.targets = nil
		w.waits(jobLook, "main")
		w.deploy.targets = known
		w.done(jobLook, "main", 1)
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
	})
}
