package slack

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// last returns the newest message of a channel that one person sees.
func (w *world) last(channel, to string) fakeslack.Message {
	w.t.Helper()
	all := w.fake.Messages(channel)
	for k := len(all) - 1; k >= 0; k-- {
		if all[k].EphemeralTo == to {
			return all[k]
		}
	}
	w.t.Fatalf("nothing for %s in %s", to, channel)
	return fakeslack.Message{}
}

func (w *world) click(who, channel, ts, match string) {
	w.t.Helper()
	if _, err := w.fake.As(who).Click(w.ctx, channel, ts, match); err != nil {
		w.t.Fatalf("click %s: %v", match, err)
	}
	w.rest(time.Second)
}

func TestClicks(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		a := w.slash(ana, "general", "buttons")
		w.click(ana, "general", a.Message.TS, "Say hello")
		w.once(w.whispered("general", ana), "Hello @ana.")
		if r := w.talk.seen.Load(); r.Line != bot.Join("hello ", bot.MentionUser(ben)) || r.Key == "" {
			t.Errorf("%+v", r)
		}
		if got := w.last("general", ana); fakeslack.PlainText(got) == "" {
			t.Error("the choice is gone")
		}
	})
}

// TestClicksOfTheCard belong to the card's incident and are judged by who clicks.
func TestClicksOfTheCard(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare One is down")
		w.slash(ana, "general", "declare Two is down")
		w.rest(10 * time.Second)
		channel := string(w.incident(2).Channel)
		c, _ := w.fake.Channel(channel)
		before := w.talk.count.Load()
		w.click(ana, channel, c.Pins[0], "Resolve")
		r := w.talk.seen.Load()
		if r.Incident != 2 || r.Channel != bot.ChannelID(channel) || r.User != ana || !strings.HasPrefix(string(r.Line), "resolve") || w.talk.count.Load() != before+1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestReplace(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.talk.extra = func(bot.Request) bot.Reply {
			return bot.Say("Choose.").With(bot.Buttons(bot.Button{Label: "R", Line: "replace"}))
		}
		a := w.slash(ana, "general", "extra")
		w.click(ana, "general", a.Message.TS, "R")
		if m, ok := w.fake.Message("general", a.Message.TS); !ok || !strings.Contains(fakeslack.PlainText(m), "Replaced.") {
			t.Errorf("it was not replaced: %v", w.whispered("general", ana))
		}
	})
}

func TestMentionsAndDMs(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		ts, err := w.fake.As(ana).Say(w.ctx, "general", "", "@tocsin hello & goodbye")
		if err != nil {
			t.Fatal(err)
		}
		w.rest(time.Second)
		w.once(w.whispered("general", ana), "Hello @ana.")
		r := w.talk.seen.Load()
		if r.Line != "hello & goodbye" || r.Thread != "" || !strings.HasSuffix(r.Key, ":"+ts) {
			t.Errorf("%+v", r)
		}
		if _, err := w.fake.As(ana).Say(w.ctx, "general", ts, "hey @tocsin: hello"); err != nil {
			t.Fatal(err)
		}
		w.rest(time.Second)
		if m := w.last("general", ana); m.ThreadTS != ts || w.talk.seen.Load().Thread != ts || w.talk.seen.Load().Line != "hello" {
			t.Errorf("%+v", m)
		}
		dm := w.fake.DM(ben)
		if _, err := w.fake.As(ben).Say(w.ctx, dm, "", "/incident hello"); err != nil {
			t.Fatal(err)
		}
		w.rest(time.Second)
		w.once(w.said(dm), "Hello @ben.")
		n := w.talk.count.Load()
		if _, err := w.fake.As(ana).Say(w.ctx, "general", "", "nothing for the bot"); err != nil {
			t.Fatal(err)
		}
		w.rest(time.Second)
		if w.talk.count.Load() != n {
			t.Error("it listens to what is not said to it")
		}
	})
}

