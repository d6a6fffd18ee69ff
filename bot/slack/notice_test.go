package slack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// clocked is bubble with clocks that strike.
func clocked(t *testing.T, fn func(*world), before ...func(*bot.Settings)) {
	t.Helper()
	prepared(t, func(w *world) {
		w.bot.Use(bot.NewClock(w.bot))
		for _, change := range before {
			change(w.bot.Settings)
		}
	}, fn)
}

// strike says n as a clock would.
func (w *world) strike(n bot.Notice) {
	w.t.Helper()
	err := w.bot.Store.Update(w.ctx, func(tx bot.Tx) error { return w.slack.enqueue(tx, w.slack.Notice(n)...) })
	if err != nil {
		w.t.Fatal(err)
	}
}

// channel is what is said in the channel of incident 1, without the card.
func (w *world) channel() []string {
	all := w.said(string(w.incident(1).Channel))
	w.t.Log(strings.Join(all, "\n---\n"))
	return all[1:]
}

// TestTeamNudges: the commander is told before, at and after the deadline; an
// update puts it off, and a promise takes its place.
func TestTeamNudges(t *testing.T) {
	t.Parallel()
	clocked(t, func(w *world) {
		w.declared()
		w.rest(2*time.Hour + time.Minute)
		all := w.channel()
		w.once(all, "@ana: An update for the team is due by 2000-01-01 01:00 UTC.\n[Update] [Remind me in 10 min]")
		w.once(all, "@ana: The team has heard nothing for 60 min; SEV2 asks for an update every 60 min.")
		w.once(all, "@ana: The team has heard nothing for 2 h; SEV2 asks for an update every 60 min.")
		if len(all) != 3 {
			t.Errorf("%d nudges", len(all))
		}
		w.do(ana, 1, func(work *bot.Work) error {
			next := work.Now.Add(30 * time.Minute)
			_, err := bot.Update(work, bot.UpdateDraft{Text: "on we go", NextBy: &next})
			return err
		})
		w.rest(32 * time.Minute)
		all = w.channel()
		w.once(all, "@ana: An update was promised by 2000-01-01 02:31 UTC.\n")
		w.once(all, "@ana: An update was promised by 2000-01-01 02:31 UTC and has not come.\n")
		if len(all) != 6 {
			t.Errorf("%d messages", len(all))
		}
		w.slash(ana, "general", "resolve fixed")
		before := len(w.channel())
		w.rest(3 * time.Hour)
		if n := len(w.channel()) - before; n > 1 || len(w.jobs()) > 0 { // the resolve's own
			t.Errorf("%d more after the end, left over %+v", n, w.jobs())
		}
	}, func(set *bot.Settings) { set.Severities[1].FirstPublic = 0 })
}

// TestNudgeWithoutCommander: the channel is told, with a way to take command.
func TestNudgeWithoutCommander(t *testing.T) {
	t.Parallel()
	clocked(t, func(w *world) {
		w.declared()
		w.do(ana, 1, func(work *bot.Work) error {
			_, err := bot.Assign(work, bot.Commander, "")
			return err
		})
		w.rest(56 * time.Minute)
		all := w.channel()
		w.once(all, "An update for the team is due by 2000-01-01 01:00 UTC. Nobody is incident commander.\n[Update] [Remind me in 10 min] [Take command]")
		w.once(all, "Customers read nothing yet. SEV2 asks for a first update within 30 min, by 2000-01-01 00:30 UTC. Nobody is incident commander.\n[Tell customers] [Take command]")
	})
}

// TestPublicNudges: who may publish is told what customers read and what the policy
// asks; nothing internal meets it.
func TestPublicNudges(t *testing.T) {
	t.Parallel()
	clocked(t, func(w *world) {
		w.declared()
		w.slash(ana, "general", "comms @ben")
		w.slash(ana, "general", "update looking")
		w.rest(31 * time.Minute)
		all := w.channel()
		w.once(all, "@ana, @ben: Customers read nothing yet. SEV2 asks for a first update within 30 min, by 2000-01-01 00:30 UTC.\n[Tell customers]")
		w.once(all, "@ana, @ben: Customers read nothing yet, 30 min after the declare. SEV2 asks for a first update within 30 min.\n[Tell customers]")
		w.slash(ana, "general", "public We look into it.")
		w.rest(61 * time.Minute)
		w.once(w.channel(), "@ana, @ben: Customers have read nothing new for 60 min; SEV2 asks for an update every 60 min.\n> We look into it.\nWhat customers read last, 2000-01-01 00:31 UTC\n[Tell customers]")
	}, func(set *bot.Settings) { set.Severities[1].UpdateEvery = 0 })
}

