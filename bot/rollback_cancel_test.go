package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestWhoMayCancel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asks, cancels bot.UserID
		ok            bool
	}{
		"the requester":        {cat, cat, true},
		"the commander":        {cat, ana, true},
		"who holds the right":  {ana, ben, true},
		"an approver without":  {ana, eve, false},
		"nobody in particular": {ana, dan, false},
		"the bot never has to": {ana, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(s *bot.Settings) { s.Permissions[bot.RightRollback] = []string{string(oncall), string(ana)} })
			id, err := h.request(c.asks, h.declare(bot.Draft{}), bot.RollbackDraft{})
			if err != nil {
				t.Fatal(err)
			}
			err = h.on(c.cancels, id, cancel(""))
			if (err == nil) != c.ok || err != nil && bot.KindOf(err) != bot.KindForbidden {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestCancelInEveryState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		bring func(*house, string) // from approved
		want  string
		entry string
		kind  bot.Kind
		text  string
	}{
		{"about to be sent", func(*house, string) {}, "cancelled: cancelled cancelled", "cancelled r1 – too late", "", ""},
		{"being sent", func(h *house, id string) { h.begin(id, "main", nil) },
			"submitting: submitting cancelled", "cancelled what had not begun of r1 – too late", "", ""},
		{"running", func(h *house, id string) { h.run(id, "main") },
			"running: running cancelled", "cancelled what had not begun of r1 – too late", "", ""},
		{"between two", func(h *house, id string) { h.run(id, "main"); h.end(id, "main", bot.Ended{OK: true}) },
			"cancelled: succeeded cancelled", "cancelled r1 – too late", "", ""},
		{"both running", func(h *house, id string) {
			h.run(id, "main")
			h.must(ana, id, func(w *bot.Work, r *bot.Rollback) error { _, err := bot.NextStep(w, r, ""); return err })
			h.run(id, "chat")
		}, "running: running running", "", bot.KindConflict, "r1 is under way in the deploy system, and nothing is left that has not begun."},
		{"unknown", func(h *house, id string) { h.begin(id, "main", nil); h.lose(id, "main") },
			"cancelled: cancelled cancelled", "cancelled r1 – too late", "", ""},
		{"timed out", func(h *house, id string) { h.run(id, "main"); h.timeOut(id, "main") },
			"cancelled: cancelled cancelled", "cancelled r1 – too late", "", ""},
		{"succeeded", func(h *house, id string) {
			for _, s := range []string{"main", "chat"} {
				h.run(id, s)
				h.end(id, s, bot.Ended{OK: true})
			}
		}, "succeeded: succeeded succeeded", "", bot.KindConflict, "r1 has succeeded already."},
		{"failed", func(h *house, id string) { h.run(id, "main"); h.end(id, "main", bot.Ended{}) },
			"failed: failed cancelled", "", bot.KindConflict, "r1 has failed already."},
		{"cancelled", func(h *house, id string) { h.must(ana, id, cancel("")) },
			"cancelled: cancelled cancelled", "", bot.KindConflict, "r1 has been cancelled already."},
		{"voided after approval", func(h *house, id string) { h.begin(id, "main", &bot.Version{ID: "103", Label: "v3"}) },
			"voided: cancelled cancelled", "", bot.KindConflict, "r1 is void: main runs v3 by now, not v2."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			n := h.declare(bot.Draft{})
			id := h.approved(n)
			c.bring(h, id)
			h.refused("with a long reason", h.on(ana, id, cancel(bot.Text(strings.Repeat("x", 1001)))), bot.KindInvalid, "1000 is the most")
			err := h.on(ana, id, cancel("too late"))
			h.refused("cancelled", err, c.kind, c.text)
			h.is("cancelled", id, c.want)
			if err == nil && h.last(n) != c.entry {
				t.Errorf("entry: %s, want %s", h.last(n), c.entry)
			}
			if r := h.rollback(id); err == nil && r.ClosedBy != ana {
				t.Errorf("closed by %q", r.ClosedBy)
			}
		})
	}
}

// TestWhatRunsIsWatchedToItsEnd: cancelling stops nothing in the deploy
// system, and lets nothing more start.
func TestWhatRunsIsWatchedToItsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id := h.approved(h.declare(bot.Draft{}))
	h.run(id, "main")
	h.must(ana, id, cancel(""))
	if r := h.rollback(id); !r.Live() || !r.Stopped {
		t.Errorf("%+v", r)
	}
	_, err := h.request(ana, 1, bot.RollbackDraft{})
	h.refused("meanwhile", err, bot.KindConflict, "r1")
	h.end(id, "main", bot.Ended{OK: true})
	h.is("ended", id, "cancelled: succeeded cancelled")
}

func TestExpire(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id := h.planned(n)
	h.later(10*time.Minute - time.Second)
	h.must("", id, bot.ExpireRollback)
	h.is("too early", id, "awaiting_approval: pending pending")
	h.later(time.Second)
	h.must("", id, bot.ExpireRollback)
	h.is("in time", id, "expired: pending pending")
	if got, want := h.last(n), "r1 expired: nobody approved it in time"; got != want {
		t.Errorf("entry: %s", got)
	}
	h.must("", id, bot.ExpireRollback)
	h.refused("cancelled", h.on(ana, id, cancel("")), bot.KindConflict, "r1 expired: nobody approved it in time.")
	h.refused("driven on", h.on(ana, id, func(w *bot.Work, r *bot.Rollback) error { _, err := bot.NextStep(w, r, ""); return err }), bot.KindConflict, "r1 expired")
	second := h.approved(n)
	h.later(time.Hour)
	h.must("", second, bot.ExpireRollback)
	h.is("what was approved", second, "approved: *pending pending")
}

func TestVoidEdited(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) {
		for _, name := range []string{"kept", "gone", "under way"} {
			other := s.Targets[0]
			other.Name, other.LockKey = name, name
			s.Targets = append(s.Targets, other)
		}
	})
	first, second := h.declare(bot.Draft{}), h.declare(bot.Draft{Private: true})
	ask := func(incident int64, k int) string {
		id, err := h.request(ana, incident, bot.RollbackDraft{Target: h.bot.Settings.Targets[k]})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	edited, kept, gone, started := ask(second, 0), ask(first, 1), ask(first, 2), ask(first, 3)
	h.plan(edited, menu())
	h.plan(kept, menu())
	h.plan(started, menu())
	h.must(ben, started, bot.ApproveRollback)
	h.bot.Settings.Targets[0].Digest, h.bot.Settings.Targets[3].Digest = "d2", "d2"
	h.bot.Settings.Targets[2].Name = "renamed"
	for range 2 {
		if err := h.bot.VoidEdited(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.is("edited", edited, "voided: pending pending")
	h.is("kept", kept, "awaiting_approval: pending pending")
	h.is("gone while versions were read", gone, "voided: pending pending")
	h.is("under way", started, "approved: *pending pending")
	if got, want := h.last(second), edited+" is void – the target was changed in the configuration"; got != want {
		t.Errorf("entry: %s", got)
	}
	if got := len(h.events(second, bot.EventRollback)); got != 3 {
		t.Errorf("%d entries", got)
	}
	// What was approved is not sent by another configuration, either.
	if h.begin(started, "main", nil) {
		t.Error("a step of an edited target was sent")
	}
	h.is("under way, begun", started, "failed: failed cancelled")
}
