package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// heads are the heads that were said since it was asked last.
func (c *clockHouse) heads() (out []bot.RecordHead) {
	c.t.Helper()
	var rest []bot.Notice
	for _, n := range c.told.said {
		if n.Kind != bot.NoticeHead {
			rest = append(rest, n)
			continue
		}
		h, err := bot.ParseRecordHead(n.Head)
		if err != nil || n.Channel != "security" {
			c.t.Errorf("%+v: %v", n, err)
		}
		out = append(out, h)
	}
	c.told.said = rest
	return out
}

// TestADailyHead: one a day, in the configured channel, just after the day has
// begun where the install is; what was missed while the program was down is made
// once, late; and each can be checked later.
func TestADailyHead(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 2*3600)
	c := newClockHouse(t, func(s *bot.Settings) {
		s.AuditChannel, s.Zone, s.DefaultSeverity = "security", zone, "none"
	})
	c.wind()
	c.pass(0)
	if got := c.heads(); len(got) != 0 {
		t.Errorf("of an empty record: %v", got)
	}
	c.declare(bot.Draft{})
	c.pass(day)
	c.declare(bot.Draft{})
	c.wind() // started again
	c.pass(day)
	got := c.heads()
	if len(got) != 2 || got[0].Streams != 1 || got[1].Streams != 2 || got[1].Entries != 2 {
		t.Fatalf("in two days: %v", got)
	}
	if at := got[0].At.In(zone).Format("15:04"); at != "00:08" {
		t.Errorf("made at %s", at)
	}
	c.now = c.now.Add(3 * day)
	c.strike(false) // it died before it could note what it had done
	c.pass(0)
	c.wind()
	c.pass(0)
	late := c.heads()
	if len(late) != 1 {
		t.Errorf("after three days: %v", late)
	}
	c.declare(bot.Draft{})
	for _, h := range append(got, late...) {
		r, err := bot.Audit(t.Context(), c.bot.Store, c.now, h.At)
		if err != nil || r.Kept != h || len(r.Broken) > 0 {
			t.Errorf("%v: %+v, %v", h, r, err)
		}
		if m := c.bot.Settings.HeadMessage(bot.Notice{Head: h.String()}); !strings.Contains(m.Blocks[1].Text.String(), h.Digest) {
			t.Errorf("said: %+v", m)
		}
	}
}

// TestWhatIsOpenIsNotPurged, nor what is over when there is no policy.
func TestWhatIsOpenIsNotPurged(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) { s.DefaultSeverity = "none" })
	over, open, waits := c.declare(bot.Draft{}), c.declare(bot.Draft{}), c.declare(bot.Draft{})
	c.item(waits, bot.FollowUpDraft{Owner: ben, Due: "2020-01-27"})
	c.done(ana, over, resolve)
	c.done(ana, waits, resolve)
	left := func() (n int) {
		c.view(func(tx bot.ReadTx) error {
			list, err := tx.Incidents(bot.Self(), bot.IncidentFilter{})
			n = len(list)
			return err
		})
		return n
	}
	c.now = c.now.Add(400 * day)
	c.wind()
	c.pass(day)
	if n := left(); n != 3 {
		t.Errorf("without a policy %d are left", n)
	}
	c.bot.Settings.Retention.Incidents = bot.Period{N: 1, Unit: "y"}
	c.pass(day)
	if n := left(); n != 2 {
		t.Errorf("with one %d are left", n)
	}
	for _, n := range []int64{open, waits} {
		c.incident(n)
	}
}
