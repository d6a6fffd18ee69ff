package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestTasks: a task is one short message, which says that it is done or became an
// action item.
func TestTasks(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		add := func(text bot.Text, owner bot.UserID) {
			w.do(ana, 1, func(work *bot.Work) error {
				_, err := bot.AddTask(work, text, owner)
				return err
			})
		}
		add("Call the <!channel>", ben)
		add("Drain the queue", "")
		add("canary-task", "")
		secret := w.incident(1).Head.Seq
		w.rest(10 * time.Second)
		all := w.channel()
		w.once(all, "*Task 1* for @ben: Call the <!channel>\nAdded by @ana · 2000-01-01 00:00 UTC\n[Done]")
		channel := string(w.incident(1).Channel)
		for _, m := range w.fake.Messages(channel) {
			if strings.Contains(w.fake.PlainText(m), "Drain") {
				w.click(ana, channel, m.TS, "Done")
			}
		}
		if r := w.talk.seen.Load(); r.Line != "task done 2" || r.Incident != 1 {
			t.Errorf("%+v", r)
		}
		w.do(ben, 1, func(work *bot.Work) error {
			_, err := bot.DoneTask(work, 1)
			return err
		})
		w.do(ana, 1, func(work *bot.Work) error {
			_, err := bot.PromoteTask(work, 2)
			return err
		})
		w.do(ana, 1, func(work *bot.Work) error {
			_, err := bot.Redact(work, secret, "it was a secret")
			return err
		})
		w.rest(10 * time.Second)
		all = w.channel()
		w.once(all, "*Done* · *Task 1* for @ben: Call the <!channel>\nAdded by @ana · 2000-01-01 00:00 UTC · done by @ben 2000-01-01 00:00 UTC")
		w.once(all, "*Task 2*: Drain the queue\nAdded by @ana · 2000-01-01 00:00 UTC · made action item 1 by @ana 2000-01-01 00:00 UTC")
		w.once(all, "*Action item 1 [OPEN]* Drain the queue")
		w.once(all, "*Task 3*: [redacted]")
		if len(all) != 4 || strings.Count(strings.Join(all, ""), "[Done]") != 2 { // task 3's, and the item's
			t.Errorf("%d messages", len(all))
		}
	})
}

// TestTaskOnBehalf: who is told of what was done in their name is told of that, and
// not of the message that it changes.
func TestTaskOnBehalf(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		for _, fn := range []func(*bot.Work) error{
			func(work *bot.Work) error { _, err := bot.AddTask(work, "Drain the queue", ""); return err },
			func(work *bot.Work) error { _, err := bot.DoneTask(work, 1); return err },
		} {
			_, err := w.bot.Carry(w.ctx, bot.Request{User: ben, Root: true, Via: bot.ViaAPI}, func(work *bot.Work) (bot.Reply, error) {
				if err := work.Lock(1); err != nil {
					return bot.Reply{}, err
				}
				return bot.Reply{}, fn(work)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		w.rest(10 * time.Second)
		w.once(w.said(w.fake.DM(ben)), "Checkout is down: Added task 1\n> Drain the queue")
		w.once(w.said(w.fake.DM(ben)), "Checkout is down: Finished task 1")
	})
}

// reportOf writes up incident 1, hands it over and publishes it.
func (w *world) reportOf(public bool) {
	w.t.Helper()
	w.do(ana, 1, func(work *bot.Work) error {
		for _, s := range bot.Sections() {
			if _, err := bot.SetSection(work, s.Slug, "canary-section", nil); err != nil {
				return err
			}
		}
		return nil
	})
	w.do(ana, 1, func(work *bot.Work) error {
		_, err := bot.OwnPostmortem(work, ben)
		return err
	})
	w.rest(10 * time.Second)
	w.do(ana, 1, func(work *bot.Work) error {
		_, err := bot.PublishPostmortem(work, public)
		return err
	})
	w.rest(20 * time.Second)
}

// TestPostmortem: the channel hears who writes it and where it can be read, the
// organisation only the latter; nobody is posted what is written.
func TestPostmortem(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		w.slash(ana, "general", "public We look into it.")
		w.slash(ana, "general", "resolve fixed")
		w.reportOf(true)
		all := w.channel()
		w.once(all, "@ben writes the post-mortem\nIt is due on 14 Jan 2000.\n[Post-mortem]\n@ana ·")
		link := "\nRead it (https://tocsin.test/api/v1/incidents/1/postmortem.html) · What customers read (https://status.test/incidents/1czh8aau984q)\n"
		w.once(all, "*Customers can read the post-mortem now*"+link)
		w.once(w.said("incidents"), "#1: Customers can read the post-mortem now"+link)
		if s := strings.Join(append(all, w.said("incidents")...), ""); len(all) != 4 || strings.Contains(s, "canary-section") {
			t.Errorf("%d messages", len(all))
		}
	}, withRepo)
	for name, declare := range map[string]string{"private": "secret canary-title", "drill": "drill Practice"} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.slash(ana, "general", declare)
				w.rest(20 * time.Second)
				w.slash(ana, "general", "resolve fixed")
				w.reportOf(false)
				w.once(w.channel(), "*The post-mortem can be read*\nRead it (https://tocsin.test/api/v1/incidents/1/postmortem.html)\n@ana ·")
				if s := w.said("incidents"); len(s) > 0 {
					t.Errorf("announced: %v", s)
				}
			}, withRepo)
		})
	}
}

// TestPostmortemSkipped: that there will be none is said, with the reason.
func TestPostmortemSkipped(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		w.do(ana, 1, func(work *bot.Work) error {
			_, err := bot.SkipPostmortem(work, "a false alarm")
			return err
		})
		w.do(ana, 1, func(work *bot.Work) error {
			_, err := bot.DuePostmortem(work, "2000-02-01")
			return err
		})
		w.rest(10 * time.Second)
		w.once(w.channel(), "*There will be no post-mortem*\na false alarm\n@ana ·")
		if n := len(w.channel()); n != 1 || len(w.said("incidents")) != 1 {
			t.Errorf("%d messages", n)
		}
	})
}
