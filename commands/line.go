package commands

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// line writes the command line of c with these values, quoted so that it reads
// back as the same values whatever they hold. For a button its references are
// written as [bot.Text.String] does, for [bot.ParseRefs] to read.
func (c *Command) line(given map[string]bot.Text) bot.Text {
	parts := []string{c.Name}
	text, skipped := c.text(), false
	for _, a := range c.positional() {
		v := trim(given[a.Name])
		switch {
		case a == text:
		case v == "":
			skipped = true
		case a.Many:
			for _, item := range items(v) {
				parts = append(parts, quote(string(item), !strings.Contains(string(item), "=")))
			}
		default:
			sub := len(parts) == 1 && table[c.Name+" "+string(v)] != nil
			parts = append(parts, quote(string(v), sub || skipped || !standsAlone(a.Kind, string(v))))
		}
	}
	for k := range c.Args {
		if a := &c.Args[k]; a.Flag {
			parts = append(parts, flagWords(a, given[a.Name])...)
		}
	}
	if given[editArg.Name] != "" {
		parts = append(parts, "--"+editArg.Name)
	}
	if text != nil {
		if v := trim(given[text.Name]); v != "" {
			if skipped || !c.tame(string(v)) {
				parts = append(parts, "--")
			}
			parts = append(parts, string(v))
		}
	}
	return bot.Text(strings.Join(parts, " "))
}

func flagWords(a *Arg, v bot.Text) []string {
	v = trim(v)
	if v == "" {
		return nil
	}
	if _, isSwitch := a.Kind.(Switch); isSwitch {
		return []string{"--" + a.Name}
	}
	list := []bot.Text{v}
	if a.Many {
		list = items(v)
	}
	out := make([]string, len(list))
	for k, item := range list {
		out[k] = "--" + a.Name + "=" + quote(string(item), false)
	}
	return out
}

// numbered words and small ones stand for themselves.
var (
	numbered = regexp.MustCompile(`^[a-z]*[0-9]+$`)
	small    = regexp.MustCompile(`^[a-z_]+$`)
	waited   = regexp.MustCompile(`^[0-9]+(s|m|h|d|w|bd)$`)
	id       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// standsAlone reports whether v, written without quotes, cannot be taken
// together with the words behind it.
func standsAlone(k Kind, v string) bool {
	switch k.(type) {
	case Role, Severity, Service, Deployed, Time, Until: // their values may have several words
		return numbered.MatchString(v)
	case Target, Day, NumberOrAll: // a value of theirs is one word
		return id.MatchString(v)
	case Wait:
		return waited.MatchString(v)
	case Section: // what else it can be said with may go on in the words behind it
		return slices.ContainsFunc(bot.Sections(), func(x bot.Section) bool { return x.Slug == v })
	case Person:
		return len(split(bot.Text(v))) == 1
	}
	return numbered.MatchString(v) || small.MatchString(v)
}

// quote writes a value as one word, in quotes if it needs them.
func quote(v string, always bool) string {
	if words := split(bot.Text(v)); !always && len(words) == 1 && string(words[0].text) == v && !hasQuote(v) {
		return v
	}
	var b strings.Builder
	b.WriteByte('"')
	s := &splitter{line: v}
	for i := 0; i < len(v); {
		n := 1
		switch v[i] {
		case refOpen:
			n = s.reference(i)
		case '"':
			b.WriteByte('"')
		}
		b.WriteString(v[i : i+n])
		i += n
	}
	b.WriteByte('"')
	return b.String()
}

func hasQuote(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return quoteKind(r) >= 0 })
}

// tame reports whether a text behind all other arguments reads as itself
// without a -- in front of it.
func (c *Command) tame(s string) bool {
	words := split(bot.Text(s))
	for k, w := range words {
		if _, ok := w.undash(); ok || w.quoted {
			return false
		}
		if k == 0 && table[c.Name+" "+string(w.text)] != nil {
			return false
		}
	}
	return true
}
