package fakeslack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

func TestCreateConversation(t *testing.T) {
	w := newWorld(t)
	create := func(name string) error {
		_, err := w.api.CreateConversation(slack.CreateConversationParams{ChannelName: name})
		return err
	}
	for _, c := range []struct{ name, channel, code string }{
		{"good", "inc-12-checkout_down", ""},
		{"taken", "inc-12-checkout_down", "name_taken"},
		{"taken by a private one", "secret", "name_taken"},
		{"empty", "", "invalid_name_required"},
		{"80 characters", strings.Repeat("a", 80), ""},
		{"81 characters", strings.Repeat("a", 81), "invalid_name_maxlength"},
		{"upper case", "Inc", "invalid_name_specials"},
		{"space", "a b", "invalid_name_specials"},
		{"only punctuation", "--", "invalid_name_punctuation"},
	} {
		t.Run(c.name, func(t *testing.T) { wantErr(t, create(c.channel), c.code) })
	}
	wantErr(t, w.api.ArchiveConversation(mustChannel(t, w, "inc-12-checkout_down").ID), "")
	wantErr(t, create("inc-12-checkout_down"), "name_taken")
}

func mustChannel(t *testing.T, w *world, name string) Channel {
	t.Helper()
	c, ok := w.Channel(name)
	if !ok {
		t.Fatalf("no channel %s", name)
	}
	return c
}

func TestInvite(t *testing.T) {
	w := newWorld(t)
	ch := must(w.api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-1"}))(t)
	for _, c := range []struct{ name, users, code string }{
		{"one", "U0ANA", ""},
		{"again", "U0ANA", "already_in_channel"},
		{"the bot", w.BotUser(), "cant_invite_self"},
		{"nobody", "U0NONE", "user_not_found"},
		{"guest", "U0GUEST", "user_is_restricted"},
		{"external", "U0EXT", "user_team_not_in_channel"},
		{"one bad fails all", "U0BEN,U0NONE", "user_not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.api.InviteUsersToConversation(ch.ID, strings.Split(c.users, ",")...)
			wantErr(t, err, c.code)
		})
	}
	if c := mustChannel(t, w, "inc-1"); slices.Contains(c.Members, "U0BEN") {
		t.Error("ben was invited although the call failed")
	}
	_, err := w.api.InviteUsersToConversation(ch.ID, "U0BEN", "U0GONE")
	wantErr(t, err, "cant_invite")
	if c := mustChannel(t, w, "inc-1"); !slices.Contains(c.Members, "U0BEN") {
		t.Error("a deactivated person kept the others out")
	}
	_, err = w.api.InviteUsersToConversation(w.other, "U0BEN")
	wantErr(t, err, "not_in_channel")
}

func TestForcedInviteNamesTheFailures(t *testing.T) {
	w := newWorld(t)
	ch := must(w.api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-1"}))(t)
	if _, err := w.api.ForceInviteUsersToConversation(ch.ID, "U0BEN", "U0NONE"); err != nil {
		t.Error(err)
	}
	if c := mustChannel(t, w, "inc-1"); !slices.Contains(c.Members, "U0BEN") {
		t.Error("ben is not in")
	}
}

func TestTopicPurposeRename(t *testing.T) {
	w := newWorld(t)
	ch := must(w.api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-1"}))(t)
	must(w.api.SetTopicOfConversation(ch.ID, "SEV1, investigating"))(t)
	must(w.api.SetPurposeOfConversation(ch.ID, "Checkout is down"))(t)
	_, err := w.api.SetTopicOfConversation(ch.ID, strings.Repeat("x", 251))
	wantErr(t, err, "too_long")
	_, err = w.api.RenameConversation(ch.ID, "general")
	wantErr(t, err, "name_taken")
	_, err = w.api.RenameConversation(w.general, "lobby")
	wantErr(t, err, "not_authorized")
	must(w.api.RenameConversation(ch.ID, "inc-1-checkout"))(t)
	c := mustChannel(t, w, "inc-1-checkout")
	if c.Topic != "SEV1, investigating" || c.Purpose != "Checkout is down" {
		t.Errorf("%+v", c)
	}
	var kinds []string
	for _, m := range w.Messages(ch.ID) {
		kinds = append(kinds, m.Subtype)
	}
	if want := []string{"channel_topic", "channel_purpose", "channel_name"}; !slices.Equal(kinds, want) {
		t.Errorf("lines %v, want %v", kinds, want)
	}
	got := must(w.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: ch.ID}))(t)
	if got.Topic.Value != c.Topic || got.Name != c.Name || !got.IsMember {
		t.Errorf("%+v", got)
	}
}

