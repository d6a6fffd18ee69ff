package commands

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestReminders(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.holds(d.say("U0BEN", "C1", "remind"), "No reminder waits for #1 Checkout is down.", "remind in 20m TEXT or remind at 15:04 TEXT sets one.")
	r := d.say("U0BEN", "C1", "remind in 20 minutes Look at <@U0ANA>")
	d.holds(r, "Reminder 1 is set for 2020-01-23 21:40 UTC: Look at <@U0ANA>", "It comes in <#C1> and names you.")
	if r.Incident != 1 {
		t.Errorf("of incident %d", r.Incident)
	}
	// Times of day are the next ones where the person is.
	d.holds(d.say("U0BEN", "C9", "#1 remind at 15:04 Look"), "Reminder 2 is set for 2020-01-24 20:04 UTC", "in <#C1>")
	d.holds(d.say("U0DAN", "C1", "remind at 23:00 Look"), "Reminder 3 is set for 2020-01-23 22:00 UTC")
	d.holds(d.say("U0CAT", "C0", "remind at 22:00 Look"), "Reminder 4 is set for 2020-01-23 22:00 UTC", "It comes as a direct message.", "Times were read in UTC")
	d.holds(d.say("U0CAT", "C0", "remind in 3d Look"), "2020-01-26")
	r = d.say("U0BEN", "C1", "remind list")
	d.holds(r, "1 2020-01-23 21:40 UTC <@U0BEN>: Look at <@U0ANA>", "3 2020-01-23 22:00 UTC <@U0DAN>: Look")
	if strings.Contains(all(r), "\n4 ") {
		t.Errorf("Cat's own is shown: %s", all(r))
	}
	d.holds(d.say("U0CAT", "C0", "remind list"), "2 reminders wait for you outside of incidents", "4 2020-01-23")
	d.holds(d.say("U0BEN", "C0", "remind"), "No reminder waits for you outside of incidents.")
	d.holds(d.click("U0ANA", "D0ANA", r, "Cancel reminder 1"), "Reminder 1 is cancelled: Look at")
	if e := d.refused("U0BEN", "C1", "remind cancel 1", bot.KindConflict); !strings.Contains(e.Sentence().String(), "Reminder 1 was cancelled already: <@U0ANA>") {
		t.Errorf("twice: %q", e.Sentence())
	}
	// One's own needs no incident, and is nobody else's.
	e := d.refused("U0BEN", "C1", "remind cancel 4", bot.KindNotFound)
	if e.Line != "remind list" {
		t.Errorf("somebody else's: %+v", e)
	}
	e = d.refused("U0CAT", "C1", "#1 remind cancel 4", bot.KindInvalid)
	if !strings.Contains(e.Text, "belongs to no incident") || e.Line != "remind cancel 4" {
		t.Errorf("of no incident: %+v", e)
	}
	if r := d.say("U0CAT", "C1", e.Line); r.Incident != 0 {
		t.Errorf("it became incident %d's", r.Incident)
	}
	if n := len(d.events(1)); n != 5 { // declared, three set, one cancelled
		t.Errorf("%d entries", n)
	}
	d.say("U0BEN", "C1", "resolve")
	d.say("U0BEN", "C1", "remind in 5bd Ask for the post-mortem")
	if r := d.say("U0BEN", "C1", "remind in 5m"); r.Form == nil || r.Form.Verb != "remind in" || input(r.Form, "in") != "5m" || r.Form.Incident != 1 {
		t.Errorf("without a text: %+v", r.Form)
	}
}

func TestRemindRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	for line, want := range map[string]string{
		"remind in soon look":               "is no length of time",
		"remind in 0m look":                 "is no length of time",
		"remind at noon look":               "is no time",
		"remind at 2020-01-23 10:00 look":   "which is over",
		"remind at 2022-01-23 10:00 look":   "a year ahead at most",
		"remind cancel x":                   "is no number",
		"remind every \"0 9 * * MON\" look": "remind every is not in this version",
	} {
		if e := d.refused("U0BEN", "C1", line, bot.KindInvalid); !strings.Contains(e.Error(), want) {
			t.Errorf("%q: %q, want %q", line, e.Error(), want)
		}
	}
	e := d.refused("U0BEN", "C1", "remind in 17:04 Call --them", bot.KindInvalid)
	if e.Line == "" {
		t.Fatalf("a time of day: %+v", e)
	}
	d.holds(d.say("U0BEN", "C9", e.Line), "Reminder 1 is set for 2020-01-23 22:04 UTC: Call --them", "in <#C1>")
	e = d.refused("U0BEN", "C1", "remind me at 17:05 Call", bot.KindInvalid)
	d.holds(d.say("U0BEN", "C1", e.Line), "2020-01-23 22:05 UTC: Call")
}

// A reminder's day keeps the time of day where the person is, also over a clock
// change, and leaves out days off.
func TestRemindDays(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.now = time.Date(2020, 3, 6, 21, 20, 0, 0, time.UTC) // a Friday, 16:20 in New York; the clocks change on Sunday
	d.holds(d.say("U0BEN", "D0BEN", "remind in 3d look"), "2020-03-09 20:20 UTC")
	d.bot.Settings.Holidays = []bot.Date{"2020-03-09"}
	d.holds(d.say("U0BEN", "D0BEN", "remind in 1bd look"), "2020-03-10 20:20 UTC")
}
