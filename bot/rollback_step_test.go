package bot_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// to brings a rollback's first step from approved to a state.
func (h *house) to(id string, s bot.RollbackState) {
	h.t.Helper()
	switch s {
	case bot.StepPending:
	case bot.RollbackSubmitting:
		h.begin(id, "main", nil)
	case bot.RollbackUnknown:
		h.begin(id, "main", nil)
		h.lose(id, "main")
	case bot.RollbackFailed, bot.RollbackSucceeded:
		h.run(id, "main")
		h.end(id, "main", bot.Ended{OK: s == bot.RollbackSucceeded})
	case bot.RollbackCancelled:
		h.must(ana, id, cancel(""))
	case bot.RollbackTimedOut:
		h.run(id, "main")
		h.timeOut(id, "main")
	default:
		h.run(id, "main")
		if s != bot.RollbackRunning {
			h.must("", id, func(w *bot.Work, r *bot.Rollback) error { return bot.HearStep(w, r, "main", bot.Heard{State: s}) })
		}
	}
	if got := h.rollback(id).Steps[0].State; got != s {
		h.t.Fatalf("brought to %s, not to %s", got, s)
	}
}

// stepStates are all in which a step can be.
func stepStates() []bot.RollbackState {
	return []bot.RollbackState{
		bot.StepPending, bot.RollbackSubmitting, bot.RollbackRunning, bot.RollbackBlocked, bot.RollbackVerifying,
		bot.RollbackSucceeded, bot.RollbackFailed, bot.RollbackTimedOut, bot.RollbackUnknown, bot.RollbackCancelled,
	}
}

// say is something that is said of a rollback's first step.
type say struct {
	name string
	fn   func(*bot.Work, *bot.Rollback) error
	want map[bot.RollbackState]bot.RollbackState // what it makes of a state; no other changes
}

// sayings is everything that can be said of a step. begun says whether the last
// begin was allowed to send.
func sayings(begun *bool) []say {
	hear := func(s bot.RollbackState) func(*bot.Work, *bot.Rollback) error {
		return func(w *bot.Work, r *bot.Rollback) error { return bot.HearStep(w, r, "main", bot.Heard{State: s}) }
	}
	end := func(ok bool) func(*bot.Work, *bot.Rollback) error {
		return func(w *bot.Work, r *bot.Rollback) error { return bot.EndStep(w, r, "main", bot.Ended{OK: ok}) }
	}
	type becomes = map[bot.RollbackState]bot.RollbackState
	return []say{
		{"begin", func(w *bot.Work, r *bot.Rollback) (err error) {
			*begun, err = bot.BeginStep(w, r, "main", nil)
			return err
		},
			becomes{bot.StepPending: bot.RollbackSubmitting, bot.RollbackSubmitting: bot.RollbackUnknown}},
		{"keep", func(w *bot.Work, r *bot.Rollback) error { return bot.KeepStep(w, r, "main", "refused") },
			becomes{bot.RollbackSubmitting: bot.StepPending}},
		{"accept", func(w *bot.Work, r *bot.Rollback) error { return bot.AcceptStep(w, r, "main", bot.Accepted{}) },
			becomes{bot.RollbackSubmitting: bot.RollbackRunning, bot.RollbackUnknown: bot.RollbackRunning}},
		{"lose", func(w *bot.Work, r *bot.Rollback) error { return bot.LoseStep(w, r, "main", "broke") },
			becomes{bot.RollbackSubmitting: bot.RollbackUnknown}},
		{"time out", func(w *bot.Work, r *bot.Rollback) error { return bot.TimeOutStep(w, r, "main", "too long") },
			becomes{bot.RollbackRunning: bot.RollbackTimedOut, bot.RollbackBlocked: bot.RollbackTimedOut, bot.RollbackVerifying: bot.RollbackTimedOut}},
		{"it runs", hear(bot.RollbackRunning), becomes{bot.RollbackBlocked: bot.RollbackRunning, bot.RollbackVerifying: bot.RollbackRunning}},
		{"it is blocked", hear(bot.RollbackBlocked), becomes{bot.RollbackRunning: bot.RollbackBlocked, bot.RollbackVerifying: bot.RollbackBlocked}},
		{"it is verified", hear(bot.RollbackVerifying), becomes{bot.RollbackRunning: bot.RollbackVerifying, bot.RollbackBlocked: bot.RollbackVerifying}},
		{"what nobody watches", hear(bot.RollbackSucceeded), nil},
		{"it ended well", end(true), all(bot.RollbackSucceeded)},
		{"it ended badly", end(false), all(bot.RollbackFailed)},
		{"of no step", func(w *bot.Work, r *bot.Rollback) error {
			ok, err := bot.BeginStep(w, r, "none", nil)
			if ok {
				return errors.New("it was begun")
			}
			return errors.Join(err, bot.KeepStep(w, r, "none", ""), bot.AcceptStep(w, r, "none", bot.Accepted{}), bot.LoseStep(w, r, "none", ""),
				bot.TimeOutStep(w, r, "none", ""), bot.HearStep(w, r, "none", bot.Heard{State: bot.RollbackRunning}), bot.EndStep(w, r, "none", bot.Ended{}))
		}, nil},
	}
}