// TestNudgeLate: what piled up while Slack was away is said once, as it is now, and
// not at all when it was done meanwhile.
func TestNudgeLate(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{false, true} {
		clocked(t, func(w *world) {
			w.declared()
			w.fake.Inject(fakeslack.Fault{Status: 503, Times: -1})
			w.rest(2*time.Hour + 10*time.Minute)
			if done {
				w.do(ana, 1, func(work *bot.Work) error {
					_, err := bot.Update(work, bot.UpdateDraft{Text: "on we go"})
					return err
				})
			}
			w.fake.ClearFaults()
			w.rest(6 * time.Minute)
			all := strings.Join(w.channel(), "\n")
			if n := strings.Count(all, "The team has heard nothing for"); done != (n == 0) || n > 1 {
				t.Errorf("%d nudges, done %v", n, done)
			}
			if strings.Contains(all, "is due by") {
				t.Error("what is over was said")
			}
		}, func(set *bot.Settings) { set.Severities[1].FirstPublic = 0 })
	}
}

func (w *world) remind(n int64, who bot.UserID, in time.Duration, text bot.Text) {
	w.t.Helper()
	_, err := w.bot.Carry(w.ctx, bot.Request{User: who}, func(work *bot.Work) (bot.Reply, error) {
		if n != bot.House {
			if err := work.Lock(n); err != nil {
				return bot.Reply{}, err
			}
		}
		_, err := bot.SetReminder(work, work.Now.Add(in), text)
		return bot.Reply{}, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestReminders: a reminder is given once, in the incident's channel or to the
// person alone, also when the answer of the first try was lost; one that is late
// says so, and its buttons hold its text.
func TestReminders(t *testing.T) {
	for _, f := range []fakeslack.Fault{{}, {Method: "chat.postMessage", DropAfterCommit: true}, {Status: 503, Times: -1}} {
		t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
			t.Parallel()
			clocked(t, func(w *world) {
				w.declared()
				w.remind(1, ana, 5*time.Minute, "look at --the queue\nand <!here> \"twice\"")
				w.remind(bot.House, ben, 5*time.Minute, "call home")
				w.rest(4 * time.Minute)
				if len(w.channel()) > 0 || len(w.said(w.fake.DM(ben))) > 0 {
					t.Error("too early, or the setting was posted")
				}
				if f != (fakeslack.Fault{}) {
					w.fake.Inject(f)
				}
				w.rest(6 * time.Minute)
				w.fake.ClearFaults()
				w.rest(6 * time.Minute)
				late := ""
				if f.Status != 0 {
					late = "\nLate: it was due 2000-01-01 00:05 UTC"
				}
				w.once(w.channel(), "@ana asked to be reminded: look at --the queue\nand <!here> \"twice\""+late+"\n[Again in 20 min] [Again in 1 h]")
				dm := w.said(w.fake.DM(ben))
				t.Log(dm)
				w.once(dm, "You asked to be reminded: call home"+late+"\n[Again in 20 min]")
				if len(dm) != 1 || len(w.channel()) != 1 || len(w.said(w.fake.DM(ana))) > 0 {
					t.Errorf("%d in the DM", len(dm))
				}
				channel := string(w.incident(1).Channel)
				w.click(ana, channel, w.fake.Messages(channel)[len(w.fake.Messages(channel))-1].TS, "Again in 20 min")
				if r := w.talk.seen.Load(); r.Line != "remind in 20m -- look at --the queue\nand <!here> \"twice\"" || r.Incident != 1 {
					t.Errorf("%+v", r)
				}
				w.click(ben, w.fake.DM(ben), w.fake.Messages(w.fake.DM(ben))[0].TS, "Again in 1 h")
				if r := w.talk.seen.Load(); r.Line != "remind in 1h -- call home" || r.Incident != 0 {
					t.Errorf("%+v", r)
				}
			}, func(set *bot.Settings) { set.Severities[1].FirstPublic = 0 })
		})
	}
}

// TestReminderInOrder: a reminder waits behind what was said before it.
func TestReminderInOrder(t *testing.T) {
	t.Parallel()
	clocked(t, func(w *world) {
		w.declared()
		w.remind(1, ana, 5*time.Second, "look again")
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", Status: 503, Times: 2})
		w.slash(ana, "general", "update first")
		w.rest(time.Minute)
		all := w.channel()
		if len(all) != 2 || !strings.Contains(all[0], "first") || !strings.Contains(all[1], "look again") {
			t.Error("out of order")
		}
	})
}
