package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy/fakedeploy"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// delivery is one thing that somebody sends us: the same bytes each time, signed
// anew.
type delivery struct {
	name   string
	send   func() string        // "STATUS BODY"
	counts func(bot.Event) bool // the entries that are its effect
}

func (d delivery) effects(w *world) (n int) {
	for _, e := range w.timeline(1) {
		if d.counts(e) {
			n++
		}
	}
	return n
}

// deliveries are one of each kind: incident 1 is in channel, and its action item 1
// has issue 1. mark is in all that they say, and tells them from those before.
func (w *world) deliveries(channel, mark string) []delivery {
	says := func(text string) func(bot.Event) bool {
		return func(e bot.Event) bool { return e.Text == bot.Text(text+mark) }
	}
	slack := func(name, path string, body []byte) delivery {
		return delivery{name, func() string { return w.post(path, body, testSecret, time.Now()) }, says(name)}
	}
	typed := strings.Replace(string(command("U0ANA", mark+".1", "update command"+mark)), "C00000001A", channel, 1)
	where := map[string]string{"id": channel}
	click := map[string]any{
		"type": "block_actions", "trigger_id": mark + ".2", "channel": where,
		"actions":   []map[string]string{{"type": "button", "action_id": "line:0", "block_id": "inc:1:0", "value": "update click" + mark}},
		"container": map[string]string{"type": "message", "channel_id": channel, "message_ts": "1.1"},
	}
	form := map[string]any{"type": "view_submission", "trigger_id": mark + ".3", "view": map[string]any{
		"id": "V" + mark, "type": "modal", "callback_id": "update", "private_metadata": fmt.Sprintf(`{"incident":1,"channel":%q}`, channel),
		"state": map[string]any{"values": map[string]any{"text": map[string]any{"value": map[string]string{"type": "plain_text_input", "value": "form" + mark}}}},
	}}
	said := func(kind, channelType, channel, ts, text string) []byte {
		return asJSON(w.t, map[string]any{"type": "event_callback", "team_id": "T0DEMO", "event_id": "Ev" + ts, "event": map[string]string{
			"type": kind, "channel_type": channelType, "user": "U0ANA", "channel": channel, "ts": ts, "text": text,
		}})
	}
	issue := asJSON(w.t, map[string]any{
		"action": "closed", "repository": map[string]string{"full_name": "acme/postmortems"}, "sender": map[string]string{"login": "ben"},
		"issue": map[string]any{"number": 1, "state": "closed", "state_reason": "completed", "updated_at": time.Now().UTC().Format(time.RFC3339)},
	})
	notice := asJSON(w.t, map[string]string{"service": "api-gateway", "environment": "production", "version": "v" + mark})
	return []delivery{
		slack("command", "/slack/commands", []byte(typed)),
		slack("click", "/slack/interactions", interaction(w.t, click)),
		slack("form", "/slack/interactions", interaction(w.t, form)),
		slack("mention", "/slack/events", said("app_mention", "channel", channel, "7"+mark, "<@"+w.slack.BotUser()+"> update mention"+mark)),
		slack("message", "/slack/events", said("message", "im", w.slack.DM("ana"), "8"+mark, "#1 update message"+mark)),
		{"API", func() string {
			return w.do(context.Background(), http.MethodPost, "/api/v1/commands",
				map[string]string{"Authorization": "Bearer " + testRoot, "Idempotency-Key": "key" + mark},
				asJSON(w.t, map[string]string{"user": "U0ANA", "text": "#1 update API" + mark}))
		}, says("API")},
		{"GitHub", func() string { return w.gitHubSends("72d3162e-cc78-11e3-81ab-"+mark, issue) }, func(e bot.Event) bool {
			m := e.Data.FollowUp
			return m != nil && m.What == bot.DeedState && m.State == bot.FollowUpDone
		}},
		{"deploy notice", func() string { return w.noticeArrives("msg_"+mark, notice) }, func(e bot.Event) bool {
			return e.Kind == bot.EventDeploy && strings.Contains(string(e.Text), "v"+mark)
		}},
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// interaction is what Slack sends when ana clicks or submits.
func interaction(t *testing.T, payload map[string]any) []byte {
	t.Helper()
	payload["user"], payload["team"] = map[string]string{"id": "U0ANA", "team_id": "T0DEMO"}, map[string]string{"id": "T0DEMO"}
	return []byte(url.Values{"payload": {string(asJSON(t, payload))}}.Encode())
}

func (w *world) gitHubSends(id string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(testWebhook))
	mac.Write(body)
	return w.do(context.Background(), http.MethodPost, "/github/webhooks", map[string]string{
		"X-GitHub-Event": "issues", "X-GitHub-Delivery": id, "Content-Type": "application/json",
		"X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil)),
	}, body)
}

func (w *world) noticeArrives(id string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(testNotices, "whsec_"))
	if err != nil {
		w.t.Fatal(err)
	}
	seconds := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + seconds + "." + string(body)))
	return w.do(context.Background(), http.MethodPost, "/hooks/deploys/generic", map[string]string{
		"webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	}, body)
}

func deliveriesConfig() string {
	return rollbackConfig("U0BEN") + "deploys: {generic: {secret: \"env:DEPLOY_HOOK_SECRET\"}}\nfollowups: {repo: acme/postmortems}\n"
}

// TestEveryDeliveryOnce is R2 for each kind of delivery: five times at once and
// again after a restart has one effect, and one that is refused by a program that
// is down is processed when it comes again.
func TestEveryDeliveryOnce(t *testing.T) {
	inWorld(t, deliveriesConfig(), func(w *world) {
		w.lines("ana> /incident declare sev1 Said once --service api-gateway", "ana> /incident #1 action add Close me")
		list := w.deliveries(w.channel("#inc-1-said-once"), "1000000001")
		w.stop()
		for _, d := range list {
			if got := d.send(); !strings.HasPrefix(got, "404") {
				t.Errorf("%s reached a program that is down: %s", d.name, got)
			}
		}
		w.start()
		var wg sync.WaitGroup
		for _, d := range list {
			for range 5 {
				wg.Go(func() {
					if got := d.send(); !strings.HasPrefix(got, "200") {
						t.Errorf("%s: %s", d.name, got)
					}
				})
			}
		}
		wg.Wait()
		w.settle()
		w.lines("restart")
		for _, d := range list {
			if got := d.send(); !strings.HasPrefix(got, "200") {
				t.Errorf("%s after the restart: %s", d.name, got)
			}
		}
		w.settle()
		for _, d := range list {
			if n := d.effects(w); n != 1 {
				t.Errorf("%s has %d effects", d.name, n)
			}
		}
	})
}

// TestAnswersWhileAllHangs is R1: with Slack, GitHub and the deploy system hung at
// once, every kind of delivery is answered within a second and has its effect, as
// have a rollback and an action item, which need the others to go on. Who waited
// reads the result, or why there is none.
func TestAnswersWhileAllHangs(t *testing.T) {
	inWorld(t, deliveriesConfig(), func(w *world) {
		w.lines("ana> /incident declare sev1 All hangs --service api-gateway", "ana> /incident #1 action add Close me", "ben joins #inc-1-all-hangs")
		channel := w.channel("#inc-1-all-hangs")
		hung := make(chan struct{})
		w.slack.Inject(fakeslack.Fault{Times: -1, Hang: true})
		w.github.Fail(fakegithub.Fault{Path: "/", Times: -1, Hold: hung})
		w.deploy.Fault(fakedeploy.Fault{Times: -1, Delay: time.Hour})
		list := w.deliveries(channel, "1000000002")
		for n, line := range []string{"action add Wait for GitHub", "rollback gateway"} {
			body := strings.Replace(string(command("U0ANA", fmt.Sprintf("9.%d", n), line)), "C00000001A", channel, 1)
			list = append(list, delivery{line, func() string { return w.post("/slack/commands", []byte(body), testSecret, time.Now()) }, func(e bot.Event) bool {
				return n == 0 && e.Text == "Wait for GitHub" || n == 1 && e.Kind == bot.EventRollback && e.Data.Rollback.State == bot.RollbackRequested
			}})
		}
		for _, d := range list {
			begin := time.Now()
			got := d.send()
			if took := time.Since(begin); !strings.HasPrefix(got, "200") || took > time.Second {
				t.Errorf("%s after %v: %s", d.name, took, got)
			}
			if d.name != "message" && d.name != "mention" && d.effects(w) != 1 { // those two are answered, and read, meanwhile
				t.Errorf("%s was answered before it was kept: %d entries", d.name, d.effects(w))
			}
		}
		w.lines("wait 2m")
		w.slack.ClearFaults()
		close(hung)
		w.github.ClearFaults()
		w.settle()
		w.lines("wait 15m") // the slowest retry
		for _, d := range list {
			if n := d.effects(w); n != 1 {
				t.Errorf("%s has %d effects", d.name, n)
			}
		}
		// Of the issue nobody can know whether it was opened; a person is asked.
		w.lines("#inc-1-all-hangs once< command1000000002", "#inc-1-all-hangs once< message1000000002", "#inc-1-all-hangs< API1000000002",
			"#inc-1-all-hangs< versions main runs could not be read", "#inc-1-all-hangs< [Open it again", "ben clicks Open it again in #inc-1-all-hangs",
			"issue acme/postmortems#2< Wait for GitHub", "issue acme/postmortems<! #3")
	})
}
