package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// dueItems makes a public incident with an item of Ben's that is late and one that
// is due today, and a private one, which Cat cannot see, with an item of hers, one
// of Ana's, and a post-mortem that Ana owes.
func (w *world) dueItems() {
	w.t.Helper()
	w.fake.AddUser(fakeslack.User{ID: cat, Name: "cat", RealName: "Cat Ito"})
	w.declared()
	w.slash(ana, "general", "secret canary-title")
	w.rest(2 * time.Minute)
	add := func(n int64, d bot.FollowUpDraft) {
		w.do(ana, n, func(work *bot.Work) error {
			_, err := bot.AddFollowUp(work, d)
			return err
		})
	}
	add(1, bot.FollowUpDraft{Text: "Late thing", Owner: ben, Due: "1999-12-27"})
	w.openIssue()
	add(1, bot.FollowUpDraft{Text: "Thing of today with <!channel>", Owner: ben, Due: "2000-01-03"})
	add(2, bot.FollowUpDraft{Text: "canary-cat", Owner: cat, Due: "2000-01-03"})
	add(2, bot.FollowUpDraft{Text: "canary-ana", Owner: ana, Due: "2000-01-03"})
	add(1, bot.FollowUpDraft{Text: "Nobody's, ask " + bot.MentionUser(ben), Due: "2000-06-01"})
	w.do(ana, 2, func(work *bot.Work) error {
		if _, err := bot.Resolve(work, bot.ResolveDraft{}); err != nil {
			return err
		}
		_, err := bot.DuePostmortem(work, "2000-01-03")
		return err
	})
	w.rest(20 * time.Second)
}

// onMonday is prepared for 3 January 2000, 14:00 UTC.
func onMonday(t *testing.T, fn func(*world)) {
	t.Helper()
	prepared(t, func(w *world) {
		withRepo(w.bot.Settings)
		w.rest(62 * time.Hour)
	}, fn)
}

// TestDue: each person gets one DM for a day with what of theirs is due, as they may
// see it.
func TestDue(t *testing.T) {
	t.Parallel()
	onMonday(t, func(w *world) {
		w.dueItems()
		for range 2 {
			for _, who := range []bot.UserID{ana, ben, cat} {
				w.strike(bot.Notice{Kind: bot.NoticeDue, User: who, Date: "2000-01-03", At: time.Now().UTC().Truncate(time.Hour)})
			}
			w.rest(20 * time.Second)
		}
		for _, who := range []string{ana, ben, cat} {
			all := w.reminded(w.fake.DM(who))
			t.Log(who, all)
			if want := map[bool]int{true: 0, false: 1}[who == cat]; len(all) != want { // what is not for Cat to see is her commander's
				t.Fatalf("%d DMs to %s", len(all), who)
			}
		}
		for who, want := range map[string]string{
			ben: "*To be done: 2 action items*\n*Action item 1 [OPEN]* Late thing\ndue 27 Dec 1999, 7 days late · *#1* Checkout is down · acme/postmortems#12 (https://github.com/acme/postmortems/issues/12)\n[Start] [Done]\n" +
				"*Action item 2 [OPEN]* Thing of today with <!channel>\ndue today · *#1* Checkout is down\n[Start] [Done]",
			ana: "*To be done: 2 action items and 1 post-mortem*\n*Action item 3 [OPEN]* canary-cat\ndue today · *#2* canary-title\n[Start] [Done]\n*Action item 4 [OPEN]* canary-ana\ndue today · *#2* canary-title\n[Start] [Done]\n*Post-mortem* of *#2* canary-title · due today\n[Post-mortem]",
		} {
			if got := w.reminded(w.fake.DM(who))[0]; got != want {
				t.Errorf("%s reads:\n%s\nwant:\n%s", who, got, want)
			}
		}
		w.click(ana, w.fake.DM(ana), w.fake.Messages(w.fake.DM(ana))[0].TS, "Post-mortem")
		if r := w.talk.seen.Load(); r.Line != "#2 postmortem" {
			t.Errorf("%+v", r)
		}
		if strings.Contains(w.logs.String(), "canary-") {
			t.Error("logged")
		}
	})
}

// TestDueOfASecret: who sees a private incident no more is told nothing of it, even
// when that changed after it was decided who is reminded.
func TestDueOfASecret(t *testing.T) {
	t.Parallel()
	onMonday(t, func(w *world) {
		w.dueItems()
		w.do(ana, 2, func(work *bot.Work) error {
			_, err := bot.Assign(work, bot.Commander, ben)
			return err
		})
		w.rest(20 * time.Second)
		if err := w.bot.Members(w.ctx, w.incident(2).Channel, []bot.UserID{ben}); err != nil {
			t.Fatal(err)
		}
		for _, who := range []bot.UserID{ana, ben} {
			w.strike(bot.Notice{Kind: bot.NoticeDue, User: who, Date: "2000-01-03", At: time.Now().UTC()})
		}
		w.rest(20 * time.Second)
		w.once(w.reminded(w.fake.DM(ben)), "canary-ana")
		if all := w.reminded(w.fake.DM(ana)); len(all) > 0 {
			t.Errorf("she is no member any more: %v", all)
		}
	})
}

