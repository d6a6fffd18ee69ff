package slack

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// TestRollbackMessage: a rollback is one message, changed in place from its plan
// to its end; each change shows at once, and what must be noticed is posted.
func TestRollbackMessage(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{Reason: "errors since 16:02"})
		w.rest(10 * time.Second)
		if all := w.said(string(w.incident(1).Channel)); len(all) != 1 || !strings.Contains(all[0], "Rollback r1* of gateway-prod: reading versions") {
			t.Errorf("after the request: %v", all)
		}
		w.planRollback()
		w.rest(3 * time.Second)
		w.shows("Rollback r1: API Gateway in production", "Waits for approval", "@ben, @cat can approve", "main  v43 → v42", "chat  v43 → v42", "errors since 16:02", "[Approve]")
		_, first := w.shown()
		w.approve()
		w.rest(3 * time.Second)
		w.shows("Approved", "about to be sent")
		w.begin("main")
		w.rest(3 * time.Second)
		w.shows("running for ")
		w.rest(4 * time.Minute)
		w.shows("running for 4 min", "[Start chat now]")
		w.end("main", true)
		w.rest(3 * time.Second)
		w.shows("main  v43 → v42 · succeeded after 4 min", "chat  v43 → v42 · about to be sent")
		w.begin("chat")
		w.rest(31 * time.Minute)
		w.shows("running for 31 min")
		w.end("chat", true)
		w.rest(3 * time.Second)
		w.shows("Succeeded after 35 min", "chat  v43 → v42 · succeeded after 31 min")
		if _, at := w.shown(); at != first || len(w.cards()) != 1 {
			t.Errorf("%v, then %v; %d cards", first, at, len(w.cards()))
		}
		all := w.said(string(w.incident(1).Channel))
		for _, part := range []string{
			"@ben approved r1, rollback of gateway-prod; main is being sent", "Rollback r1: main succeeded after 4 min; chat is being sent",
			"Rollback r1: chat succeeded after 31 min; the rollback of gateway-prod has succeeded",
		} {
			w.once(all, part)
		}
		if len(all) != 6 || !strings.Contains(all[0], "Rollback r1* of gateway-prod: succeeded") { // with the offer
			t.Errorf("%d messages, first the card:\n%s", len(all), strings.Join(all, "\n---\n"))
		}
		before := len(w.fake.Calls("chat.update"))
		w.rest(time.Hour)
		if n := len(w.fake.Calls("chat.update")) - before; n > 0 || len(w.jobs()) > 0 {
			t.Errorf("%d edits after the end, left over: %+v", n, w.jobs())
		}
	}, canRollBack)
}

// TestRollbackShowsAtOnce: a change waits neither for the next tick nor for a
// drawing that is on its way.
func TestRollbackShowsAtOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(3 * time.Second)
		w.approve()
		w.begin("main")
		w.rest(10 * time.Second)
		before := len(w.fake.Calls("chat.update"))
		w.fake.Inject(fakeslack.Fault{Method: "chat.update", Delay: 3 * time.Second})
		w.rest(22 * time.Second) // the next tick is under way
		if n := len(w.fake.Calls("chat.update")); n != before {
			t.Fatalf("%d edits before", n-before)
		}
		w.end("main", true)
		w.rest(5 * time.Second)
		w.shows("main  v43 → v42 · succeeded after")
		w.inRollback(ana, func(work *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(work, r, "enough") })
		w.rest(3 * time.Second)
		w.shows("Cancelled by @ana. main stays rolled back.")
		w.once(w.said(string(w.incident(1).Channel)), "@ana cancelled r1\nenough")
	}, canRollBack)
}

