package bot_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestAPlan(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) { s.Targets[0].Approval.Expires = 5 * time.Minute })
	n := h.declare(bot.Draft{})
	id, err := h.request(ana, n, bot.RollbackDraft{})
	if err != nil {
		t.Fatal(err)
	}
	r := h.plan(id, menu())
	h.is("planned", id, "awaiting_approval: pending pending")
	if !r.ExpiresAt.Equal(h.now.Add(5*time.Minute)) || !r.ReadAt.Equal(h.now) || len(r.PlanHash) != 64 {
		t.Errorf("%+v", r)
	}
	if got, want := h.last(n), "planned r1: main v2 → v1, chat v2 → v1; it waits for approval"; got != want {
		t.Errorf("entry: %s", got)
	}
	// A plan is made once.
	other := h.plan(id, bot.Menu{Versions: []bot.Version{{ID: "9"}, {ID: "8"}}})
	if other.PlanHash != r.PlanHash || other.Steps[0].To.ID != "101" {
		t.Errorf("the plan was made anew: %+v", other.Steps)
	}
}

func TestPlansThatCannotBeMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	for _, c := range []struct {
		name  string
		draft bot.RollbackDraft
		menu  bot.Menu
		why   string
	}{
		{"no such version", bot.RollbackDraft{To: "v9"}, menu(), `main has no version "v9"; it could run: v2, v1, v0`},
		{"runs already", bot.RollbackDraft{To: "v2"}, menu(), "v2 runs already; there is nothing to roll back"},
		{"nothing before", bot.RollbackDraft{}, bot.Menu{Versions: menu().Versions[:1]}, "there is no version before v2 for main to go back to"},
		{"no deploys known", bot.RollbackDraft{}, bot.Menu{None: true}, "which version main runs is not known; say where to go with --to VERSION"},
		{"a plan alone", bot.RollbackDraft{PlanOnly: true, To: "v9"}, menu(), `main has no version "v9"; it could run: v2, v1, v0`},
	} {
		id, err := h.request(ana, n, c.draft)
		if err != nil {
			t.Fatal(err)
		}
		r := h.plan(id, c.menu)
		if r.State != bot.RollbackFailed || r.Why != c.why || r.EndedAt == nil || r.Live() {
			t.Errorf("%s: %s %q", c.name, r.State, r.Why)
		}
		if got := h.last(n); got != id+" could not be planned – "+c.why {
			t.Errorf("%s: entry %s", c.name, got)
		}
		h.refused(c.name, h.on(ben, id, bot.ApproveRollback), bot.KindConflict, id+" could not be planned: "+c.why+".")
	}
}

// TestAClusterThatIsThereAlready needs no step, and does not count as one.
func TestAClusterThatIsThereAlready(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id, err := h.request(ana, n, bot.RollbackDraft{To: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	there := menu()
	there.Current = 1
	r := h.must("", id, func(w *bot.Work, r *bot.Rollback) error {
		return bot.MakePlan(w, r, map[string]bot.Menu{"main": there, "chat": menu()})
	})
	h.is("planned", id, "awaiting_approval: succeeded pending")
	if r.Steps[0].Message != "runs v1 already" || r.Steps[0].Tries != 0 {
		t.Errorf("%+v", r.Steps[0])
	}
	h.must(ben, id, bot.ApproveRollback)
	h.is("approved", id, "approved: succeeded *pending")
}

func TestAPlanAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id, err := h.request(ana, n, bot.RollbackDraft{PlanOnly: true, To: "v0"})
	if err != nil {
		t.Fatal(err)
	}
	r := h.plan(id, menu())
	h.is("planned", id, "voided: pending pending")
	if r.PlanHash == "" || r.ExpiresAt != nil || r.Steps[0].To.Label != "v0" {
		t.Errorf("%+v", r)
	}
	var e *bot.Error
	err = h.on(ben, id, bot.ApproveRollback)
	if h.refused("approved", err, bot.KindConflict, "r1 is void: only the plan was asked for."); errors.As(err, &e) && e.Line != "rollback gateway --to v0" {
		t.Errorf("offers %s", e.Line)
	}
	if h.begin(id, "main", nil) {
		t.Error("a mere plan was sent")
	}
	h.view(func(tx bot.ReadTx) error {
		i, err := tx.Incident(bot.Self(), n)
		if len(i.Rollbacks) != 0 {
			t.Errorf("the incident shows %+v", i.Rollbacks)
		}
		return err
	})
}

func TestAPlanOfAnEditedTargetIsVoid(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id, err := h.request(ana, h.declare(bot.Draft{}), bot.RollbackDraft{})
	if err != nil {
		t.Fatal(err)
	}
	h.bot.Settings.Targets[0].Digest = "d2"
	h.plan(id, menu())
	h.is("planned", id, "voided: pending pending")
}
