package commands

import (
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// phrase reads the value of the flag at i that is a text: what is quoted, else
// everything up to the next flag, as it was typed. Words behind what is quoted
// belong to the text, too, unless the verb waits for some. n is how many words it
// takes behind that of the flag, which may hold its beginning, v.
func (r *reader) phrase(i int, v bot.Text, given bool) (text bot.Text, n int) {
	raw, from := r.raw(i, i+1), i+1
	end := from
	for end < len(r.words) && !r.endsPhrase(r.words[end]) {
		end++
	}
	switch {
	case given && !strings.HasSuffix(raw, "="+string(v)): // quotes were taken off
		if end == from || r.waits() {
			return v, 0
		}
	case !given && from < len(r.words) && r.words[from].whole:
		if end == from+1 || r.waits() {
			return r.words[from].text, 1
		}
	}
	if v == "" {
		return bot.Text(r.raw(from, end)), end - from
	}
	at := r.words[i].start + strings.IndexByte(raw, '=') + 1
	return bot.Text(r.line[at:r.words[end-1].end]), end - from
}

// waits reports whether the verb takes words that it does not have yet.
func (r *reader) waits() bool {
	return slices.ContainsFunc(r.cmd.positional(), func(a *Arg) bool { return r.out.values[a.Name] == "" })
}

// endsPhrase reports whether w is a flag, or was surely meant as one. A lone dash
// of another kind than -- is punctuation.
func (r *reader) endsPhrase(w word) bool {
	if w.text == "--" {
		return !w.quoted
	}
	name, _, _, ok := w.flag()
	return ok && (r.cmd.flag(name) != nil || r.nearFlag(name) != "")
}
