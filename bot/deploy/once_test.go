package deploy

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// A process that was killed while it sent left nothing but its mark. Whoever
// takes the job over does not know what left, and sends nothing.
func TestKilledWhileSendingIsUnknown(t *testing.T) {
	still(t, nil, func(w *world) {
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.must(w.drive("", func(work *bot.Work, r *bot.Rollback) error {
			began, err := bot.BeginStep(work, r, "main", nil)
			if !began {
				t.Error("it did not begin")
			}
			return err
		}))
		w.yard.set(func(y *yard) { y.down = true }) // to read it nothing is asked
		w.done(jobSubmit, "main", 2)
		w.yard.set(func(y *yard) { y.down = false })
		w.done(jobSubmit, "main", 3)
		w.expect(bot.RollbackUnknown, bot.RollbackUnknown, bot.StepPending)
		if n := len(w.yard.hits()); n != 0 {
			t.Errorf("%d requests left", n)
		}
	})
}

// What the deploy system answered cannot be written down: the next try finds the
// mark and does not send.
func TestAnAnswerThatCannotBeKeptIsUnknown(t *testing.T) {
	still(t, func(p *plan) { p.template.Find = yardFind() }, func(w *world) {
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.yard.set(func(y *yard) {
			y.deploy = func(http.ResponseWriter, *http.Request) bool {
				store.fail.Store(true)
				return false
			}
		})
		if o := w.do(jobSubmit, "main", 1); o.State != bot.JobWaiting || !strings.Contains(o.Error, errTest.Error()) {
			w.t.Fatalf("the job: %+v", o)
		}
		store.fail.Store(false)
		w.expect(bot.RollbackSubmitting)
		w.done(jobSubmit, "main", 2)
		w.expect(bot.RollbackUnknown, bot.RollbackUnknown, bot.StepPending)
		if n := len(w.yard.hits()); n != 1 {
			t.Errorf("%d requests left, want 1", n)
		}
		w.done(jobLook, "main", 1)
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
	})
}

// The mark cannot be written: nothing leaves.
func TestNoMarkNoRequest(t *testing.T) {
	still(t, func(p *plan) { p.template.Versions = nil }, func(w *world) {
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		w.must(w.carry("", func(work *bot.Work) error { return w.deployed(work, "v1", "v2") }))
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		store.fail.Store(true)
		if o := w.do(jobSubmit, "main", 1); o.State != bot.JobWaiting {
			t.Errorf("the job: %+v", o)
		}
		if n := len(w.yard.hits()); n != 0 {
			t.Errorf("%d requests left", n)
		}
	})
}

// What was sent is written down although the program is being stopped.
func TestTheAnswerIsKeptAlthoughTheProgramStops(t *testing.T) {
	still(t, nil, func(w *world) {
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		ctx, cancel := context.WithCancel(w.ctx)
		w.yard.set(func(y *yard) {
			y.deploy = func(http.ResponseWriter, *http.Request) bool {
				cancel()
				<-time.After(time.Second) // the answer comes when nobody would wait any more
				return false
			}
		})
		w.must(w.deploy.Do(ctx, bot.Job{Kind: jobSubmit, Attempt: 1, Payload: bot.Payload(work{"r1", "main"})}))
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
	})
}

// The job is done twice, as when a lease ran out: one request leaves.
func TestTheSameJobTwiceSendsOnce(t *testing.T) {
	still(t, nil, func(w *world) {
		w.sentOnce()
		w.done(jobSubmit, "main", 2)
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
		if n := len(w.yard.hits()); n != 1 {
			t.Errorf("%d requests left, want 1", n)
		}
	})
}

// An answer that comes after a person had the step sent again is not that of
// the second sending.
func TestALateAnswerDoesNotSpeakForTheNextSending(t *testing.T) {
	still(t, nil, func(w *world) {
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.yard.set(func(y *yard) {
			y.deploy = func(rw http.ResponseWriter, _ *http.Request) bool {
				y.deploy = nil
				w.must(w.drive("", func(work *bot.Work, r *bot.Rollback) error {
					return bot.LoseStep(work, r, "main", "taken over")
				}))
				w.must(w.drive(ana, func(work *bot.Work, r *bot.Rollback) error {
					_, err := bot.ResendStep(work, r, "main")
					return err
				}))
				w.must(w.drive("", func(work *bot.Work, r *bot.Rollback) error {
					_, err := bot.BeginStep(work, r, "main", nil)
					return err
				}))
				rw.WriteHeader(http.StatusBadRequest)
				return true
			}
		})
		w.done(jobSubmit, "main", 1)
		if r := w.expect(bot.RollbackSubmitting, bot.RollbackSubmitting, bot.StepPending); r.Steps[0].Tries != 2 {
			t.Errorf("%d tries", r.Steps[0].Tries)
		}
	})
}

