package bot

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

// clockChange is a zone and the two days on which its clocks are changed.
type clockChange struct{ zone, forward, back string }

func clockChanges() []clockChange {
	return []clockChange{
		{"America/New_York", "2026-03-08", "2026-11-01"},
		{"Europe/London", "2026-03-29", "2026-10-25"},
		{"Australia/Lord_Howe", "2026-10-04", "2026-04-05"},
		{"America/Santiago", "2026-09-06", "2026-04-04"},
		{"Asia/Tehran", "2021-03-22", "2021-09-21"},
	}
}

func TestNextRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, spec, from, want string }{
		{"a week ahead", "America/New_York", "0 9 * * MON", "2026-11-28 12:00", "2026-11-30 14:00"},
		{"it is strictly later", "UTC", "0 9 * * MON", "2026-11-30 09:00", "2026-12-07 09:00"},
		{"seconds do not make it come again", "UTC", "0 9 * * *", "2026-11-30 09:00", "2026-12-01 09:00"},
		{"the wall's nine o'clock moves with the change", "America/New_York", "0 9 * * *", "2026-10-31 14:00", "2026-11-01 14:00"},

		{"skipped", "America/New_York", "30 2 * * *", "2026-03-07 12:00", "2026-03-08 07:00"},
		{"skipped, a minute before the gap", "America/New_York", "30 2 * * *", "2026-03-08 06:59", "2026-03-08 07:00"},
		{"skipped, and then as always", "America/New_York", "30 2 * * *", "2026-03-08 07:00", "2026-03-09 06:30"},
		{"doubled, first", "America/New_York", "30 1 * * *", "2026-11-01 05:00", "2026-11-01 05:30"},
		{"doubled, not again", "America/New_York", "30 1 * * *", "2026-11-01 05:30", "2026-11-02 06:30"},
		{"doubled, from within the second pass", "America/New_York", "30 1 * * *", "2026-11-01 06:10", "2026-11-02 06:30"},
		{"doubled, at its second coming", "America/New_York", "30 1 * * *", "2026-11-01 06:30", "2026-11-02 06:30"},
		{"what follows the second pass comes", "America/New_York", "0 2 * * *", "2026-11-01 06:59", "2026-11-01 07:00"},
		{"the midnight before is not lost in the second pass", "America/New_York", "0 0 * * *", "2026-11-01 06:10", "2026-11-02 05:00"},

		{"skipped", "Europe/London", "30 1 * * *", "2026-03-28 12:00", "2026-03-29 01:00"},
		{"and then", "Europe/London", "30 1 * * *", "2026-03-29 01:00", "2026-03-30 00:30"},
		{"doubled", "Europe/London", "30 1 * * *", "2026-10-24 12:00", "2026-10-25 00:30"},
		{"and then, from the second pass", "Europe/London", "30 1 * * *", "2026-10-25 01:20", "2026-10-26 01:30"},

		{"half an hour is skipped", "Australia/Lord_Howe", "15 2 * * *", "2026-10-03 12:00", "2026-10-03 15:30"},
		{"and then", "Australia/Lord_Howe", "15 2 * * *", "2026-10-03 15:30", "2026-10-04 15:15"},
		{"half an hour is doubled", "Australia/Lord_Howe", "45 1 * * *", "2026-04-04 12:00", "2026-04-04 14:45"},
		{"and then, from the second pass", "Australia/Lord_Howe", "45 1 * * *", "2026-04-04 15:10", "2026-04-05 15:15"},

		{"midnight is skipped", "America/Santiago", "0 0 * * *", "2026-09-05 12:00", "2026-09-06 04:00"},
		{"and then", "America/Santiago", "0 0 * * *", "2026-09-06 04:00", "2026-09-07 03:00"},
		{"on that weekday", "America/Santiago", "30 0 * * SUN", "2026-09-05 12:00", "2026-09-06 04:00"},
		{"the last hour of a day is doubled", "America/Santiago", "30 23 * * *", "2026-04-04 12:00", "2026-04-05 02:30"},
		{"and then, from the second pass", "America/Santiago", "30 23 * * *", "2026-04-05 03:10", "2026-04-06 03:30"},

		{"midnight is skipped", "Asia/Tehran", "30 0 * * *", "2021-03-21 12:00", "2021-03-21 20:30"},
		{"the last hour is doubled", "Asia/Tehran", "30 23 * * *", "2021-09-21 19:10", "2021-09-22 20:00"},
	} {
		got, err := NextRun(c.spec, zone(t, c.zone), utcTime(t, c.from))
		if err != nil || !got.Equal(utcTime(t, c.want)) {
			t.Errorf("%s: %q in %s after %s is %v (%v), want %s", c.name, c.spec, c.zone, c.from, got.UTC(), err, c.want)
		}
	}
	if got, err := NextRun("0 9 * * *", time.UTC, utcTime(t, "2026-11-30 08:59").Add(59*time.Second+999)); err != nil || !got.Equal(utcTime(t, "2026-11-30 09:00")) {
		t.Errorf("a moment before: %v %v", got, err)
	}
	for _, bad := range []string{"", "0 9 * *", "0 9 30 2 *", "nonsense", "60 * * * *"} {
		if got, err := NextRun(bad, time.UTC, utcTime(t, "2026-11-30 09:00")); err == nil {
			t.Errorf("%q comes at %v", bad, got)
		}
	}
}

// TestEverySlotComesOnce walks over both changes in every zone: each time of the
// schedule comes exactly once, from wherever one looks.
func TestEverySlotComesOnce(t *testing.T) {
	t.Parallel()
	specs := []string{"30 2 * * *", "30 1 * * *", "0 0 * * *", "45 23 * * *", "15 * * * *", "*/15 0-3 * * *", "0 9 * * MON", "@daily"}
	for _, c := range clockChanges() {
		loc := zone(t, c.zone)
		for _, day := range []string{c.forward, c.back} {
			change := utcTime(t, day+" 00:00")
			for _, spec := range specs {
				want := slots(t, spec, loc, change)
				from, to := change.Add(-30*time.Hour), change.Add(30*time.Hour)
				for at := from; at.Before(to); at = at.Add(5 * time.Minute) {
					got, err := NextRun(spec, loc, at)
					if err != nil {
						t.Fatal(err)
					}
					var next time.Time
					for _, w := range want {
						if w.After(at) {
							next = w
							break
						}
					}
					if !got.Equal(next) {
						t.Fatalf("%q in %s after %v is %v, want %v", spec, c.zone, at, got.UTC(), next)
					}
				}
			}
		}
	}
}

// slots are the moments of spec around a day, found by looking at the clock of
// the zone at every minute.
func slots(t *testing.T, spec string, loc *time.Location, around time.Time) []time.Time {
	t.Helper()
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		t.Fatal(err)
	}
	type minute struct{ at, shows time.Time }
	var clock []minute
	for at := around.Add(-48 * time.Hour); at.Before(around.Add(10 * 24 * time.Hour)); at = at.Add(time.Minute) {
		l := at.In(loc)
		clock = append(clock, minute{at, time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)})
	}
	var out []time.Time
	for naive := schedule.Next(clock[0].shows); naive.Before(clock[len(clock)-1].shows); naive = schedule.Next(naive) {
		for _, m := range clock {
			if !m.shows.Before(naive) { // it shows this time, or has jumped over it
				if len(out) == 0 || !out[len(out)-1].Equal(m.at) {
					out = append(out, m.at)
				}
				break
			}
		}
	}
	return out
}
