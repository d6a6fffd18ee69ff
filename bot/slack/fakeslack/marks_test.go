package fakeslack

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func TestReactions(t *testing.T) {
	w := newWorld(t)
	ts := w.say(w.general, text("x"))
	ref := slack.NewRefToMessage(w.general, ts)
	wantErr(t, w.api.AddReaction("eyes", ref), "")
	wantErr(t, w.api.AddReaction("eyes", ref), "already_reacted")
	wantErr(t, w.api.AddReaction(":eyes:", ref), "invalid_name")
	wantErr(t, w.api.AddReaction("eyes", slack.NewRefToMessage(w.general, "1.000000")), "message_not_found")
	wantErr(t, w.api.AddReaction("eyes", slack.ItemRef{}), "no_item_specified")
	if err := w.As("ana").React(t.Context(), "general", ts, ":eyes:"); err != nil {
		t.Fatal(err)
	}
	got := must(w.api.GetReactions(ref, slack.GetReactionsParameters{}))(t)
	if len(got.Reactions) != 1 || got.Reactions[0].Count != 2 || !slices.Contains(got.Reactions[0].Users, "U0ANA") {
		t.Errorf("%+v", got.Reactions)
	}
	wantErr(t, w.api.RemoveReaction("eyes", ref), "")
	wantErr(t, w.api.RemoveReaction("eyes", ref), "no_reaction")
}

func TestPins(t *testing.T) {
	w := newWorld(t)
	ts := w.say(w.general, text("the card"))
	ref := slack.NewRefToMessage(w.general, ts)
	wantErr(t, w.api.AddPin(w.general, ref), "")
	wantErr(t, w.api.AddPin(w.general, ref), "already_pinned")
	items, _, err := w.api.ListPins(w.general)
	if err != nil || len(items) != 1 || items[0].Message.Text != "the card" {
		t.Errorf("%+v %v", items, err)
	}
	if c := mustChannel(t, w, "general"); !slices.Equal(c.Pins, []string{ts}) {
		t.Errorf("pins %v", c.Pins)
	}
	wantErr(t, w.api.RemovePin(w.general, ref), "")
	wantErr(t, w.api.RemovePin(w.general, ref), "no_pin")
	wantErr(t, w.api.AddPin(w.general, slack.NewRefToMessage(w.general, "1.000000")), "message_not_found")
	wantErr(t, w.api.AddPin(w.other, slack.NewRefToMessage(w.other, ts)), "not_in_channel")
}

func TestBookmarks(t *testing.T) {
	w := newWorld(t)
	add := func(p slack.AddBookmarkParameters) error {
		_, err := w.api.AddBookmark(w.general, p)
		return err
	}
	link := slack.AddBookmarkParameters{Title: "Status page", Type: "link", Link: "https://status.example.com", Emoji: ":globe:"}
	wantErr(t, add(link), "")
	wantErr(t, add(link), "") // not idempotent, as Slack is not
	wantErr(t, add(slack.AddBookmarkParameters{Title: "x", Type: "file", Link: "https://a.example"}), "invalid_bookmark_type")
	wantErr(t, add(slack.AddBookmarkParameters{Title: "x", Type: "link", Link: "ftp://a.example"}), "invalid_link")
	list := must(w.api.ListBookmarks(w.general))(t)
	if len(list) != 2 || list[0].Title != "Status page" {
		t.Fatalf("%+v", list)
	}
	title := "Page"
	must(w.api.EditBookmark(w.general, list[0].ID, slack.EditBookmarkParameters{Title: &title}))(t)
	wantErr(t, w.api.RemoveBookmark(w.general, list[1].ID), "")
	wantErr(t, w.api.RemoveBookmark(w.general, list[1].ID), "not_found")
	if c := mustChannel(t, w, "general"); len(c.Bookmarks) != 1 || c.Bookmarks[0].Title != "Page" || c.Bookmarks[0].Link != link.Link {
		t.Errorf("%+v", c.Bookmarks)
	}
	for range 99 {
		wantErr(t, add(link), "")
	}
	wantErr(t, add(link), "too_many_bookmarks")
}

func TestPeople(t *testing.T) {
	w := newWorld(t)
	me := must(w.api.AuthTest())(t)
	if me.UserID != w.BotUser() || me.TeamID != "T0DEMO" || me.BotID == "" {
		t.Errorf("%+v", me)
	}
	ana := must(w.api.GetUserInfo("U0ANA"))(t)
	if ana.TZ != "Europe/Madrid" || ana.RealName != "Ana Ruiz" || ana.Profile.Email != "ana@example.com" {
		t.Errorf("%+v", ana)
	}
	_, err := w.api.GetUserInfo("U0NONE")
	wantErr(t, err, "user_not_found")
	if ext := must(w.api.GetUserInfo("U0EXT"))(t); ext.TeamID != "T0OTHER" {
		t.Errorf("%+v", ext)
	}
	if ben := must(w.api.GetUserByEmail("BEN@example.com"))(t); ben.ID != "U0BEN" {
		t.Errorf("%+v", ben)
	}
	_, err = w.api.GetUserByEmail("gone@example.com")
	wantErr(t, err, "users_not_found")
	team := must(w.api.GetTeamInfo())(t)
	bot := must(w.api.GetBotInfo(slack.GetBotInfoParameters{Bot: me.BotID}))(t)
	if team.Domain != "demo" || bot.UserID != me.UserID {
		t.Errorf("%+v %+v", team, bot)
	}
	groups := must(w.api.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true)))(t)
	if len(groups) != 1 || groups[0].Handle != "sre" || len(groups[0].Users) != 2 {
		t.Errorf("%+v", groups)
	}
	if users := must(w.api.GetUserGroupMembers("S0SRE"))(t); len(users) != 2 {
		t.Error(users)
	}
	_, err = w.api.GetUserGroupMembers("S0NONE")
	wantErr(t, err, "no_such_subteam")
	chans, _, err := w.api.GetConversationsForUser(&slack.GetConversationsForUserParameters{UserID: "U0ANA", Types: []string{"public_channel", "private_channel"}})
	if err != nil || len(chans) != 2 {
		t.Errorf("ana is in general and other as far as the bot may know: %d, %v", len(chans), err)
	}
}

func TestFiles(t *testing.T) {
	w := newWorld(t)
	content := "the post-mortem"
	f, err := w.api.UploadFile(slack.UploadFileParameters{
		Filename: "pm.md", Title: "Post-mortem", Content: content, FileSize: len(content), Channel: w.general, InitialComment: "done",
	})
	if err != nil {
		t.Fatal(err)
	}
	name, data, ok := w.File(f.ID)
	if !ok || name != "pm.md" || string(data) != content {
		t.Errorf("%q %q %v", name, data, ok)
	}
	info, _, _, err := w.api.GetFileInfo(f.ID, 0, 0)
	if err != nil || info.Title != "Post-mortem" || info.Size != len(content) {
		t.Errorf("%+v %v", info, err)
	}
	var b bytes.Buffer
	if err := w.api.GetFile(info.URLPrivate, &b); err != nil || b.String() != content {
		t.Errorf("%q %v", b.String(), err)
	}
	last := w.Messages("general")
	if m := last[len(last)-1]; m.Text != "done" || !slices.Equal(m.Files, []string{f.ID}) {
		t.Errorf("%+v", m)
	}
	resp, err := w.http.Post("https://slack.test/upload/F0NONE", "text/plain", strings.NewReader("x"))
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("%v %v", resp, err)
	}
}
