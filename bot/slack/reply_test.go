package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestHandedBack: a line that was wrong comes back as it was typed, so that it can
// be sent again; what nobody may know the name of comes back as an id.
func TestHandedBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "secret canary-title")
		w.rest(20 * time.Second)
		secret := w.incident(1).Channel
		general, _ := w.fake.Channel("incidents")
		if err := w.bot.Store.Update(w.ctx, func(tx bot.Tx) error {
			return tx.SaveChannel(bot.Channel{ID: bot.ChannelID(general.ID), Name: "incidents", SyncedAt: time.Now()})
		}); err != nil {
			t.Fatal(err)
		}
		line := bot.Join("wrong boss ", bot.MentionUser(ben), " ", bot.MentionGroup("S00SECURE"), " ", bot.MentionChannel(bot.ChannelID(general.ID)),
			" ", bot.MentionChannel(secret), " ", bot.MentionUser("U0UNKNOWN"), " ", bot.LinkTo("https://a.test/x", "https://a.test/x"), " <b> & co")
		want := "/incident wrong boss @ben @security #incidents #" + string(secret) + " @U0UNKNOWN https://a.test/x <b> & co"
		reply := w.slack.reply(w.ctx, bot.Request{Line: line}, outcome{err: bot.Invalid("No.")})
		if got := string(reply.Blocks[1].Text); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		reply = w.slack.reply(w.ctx, bot.Request{Values: map[string]bot.Text{"who": bot.MentionUser(ben)}}, outcome{err: bot.Invalid("No.")})
		if got := string(reply.Blocks[2].Text); got != "@ben" {
			t.Errorf("a field: %s", got)
		}
		if a := w.slash(ana, "general", "wrong boss @ben"); !strings.Contains(a.Text, "/incident wrong boss @ben\n") {
			t.Error(a.Text)
		}
	})
}
