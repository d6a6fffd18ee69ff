package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// TestRedactedReminder: a reminder that was given is drawn again without its text
// when that is redacted, also when the answer to its post was lost.
func TestRedactedReminder(t *testing.T) {
	t.Parallel()
	for _, f := range []fakeslack.Fault{{}, {Method: "chat.postMessage", DropAfterCommit: true}} {
		clocked(t, func(w *world) {
			w.declared()
			w.remind(1, ana, 5*time.Minute, "canary-reminder")
			seq := w.incident(1).Head.Seq
			w.rest(4 * time.Minute)
			if f != (fakeslack.Fault{}) {
				w.fake.Inject(f)
			}
			w.rest(6 * time.Minute)
			w.fake.ClearFaults()
			w.once(w.channel(), "@ana asked to be reminded: canary-reminder")
			w.do(ana, 1, func(work *bot.Work) error { _, err := bot.Redact(work, seq, "it was a secret"); return err })
			w.rest(time.Minute)
			all := w.channel()
			w.once(all, "@ana asked to be reminded: [redacted]")
			if len(all) != 1 || strings.Contains(strings.Join(all, ""), "canary") {
				t.Errorf("%v", all)
			}
		}, func(set *bot.Settings) { set.Severities[1].FirstPublic = 0 })
	}
}

// TestDigestNowhereTold: the administrators whom the configuration names are told
// once of a digest that cannot be posted, however often it is tried.
func TestDigestNowhereTold(t *testing.T) {
	t.Parallel()
	onMonday(t, func(w *world) {
		w.bot.Settings.Permissions[bot.RightAdmin] = []string{ana, "S0ADMINS1", ben}
		at := time.Now().UTC()
		w.strike(bot.Notice{Kind: bot.NoticeDigest, Channel: "managers", At: at})
		w.rest(2 * time.Hour)
		for _, who := range []string{ana, ben} {
			w.once(w.said(w.fake.DM(who)), "The digest for `managers` of 2000-01-03 14:00 UTC could not be posted: `no_such_channel`.\nMake the channel, or name another one under digests. Until then it is tried again for a day.")
			if n := len(w.said(w.fake.DM(who))); n != 1 {
				t.Errorf("told %d times", n)
			}
		}
		// The next one, when one of them cannot be written to.
		w.fake.Inject(fakeslack.Fault{Method: "conversations.open", Error: "cannot_dm_bot"})
		w.strike(bot.Notice{Kind: bot.NoticeDigest, Channel: "nowhere", At: at})
		w.rest(26 * time.Hour)
		if n := len(w.said(w.fake.DM(ana))) + len(w.said(w.fake.DM(ben))); n != 3 || len(w.jobs()) > 0 {
			t.Errorf("%d DMs, left over %+v", n, w.jobs())
		}
		var skipped []string
		err := w.bot.Store.View(w.ctx, func(tx bot.ReadTx) error {
			skipped = nil
			list, err := tx.Events(bot.Self(), bot.House, bot.EventFilter{Kinds: []bot.EventKind{bot.EventFailed}})
			for _, e := range list {
				skipped = append(skipped, e.Text.String())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(skipped, "|"); got != "A digest was not posted: it could not be sent in time.|A digest was not posted: it could not be sent in time." {
			t.Errorf("recorded: %s", got)
		}
	})
}
