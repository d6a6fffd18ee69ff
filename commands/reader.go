package commands

import (
	"slices"

	"github.com/tocsin-dev/tocsin/bot"
)

// reader reads a verb's arguments off the words behind it.
type reader struct {
	s     *bot.Settings
	cmd   *Command
	line  string
	words []word
	pos   int
	// literal says that a bare -- came: what follows is no flag.
	literal bool
	out     *parsed
}

// expand puts what a short stands for in front of what was typed.
func (r *reader) expand(s *Short) {
	args := s.Args
	if len(r.words) == 0 && s.Alone != "" {
		args = s.Alone
	}
	tail := ""
	if len(r.words) > 0 {
		tail = " " + r.line[r.words[0].start:]
	}
	r.line = args + tail
	r.words = split(bot.Text(r.line))
}

func (r *reader) read() error {
	for _, a := range r.cmd.positional() {
		if err := r.flags(); err != nil {
			return err
		}
		if a.Kind.rest() {
			return r.text(a)
		}
		r.slot(a)
	}
	if err := r.flags(); err != nil {
		return err
	}
	if r.pos < len(r.words) {
		return r.leftover()
	}
	return nil
}

// slot reads a positional argument in front of a text, or without one.
func (r *reader) slot(a *Arg) {
	for r.pos < len(r.words) {
		words := r.upToFlag(r.pos)
		n, sure := a.Kind.take(r.s, words)
		if !sure && r.last(a) {
			n = len(words) // what else could they be
		}
		if n == 0 || !a.Required && (!sure || r.literal) {
			return
		}
		taken := r.words[r.pos : r.pos+n]
		r.out.values.add(a, joined(taken))
		if !a.Required && r.cmd.text() != nil {
			r.out.lead = &lead{arg: a.Name, raw: r.raw(r.pos, r.pos+n)}
		}
		r.pos += n
		if !a.Many {
			return
		}
	}
}

// last reports whether a is the last thing that the verb takes, and one value.
func (r *reader) last(a *Arg) bool {
	all := r.cmd.positional()
	_, isTime := a.Kind.(Time)
	return isTime && all[len(all)-1] == a
}

// raw is the line from word i to before word j, as it was typed.
func (r *reader) raw(i, j int) string {
	if i >= j {
		return ""
	}
	return r.line[r.words[i].start:r.words[j-1].end]
}

// upToFlag returns the words from i to before the next flag that the verb has.
func (r *reader) upToFlag(i int) []word {
	if r.literal {
		return r.words[i:]
	}
	// No value is longer than a handful of words, so no more are looked at.
	end := min(len(r.words), i+8)
	for k := i; k < end; k++ {
		if name, _, _, ok := r.words[k].flag(); ok && r.cmd.flag(name) != nil || r.words[k].dashes() {
			return r.words[i:k]
		}
	}
	return r.words[i:end]
}

// flags reads the run of flags that begins here, and the -- that ends it.
func (r *reader) flags() error {
	for r.pos < len(r.words) && !r.literal {
		w := r.words[r.pos]
		if w.dashes() {
			r.literal = true
			r.pos++
			return nil
		}
		name, _, _, ok := w.flag()
		if !ok {
			return nil
		}
		if r.cmd.flag(name) == nil {
			if r.cmd.text() != nil {
				r.noteFlag(name)
				return nil
			}
			return r.unknownFlag(name)
		}
		next, a, v, err := r.flag(r.pos)
		if err != nil {
			return err
		}
		if err := r.out.values.set(a, v); err != nil {
			return err
		}
		r.pos = next
	}
	return nil
}