func TestExternalPeople(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		// Not even Slack's list of people has them.
		const stranger = "U0STRANGE"
		body, err := json.Marshal(map[string]any{
			"type": "block_actions", "trigger_id": "9.t", "team": map[string]string{"id": "T0DEMO"}, "user": map[string]string{"id": stranger, "team_id": "T0OTHER"},
			"channel": map[string]string{"id": "C000000001"}, "actions": []map[string]string{{"type": "button", "value": "look", "block_id": "inc:4:0"}},
			"response_url": "https://evil.test/hook",
		})
		if err != nil {
			t.Fatal(err)
		}
		if rec := w.signed("/slack/interactions", url.Values{"payload": {string(body)}}.Encode()); rec.Code != http.StatusOK {
			t.Errorf("%d", rec.Code)
		}
		if p := w.person(stranger); !p.External {
			t.Errorf("%+v", p)
		}
		if r := w.talk.seen.Load(); r.User != stranger || r.Incident != 4 {
			t.Errorf("%+v", r)
		}
		event := map[string]any{"type": "app_mention", "user": "U0STRANG2", "user_team": "T0OTHER", "channel": "C000000001", "ts": "1.2", "text": "hello"}
		if err := w.fake.SendEvent(w.ctx, event); err != nil {
			t.Fatal(err)
		}
		if p := w.person("U0STRANG2"); !p.External {
			t.Errorf("%+v", p)
		}
		// Without a word about the team they are looked up first.
		w.signed("/slack/commands", commandForm("hello", "user_id", alien, "team_id", ""))
		if p := w.person(alien); !p.External {
			t.Errorf("%+v", p)
		}
	})
}

// TestOtherBots are not answered, so that two bots cannot talk for ever.
func TestOtherBots(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		for _, more := range []map[string]any{{"bot_id": "B1"}, {"subtype": "message_changed"}, {"user": w.fake.BotUser()}, {"user": ""}} {
			event := map[string]any{"type": "app_mention", "user": ben, "channel": "C000000001", "ts": "1.2", "text": "hello"}
			for k, v := range more {
				event[k] = v
			}
			if err := w.fake.SendEvent(w.ctx, event); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.talk.count.Load(); n != 0 {
			t.Errorf("%d were answered", n)
		}
	})
}

func (w *world) person(id bot.UserID) (p bot.Person) {
	w.t.Helper()
	err := w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
		p, err = tx.Person(id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.rest(time.Second)
		if p := w.person(ana); p.Name != "Ana Lima" || p.Handle != "ana" || p.Zone != "America/New_York" || p.Outsider() || p.SyncedAt.IsZero() {
			t.Errorf("%+v", p)
		}
		for _, id := range []bot.UserID{guest, gone, bot.UserID(w.fake.BotUser())} {
			if !w.person(id).Outsider() {
				t.Errorf("%s is no outsider", id)
			}
		}
		var groups []bot.Group
		check := func(want int) {
			t.Helper()
			_ = w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
				groups, err = tx.GroupsOf(ben)
				return err
			})
			if len(groups) != want {
				t.Errorf("groups of ben: %+v", groups)
			}
		}
		check(1)
		w.fake.AddGroup(fakeslack.Group{ID: "S00SECURE", Handle: "security", Users: []string{ana}})
		w.fake.Inject(fakeslack.Fault{Method: "usergroups.list", Error: "internal_error"})
		w.rest(time.Minute)
		check(1) // a failure keeps what is known
		if err := w.fake.SendEvent(w.ctx, map[string]any{"type": "subteam_updated"}); err != nil {
			t.Fatal(err)
		}
		w.rest(spacing("usergroups.list"))
		check(0)
		if err := w.fake.SendEvent(w.ctx, map[string]any{"type": "user_change", "user": map[string]any{"id": ben, "team_id": "T0DEMO", "deleted": true}}); err != nil {
			t.Fatal(err)
		}
		if p := w.person(ben); !p.Deleted {
			t.Errorf("%+v", p)
		}
		// Somebody new is looked up before their first command.
		w.fake.AddUser(fakeslack.User{ID: "U000NEW01", Name: "new", IsUltraRestricted: true})
		w.signed("/slack/commands", commandForm("hello", "user_id", "U000NEW01"))
		if !w.person("U000NEW01").Guest {
			t.Error("a guest passed for a member")
		}
	})
}

func TestRemovedApp(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.rest(time.Second)
		if ok, _, detail := w.slack.Health(); !ok {
			t.Fatal(detail)
		}
		if err := w.fake.SendEvent(w.ctx, map[string]any{"type": "app_uninstalled"}); err != nil {
			t.Fatal(err)
		}
		if ok, _, detail := w.slack.Health(); ok || !strings.Contains(detail, "removed") {
			t.Errorf("%s", detail)
		}
	})
}
