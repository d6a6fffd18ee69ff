package deploy

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// I stopped watching is no failure: the lock stays until a person has looked.
func TestTimedOutKeepsTheLock(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(29 * time.Minute)
		w.expect(bot.RollbackRunning)
		w.rest(3 * time.Minute)
		r := w.expect(bot.RollbackTimedOut, bot.RollbackTimedOut, bot.StepPending)
		if m := r.Steps[0].Message; m != "it was watched for 30m and is still running there" {
			t.Errorf("main reads %q", m)
		}
		err := w.carry(ana, func(work *bot.Work) error {
			if err := work.Lock(1); err != nil {
				return err
			}
			_, err := bot.RequestRollback(work, bot.RollbackDraft{Target: w.bot.Settings.Targets[0]})
			return err
		})
		if bot.KindOf(err) != bot.KindConflict || !strings.Contains(err.Error(), "r1") {
			t.Errorf("asking again: %v", err)
		}
		w.quiet(0)
	})
}

// A process that was down for longer than a step is watched looks before it says
// that its time is over.
func TestLooksBeforeItGivesUp(t *testing.T) {
	still(t, nil, func(w *world) {
		w.sentOnce()
		w.yard.finish(1, "done")
		w.rest(5 * time.Hour)
		w.done(jobPoll, "main", 2)
		w.expect(bot.RollbackApproved, bot.RollbackSucceeded, bot.StepPending)
	})
}

func TestBlockedAndSilent(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(time.Second)
		w.yard.set(func(y *yard) { y.runs[0].State, y.runs[0].Message = "held", "waits for Ben" })
		w.rest(30 * time.Second)
		if r := w.expect(bot.RollbackBlocked); r.Steps[0].Message != "waits for Ben" {
			t.Errorf("main reads %q", r.Steps[0].Message)
		}
		w.yard.set(func(y *yard) { y.runs[0].State, y.runs[0].Message = "going", "step 3 of 4" })
		w.rest(30 * time.Second)
		w.expect(bot.RollbackRunning)
		heard := *w.rollback().Steps[0].HeardAt
		w.quiet(1) // not one more job to poll with
		w.yard.set(func(y *yard) { y.deaf = true })
		w.rest(2 * time.Minute)
		r := w.expect(bot.RollbackRunning)
		if s := r.Steps[0]; !strings.HasPrefix(s.Message, "no answer: ") || s.HeardAt.Sub(heard) > 30*time.Second {
			t.Errorf("main reads %q, heard %v after %v", s.Message, s.HeardAt, heard)
		}
		w.yard.set(func(y *yard) { y.deaf, y.runs[0].State, y.runs[0].Message = false, "broken", "no such image" })
		w.rest(time.Minute)
		r = w.expect(bot.RollbackFailed, bot.RollbackFailed, bot.RollbackCancelled)
		if s := r.Steps[0]; s.Message != "no such image" {
			t.Errorf("main reads %q", s.Message)
		}
		w.quiet(0)
	})
}

func TestGivesUpInSilence(t *testing.T) {
	still(t, nil, func(w *world) {
		w.sentOnce()
		w.yard.set(func(y *yard) { y.deaf = true })
		if d := w.waits(jobPoll, "main"); d != everyFirst {
			t.Errorf("looks again after %v", d)
		}
		w.rest(31 * time.Minute)
		w.done(jobPoll, "main", 1)
		r := w.expect(bot.RollbackTimedOut)
		if m := r.Steps[0].Message; !strings.Contains(m, "watched for 30m") || !strings.Contains(m, "no answer") {
			t.Errorf("main reads %q", m)
		}
	})
}

func verified(p *plan) {
	p.verify = []Verify{{URL: pattern("https://" + yardHost + "/health"), For: 2 * time.Minute, Timeout: 10 * time.Minute}}
	p.target.Steps = p.target.Steps[:1]
}

// Health has to hold without a break.
func TestVerifyHoldsWithoutABreak(t *testing.T) {
	bubble(t, verified, func(w *world) {
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(time.Second)
		w.yard.finish(1, "done")
		w.rest(75 * time.Second)
		if r := w.expect(bot.RollbackVerifying); !strings.Contains(r.Steps[0].Message, "of 2m") {
			t.Errorf("main reads %q", r.Steps[0].Message)
		}
		w.yard.set(func(y *yard) { y.healthy = false })
		w.rest(30 * time.Second)
		if r := w.expect(bot.RollbackVerifying); !strings.Contains(r.Steps[0].Message, "503") {
			t.Errorf("main reads %q", r.Steps[0].Message)
		}
		w.yard.set(func(y *yard) { y.healthy = true })
		w.rest(110 * time.Second)
		w.expect(bot.RollbackVerifying)
		w.rest(30 * time.Second)
		if r := w.expect(bot.RollbackSucceeded); r.Steps[0].Message != "healthy for 2m" {
			t.Errorf("main reads %q", r.Steps[0].Message)
		}
		w.quiet(0)
	})
}

