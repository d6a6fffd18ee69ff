package deploy

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestTwoClustersOneAfterTheOther(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(time.Second)
		r := w.expect(bot.RollbackAwaiting)
		if s := r.Steps[0]; s.From.Label != "v2" || s.To.Label != "v1" || s.To.ID != "1" {
			w.t.Fatalf("main goes %+v → %+v", s.From, s.To)
		}
		if len(w.yard.hits()) != 0 {
			w.t.Fatal("something was sent before it was approved")
		}
		w.approve()
		w.rest(time.Second)
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
		sent := w.yard.hits()
		if len(sent) != 1 || sent[0].App != "main" || sent[0].Version != "1" || sent[0].Ref != "r1/main" {
			w.t.Fatalf("sent: %+v", sent)
		}
		w.yard.finish(1, "done")
		w.rest(time.Minute)
		w.expect(bot.RollbackRunning, bot.RollbackSucceeded, bot.RollbackRunning)
		w.yard.finish(2, "done")
		w.rest(time.Minute)
		w.expect(bot.RollbackSucceeded, bot.RollbackSucceeded, bot.RollbackSucceeded)
		if n := len(w.yard.hits()); n != 2 {
			t.Errorf("%d were sent, want 2", n)
		}
		w.rest(time.Hour)
		w.quiet(0)
	})
}

// F1: of many who approve at once one does, and one request leaves.
func TestManyApprovalsSendOnce(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(time.Second)
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for k := range errs {
			wg.Go(func() { errs[k] = w.drive(ben, bot.ApproveRollback) })
		}
		wg.Wait()
		w.rest(time.Second)
		approved := 0
		for _, err := range errs {
			switch {
			case err == nil:
				approved++
			case !strings.Contains(err.Error(), "approved already") || !strings.Contains(err.Error(), ben):
				t.Errorf("a later one reads: %v", err)
			}
		}
		if n := len(w.yard.hits()); approved != 1 || n != 1 {
			t.Errorf("%d approvals counted and %d requests left, want 1 and 1", approved, n)
		}
	})
}

// dropped lets the yard take a request and cut the connection.
func dropped(y *yard) func(http.ResponseWriter, *http.Request) bool {
	return func(http.ResponseWriter, *http.Request) bool {
		y.runs = append(y.runs, run{ID: len(y.runs) + 1, App: "main", Ref: "r1/main", Version: "1", State: "going"})
		panic(http.ErrAbortHandler)
	}
}

func TestNoAnswerIsUnknownAndNeverSentAgain(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.yard.set(func(y *yard) { y.deploy = dropped(y) })
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(time.Hour)
		r := w.expect(bot.RollbackUnknown, bot.RollbackUnknown, bot.StepPending)
		if n := len(w.yard.hits()); n != 1 {
			w.t.Fatalf("%d requests left, want 1", n)
		}
		if r.Live() != true {
			t.Error("it gave up its lock")
		}
		w.quiet(0)
		// A person says that it was done, and the next one starts.
		w.yard.set(func(y *yard) { y.deploy = nil })
		w.must(w.drive(ana, func(work *bot.Work, r *bot.Rollback) error {
			_, err := bot.DoneStep(work, r, "")
			return err
		}))
		w.rest(time.Second)
		w.expect(bot.RollbackRunning, bot.RollbackSucceeded, bot.RollbackRunning)
	})
}

func TestFindTellsThatItWasSent(t *testing.T) {
	bubble(t, func(p *plan) { p.template.Find = yardFind() }, func(w *world) {
		w.yard.set(func(y *yard) { y.deploy = dropped(y) })
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(3 * time.Second)
		w.expect(bot.RollbackUnknown)
		w.yard.set(func(y *yard) { y.deploy = nil })
		w.rest(5 * time.Second)
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
		w.yard.finish(1, "done")
		w.rest(time.Minute)
		w.expect(bot.RollbackRunning, bot.RollbackSucceeded, bot.RollbackRunning)
		if n := len(w.yard.hits()); n != 2 {
			t.Errorf("%d requests left, want 2", n)
		}
	})
}

