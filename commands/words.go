package commands

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-dev/tocsin/bot"
)

// word is one word of a line.
type word struct {
	text       bot.Text // without the quotes around it; references are whole
	start, end int      // where it stands in the line, in bytes
	quoted     bool     // it begins with a quoted part, so it is no flag
	whole      bool     // and is nothing but that part
}

// The control characters between which [bot.Text] keeps a reference.
const (
	refOpen  = '\x02'
	refClose = '\x03'
)

// splitter cuts a line into words.
type splitter struct {
	line string
	// open tells which quotes were found unclosed: such a one is text, and so
	// are those of its kind behind it. It keeps the work linear.
	open [2]bool
	// loose says the same of references, which no adapter leaves open.
	loose bool
}

// split cuts line into words: at white space, but not inside quotes nor inside
// a reference. A quote counts only at the start of a word or behind an equals
// sign, and only if it is closed before white space; everything else, an
// apostrophe above all, is text.
func split(line bot.Text) []word {
	s := &splitter{line: string(line)}
	var out []word
	for i := 0; i < len(s.line); {
		r, n := utf8.DecodeRuneInString(s.line[i:])
		if unicode.IsSpace(r) {
			i += n
			continue
		}
		w := s.word(i)
		out = append(out, w)
		i = w.end
	}
	return out
}

func (s *splitter) word(start int) word {
	w := word{start: start}
	var b strings.Builder
	i, mayQuote := start, true
	for i < len(s.line) {
		r, n := utf8.DecodeRuneInString(s.line[i:])
		if unicode.IsSpace(r) {
			break
		}
		if mayQuote {
			if body, next := s.quoted(i, r); next > i {
				w.quoted = w.quoted || i == start
				w.whole = i == start && s.ends(next)
				b.WriteString(body)
				i, mayQuote = next, false
				continue
			}
		}
		if r == refOpen {
			n = s.reference(i)
		}
		b.WriteString(s.line[i : i+n])
		i += n
		mayQuote = r == '='
	}
	w.text, w.end = bot.Text(b.String()), i
	return w
}

// quoted returns what stands in the quotes that open at i, and the place behind
// them; i itself when none open there. Two straight quotes inside straight
// ones are one of them as text.
func (s *splitter) quoted(i int, r rune) (body string, next int) {
	kind := quoteKind(r)
	if kind < 0 || s.open[kind] {
		return "", i
	}
	var b strings.Builder
	for k := i + utf8.RuneLen(r); k < len(s.line); {
		c, n := utf8.DecodeRuneInString(s.line[k:])
		switch {
		case c == refOpen:
			n = s.reference(k)
		case quoteKind(c) != kind:
		case kind == 0 && strings.HasPrefix(s.line[k+n:], `"`):
			n++
			b.WriteByte('"')
			k += n
			continue
		case s.ends(k+n) || s.line[k+n] == '=':
			return b.String(), k + n
		}
		b.WriteString(s.line[k : k+n])
		k += n
	}
	s.open[kind] = true
	return "", i
}

// reference returns the length of the reference that opens at i; 1 when it is
// not closed.
func (s *splitter) reference(i int) int {
	if s.loose {
		return 1
	}
	k := strings.IndexByte(s.line[i:], refClose)
	s.loose = k < 0
	return max(1, k+1)
}

// ends reports whether a word ends at k.
func (s *splitter) ends(k int) bool {
	if k >= len(s.line) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s.line[k:])
	return unicode.IsSpace(r)
}

// quoteKind tells straight quotes (0) from the curly ones that phones make of
// them (1); -1 is no quote. Single ones are apostrophes.
func quoteKind(r rune) int {
	switch r {
	case '"':
		return 0
	case '“', '”', '„', '‟', '«', '»':
		return 1
	}
	return -1
}

// undash returns w without the dashes of a flag: two hyphens, or one of the
// longer dashes that phones make of two.
func (w word) undash() (rest string, ok bool) {
	s := string(w.text)
	rest = strings.TrimLeftFunc(s, func(r rune) bool { return r == '-' || longDash(r) })
	first, _ := utf8.DecodeRuneInString(s)
	return rest, !w.quoted && (strings.HasPrefix(s, "--") || longDash(first))
}

func longDash(r rune) bool { return r >= 0x2010 && r <= 0x2015 }

// flag reads w as --name or --name=value.
func (w word) flag() (name string, value bot.Text, given, ok bool) {
	rest, ok := w.undash()
	first, _ := utf8.DecodeRuneInString(rest)
	if !ok || !unicode.IsLetter(first) {
		return "", "", false, false
	}
	name, after, given := strings.Cut(rest, "=")
	return strings.ToLower(name), bot.Text(after), given, true
}

// dashes reports whether w is nothing but the dashes of a flag.
func (w word) dashes() bool {
	rest, ok := w.undash()
	return ok && rest == ""
}

// plain is w as a word of the language, in lower case; quoted ones are none.
func (w word) plain() string {
	if w.quoted {
		return ""
	}
	return strings.ToLower(string(w.text))
}
