package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

var slackID = regexp.MustCompile(`^[CDGU][A-Z0-9]{3,}$`)

// TestAllIsSentByID is F8: whatever the configuration calls a channel, and whatever
// it is called by now, every call names it by its id.
func TestAllIsSentByID(t *testing.T) {
	inWorld(t, "slack: {post_every: 0s, announce_channel: incidents}\ndigests: [{cron: \"0 9 * * *\", channel: ops, what: followups}]\n", func(w *world) {
		w.lines("ana> /incident declare sev2 Search is slow", "ana in #inc-1-search-is-slow> /incident update We look into it",
			"ana> /incident action add Index twice --owner @ben", "ana> /incident remind in 5m Look again", "ana> /incident severity sev1",
			"wait 10h", "ana> /incident resolve", "#incidents< Search is slow", "#ops< open")
		named := 0
		for _, c := range w.slack.Calls() {
			channel, ok := c.Args["channel"]
			if named += len(channel); ok && !slackID.MatchString(channel) {
				t.Errorf("by name: %s", c)
			}
		}
		if named == 0 {
			t.Error("no call named a channel: the test tests nothing")
		}
	})
}

// TestAnyTitleGetsAChannel is F8: whatever the title, the channel has a valid name
// with the incident's number, and the incident all the rest.
func TestAnyTitleGetsAChannel(t *testing.T) {
	inWorld(t, "slack: {post_every: 0s}", func(w *world) {
		valid := regexp.MustCompile(`^[a-z0-9_-]{1,80}$`)
		for _, title := range []string{
			strings.Repeat("A very long title ", 12), "数据库坏了", "!!!", "Ünïcode — “quoted” & <b>bold</b>", "#general", "UPPER CASE / slash . dots", "🔥🔥🔥", "-- --private is text",
		} {
			w.lines("ana> /incident declare sev3 " + title + " --new")
			i := w.incidents()[0]
			c, _ := w.slack.Channel(string(i.Channel))
			if i.Channel == "" || !valid.MatchString(c.Name) || !slices.Contains(strings.Split(c.Name, "-"), strconv.FormatInt(i.Number, 10)) || len(c.Pins) != 1 {
				t.Errorf("%q: channel %q with pins %v", title, c.Name, c.Pins)
			}
		}
	})
}

// TestWhoCannotComeKeepsNobodyOut is R4: of those who are invited some are there
// already, one is the bot, one a guest, one from elsewhere and one has left. The
// others come, who could not is named, and the declare stands.
func TestWhoCannotComeKeepsNobodyOut(t *testing.T) {
	for _, code := range []string{"", "already_in_channel", "cant_invite_self", "user_is_restricted", "cant_invite", "user_is_ultra_restricted"} {
		t.Run("Slack says "+code, func(t *testing.T) {
			inWorld(t, "slack: {post_every: 0s}\nprivate: {invite: [S0SECURITY]}\n", func(w *world) {
				w.slack.AddGroup(fakeslack.Group{ID: "S0SECURITY", Handle: "security", Users: []string{"U0ANA", "U0BEN", "U0GUS", "U0OLD", "U0EVE", w.slack.BotUser()}})
				w.lines("wait 2m")
				if code != "" {
					w.slack.Inject(fakeslack.Fault{Method: "conversations.invite", Error: code})
				}
				w.lines("ana> /incident declare sev1 A key leaked --private", "< Declared incident #1", "#inc-1-a-key-leaked pinned< A key leaked",
					"#inc-1-a-key-leaked members< ana ben", "#inc-1-a-key-leaked< Not everybody could be invited: @eve: user team not in channel", "ben in #inc-1-a-key-leaked> /incident show", "< A key leaked")
			})
		})
	}
}
