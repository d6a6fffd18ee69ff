package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestARollbackFromStartToEnd is the one of 23 January 2020: the main cluster,
// then the same steps for the one that serves chat.
func TestARollbackFromStartToEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id := h.approved(n)
	h.later(time.Second)
	if !h.begin(id, "main", &bot.Version{ID: "102"}) {
		t.Fatal("main did not begin")
	}
	h.is("begun", id, "submitting: submitting pending")
	if h.begin(id, "chat", nil) {
		t.Error("chat began before its time")
	}
	h.accept(id, "main")
	h.is("accepted", id, "running: running pending")
	h.later(18 * time.Minute)
	h.must("", id, func(w *bot.Work, r *bot.Rollback) error {
		return bot.HearStep(w, r, "main", bot.Heard{State: bot.RollbackVerifying, Message: "healthy for 10 s"})
	})
	h.is("deployed", id, "verifying: verifying pending")
	h.end(id, "main", bot.Ended{OK: true, Message: "healthy"})
	h.is("the first is done", id, "approved: succeeded *pending")
	if got, want := h.last(n), "r1: main succeeded after 18 min – healthy → chat"; got != want {
		t.Errorf("entry: %s", got)
	}
	h.run(id, "chat")
	h.later(38 * time.Minute)
	r := h.end(id, "chat", bot.Ended{OK: true})
	h.is("the second is done", id, "succeeded: succeeded succeeded")
	if got, want := h.last(n), "r1: chat succeeded after 38 min; the rollback of gateway has succeeded"; got != want {
		t.Errorf("entry: %s", got)
	}
	if s := r.Steps[0]; s.Tries != 1 || s.Link != "https://deploy.example.com/7" || s.Vars["run"] != "7" || s.QueuedAt != nil || s.VerifyingAt == nil || s.AcceptedAt == nil {
		t.Errorf("%+v", s)
	}
	h.view(func(tx bot.ReadTx) error {
		list, err := tx.Deploys(bot.DeployFilter{})
		if len(list) != 1 {
			t.Fatalf("deploys %+v", list)
		}
		d := list[0]
		if d.Source != "tocsin" || d.Key != id || d.Kind != bot.DeployRollback || d.Version != "v1" || d.Previous != "v2" || !d.FinishedAt.Equal(h.now) || !d.StartedAt.Equal(*r.ApprovedAt) {
			t.Errorf("deploy %+v", d)
		}
		return err
	})
	house := h.events(bot.House)
	if got := house[len(house)-1].Text.String(); got != "API Gateway: rollback to v1 (before: v2) in production succeeded" {
		t.Errorf("the house: %s", got)
	}
}

func TestStopOrGoOn(t *testing.T) {
	t.Parallel()
	target := func(goOn bool, parallel ...bool) func(*bot.Settings) {
		return func(s *bot.Settings) {
			s.Targets[0].GoOn, s.Targets[0].Steps = goOn, nil
			for k, p := range parallel {
				s.Targets[0].Steps = append(s.Targets[0].Steps, bot.TargetStep{Name: string(rune('a' + k)), Parallel: p})
			}
		}
	}
	fail := func(step string) func(*house, string) {
		return func(h *house, id string) { h.run(id, step); h.end(id, step, bot.Ended{Message: "exit code 1"}) }
	}
	done := func(step string) func(*house, string) {
		return func(h *house, id string) { h.run(id, step); h.end(id, step, bot.Ended{OK: true}) }
	}
	running := func(step string) func(*house, string) { return func(h *house, id string) { h.run(id, step) } }
	ends := func(step string, ok bool) func(*house, string) {
		return func(h *house, id string) { h.end(id, step, bot.Ended{OK: ok}) }
	}
	for _, c := range []struct {
		name   string
		target func(*bot.Settings)
		do     []func(*house, string)
		want   string
	}{
		{"one after the other", target(false, false, false, false), nil, "approved: *pending pending pending"},
		{"the first fails", target(false, false, false, false), []func(*house, string){fail("a")}, "failed: failed cancelled cancelled"},
		{"the second fails", target(false, false, false, false), []func(*house, string){done("a"), fail("b")}, "failed: succeeded failed cancelled"},
		{"the first fails, on it goes", target(true, false, false, false), []func(*house, string){fail("a")}, "approved: failed *pending pending"},
		{"and ends as failed", target(true, false, false, false), []func(*house, string){fail("a"), done("b"), done("c")}, "failed: failed succeeded succeeded"},
		{"two together", target(false, false, true, false), nil, "approved: *pending *pending pending"},
		{"all together", target(false, false, true, true), nil, "approved: *pending *pending *pending"},
		{"the last waits for both", target(false, false, true, false), []func(*house, string){running("a"), done("b")}, "running: running succeeded pending"},
		{"and starts behind both", target(false, false, true, false), []func(*house, string){running("a"), done("b"), ends("a", true)}, "approved: succeeded succeeded *pending"},
		{"one of two fails while the other runs", target(false, false, true, false), []func(*house, string){running("a"), fail("b")}, "running: running failed cancelled"},
		{"which ends well", target(false, false, true, false), []func(*house, string){running("a"), fail("b"), ends("a", true)}, "failed: succeeded failed cancelled"},
		{"one fails before the other was sent", target(false, false, true, false), []func(*house, string){fail("a")}, "failed: failed cancelled cancelled"},
		{"one of two fails, on it goes behind both", target(true, false, true, false), []func(*house, string){running("a"), fail("b"), ends("a", true)}, "approved: succeeded failed *pending"},
		{"the second of a pair", target(false, false, false, true), []func(*house, string){done("a")}, "approved: succeeded *pending *pending"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, c.target)
			id := h.approved(h.declare(bot.Draft{}))
			for _, do := range c.do {
				do(h, id)
			}
			h.is("then", id, c.want)
		})
	}
}