// A list may lag behind: the last look comes ten minutes later, and then nobody
// looks any more.
func TestFindLooksForTenMinutes(t *testing.T) {
	bubble(t, func(p *plan) { p.template.Find = yardFind() }, func(w *world) {
		w.yard.set(func(y *yard) {
			y.deploy = func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
		})
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(9 * time.Minute)
		w.quiet(1)
		w.yard.set(func(y *yard) {
			y.runs = append(y.runs, run{ID: 1, App: "main", Ref: "r1/main", Version: "1", State: "going"})
		})
		w.rest(2 * time.Minute)
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
	})
}

func TestSendAgainOnAPersonsWord(t *testing.T) {
	bubble(t, func(p *plan) { p.template.Find, p.template.Submit.IdempotencyHeader = yardFind(), "X-Request-Id" }, func(w *world) {
		w.yard.set(func(y *yard) {
			y.deploy = func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
		})
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(30 * time.Second)
		w.expect(bot.RollbackUnknown)
		w.yard.set(func(y *yard) { y.deploy = nil })
		w.must(w.drive(ana, func(work *bot.Work, r *bot.Rollback) error {
			_, err := bot.ResendStep(work, r, "main")
			return err
		}))
		w.rest(time.Second) // although the next look is later
		w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
		if hits := w.yard.hits(); len(hits) != 1 || !strings.Contains(hits[0].Key, "r1-main-2") {
			t.Errorf("sent: %+v", hits)
		}
		w.rest(20 * time.Minute)
		w.quiet(1) // the poll
	})
}

func TestRefusedConnectionIsSentAgainWithinAMinute(t *testing.T) {
	for _, c := range []struct {
		name  string
		down  time.Duration
		state bot.RollbackState
		hits  int
	}{
		{"back after 20 s", 20 * time.Second, bot.RollbackRunning, 1},
		{"not back in time", time.Hour, bot.RollbackFailed, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(p *plan) { p.template.Versions = nil }, func(w *world) {
				w.must(w.carry("", func(work *bot.Work) error { return w.deployed(work, "v1", "v2") }))
				w.ask()
				w.rest(time.Second)
				w.expect(bot.RollbackAwaiting)
				w.yard.set(func(y *yard) { y.down = true })
				w.approve()
				w.rest(c.down)
				w.yard.set(func(y *yard) { y.down = false })
				w.rest(10 * time.Second)
				r := w.expect(c.state)
				if n := len(w.yard.hits()); n != c.hits {
					t.Errorf("%d requests left, want %d", n, c.hits)
				}
				if c.state != bot.RollbackFailed {
					return
				}
				if s := r.Steps[0]; s.Tries != 0 || !strings.Contains(s.Message, "refused") || !strings.Contains(s.Message, "nothing was") {
					t.Errorf("main: %d tries, %q", s.Tries, s.Message)
				}
				if took := r.EndedAt.Sub(*r.ApprovedAt); took > bot.SubmitTime {
					t.Errorf("it took %v", took)
				}
				w.quiet(0)
			})
		})
	}
}

// deployed tells of deploys, the oldest first.
func (w *world) deployed(work *bot.Work, versions ...string) error {
	for k, v := range versions {
		at := work.Now.Add(time.Duration(k-len(versions)) * time.Hour)
		if _, err := bot.TakeDeploy(work, bot.Deploy{
			Source: "test", Key: v, Service: "gateway", Environment: "production", Kind: bot.DeployOf, Version: v,
			Status: bot.DeploySucceeded, FinishedAt: at,
		}); err != nil {
			return err
		}
	}
	return nil
}

