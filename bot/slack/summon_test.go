package slack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// asked is how often somebody was sent r1.
func (w *world) asked(who string) int {
	n := 0
	for _, s := range w.said(w.fake.DM(who)) {
		n += strings.Count(s, "asks for approval of a rollback") + strings.Count(s, "asked for approval of")
	}
	return n
}

// nudges is how often the channel was reminded of r1.
func (w *world) nudges() int {
	n := 0
	for _, s := range w.said(string(w.incident(1).Channel)) {
		n += strings.Count(s, "still waits for approval")
	}
	return n
}

// TestSummons: who could approve is sent the plan at once, after 2 and after 5
// minutes, and the channel is reminded; who asked is not.
func TestSummons(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		for _, c := range []struct {
			pause         time.Duration
			asked, nudges int
		}{{4 * time.Second, 1, 0}, {110 * time.Second, 1, 0}, {10 * time.Second, 2, 1}, {170 * time.Second, 2, 1}, {15 * time.Second, 3, 2}, {time.Hour, 3, 2}} {
			w.rest(c.pause)
			if b, k, n := w.asked(ben), w.asked(cat), w.nudges(); b != c.asked || k != c.asked || n != c.nudges {
				t.Errorf("after %v more: %d to Ben, %d to Cat, %d in the channel", c.pause, b, k, n)
			}
		}
		if w.asked(ana) > 0 {
			t.Error("she asked for it herself")
		}
		w.once(w.said(w.fake.DM(ben))[:1], "@ana asks for approval of a rollback in *#1* Checkout is down #inc-1-checkout-is-down\n")
		w.once(w.said(w.fake.DM(ben))[:1], "1. *main*  `v43` → `v42`")
		all := w.said(string(w.incident(1).Channel))
		if last := all[len(all)-1]; !strings.Contains(last, "@ben, @cat") {
			t.Errorf("%q", last)
		}
		dm := w.fake.DM(ben)
		m := w.fake.Messages(dm)[0]
		w.click(ben, dm, m.TS, "Approve")
		if r := w.talk.seen.Load(); r.Line != "rollback approve r1" || r.Incident != 1 || r.User != ben {
			t.Errorf("%+v", r)
		}
		if left := w.jobs(); len(left) > 0 {
			t.Errorf("left over: %+v", left)
		}
	}, canRollBack)
}

// TestSummonsEnd: nobody is called once it was decided, or while Slack was away
// twice for the same.
func TestSummonsEnd(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(time.Minute)
		w.approve()
		w.rest(10 * time.Minute)
		if w.asked(ben) != 1 || w.asked(cat) != 1 || w.nudges() != 0 {
			t.Errorf("%d, %d, %d", w.asked(ben), w.asked(cat), w.nudges())
		}
	}, canRollBack)
	bubble(t, func(w *world) {
		w.started()
		w.fake.Inject(fakeslack.Fault{Status: 503, Times: -1})
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(6 * time.Minute)
		w.fake.ClearFaults()
		w.rest(3 * time.Minute)
		if w.asked(ben) != 1 || w.asked(cat) != 1 || w.nudges() != 1 || len(w.cards()) != 1 {
			t.Errorf("%d, %d, %d, %d cards", w.asked(ben), w.asked(cat), w.nudges(), len(w.cards()))
		}
	}, canRollBack)
	bubble(t, func(w *world) { // who asked may confirm, so nobody needs to be called
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(9 * time.Minute)
		w.shows("Waits to be confirmed until")
		if w.asked(ben)+w.asked(cat)+w.asked(ana)+w.nudges() > 0 {
			t.Error("somebody was called")
		}
	}, canRollBack, func(set *bot.Settings) { set.Targets[0].Approval.Alone = true })
}

