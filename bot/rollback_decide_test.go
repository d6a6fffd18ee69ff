package bot_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestApprove(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) { s.Permissions[bot.RightApprove] = []string{string(sre), string(ana)} })
	n := h.declare(bot.Draft{})
	id, err := h.request(ana, n, bot.RollbackDraft{})
	if err != nil {
		t.Fatal(err)
	}
	h.refused("while versions are read", h.on(ben, id, bot.ApproveRollback), bot.KindConflict, "The versions of r1 are still being read; the plan follows.")
	h.plan(id, menu())
	h.refused("by who has no right", h.on(dan, id, bot.ApproveRollback), bot.KindForbidden, `needs the right "approve"`)
	h.refused("by the requester, who has the right", h.on(ana, id, bot.ApproveRollback), bot.KindForbidden, "You asked for r1 yourself; a second person has to approve it.")
	h.is("refused", id, "awaiting_approval: pending pending")
	h.later(time.Minute)
	r := h.must(ben, id, bot.ApproveRollback)
	if r.ApprovedBy != ben || !r.ApprovedAt.Equal(h.now) {
		t.Errorf("%+v", r)
	}
	h.is("approved", id, "approved: *pending pending")
	if got, want := h.last(n), "approved r1, rollback of gateway → main"; got != want {
		t.Errorf("entry: %s", got)
	}
	e := h.events(n, bot.EventRollback)
	if e[len(e)-1].Actor != ben || e[len(e)-1].Data.Rollback.Hash != r.PlanHash {
		t.Errorf("entry: %+v", e[len(e)-1])
	}
	for what, user := range map[string]bot.UserID{"twice": ben, "by a second": eve, "by the requester, afterwards": ana} {
		h.refused(what, h.on(user, id, bot.ApproveRollback), bot.KindConflict, "r1 was approved already and is under way: by <@U0BEN>, 2020-01-23 21:31 UTC.")
	}
	h.refused("denied", h.on(eve, id, deny("")), bot.KindConflict, "r1 was approved already and is under way: by <@U0BEN>")
	if got := len(h.events(n, bot.EventRollback)); got != 3 {
		t.Errorf("%d entries", got)
	}
	h.run(id, "main")
	h.refused("while it runs", h.on(eve, id, bot.ApproveRollback), bot.KindConflict, "r1 was approved already and is running: by <@U0BEN>")
	h.end(id, "main", bot.Ended{})
	h.refused("when it failed", h.on(eve, id, bot.ApproveRollback), bot.KindConflict, "r1 was approved already and has failed: by <@U0BEN>")
}

func deny(reason bot.Text) func(*bot.Work, *bot.Rollback) error {
	return func(w *bot.Work, r *bot.Rollback) error { return bot.DenyRollback(w, r, reason) }
}

func cancel(reason bot.Text) func(*bot.Work, *bot.Rollback) error {
	return func(w *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(w, r, reason) }
}

func TestTheTargetNarrowsWhoApproves(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) { s.Targets[0].Approval.Groups = []bot.GroupID{oncall} })
	id := h.planned(h.declare(bot.Draft{}))
	h.refused("not one of those", h.on(eve, id, bot.ApproveRollback), bot.KindForbidden, "For gateway this is narrowed to: <!subteam^S0ONCALL>.")
	h.refused("denied by another", h.on(eve, id, deny("")), bot.KindForbidden, "narrowed")
	h.refused("without the right", h.on(cat, id, bot.ApproveRollback), bot.KindForbidden, "approve")
	h.must(ben, id, bot.ApproveRollback)
}

func TestWhereNoSecondPersonIsWanted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) {
		s.Targets[0].Approval.Alone, s.Targets[0].Who = true, []bot.GroupID{oncall}
	})
	id, err := h.request(cat, h.declare(bot.Draft{}), bot.RollbackDraft{})
	if err != nil {
		t.Fatal(err)
	}
	h.plan(id, menu())
	h.refused("by who may not roll back", h.on(eve, id, bot.ApproveRollback), bot.KindForbidden, `needs the right "rollback"`)
	h.refused("by who may not roll this back", h.on(ana, id, bot.ApproveRollback), bot.KindForbidden, "For gateway this is narrowed to: <!subteam^S0ONCALL>.")
	if r := h.must(cat, id, bot.ApproveRollback); r.ApprovedBy != cat {
		t.Errorf("%+v", r)
	}
}

