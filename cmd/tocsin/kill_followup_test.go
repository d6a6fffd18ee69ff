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
// drops the connection. No item has two issues. Each that reached GitHub is found;
// what was marked and never sent waits for a person to look.
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
	load.Go(func() { v.addItems(ctx, 450*time.Millisecond, mostItems) })
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
	t.Cleanup(func() {
		if t.Failed() {
			for _, f := range v.items() {
				t.Logf("action item %d: %+v, %d issues", f.Number, f.Issue, issuesOf(hub, f))
			}
		}
	})
	v.awaitIssues(hub)
	v.checkIssues(hub)
	v.kill()
	if len(v.ackedItems) < kills/4 {
		t.Errorf("%d action items were acknowledged: the test tests too little", len(v.ackedItems))
	}
}

// awaitIssues waits until every action item has its issue, but for those that wait
// for a person to look.
func (v *victim) awaitIssues(hub *fakegithub.GitHub) {
	v.t.Helper()
	await(v.t, "every action item to have its issue", func() bool {
		for _, f := range v.items() {
			lost := f.Issue.State == bot.IssueUnknown && issuesOf(hub, f) == 0
			if f.Issue.State != bot.IssueOpened && !lost {
				return false
			}
		}
		return true
	})
}

// mostItems keeps the items, and what is opened in vain, below the twenty that may
// be opened at once; the next would wait for minutes.
const mostItems = 13

// addItems adds one action item after the other, not faster than GitHub may be
// written to.
func (v *victim) addItems(ctx context.Context, every time.Duration, most int) {
	general := v.slack.Channels()[0].ID
	for n := 0; n < most && pauseFor(ctx, every); n++ {
		text := fmt.Sprintf("Action %d", n)
		a, err := v.slack.As("ana").Slash(ctx, general, "/incident", "#1 action add "+text)
		if err == nil && strings.Contains(a.Text, "Action item") { // an apology holds the line, too
			v.mu.Lock()
			v.ackedItems = append(v.ackedItems, text)
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
	added, lost := map[string]bool{}, 0
	for _, f := range v.items() {
		added[f.Text.String()] = true
		want := 1
		if f.Issue.State == bot.IssueUnknown { // killed between the mark and the first byte
			want = 0
			lost++
		}
		if n := issuesOf(hub, f); n != want {
			v.t.Errorf("action item %d, %s, has %d issues", f.Number, f.Issue.State, n)
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, text := range v.ackedItems {
		if !added[text] {
			v.t.Errorf("%q was acknowledged and is lost", text)
		}
	}
	v.t.Logf("%d kills, %d action items acknowledged, %d added, %d of them never sent", v.kills, len(v.ackedItems), len(added), lost)
	if lost > v.kills {
		v.t.Errorf("%d action items were never sent, with %d kills", lost, v.kills)
	}
}

// issuesOf counts the issues that GitHub has of an item.
func issuesOf(hub *fakegithub.GitHub, f *bot.FollowUp) (n int) {
	for _, i := range hub.Issues("acme/postmortems") {
		if strings.Contains(i.Body, f.Key) {
			n++
		}
	}
	return n
}
