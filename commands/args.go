package commands

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// Arg is an argument of a verb. Its Name is the key of its value in a form's
// [bot.Request] and the word behind the dashes of a flag.
type Arg struct {
	Name     string
	Kind     Kind
	Flag     bool // written --NAME, in a run at the start or the end of the line
	Many     bool // may be given several times; values are kept one a line
	Required bool
	Meta     string // how usage calls its value; empty: the kind's word for it
	Label    string // in a form; empty: the name
	Help     string // one short sentence
	// Hidden keeps it out of forms: a button writes it. Shown keeps such a one in
	// usage nevertheless.
	Hidden, Shown bool
	// Kept lets a hidden one go with a form and come back with it.
	Kept bool
	// Right is needed to give it, besides the verb's.
	Right bot.Right
}

// editArg opens the verb's form with what was given instead of running it. Every
// verb has it; the buttons labelled Edit write it.
var editArg = Arg{Name: "edit", Kind: Switch{}, Flag: true, Hidden: true}

// Kind is what an argument takes: how its value is found in a line, what it
// means, and how it is asked for in a form. The kinds are the types of this
// package that implement it.
type Kind interface {
	// meta is how usage calls a value.
	meta() string
	// rest reports that it takes the rest of the line.
	rest() bool
	// take says how many of words, from the first, are one value. sure says that
	// they can be nothing else; an argument that may be left out takes only those.
	take(s *bot.Settings, words []word) (n int, sure bool)
	// canon writes a value as the bot itself would; what it does not know it
	// leaves as it is.
	canon(s *bot.Settings, v bot.Text) bot.Text
	// read says what a value means.
	read(c *Call, v bot.Text) (any, error)
	// input says how it is asked for.
	input(s *bot.Settings) bot.FormInput
}

// meta is how usage calls the value of a.
func (a *Arg) meta() string {
	if a.Meta != "" {
		return a.Meta
	}
	if m := a.Kind.meta(); m != "" {
		return m
	}
	return strings.ToUpper(a.Name)
}

// usage is a in the verb's line.
func (a *Arg) usage() string {
	_, isSwitch := a.Kind.(Switch)
	s := a.meta()
	switch {
	case a.Flag && isSwitch:
		s = "--" + a.Name
	case a.Flag:
		s = "--" + a.Name + " " + s
	}
	if !a.Required {
		s = "[" + s + "]"
	}
	if a.Many {
		s += "…"
	}
	return s
}

// label is how a form and an error call a.
func (a *Arg) label() string {
	if a.Label != "" {
		return a.Label
	}
	return strings.ToUpper(a.Name[:1]) + a.Name[1:]
}

// canon writes each value of a as the bot would.
func (a *Arg) canon(s *bot.Settings, v bot.Text) bot.Text {
	if !a.Many {
		return a.Kind.canon(s, trim(v))
	}
	var out []string
	for _, item := range items(v) {
		out = append(out, string(a.Kind.canon(s, item)))
	}
	return bot.Text(strings.Join(out, "\n"))
}

// items returns the values of an argument that may be given several times.
func items(v bot.Text) []bot.Text {
	var out []bot.Text
	for _, l := range strings.Split(string(v), "\n") {
		if t := trim(bot.Text(l)); t != "" {
			out = append(out, t)
		}
	}
	return out
}

func trim(t bot.Text) bot.Text { return bot.Text(strings.TrimSpace(string(t))) }

// one is the part that most kinds share: a value is one word, and stays as it
// was written.
type one struct{}

func (one) meta() string { return "" }
func (one) rest() bool   { return false }
func (one) take(_ *bot.Settings, words []word) (int, bool) {
	return min(1, len(words)), false
}
func (one) canon(_ *bot.Settings, v bot.Text) bot.Text { return v }
func (one) input(*bot.Settings) bot.FormInput          { return bot.FormInput{Kind: bot.InputLine} }

// joined is the value of several words.
func joined(words []word) bot.Text {
	parts := make([]string, len(words))
	for k, w := range words {
		parts[k] = string(w.text)
	}
	return bot.Text(strings.Join(parts, " "))
}

// longest returns how many of words, at most limit and none of them quoted but
// a lone one, make a value that ok knows.
func longest(words []word, limit int, ok func(string) bool) int {
	for n := min(limit, len(words)); n > 0; n-- {
		if n > 1 && anyQuoted(words[:n]) {
			continue
		}
		if ok(string(joined(words[:n]))) {
			return n
		}
	}
	return 0
}

func anyQuoted(words []word) bool {
	for _, w := range words {
		if w.quoted {
			return true
		}
	}
	return false
}
