package commands

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Time is a moment that was: when a fact happened.
type Time struct{ one }

func (Time) meta() string { return "TIME" }

func (Time) take(_ *bot.Settings, words []word) (int, bool) {
	n := longest(words, 4, func(v string) bool { _, ok := parseMoment(v); return ok })
	return max(n, min(1, len(words))), n > 0
}

func (Time) read(c *Call, v bot.Text) (any, error) {
	m, ok := parseMoment(v.String())
	if !ok {
		return nil, badTime(v, pastForms)
	}
	return c.moment(m, v, false)
}

func (Time) input(*bot.Settings) bot.FormInput {
	return bot.FormInput{Kind: bot.InputLine, Hint: "Such as " + pastForms}
}

// Until is a moment to come: a length of time from now, or a time of day.
type Until struct{ one }

func (Until) meta() string { return "30m" }

func (Until) take(s *bot.Settings, words []word) (int, bool) {
	return Time{}.take(s, words)
}

func (Until) read(c *Call, v bot.Text) (any, error) {
	s := strings.TrimPrefix(v.String(), "in ")
	if p, err := bot.ParsePeriod(s); err == nil {
		if p.Zero() {
			return nil, bot.Invalid("%q is no time at all.", short(v)).WithHint("Write %s.", futureForms)
		}
		return p.From(c.Now.In(c.Zone()), nil), nil
	}
	m, ok := parseMoment(s)
	if !ok {
		return nil, badTime(v, futureForms)
	}
	return c.moment(m, v, true)
}

func (Until) input(*bot.Settings) bot.FormInput {
	return bot.FormInput{Kind: bot.InputLine, Hint: "Such as " + futureForms}
}

const (
	pastForms   = "16:15, yesterday 16:15, 2020-01-23 16:15, 2020-01-23T16:15:00Z, -20m, 20m ago or now"
	futureForms = "30m, 2h, 16:15, tomorrow 09:00, 2020-01-23 16:15 or 2020-01-23T16:15:00Z"
)

func badTime(v bot.Text, forms string) *bot.Error {
	return bot.Invalid("%q is no time.", short(v)).WithHint("Write it as %s.", forms)
}

// moment is a time as it was written, before anybody's zone and clock.
type moment struct {
	kind  momentKind
	when  time.Time  // absolute; or the date and time of day, as if in UTC
	back  bot.Period // ago
	day   int        // days from today
	dated bool       // when holds a date
}

type momentKind int

const (
	momentNow momentKind = iota
	momentAbsolute
	momentAgo
	momentLocal
)

// clockPattern is a time of day, alone or behind a date or a word for one.
var clockPattern = regexp.MustCompile(`^(?:(\d{4}-\d{2}-\d{2})[ t]+|(yesterday|today|tomorrow)[ ,]+(?:at )?)?(\d{1,2})(?::(\d{2})(?::(\d{2}))?)?(?: ?([ap])m)?$`)

// parseMoment reads the accepted forms of a time.
func parseMoment(s string) (m moment, ok bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if r := []rune(s); len(r) > 1 && longDash(r[0]) {
		s = "-" + string(r[1:])
	}
	if s == "now" {
		return moment{kind: momentNow}, true
	}
	if t, err := time.Parse(time.RFC3339, strings.ToUpper(s)); err == nil {
		return moment{kind: momentAbsolute, when: t}, true
	}
	if ago, isAgo := cutAgo(s); isAgo {
		p, err := bot.ParsePeriod(ago)
		return moment{kind: momentAgo, back: p}, err == nil && p.Unit != "bd"
	}
	return parseClock(s)
}

// cutAgo reads -20m and 20m ago.
func cutAgo(s string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return rest, true
	}
	rest, ok := strings.CutSuffix(s, " ago")
	// Written by hand the number often stands apart: 20 minutes ago.
	return strings.ReplaceAll(rest, " ", ""), ok
}

func parseClock(s string) (moment, bool) {
	g := clockPattern.FindStringSubmatch(s)
	if g == nil || g[4] == "" && g[6] == "" { // a bare number is no time of day
		return moment{}, false
	}
	m := moment{kind: momentLocal, dated: g[1] != ""}
	date := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	if m.dated {
		d, err := time.Parse(time.DateOnly, g[1])
		if err != nil {
			return moment{}, false
		}
		date = d
	}
	m.day = map[string]int{"yesterday": -1, "tomorrow": 1}[g[2]]
	if g[2] == "today" || m.day != 0 {
		m.back.Unit = g[2] // a day was named, so none is to be looked for
	}
	clock := [3]int{}
	for k, digits := range g[3:6] {
		clock[k], _ = strconv.Atoi(digits) // the pattern lets digits through only, or none for 0
	}
	if g[6] != "" { // 12:30 am is half past midnight
		if clock[0] < 1 || clock[0] > 12 {
			return moment{}, false
		}
		clock[0] %= 12
		if g[6] == "p" {
			clock[0] += 12
		}
	}
	if clock[0] > 23 || clock[1] > 59 || clock[2] > 59 {
		return moment{}, false
	}
	m.when = date.Add(time.Duration(clock[0])*time.Hour + time.Duration(clock[1])*time.Minute + time.Duration(clock[2])*time.Second)
	return m, true
}

// ahead is how far a time of day without a date may lie ahead and still be
// meant as now: clocks differ, and nobody writes 23 hours and 59 minutes ago so.
const ahead = time.Minute

// in returns the moment that m is for somebody in zone at now. Without a date
// it is the nearest one in the direction that is asked for.
func (m moment) in(zone *time.Location, now time.Time, future bool) time.Time {
	now = now.In(zone)
	switch m.kind {
	case momentNow:
		return now
	case momentAbsolute:
		return m.when
	case momentAgo:
		p := m.back
		p.N = -p.N
		return p.From(now, nil)
	case momentLocal:
	}
	if m.dated {
		return bot.InZone(m.when, zone)
	}
	on := func(days int) time.Time {
		y, mo, d := now.AddDate(0, 0, days).Date()
		return bot.InZone(time.Date(y, mo, d, m.when.Hour(), m.when.Minute(), m.when.Second(), 0, time.UTC), zone)
	}
	t := on(m.day)
	switch {
	case m.back.Unit != "":
		return t
	case future && !t.After(now):
		return on(1)
	case !future && t.After(now) && !t.After(now.Add(ahead)):
		return now
	case !future && t.After(now):
		return on(-1)
	}
	return t
}

// moment reads m in the person's zone and checks its direction.
func (c *Call) moment(m moment, v bot.Text, future bool) (time.Time, error) {
	if _, known := c.Who.Location(c.Zone()); !known && m.kind == momentLocal {
		c.note(bot.Plain("Times were read in " + c.Zone().String() + ", since your own time zone is not known."))
	}
	t := m.in(c.Zone(), c.Now, future)
	shown := c.shown(t)
	switch {
	case future && !t.After(c.Now):
		return t, bot.Invalid("%q is %s, which is over.", short(v), shown).WithHint("Write %s.", futureForms)
	case !future && t.After(c.Now.Add(ahead)):
		return t, bot.Invalid("%q is %s, which is still to come.", short(v), shown).WithHint("Write %s.", pastForms)
	}
	return t, nil
}
