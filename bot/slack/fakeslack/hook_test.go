package fakeslack

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

func TestSlash(t *testing.T) {
	w := newWorld(t)
	w.app.commands = func(rw http.ResponseWriter, f url.Values) {
		writeJSON(rw, slack.WebhookMessage{Text: "You said " + f.Get("text")})
	}
	a, err := w.As("ana").Slash(t.Context(), "general", "/incident", "assign commander @ben in #other & <now>, see https://x.example/?a=1&b=2.")
	if err != nil {
		t.Fatal(err)
	}
	f := w.app.requests("/slack/commands")[0].form
	wantText := "assign commander <@U0BEN> in <#" + w.other + "|other> &amp; &lt;now&gt;, see <https://x.example/?a=1&amp;b=2>."
	for k, want := range map[string]string{
		"text": wantText, "command": "/incident", "user_id": "U0ANA", "user_name": "ana", "team_id": "T0DEMO", "team_domain": "demo",
		"channel_id": w.general, "channel_name": "general", "is_enterprise_install": "false", "response_url": a.ResponseURL, "trigger_id": a.TriggerID,
	} {
		if f.Get(k) != want {
			t.Errorf("%s is %q, want %q", k, f.Get(k), want)
		}
	}
	if a.Message == nil || a.Message.EphemeralTo != "U0ANA" || !strings.HasPrefix(a.Text, "You said assign commander @ben in #other & <now>") {
		t.Errorf("%+v %q", a.Message, a.Text)
	}
	must(w.As("ana").Slash(t.Context(), "secret", "/inc", "x"))(t)
	if name := w.app.requests("/slack/commands")[1].form.Get("channel_name"); name != "privategroup" {
		t.Errorf("the name of a private channel is told: %s", name)
	}
}

func TestSlashRefusals(t *testing.T) {
	w := newWorld(t)
	w.AddChannel("general", false, "U0EXT")
	for _, c := range []struct{ name, user, channel, command string }{
		{"unknown command", "ana", "general", "/nope"},
		{"not in the channel", "ben", "other", "/incident"},
		{"external", "ext", "general", "/incident"},
		{"deactivated", "gone", "general", "/incident"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := w.As(c.user).Slash(t.Context(), c.channel, c.command, ""); err == nil {
				t.Error("it ran")
			}
		})
	}
	if n := len(w.app.requests("/slack/commands")); n > 0 {
		t.Errorf("the app was asked %d times", n)
	}
}

func TestSlashInChannelShowsTheCommand(t *testing.T) {
	w := newWorld(t)
	w.app.commands = func(rw http.ResponseWriter, _ url.Values) {
		writeJSON(rw, slack.WebhookMessage{Text: "hello all", ResponseType: "in_channel"})
	}
	must(w.As("ana").Slash(t.Context(), "general", "/incident", "hi"))(t)
	got := w.Messages("general")
	if len(got) != 2 || got[0].Text != "/incident hi" || got[0].User != "U0ANA" || got[1].EphemeralTo != "" {
		t.Errorf("%+v", got)
	}
}

func TestSlashFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.app.commands = func(rw http.ResponseWriter, f url.Values) {
			switch f.Get("text") {
			case "slow":
				time.Sleep(4 * time.Second)
			case "broken":
				rw.WriteHeader(http.StatusInternalServerError)
			default:
				writeJSON(rw, map[string]any{"blocks": []any{map[string]any{"type": "nonsense"}}})
			}
		}
		ana := w.As("ana")
		if _, err := ana.Slash(t.Context(), "general", "/incident", "slow"); !errors.Is(err, ErrTimeout) {
			t.Error(err)
		}
		for _, text := range []string{"broken", "blocks"} {
			if _, err := ana.Slash(t.Context(), "general", "/incident", text); !errors.Is(err, ErrDispatch) {
				t.Error(text, err)
			}
		}
		msgs := w.Messages("general")
		if len(msgs) != 3 || !strings.Contains(msgs[0].Text, "operation_timeout") || msgs[0].EphemeralTo != "U0ANA" {
			t.Errorf("%+v", msgs)
		}
		time.Sleep(2 * time.Second) // the slow handler ends
	})
}

// hookStatus posts to a response URL and returns status and body.
func (w *world) hook(url, body string) (int, string) {
	w.t.Helper()
	resp, err := w.http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

func TestResponseURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := must(w.As("ana").Slash(t.Context(), "other", "/incident", "x"))(t)
		if err := slack.PostWebhookCustomHTTP(a.ResponseURL, w.http, &slack.WebhookMessage{Text: "later"}); err != nil {
			t.Fatal(err)
		}
		if m := w.Messages("other"); len(m) != 1 || m[0].EphemeralTo != "U0ANA" {
			t.Errorf("%+v", m)
		}
		if _, _, err := w.api.PostMessage(w.other, text("with an empty metadata"), slack.MsgOptionResponseURL(a.ResponseURL, "in_channel")); err != nil {
			t.Error(err)
		}
		if code, body := w.hook(a.ResponseURL, `{"text":""}`); code != 400 || !strings.Contains(body, "no_text") {
			t.Error(code, body)
		}
		for range 3 {
			w.hook(a.ResponseURL, `{"text":"x","response_type":"in_channel"}`)
		}
		if code, body := w.hook(a.ResponseURL, `{"text":"x"}`); code != 404 || !strings.Contains(body, "used_url") {
			t.Error(code, body)
		}
		a = must(w.As("ana").Slash(t.Context(), "other", "/incident", "x"))(t)
		time.Sleep(30*time.Minute + time.Second)
		if code, body := w.hook(a.ResponseURL, `{"text":"x"}`); code != 404 || !strings.Contains(body, "expired_url") {
			t.Error(code, body)
		}
	})
}

