package fakeslack

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
)

func TestEventsOfWhatPeopleDo(t *testing.T) {
	w := newWorld(t)
	ctx, ana := t.Context(), w.As("ana")
	ts := must(ana.Say(ctx, "general", "", "@tocsin status"))(t)
	must(ana.Say(ctx, "other", "", "the bot is not here"))(t)
	for _, err := range []error{
		ana.Edit(ctx, "general", ts, "@tocsin list"), ana.React(ctx, "general", ts, "eyes"), ana.React(ctx, "general", ts, "eyes"),
		ana.Pin(ctx, "general", ts), ana.Invite(ctx, "other", "tocsin"), ana.Delete(ctx, "general", ts),
		w.As("ben").Join(ctx, "other"), w.As("ben").Leave(ctx, "other"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"message", "app_mention", "message/message_changed", "reaction_added", "reaction_removed", "pin_added",
		"message/channel_join", "member_joined_channel", "message/message_deleted",
		"message/channel_join", "member_joined_channel", "message/channel_leave", "member_left_channel",
	}
	if got := w.app.eventTypes(); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for _, r := range w.app.requests("/slack/events") {
		if _, err := slackevents.ParseEvent(r.body, slackevents.OptionNoVerifyToken()); err != nil {
			t.Errorf("slack-go cannot read %s: %v", r.body, err)
		}
	}
	mention := w.app.requests("/slack/events")[1].event()
	if mention["text"] != "<@"+w.BotUser()+"> status" || mention["user"] != "U0ANA" || mention["channel"] != w.general {
		t.Errorf("%v", mention)
	}
}

func TestEventsOfWhatTheAppDoes(t *testing.T) {
	w := newWorld(t)
	ts := w.say(w.general, text("hello"))
	wantErr(t, w.api.AddPin(w.general, slack.NewRefToMessage(w.general, ts)), "")
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.app.eventTypes(); !slices.Equal(got, []string{"message", "pin_added"}) {
		t.Error(got)
	}
	if e := w.app.requests("/slack/events")[0].event(); e["bot_id"] == nil || e["channel_type"] != "channel" {
		t.Errorf("the app must be able to know its own messages: %v", e)
	}
}

func TestOnlySubscribedEventsAreSent(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Events = []string{"app_mention"} })
	must(w.As("ana").Say(t.Context(), "general", "", "hi @tocsin, and mail a@tocsin.example"))(t)
	if got := w.app.eventTypes(); !slices.Equal(got, []string{"app_mention"}) {
		t.Error(got)
	}
}

func TestEventRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		start := time.Now()
		var mu sync.Mutex
		var at []time.Duration
		w.app.events = func(rw http.ResponseWriter, _ received) {
			mu.Lock()
			at = append(at, time.Since(start))
			n := len(at)
			mu.Unlock()
			switch n {
			case 1:
				time.Sleep(3500 * time.Millisecond)
			case 2, 3:
				rw.WriteHeader(http.StatusServiceUnavailable)
			}
		}
		if err := w.SendEvent(t.Context(), map[string]any{"type": "app_mention", "text": "x"}); err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{0, 3 * time.Second, 63 * time.Second, 363 * time.Second}
		if !slices.Equal(at, want) {
			t.Errorf("attempts at %v, want %v", at, want)
		}
		all := w.app.requests("/slack/events")
		var seen []string
		for _, r := range all {
			seen = append(seen, r.header.Get("X-Slack-Retry-Num")+r.header.Get("X-Slack-Retry-Reason"))
			if string(r.body) != string(all[0].body) {
				t.Error("a retry has another body or event_id")
			}
		}
		if want := []string{"", "1http_timeout", "2http_error", "3http_error"}; !slices.Equal(seen, want) {
			t.Errorf("headers %v, want %v", seen, want)
		}
	})
}

func TestEventsNobodyTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.app.events = func(rw http.ResponseWriter, _ received) { rw.WriteHeader(http.StatusInternalServerError) }
		if err := w.SendEvent(t.Context(), map[string]any{"type": "x"}); err == nil || len(w.app.requests("/slack/events")) != 4 {
			t.Error(err, len(w.app.requests("/slack/events")))
		}
		w.app.events = func(rw http.ResponseWriter, _ received) {
			rw.Header().Set("X-Slack-No-Retry", "1")
			rw.WriteHeader(http.StatusInternalServerError)
		}
		if err := w.SendEvent(t.Context(), map[string]any{"type": "x"}); err == nil || len(w.app.requests("/slack/events")) != 5 {
			t.Error(err, len(w.app.requests("/slack/events")))
		}
	})
}

func TestCloseEndsRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.app.events = func(rw http.ResponseWriter, _ received) { rw.WriteHeader(http.StatusInternalServerError) }
		must(w.As("ana").Say(t.Context(), "general", "", "hi"))(t)
		start := time.Now()
		w.Close()
		if time.Since(start) != 0 {
			t.Error("Close waited for a retry")
		}
		w.say(w.general, text("nothing is sent any more"))
	})
}

func TestVerifyURL(t *testing.T) {
	w := newWorld(t)
	if err := w.VerifyURL(t.Context()); err == nil {
		t.Error("an app without an answer passed")
	}
	w.app.events = func(rw http.ResponseWriter, r received) { _, _ = rw.Write(r.body) }
	if err := w.VerifyURL(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSignature(t *testing.T) {
	t.Parallel()
	const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	for _, c := range []struct{ secret, ts, body, want string }{
		{testSecret, "1531420618", body, "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
		{"e6b19c573432dcc6b075501d51b51bb8", "1531431954", `{"token":"aF5ynEYQH0dFN9imlgcADxDB","team_id":"XXXXXXXXX","api_app_id":"YYYYYYYYY","event":{"type":"app_mention","user":"AAAAAAAAA","text":"<@EEEEEEEEE> hello world","client_msg_id":"477cc591-ch73-a14z-4db8-g0cd76321bec","ts":"1531431954.000073","channel":"TTTTTTTTT","event_ts":"1531431954.000073"},"type":"event_callback","event_id":"TvBP7LRED7","event_time":1531431954,"authed_users":["EEEEEEEEE"]}`, "v0=adada4ed31709aef585c2580ca3267678c6a8eaeb7e0c1aca3ee57b656886b2c"},
	} {
		if got := Sign(c.secret, c.ts, []byte(c.body)); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestWatchAndAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		go func() {
			time.Sleep(time.Second)
			w.say(w.general, text("there"))
		}()
		err := w.Await(t.Context(), func() bool {
			all := w.Messages("general")
			return len(all) > 0 && strings.Contains(all[len(all)-1].Text, "there")
		})
		if err != nil {
			t.Error(err)
		}
	})
}