// Between what a job read and its mark the step changed: that it was being sent,
// when now it is to be sent again, with no look at which version runs.
func TestAStepThatChangesWhileItIsReadIsReadAgain(t *testing.T) {
	still(t, nil, func(w *world) {
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.must(w.drive("", func(work *bot.Work, r *bot.Rollback) error {
			_, err := bot.BeginStep(work, r, "main", nil)
			return err
		}))
		store.before = func() {
			store.before = nil
			w.must(w.drive("", func(work *bot.Work, r *bot.Rollback) error { return bot.KeepStep(work, r, "main", "refused") }))
		}
		if o := w.do(jobSubmit, "main", 2); o.State != bot.JobWaiting {
			t.Errorf("the job: %+v", o)
		}
		if n := len(w.yard.hits()); n != 0 {
			t.Errorf("%d requests left", n)
		}
		w.done(jobSubmit, "main", 3)
		w.expect(bot.RollbackRunning)
	})
}

// What was found out about a step is not said of what it has become meanwhile.
func TestAStepThatMovedOnIsLeftAlone(t *testing.T) {
	begin := func(work *bot.Work, r *bot.Rollback) error {
		_, err := bot.BeginStep(work, r, "main", nil)
		return err
	}
	still(t, nil, func(w *world) { // its target is gone, and another process sends it
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.deploy.targets = nil
		w.rest(bot.SubmitTime - 2*time.Second) // until no other replica can have it
		store.before = func() {
			store.before = nil
			w.must(w.drive("", begin))
		}
		w.done(jobSubmit, "main", 1)
		w.expect(bot.RollbackSubmitting)
	})
	still(t, func(p *plan) { p.template.Find = yardFind() }, func(w *world) { // found, and sent again
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		w.yard.set(func(y *yard) { y.deploy = dropped(y) })
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.done(jobSubmit, "main", 1)
		w.expect(bot.RollbackUnknown)
		store.before = func() {
			store.before = nil
			w.must(w.drive(ana, func(work *bot.Work, r *bot.Rollback) error {
				_, err := bot.ResendStep(work, r, "main")
				return err
			}))
			w.must(w.drive("", begin))
		}
		w.done(jobLook, "main", 1)
		w.expect(bot.RollbackSubmitting)
	})
}

// A template whose result cannot be seen leaves it to a person.
func TestBlindIsForAPersonToJudge(t *testing.T) {
	bubble(t, func(p *plan) { p.template.Blind, p.template.Poll = true, nil }, func(w *world) {
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(time.Hour)
		r := w.expect(bot.RollbackUnknown, bot.RollbackUnknown, bot.StepPending)
		if m := r.Steps[0].Message; m != "it was accepted; its result cannot be seen from here" {
			t.Errorf("main reads %q", m)
		}
		if n := len(w.yard.hits()); n != 1 {
			t.Errorf("%d requests left, want 1", n)
		}
		w.quiet(0)
	})
}

func TestJobsThatNothingHangsOnFail(t *testing.T) {
	still(t, nil, func(w *world) {
		for _, j := range []bot.Job{
			{Kind: jobPoll, Payload: []byte("nonsense")},
			{Kind: jobPoll, Payload: bot.Payload(work{"r9", "main"})},
		} {
			if err := w.deploy.Do(w.ctx, j); !bot.IsPermanent(err) {
				t.Errorf("%s %s: %v", j.Kind, j.Payload, err)
			}
		}
		if err := w.deploy.Do(w.ctx, bot.Job{Kind: "dance", Payload: bot.Payload(work{"r1", ""})}); err == nil || bot.IsPermanent(err) {
			t.Errorf("what a newer version may do: %v", err)
		}
	})
}
