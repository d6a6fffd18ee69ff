package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// entries are all the ways in by which somebody can change an incident: each
// tries to carry out line as user, the way that Slack or a program would ask.
func entries(w *world, channel, token string) map[string]func(user, line string) {
	signed := func(path string, body []byte) { w.post(path, body, testSecret, time.Now()) }
	n := 0
	next := func() string { n++; return fmt.Sprintf("entry.%d", n) }
	interaction := func(user string, extra map[string]any) {
		payload := map[string]any{
			"user": map[string]string{"id": user, "team_id": "T0DEMO"}, "team": map[string]string{"id": "T0DEMO"},
			"trigger_id": next(), "channel": map[string]string{"id": channel},
		}
		for k, v := range extra {
			payload[k] = v
		}
		b, err := json.Marshal(payload)
		if err != nil {
			w.t.Fatal(err)
		}
		signed("/slack/interactions", []byte(url.Values{"payload": {string(b)}}.Encode()))
	}
	event := func(what map[string]string) {
		b, err := json.Marshal(map[string]any{"type": "event_callback", "team_id": "T0DEMO", "event_id": next(), "event": what})
		if err != nil {
			w.t.Fatal(err)
		}
		signed("/slack/events", b)
	}
	return map[string]func(user, line string){
		"slash command": func(user, line string) {
			body := strings.Replace(string(command(user, next(), line)), "C00000001A", channel, 1)
			signed("/slack/commands", []byte(body))
		},
		"mention": func(user, line string) {
			event(map[string]string{"type": "app_mention", "user": user, "channel": channel, "ts": next(), "text": "<@" + w.slack.BotUser() + "> " + line})
		},
		"mention in a thread": func(user, line string) {
			event(map[string]string{
				"type": "app_mention", "user": user, "channel": channel, "ts": next(), "thread_ts": "1.1", "text": "<@" + w.slack.BotUser() + "> " + line,
			})
		},
		"direct message": func(user, line string) {
			event(map[string]string{"type": "message", "channel_type": "im", "user": user, "channel": "D0" + user, "ts": next(), "text": "#1 " + line})
		},
		"button": func(user, line string) {
			interaction(user, map[string]any{
				"type": "block_actions", "actions": []map[string]string{{"type": "button", "action_id": "line:0", "block_id": "inc:1:0", "value": line}},
				"container": map[string]string{"type": "message", "channel_id": channel, "message_ts": "1.1"},
			})
		},
		"form": func(user, line string) {
			text := strings.TrimSuffix(strings.TrimPrefix(line, "update "), " --public")
			interaction(user, map[string]any{"type": "view_submission", "view": map[string]any{
				"id": "V" + next(), "type": "modal", "callback_id": "update", "private_metadata": fmt.Sprintf(`{"incident":1,"channel":%q}`, channel),
				"state": map[string]any{"values": map[string]any{
					"text":   map[string]any{"value": map[string]string{"type": "plain_text_input", "value": text}},
					"public": map[string]any{"value": map[string]any{"type": "checkboxes", "selected_options": []map[string]string{{"value": "yes"}}}},
				}},
			}})
		},
		"API, root token": func(user, line string) {
			w.command(testRoot, map[string]string{"user": user, "text": "#1 " + line})
		},
		"API, personal token": func(user, line string) {
			if user == "U0ANA" {
				w.command(token, map[string]string{"text": "#1 " + line})
			}
		},
	}
}

func (w *world) command(token string, body map[string]string) string {
	b, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.do(context.Background(), http.MethodPost, "/api/v1/commands", map[string]string{"Authorization": "Bearer " + token}, b)
}

// TestEveryEntryChecksTheRight is S2: whatever the way in, the right is judged
// there and then, by who acts. Nobody is let in by the way that they took.
func TestEveryEntryChecksTheRight(t *testing.T) {
	inWorld(t, "slack: {post_every: 0s}\npermissions: {declare: [everyone], respond: [everyone], publish: [commander, admin], admin: [U0CEM]}", func(w *world) {
		w.lines("ana> /incident declare sev1 Rights are judged")
		var token string
		err := w.app.store.Update(context.Background(), func(tx bot.Tx) (err error) {
			token, _, err = bot.CreateToken(tx, bot.Token{User: "U0ANA"}, time.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		may := map[string]bool{"U0ANA": true, "U0BEN": false, "U0CEM": true, "U0GUS": false, "U0EVE": false, "U0OLD": false}
		for name, enter := range entries(w, w.channel("#inc-1-rights-are-judged"), token) {
			for user, allowed := range may {
				if name == "API, personal token" && user != "U0ANA" {
					continue
				}
				text := fmt.Sprintf("%s came by %s", user, name)
				enter(user, "update "+text+" --public")
				w.settle()
				if n := countText(w.timeline(1), bot.Text(text)); (n == 1) != allowed || n > 1 {
					t.Errorf("%s by %s: done %d times, allowed: %v", user, name, n, allowed)
				}
				if public := strings.Contains(w.readable("/"), text); public != allowed {
					t.Errorf("%s by %s: customers read it: %v", user, name, public)
				}
			}
		}
	})
}