func TestHearing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id := h.approved(n)
	began := h.now
	h.run(id, "main")
	hear := func(after time.Duration, heard bot.Heard) bot.Step {
		t.Helper()
		h.now = h.now.Add(after)
		return *h.must("", id, func(w *bot.Work, r *bot.Rollback) error { return bot.HearStep(w, r, "main", heard) }).Step("main")
	}
	entries := len(h.events(n))
	if s := hear(time.Second, bot.Heard{State: bot.RollbackRunning, Message: "queued"}); !s.HeardAt.Equal(began) {
		t.Error("the same again was written down at once")
	}
	if s := hear(30*time.Second, bot.Heard{State: bot.RollbackRunning, Message: "queued"}); !s.HeardAt.Equal(h.now) {
		t.Error("it was not heard of for half a minute")
	}
	heard := h.now
	if s := hear(time.Hour, bot.Heard{State: bot.RollbackRunning, Message: "no answer", Quiet: true}); !s.HeardAt.Equal(heard) || s.Message != "no answer" {
		t.Errorf("silence counts as a word: %+v", s)
	}
	if s := hear(time.Second, bot.Heard{State: bot.RollbackRunning, Message: "2 of 5", Link: "https://deploy.example.com/8", Vars: map[string]string{"job": "9"}}); s.Message != "2 of 5" ||
		s.Link != "https://deploy.example.com/8" || s.Vars["run"] != "7" || s.Vars["job"] != "9" {
		t.Errorf("%+v", s)
	}
	if got := len(h.events(n)); got != entries {
		t.Errorf("how it goes is %d entries", got-entries)
	}
	hear(time.Second, bot.Heard{State: bot.RollbackBlocked, Message: "waits for a release manager"})
	if got, want := h.last(n), "r1: main waits for somebody in the deploy system – waits for a release manager"; got != want {
		t.Errorf("entry: %s", got)
	}
	if s := hear(time.Second, bot.Heard{State: bot.RollbackVerifying}); !s.VerifyingAt.Equal(h.now) {
		t.Errorf("%+v", s)
	}
	if got := len(h.events(n)); got != entries+2 {
		t.Errorf("two changes are %d entries", got-entries)
	}
}

// TestRedactionReachesARollback: the reason, and what a machine said, go from
// the rollback with the entry that holds them.
func TestRedactionReachesARollback(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	redact := func(seq int64) {
		t.Helper()
		err := h.ask(bot.Request{User: ana}, func(w *bot.Work) error {
			if err := w.Lock(n); err != nil {
				return err
			}
			_, err := bot.Redact(w, seq, "it held a password")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	id, err := h.request(ana, n, bot.RollbackDraft{Reason: "the password is " + secret})
	if err != nil {
		t.Fatal(err)
	}
	h.plan(id, menu())
	h.must(ben, id, bot.ApproveRollback)
	h.run(id, "main")
	h.end(id, "main", bot.Ended{Message: "exit code 1: " + secret})
	failed := h.events(n)[len(h.events(n))-1].Seq
	reason := h.rollback(id).Seq
	redact(reason)
	if r := h.rollback(id); r.Reason != bot.RedactedText || !strings.Contains(r.Steps[0].Message, secret) {
		t.Errorf("%+v", r)
	}
	redact(failed)
	second, err := h.request(ana, n, bot.RollbackDraft{To: "v9"})
	if err != nil {
		t.Fatal(err)
	}
	h.must("", second, func(w *bot.Work, r *bot.Rollback) error { return bot.FailPlan(w, r, "401 for "+secret) })
	redact(h.events(n)[len(h.events(n))-1].Seq)
	for _, id := range []string{id, second} {
		r := h.rollback(id)
		for _, text := range []string{r.Reason.String(), r.Why, r.Steps[0].Message, r.Steps[1].Message} {
			if strings.Contains(text, secret) {
				t.Errorf("%s still holds it: %q", id, text)
			}
		}
	}
	if r := h.rollback(id); r.State != bot.RollbackFailed || r.Steps[0].Message != bot.RedactedText.String() {
		t.Errorf("%+v", r)
	}
	for _, e := range h.events(n) {
		if strings.Contains(e.Text.String(), secret) {
			t.Errorf("entry %d still holds it", e.Seq)
		}
	}
}

// TestNothingWasSentIsNoRollback: when every step turned out to be done, no
// deploy of ours is told.
func TestNothingWasSentIsNoRollback(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id := h.approved(h.declare(bot.Draft{}))
	for _, s := range []string{"main", "chat"} {
		h.begin(id, s, &bot.Version{ID: "101"})
	}
	h.is("both there", id, "succeeded: succeeded succeeded")
	h.view(func(tx bot.ReadTx) error {
		list, err := tx.Deploys(bot.DeployFilter{})
		if len(list) != 0 {
			t.Errorf("told %+v", list)
		}
		return err
	})
}
