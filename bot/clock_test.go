package bot_test

import (
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestTheTeamIsToldOfItsOwnSilence(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) { s.Severities[0].FirstPublic = 0 })
	n := c.declare(bot.Draft{}) // 21:30
	c.pass(24 * time.Minute)
	c.hears("not yet", "")
	c.pass(time.Minute)
	c.hears("five minutes before", "team 21:55")
	c.pass(5 * time.Minute)
	c.hears("when it is due", "team 22:00")
	c.pass(29 * time.Minute)
	c.hears("between", "")
	c.pass(time.Minute)
	c.hears("again", "team 22:30")
	c.done(ana, n, tells("We look", false, 0)) // 22:30
	c.pass(25 * time.Minute)
	c.hears("an update moves it", "team 22:55")
	c.done(ana, n, tells("A promise", false, time.Hour)) // until 23:55
	c.pass(54 * time.Minute)
	c.hears("a promise moves it", "")
	c.pass(time.Minute)
	c.hears("a promise is told of as well", "team 23:50")
	c.pass(48 * time.Hour)
	c.hears("a silence is told of eight times", "team 00:25, team 00:55, team 01:25, team 01:55, team 02:25, team 02:55, team 23:55")
	c.done(ana, n, func(w *bot.Work) error { _, err := bot.SetSeverity(w, "sev2"); return err })
	c.pass(2 * time.Hour)
	if c.heard() == "" {
		t.Error("a severity that was changed in a long silence nudges nobody")
	}
	c.done(ana, n, tells("Here we are", false, 0))
	c.done(ana, n, resolve)
	c.pass(48 * time.Hour)
	c.hears("it is over", "")
	c.done(ana, n, func(w *bot.Work) error { _, err := bot.Reopen(w, "it is back"); return err })
	c.pass(55 * time.Minute)
	if c.heard() == "" {
		t.Error("a clock stands still after a reopen")
	}
	c.done(ana, n, func(w *bot.Work) error { _, err := bot.Cancel(w, "nothing"); return err })
	c.pass(48 * time.Hour)
	c.hears("it was none", "")
}

func TestCustomersHaveAClockOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) { s.Severities[0].UpdateEvery = 0 })
	n := c.declare(bot.Draft{}) // 21:30
	secret, drill := c.declare(bot.Draft{Private: true}), c.declare(bot.Draft{Drill: true})
	c.pass(5 * time.Minute)
	c.hears("nothing was said to customers", "public 21:35")
	c.done(ana, n, tells("For us", false, 0))
	c.pass(5 * time.Minute)
	c.hears("an internal update does not count", "public 21:40")
	c.done(ana, n, tells("For you", true, 20*time.Minute)) // 21:40, until 22:00
	c.done(ana, n, tells("For us alone", false, 40*time.Minute))
	c.pass(15 * time.Minute)
	c.hears("a promise", "public 21:55")
	c.done(ana, n, tells("More for you", true, 0)) // 21:55
	c.pass(24 * time.Minute)
	c.hears("a public update keeps it, for the team too", "")
	c.pass(time.Minute)
	c.hears("the period", "public 22:20")
	for _, k := range []int64{n, secret, drill} {
		c.done(ana, k, resolve)
	}
	c.pass(48 * time.Hour)
	c.hears("it is over", "")
	c.done(ana, n, func(w *bot.Work) error { _, err := bot.Reopen(w, "it is back"); return err }) // 22:20
	c.pass(25 * time.Minute)
	c.hears("customers believe that it is over", "public 22:45")
}

// TestANudgeThatRunsTwiceIsOneNotice: a crash between the commit and the note
// that the job is done.
func TestANudgeThatRunsTwiceIsOneNotice(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) { s.Severities[0].FirstPublic = 0 })
	n := c.declare(bot.Draft{})
	c.done(ana, n, func(w *bot.Work) error {
		_, err := bot.SetReminder(w, w.Now.Add(25*time.Minute), "look")
		return err
	})
	c.now = c.now.Add(25 * time.Minute)
	c.strike(false)
	c.pass(0)
	c.hears("the same strikes twice", "reminder 1 21:55, team 21:55")
	c.pass(5 * time.Minute)
	c.hears("the next comes once", "team 22:00")
}

func TestReminders(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) { s.DefaultSeverity = "none" })
	n := c.declare(bot.Draft{})
	set := func(user bot.UserID, incident int64, d time.Duration) (number int64) {
		t.Helper()
		err := c.ask(bot.Request{User: user}, func(w *bot.Work) error {
			if incident != bot.House {
				if err := w.Lock(incident); err != nil {
					return err
				}
			}
			r, err := bot.SetReminder(w, w.Now.Add(d), "look again")
			if err == nil {
				number = r.Number
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return number
	}
	cancel := func(user bot.UserID, number int64) error {
		return c.ask(bot.Request{User: user}, func(w *bot.Work) error { _, err := bot.CancelReminder(w, number); return err })
	}
	first, mine, gone := set(ana, n, 10*time.Minute), set(ben, bot.House, 20*time.Minute), set(ana, n, 30*time.Minute)
	if err := cancel(ben, gone); err != nil {
		t.Fatal(err)
	}
	c.refused("twice", cancel(ana, gone), bot.KindConflict, "Reminder 3 was cancelled already: <@U0BEN>, ")
	c.refused("somebody else's", cancel(ana, mine), bot.KindNotFound, "")
	c.pass(time.Hour)
	c.hears("each once, but not the one taken back", "reminder 1 21:40, reminder 2 21:50")
	c.pass(time.Hour)
	c.hears("and never again", "")
	c.refused("given already", cancel(ana, first), bot.KindConflict, "Reminder 1 was given already: Tocsin, ")
	late := set(ana, n, time.Minute)
	c.done(ana, n, resolve)
	c.now = c.now.Add(50 * time.Hour) // the program is down
	c.pass(0)
	c.hears("late, once, and though it is resolved", "reminder 4 23:31")
	c.pass(time.Hour)
	c.hears("and never again", "")
	var states string
	for _, e := range c.events(n, bot.EventReminder) {
		states += " " + string(e.Data.Reminder.State)
	}
	if states != " waiting waiting cancelled fired waiting fired" {
		t.Errorf("the record has%s", states)
	}
	c.view(func(tx bot.ReadTx) error {
		r, err := tx.Reminder(bot.Self(), late)
		if r.State != bot.ReminderFired || r.EndedAt == nil || !r.EndedAt.Equal(c.now.Add(-time.Hour)) || r.Text != "look again" {
			t.Errorf("%+v", r)
		}
		return err
	})
}

func TestRemindersThatCannotBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	set := func(d time.Duration, text bot.Text) error {
		return h.ask(bot.Request{User: ana}, func(w *bot.Work) error { _, err := bot.SetReminder(w, w.Now.Add(d), text); return err })
	}
	h.refused("over", set(0, "x"), bot.KindInvalid, "is over")
	h.refused("without a text", set(time.Hour, " "), bot.KindInvalid, "text")
	h.refused("too far ahead", set(367*24*time.Hour, "x"), bot.KindInvalid, "a year ahead")
	for range 100 {
		if err := set(time.Hour, "x"); err != nil {
			t.Fatal(err)
		}
	}
	h.refused("too many", set(time.Hour, "x"), bot.KindConflict, "100 reminders wait already")
}
