package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// rollbackConfig is one target of one cluster, with approve given to whom.
func rollbackConfig(approve string) string {
	return `slack: {post_every: 0s}
services: [{id: api-gateway, name: API Gateway}]
permissions: {rollback: [U0ANA], approve: [` + approve + `]}
rollback_templates:
  console:
    auth: {kind: bearer, secret_ref: "env:DEPLOY_TOKEN"}
    hosts: ["deploy.test"]
    versions: {url: "/api/apps/${app}/releases", items: items, id: id, label: version, current: last}
    submit:
      url: "https://deploy.test/api/apps/${app}/rollback"
      json: {to: "${version_id}", request_id: "${request_id}"}
      extract: {run: "json:run.id"}
    poll: {url: "/api/runs/${run}", status: status, success: [succeeded], failure: [failed]}
rollback_targets:
  - {name: gateway, service: api-gateway, environment: production, steps: [{name: main, use: console, vars: {app: gateway}}]}
`
}

// rollback reads a rollback as the bot sees it.
func (w *world) rollback(id string) (r *bot.Rollback) {
	w.t.Helper()
	err := w.app.store.View(context.Background(), func(tx bot.ReadTx) (err error) {
		r, err = tx.Rollback(bot.Self(), id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// TestParallelApprovalsSendOnce is F1: however many approve at once, in
// whatever way, one request leaves; the others learn who it was.
func TestParallelApprovalsSendOnce(t *testing.T) {
	inWorld(t, rollbackConfig("U0BEN, U0CEM"), func(w *world) {
		w.lines("ana> /incident declare sev1 Gateway is slow", "ana in #inc-1-gateway-is-slow> /incident rollback gateway")
		channel := w.channel("#general")
		answers := make(chan string, 40)
		var all sync.WaitGroup
		for n := range cap(answers) {
			all.Go(func() {
				a, err := w.slack.As([]string{"ben", "cem"}[n%2]).Slash(context.Background(), channel, "/incident", "rollback approve r1")
				if err != nil {
					t.Error(err)
				}
				answers <- a.Text
			})
		}
		all.Wait()
		close(answers)
		first, later := 0, 0
		for a := range answers {
			switch {
			case strings.Contains(a, "was approved already"):
				later++
			case strings.Contains(a, "is approved"):
				first++
			}
		}
		w.settle()
		if first != 1 || later != cap(answers)-1 || w.sent() != 1 {
			t.Errorf("%d approved, %d were told of it, %d requests left", first, later, w.sent())
		}
		if n := w.approvals(1); n != 1 {
			t.Errorf("%d approvals in the timeline", n)
		}
	})
}

func (w *world) approvals(incident int64) (n int) {
	for _, e := range w.timeline(incident) {
		if m := e.Data.Rollback; m != nil && m.State == bot.RollbackApproved && m.Step == "" {
			n++
		}
	}
	return n
}

// TestEveryEntryChecksWhoApproves is S2 and F2 for rollbacks: every way in, by
// everybody who must not approve, changes nothing; by those who may, it does.
func TestEveryEntryChecksWhoApproves(t *testing.T) {
	inWorld(t, rollbackConfig("U0ANA, U0BEN"), func(w *world) {
		w.lines("ana> /incident declare sev1 Gateway is slow")
		channel := w.channel("#inc-1-gateway-is-slow")
		var token string
		err := w.app.store.Update(context.Background(), func(tx bot.Tx) (err error) {
			token, _, err = bot.CreateToken(tx, bot.Token{User: "U0ANA"}, time.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		ways := entries(w, channel, token)
		delete(ways, "form") // it is an update's
		n := 0
		ask := func() string {
			n++
			w.lines(fmt.Sprintf("deploys v%d to gateway by dana", 50+n), "ana in #inc-1-gateway-is-slow> /incident rollback gateway")
			return fmt.Sprintf("r%d", n)
		}
		id := ask()
		for name, enter := range ways {
			for _, user := range []string{"U0ANA", "U0CEM", "U0GUS", "U0EVE", "U0OLD", "U0NOBODY"} {
				enter(user, "rollback approve "+id)
				w.settle()
				if r := w.rollback(id); r.State != bot.RollbackAwaiting {
					t.Fatalf("%s by %s: the rollback is %s", name, user, r.State)
				}
			}
		}
		ways["API, root token"]("U0BEN", "rollback approve "+id)
		w.settle()
		if r := w.rollback(id); r.State != bot.RollbackAwaiting || w.sent() != 0 {
			t.Fatalf("the root token approved while Slack answers: %s", r.State)
		}
		for _, name := range []string{"slash command", "mention", "button"} {
			ways[name]("U0BEN", "rollback approve "+id)
			w.settle()
			if r := w.rollback(id); r.ApprovedBy != "U0BEN" {
				t.Errorf("%s by the second person: %s", name, r.State)
			}
			w.lines("wait 5m", "#inc-1-gateway-is-slow< "+id+": main succeeded")
			id = ask()
		}
	})
}

// TestRollsBackWhileSlackIsDown is R11: asked for and approved through the API
// while Slack does not answer; what became of it is in Slack afterwards.
func TestRollsBackWhileSlackIsDown(t *testing.T) {
	inWorld(t, rollbackConfig("U0BEN"), func(w *world) {
		w.lines("ana> /incident declare sev1 Gateway is slow")
		w.slack.Inject(fakeslack.Fault{Times: -1, Hang: true})
		time.Sleep(3 * time.Minute)
		for _, step := range []struct{ user, line, want string }{
			{"U0ANA", "#1 rollback gateway", "Reading versions"}, {"U0BEN", "rollback approve r1", "is approved"},
		} {
			if got := w.command(testRoot, map[string]string{"user": step.user, "text": step.line}); !strings.Contains(got, step.want) {
				t.Fatalf("%s: %s", step.line, got)
			}
			time.Sleep(10 * time.Second)
		}
		time.Sleep(4 * time.Minute)
		if r := w.rollback("r1"); r.State != bot.RollbackSucceeded || w.sent() != 1 {
			t.Fatalf("it is %s, sent %d times", r.State, w.sent())
		}
		w.slack.ClearFaults()
		w.lines("wait 10m", "#inc-1-gateway-is-slow< approved r1", "#inc-1-gateway-is-slow< main succeeded after 3 min",
			"#dm-ben< was done in your name")
	})
}

// TestOldGroupsGiveNoDangerousRight is S2: who is in a group must have been read
// lately, where that gives the right to approve.
func TestOldGroupsGiveNoDangerousRight(t *testing.T) {
	inWorld(t, rollbackConfig("S0SRE"), func(w *world) {
		w.slack.AddGroup(fakeslack.Group{ID: "S0SRE", Handle: "sre", Users: []string{"U0BEN", "U0CEM"}})
		w.lines("wait 2m", "ana> /incident declare sev1 Gateway is slow", "ana in #inc-1-gateway-is-slow> /incident rollback gateway",
			"#inc-1-gateway-is-slow< @sre", "ben joins #inc-1-gateway-is-slow")
		// Slack answers all but who is in which group.
		w.slack.Inject(fakeslack.Fault{Method: "usergroups.list", Error: "missing_scope", Times: -1})
		w.slack.Inject(fakeslack.Fault{Method: "usergroups.users.list", Error: "missing_scope", Times: -1})
		w.lines("wait 7m", "ben in #inc-1-gateway-is-slow> /incident rollback approve", "< You may not do this", "< last read on")
		if w.sent() != 0 {
			t.Fatal("it was sent")
		}
		// Nothing of Slack can be reached: what was read lately enough counts, and is said.
		w.slack.Inject(fakeslack.Fault{Times: -1, Hang: true})
		time.Sleep(2 * time.Minute)
		for _, step := range []struct{ user, line, want string }{
			{"U0ANA", "rollback cancel r1", "cancelled"}, {"U0ANA", "#1 rollback gateway", "Reading versions"},
			{"U0BEN", "rollback approve r2", "is approved"},
		} {
			got := w.command(testRoot, map[string]string{"user": step.user, "text": step.line})
			if !strings.Contains(got, step.want) || step.user == "U0BEN" && !strings.Contains(got, "as of") {
				t.Fatalf("%s: %s", step.line, got)
			}
			time.Sleep(10 * time.Second)
		}
	})
}