// TestRollbackEnds: what wants a person is posted, does not tick, and keeps its
// buttons; each end before the beginning says so to who asked.
func TestRollbackEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(*world)
		card   string
		posted string
	}{
		"denied": {func(w *world) {
			w.inRollback(ben, func(work *bot.Work, r *bot.Rollback) error { return bot.DenyRollback(work, r, "not that") })
		}, "Denied by @ben", "@ben denied r1\nnot that\n@ana asked for it."},
		"cancelled": {func(w *world) {
			w.inRollback(ana, func(work *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(work, r, "") })
		}, "Cancelled by @ana", "@ana cancelled r1\n@ana ·"},
		"expired": {func(w *world) {
			w.rest(bot.ApprovalTime)
			w.inRollback("", bot.ExpireRollback)
		}, "[Ask again]", "Rollback r1 expired: nobody approved it in time*\n@ana asked for it."},
		"voided": {func(w *world) {
			_, err := w.bot.Carry(w.ctx, bot.Request{}, func(work *bot.Work) (bot.Reply, error) {
				_, err := bot.TakeDeploy(work, bot.Deploy{
					Source: "generic", Key: "1", Service: "api-gateway", Environment: "production", Kind: bot.DeployOf, Version: "v44", Status: bot.DeploySucceeded,
				})
				return bot.Reply{}, err
			})
			if err != nil {
				w.t.Fatal(err)
			}
		}, "Void: a deploy of v44 came in", "Rollback r1 is void*\na deploy of v44 came in\n@ana asked for it."},
		"unknown": {func(w *world) {
			w.approve()
			w.inRollback("", func(work *bot.Work, r *bot.Rollback) error {
				_, err := bot.BeginStep(work, r, "main", nil)
				return err
			})
			w.inRollback("", func(work *bot.Work, r *bot.Rollback) error {
				return bot.LoseStep(work, r, "main", "the connection broke")
			})
		}, "[Send main again]", "Rollback r1: main may have been sent; the outcome is unknown*\nthe connection broke"},
		"failed": {func(w *world) {
			w.approve()
			w.begin("main")
			w.end("main", false)
		}, "not started, since a step before it failed", "Rollback r1: main failed; the rollback of gateway-prod has failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.started()
				w.askRollback(bot.RollbackDraft{})
				w.planRollback()
				w.rest(3 * time.Second)
				c.end(w)
				w.rest(30 * time.Second) // the messages to those who were asked are changed after the card
				w.shows(c.card)
				w.once(w.said(string(w.incident(1).Channel)), c.posted)
				before := len(w.fake.Calls("chat.update", "chat.postMessage"))
				w.rest(time.Hour)
				if n := len(w.fake.Calls("chat.update", "chat.postMessage")) - before; n > 0 || len(w.cards()) != 1 {
					t.Errorf("%d calls afterwards, %d cards", n, len(w.cards()))
				}
			}, canRollBack, func(set *bot.Settings) { set.Targets[0].Approval.Alone = false })
		})
	}
}

// TestNoPlan: who asked is told that no plan can be made, and a plan that was all
// that was asked for calls nobody.
func TestNoPlan(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.inRollback("", func(work *bot.Work, r *bot.Rollback) error {
			return bot.FailPlan(work, r, "the deploy system answers <!channel> 503")
		})
		w.rest(5 * time.Second)
		w.shows("No plan: the deploy system answers <!channel> 503", "[Ask again]")
		w.once(w.said(string(w.incident(1).Channel)), "Rollback r1 could not be planned*\nthe deploy system answers <!channel> 503\n@ana asked for it.")
	}, canRollBack)
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{PlanOnly: true})
		w.planRollback()
		w.rest(10 * time.Minute)
		w.shows("Only the plan was asked for", "main  v43 → v42", "[Ask for this rollback]")
		if all := w.said(string(w.incident(1).Channel)); len(all) != 2 || len(w.said(w.fake.DM(ben))) > 0 || strings.Contains(all[0], "r1") {
			t.Errorf("%v, %v", all, w.said(w.fake.DM(ben)))
		}
	}, canRollBack)
}

// TestRollbackPlanOnce: a lost answer posts no second message, and one that was
// deleted comes back once.
func TestRollbackPlanOnce(t *testing.T) {
	for _, f := range []fakeslack.Fault{{DropAfterCommit: true, Times: 3}, {Status: 503}, {RetryAfter: 7}, {Hang: true}} {
		t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.started()
				f.Method = "chat.postMessage"
				w.askRollback(bot.RollbackDraft{})
				w.fake.Inject(f)
				w.planRollback()
				w.approve() // before the message is there
				w.begin("main")
				w.rest(5 * time.Minute)
				w.shows("running for 5 min")
				if n := len(w.cards()); n != 1 {
					t.Fatalf("%d cards", n)
				}
				_, at := w.shown()
				err := w.slack.call(w.ctx, "chat.delete", func(ctx context.Context) error {
					_, _, err := w.slack.api.DeleteMessageContext(ctx, string(at.channel), at.ts)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				w.fake.Inject(f)
				w.rest(5 * time.Minute)
				w.shows("running for 10 min")
				if n := len(w.cards()); n != 1 {
					t.Errorf("%d cards after one was deleted", n)
				}
			}, canRollBack)
		})
	}
}

