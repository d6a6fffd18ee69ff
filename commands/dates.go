package commands

import (
	"regexp"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Day is a day that is not over: a date, or how long from today.
type Day struct {
	one
	// None takes the word none, too, for no day.
	None bool
}

func (Day) meta() string { return "DATE" }

func (Day) take(_ *bot.Settings, words []word) (int, bool) {
	if len(words) == 0 {
		return 0, false
	}
	if n := longest(words, 3, func(v string) bool { _, ok := parseNamed(v); return ok }); n > 0 {
		return n, true
	}
	return 1, dayPattern.MatchString(words[0].plain())
}

// dayPattern is what can be nothing but a day.
var dayPattern = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}|\d+(d|w|bd)|today|tomorrow)$`)

func (k Day) read(c *Call, v bot.Text) (any, error) {
	s := strings.ToLower(v.String())
	today := bot.DateOf(c.Now.In(c.Zone()))
	switch s {
	case "today":
		return today, nil
	case "tomorrow":
		return today.Add(bot.Period{N: 1, Unit: "d"}, nil), nil
	case "none", "never":
		if k.None {
			return bot.Date(""), nil
		}
	}
	d, err := bot.ParseDate(s)
	if n, ok := parseNamed(s); ok && err != nil {
		if d, ok = n.from(today); ok {
			err = nil
		}
	}
	if err == nil {
		if d < today {
			return nil, bot.Invalid("%s is over; today is %s.", d, today).WithHint("Write %s.", k.forms())
		}
		return d, nil
	}
	if p, err := bot.ParsePeriod(s); err == nil && !p.Zero() && (p.Unit == "d" || p.Unit == "w" || p.Unit == "bd") {
		if d := today.Add(p, c.Settings().Holiday); len(d) == len(today) { // not beyond the year 9999
			return d, nil
		}
	}
	return nil, bot.Invalid("%q is no day.", short(v)).WithHint("Write it as %s.", k.forms())
}

func (k Day) forms() string {
	if k.None {
		return "2026-12-01, 1 Dec, friday, 14d, 2w, 5bd or none"
	}
	return "2026-12-01, 1 Dec, friday, 14d, 2w or 5bd"
}

func (k Day) input(*bot.Settings) bot.FormInput {
	return bot.FormInput{Kind: bot.InputLine, Hint: "Such as " + k.forms()}
}

// Wait is how long from now something is to happen.
type Wait struct{ one }

func (Wait) meta() string { return "20m" }

func (Wait) take(_ *bot.Settings, words []word) (int, bool) {
	n := longest(words, 2, func(v string) bool { _, ok := parseWait(v); return ok })
	return max(n, min(1, len(words))), n > 0
}

// unitWords are the lengths of time as they are written out.
var unitWords = strings.NewReplacer(
	"seconds", "s", "second", "s", "secs", "s", "sec", "s", "minutes", "m", "minute", "m", "mins", "m", "min", "m",
	"hours", "h", "hour", "h", "hrs", "h", "hr", "h", "days", "d", "day", "d", "weeks", "w", "week", "w",
)

// parseWait reads 20m, 20 minutes and an hour.
func parseWait(s string) (bot.Period, bool) {
	s = strings.ToLower(s)
	for _, article := range []string{"a ", "an "} {
		if rest, ok := strings.CutPrefix(s, article); ok {
			s = "1" + rest
		}
	}
	p, err := bot.ParsePeriod(unitWords.Replace(strings.Join(strings.Fields(s), "")))
	return p, err == nil
}

func (Wait) canon(_ *bot.Settings, v bot.Text) bot.Text {
	if p, ok := parseWait(v.String()); ok {
		return bot.Text(p.String())
	}
	return v
}

func (Wait) read(c *Call, v bot.Text) (any, error) {
	p, ok := parseWait(v.String())
	if !ok || p.Zero() {
		e := bot.Invalid("%q is no length of time.", short(v)).WithHint("Write it as 20m, 2h, 3d, 2w or 5bd.")
		if _, clock := parseMoment(v.String()); clock && c.Cmd.Name == "remind in" {
			fixed := values{"at": v, "text": c.values["text"]}
			e = suggest(e, c.again(table["remind at"], fixed))
		}
		return nil, e
	}
	return p.From(c.Now.In(c.Zone()), c.Settings().Holiday), nil
}

func (Wait) input(*bot.Settings) bot.FormInput {
	return bot.FormInput{Kind: bot.InputLine, Hint: "Such as 20m, 2h, 3d, 2w or 5bd"}
}

// shown is a time as the person reads it, for a sentence in plain text.
func (c *Call) shown(t time.Time) string { return t.In(c.Zone()).Format("2006-01-02 15:04 MST") }
