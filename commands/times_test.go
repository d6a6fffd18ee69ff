package commands

import (
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestMoments(t *testing.T) {
	t.Parallel()
	// 16:20 in New York, 22:20 in Berlin.
	now := time.Date(2020, 1, 23, 21, 20, 30, 0, time.UTC)
	const newYork, berlin = "America/New_York", "Europe/Berlin"
	for _, tc := range []struct {
		in, zone string
		future   bool
		want     string // RFC 3339; empty: refused
	}{
		{"now", newYork, false, "2020-01-23T21:20:30Z"},
		{"16:15", newYork, false, "2020-01-23T21:15:00Z"},
		{"16:15:20", newYork, false, "2020-01-23T21:15:20Z"},
		{"4:15 pm", newYork, false, "2020-01-23T21:15:00Z"},
		{"4:15PM", newYork, false, "2020-01-23T21:15:00Z"},
		{"12:05 am", newYork, false, "2020-01-23T05:05:00Z"},
		{"4pm", newYork, false, "2020-01-23T21:00:00Z"},
		{"yesterday 4 pm", newYork, false, "2020-01-22T21:00:00Z"},
		{"tomorrow 12am", newYork, true, "2020-01-24T05:00:00Z"},
		{"13:05 pm", newYork, false, ""},
		{"13pm", newYork, false, ""},
		{"yesterday 4", newYork, false, ""},
		{"22:15", berlin, false, "2020-01-23T21:15:00Z"},
		{"16:25", newYork, false, "2020-01-22T21:25:00Z"}, // to come, so yesterday's
		{"16:21", newYork, false, "2020-01-23T21:20:30Z"}, // a clock that is a little fast
		{"16:25", newYork, true, "2020-01-23T21:25:00Z"},  // to come
		{"16:15", newYork, true, "2020-01-24T21:15:00Z"},  // over, so tomorrow's
		{"tomorrow 09:00", newYork, true, "2020-01-24T14:00:00Z"},
		{"yesterday 16:15", newYork, false, "2020-01-22T21:15:00Z"},
		{"today at 16:15", newYork, false, "2020-01-23T21:15:00Z"},
		{"2020-01-23 16:15", newYork, false, "2020-01-23T21:15:00Z"},
		{"2020-01-23T16:15", newYork, false, "2020-01-23T21:15:00Z"},
		{"2020-01-23T16:15:00Z", newYork, false, "2020-01-23T16:15:00Z"},
		{"2020-01-23t16:15:00-05:00", berlin, false, "2020-01-23T21:15:00Z"},
		{"-20m", newYork, false, "2020-01-23T21:00:30Z"},
		{"–20m", newYork, false, "2020-01-23T21:00:30Z"}, // a phone's dash
		{"20m ago", newYork, false, "2020-01-23T21:00:30Z"},
		{"20 minutes ago", newYork, false, "2020-01-23T21:00:30Z"},
		{"2h ago", newYork, false, "2020-01-23T19:20:30Z"},
		{"-2d", newYork, false, "2020-01-21T21:20:30Z"},
		{"5bd ago", newYork, false, ""},
		{"25:00", newYork, false, ""},
		{"16:60", newYork, false, ""},
		{"2020-02-30 16:15", newYork, false, ""},
		{"soon", newYork, false, ""},
		{"", newYork, false, ""},
		{"16", newYork, false, ""},
		{"-", newYork, false, ""},
		// The night of 8 March 2020: 02:00 to 03:00 is skipped in New York.
		{"2020-03-08 01:59", newYork, true, "2020-03-08T06:59:00Z"},
		{"2020-03-08 02:30", newYork, true, "2020-03-08T07:00:00Z"},
		{"2020-03-08 03:00", newYork, true, "2020-03-08T07:00:00Z"},
		// 1 November 2020: 01:00 to 02:00 happens twice.
		{"2020-11-01 01:30", newYork, true, "2020-11-01T05:30:00Z"},
		{"2020-11-01 02:00", newYork, true, "2020-11-01T07:00:00Z"},
		{"2020-03-29 02:30", berlin, true, "2020-03-29T01:00:00Z"},
		{"2020-10-25 02:30", berlin, true, "2020-10-25T00:30:00Z"},
		// A change of half an hour, and one to the other side of the date line.
		{"2020-10-04 02:15", "Australia/Lord_Howe", true, "2020-10-03T15:30:00Z"},
		{"2020-04-05 01:45", "Australia/Lord_Howe", true, "2020-04-04T14:45:00Z"},
		{"2011-12-30 12:00", "Pacific/Apia", false, "2011-12-30T10:00:00Z"},
		{"2011-12-31 12:00", "Pacific/Apia", false, "2011-12-30T22:00:00Z"},
		{"2020-06-01 12:00", "Asia/Kolkata", true, "2020-06-01T06:30:00Z"},
	} {
		m, ok := parseMoment(tc.in)
		if !ok {
			if tc.want != "" {
				t.Errorf("%q is no time", tc.in)
			}
			continue
		}
		if got := m.in(zone(t, tc.zone), now, tc.future).UTC().Format(time.RFC3339); got != tc.want {
			t.Errorf("%q in %s is %s, want %s", tc.in, tc.zone, got, tc.want)
		}
	}
}

func TestMomentsAcrossAClockChange(t *testing.T) {
	t.Parallel()
	// 01:15 for the second time in New York; 01:30 was said to be the first.
	now := time.Date(2020, 11, 1, 6, 15, 0, 0, time.UTC)
	m, _ := parseMoment("01:30")
	if got := m.in(zone(t, "America/New_York"), now, false); !got.Equal(time.Date(2020, 11, 1, 5, 30, 0, 0, time.UTC)) {
		t.Errorf("01:30 is %s", got)
	}
	// A day ago is the same time of day.
	m, _ = parseMoment("1d ago")
	if got := m.in(zone(t, "America/New_York"), time.Date(2020, 11, 1, 17, 0, 0, 0, time.UTC), false); !got.Equal(time.Date(2020, 10, 31, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("a day ago is %s", got)
	}
}

func TestDirections(t *testing.T) {
	t.Parallel()
	c := &Call{Look: &bot.Look{Bot: &bot.Bot{Settings: house()}, Now: time.Date(2020, 1, 23, 21, 20, 0, 0, time.UTC)}}
	for _, tc := range []struct {
		kind Kind
		in   bot.Text
		ok   bool
	}{
		{Time{}, "2020-01-23 21:00", true},
		{Time{}, "2020-01-23 22:00", false},
		{Time{}, "tomorrow 10:00", false},
		{Until{}, "30m", true},
		{Until{}, "in 2h", true},
		{Until{}, "22:00", true},
		{Until{}, "0m", false},
		{Until{}, "-20m", false},
		{Until{}, "2020-01-23 21:00", false},
		{Until{}, "later", false},
	} {
		x, err := tc.kind.read(c, tc.in)
		if (err == nil) != tc.ok {
			t.Errorf("%T %q: %v, %v", tc.kind, tc.in, x, err)
		}
	}
}

// FuzzMoment checks that no text panics, and that what is read in any zone is
// a moment that its own clock confirms, but for skipped times.
func FuzzMoment(f *testing.F) {
	for _, s := range []string{"16:15", "2020-03-08 02:30", "-20m", "yesterday 16:15", "4:15 pm", "99999d ago", "0000-01-01 00:00"} {
		f.Add(s, int64(1579814400))
	}
	locs := []*time.Location{time.UTC}
	for _, n := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"} {
		l, err := time.LoadLocation(n)
		if err != nil {
			f.Fatal(err)
		}
		locs = append(locs, l)
	}
	f.Fuzz(func(t *testing.T, in string, unix int64) {
		now := time.Unix(unix%4_000_000_000, 0).UTC()
		m, ok := parseMoment(in)
		if !ok {
			return
		}
		for _, l := range locs {
			got := m.in(l, now, false)
			if m.kind == momentLocal && !m.dated && m.back.Unit == "" && got.After(now.Add(ahead)) {
				t.Errorf("%q at %s is %s, which is to come", in, now, got)
			}
			if m.dated && got.In(l).Format("15:04:05") != m.when.Format("15:04:05") {
				// Only right behind a gap may a clock show another time.
				if start, _ := got.In(l).ZoneBounds(); !start.Equal(got) {
					t.Errorf("%q in %s is %s", in, l, got)
				}
			}
		}
	})
}
