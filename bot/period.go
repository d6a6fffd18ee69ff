package bot

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Period is a length of time as people agree on it: 30m, 2h, 3d, 2w, or 5bd
// (business days). Days and more are calendar days, so a period across a
// clock change keeps the time of day.
type Period struct {
	N    int
	Unit string // s m h d w bd, and y in a configuration; "" with N 0 is no period
}

// ParsePeriod reads a period.
func ParsePeriod(s string) (Period, error) {
	s = norm(s)
	unit := strings.TrimLeft(s, "0123456789")
	n, err := strconv.Atoi(strings.TrimSuffix(s, unit))
	if err != nil || n < 0 || n > 100_000 {
		return Period{}, fmt.Errorf("%q is no length of time; write it as 30s, 20m, 2h, 3d, 2w or 5bd", s)
	}
	switch unit {
	case "s", "m", "h", "d", "w", "bd":
		return Period{n, unit}, nil
	case "min", "mins", "minutes", "minute":
		return Period{n, "m"}, nil
	}
	return Period{}, fmt.Errorf("%q is no length of time; write it as 30s, 20m, 2h, 3d, 2w or 5bd", s)
}

// Zero reports whether p is no period.
func (p Period) Zero() bool { return p.N == 0 }

// String writes p as [ParsePeriod] reads it.
func (p Period) String() string {
	if p.Unit == "" {
		return ""
	}
	return strconv.Itoa(p.N) + p.Unit
}

// Duration returns p as a fixed length; ok is false for business days, which
// have none.
func (p Period) Duration() (d time.Duration, ok bool) {
	unit, ok := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[p.Unit]
	return time.Duration(p.N) * unit, ok
}

// From returns the time p after t, in t's zone. holiday says which dates are
// no business days besides Saturdays and Sundays; it may be nil.
func (p Period) From(t time.Time, holiday func(time.Time) bool) time.Time {
	switch p.Unit {
	case "d":
		return t.AddDate(0, 0, p.N)
	case "w":
		return t.AddDate(0, 0, 7*p.N)
	case "y":
		return t.AddDate(p.N, 0, 0)
	case "bd":
		for left := p.N; left > 0; {
			t = t.AddDate(0, 0, 1)
			if wd := t.Weekday(); wd != time.Saturday && wd != time.Sunday && (holiday == nil || !holiday(t)) {
				left--
			}
		}
		return t
	}
	d, _ := p.Duration()
	return t.Add(d)
}
