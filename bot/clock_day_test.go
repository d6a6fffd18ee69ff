package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const day = 24 * time.Hour

// lives says in which zones people live.
func (h *house) lives(zones map[bot.UserID]string) {
	h.t.Helper()
	h.update(func(tx bot.Tx) error {
		for id, zone := range zones {
			if err := tx.SavePerson(bot.Person{ID: id, Zone: zone, SyncedAt: h.now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// item adds an action item to an incident.
func (h *house) item(incident int64, d bot.FollowUpDraft) (f *bot.FollowUp) {
	h.t.Helper()
	if d.Text == "" && d.Issue == 0 && d.Task == 0 {
		d.Text = "Test each service alone"
	}
	err := h.ask(bot.Request{User: ana, Exact: true}, func(w *bot.Work) (err error) {
		if err = w.Lock(incident); err != nil {
			return err
		}
		f, err = bot.AddFollowUp(w, d)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

// with does something with an action item under its incident's lock.
func (h *house) with(user bot.UserID, number int64, fn func(*bot.Work, *bot.FollowUp) error) error {
	return h.ask(bot.Request{User: user}, func(w *bot.Work) error {
		f, err := bot.TakeFollowUp(w, number)
		if err != nil {
			return err
		}
		return fn(w, f)
	})
}

// does is with for what has to succeed.
func (h *house) does(user bot.UserID, number int64, fn func(*bot.Work, *bot.FollowUp) error) *bot.FollowUp {
	h.t.Helper()
	if err := h.with(user, number, fn); err != nil {
		h.t.Fatal(err)
	}
	return h.kept(number)
}

// kept is an action item as it is stored.
func (h *house) kept(number int64) (f *bot.FollowUp) {
	h.t.Helper()
	h.view(func(tx bot.ReadTx) (err error) {
		f, err = tx.FollowUp(bot.Self(), number)
		return err
	})
	return f
}

func stands(s bot.FollowUpState) func(*bot.Work, *bot.FollowUp) error {
	return func(w *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(w, f, s, "") }
}

// plainClockHouse has no nudges; its incident is over. It is Thursday.
func plainClockHouse(t *testing.T) (c *clockHouse, incident int64) {
	t.Helper()
	c = newClockHouse(t, func(s *bot.Settings) { s.DefaultSeverity = "none" })
	incident = c.declare(bot.Draft{})
	c.done(ana, incident, resolve)
	return c, incident
}

// TestOwnersAreReminded: at nine of their own zone, of all that is due in one
// notice a day.
func TestOwnersAreReminded(t *testing.T) {
	t.Parallel()
	c, n := plainClockHouse(t)
	c.lives(map[bot.UserID]string{ben: "America/New_York", cat: "Asia/Tokyo", dan: ""})
	c.item(n, bot.FollowUpDraft{Owner: ben, Due: "2020-01-29"})
	c.item(n, bot.FollowUpDraft{Owner: ben, Due: "2020-01-27"})
	c.item(n, bot.FollowUpDraft{Owner: cat, Due: "2020-01-29"})
	c.item(n, bot.FollowUpDraft{Owner: dan, Due: "2020-01-29"})
	done := c.item(n, bot.FollowUpDraft{Owner: dan, Due: "2020-01-30"})
	c.wind()
	c.until(time.Date(2020, 1, 26, 23, 0, 0, 0, time.UTC))
	c.hears("on a weekend", "")
	c.pass(day)
	c.hears("Monday", "due U0BEN 2020-01-27 14:00, due U0CAT 2020-01-27 00:00, due U0DAN 2020-01-27 09:00")
	c.view(func(tx bot.ReadTx) error {
		l := &bot.Look{Bot: c.bot, Tx: tx, Now: c.now}
		items, err := l.DueFor(ben, "2020-01-27")
		if len(items.FollowUps) != 2 || items.Empty() {
			t.Errorf("Ben is told of %+v", items)
		}
		return err
	})
	c.pass(day)
	c.hears("Tuesday", "due U0DAN 2020-01-28 09:00")
	c.does(ana, done.Number, stands(bot.FollowUpDone))
	c.pass(2 * day)
	c.hears("on the day; what is closed says nothing", "due U0BEN 2020-01-29 14:00, due U0CAT 2020-01-29 00:00, due U0DAN 2020-01-29 09:00")
	for k := int64(1); k <= 3; k++ {
		c.does(ana, k, stands(bot.FollowUpDropped))
	}
	c.pass(28 * day)
	c.hears("every week after", "due U0DAN 2020-02-05 09:00, due U0DAN 2020-02-12 09:00, due U0DAN 2020-02-19 09:00, due U0DAN 2020-02-26 09:00")
}

// TestWhoIsRemindedInstead: of what somebody owns who has left, or who may not
// know of the incident, its commander is.
func TestWhoIsRemindedInstead(t *testing.T) {
	t.Parallel()
	c, n := plainClockHouse(t)
	c.item(n, bot.FollowUpDraft{Owner: ben, Due: "2020-01-27"})
	c.item(n, bot.FollowUpDraft{Due: "2020-01-29"})
	secret := c.declare(bot.Draft{Private: true})
	c.done(ana, secret, resolve)
	c.item(secret, bot.FollowUpDraft{Owner: eve, Due: "2020-01-30"})
	c.update(func(tx bot.Tx) error {
		return tx.SavePerson(bot.Person{ID: ben, Deleted: true, SyncedAt: c.now})
	})
	c.wind()
	c.until(time.Date(2020, 1, 31, 0, 0, 0, 0, time.UTC))
	c.hears("the commander", "due U0ANA 2020-01-27 09:00, due U0ANA 2020-01-28 09:00, due U0ANA 2020-01-29 09:00, due U0ANA 2020-01-30 09:00")
	c.update(func(tx bot.Tx) error { return tx.SetMembers(secret, []bot.UserID{ana, eve}) })
	c.pass(7 * day)
	if got := c.heard(); !strings.Contains(got, "due U0EVE 2020-02-06 09:00") {
		t.Errorf("a member of the private incident is not reminded: %s", got)
	}
	c.update(func(tx bot.Tx) error {
		return tx.SavePerson(bot.Person{ID: ana, Deleted: true, SyncedAt: c.now})
	})
	c.pass(4 * day)
	c.hears("nobody is left", "")
}

// TestWhatChangesInTheLastHours: who is to be reminded is looked up when the day
// begins where it begins first, and what changes after that counts.
func TestWhatChangesInTheLastHours(t *testing.T) {
	t.Parallel()
	c, n := plainClockHouse(t)
	c.lives(map[bot.UserID]string{ben: "America/Los_Angeles", cat: "America/Los_Angeles"})
	c.wind()
	c.until(time.Date(2020, 1, 27, 22, 0, 0, 0, time.UTC)) // Tuesday has begun in the east
	c.item(n, bot.FollowUpDraft{Owner: ben, Due: "2020-01-28"})
	moved := c.item(n, bot.FollowUpDraft{Owner: cat, Due: "2020-03-28"})
	c.does(ana, moved.Number, func(w *bot.Work, f *bot.FollowUp) error {
		return bot.DueFollowUp(w, f, "2020-01-28", "it is urgent")
	})
	given := c.item(n, bot.FollowUpDraft{Owner: ben, Due: "2020-01-30"})
	c.done(ana, n, func(w *bot.Work) error { _, err := bot.DuePostmortem(w, "2020-01-28"); return err })
	c.done(ana, n, func(w *bot.Work) error { _, err := bot.OwnPostmortem(w, dan); return err })
	c.does(ana, given.Number, func(w *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(w, f, eve) })
	c.pass(day)
	c.hears("Tuesday", "due U0BEN 2020-01-28 17:00, due U0CAT 2020-01-28 17:00, due U0DAN 2020-01-28 09:00, due U0EVE 2020-01-28 09:00")
	// At noon of the day itself it is too late for that day.
	c.until(time.Date(2020, 1, 30, 20, 0, 0, 0, time.UTC))
	c.heard()
	c.item(n, bot.FollowUpDraft{Owner: ben, Due: "2020-01-30"})
	c.pass(day)
	c.hears("added after nine", "")
}

// TestPostmortemsAreReminded: until they are published or skipped.
func TestPostmortemsAreReminded(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) {
		s.Severities = []bot.Severity{{ID: "sev1", Name: "Critical", PostmortemDue: bot.Period{N: 3, Unit: "bd"}}}
	})
	first, second := c.declare(bot.Draft{}), c.declare(bot.Draft{})
	c.done(ana, first, resolve)
	c.done(ana, second, resolve) // both by Tuesday
	c.done(ana, second, func(w *bot.Work) error { _, err := bot.OwnPostmortem(w, ben); return err })
	c.wind()
	c.until(time.Date(2020, 1, 28, 20, 0, 0, 0, time.UTC))
	c.hears("before, and on the day", "due U0ANA 2020-01-27 09:00, due U0ANA 2020-01-28 09:00, due U0BEN 2020-01-27 09:00, due U0BEN 2020-01-28 09:00")
	c.done(ana, first, func(w *bot.Work) error { _, err := bot.SkipPostmortem(w, "it was a test"); return err })
	c.done(ana, second, func(w *bot.Work) error { _, err := bot.PublishPostmortem(w, false); return err })
	c.pass(28 * day)
	c.hears("after", "")
}

// TestDaysThatWereMissed: what is over is skipped, what is not is made up for.
func TestDaysThatWereMissed(t *testing.T) {
	t.Parallel()
	c, n := plainClockHouse(t)
	c.lives(map[bot.UserID]string{ben: "America/New_York", cat: "Asia/Tokyo"})
	for _, due := range []bot.Date{"2020-01-27", "2020-01-28", "2020-01-29", "2020-01-30", "2020-01-31"} {
		c.item(n, bot.FollowUpDraft{Owner: ben, Due: due})
		c.item(n, bot.FollowUpDraft{Owner: cat, Due: due})
	}
	c.wind()
	c.until(time.Date(2020, 1, 27, 15, 0, 0, 0, time.UTC))
	c.hears("Monday", "due U0BEN 2020-01-27 14:00, due U0CAT 2020-01-27 00:00")
	c.now = time.Date(2020, 1, 30, 11, 0, 0, 0, time.UTC) // two days and 20 hours without a program
	c.wind()
	c.pass(0)
	c.hears("at once", "due U0CAT 2020-01-30 00:00")
	c.wind()
	c.pass(day)
	c.hears("the days that are left", "due U0BEN 2020-01-30 14:00, due U0CAT 2020-01-31 00:00")
	c.pass(day)
	c.hears("on it goes", "due U0BEN 2020-01-31 14:00")
	// Twice, since it died before it was noted.
	for k := 0; k < 200; k++ {
		at, _ := c.due()
		if at.After(time.Date(2020, 2, 3, 23, 0, 0, 0, time.UTC)) {
			break
		}
		c.now = at
		c.strike(false)
		c.strike(true)
	}
	c.hears("once each", "due U0BEN 2020-02-03 14:00, due U0CAT 2020-02-03 00:00")
}
