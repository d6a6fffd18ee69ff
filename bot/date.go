package bot

import (
	"fmt"
	"time"
)

// Date is a day, as 2006-01-02. Empty is none. Dates compare as their texts do.
type Date string

// DateOf returns the day of t in t's own zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// ParseDate reads a day as 2006-01-02.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("%q is no date; write it as 2026-12-01", s)
	}
	return Date(s), nil
}

// At returns the moment at which clocks in zone show hour o'clock on d; the zero
// time for no date.
func (d Date) At(hour int, zone *time.Location) time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return InZone(t.Add(time.Duration(hour)*time.Hour), zone)
}

// Add returns the day p after d; holiday says which days are no business days,
// and may be nil.
func (d Date) Add(p Period, holiday func(time.Time) bool) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return DateOf(p.From(t, holiday))
}

// Until returns how many days it is from d to o; negative if o was before.
func (d Date) Until(o Date) int {
	from, err := time.Parse(time.DateOnly, string(d))
	to, err2 := time.Parse(time.DateOnly, string(o))
	if err != nil || err2 != nil {
		return 0
	}
	return int(to.Sub(from) / (24 * time.Hour))
}

// Label is d as a reader sees it: 1 Dec 2026.
func (d Date) Label() string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return t.Format("2 Jan 2006")
}

// InZone returns the moment at which clocks in zone show what naive, a date
// and time of day held in UTC, says. A time that a clock change skips is the
// first moment after the gap; one that happens twice is the first of the two.
func InZone(naive time.Time, zone *time.Location) time.Time {
	// The offsets on both sides of any change that could concern naive: no zone
	// is further from UTC than 14 hours, and the largest change was of 24.
	var found time.Time
	for _, near := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := naive.Add(near).In(zone).Zone()
		t := naive.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, at := t.Zone(); at == offset && (found.IsZero() || t.Before(found)) {
			found = t
		}
	}
	if !found.IsZero() {
		return found
	}
	_, after := naive.Add(26 * time.Hour).In(zone).Zone()
	_, end := naive.Add(-time.Duration(after) * time.Second).In(zone).ZoneBounds()
	return end
}

// workday is whether people are expected to work on d.
func (s *Settings) workday(d Date) bool {
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && !s.Holiday(t)
}

// nextWorkday is d, or the first day after it on which people work.
func (s *Settings) nextWorkday(d Date) Date {
	for range 60 { // no holidays are longer
		if s.workday(d) {
			return d
		}
		d = d.Add(Period{1, "d"}, nil)
	}
	return d
}

// Holiday reports whether the day of t is a configured holiday.
func (s *Settings) Holiday(t time.Time) bool {
	d := DateOf(t)
	for _, h := range s.Holidays {
		if h == d {
			return true
		}
	}
	return false
}
