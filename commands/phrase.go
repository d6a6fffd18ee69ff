package commands

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// phrase reads the value of the flag at i that is a text: what is quoted, else
// everything up to the next flag, as it was typed. n is how many words it takes
// behind that of the flag, which may hold its beginning, v.
func (r *reader) phrase(i int, v bot.Text, given bool) (text bot.Text, n int) {
	raw, from := r.raw(i, i+1), i+1
	switch {
	case given && !strings.HasSuffix(raw, "="+string(v)):
		return v, 0 // quotes were taken off
	case !given && from < len(r.words) && r.words[from].whole:
		return r.words[from].text, 1
	}
	end := from
	for end < len(r.words) && !r.endsPhrase(r.words[end]) {
		end++
	}
	if v == "" {
		return bot.Text(r.raw(from, end)), end - from
	}
	return bot.Text(r.line[r.words[i].end-len(v) : r.words[end-1].end]), end - from
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
