package commands

import (
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// later refuses a word that can follow c in another version; nil for any other.
func (c *Command) later(word string) *bot.Error {
	if !slices.Contains(c.Later, word) {
		return nil
	}
	return bot.Invalid("%s %s is not in this version.", c.Name, word).WithHint("help %s lists what there is.", c.Name)
}

// stranger refuses a word behind the first one of a family that belongs to none of
// its verbs, and offers the one that was probably meant.
func (r *reader) stranger() error {
	c, at := r.cmd, r.pos
	if r.words[at].plain() == "me" && at+1 < len(r.words) {
		at++ // remind me in 20m
	}
	first := r.words[at]
	if e := c.later(first.plain()); e != nil {
		return e
	}
	e := bot.Invalid("There is no %q.", c.Name+" "+short(bot.Text(r.raw(r.pos, r.pos+1)))).
		WithHint("Behind %s stands one of: %s.", c.Name, strings.Join(c.subs(), ", "))
	line := func(verb string, from int) string {
		return r.out.head + bot.Text(strings.TrimSpace(verb+" "+r.raw(from, len(r.words)))).String()
	}
	if c.sub(first) != nil {
		return suggest(e, line(c.Name, at))
	}
	if near := c.nearSub(first.plain()); near != "" {
		return suggest(e, line(c.Name+" "+near, at+1))
	}
	if verb := c.byValue(r.s, r.words[at:]); verb != "" {
		return suggest(e, line(verb, at))
	}
	if slices.Contains(sameWords(first.plain()), "list") { // there is no list, but the thing itself
		return suggest(e, line(c.Name, at+1))
	}
	if c.Wordy != "" {
		return suggest(e, line(c.Wordy, r.pos))
	}
	return e
}

// byValue is the verb of a family that takes what stands here, where that can be
// nothing else: a time, a section.
func (c *Command) byValue(s *bot.Settings, words []word) string {
	for _, sub := range c.subs() {
		verb := table[c.Name+" "+sub]
		args := verb.positional()
		if len(args) == 0 {
			continue
		}
		switch args[0].Kind.(type) {
		case Wait, Until, Section:
			if _, sure := args[0].Kind.take(s, words); sure {
				return verb.Name
			}
		}
	}
	return ""
}

// nearSub returns the second word of a verb of c that word was probably meant to
// be, or "": another name for it, else the one that looks most like it.
func (c *Command) nearSub(word string) string {
	subs := c.subs()
	for _, same := range sameWords(word) {
		if slices.Contains(subs, same) {
			return same
		}
	}
	return nearest(word, subs)
}

// sameWords are the words that people mean with another one.
func sameWords(word string) []string {
	switch word {
	case "finish", "finished", "close", "closed", "complete", "completed", "fixed", "tick", "check":
		return []string{"done"}
	case "new", "create", "+":
		return []string{"add"}
	case "ls", "show", "all":
		return []string{"list"}
	case "delete", "remove", "rm", "del", "cancel", "stop", "wontfix":
		return []string{"cancel", "drop"}
	case "begin", "started", "progress", "in_progress":
		return []string{"start"}
	case "open", "undo", "undrop":
		return []string{"reopen"}
	case "assign", "give":
		return []string{"owner"}
	case "move", "deadline", "postpone":
		return []string{"due"}
	case "write", "edit":
		return []string{"set"}
	case "issue", "resend", "again":
		return []string{"retry"}
	}
	return nil
}
