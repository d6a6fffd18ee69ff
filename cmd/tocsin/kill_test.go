package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// asProgram makes the test's binary be tocsin itself.
const asProgram = "TOCSIN_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	code := m.Run()
	table.print(os.Stdout)
	os.Exit(code)
}

// kills is how often the process is killed.
const kills = 12

// TestNothingAcknowledgedIsLost is R3: a process of its own is killed again and
// again under load, at any moment. What was acknowledged is in the record, once
// and in its place; everything is delivered in order; no channel is made twice,
// and no crash doubles more than one message.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	v := newVictim(t, "slack: {post_every: 0s}\n")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	v.start()
	v.declare(t)
	var load sync.WaitGroup
	for _, who := range []string{"ana", "ben", "cem"} {
		load.Go(func() { v.talk(ctx, who) })
	}
	for range kills {
		pause(t, time.Duration(100+random.IntN(400))*time.Millisecond)
		v.kill()
		v.start()
	}
	stop()
	load.Wait()
	v.drain()
	v.kill()
	v.check()
}

func (v *victim) declare(t *testing.T) {
	t.Helper()
	a, err := v.slack.As("ana").Slash(t.Context(), v.slack.Channels()[0].ID, "/incident", "declare sev1 Killed again and again")
	if err != nil || !strings.Contains(a.Text, "Declared") {
		t.Fatalf("declare: %q %v", a.Text, err)
	}
}

// talk posts one update after the other; what was acknowledged must last.
func (v *victim) talk(ctx context.Context, who string) {
	general := v.slack.Channels()[0].ID
	for n := 0; ctx.Err() == nil; n++ {
		text := fmt.Sprintf("%s counts %d.", who, n)
		a, err := v.slack.As(who).Slash(ctx, general, "/incident", "#1 update "+text)
		if err == nil && strings.Contains(a.Text, "Posted to the team") {
			v.mu.Lock()
			v.acked = append(v.acked, text)
			v.mu.Unlock()
			continue
		}
		pauseFor(ctx, 20*time.Millisecond)
	}
}

// check compares what was acknowledged with the record and with what Slack has.
func (v *victim) check() {
	v.t.Helper()
	var events []bot.Event
	v.view(func(tx bot.ReadTx) (err error) {
		events, err = tx.Events(bot.Self(), 1, bot.EventFilter{})
		return err
	})
	var head bot.Head
	recorded := map[string]int{}
	var order []string
	for _, e := range events {
		if err := e.Verify(head); err != nil {
			v.t.Errorf("the record: %v", err)
		}
		head = e.Head()
		if e.Kind == bot.EventUpdated {
			recorded[string(e.Text)]++
			order = append(order, string(e.Text))
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, text := range v.acked {
		if recorded[text] != 1 {
			v.t.Errorf("%q was acknowledged and is in the record %d times", text, recorded[text])
		}
	}
	v.checkSlack(order)
	v.t.Logf("%d updates acknowledged, %d recorded, %d kills", len(v.acked), len(order), v.kills)
	if len(v.acked) < v.kills {
		v.t.Errorf("only %d updates were acknowledged: the test tests too little", len(v.acked))
	}
}

func (v *victim) checkSlack(order []string) {
	v.t.Helper()
	made := 0
	for _, c := range v.slack.Channels() {
		if strings.HasPrefix(c.Name, "inc-1") {
			made++
		}
	}
	if made != 1 {
		v.t.Errorf("%d channels were made", made)
		return
	}
	c, _ := v.slack.Channel("inc-1-killed-again-and-again")
	var posted []string
	doubles, seen := 0, map[string]bool{}
	for _, m := range v.slack.Messages(c.ID) {
		lines := strings.Split(v.slack.PlainText(m), "\n")
		for _, want := range order {
			if m.Subtype == "" && lines[0] == "*Update*" && slices.Contains(lines, want) {
				if seen[want] {
					doubles++
					continue
				}
				seen[want] = true
				posted = append(posted, want)
			}
		}
	}
	if strings.Join(posted, "\n") != strings.Join(order, "\n") {
		v.t.Errorf("posted %d of %d, or in another order:\n%s\nwant\n%s", len(posted), len(order), strings.Join(posted, ", "), strings.Join(order, ", "))
	}
	if doubles > v.kills {
		v.t.Errorf("%d messages were doubled by %d kills", doubles, v.kills)
	}
}

// await looks again and again, for at most a minute.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		if !pauseFor(ctx, 10*time.Millisecond) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func pause(t *testing.T, d time.Duration) {
	t.Helper()
	pauseFor(t.Context(), d)
}