func TestResponseURLReplacesAndDeletes(t *testing.T) {
	w := newWorld(t)
	button := slack.NewActionBlock("b", slack.NewButtonBlockElement("go", "1", plainText("Go")))
	w.app.commands = func(rw http.ResponseWriter, _ url.Values) {
		writeJSON(rw, slack.WebhookMessage{Text: "Sure?", Blocks: &slack.Blocks{BlockSet: []slack.Block{button}}})
	}
	w.app.interact = func(_ http.ResponseWriter, ic slack.InteractionCallback) {
		if !ic.Container.IsEphemeral || ic.Message.Text != "" || ic.Channel.ID != w.general || ic.Container.ChannelID != w.general {
			t.Errorf("%+v %+v", ic.Container, ic.Message)
		}
	}
	ana := w.As("ana")
	a := must(ana.Slash(t.Context(), "general", "/incident", "x"))(t)
	if a.Text != "[Go]" {
		t.Errorf("%q", a.Text)
	}
	if _, err := w.As("ben").Click(t.Context(), "general", a.Message.TS, "Go"); err == nil {
		t.Error("ben clicked what only ana sees")
	}
	click := must(ana.Click(t.Context(), "general", a.Message.TS, "Go"))(t)
	w.hook(click.ResponseURL, `{"replace_original":true,"response_type":"in_channel","text":"Done"}`)
	m, _ := w.Message("general", a.Message.TS)
	if m.Text != "Done" || m.Blocks != nil || m.EphemeralTo != "U0ANA" {
		t.Errorf("an ephemeral message stays one: %+v", m)
	}
	w.hook(click.ResponseURL, `{"delete_original":true}`)
	if _, ok := w.Message("general", a.Message.TS); ok {
		t.Error("it was not deleted")
	}
}

func TestClick(t *testing.T) {
	w := newWorld(t)
	menu := slack.NewOptionsSelectBlockElement("static_select", plainText("Severity"), "sev",
		slack.NewOptionBlockObject("sev1", plainText("SEV1"), nil), slack.NewOptionBlockObject("sev2", plainText("SEV2"), nil))
	who := slack.NewOptionsSelectBlockElement("users_select", plainText("Who"), "who")
	ack := slack.NewButtonBlockElement("ack", "ic", plainText("Take command")).WithStyle("primary")
	ts := w.say(w.general, text("card"), slack.MsgOptionBlocks(slack.NewActionBlock("a", ack, menu, who)))
	var got slack.InteractionCallback
	w.app.interact = func(_ http.ResponseWriter, ic slack.InteractionCallback) { got = ic }
	for _, c := range []struct{ match, action, value string }{
		{"ack", "ack", "ic"}, {"ic", "ack", "ic"}, {"Take command", "ack", "ic"},
		{"SEV2", "sev", "sev2"}, {"sev1", "sev", "sev1"}, {"who=ben", "who", "U0BEN"},
	} {
		a, err := w.As("ana").Click(t.Context(), "general", ts, c.match)
		if err != nil {
			t.Errorf("%s: %v", c.match, err)
			continue
		}
		act := got.ActionCallback.BlockActions[0]
		if act.ActionID != c.action || act.Value+act.SelectedOption.Value+act.SelectedUser != c.value || act.BlockID != "a" {
			t.Errorf("%s: %+v", c.match, act)
		}
		if got.Type != slack.InteractionTypeBlockActions || got.Message.Timestamp != ts || got.ResponseURL != a.ResponseURL ||
			got.TriggerID != a.TriggerID || got.User.ID != "U0ANA" || got.Container.MessageTs != ts || got.BlockActionState == nil {
			t.Errorf("%s: %+v", c.match, got)
		}
	}
	if _, err := w.As("ana").Click(t.Context(), "general", ts, "nothing"); err == nil || !strings.Contains(err.Error(), "[Take command]") {
		t.Errorf("the error should list what there is: %v", err)
	}
}

func TestShortcuts(t *testing.T) {
	w := newWorld(t)
	ts := must(w.As("ben").Say(t.Context(), "general", "", "it broke at 16:15"))(t)
	var got slack.InteractionCallback
	w.app.interact = func(_ http.ResponseWriter, ic slack.InteractionCallback) {
		got = ic
		must(w.api.OpenView(ic.TriggerID, form(ic.CallbackID)))(t)
	}
	a := must(w.As("ana").MessageShortcut(t.Context(), "general", ts, "add_note"))(t)
	if got.Message.Text != "it broke at 16:15" || a.View == nil || a.View.CallbackID != "add_note" || got.ResponseURL == "" {
		t.Errorf("%+v", got)
	}
	a = must(w.As("ana").GlobalShortcut(t.Context(), "declare"))(t)
	if got.Type != slack.InteractionTypeShortcut || a.View.CallbackID != "declare" || got.ResponseURL != "" {
		t.Errorf("%+v", got)
	}
	if _, err := w.As("ana").GlobalShortcut(t.Context(), "add_note"); err == nil {
		t.Error("a message shortcut ran without a message")
	}
}
