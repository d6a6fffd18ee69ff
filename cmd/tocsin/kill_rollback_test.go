package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy/fakedeploy"
)

// killTargets is how many services are rolled back again and again at once.
const killTargets = 4

// TestNoRollbackIsSentTwice is R3 and F3: a process of its own is killed again
// and again while services are rolled back. No step reaches the deploy system
// twice, whatever the moment; none is stuck, and no lock stays behind.
func TestNoRollbackIsSentTwice(t *testing.T) {
	t.Parallel()
	system := fakedeploy.New(fakedeploy.Options{Token: testDeploy})
	server := httptest.NewServer(system.Handler())
	t.Cleanup(func() {
		server.Close()
		system.Close()
	})
	system.SetPublicURL(server.URL)
	for k := range killTargets {
		system.AddApp(fakedeploy.App{
			Name: fmt.Sprintf("app%d", k), Duration: 200 * time.Millisecond,
			Releases: []fakedeploy.Release{{Version: "v41"}, {Version: "v42"}},
		})
	}
	v := newVictim(t, killConfig(t, server.URL), "DEPLOY_TOKEN="+testDeploy, "TOCSIN_ALLOW_LOOPBACK=1")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	v.start()
	v.declare(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var load sync.WaitGroup
	for k := range killTargets {
		load.Go(func() {
			v.rollBack(ctx, fmt.Sprintf("target%d", k), func() { _ = system.DeployNow(ctx, fmt.Sprintf("app%d", k), "", "dana") }) // refused while something runs
		})
	}
	for range kills {
		pause(t, time.Duration(300+random.IntN(900))*time.Millisecond)
		v.kill()
		v.start()
	}
	stop()
	load.Wait()
	v.giveUp(t)
	v.checkRollbacks(system, killTargets)
	v.kill()
}

func killConfig(t *testing.T, base string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	var services, targets strings.Builder
	for k := range killTargets {
		fmt.Fprintf(&services, "  - {id: service%d, name: Service %d}\n", k, k)
		fmt.Fprintf(&targets, "  - {name: target%d, service: service%d, environment: production, steps: [{name: main, use: console, vars: {app: app%d}}]}\n", k, k, k)
	}
	return fmt.Sprintf(`slack: {post_every: 0s}
services:
%spermissions: {rollback: [U0ANA], approve: [U0BEN]}
rollback_templates:
  console:
    auth: {kind: bearer, secret_ref: "env:DEPLOY_TOKEN"}
    hosts: [%q]
    allow_cidrs: ["127.0.0.0/8"]
    versions: {url: "/api/apps/${app}/releases", items: items, id: id, label: version, current: last}
    submit:
      url: %q
      json: {to: "${version_id}", request_id: "${request_id}"}
      extract: {run: "json:run.id"}
    poll: {url: "/api/runs/${run}", status: status, success: [succeeded], failure: [failed]}
    every: {first: 1s, then: 1s, after: 1s}
rollback_targets:
%s`, services.String(), u.Host, base+"/api/apps/${app}/rollback", targets.String())
}

var rollbackID = regexp.MustCompile(`\(r(\d+)\)`)

// rollBack has a target rolled back, by two people, after each deploy.
func (v *victim) rollBack(ctx context.Context, target string, deploy func()) {
	general := v.slack.Channels()[0].ID
	say := func(who, line string) string {
		a, err := v.slack.As(who).Slash(ctx, general, "/incident", line)
		if err != nil {
			return ""
		}
		return a.Text
	}
	for ctx.Err() == nil {
		deploy()
		id := rollbackID.FindString(say("ana", "#1 rollback "+target))
		if id == "" {
			v.breakOff(say, target)
			pauseFor(ctx, 50*time.Millisecond)
			continue
		}
		id = strings.Trim(id, "()")
		for ctx.Err() == nil && !strings.Contains(say("ben", "rollback approve "+id), "approved") {
			pauseFor(ctx, 30*time.Millisecond)
			if v.state(id).Final() {
				break
			}
		}
		for s := v.state(id); ctx.Err() == nil && !s.Final() && s != bot.RollbackUnknown; s = v.state(id) {
			pauseFor(ctx, 50*time.Millisecond)
		}
	}
}

// breakOff gives up what nobody knows of, as a person would after a look.
func (v *victim) breakOff(say func(who, line string) string, target string) {
	for _, r := range v.rollbacks() {
		if r.Target == target && r.State == bot.RollbackUnknown {
			say("ana", "rollback cancel "+r.ID)
		}
	}
}

func (v *victim) rollbacks() (list []*bot.Rollback) {
	v.view(func(tx bot.ReadTx) (err error) {
		list, err = tx.Rollbacks(bot.Self(), bot.RollbackFilter{Limit: 500})
		return err
	})
	return list
}

func (v *victim) state(id string) (s bot.RollbackState) {
	v.view(func(tx bot.ReadTx) error {
		r, err := tx.Rollback(bot.Self(), id)
		if err == nil {
			s = r.State
		}
		return err
	})
	return s
}

// giveUp waits until every rollback has ended, but for those that wait for a
// person, who cancels them.
func (v *victim) giveUp(t *testing.T) {
	t.Helper()
	general := v.slack.Channels()[0].ID
	await(t, "every rollback to end", func() bool {
		open := 0
		for _, r := range v.rollbacks() {
			if r.State.Final() {
				continue
			}
			open++
			if r.State == bot.RollbackUnknown || r.State == bot.RollbackAwaiting {
				_, _ = v.slack.As("ana").Slash(t.Context(), general, "/incident", "rollback cancel "+r.ID) // looked at again anyway
			}
		}
		return open == 0
	})
}

// checkRollbacks compares what was recorded with what the deploy system saw; enough
// of them must have succeeded.
func (v *victim) checkRollbacks(system *fakedeploy.System, enough int) {
	v.t.Helper()
	arrived := map[string]int{}
	for _, r := range system.Runs() {
		arrived[r.RequestID]++
	}
	states := map[bot.RollbackState]int{}
	for _, r := range v.rollbacks() {
		states[r.State]++
		if n := arrived[r.ID]; n > 1 {
			v.t.Errorf("%s was sent %d times", r.ID, n)
		}
		if r.State == bot.RollbackSucceeded && arrived[r.ID] != 1 {
			v.t.Errorf("%s has succeeded and arrived %d times", r.ID, arrived[r.ID])
		}
		if r.Steps[0].Tries == 0 && arrived[r.ID] > 0 {
			v.t.Errorf("%s arrived and was never marked as sent", r.ID)
		}
	}
	v.t.Logf("%d kills, %d runs in the deploy system, rollbacks by state: %v", v.kills, len(system.Runs()), states)
	if states[bot.RollbackSucceeded] < enough {
		v.t.Errorf("only %d rollbacks succeeded: the test tests too little", states[bot.RollbackSucceeded])
	}
}