// flag reads the known flag at i and returns the place behind its value.
func (r *reader) flag(i int) (next int, a *Arg, v bot.Text, err error) {
	name, v, given, _ := r.words[i].flag()
	a = r.cmd.flag(name)
	if _, isSwitch := a.Kind.(Switch); isSwitch && !given {
		return i + 1, a, "true", nil
	}
	n := 0
	switch {
	case a.Kind.rest():
		v, n = r.phrase(i, v, given)
	case !given:
		n, _ = a.Kind.take(r.s, r.upToFlag(i+1))
		v = joined(r.words[i+1 : i+1+n])
	}
	if trim(v) == "" {
		return i, a, "", bot.Invalid("--%s needs a value.", a.Name).
			WithHint("Write --%s %s. If it is part of the text, put -- in front of the text.", a.Name, a.meta())
	}
	return i + 1 + n, a, v, nil
}

// text reads the rest of the line: a text, and the flags that end it.
func (r *reader) text(a *Arg) error {
	if r.pos >= len(r.words) {
		return nil
	}
	if r.literal {
		r.out.values.add(a, trim(bot.Text(r.line[r.words[r.pos].start:])))
		return nil
	}
	end, err := r.tail()
	if err != nil {
		return err
	}
	text := bot.Text(r.raw(r.pos, end))
	if t, ok := a.Kind.(Text); end == r.pos+1 && r.words[r.pos].whole && !(ok && t.Quotes) {
		text = trim(r.words[r.pos].text)
	}
	r.out.values.add(a, text)
	if l := r.out.lead; l != nil {
		l.text = bot.Text(l.raw + " " + string(text))
	}
	return nil
}

// tail finds where the run of flags that ends the line begins, and reads it.
func (r *reader) tail() (end int, err error) {
	for k := r.pos; k < len(r.words); k++ {
		if r.words[k].text == "--" && !r.words[k].quoted {
			break // from here on all is text
		}
		name, _, _, ok := r.words[k].flag()
		if !ok {
			continue
		}
		if r.cmd.flag(name) == nil {
			if k >= len(r.words)-2 { // alone, or with a value
				r.noteFlag(name)
			}
			continue
		}
		run, stop, err := r.run(k)
		if err != nil {
			return 0, err
		}
		if stop < len(r.words) {
			r.keptFlag(name, stop)
			k = stop - 1 // whatever begins before stop ends there, too
			continue
		}
		for _, f := range run {
			if err := r.out.values.set(f.arg, f.value); err != nil {
				return 0, err
			}
		}
		return k, nil
	}
	return len(r.words), nil
}

type given struct {
	arg   *Arg
	value bot.Text
}

// run reads flags from k on, up to the first word that belongs to none. A flag
// without a value is an error only if the run ends the line.
func (r *reader) run(k int) (run []given, stop int, err error) {
	var missing error
	for k < len(r.words) {
		name, _, _, ok := r.words[k].flag()
		if !ok || r.cmd.flag(name) == nil {
			return nil, k, nil
		}
		next, a, v, err := r.flag(k)
		if err != nil {
			missing = err
			next = k + 1
		}
		run = append(run, given{a, v})
		k = next
	}
	return run, k, missing
}

// nearFlag returns the flag that name was probably meant to be, or "".
func (r *reader) nearFlag(name string) string {
	var names []string
	for _, a := range r.cmd.Args {
		if a.Flag && (!a.Hidden || a.Shown) {
			names = append(names, a.Name)
		}
	}
	return nearest(name, names)
}

// noteFlag notes that a word that stays text looks like a flag.
func (r *reader) noteFlag(name string) {
	if n := r.nearFlag(name); n != "" {
		r.note(bot.Join(bot.Code("--"+name), " was kept as text. Did you mean ", bot.Code("--"+n), "?"))
	}
}

// keptFlag notes that a flag stays text because of the word at stop, when so
// near to the end of the line it was hardly meant so.
func (r *reader) keptFlag(name string, stop int) {
	if len(r.words)-stop <= 3 {
		r.note(bot.Join(bot.Code("--"+name), " was kept as text, since ", bot.Code(short(r.words[stop].text)),
			" behind it belongs to no flag. Flags stand at the start or the end of the line."))
	}
}

func (r *reader) note(t bot.Text) {
	if !slices.Contains(r.out.notes, t) {
		r.out.notes = append(r.out.notes, t)
	}
}