// TestRollbackAdopted: what an earlier try posted may be older than what is so.
func TestRollbackAdopted(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", DropAfterCommit: true})
		w.planRollback()
		w.rest(500 * time.Millisecond)
		w.inRollback(ben, func(work *bot.Work, r *bot.Rollback) error { return bot.DenyRollback(work, r, "") })
		w.rest(10 * time.Second)
		w.shows("Denied by @ben")
		if n := len(w.cards()); n != 1 {
			t.Errorf("%d cards", n)
		}
	}, canRollBack)
}

// TestRollbackInArchivedChannel: the message is kept up to date again as soon as
// the channel takes it, and it moves into the channel that replaces a deleted one.
func TestRollbackInArchivedChannel(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(3 * time.Second)
		channel := string(w.incident(1).Channel)
		w.archive(channel)
		w.approve()
		w.begin("main")
		w.rest(2 * time.Minute)
		if err := w.fake.As(ana).Unarchive(w.ctx, channel); err != nil {
			t.Fatal(err)
		}
		w.rest(10 * time.Second)
		w.shows("running for 2 min")
		w.once(w.said(channel), "@ben approved r1")
		w.event(map[string]any{"type": "channel_deleted", "channel": channel})
		w.slash(ana, "general", "update on we go")
		w.rest(time.Minute)
		if again := string(w.incident(1).Channel); again == channel || len(w.cards()) != 1 {
			t.Errorf("channel %s, %d cards", again, len(w.cards()))
		}
		w.shows("running for 3 min")
	}, canRollBack)
}

// TestRollbackInNewChannel: a plan that waits is shown in the channel that takes
// the place of a deleted one, although no clock runs on it.
func TestRollbackInNewChannel(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.rest(3 * time.Second)
		w.event(map[string]any{"type": "channel_deleted", "channel": string(w.incident(1).Channel)})
		w.slash(ana, "general", "update on we go")
		w.rest(30 * time.Second)
		if n := len(w.cards()); n != 1 {
			t.Errorf("%d cards", n)
		}
	}, canRollBack)
}

// TestRollbackRedacted: a redacted reason goes from the rollback's message, too.
func TestRollbackRedacted(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{Reason: "the canary-password is out"})
		seq := w.incident(1).Head.Seq
		w.planRollback()
		w.rest(3 * time.Second)
		w.shows("canary-password")
		_, err := w.bot.Carry(w.ctx, bot.Request{User: ana}, func(work *bot.Work) (bot.Reply, error) {
			if err := work.Lock(1); err != nil {
				return bot.Reply{}, err
			}
			_, err := bot.Redact(work, seq, "it was a secret")
			return bot.Reply{}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.rest(5 * time.Second)
		if text, _ := w.shown(); strings.Contains(text, "canary") {
			t.Error(text)
		}
	}, canRollBack)
}

// TestDeployNotice: what a deploy system tells of a service is posted in its
// incidents.
func TestDeployNotice(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.t.Helper()
		_, err := w.bot.Carry(w.ctx, bot.Request{User: ana}, func(work *bot.Work) (bot.Reply, error) {
			_, err := bot.Declare(work, bot.Draft{Title: "Checkout is down", Services: []string{"api-gateway"}})
			return bot.Reply{}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.bot.Carry(w.ctx, bot.Request{}, func(work *bot.Work) (bot.Reply, error) {
			_, err := bot.TakeDeploy(work, bot.Deploy{
				Source: "generic", Key: "1", Service: "api-gateway", Environment: "production", Kind: bot.DeployOf, Version: "<!channel>", Status: bot.DeploySucceeded,
			})
			return bot.Reply{}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.rest(20 * time.Second)
		w.once(w.said(string(w.incident(1).Channel)), "Deploy*\nAPI Gateway: deploy of <!channel> to production succeeded\nTocsin ·")
	}, canRollBack)
}
