// Package commands is the command language: it reads the lines that people
// type, the buttons that they click and the forms that they send, finds the
// verb, checks the right and lets package bot do the work.
//
// A verb is one file with one declaration,
//
//	var _ = register(Command{Name: "note", …})
//
// and that declaration is the only place where its arguments stand: the
// parser, help, the form, the missing-argument answer and the README's table
// all follow from it.
//
// The package refuses to guess. A word that was surely meant as something and
// is not that (sev9, an unknown component, a time that is none) is an error
// that shows what would have worked; a word that may be text stays text. It
// knows no dialect and decides nothing about incidents: whether a thing may
// happen is bot's to say, how it looks is the adapters'.
package commands

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// Group is the part of the language that a verb belongs to: the heading of its
// table.
type Group string

// The groups, in the order of help.
const (
	RunIncident Group = "Run the incident"
	ChangeWorld Group = "Change the world"
	FollowUp    Group = "Follow up"
	LookAt      Group = "Look"
)

// Groups lists the groups in order.
func Groups() []Group { return []Group{RunIncident, ChangeWorld, FollowUp, LookAt} }

// Scope says whether a verb is about one incident.
type Scope int

// The scopes.
const (
	None     Scope = iota // about none
	Optional              // about one, if one is named or implied
	Needed                // not without one
)

// Command is a verb.
type Command struct {
	// Name is what is typed: one word, or two for a verb that belongs to another
	// (update fix).
	Name string
	// Aliases mean the same.
	Aliases []string
	// Shorts stand for the verb with some of its arguments.
	Shorts []Short
	Group  Group
	// Rank orders the verbs of a group in help.
	Rank    int
	Summary string // what it does, in one short sentence without a full stop
	Title   string // of its form, at most 24 runes; empty: the name
	Submit  string // what sends the form; empty: the first word of Title
	Close   string // what leaves the form; empty: Cancel
	Args    []Arg  // positional ones in their order, then flags
	Right   bot.Right
	Scope   Scope
	// Wordy is the verb that takes a line with too many words for this one as text.
	Wordy string
	// Later are the words that can follow it in another version.
	Later []string
	// Fill completes what the form is filled with, and returns what stands over it.
	Fill func(c *Call, given values) (intro bot.Text, err error)
	// Reads says that Run changes nothing; its Call has no Work.
	Reads    bool
	Examples []string // whole lines, without the slash command
	Run      func(*Call) (bot.Reply, error)
}

// Short is a word that stands for a verb with some of its arguments given, as
// mitigate does for status monitoring.
type Short struct {
	Word string
	Args string // what the word stands for, behind the verb's name
	// Alone is used in place of Args when nothing follows.
	Alone string
}

// table holds every verb by its name. It is written while the package's
// variables are set up and never after.
var table = map[string]*Command{}

// register adds a verb. A word that means two things, or a declaration that
// cannot work, stops the program at its start.
func register(c Command) *Command {
	words := append([]string{c.Name}, c.Aliases...)
	for _, s := range c.Shorts {
		words = append(words, s.Word)
	}
	for _, w := range words {
		if other, _ := find(w); other != nil || slices.Contains(c.Aliases, c.Name) {
			panic(fmt.Sprintf("commands: %q is declared twice", w))
		}
	}
	for k, a := range c.Args {
		if a.Kind == nil || !a.Flag && a.Kind.rest() && slices.ContainsFunc(c.Args[k+1:], func(b Arg) bool { return !b.Flag }) {
			panic(fmt.Sprintf("commands: argument %s of %s cannot be read", a.Name, c.Name))
		}
	}
	if c.Run == nil || c.Summary == "" || !slices.Contains(Groups(), c.Group) {
		panic(fmt.Sprintf("commands: %s is incomplete", c.Name))
	}
	table[c.Name] = &c
	return &c
}

