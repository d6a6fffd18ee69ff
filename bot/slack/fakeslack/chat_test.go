package fakeslack

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestPostMessage(t *testing.T) {
	w := newWorld(t)
	ts := w.say(w.general, text("hello"), slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: "delivery", EventPayload: map[string]any{"id": "d1"},
	}))
	m, ok := w.Message("general", ts)
	if !ok || m.Text != "hello" || m.User != w.BotUser() || m.BotID == "" || m.Edited {
		t.Fatalf("%+v", m)
	}
	reply := w.say(w.general, text("in a thread"), slack.MsgOptionTS(ts))
	if m, _ := w.Message("general", ts); m.Replies != 1 || m.ThreadTS != ts {
		t.Errorf("parent %+v", m)
	}
	_, _, err := w.api.PostMessage(w.general, text("x"), slack.MsgOptionTS(reply))
	wantErr(t, err, "thread_not_found")

	dm, _, err := w.api.PostMessage("U0BEN", text("psst"))
	if err != nil || dm != w.DM("ben") || dm[0] != 'D' {
		t.Errorf("direct message to %s: %v", dm, err)
	}
	long := w.say("#general", text(strings.Repeat("é", 40001)))
	if m, _ := w.Message("general", long); len([]rune(m.Text)) != 40000 {
		t.Errorf("%d characters were kept", len([]rune(m.Text)))
	}
}

func TestPostMessageErrors(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ name, channel, code string }{
		{"unknown channel", "C0NONE", "channel_not_found"},
		{"bot is not in it", "other", "not_in_channel"},
		{"private and not in it", w.secret, "channel_not_found"},
		{"deactivated person", "U0GONE", "channel_not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := w.api.PostMessage(c.channel, text("x"))
			wantErr(t, err, c.code)
		})
	}
	_, _, err := w.api.PostMessage(w.general, text(" "))
	wantErr(t, err, "no_text")
	_, _, err = w.api.PostMessage(w.general, text("x"), slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: "x", EventPayload: map[string]any{"nested": map[string]any{"a": 1}},
	}))
	wantErr(t, err, "invalid_metadata_schema")
}

func TestPublicPostingNeedsItsScope(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Scopes = []string{"chat:write", "chat:write.public"} })
	if _, _, err := w.api.PostMessage(w.other, text("x")); err != nil {
		t.Error(err)
	}
	_, err := w.api.GetUsers()
	wantErr(t, err, "missing_scope")
}

func TestUpdate(t *testing.T) {
	w := newWorld(t)
	block := slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", "*one*", false, true), nil, nil)
	ts := w.say(w.general, text("one"), slack.MsgOptionBlocks(block), slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType: "card", EventPayload: map[string]any{"n": 1},
	}))
	if _, _, _, err := w.api.UpdateMessage(w.general, ts, text("two"), slack.MsgOptionBlocks(block)); err != nil {
		t.Fatal(err)
	}
	m, _ := w.Message("general", ts)
	if m.Text != "two" || m.Edited || len(m.Past) != 1 || m.Past[0].Text != "one" || m.Metadata == nil {
		t.Errorf("after an update with blocks: %+v", m)
	}
	if _, _, _, err := w.api.UpdateMessage(w.general, ts, text("three")); err != nil {
		t.Fatal(err)
	}
	if m, _ = w.Message("general", ts); m.Blocks != nil || !m.Edited || m.Metadata == nil {
		t.Errorf("text without blocks: %+v", m)
	}
}

func TestUpdateAndDeleteErrors(t *testing.T) {
	w := newWorld(t)
	bens, err := w.As("ben").Say(t.Context(), "general", "", "mine")
	if err != nil {
		t.Fatal(err)
	}
	own := w.say(w.general, text("own"))
	update := func(channel, ts, s string) error {
		_, _, _, err := w.api.UpdateMessage(channel, ts, text(s))
		return err
	}
	wantErr(t, update(w.general, bens, "x"), "cant_update_message")
	wantErr(t, update(w.general, "1.000001", "x"), "message_not_found")
	wantErr(t, update("general", own, "x"), "channel_not_found")
	wantErr(t, update(w.general, own, strings.Repeat("a", 4001)), "msg_too_long")
	wantErr(t, update(w.general, own, ""), "no_text")
	_, _, err = w.api.DeleteMessage(w.general, bens)
	wantErr(t, err, "cant_delete_message")
	if _, _, err = w.api.DeleteMessage(w.general, own); err != nil {
		t.Error(err)
	}
	_, _, err = w.api.DeleteMessage(w.general, own)
	wantErr(t, err, "message_not_found")
}

func TestEphemeral(t *testing.T) {
	w := newWorld(t)
	ts, err := w.api.PostEphemeral(w.general, "U0BEN", text("only you"))
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := w.Message("general", ts); m.EphemeralTo != "U0BEN" {
		t.Errorf("%+v", m)
	}
	_, err = w.api.PostEphemeral(w.general, "U0GUEST", text("x"))
	wantErr(t, err, "user_not_in_channel")
	_, _, _, err = w.api.UpdateMessage(w.general, ts, text("x"))
	wantErr(t, err, "message_not_found")
	h, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: w.general})
	if err != nil || len(h.Messages) != 0 {
		t.Errorf("history holds %d messages, %v", len(h.Messages), err)
	}
}

func TestPermalink(t *testing.T) {
	w := newWorld(t)
	ts := w.say(w.general, text("x"))
	link, err := w.api.GetPermalink(&slack.PermalinkParameters{Channel: w.general, Ts: ts})
	want := "https://slack.test/archives/" + w.general + "/p" + strings.Replace(ts, ".", "", 1)
	if err != nil || link != want {
		t.Errorf("%s, want %s: %v", link, want, err)
	}
	_, err = w.api.GetPermalink(&slack.PermalinkParameters{Channel: w.general, Ts: "1.000000"})
	wantErr(t, err, "message_not_found")
}

func TestArchivedChannelIsClosed(t *testing.T) {
	w := newWorld(t)
	ch := must(w.api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-1"}))(t)
	ts := w.say(ch.ID, text("x"))
	if err := w.api.ArchiveConversation(ch.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.api.PostMessage(ch.ID, text("x"))
	wantErr(t, err, "is_archived")
	_, _, _, err = w.api.UpdateMessage(ch.ID, ts, text("x"))
	wantErr(t, err, "is_inactive")
	wantErr(t, w.api.ArchiveConversation(ch.ID), "already_archived")
	wantErr(t, w.api.UnArchiveConversation(ch.ID), "not_in_channel")
	wantErr(t, w.api.ArchiveConversation(w.general), "cant_archive_general")
	wantErr(t, w.api.AddReaction("eyes", slack.NewRefToMessage(ch.ID, ts)), "is_archived")
}