// TestWhatCanBeSaidOfAStep goes through every state and everything that can be
// said of a step in it: either it changes to what is named above, or not at all.
func TestWhatCanBeSaidOfAStep(t *testing.T) {
	t.Parallel()
	for _, s := range stepStates() {
		t.Run(string(s), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			n := h.declare(bot.Draft{})
			id := h.approved(n)
			h.to(id, s)
			before := len(h.events(n))
			var begun bool
			for _, c := range sayings(&begun) {
				begun = false
				after, entries := h.undone(id, c.fn)
				want, changes := c.want[s]
				if !changes {
					want = s
				}
				step := after.Steps[0]
				if step.State != want || !changes && entries != before {
					t.Errorf("%s: it became %s with %d entries, want %s", c.name, step.State, entries-before, want)
				}
				if begun != (c.name == "begin" && s == bot.StepPending) {
					t.Errorf("%s: may be sent: %v", c.name, begun)
				}
				if queued := step.QueuedAt != nil; queued != (want == bot.StepPending || want == bot.RollbackSubmitting) {
					t.Errorf("%s: it became %s and is to be sent: %v", c.name, want, queued)
				}
			}
		})
	}
}

// undone returns what fn would make of a rollback, and how many entries its
// incident would have; nothing of it stays.
func (h *house) undone(id string, fn func(*bot.Work, *bot.Rollback) error) (after *bot.Rollback, entries int) {
	h.t.Helper()
	undo := errors.New("undo")
	err := h.on("", id, func(w *bot.Work, r *bot.Rollback) error {
		if err := fn(w, r); err != nil {
			return err
		}
		var err error
		if after, err = w.Tx.Rollback(bot.Self(), id); err != nil {
			return err
		}
		list, err := w.Tx.Events(bot.Self(), r.Incident, bot.EventFilter{})
		entries = len(list)
		return errors.Join(err, undo)
	})
	if !errors.Is(err, undo) {
		h.t.Fatal(err)
	}
	return after, entries
}

// all are the states of a step that has not ended, which end as s.
func all(s bot.RollbackState) map[bot.RollbackState]bot.RollbackState {
	out := map[bot.RollbackState]bot.RollbackState{}
	for _, from := range stepStates() {
		if !from.Final() {
			out[from] = s
		}
	}
	return out
}

func TestAStepCutOffByACrashIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id := h.approved(n)
	if !h.begin(id, "main", nil) || h.begin(id, "main", nil) || h.begin(id, "main", nil) {
		t.Error("it may be sent more than once")
	}
	h.is("begun thrice", id, "unknown: unknown pending")
	if got, want := h.last(n), "r1: main may have been sent; the outcome is unknown – the program stopped while it was being sent"; got != want {
		t.Errorf("entry: %s", got)
	}
	if r := h.rollback(id); r.Steps[0].Tries != 1 || !r.Live() {
		t.Errorf("%+v", r)
	}
}

// TestNothingIsSentLate: SubmitTime counts from when the step was to start, try
// after try.
func TestNothingIsSentLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id := h.approved(n)
	sent := 0
	for range 30 {
		if h.begin(id, "main", nil) {
			sent++
			h.must("", id, func(w *bot.Work, r *bot.Rollback) error { return bot.KeepStep(w, r, "main", "connection refused") })
		}
		h.later(10 * time.Second)
	}
	if sent != 7 { // at 0, 10, … 60 seconds
		t.Errorf("tried %d times", sent)
	}
	h.is("too late", id, "failed: failed cancelled")
	if got, want := h.last(n), "r1: main failed; the rollback of gateway has failed – it was not sent within 1 min, and now it must not be"; got != want {
		t.Errorf("entry: %s", got)
	}
	if s := h.rollback(id).Steps[0]; s.Tries != 0 || s.SubmittedAt != nil {
		t.Errorf("%+v", s)
	}
}

