package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy/fakedeploy"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// The environment of a long run; make chaos sets it.
const (
	chaosCycles = "CHAOS_CYCLES" // how many harms are done to each database; unset: each once
	chaosSeed   = "CHAOS_SEED"   // repeats the harms of a run, in their order
)

// chaos is the whole program under load while its machine fails it: as one process
// on a file, or as two replicas on a PostgreSQL server.
type chaos struct {
	*victim
	random *rand.Rand
	long   bool
	harmed []string         // what was done so far
	server *pgserver.Server // nil: there is none
	hub    *fakegithub.GitHub
	system *fakedeploy.System
}

// TestChaos is R3, R8 and R13: whatever happens to the processes, the disk and the
// database, what was acknowledged is in the record, once and in its place;
// everything is delivered in order; no issue is opened and no rollback sent twice;
// and the program goes on by itself. With CHAOS_CYCLES it does that for hours.
func TestChaos(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			c := newChaos(t, database)
			cycles := c.plan(t)
			c.start()
			c.declare(t)
			ctx, stop := context.WithCancel(t.Context())
			var load sync.WaitGroup
			defer func() { // also where something fails
				stop()
				load.Wait()
			}()
			c.load(ctx, &load)
			for k, h := range cycles {
				pause(t, time.Duration(50+c.random.IntN(300))*time.Millisecond)
				t.Logf("%d: %s", k+1, h.name)
				h.do(c)
				c.harmed = append(c.harmed, h.name)
				c.start()
				c.goesOn(h.name)
			}
			stop()
			load.Wait()
			c.giveUp(t)
			c.awaitIssues(c.hub)
			c.drain()
			c.kill()
			c.checkAll()
		})
	}
}

// plan chooses the harms, and prints by what they can be repeated.
func (c *chaos) plan(t *testing.T) []harm {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv(chaosSeed); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("%s: %v", chaosSeed, err)
		}
	}
	t.Logf("to repeat: make chaos %s=%d", chaosSeed, seed)
	c.random = rand.New(rand.NewPCG(seed, 7))
	all := c.harms()
	if os.Getenv(chaosCycles) == "" {
		c.random.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
		return all
	}
	n, err := strconv.Atoi(os.Getenv(chaosCycles))
	if err != nil || n < 1 {
		t.Fatalf("%s=%s is no number of cycles", chaosCycles, os.Getenv(chaosCycles))
	}
	c.long = true
	cycles := make([]harm, n)
	for k := range cycles {
		cycles[k] = all[c.random.IntN(len(all))]
		// Most of what happens to programs is their end.
		if c.random.IntN(3) > 0 {
			cycles[k] = all[0]
		}
	}
	return cycles
}

func newChaos(t *testing.T, kind string) *chaos {
	t.Helper()
	c := &chaos{
		hub:    fakegithub.New(fakegithub.Options{Token: testGitHub}),
		system: fakedeploy.New(fakedeploy.Options{Token: testDeploy}),
	}
	c.hub.AddRepo(fakegithub.Repo{Name: "acme/postmortems", Private: true})
	github, deploys := httptest.NewServer(c.hub.Handler()), httptest.NewServer(c.system.Handler())
	t.Cleanup(func() {
		for _, s := range []*httptest.Server{github, deploys} {
			s.CloseClientConnections()
			s.Close()
		}
		c.hub.Close()
		c.system.Close()
	})
	c.system.SetPublicURL(deploys.URL)
	for k := range killTargets {
		c.system.AddApp(fakedeploy.App{
			Name: fmt.Sprintf("app%d", k), Duration: 200 * time.Millisecond,
			Releases: []fakedeploy.Release{{Version: "v41"}, {Version: "v42"}},
		})
	}
	database, replicas := filepath.Join(t.TempDir(), "tocsin.db"), 1
	if kind == "postgres" {
		c.server = pgserver.Start(t)
		database, replicas = c.server.Create(t, "tocsin"), 2
	}
	c.victim = newVictims(t, database, replicas, killConfig(t, deploys.URL)+"followups: {repo: acme/postmortems}\n",
		"GITHUB_TOKEN="+testGitHub, "GITHUB_API_URL="+github.URL+"/api/v3/", "DEPLOY_TOKEN="+testDeploy, "TOCSIN_ALLOW_LOOPBACK=1")
	return c
}

// load is people at work until ctx ends.
func (c *chaos) load(ctx context.Context, all *sync.WaitGroup) {
	for _, who := range []string{"ana", "ben", "cem"} {
		all.Go(func() { c.talk(ctx, who) })
	}
	all.Go(func() { c.addItems(ctx, 5*time.Second, 1000) })
	all.Go(func() {
		c.rollBack(ctx, "target0", func() { _ = c.system.DeployNow(ctx, "app0", "", "dana") }) // refused while something runs
	})
}

// goesOn waits until somebody has been answered again.
func (c *chaos) goesOn(after string) {
	c.t.Helper()
	count := func() int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.acked)
	}
	before := count()
	await(c.t, "an answer after: "+after, func() bool { return count() > before })
}

// checkAll compares what was acknowledged with the record, and that with what the
// world has received.
func (c *chaos) checkAll() {
	c.t.Helper()
	c.check()
	c.checkIssues(c.hub)
	// What a replica had in hand when it was killed waits for its lease to end, so a
	// short run may see no rollback to its end.
	c.checkRollbacks(c.system, len(c.harmed)/100)
	var faults []string
	c.view(func(tx bot.ReadTx) error {
		faults = nil
		list, err := tx.Incidents(bot.Self(), bot.IncidentFilter{Limit: 500})
		if err != nil {
			return err
		}
		for _, i := range list {
			events, err := tx.Events(bot.Self(), i.Number, bot.EventFilter{})
			if err != nil {
				return err
			}
			if end := events[len(events)-1].Head(); end != i.Head {
				faults = append(faults, fmt.Sprintf("incident #%d ends with %+v, its record with %+v", i.Number, i.Head, end))
			}
		}
		return nil
	})
	if len(faults) > 0 {
		c.t.Error(strings.Join(faults, "\n"))
	}
}
