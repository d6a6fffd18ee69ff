package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestIncidentsOlderThanTheirClock: what is open when a clock is configured, or
// when the program learns to nudge, is nudged of from the next start on.
func TestIncidentsOlderThanTheirClock(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) { s.Severities[0].FirstPublic, s.Severities[0].UpdateEvery = 0, 0 })
	n := c.declare(bot.Draft{}) // 21:30
	over := c.declare(bot.Draft{})
	c.done(ana, over, resolve)
	c.pass(10 * time.Minute)
	c.bot.Settings.Severities[0].UpdateEvery = 30 * time.Minute
	c.wind()
	c.wind()
	c.pass(20 * time.Minute)
	c.hears("once, though it was started twice", "team 21:55, team 22:00")
	c.wind()
	c.pass(0)
	c.hears("what was said is not said again", "")
	c.pass(48 * time.Hour)
	c.hears("six more", "team 00:00, team 00:30, team 01:00, team 22:30, team 23:00, team 23:30")
	c.wind()
	c.pass(48 * time.Hour)
	c.hears("eight are all of one silence, however often it is started", "")
	c.done(ana, n, tells("Here we are", false, 0))
	c.wind()
	c.pass(26 * time.Minute)
	if got := c.heard(); strings.Count(got, "team") != 1 {
		t.Errorf("after an update: %s", got)
	}
}

// TestAResolveRemindsSoon: a post-mortem that is due on a day which the clock has
// looked through already.
func TestAResolveRemindsSoon(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) {
		s.Severities = []bot.Severity{{ID: "sev1", Name: "Critical", PostmortemDue: bot.Period{N: 1, Unit: "d"}}}
	})
	c.wind()
	c.pass(0) // Friday has begun in the east
	n := c.declare(bot.Draft{})
	c.done(ana, n, resolve)
	c.pass(day)
	c.hears("on the day", "due U0ANA 2020-01-24 09:00")
}

// skipped are the texts that the house's stream has of what was skipped.
func (c *clockHouse) skipped() string {
	c.t.Helper()
	var out []string
	for _, e := range c.events(bot.House, bot.EventFailed) {
		out = append(out, c.bot.Settings.Deed(e).String()+": "+e.Text.String())
	}
	return strings.Join(out, "\n")
}

// TestSkipsAreRecorded: with the reason, once each.
func TestSkipsAreRecorded(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) {
		s.DefaultSeverity = "none"
		s.Digests = []bot.Digest{{Cron: "0 9 * * MON", Channel: "managers", What: "followups"}}
	})
	n := c.declare(bot.Draft{})
	c.item(n, bot.FollowUpDraft{Owner: ben, Due: "2020-01-27"})
	c.wind()
	c.until(time.Date(2020, 1, 27, 1, 0, 0, 0, time.UTC))
	c.now = time.Date(2020, 1, 30, 11, 0, 0, 0, time.UTC)
	c.strike(false)
	c.pass(0)
	c.hears("all of it is over", "")
	const want = "could not deliver a digest: A digest was not posted: the program was down when it was to be.\n" +
		"could not deliver a reminder: Nobody was reminded of what was due on 28 Jan 2020: the program was down.\n" +
		"could not deliver a reminder: A reminder of what was due on 27 Jan 2020 was not sent: the program was down when it was to be."
	if got := c.skipped(); got != want {
		t.Errorf("recorded:\n%s\nwant:\n%s", got, want)
	}
}