// TestDueGone: who cannot be sent what is due is told of once, to an incident's
// people, and nothing waits or fails for it.
func TestDueGone(t *testing.T) {
	t.Parallel()
	onMonday(t, func(w *world) {
		w.dueItems()
		for k := range 2 {
			w.fake.Inject(fakeslack.Fault{Method: "conversations.open", Error: "cannot_dm_bot"})
			w.strike(bot.Notice{Kind: bot.NoticeDue, User: ben, Date: "2000-01-03", At: time.Now().UTC().Add(time.Duration(k) * time.Second)})
			w.rest(20 * time.Second)
		}
		w.once(w.reminded(w.fake.DM(ana)), "#1* Checkout is down is recorded, but sending a direct message to @ben failed: `cannot_dm_bot`.")
		if len(w.reminded(w.fake.DM(ben))) > 0 || len(w.jobs()) > 0 {
			t.Errorf("%v, left over %+v", w.reminded(w.fake.DM(ben)), w.jobs())
		}
	})
}

// TestDigest: the configured channel reads how things stand, what is overdue first,
// with nothing private in it and nobody notified.
func TestDigest(t *testing.T) {
	t.Parallel()
	onMonday(t, func(w *world) {
		w.strike(bot.Notice{Kind: bot.NoticeDigest, Channel: "general", At: time.Now().UTC()})
		w.rest(20 * time.Second)
		w.once(w.said("general"), "*Action items*: nothing is open.")
		w.dueItems()
		at := time.Now().UTC()
		for range 2 {
			w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", DropAfterCommit: true})
			w.strike(bot.Notice{Kind: bot.NoticeDigest, Channel: "general", At: at})
			w.rest(20 * time.Second)
			w.fake.ClearFaults()
		}
		all := w.said("general")
		last := all[len(all)-1]
		t.Log(last)
		want := "*Action items*: 3 open, 1 overdue.\n*Overdue*\n" +
			"• *1* Late thing · Ben Okoro · due 27 Dec 1999, 7 days late · open for 0 days · #1 · acme/postmortems#12 (https://github.com/acme/postmortems/issues/12)\n*Open*\n" +
			"• *2* Thing of today with <!channel> · Ben Okoro · due today · open for 0 days · #1\n" +
			"• *5* Nobody's, ask @Ben Okoro · nobody owns it · due 1 Jun 2000, in 150 days · open for 0 days · #1"
		if last != want || len(all) != 2 {
			t.Errorf("%d messages, the last:\n%s\nwant:\n%s", len(all), last, want)
		}
		m := w.fake.Messages("general")
		var blocks any
		if err := json.Unmarshal(m[len(m)-1].Blocks, &blocks); err != nil || strings.Contains(fmt.Sprint(blocks, m[len(m)-1].Text), "<@") {
			t.Errorf("it notifies: %v %v", blocks, err)
		}
		if strings.Contains(strings.Join(slices.Concat(all, w.said("incidents")), ""), "canary") {
			t.Error("private")
		}
	})
}

// TestOverslept: what belongs to a day is not sent days later, and that is logged.
func TestOverslept(t *testing.T) {
	t.Parallel()
	onMonday(t, func(w *world) {
		w.dueItems()
		w.fake.Inject(fakeslack.Fault{Status: 503, Times: -1})
		old := time.Now().UTC().Add(-noticeLate + time.Minute)
		w.strike(bot.Notice{Kind: bot.NoticeDue, User: ben, Date: "2000-01-03", At: old})
		w.strike(bot.Notice{Kind: bot.NoticeDigest, Channel: "general", At: old})
		w.rest(2 * time.Minute)
		w.fake.ClearFaults()
		w.rest(6 * time.Minute)
		if len(w.reminded(w.fake.DM(ben)))+len(w.said("general")) > 0 || len(w.jobs()) > 0 {
			t.Errorf("%v, %v, left over %+v", w.reminded(w.fake.DM(ben)), w.said("general"), w.jobs())
		}
		if n := strings.Count(w.logs.String(), "a notice was skipped"); n != 2 {
			t.Errorf("logged %d times", n)
		}
	})
}

// TestDigestNowhere: a digest for a channel that is not there is logged, and is no
// failure of an incident.
func TestDigestNowhere(t *testing.T) {
	t.Parallel()
	onMonday(t, func(w *world) {
		w.strike(bot.Notice{Kind: bot.NoticeDigest, Channel: "managers", At: time.Now().UTC()})
		w.rest(time.Minute)
		if log := w.logs.String(); !strings.Contains(log, "slack refused a notice") {
			t.Error(log)
		}
		w.fake.AddChannel("managers", false, w.fake.BotUser())
		w.rest(16 * time.Minute)
		w.once(w.said("managers"), "nothing is open")
	})
}

// reminded is what was said in a DM but for whom an item was given to, which is
// told at once.
func (w *world) reminded(channel string) (out []string) {
	for _, text := range w.said(channel) {
		if !strings.Contains(text, "gave you an action item") {
			out = append(out, text)
		}
	}
	return out
}

// TestGiven: whoever is given an action item is told at once, by DM and once; who
// takes one, gives it back, or may not see it is not.
func TestGiven(t *testing.T) {
	t.Parallel()
	onMonday(t, func(w *world) {
		w.dueItems()
		w.rest(20 * time.Second)
		got := w.said(w.fake.DM(ben))
		if len(got) != 2 || !strings.Contains(got[0], "@ana gave you an action item of *#1* Checkout is down.") || !strings.Contains(got[0], "Late thing") {
			t.Errorf("ben was told: %v", got)
		}
		for who, name := range map[string]string{ana: "ana", cat: "cat"} {
			for _, text := range w.said(w.fake.DM(who)) {
				if strings.Contains(text, "gave you") {
					t.Errorf("%s was told: %s", name, text)
				}
			}
		}
	})
}
