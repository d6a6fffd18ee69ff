package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// inWorld runs fn against the whole program in virtual time.
func inWorld(t *testing.T, config string, fn func(w *world)) {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir, config)
		defer w.close()
		fn(w)
	})
}

// quick plays lines as transcripts do.
func (w *world) lines(lines ...string) {
	w.t.Helper()
	for _, l := range lines {
		w.at = l
		w.play(step{text: l})
	}
}

// incidents reads the newest incidents as the bot sees them.
func (w *world) incidents() (list []*bot.Incident) {
	w.t.Helper()
	err := w.app.store.View(context.Background(), func(tx bot.ReadTx) (err error) {
		list, err = tx.Incidents(bot.Self(), bot.IncidentFilter{Limit: 500})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) timeline(incident int64) (list []bot.Event) {
	w.t.Helper()
	err := w.app.store.View(context.Background(), func(tx bot.ReadTx) (err error) {
		list, err = tx.Timeline(bot.Self(), incident, bot.EventFilter{})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// TestAnswersWhileSlackHangs is R1: with Slack's API hung, commands, clicks and
// forms are answered within a second, and what they did is kept and delivered.
func TestAnswersWhileSlackHangs(t *testing.T) {
	inWorld(t, "slack: {post_every: 0s}", func(w *world) {
		ctx := context.Background()
		w.lines("ana> /incident declare sev1 Before it hung", "ana in #inc-1-before-it-hung> /incident note")
		views := w.slack.As("ana").Views()
		w.slack.Inject(fakeslack.Fault{Times: -1, Hang: true})
		channel := w.channel("#inc-1-before-it-hung")
		card := w.slack.Messages(channel)[slices.IndexFunc(w.slack.Messages(channel), func(m fakeslack.Message) bool { return m.Pinned })]
		for name, act := range map[string]func() (fakeslack.Answer, error){
			"command": func() (fakeslack.Answer, error) {
				return w.slack.As("ana").Slash(ctx, channel, "/incident", "update Slack hangs")
			},
			"declare": func() (fakeslack.Answer, error) {
				return w.slack.As("ben").Slash(ctx, w.channel("#general"), "/incident", "declare sev2 Login fails")
			},
			"click": func() (fakeslack.Answer, error) {
				return w.slack.As("ana").Click(ctx, channel, card.TS, "Take command")
			},
			"form": func() (fakeslack.Answer, error) {
				return w.slack.As("ana").Submit(ctx, views[0].ID, map[string]string{"text": "from the form"})
			},
		} {
			begin := time.Now()
			a, err := act()
			if took := time.Since(begin); err != nil || a.Status != http.StatusOK || took > time.Second {
				t.Errorf("%s: status %d after %v: %v", name, a.Status, took, err)
			}
		}
		w.slack.ClearFaults()
		w.settle()
		time.Sleep(10 * time.Minute) // the slowest retry
		w.settle()
		w.lines("#inc-1-before-it-hung< Slack hangs", "#inc-2-login-fails pinned< Login fails", "#incidents< Login fails")
		if list := w.incidents(); len(list) != 2 || list[1].Acting {
			t.Error("the declare or the click was answered and not done")
		}
		if n := countText(w.timeline(1), "from the form"); n != 1 {
			t.Errorf("the form's note is there %d times", n)
		}
	})
}

func countText(events []bot.Event, text bot.Text) (n int) {
	for _, e := range events {
		if e.Text == text {
			n++
		}
	}
	return n
}

// command is a slash command as Slack sends it.
func command(user, trigger, text string) []byte {
	return []byte(url.Values{
		"command": {"/incident"}, "text": {text}, "user_id": {user}, "team_id": {"T0DEMO"}, "trigger_id": {trigger},
		"channel_id": {"C00000001A"}, "response_url": {"http://slack.test/response/none"},
	}.Encode())
}

// post sends body to path, signed for when it says.
func (w *world) post(path string, body []byte, secret string, at time.Time) string {
	ts := strconv.FormatInt(at.Unix(), 10)
	headers := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": ts}
	if secret != "" {
		headers["X-Slack-Signature"] = fakeslack.Sign(secret, ts, body)
	}
	return w.do(context.Background(), http.MethodPost, path, headers, body)
}

// TestRepeatsHaveOneEffect is R2: one delivery, five times at once and again
// after a restart, declares one incident and says the same each time.
func TestRepeatsHaveOneEffect(t *testing.T) {
	inWorld(t, "slack: {post_every: 0s}", func(w *world) {
		body := command("U0ANA", "1.2.three", "declare sev1 Said once")
		answers := make([]string, 5)
		var wg sync.WaitGroup
		for k := range answers {
			wg.Go(func() { answers[k] = w.post("/slack/commands", body, testSecret, time.Now()) })
		}
		wg.Wait()
		w.settle()
		w.lines("restart")
		answers = append(answers, w.post("/slack/commands", body, testSecret, time.Now()))
		for _, a := range answers {
			if a != answers[0] || !strings.Contains(a, "Declared incident") {
				t.Errorf("an answer differs: %s", a)
			}
		}
		if list := w.incidents(); len(list) != 1 {
			t.Errorf("%d incidents", len(list))
		}
		if n := len(w.slack.Calls("conversations.create")); n != 1 {
			t.Errorf("conversations.create was called %d times", n)
		}
		// A repeat whose first copy never arrived counts.
		if a := w.post("/slack/commands", command("U0ANA", "4.5.six", "declare sev3 Another"), testSecret, time.Now()); !strings.Contains(a, "#2") {
			t.Errorf("answer: %s", a)
		}
	})
}

// TestForgedRequestsDoNothing is S1.
func TestForgedRequestsDoNothing(t *testing.T) {
	inWorld(t, "", func(w *world) {
		body := command("U0ANA", "7.8.nine", "declare sev1 Forged")
		now := time.Now()
		for name, answer := range map[string]string{
			"unsigned":     w.post("/slack/commands", body, "", now),
			"wrong secret": w.post("/slack/commands", body, "another-secret-of-some-length", now),
			"stale":        w.post("/slack/commands", body, testSecret, now.Add(-6*time.Minute)),
			"future":       w.post("/slack/commands", body, testSecret, now.Add(6*time.Minute)),
			"interaction":  w.post("/slack/interactions", body, "", now),
			"event":        w.post("/slack/events", body, "", now),
		} {
			if !strings.HasPrefix(answer, "401") {
				t.Errorf("%s: %s", name, answer)
			}
		}
		if list := w.incidents(); len(list) != 0 {
			t.Errorf("%d incidents were forged", len(list))
		}
		if answer := w.post("/slack/commands", body, testSecret, now.Add(-4*time.Minute)); !strings.HasPrefix(answer, "200") {
			t.Errorf("a signature of four minutes ago: %s", answer)
		}
	})
}

// TestOneAnnouncementIsEdited is F7: the announcement is one message, edited in
// place, across restarts too; the same status twice says nothing the second
// time.
func TestOneAnnouncementIsEdited(t *testing.T) {
	inWorld(t, "slack: {post_every: 0s}", func(w *world) {
		w.lines("ana> /incident declare sev3 Search is slow", "ana in #inc-1-search-is-slow> /incident status identified", "restart",
			"ana> /incident severity sev1", "restart", "ana> /incident status monitoring", "ana> /incident status monitoring", "ana> /incident ic", "ana> /incident resolve Done")
		var top, replies []string
		for _, m := range w.slack.Messages(w.channel("#incidents")) {
			switch {
			case m.User != w.slack.BotUser() || m.Subtype != "":
			case m.ThreadTS != "" && m.ThreadTS != m.TS:
				replies = append(replies, w.slack.PlainText(m))
			default:
				top = append(top, w.slack.PlainText(m))
			}
		}
		if len(top) != 1 || !strings.Contains(top[0], "Resolved") || !strings.Contains(top[0], "SEV1") {
			t.Errorf("announcements: %q", top)
		}
		if len(replies) != 3 { // the raise, the commander, the end
			t.Errorf("thread: %q", replies)
		}
		n := 0
		for _, m := range w.slack.Messages(w.channel("#inc-1-search-is-slow")) {
			if m.Subtype == "" && strings.Contains(w.slack.PlainText(m), "Status: Monitoring") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the status was posted %d times", n)
		}
	})
}

// TestTwoAtOnce is R12: updates of two people at once are both kept, and a form
// changes nothing that it does not show.
func TestTwoAtOnce(t *testing.T) {
	inWorld(t, "slack: {post_every: 0s}", func(w *world) {
		w.lines("ana> /incident declare sev1 Both at once", "ben joins #inc-1-both-at-once", "ana in #inc-1-both-at-once> /incident summary")
		channel, ctx := w.channel("#inc-1-both-at-once"), context.Background()
		view := w.slack.As("ana").Views()[0]
		var wg sync.WaitGroup
		for _, who := range []string{"ana", "ben"} {
			wg.Go(func() {
				for k := range 5 {
					if _, err := w.slack.As(who).Slash(ctx, channel, "/incident", fmt.Sprintf("update %s says %d", who, k)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		w.lines("ben in #inc-1-both-at-once> /incident title Changed meanwhile")
		if _, err := w.slack.As("ana").Submit(ctx, view.ID, map[string]string{"text": "The summary"}); err != nil {
			t.Fatal(err)
		}
		w.settle()
		events := w.timeline(1)
		for _, who := range []string{"ana", "ben"} {
			for k := range 5 {
				if n := countText(events, bot.Text(fmt.Sprintf("%s says %d", who, k))); n != 1 {
					t.Errorf("%s says %d: there %d times", who, k, n)
				}
			}
		}
		if i := w.incidents()[0]; i.Title != "Changed meanwhile" || i.Summary != "The summary" {
			t.Errorf("title %q, summary %q", i.Title, i.Summary)
		}
		w.sameOrder(channel, events)
	})
}

// sameOrder checks that a channel's updates stand in the order of the commands.
func (w *world) sameOrder(channel string, events []bot.Event) {
	w.t.Helper()
	var posted strings.Builder
	for _, m := range w.slack.Messages(channel) {
		posted.WriteString(w.slack.PlainText(m) + "\n")
	}
	at := 0
	for _, e := range events {
		if e.Kind != bot.EventUpdated {
			continue
		}
		k := strings.Index(posted.String()[at:], string(e.Text))
		if k < 0 {
			w.t.Errorf("entry %d (%s) is not posted in its order", e.Seq, e.Text)
			return
		}
		at += k
	}
}