func TestHealthThatCannotBeVerified(t *testing.T) {
	bubble(t, verified, func(w *world) {
		w.yard.set(func(y *yard) { y.healthy = false })
		w.ask()
		w.rest(time.Second)
		w.approve()
		w.rest(time.Second)
		w.yard.finish(1, "done")
		w.rest(9 * time.Minute)
		w.expect(bot.RollbackVerifying)
		w.rest(2 * time.Minute)
		r := w.expect(bot.RollbackTimedOut, bot.RollbackTimedOut)
		if m := r.Steps[0].Message; !strings.HasPrefix(m, "deployed, but its health could not be verified: ") {
			t.Errorf("main reads %q", m)
		}
	})
}

// While nobody looked nothing is known: a gap begins the count anew, a restart
// does not.
func TestVerifyAfterAGap(t *testing.T) {
	still(t, verified, func(w *world) {
		w.ask()
		w.done(jobVersions, "", 1)
		w.approve()
		w.done(jobSubmit, "main", 1)
		w.yard.finish(1, "done")
		w.waits(jobPoll, "main")
		w.waits(jobPoll, "main")
		w.rest(50 * time.Second)
		w.waits(jobPoll, "main")
		if m := w.rollback().Steps[0].Message; m != "healthy for 50s of 2m" {
			t.Errorf("main reads %q", m)
		}
		w.rest(3 * time.Minute)
		if d := w.waits(jobPoll, "main"); d != verifyPause {
			t.Errorf("comes back after %v", d)
		}
		if m := w.rollback().Steps[0].Message; m != "healthy for 0s of 2m" {
			t.Errorf("main reads %q", m)
		}
	})
}

func TestPollWaitsAsTheTemplateSays(t *testing.T) {
	still(t, func(p *plan) {
		p.template.Every = Every{First: time.Second, Then: 7 * time.Second, After: 40 * time.Second}
	}, func(w *world) {
		w.sentOnce()
		for _, c := range []struct{ after, want time.Duration }{{time.Second, 7 * time.Second}, {10 * time.Minute, 40 * time.Second}} {
			w.rest(c.after)
			if d := w.waits(jobPoll, "main"); d != c.want {
				t.Errorf("after %v it comes back in %v, want %v", c.after, d, c.want)
			}
		}
	})
}

// What began since the sending is it, also where nothing can be found by name.
func TestPollFindsByItsGuard(t *testing.T) {
	for _, c := range []struct {
		name  string
		began time.Duration // since the sending
		state bot.RollbackState
	}{{"older", -time.Minute, bot.RollbackUnknown}, {"newer", time.Second, bot.RollbackRunning}} {
		t.Run(c.name, func(t *testing.T) {
			still(t, func(p *plan) {
				p.template.Submit.Extract = nil
				p.template.Poll[0].URL, p.template.Poll[0].Guard = pattern("/runs/1"), "message"
			}, func(w *world) {
				w.yard.set(func(y *yard) { y.deploy = dropped(y) })
				w.ask()
				w.done(jobVersions, "", 1)
				w.approve()
				w.done(jobSubmit, "main", 1)
				w.expect(bot.RollbackUnknown)
				w.yard.set(func(y *yard) { y.runs[0].Message = time.Now().Add(c.began).Format(time.RFC3339) })
				w.do(jobLook, "main", 1)
				w.expect(c.state)
			})
		})
	}
}

func TestVariables(t *testing.T) {
	r := &bot.Rollback{ID: "r7", Service: "gateway", Environment: "production", Target: "gateway-prod", RequestedBy: ana, Reason: "two\n lines"}
	s := &bot.Step{Name: "main", From: bot.Version{ID: "2"}, To: bot.Version{ID: "1", Label: "v1"}, Vars: map[string]string{"run": "9", "app": "theirs", "version": "theirs"}}
	got := variables(r, s, map[string]string{"app": "ours", "step": "theirs"})
	for name, want := range map[string]string{
		"request_id": "r7", "step": "main", "from": "2", "version": "v1", "version_id": "1", "reason": "two lines", "requested_by": ana,
		"app": "ours", "run": "9", "target": "gateway-prod", "service": "gateway", "environment": "production",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for _, name := range BuiltIn() {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	r.Reason = bot.RedactedText
	if got := variables(r, &bot.Step{}, nil); got["reason"] != "" || got["version"] != "" || got["from"] != "" {
		t.Errorf("what is not known: %q", got)
	}
}
