package bot_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/commands"
)

func TestWhoMayAskForARollback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		user   bot.UserID
		change func(*bot.Settings)
		kind   bot.Kind
		text   string
	}{
		{"by name", ana, nil, "", ""},
		{"through a group", cat, nil, "", ""},
		{"the commander without the right", ana, func(s *bot.Settings) { s.Permissions[bot.RightRollback] = []string{string(oncall)} },
			bot.KindForbidden, `needs the right "rollback"`},
		{"nobody in particular", dan, nil, bot.KindForbidden, "It belongs to: <@U0ANA>, <!subteam^S0ONCALL>."},
		{"the target narrows it", ana, func(s *bot.Settings) { s.Targets[0].Who = []bot.GroupID{oncall} },
			bot.KindForbidden, "For gateway this is narrowed to: <!subteam^S0ONCALL>."},
		{"one of those", cat, func(s *bot.Settings) { s.Targets[0].Who = []bot.GroupID{oncall} }, "", ""},
		{"the target does not widen it", eve, func(s *bot.Settings) { s.Targets[0].Who = []bot.GroupID{sre} }, bot.KindForbidden, "rollback"},
		{"nobody could approve", ana, func(s *bot.Settings) { s.Permissions[bot.RightApprove] = nil },
			bot.KindConflict, "Nobody but you could approve this rollback."},
		{"only the requester could", ana, func(s *bot.Settings) { s.Permissions[bot.RightApprove] = []string{string(ana)} },
			bot.KindConflict, "Nobody but you could approve this rollback."},
		{"an empty group could", ana, func(s *bot.Settings) { s.Permissions[bot.RightApprove] = []string{"S0NOBODY"} },
			bot.KindConflict, "Nobody but you could approve this rollback."},
		{"the commander could, who asks", ana, func(s *bot.Settings) { s.Permissions[bot.RightApprove] = []string{bot.Commander} },
			bot.KindConflict, "Nobody but you could approve this rollback."},
		{"the commander could, who does not ask", cat, func(s *bot.Settings) { s.Permissions[bot.RightApprove] = []string{bot.Commander} }, "", ""},
		{"no second person is wanted", ana, func(s *bot.Settings) {
			s.Permissions[bot.RightApprove], s.Targets[0].Approval.Alone = nil, true
		}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, c.change)
			n := h.declare(bot.Draft{})
			id, err := h.request(c.user, n, bot.RollbackDraft{Reason: "Latency"})
			h.refused("asked", err, c.kind, c.text)
			if got := len(h.events(n, bot.EventRollback)); (got == 1) != (c.kind == "") || (id == "r1") != (c.kind == "") {
				t.Errorf("%d entries, rollback %q", got, id)
			}
		})
	}
}

func TestARequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id, err := h.request(ana, n, bot.RollbackDraft{To: " v1\n", Reason: "Latency\nsince v2"})
	if err != nil {
		t.Fatal(err)
	}
	r := h.rollback(id)
	if r.ID != "r1" || r.Incident != n || r.Asked != "v1" || r.Reason != "Latency since v2" || r.RequestedBy != ana || !r.RequestedAt.Equal(h.now) ||
		r.TargetDigest != "d1" || r.PlanHash != "" || !r.Live() {
		t.Errorf("%+v", r)
	}
	h.is("asked", id, "requested: pending pending")
	if got, want := h.last(n), "asked to roll back gateway to v1 (r1) – Latency since v2"; got != want {
		t.Errorf("entry: %s, want %s", got, want)
	}
	if e := h.events(n, bot.EventRollback)[0]; e.Seq != r.Seq {
		t.Errorf("the reason is looked for in entry %d and is in %d", r.Seq, e.Seq)
	}
}

func TestWhatMustNotBeAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	open, drill, ended := h.declare(bot.Draft{}), h.declare(bot.Draft{Drill: true}), h.declare(bot.Draft{})
	if err := h.ask(bot.Request{User: ana}, func(w *bot.Work) error {
		if err := w.Lock(ended); err != nil {
			return err
		}
		_, err := bot.Resolve(w, bot.ResolveDraft{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		incident int64
		draft    bot.RollbackDraft
		kind     bot.Kind
		text     string
	}{
		{"drill", drill, bot.RollbackDraft{}, bot.KindConflict, "is a drill, and this rollback would be real"},
		{"ended", ended, bot.RollbackDraft{}, bot.KindConflict, "is resolved. Open it again first"},
		{"ended, plan", ended, bot.RollbackDraft{PlanOnly: true}, bot.KindConflict, "is resolved"},
		{"long version", open, bot.RollbackDraft{To: strings.Repeat("ü", 201)}, bot.KindInvalid, "The version has 201 characters; 200 is the most."},
		{"long reason", open, bot.RollbackDraft{Reason: bot.Text(strings.Repeat("ü", 1001))}, bot.KindInvalid, "The reason has 1001 characters; 1000 is the most."},
	} {
		_, err := h.request(ana, c.incident, c.draft)
		h.refused(c.name, err, c.kind, c.text)
	}
	var e *bot.Error
	_, err := h.request(ana, drill, bot.RollbackDraft{})
	if !errors.As(err, &e) || e.Line != "rollback gateway --plan" {
		t.Errorf("a drill is offered %+v", e)
	}
	if id, err := h.request(ana, drill, bot.RollbackDraft{PlanOnly: true}); err != nil || id != "r1" {
		t.Errorf("the plan in a drill: %q %v", id, err)
	}
	if _, err := h.request(ana, open, bot.RollbackDraft{To: strings.Repeat("ü", 200), Reason: bot.Text(strings.Repeat("ü", 1000))}); err != nil {
		t.Errorf("the longest: %v", err)
	}
}

func TestOneLiveRollbackPerLock(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) {
		s.Targets = append(s.Targets, s.Targets[0], s.Targets[0])
		s.Targets[1].Name = "gateway-canary" // the same lock
		s.Targets[2].Name, s.Targets[2].Environment, s.Targets[2].LockKey = "gateway-staging", "staging", "api-gateway/staging"
	})
	first, second, secret := h.declare(bot.Draft{}), h.declare(bot.Draft{}), h.declare(bot.Draft{Private: true})
	id := h.planned(first)
	_, err := h.request(cat, second, bot.RollbackDraft{Target: h.bot.Settings.Targets[1]})
	h.refused("the second", err, bot.KindConflict, "A rollback of API Gateway in production is under way already: r1 in #1, waits for approval: asked for by <@U0ANA>, ")
	var e *bot.Error
	if !errors.As(err, &e) || e.Line != "rollback show r1" {
		t.Errorf("offers %+v", e)
	}
	if _, err := h.request(cat, second, bot.RollbackDraft{Target: h.bot.Settings.Targets[2]}); err != nil {
		t.Errorf("another environment: %v", err)
	}
	for range 25 { // mere plans hold no lock, and hide none
		if _, err := h.request(cat, second, bot.RollbackDraft{PlanOnly: true}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = h.request(cat, second, bot.RollbackDraft{})
	h.refused("behind many plans", err, bot.KindConflict, "r1 in #1")
	h.must(ana, id, func(w *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(w, r, "") })

	if id, err = h.request(ana, secret, bot.RollbackDraft{Reason: "Zanzibar"}); err != nil {
		t.Fatal(err)
	}
	_, err = h.request(cat, first, bot.RollbackDraft{})
	h.refused("held by a private incident", err, bot.KindConflict, "A rollback of API Gateway in production is under way in an incident that you cannot see.")
	for _, word := range []string{id, fmt.Sprintf("#%d", secret), "Zanzibar", string(ana), "gateway "} {
		if strings.Contains(err.Error(), word) {
			t.Errorf("the refusal tells %q: %v", word, err)
		}
	}
	_, err = h.request(ana, first, bot.RollbackDraft{})
	h.refused("for its member", err, bot.KindConflict, id+" in #3")
	h.refused("taken by a stranger", h.on(cat, id, bot.ApproveRollback), bot.KindNotFound, "There is no rollback")
	h.refused("never used", h.on(cat, "r999", bot.ApproveRollback), bot.KindNotFound, "There is no rollback")
}

func TestTheLockLivesUntilTheEndIsKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id := h.approved(n)
	held := func(what string, is bool) {
		t.Helper()
		_, err := h.request(ana, n, bot.RollbackDraft{})
		if is {
			h.refused(what, err, bot.KindConflict, id)
		} else if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	held("approved", true)
	h.begin(id, "main", nil)
	held("submitting", true)
	h.lose(id, "main")
	held("unknown", true)
	h.accept(id, "main")
	h.timeOut(id, "main")
	h.later(100 * time.Hour)
	held("timed out", true)
	h.must(ana, id, func(w *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(w, r, "gave it up") })
	held("given up", false)
}

func TestCooldown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *bot.Settings) {
		s.Targets[0].Cooldown = 5 * time.Minute
		s.Targets[0].Steps = s.Targets[0].Steps[:1]
	})
	n := h.declare(bot.Draft{})
	denied := h.planned(n)
	h.must(ben, denied, func(w *bot.Work, r *bot.Rollback) error { return bot.DenyRollback(w, r, "") })
	id := h.approved(n) // what was never sent needs no pause
	h.run(id, "main")
	h.end(id, "main", bot.Ended{Message: "exit code 1"})
	h.later(90 * time.Second)
	for range 2 {
		_, err := h.request(ana, n, bot.RollbackDraft{})
		h.refused("too soon", err, bot.KindConflict,
			"The last rollback of API Gateway in production ended 2 min ago; the target asks for 5 min in between. Ask again in 4 min.")
		for range 25 { // mere plans do not push it out of sight
			if _, err := h.request(ana, n, bot.RollbackDraft{PlanOnly: true}); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.later(210 * time.Second)
	h.planned(n)
}

func TestApprovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		approve  []string
		groups   []bot.GroupID
		asked    bot.UserID
		users    []bot.UserID
		named    []bot.UserID
		mentions []bot.GroupID
		everyone bool
	}{
		{"a group", []string{string(sre)}, nil, ana, []bot.UserID{ben, eve}, nil, []bot.GroupID{sre}, false},
		{"not the requester", []string{string(sre)}, nil, ben, []bot.UserID{eve}, nil, []bot.GroupID{sre}, false},
		{"by name, too", []string{string(sre), string(dan), string(ben)}, nil, ana, []bot.UserID{ben, dan, eve}, []bot.UserID{dan}, []bot.GroupID{sre}, false},
		{"the commander", []string{bot.Commander}, nil, cat, []bot.UserID{ana}, []bot.UserID{ana}, nil, false},
		{"a role that nobody has", []string{"comms"}, nil, cat, nil, nil, nil, false},
		{"admins", []string{"admin"}, nil, ana, []bot.UserID{dan}, []bot.UserID{dan}, nil, false},
		{"everyone", []string{"everyone"}, nil, ana, nil, nil, nil, true},
		{"everyone, narrowed", []string{"everyone"}, []bot.GroupID{oncall}, ana, []bot.UserID{ben, cat}, nil, []bot.GroupID{oncall}, false},
		{"narrowed", []string{string(sre)}, []bot.GroupID{oncall}, ana, []bot.UserID{ben}, nil, []bot.GroupID{oncall}, false},
		{"narrowed to nobody", []string{string(dan)}, []bot.GroupID{oncall}, ana, nil, nil, []bot.GroupID{oncall}, false},
		{"narrowed to what does not exist", []string{string(sre)}, []bot.GroupID{"S0NOBODY"}, ana, nil, nil, []bot.GroupID{"S0NOBODY"}, false},
		{"a guest in the group", []string{string(oncall)}, nil, ana, []bot.UserID{ben}, nil, []bot.GroupID{oncall}, false},
		{"a guest by name", []string{string(cat)}, nil, ana, []bot.UserID{cat}, []bot.UserID{cat}, nil, false},
		{"somebody who left", []string{string(sre)}, nil, ana, []bot.UserID{ben}, nil, []bot.GroupID{sre}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(s *bot.Settings) {
				s.Permissions[bot.RightAdmin], s.Permissions[bot.RightApprove] = []string{string(dan)}, c.approve
				s.Targets[0].Approval.Groups = c.groups
			})
			n := h.declare(bot.Draft{})
			h.update(func(tx bot.Tx) error {
				if c.name == "a guest in the group" || c.name == "a guest by name" {
					return tx.SavePerson(bot.Person{ID: cat, Guest: true, SyncedAt: h.now})
				}
				if c.name == "somebody who left" {
					return tx.SavePerson(bot.Person{ID: eve, Deleted: true, SyncedAt: h.now})
				}
				return nil
			})
			err := h.ask(bot.Request{}, func(w *bot.Work) error {
				if err := w.Lock(n); err != nil {
					return err
				}
				got, err := w.Approvers(w.Settings().Targets[0], c.asked)
				if !slices.Equal(got.Users, c.users) || !slices.Equal(got.Named, c.named) || !slices.Equal(got.Groups, c.mentions) || got.Everyone != c.everyone {
					t.Errorf("%+v", got)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestAskingAgainAsksForTheSame: the line behind the button reads back as what
// was asked for, whatever a version is called.
func TestAskingAgainAsksForTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	dispatcher := commands.New(h.bot)
	for _, version := range []string{
		"", "v1.2.3", "sha256:9f86d081", "2020-01-23T16:15", "release/7@main", "ü", "two words", `v1.2 "x"/../y`, `"`, `""`, `"quoted"`, `x" y`, `it's`,
		"“curly”", "--force", "-1", "–dash", "a=b", "=", "--plan", "approve", "<@U0ANA>", "a, b", "`code`", "&amp;",
	} {
		id, err := h.request(ana, n, bot.RollbackDraft{To: version})
		if err != nil {
			t.Fatal(err)
		}
		first := h.must(ana, id, func(w *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(w, r, "") })
		_, err = dispatcher.Dispatch(t.Context(), bot.Request{User: ana, Incident: n, Line: bot.ParseRefs(first.AskAgain()), Exact: true, Via: bot.ViaAPI})
		if err != nil {
			t.Errorf("%q: %s: %v", version, first.AskAgain(), err)
			continue
		}
		again := h.rollback(fmt.Sprintf("r%d", first.Number+1))
		if again.Asked != version || again.PlanOnly || again.Reason != "" {
			t.Errorf("%q: %s asks for %q (only the plan: %v, reason %q)", version, first.AskAgain(), again.Asked, again.PlanOnly, again.Reason)
		}
		h.must(ana, again.ID, func(w *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(w, r, "") })
	}
}