func TestWhatRunsIsLookedAtBeforeItIsSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		bring   func(*house, string)
		step    string
		running *bot.Version
		sent    bool
		want    string
		entry   string
	}{
		{"as planned", nil, "main", &bot.Version{ID: "102"}, true, "submitting: submitting pending", ""},
		{"as planned, by label", nil, "main", &bot.Version{ID: "other", Label: "v2"}, true, "submitting: submitting pending", ""},
		{"it cannot be told", nil, "main", nil, true, "submitting: submitting pending", ""},
		{"another one, before anything was sent", nil, "main", &bot.Version{ID: "103", Label: "v3"}, false,
			"voided: cancelled cancelled", "r1 is void – main runs v3 by now, not v2"},
		{"there already", nil, "main", &bot.Version{ID: "101"}, false,
			"approved: succeeded *pending", "r1: main succeeded – runs v1 already → chat"},
		{"another one, in the second step", func(h *house, id string) { h.to(id, bot.RollbackSucceeded) }, "chat", &bot.Version{ID: "103", Label: "v3"}, false,
			"failed: succeeded failed", "r1: chat failed; the rollback of gateway has failed – chat runs v3 by now, not v2; nothing was sent"},
		{"there already, in the second step", func(h *house, id string) { h.to(id, bot.RollbackSucceeded) }, "chat", &bot.Version{ID: "101"}, false,
			"succeeded: succeeded succeeded", "r1: chat succeeded; the rollback of gateway has succeeded – runs v1 already"},
		{"another one, when nothing has left yet", func(h *house, id string) {
			h.begin(id, "main", nil)
			h.must("", id, func(w *bot.Work, r *bot.Rollback) error { return bot.KeepStep(w, r, "main", "refused") })
		}, "main", &bot.Version{ID: "103"}, false, "voided: cancelled cancelled", "r1 is void – main runs 103 by now, not v2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			n := h.declare(bot.Draft{})
			id := h.approved(n)
			if c.bring != nil {
				c.bring(h, id)
			}
			if got := h.begin(id, c.step, c.running); got != c.sent {
				t.Errorf("may be sent: %v", got)
			}
			h.is("begun", id, c.want)
			if strings.HasPrefix(c.want, "voided") {
				h.refused("approved anew", h.on(eve, id, bot.ApproveRollback), bot.KindConflict, c.entry[:len("r1 is void")]+": main runs ")
			}
			if got := h.last(n); c.entry != "" && got != c.entry {
				t.Errorf("entry: %s, want %s", got, c.entry)
			}
			if c.sent {
				return
			}
			if s := h.rollback(id).Step(c.step); s.Tries != 0 || s.SubmittedAt != nil {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestFromWhatNobodyKnew: a plan that could not say what runs is not void when
// that is known later.
func TestFromWhatNobodyKnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id, err := h.request(ana, h.declare(bot.Draft{}), bot.RollbackDraft{To: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	m := menu()
	m.Current = -1
	h.plan(id, m)
	h.must(ben, id, bot.ApproveRollback)
	if !h.begin(id, "main", &bot.Version{ID: "102"}) {
		t.Errorf("not sent: %s", h.stands(id))
	}
	h.accept(id, "main")
	h.end(id, "main", bot.Ended{OK: true})
	if h.begin(id, "chat", &bot.Version{ID: "101"}) {
		t.Error("sent to where it is already")
	}
	h.is("there already", id, "succeeded: succeeded succeeded")
}

func TestKeptStepsThatMustNotStartAnyMore(t *testing.T) {
	t.Parallel()
	keep := func(step string) func(*bot.Work, *bot.Rollback) error {
		return func(w *bot.Work, r *bot.Rollback) error { return bot.KeepStep(w, r, step, "connection refused") }
	}
	t.Run("cancelled meanwhile", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, nil)
		n := h.declare(bot.Draft{})
		id := h.approved(n)
		h.begin(id, "main", nil)
		h.must(ana, id, cancel(""))
		h.must("", id, keep("main"))
		h.is("kept", id, "cancelled: cancelled cancelled")
	})
	parallel := func(goOn bool) (*house, string) {
		h := newHouse(t, func(s *bot.Settings) { s.Targets[0].Steps[1].Parallel, s.Targets[0].GoOn = true, goOn })
		id := h.approved(h.declare(bot.Draft{}))
		h.run(id, "main")
		h.begin(id, "chat", nil)
		h.end(id, "main", bot.Ended{Message: "exit code 1"})
		h.must("", id, keep("chat"))
		return h, id
	}
	h, id := parallel(false)
	h.is("a step before it failed", id, "failed: failed cancelled")
	h, id = parallel(true)
	h.is("a step before it failed, and the target goes on", id, "approved: failed *pending")
}
