package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

const withIssues = "slack: {post_every: 0s}\nfollowups: {repo: acme/postmortems}\npeople: {U0BEN: {github: ben}}\n"

// TestAnswersWhileGitHubHangs is R1 for action items: with GitHub hung, who adds
// and closes them is answered within a second, and GitHub hears of it afterwards,
// once.
func TestAnswersWhileGitHubHangs(t *testing.T) {
	inWorld(t, withIssues, func(w *world) {
		w.lines("ana> /incident declare sev1 GitHub hangs")
		hung := make(chan struct{})
		w.github.Fail(fakegithub.Fault{Path: "/", Times: -1, Hold: hung})
		channel := w.channel("#inc-1-github-hangs")
		for _, line := range []string{"action add Wait for GitHub --owner @ben", "action start 1", "action done 1"} {
			begin := time.Now()
			a, err := w.slack.As("ana").Slash(context.Background(), channel, "/incident", line)
			if took := time.Since(begin); err != nil || !strings.Contains(a.Text, "Wait for GitHub") || took > time.Second {
				t.Errorf("%s: %q after %v: %v", line, a.Text, took, err)
			}
		}
		w.settle()
		close(hung)
		w.github.ClearFaults()
		time.Sleep(15 * time.Minute) // the slowest retry, and the search for what may have been opened
		w.settle()
		w.lines("issue acme/postmortems#1< #1 closed completed Wait for GitHub", "issue acme/postmortems<! #2", "#inc-1-github-hangs once< Wait for GitHub")
	})
}

// TestOneItemOneIssue is R2 and F5: one delivery five times at once and again
// after a restart, a double click beside it, and five people who close it.
func TestOneItemOneIssue(t *testing.T) {
	inWorld(t, withIssues, func(w *world) {
		w.lines("ana> /incident declare sev1 Said once")
		add := "#1 action add Do it once --owner <@U0BEN>"
		bodies := [][]byte{command("U0ANA", "7.7.click", add)} // the second click has a key of its own
		for range 5 {
			bodies = append(bodies, command("U0ANA", "1.2.three", add))
		}
		var wg sync.WaitGroup
		for _, b := range bodies {
			wg.Go(func() { w.post("/slack/commands", b, testSecret, time.Now()) })
		}
		wg.Wait()
		w.settle()
		w.lines("restart")
		for _, b := range bodies {
			w.post("/slack/commands", b, testSecret, time.Now())
		}
		for range 5 {
			wg.Go(func() { w.post("/slack/commands", command("U0BEN", "", "action done 1"), testSecret, time.Now()) })
		}
		wg.Wait()
		w.settle()
		w.lines("issue acme/postmortems#1< closed completed Do it once", "issue acme/postmortems<! #2")
		done := 0
		for _, e := range w.timeline(1) {
			if m := e.Data.FollowUp; m != nil && m.What == bot.DeedState {
				done++
			}
		}
		if done != 1 {
			t.Errorf("it was done %d times", done)
		}
	})
}

// TestForgedWebhooksDoNothing is S1 for GitHub's deliveries.
func TestForgedWebhooksDoNothing(t *testing.T) {
	inWorld(t, withIssues, func(w *world) {
		w.lines("ana> /incident declare sev1 Forged", "ana> /incident #1 action add Stay open")
		body := []byte(`{"action":"closed","issue":{"number":1,"state":"closed","updated_at":"2030-01-01T00:00:00Z"},"repository":{"full_name":"acme/postmortems"}}`)
		for name, headers := range map[string]map[string]string{
			"unsigned":     {},
			"wrong secret": {"X-Hub-Signature-256": "sha256=" + strings.Repeat("0", 64)},
			"SHA-1 alone":  {"X-Hub-Signature": "sha1=" + strings.Repeat("0", 40)},
		} {
			headers["X-GitHub-Event"], headers["X-GitHub-Delivery"] = "issues", "72d3162e-cc78-11e3-81ab-4c9367dc0958"
			if a := w.do(context.Background(), http.MethodPost, "/github/webhooks", headers, body); !strings.HasPrefix(a, "401") {
				t.Errorf("%s: %s", name, a)
			}
		}
		w.lines("ana> /incident #1 action list", "< [OPEN] Stay open")
	})
}
