package bot_test

import (
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestDigests(t *testing.T) {
	t.Parallel()
	weekly := bot.Digest{Cron: "0 9 * * MON", Channel: "managers", What: "followups"}
	daily := bot.Digest{Cron: "30 2 * * *", Channel: "team", What: "followups"}
	c := newClockHouse(t, func(s *bot.Settings) {
		s.Zone, _ = time.LoadLocation("America/New_York")
		s.Digests = []bot.Digest{weekly}
	})
	c.wind()
	c.wind() // a restart
	c.pass(18 * day)
	c.hears("every Monday", "digest managers 14:00, digest managers 14:00, digest managers 14:00")
	c.pass(0)
	c.hears("and nothing else", "")

	// Over the change of the clocks on 8 March 2020.
	c.bot.Settings.Digests = []bot.Digest{weekly, daily}
	c.until(time.Date(2020, 3, 7, 12, 0, 0, 0, time.UTC))
	c.wind()
	c.heard()
	c.pass(3 * day)
	c.hears("skipped, moved, and as always", "digest managers 13:00, digest team 06:30, digest team 06:30, digest team 07:00")

	// Missed for less than a day it comes once, late; for longer, it is skipped.
	c.now = time.Date(2020, 3, 16, 20, 0, 0, 0, time.UTC)
	c.wind()
	c.pass(0)
	c.hears("seven hours late", "digest managers 13:00")
	c.bot.Settings.Digests = []bot.Digest{weekly}
	c.now = time.Date(2020, 3, 25, 0, 0, 0, 0, time.UTC)
	c.wind()
	c.pass(0)
	c.hears("a day and a half late", "")
	c.pass(7 * day)
	c.hears("on it goes", "digest managers 13:00")

	// No longer configured, and again.
	c.bot.Settings.Digests = nil
	c.pass(15 * day)
	c.hears("taken out", "")
	if at, ok := c.due(); ok && at.Sub(c.now) > 2*day {
		t.Errorf("its clock goes on: %v at %v", at, c.now)
	}
	c.bot.Settings.Digests = []bot.Digest{weekly}
	c.wind()
	c.pass(7 * day)
	c.hears("put in again", "digest managers 13:00")
}

// digestsLate is when nobody waits any more for a replica that has the digest.
const digestsLate = 10 * time.Minute

// TestADigestOfAnotherReplica: one whose configuration does not have it leaves it to
// the others, and ends its clock only when nobody had it twice.
func TestADigestOfAnotherReplica(t *testing.T) {
	t.Parallel()
	weekly := []bot.Digest{{Cron: "0 9 * * MON", Channel: "managers", What: "followups"}}
	c := newClockHouse(t, func(s *bot.Settings) { s.Digests = weekly })
	c.wind()
	monday := time.Date(2020, 1, 27, 9, 0, 0, 0, time.UTC)
	c.until(monday.Add(-time.Minute))
	c.bot.Settings.Digests = nil // this one is asked first
	c.until(monday.Add(2 * time.Minute))
	c.hears("by the wrong one", "")
	c.bot.Settings.Digests = weekly
	c.until(monday.Add(4 * time.Minute))
	c.hears("by the right one", "digest managers 09:00")
	c.until(monday.Add(digestsLate))
	// Nobody has it once, and the next time somebody has; that does not add up.
	for range 3 {
		c.bot.Settings.Digests = nil
		c.pass(7 * day)
		c.hears("missed", "")
		c.bot.Settings.Digests = weekly
		c.pass(7 * day)
		c.hears("and back", "digest managers 09:00")
	}
}

// TestADigestThatRunsTwice: it died before it was noted, or the clock was put
// back while it ran.
func TestADigestThatRunsTwice(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) {
		s.Digests = []bot.Digest{{Cron: "0 9 * * *", Channel: "team", What: "followups"}}
	})
	c.wind()
	nine := time.Date(2020, 1, 24, 9, 0, 0, 0, time.UTC)
	c.until(nine.Add(-time.Minute))
	c.now = nine
	c.strike(false)
	c.strike(true)
	c.strike(true) // what the two planned
	c.hears("twice", "digest team 09:00")
	// Claimed at nine, and done at a minute to nine.
	c.until(nine.Add(day - time.Minute))
	c.now = nine.Add(day)
	var jobs []bot.Job
	c.update(func(tx bot.Tx) (err error) {
		jobs, err = tx.Claim(c.now, time.Minute, 100)
		return err
	})
	c.now = nine.Add(day - time.Minute)
	for _, j := range jobs {
		part := j
		part.Kind = j.Kind[len("clock."):]
		if err := c.clock.Do(t.Context(), part); err != nil {
			t.Fatal(err)
		}
		c.update(func(tx bot.Tx) error {
			_, err := tx.Finish(j, bot.OutcomeOf(j, nil, c.now), c.now, 0)
			return err
		})
	}
	c.pass(day + 2*time.Minute)
	c.hears("the clock was put back", "digest team 09:00, digest team 09:00")
}
