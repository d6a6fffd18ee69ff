package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// asks is how many messages with a button [Approve] somebody has.
func (w *world) asks(who string) (n int) {
	for _, m := range w.fake.Messages(w.fake.DM(who)) {
		if strings.Contains(w.fake.PlainText(m), "[Approve") {
			n++
		}
	}
	return n
}

// TestDecidedAsksNobody: once it was decided, or nobody decided in time, no direct
// message asks for approval any more, however many were sent and whatever Slack
// does.
func TestDecidedAsksNobody(t *testing.T) {
	for name, c := range map[string]struct {
		decide func(*world)
		says   string
		fault  *fakeslack.Fault
	}{
		"approved": {decide: (*world).approve, says: "rollback of gateway-prod, in *#1* Checkout is down #inc-1-checkout-is-down: approved by @ben."},
		"expired": {decide: func(w *world) {
			w.rest(bot.ApprovalTime)
			w.inRollback("", bot.ExpireRollback)
		}, says: ": expired."},
		"Slack was away":   {decide: (*world).approve, says: "approved by @ben", fault: &fakeslack.Fault{Method: "chat.update", Status: 503, Times: 3}},
		"Slack forbids it": {decide: (*world).approve, fault: &fakeslack.Fault{Method: "chat.update", Error: "cant_update_message", Times: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.started()
				w.askRollback(bot.RollbackDraft{})
				w.planRollback()
				w.rest(4 * time.Minute) // two rounds
				if w.asks(ben) != 2 || w.asks(cat) != 2 {
					t.Fatalf("%d to Ben, %d to Cat", w.asks(ben), w.asks(cat))
				}
				if c.fault != nil {
					w.fake.Inject(*c.fault)
				}
				c.decide(w)
				w.rest(2 * time.Minute)
				if c.says == "" { // it stays, and is not tried for ever
					for _, j := range w.jobs() {
						if j.Kind == "slack.unask" {
							t.Errorf("still to be done: %+v", j)
						}
					}
					return
				}
				if w.asks(ben)+w.asks(cat) > 0 {
					t.Errorf("%d messages still ask Ben, %d Cat", w.asks(ben), w.asks(cat))
				}
				for _, said := range w.said(w.fake.DM(ben)) {
					if !strings.Contains(said, c.says) {
						t.Errorf("want %q in %q", c.says, said)
					}
				}
			}, canRollBack)
		})
	}
}

// TestLostAsksNobody: a message of which Slack took the post and lost the answer
// asks no more than any other once it was decided before the next try.
func TestLostAsksNobody(t *testing.T) {
	bubble(t, func(w *world) {
		w.started()
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", DropAfterCommit: true, Times: -1})
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		for range 60 {
			if w.rest(time.Second); w.asks(ben) > 0 && w.asks(cat) > 0 {
				break
			}
		}
		w.fake.ClearFaults()
		w.approve()
		w.rest(10 * time.Minute)
		if w.asks(ben)+w.asks(cat) > 0 {
			t.Errorf("%d messages still ask Ben, %d Cat", w.asks(ben), w.asks(cat))
		}
	}, canRollBack)
}