// All returns every verb in the order of help.
func All() []*Command {
	out := make([]*Command, 0, len(table))
	for _, c := range table {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Command) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Groups(), a.Group), slices.Index(Groups(), b.Group)),
			cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// find returns the verb that word means, and the short through which it does.
func find(word string) (*Command, *Short) {
	if c, ok := table[word]; ok {
		return c, nil
	}
	for _, c := range table {
		if slices.Contains(c.Aliases, word) {
			return c, nil
		}
		for k := range c.Shorts {
			if c.Shorts[k].Word == word {
				return c, &c.Shorts[k]
			}
		}
	}
	return nil, nil
}

// sub returns the verb that c and the word behind it name together, or nil. It is
// read in lower case only where c takes text: update Fix deployed is what a person
// writes, and must not rewrite what customers read.
func (c *Command) sub(w word) *Command {
	switch {
	case w.quoted:
		return nil
	case c.family():
		return table[c.Name+" "+w.plain()]
	}
	return table[c.Name+" "+string(w.text)]
}

// subs returns the second words of the verbs that belong to c, in the order of
// help.
func (c *Command) subs() []string {
	var out []string
	for _, sub := range All() {
		if rest, ok := strings.CutPrefix(sub.Name, c.Name+" "); ok {
			out = append(out, rest)
		}
	}
	return out
}

// family reports whether c takes no words but those of the verbs that belong to
// it.
func (c *Command) family() bool { return len(c.positional()) == 0 && len(c.subs()) > 0 }

// verbWords returns everything by which a line can begin.
func verbWords() []string {
	var out []string
	for _, c := range All() {
		if !strings.Contains(c.Name, " ") {
			out = append(out, c.Name)
		}
		out = append(out, c.Aliases...)
		for _, s := range c.Shorts {
			out = append(out, s.Word)
		}
	}
	return out
}

// Usage is the verb's line, with what may be left out in brackets.
func (c *Command) Usage() string {
	parts := []string{c.Name}
	for _, a := range c.Args {
		if !a.Hidden || a.Shown {
			parts = append(parts, a.usage())
		}
	}
	return strings.Join(parts, " ")
}

// positional returns the arguments that are not flags.
func (c *Command) positional() []*Arg {
	var out []*Arg
	for k := range c.Args {
		if !c.Args[k].Flag {
			out = append(out, &c.Args[k])
		}
	}
	return out
}

// arg returns the argument called name, or nil.
func (c *Command) arg(name string) *Arg {
	for k := range c.Args {
		if c.Args[k].Name == name {
			return &c.Args[k]
		}
	}
	if name == editArg.Name {
		return &editArg
	}
	return nil
}

// flag returns the flag called name, or nil.
func (c *Command) flag(name string) *Arg {
	if a := c.arg(name); a != nil && a.Flag {
		return a
	}
	return nil
}

// text returns the argument that takes the rest of the line, or nil.
func (c *Command) text() *Arg {
	for k := range c.Args {
		if !c.Args[k].Flag && c.Args[k].Kind.rest() {
			return &c.Args[k]
		}
	}
	return nil
}

// Table is the README's table of the language, in Markdown, one table a group.
func Table() string {
	var b strings.Builder
	var group Group
	for _, c := range All() {
		if c.Group != group {
			if group != "" {
				b.WriteString("\n")
			}
			group = c.Group
			fmt.Fprintf(&b, "**%s**\n\n| line | what it does |\n| --- | --- |\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s%s |\n", strings.ReplaceAll(c.Usage(), "|", `\|`), c.Summary, c.also())
	}
	return b.String()
}

// also names the other words for a verb.
func (c *Command) also() string {
	var out []string
	for _, a := range c.Aliases {
		out = append(out, "`"+a+"`")
	}
	for _, s := range c.Shorts {
		out = append(out, fmt.Sprintf("`%s` for `%s %s`", s.Word, c.Name, s.Args))
	}
	if len(out) == 0 {
		return ""
	}
	return "; also " + strings.Join(out, ", ")
}
