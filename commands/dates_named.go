package commands

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// named is a day as people write it by its name: 30 Jan, January 30th 2027, friday.
type named struct {
	month   time.Month
	day     int
	year    int // 0: the next one
	weekday time.Weekday
	isWeek  bool
}

var (
	dayFirst   = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)?[ .]+([a-z]{3,9})\.?(?:,? (\d{4}))?$`)
	monthFirst = regexp.MustCompile(`^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?$`)
)

// parseNamed reads a day that has a name. Months and weekdays may be cut to three
// letters or more.
func parseNamed(s string) (n named, ok bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	for d := time.Sunday; d <= time.Saturday; d++ {
		if begins(d.String(), s) {
			return named{weekday: d, isWeek: true}, true
		}
	}
	day, month, year := "", "", ""
	if g := dayFirst.FindStringSubmatch(s); g != nil {
		day, month, year = g[1], g[2], g[3]
	} else if g := monthFirst.FindStringSubmatch(s); g != nil {
		month, day, year = g[1], g[2], g[3]
	}
	for m := time.January; m <= time.December; m++ {
		if begins(m.String(), month) {
			n.month = m
		}
	}
	n.day, _ = strconv.Atoi(day)   // the patterns let digits through only
	n.year, _ = strconv.Atoi(year) // or nothing, for 0
	return n, n.month != 0 && n.exists(max(n.year, 2000))
}

// begins reports whether short is name, or at least three letters of its beginning.
func begins(name, short string) bool {
	return len(short) >= 3 && strings.HasPrefix(strings.ToLower(name), short)
}

// exists reports whether year has that day. 2000 had each that there can be.
func (n named) exists(year int) bool {
	return n.date(year).Day() == n.day && n.day > 0
}

func (n named) date(year int) time.Time {
	return time.Date(year, n.month, n.day, 0, 0, 0, 0, time.UTC)
}

// from is the day that n means on a day: the next of its name. A weekday is never
// today, which has a word of its own.
func (n named) from(today bot.Date) (bot.Date, bool) {
	now := today.At(0, time.UTC)
	if n.isWeek {
		ahead := int(n.weekday-now.Weekday()+7) % 7
		if ahead == 0 {
			ahead = 7
		}
		return bot.DateOf(now.AddDate(0, 0, ahead)), true
	}
	if n.year != 0 {
		return bot.DateOf(n.date(n.year)), true
	}
	const leap = 8 // years between two 29 February, at most
	for year := now.Year(); year <= now.Year()+leap; year++ {
		if t := n.date(year); n.exists(year) && !t.Before(now) {
			return bot.DateOf(t), true
		}
	}
	return "", false
}
