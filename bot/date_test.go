package bot

import (
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func utcTime(t *testing.T, s string) time.Time {
	t.Helper()
	out, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestInZone: what a clock change skips is the end of the gap, of what it
// doubles the first.
func TestInZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, naive, want string }{
		{"UTC", "2026-03-08 02:30", "2026-03-08 02:30"},
		{"America/New_York", "2026-03-08 01:59", "2026-03-08 06:59"},
		{"America/New_York", "2026-03-08 02:00", "2026-03-08 07:00"},
		{"America/New_York", "2026-03-08 02:59", "2026-03-08 07:00"},
		{"America/New_York", "2026-03-08 03:00", "2026-03-08 07:00"},
		{"America/New_York", "2026-11-01 00:59", "2026-11-01 04:59"},
		{"America/New_York", "2026-11-01 01:00", "2026-11-01 05:00"},
		{"America/New_York", "2026-11-01 01:59", "2026-11-01 05:59"},
		{"America/New_York", "2026-11-01 02:00", "2026-11-01 07:00"},
		{"Europe/London", "2026-03-29 01:30", "2026-03-29 01:00"},
		{"Europe/London", "2026-10-25 01:30", "2026-10-25 00:30"},
		{"Europe/Dublin", "2026-10-25 01:30", "2026-10-25 00:30"}, // whose winter is the exception
		{"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"},
		{"America/Santiago", "2026-09-06 00:00", "2026-09-06 04:00"},
		{"America/Santiago", "2026-04-04 23:30", "2026-04-05 02:30"},
		{"Asia/Tehran", "2021-03-22 00:30", "2021-03-21 20:30"},
		{"Asia/Tehran", "2021-09-21 23:30", "2021-09-21 19:00"},
		{"Antarctica/Troll", "2026-10-25 02:30", "2026-10-25 00:30"}, // two hours
		{"Antarctica/Troll", "2026-03-29 02:30", "2026-03-29 01:00"},
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"}, // a day that never was
		{"Pacific/Kiritimati", "2026-01-01 00:00", "2025-12-31 10:00"},
	} {
		if got := InZone(utcTime(t, c.naive), zone(t, c.zone)); !got.Equal(utcTime(t, c.want)) {
			t.Errorf("%s in %s is %v, want %s", c.naive, c.zone, got.UTC(), c.want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	christmas := Settings{Holidays: []Date{"2026-12-25", "2027-01-01"}}
	for _, c := range []struct {
		from   Date
		period Period
		want   Date
	}{
		{"2026-11-28", Period{1, "d"}, "2026-11-29"},
		{"2026-11-28", Period{-28, "d"}, "2026-10-31"},
		{"2028-02-28", Period{1, "d"}, "2028-02-29"},
		{"2026-12-31", Period{2, "w"}, "2027-01-14"},
		{"2026-11-28", Period{}, "2026-11-28"},
		{"2026-11-27", Period{1, "bd"}, "2026-11-30"}, // a Friday
		{"2026-11-28", Period{1, "bd"}, "2026-11-30"},
		{"2026-12-24", Period{1, "bd"}, "2026-12-28"}, // Christmas and a weekend
		{"2026-12-24", Period{5, "bd"}, "2027-01-04"}, // and New Year's Day
		{"nonsense", Period{1, "d"}, ""},
		{"", Period{1, "d"}, ""},
	} {
		if got := c.from.Add(c.period, christmas.Holiday); got != c.want {
			t.Errorf("%s and %s is %s, want %s", c.from, c.period, got, c.want)
		}
	}
	for _, c := range []struct {
		from, to Date
		want     int
	}{{"2026-11-28", "2026-12-01", 3}, {"2026-12-01", "2026-11-28", -3}, {"2026-03-07", "2026-03-09", 2}, {"", "2026-11-28", 0}} {
		if got := c.from.Until(c.to); got != c.want {
			t.Errorf("from %s to %s it is %d days, want %d", c.from, c.to, got, c.want)
		}
	}
	if got := Date("2026-12-01").Label(); got != "1 Dec 2026" {
		t.Errorf("label %q", got)
	}
	for _, bad := range []string{"", "2026-13-01", "2026-02-29", "1.12.2026", "2026-12-01T00:00:00Z", "26-12-01"} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %q", bad, d)
		}
	}
	if got := Date("2026-09-06").At(0, zone(t, "America/Santiago")); !got.Equal(utcTime(t, "2026-09-06 04:00")) {
		t.Errorf("a day without a midnight begins at %v", got)
	}
	if got := Date("2026-11-01").At(9, zone(t, "America/New_York")); !got.Equal(utcTime(t, "2026-11-01 14:00")) {
		t.Errorf("nine o'clock behind the change is %v", got)
	}
	if got := Date("").At(9, time.UTC); !got.IsZero() {
		t.Errorf("no date is at %v", got)
	}
}

func TestWorkdays(t *testing.T) {
	t.Parallel()
	s := Defaults()
	s.Holidays = []Date{"2026-12-24", "2026-12-25", "2026-12-28"}
	for day, want := range map[Date]Date{
		"2026-11-27": "2026-11-27", "2026-11-28": "2026-11-30", "2026-11-29": "2026-11-30", "2026-12-24": "2026-12-29", "2026-12-26": "2026-12-29",
	} {
		if got := s.nextWorkday(day); got != want {
			t.Errorf("the workday from %s on is %s, want %s", day, got, want)
		}
	}
	if got := s.workdaysBefore("2026-12-29", 2); got != "2026-12-22" {
		t.Errorf("two workdays before 29 December is %s", got)
	}
	if got := s.workdaysBefore("2026-12-29", 0); got != "2026-12-29" {
		t.Errorf("none before is %s", got)
	}
}

// TestRemindOn: nobody is reminded on a day off, and of one thing once a day.
func TestRemindOn(t *testing.T) {
	t.Parallel()
	s := Defaults()
	s.Holidays = []Date{"2026-12-25"}
	on := func(due, last Date) (out []Date) {
		for d := Date("2026-11-01"); d <= last; d = d.Add(Period{1, "d"}, nil) {
			if s.remindsOn(due, d) {
				out = append(out, d)
			}
		}
		return out
	}
	for _, c := range []struct {
		name, due string
		remind    []Remind
		want      []Date
	}{
		{"two days before, on it, each week after", "2026-12-02", DefaultRemind(), []Date{"2026-11-30", "2026-12-02", "2026-12-09", "2026-12-16"}},
		{"before falls on a weekend", "2026-12-01", DefaultRemind(), []Date{"2026-11-30", "2026-12-01", "2026-12-08", "2026-12-15"}},
		{"before and on it are the same workday", "2026-11-30", DefaultRemind(), []Date{"2026-11-30", "2026-12-07", "2026-12-14"}},
		{"due on a Saturday", "2026-11-28", DefaultRemind(), []Date{"2026-11-26", "2026-11-30", "2026-12-07", "2026-12-14"}},
		{"business days before", "2026-12-01", []Remind{{Period: Period{2, "bd"}, Before: true}}, []Date{"2026-11-27"}},
		{"business days after", "2026-11-27", []Remind{{Period: Period{2, "bd"}}}, []Date{"2026-12-01"}},
		{"every five business days", "2026-11-27", []Remind{{Period: Period{5, "bd"}, Every: true}}, []Date{"2026-12-04", "2026-12-11"}},
		{"no day", "", DefaultRemind(), nil},
		{"a repetition that gets nowhere", "2026-11-27", []Remind{{Period: Period{0, "d"}, Every: true}, {Period: Period{7, "d"}, Before: true, Every: true}, {Period: Period{1, "h"}, Every: true}},
			[]Date{"2026-11-20", "2026-11-27"}},
	} {
		s.Followups.Remind = c.remind
		got := on(Date(c.due), "2026-12-17")
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for k := range got {
			if got[k] != c.want[k] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
	s.Followups.Remind = []Remind{{Period: Period{0, "d"}}}
	if got := s.remindOn("2026-12-25", "2026-12-31"); len(got) != 1 || got[0] != "2026-12-28" {
		t.Errorf("due at Christmas is told on %v", got)
	}
}