// TestSummonsOneByOne: a DM that hangs, fails or is refused holds up no other,
// comes once, and is no failure of the incident.
func TestSummonsOneByOne(t *testing.T) {
	for name, f := range map[string]fakeslack.Fault{
		"hangs": {Method: "conversations.open", Hang: true}, "lost": {Method: "chat.postMessage", DropAfterCommit: true},
		"refused": {Method: "conversations.open", Error: "cannot_dm_bot"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.started()
				w.askRollback(bot.RollbackDraft{PlanOnly: false})
				w.planRollback()
				w.fake.Inject(f)
				w.rest(5 * time.Second)
				if w.asked(ben)+w.asked(cat) == 0 {
					t.Error("nobody was reached")
				}
				w.rest(time.Minute)
				want := 2
				if name == "refused" {
					want = 1
				}
				if b, c := w.asked(ben), w.asked(cat); b+c != want || b > 1 || c > 1 {
					t.Errorf("%d and %d", b, c)
				}
				err := w.bot.Store.View(w.ctx, func(tx bot.ReadTx) error {
					l, err := tx.Events(bot.Self(), 1, bot.EventFilter{Kinds: []bot.EventKind{bot.EventFailed}})
					if len(l) > 0 {
						t.Errorf("%+v", l)
					}
					return err
				})
				if err != nil || len(w.jobs(bot.JobFailed)) > 0 {
					t.Error(err, w.jobs(bot.JobFailed))
				}
			}, canRollBack)
		})
	}
}

// TestSummonsAgain: a round that is done twice, as after a crash, calls nobody
// twice.
func TestSummonsAgain(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(3 * time.Minute)
		for _, j := range w.jobs(bot.JobDone) {
			if kind, ok := strings.CutPrefix(j.Kind, "slack."); ok && kind == "summon" {
				j.Kind, j.Attempt = kind, 2
				if err := w.slack.Do(w.ctx, j); err != nil {
					t.Error(err)
				}
			}
		}
		w.rest(time.Minute)
		if w.asked(ben) != 2 || w.asked(cat) != 2 || w.nudges() != 1 {
			t.Errorf("%d, %d, %d", w.asked(ben), w.asked(cat), w.nudges())
		}
	}, canRollBack)
}

// TestSummonsMany: a round has its limit.
func TestSummonsMany(t *testing.T) {
	t.Parallel()
	const many = mostAsked + 10
	id := func(k int) string { return fmt.Sprintf("U00MANY%02d", k) }
	bubble(t, func(w *world) {
		for k := range many {
			w.fake.AddUser(fakeslack.User{ID: id(k), Name: fmt.Sprint("many", k)})
		}
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(110 * time.Second)
		n := 0
		for k := range many {
			n += w.asked(id(k))
		}
		if n != mostAsked {
			t.Errorf("%d were asked", n)
		}
	}, canRollBack, func(set *bot.Settings) {
		set.Permissions[bot.RightApprove] = nil
		for k := range many {
			set.Permissions[bot.RightApprove] = append(set.Permissions[bot.RightApprove], id(k))
		}
	})
}

// TestSummonsOfPrivate: of a private incident only those are told who can see it.
func TestSummonsOfPrivate(t *testing.T) {
	t.Parallel()
	secret := func(w *world) {
		w.fake.AddUser(fakeslack.User{ID: cat, Name: "cat"})
		w.slash(ana, "general", "secret canary-title")
		w.rest(2 * time.Minute)
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(6 * time.Minute)
	}
	bubble(t, func(w *world) { // Ben is invited by the configuration
		secret(w)
		if w.asked(ben) != 3 || w.asked(cat) != 0 || w.asked(ana) != 0 {
			t.Errorf("%d, %d, %d", w.asked(ben), w.asked(cat), w.asked(ana))
		}
		w.shows("@ben can approve")
		if all := strings.Join(slices.Concat(w.said(w.fake.DM(cat)), w.said("incidents"), w.said("general")), "\n"); strings.Contains(all, "canary") || strings.Contains(all, "r1") {
			t.Errorf("told: %s", all)
		}
	}, canRollBack)
	bubble(t, func(w *world) {
		secret(w)
		if w.asked(ben)+w.asked(cat) > 0 {
			t.Error("they cannot see it")
		}
		all := w.said(string(w.incident(1).Channel))
		if last := all[len(all)-1]; !strings.Contains(last, "Nobody who can see this incident can approve it") {
			t.Errorf("%q", last)
		}
	}, canRollBack, noPrivateInvite)
}