func TestMembership(t *testing.T) {
	w := newWorld(t)
	_, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: w.other})
	wantErr(t, err, "not_in_channel")
	if _, _, _, err = w.api.JoinConversation(w.other); err != nil {
		t.Fatal(err)
	}
	members, _, err := w.api.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: w.other})
	if err != nil || !slices.Equal(members, []string{"U0ANA", w.BotUser()}) {
		t.Errorf("%v %v", members, err)
	}
	if left, err := w.api.LeaveConversation(w.other); left || err != nil {
		t.Errorf("was out before: %v, %v", left, err)
	}
	_, err = w.api.LeaveConversation(w.general)
	wantErr(t, err, "cant_leave_general")
	_, err = w.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: w.secret})
	wantErr(t, err, "channel_not_found")
	_, _, _, err = w.api.JoinConversation(w.secret)
	wantErr(t, err, "channel_not_found")
}

func TestOpenDirect(t *testing.T) {
	w := newWorld(t)
	ch, _, already, err := w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U0ANA"}, ReturnIM: true})
	if err != nil || already || !ch.IsIM || ch.User != "U0ANA" {
		t.Errorf("%+v %v %v", ch, already, err)
	}
	group, _, _, err := w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U0ANA", "U0BEN"}})
	if err != nil || group.ID[0] != 'C' {
		t.Errorf("%+v %v", group, err)
	}
	_, _, _, err = w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U0GONE"}})
	wantErr(t, err, "user_disabled")
	if _, already, err := w.api.CloseConversation(ch.ID); err != nil || !already {
		t.Error(already, err)
	}
}

func TestPagination(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		w.say(w.general, text(fmt.Sprint("m", i)))
	}
	var got []string
	params := &slack.GetConversationHistoryParameters{ChannelID: w.general, Limit: 3}
	for pages := 0; ; pages++ {
		h := must(w.api.GetConversationHistory(params))(t)
		for _, m := range h.Messages {
			got = append(got, m.Text)
		}
		if params.Cursor = h.ResponseMetaData.NextCursor; params.Cursor == "" {
			if pages != 2 {
				t.Errorf("%d pages", pages+1)
			}
			break
		}
	}
	if strings.Join(got, "") != "m6m5m4m3m2m1m0" {
		t.Error(got)
	}
	params.Cursor = "nonsense"
	_, err := w.api.GetConversationHistory(params)
	wantErr(t, err, "invalid_cursor")
	all, next, err := w.api.GetConversations(&slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}, Limit: 1})
	if err != nil || len(all) != 1 || next == "" {
		t.Errorf("%v %q %v", all, next, err)
	}
	users, err := w.api.GetUsers(slack.GetUsersOptionLimit(2))
	if err != nil || len(users) != 6 {
		t.Errorf("%d users, want all but the external one: %v", len(users), err)
	}
}

func TestHistoryWindowAndMetadata(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		first := w.say(w.general, text("first"), slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType: "outbox", EventPayload: map[string]any{"delivery_id": "d1"},
		}))
		time.Sleep(time.Minute)
		second := w.say(w.general, text("second"))
		time.Sleep(time.Minute)
		w.say(w.general, text("reply"), slack.MsgOptionTS(second))
		get := func(p slack.GetConversationHistoryParameters) []slack.Message {
			p.ChannelID = w.general
			return must(w.api.GetConversationHistory(&p))(t).Messages
		}
		if got := get(slack.GetConversationHistoryParameters{Oldest: first}); len(got) != 1 || got[0].Text != "second" || got[0].ReplyCount != 1 {
			t.Errorf("after the first: %+v", got)
		}
		if got := get(slack.GetConversationHistoryParameters{Oldest: first, Inclusive: true}); len(got) != 2 {
			t.Errorf("inclusive: %d", len(got))
		}
		got := get(slack.GetConversationHistoryParameters{Latest: second})
		if len(got) != 1 || got[0].Metadata.EventType != "outbox" || len(got[0].Metadata.EventPayload) != 0 {
			t.Errorf("metadata was not asked for: %+v", got)
		}
		got = get(slack.GetConversationHistoryParameters{Latest: second, IncludeAllMetadata: true})
		if got[0].Metadata.EventPayload["delivery_id"] != "d1" {
			t.Errorf("metadata: %+v", got[0].Metadata)
		}
		replies, _, _, err := w.api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: w.general, Timestamp: second})
		if err != nil || len(replies) != 2 || replies[1].Text != "reply" || replies[1].ParentUserId != w.BotUser() {
			t.Errorf("%+v %v", replies, err)
		}
		_, _, _, err = w.api.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: w.general, Timestamp: "1.000000"})
		wantErr(t, err, "thread_not_found")
	})
}
