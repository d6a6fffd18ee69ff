package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
)

const wantPeriod = "a length of time such as 30m, 4h, 15d or 5bd"

// period reads a length of time in which business days may count.
func (r *reader) period(to *bot.Period) set {
	return func(n *yaml.Node, what string) {
		s, ok := r.scalar(n, what, wantPeriod)
		if !ok {
			return
		}
		p, err := bot.ParsePeriod(s)
		if err != nil {
			r.fault(n, "%s is %s; it must be %s", what, quote(s), wantPeriod)
			return
		}
		*to = p
	}
}

// duration reads a length of time between least and most; zero is allowed and
// means none.
func (r *reader) duration(to *time.Duration, least, most time.Duration) set {
	return func(n *yaml.Node, what string) {
		var p bot.Period
		before := len(r.faults)
		if r.period(&p)(n, what); len(r.faults) > before {
			return
		}
		d, fixed := p.Duration()
		switch {
		case !fixed:
			r.fault(n, "%s is %s; business days have no fixed length, use hours or days", what, quote(n.Value))
		case d != 0 && (d < least || d > most):
			r.fault(n, "%s is %s; it must be between %s and %s", what, quote(n.Value), periodOf(least), periodOf(most))
		default:
			*to = d
		}
	}
}

// span reads a length of time between least and most, which cannot be none.
func (r *reader) span(to *time.Duration, least, most time.Duration) set {
	return func(n *yaml.Node, what string) {
		var d time.Duration
		before := len(r.faults)
		r.duration(&d, least, most)(n, what)
		switch {
		case len(r.faults) > before:
		case d == 0:
			r.fault(n, "%s is %s; it must be between %s and %s", what, quote(n.Value), periodOf(least), periodOf(most))
		default:
			*to = d
		}
	}
}

// periodOf writes d as it is written in the file.
func periodOf(d time.Duration) string {
	for _, u := range []struct {
		unit string
		size time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}} {
		if d >= u.size && d%u.size == 0 {
			return strconv.Itoa(int(d/u.size)) + u.unit
		}
	}
	return strconv.Itoa(int(d/time.Second)) + "s"
}

// shortestCron is the least time between two runs of a schedule.
const shortestCron = 15 * time.Minute

// checkCron reads a schedule of five fields, or a word such as @daily. Zones
// belong in timezone; schedules that never come, or all the time, are refused.
func checkCron(s string) (string, error) {
	upper := strings.ToUpper(s)
	switch {
	case strings.HasPrefix(upper, "TZ=") || strings.HasPrefix(upper, "CRON_TZ="):
		return "", fmt.Errorf("%s names a zone; schedules are in timezone", quote(s))
	case strings.HasPrefix(s, "@every"):
		return "", fmt.Errorf("%s counts from each start of the program; write the times, such as \"0 9 * * MON\"", quote(s))
	}
	schedule, err := cron.ParseStandard(s)
	if err != nil {
		return "", fmt.Errorf("%s is no schedule (minute hour day month weekday), such as \"0 9 * * MON\"", quote(s))
	}
	// A leap year's start, so that 29 February comes within the look-ahead.
	t := schedule.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC))
	if t.IsZero() {
		return "", fmt.Errorf("%s never comes", quote(s))
	}
	for range 200 {
		next := schedule.Next(t)
		if !next.IsZero() && next.Sub(t) < shortestCron {
			return "", fmt.Errorf("%s comes more often than every 15 minutes", quote(s))
		}
		if t = next; t.IsZero() {
			break
		}
	}
	return s, nil
}

// checkReminder reads when a follow-up's owner is reminded: a time before or
// after it is due (-2d, 0d, 3bd), or a repetition after that (every 7d).
func checkReminder(s string) (string, error) {
	rest, every := strings.CutPrefix(s, "every ")
	if !every {
		rest = strings.TrimPrefix(s, "-")
	}
	p, err := bot.ParsePeriod(rest)
	if err != nil || !slices.Contains([]string{"d", "w", "bd"}, p.Unit) {
		return "", fmt.Errorf("%s is no reminder; write -2d, 0d, 3bd or every 7d", quote(s))
	}
	if every && p.Zero() {
		return "", errors.New("a repetition needs a length; write every 7d")
	}
	return s, nil
}

// checkDate reads a day.
func checkDate(s string) (string, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("%s is no date; write it as 2026-12-25", quote(s))
	}
	return s, nil
}