func TestRefusedAnswerFailsTheStep(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.yard.set(func(y *yard) {
			y.deploy = func(rw http.ResponseWriter, r *http.Request) bool {
				http.Error(rw, "auto-sync is on; "+r.Header.Get("Authorization"), http.StatusBadRequest)
				return true
			}
		})
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(time.Minute)
		r := w.expect(bot.RollbackFailed, bot.RollbackFailed, bot.RollbackCancelled)
		if m := r.Steps[0].Message; !strings.Contains(m, "auto-sync is on") || strings.Contains(m, yardSecret) {
			t.Errorf("main reads %q", m)
		}
		w.quiet(0)
	})
}

func TestExpires(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(bot.ApprovalTime - time.Second)
		w.expect(bot.RollbackAwaiting)
		w.rest(3 * time.Second)
		w.expect(bot.RollbackExpired)
		if err := w.drive(ben, bot.ApproveRollback); bot.KindOf(err) != bot.KindConflict {
			t.Errorf("approving it: %v", err)
		}
		w.quiet(0)
	})
}

// A clock that was set back while the plan waited does not leave it waiting for
// ever.
func TestExpiresAlthoughTheClockWasSetBack(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(time.Second)
		o := w.do(jobExpire, "", 1)
		if o.State != bot.JobWaiting || !o.RunAt.Equal(*w.rollback().ExpiresAt) {
			t.Errorf("too early: %+v", o)
		}
	})
}

func TestAChangedVersionVoidsThePlan(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(time.Second)
		w.yard.set(func(y *yard) { y.current["main"] = "3" })
		w.approve()
		w.rest(time.Minute)
		if r := w.expect(bot.RollbackVoided); !strings.Contains(r.Why, "main runs v3 by now, not v2") {
			t.Errorf("why: %q", r.Why)
		}
		if n := len(w.yard.hits()); n != 0 {
			t.Errorf("%d requests left", n)
		}
		w.quiet(0)
	})
}

// While which version runs cannot be read nothing is sent, and after a minute
// nothing ever is.
func TestUnreadableVersionSendsNothing(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(time.Second)
		w.yard.set(func(y *yard) { y.down = true })
		w.approve()
		w.rest(2 * time.Minute)
		w.yard.set(func(y *yard) { y.down = false })
		w.rest(time.Minute)
		r := w.expect(bot.RollbackFailed, bot.RollbackFailed, bot.RollbackCancelled)
		if m := r.Steps[0].Message; !strings.Contains(m, "could not be read") || !strings.Contains(m, "nothing was sent") {
			t.Errorf("main reads %q", m)
		}
		if n := len(w.yard.hits()); n != 0 {
			t.Errorf("%d requests left", n)
		}
	})
}

func TestUnreadableVersionsMakeNoPlan(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.yard.set(func(y *yard) { y.down = true })
		w.ask()
		w.rest(20 * time.Second)
		w.expect(bot.RollbackRequested)
		w.rest(time.Minute)
		r := w.expect(bot.RollbackFailed)
		if !strings.Contains(r.Why, "which versions main runs could not be read") || !strings.Contains(r.Why, "ask again") {
			t.Errorf("why: %q", r.Why)
		}
		if took := r.EndedAt.Sub(r.RequestedAt); took > planTime {
			t.Errorf("it took %v", took)
		}
		w.quiet(0)
	})
}

func TestVersionsComeBack(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.yard.set(func(y *yard) { y.down = true })
		w.ask()
		w.rest(10 * time.Second)
		w.yard.set(func(y *yard) { y.down = false })
		w.rest(20 * time.Second)
		w.expect(bot.RollbackAwaiting)
	})
}

func TestCancelTheRest(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(time.Second)
		w.must(w.drive(ana, func(work *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(work, r, "") }))
		w.yard.finish(1, "done")
		w.rest(time.Hour)
		w.expect(bot.RollbackCancelled, bot.RollbackSucceeded, bot.RollbackCancelled)
		if n := len(w.yard.hits()); n != 1 {
			t.Errorf("%d requests left, want 1", n)
		}
		w.quiet(0)
	})
}
