package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestDangerousRightsNeedAFreshWord: who is in a group counts for a rollback as
// long as it was read lately, and while the workspace is away for a day; people
// who are named by id always count.
func TestDangerousRightsNeedAFreshWord(t *testing.T) {
	t.Parallel()
	yes, no := func() bool { return true }, func() bool { return false }
	for _, c := range []struct {
		name      string
		age       time.Duration
		reachable func() bool
		group     bool // what comes from a group counts
		old       bool // and is said to be old
	}{
		{"just read", 0, nil, true, false},
		{"five minutes", 5 * time.Minute, yes, true, false},
		{"six minutes", 6 * time.Minute, yes, false, false},
		{"six minutes, nobody looks whether Slack is away", 6 * time.Minute, nil, false, false},
		{"six minutes, Slack is away", 6 * time.Minute, no, true, true},
		{"a day, Slack is away", 24 * time.Hour, no, true, true},
		{"25 hours, Slack is away", 25 * time.Hour, no, false, false},
		{"25 hours", 25 * time.Hour, yes, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(s *bot.Settings) {
				s.Permissions[bot.RightRespond] = []string{string(oncall)}
				s.Permissions[bot.RightAdmin] = []string{string(oncall)}
			})
			n := h.declare(bot.Draft{})
			read := h.now
			h.now = h.now.Add(c.age)
			look := func(user bot.UserID, fn func(*bot.Look)) {
				t.Helper()
				_, err := h.bot.Look(t.Context(), bot.Request{User: user}, func(l *bot.Look) (bot.Reply, error) {
					fn(l)
					return bot.Reply{}, nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			h.bot.Reachable = c.reachable
			look(cat, func(l *bot.Look) {
				if !l.May(bot.RightRespond) || !l.May(bot.RightDeclare) {
					t.Error("an incident cannot be run")
				}
				for _, r := range []bot.Right{bot.RightRollback, bot.RightAdmin} {
					if l.May(r) != c.group {
						t.Errorf("may %s: %v", r, !c.group)
					}
				}
				if l.In([]bot.GroupID{oncall}) != c.group || l.In([]bot.GroupID{sre}) || !l.In(nil) {
					t.Error("the target's groups do not follow")
				}
				if at, old := l.AsOf(); old != c.old || old && !at.Equal(read) {
					t.Errorf("as of %v %v", at, old)
				}
				if err := l.Need(bot.RightRollback); !c.group {
					h.refused("the hint", err, bot.KindForbidden, "Who is in your groups was last read on 23 January 21:30 UTC, which is too long ago for this.")
				}
			})
			look(ana, func(l *bot.Look) {
				if !l.May(bot.RightRollback) {
					t.Error("who is named by id may not")
				}
			})
			look(eve, func(l *bot.Look) {
				if err := l.Need(bot.RightRollback); err == nil || strings.Contains(err.Error(), "too long ago") {
					t.Errorf("for who never had the right: %v", err)
				}
			})
			// An old word is no reason to let a plan expire for lack of approvers.
			if _, err := h.request(ana, n, bot.RollbackDraft{}); err != nil {
				t.Errorf("asked by name: %v", err)
			}
			h.plan("r1", menu())
			if err := h.on(ben, "r1", bot.ApproveRollback); (err == nil) != c.group {
				t.Errorf("approved: %v", err)
			}
		})
	}
}