func TestAnApprovalIsForThePlanAsItWas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*house, string)
		text   string
	}{
		{"nine minutes", func(h *house, _ string) { h.later(9*time.Minute + 59*time.Second) }, ""},
		{"ten minutes", func(h *house, _ string) { h.later(10 * time.Minute) }, "r1 could be approved for 10 min, which are over. Ask again"},
		{"the target was edited", func(h *house, _ string) { h.bot.Settings.Targets[0].Digest = "d2" }, "The target gateway was changed in the configuration since r1 was planned."},
		{"the target is gone", func(h *house, _ string) { h.bot.Settings.Targets = nil }, "The target gateway was changed in the configuration since r1 was planned."},
		{"the stored plan was changed", func(h *house, id string) {
			r := h.rollback(id)
			r.Steps[1].To = bot.Version{ID: "666", Label: "v1"}
			h.update(func(tx bot.Tx) error { return tx.SaveRollback(r) })
		}, "The plan of r1 is not the one that was shown."},
		{"a deploy came in", func(h *house, _ string) { h.deploy(bot.Deploy{Version: "v3"}) }, "r1 is void: a deploy of v3 came in."},
		{"it expired", func(h *house, id string) {
			h.later(10 * time.Minute)
			h.must("", id, bot.ExpireRollback)
		}, "r1 expired: nobody approved it in time."},
		{"it was denied", func(h *house, id string) { h.must(eve, id, deny("not now")) }, "r1 was denied: by <@U0EVE>, 2020-01-23 21:30 UTC."},
		{"it was cancelled", func(h *house, id string) { h.must(ana, id, cancel("")) }, "r1 was cancelled: by <@U0ANA>, 2020-01-23 21:30 UTC."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			n := h.declare(bot.Draft{})
			id := h.planned(n)
			c.change(h, id)
			before := h.stands(id)
			err := h.on(ben, id, bot.ApproveRollback)
			if c.text == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			h.refused("approved", err, bot.KindConflict, c.text)
			var e *bot.Error
			if !errors.As(err, &e) || e.Line != "rollback gateway" || e.Label != "Ask again" {
				t.Errorf("offers %+v", e)
			}
			h.is("refused", id, before)
		})
	}
}

func TestTheRootTokenDoesNotApprove(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		root    bool
		always  bool
		reached func() bool
		kind    bot.Kind
	}{
		{"in person", false, false, nil, ""},
		{"root", true, false, nil, bot.KindForbidden},
		{"root while Slack answers", true, false, func() bool { return true }, bot.KindForbidden},
		{"root while Slack is away", true, false, func() bool { return false }, ""},
		{"root, configured", true, true, func() bool { return true }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(s *bot.Settings) { s.RootApproves = c.always })
			h.bot.Reachable = c.reached
			id := h.planned(h.declare(bot.Draft{}))
			err := h.ask(bot.Request{User: ben, Root: c.root}, func(w *bot.Work) error {
				r, err := bot.TakeRollback(w, id)
				if err != nil {
					return err
				}
				return bot.ApproveRollback(w, r)
			})
			text := ""
			if c.kind != "" {
				text = "The root token cannot approve a rollback while the workspace can be reached."
			}
			h.refused(c.name, err, c.kind, text)
			// In the requester's own name it never can.
			second := h.ask(bot.Request{User: ana, Root: c.root}, func(w *bot.Work) error {
				r, err := bot.TakeRollback(w, id)
				if err != nil {
					return err
				}
				return bot.ApproveRollback(w, r)
			})
			h.refused("in the requester's name", second, bot.KindForbidden, "")
		})
	}
}

func TestDeny(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id, err := h.request(ana, n, bot.RollbackDraft{})
	if err != nil {
		t.Fatal(err)
	}
	h.refused("by the requester", h.on(ana, id, deny("")), bot.KindForbidden, "approve")
	h.refused("with a long reason", h.on(ben, id, deny(bot.Text(strings.Repeat("x", 1001)))), bot.KindInvalid, "The reason has 1001 characters; 1000 is the most.")
	r := h.must(ben, id, deny("wait for\nthe backup")) // also before there is a plan
	if r.State != bot.RollbackDenied || r.ClosedBy != ben || !r.EndedAt.Equal(h.now) {
		t.Errorf("%+v", r)
	}
	if got, want := h.last(n), "denied r1 – wait for the backup"; got != want {
		t.Errorf("entry: %s", got)
	}
	h.refused("twice", h.on(eve, id, deny("")), bot.KindConflict, "r1 was denied: by <@U0BEN>")
	h.plan(id, menu())
	h.is("planned too late", id, "denied: pending pending")
	h.planned(n) // the lock is free
}
