package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

// TestNoIssueIsOpenedTwice is R3 and F5: a process of its own is killed again and
// again while action items are added, and GitHub now and then opens an issue and
// drops the connection. No item has two issues, and each has one in the end,
// since what nobody knows is looked for.
func TestNoIssueIsOpenedTwice(t *testing.T) {
	t.Parallel()
	hub := fakegithub.New(fakegithub.Options{Token: testGitHub})
	server := httptest.NewServer(hub.Handler())
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		hub.Close()
	})
	hub.AddRepo(fakegithub.Repo{Name: "acme/postmortems", Private: true})
	v := newVictim(t, "slack: {post_every: 0s}\nfollowups: {repo: acme/postmortems}\n", "GITHUB_TOKEN="+testGitHub, "GITHUB_API_URL="+server.URL+"/api/v3/")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	v.start()
	v.declare(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var load sync.WaitGroup
	load.Go(func() { v.addItems(ctx) })
	for k := range kills {
		if k%3 == 0 {
			hub.Fail(fakegithub.Fault{Method: "POST", Path: "/repos/acme/postmortems/issues$", Drop: true, Times: 1})
		}
		pause(t, time.Duration(300+random.IntN(700))*time.Millisecond)
		v.kill()
		v.start()
	}
	stop()
	load.Wait()
	await(t, "every action item to have its issue", func() bool {
		for _, f := range v.items() {
			if f.Issue.State != bot.IssueOpened {
				return false
			}
		}
		return true
	})
	v.checkIssues(hub)
	v.kill()
}

// addItems adds one action item after the other, not faster than GitHub may be
// written to.
func (v *victim) addItems(ctx context.Context) {
	general := v.slack.Channels()[0].ID
	for n := 0; pauseFor(ctx, 400*time.Millisecond); n++ {
		text := fmt.Sprintf("Action %d", n)
		a, err := v.slack.As("ana").Slash(ctx, general, "/incident", "#1 action add "+text)
		if err == nil && strings.Contains(a.Text, text) {
			v.mu.Lock()
			v.acked = append(v.acked, text)
			v.mu.Unlock()
		}
	}
}

func (v *victim) items() (list []*bot.FollowUp) {
	v.view(func(tx bot.ReadTx) (err error) {
		list, err = tx.FollowUps(bot.Self(), bot.FollowUpFilter{Limit: 500})
		return err
	})
	return list
}

// checkIssues compares the items with the issues that GitHub has.
func (v *victim) checkIssues(hub *fakegithub.GitHub) {
	v.t.Helper()
	issues := hub.Issues("acme/postmortems")
	added := map[string]bool{}
	for _, f := range v.items() {
		added[f.Text.String()] = true
		n := 0
		for _, i := range issues {
			if strings.Contains(i.Body, f.Key) {
				n++
			}
		}
		if n != 1 {
			v.t.Errorf("action item %d has %d issues", f.Number, n)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, text := range v.acked {
		if !added[text] {
			v.t.Errorf("%q was acknowledged and is lost", text)
		}
	}
	v.t.Logf("%d kills, %d action items acknowledged, %d added, %d issues", kills, len(v.acked), len(added), len(issues))
	if len(v.acked) < kills/2 {
		v.t.Errorf("only %d action items were acknowledged: the test tests too little", len(v.acked))
	}
}
