package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// Fault is one thing that is wrong with the configuration.
type Fault struct {
	// Where is FILE:LINE:COLUMN, the name of a variable, or a flag.
	Where string
	// Text says what is wrong and what would be right.
	Text string

	line, column int // in the file; 0 elsewhere
}

// String is the fault as one line.
func (f Fault) String() string { return f.Where + ": " + f.Text }

// Faults is everything that is wrong with the configuration, as one error.
type Faults []Fault

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// sorted orders the faults of the file by where they stand in it; those of
// variables and flags follow in the order in which they were found.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		if (a.line == 0) != (b.line == 0) {
			return cmp.Compare(b.line, a.line)
		}
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	return f
}

// redacted masks secrets in the texts: somebody may have written one where it
// does not belong, and a fault quotes what it complains about.
func (f Faults) redacted(r *wire.Redactor) Faults {
	for i := range f {
		f[i].Where, f[i].Text = r.Redact(f[i].Where), r.Redact(f[i].Text)
	}
	return f
}

// quoteMax is how much of an offending text is shown, in runes.
const quoteMax = 60

// quote shows an offending text: on one line, cut, and not at all when it might
// be a secret.
func quote(s string) string {
	if looksSecret(s) {
		return "a value that looks like a secret (not shown)"
	}
	if r := []rune(s); len(r) > quoteMax {
		s = string(r[:quoteMax]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// looksSecret reports whether s has a shape that a secret is known by, or is a
// long run of letters and digits in which no words can be made out.
func looksSecret(s string) bool {
	return wire.LooksSecret(s) || slices.ContainsFunc(strings.FieldsFunc(s, notTokenRune), longRandom)
}

func notTokenRune(r rune) bool {
	return r > unicode.MaxASCII || (!unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+/=_-", r))
}

// longRandom asks for 20 bytes with letters and at least four digits that
// stand apart from each other, which ids, dates and versions do not have.
func longRandom(s string) bool {
	if len(s) < 20 || strings.Trim(strings.ToLower(s), "0123456789") == "" {
		return false
	}
	runs, was := 0, false
	for _, r := range s {
		is := unicode.IsDigit(r)
		if is && !was {
			runs++
		}
		was = is
	}
	return runs >= 4
}

// suggest says which valid name was probably meant: the one that is close to
// name, or else the first few, nearest first. It is empty when there are none.
func suggest(name string, valid []string) string {
	if len(valid) == 0 {
		return ""
	}
	best := slices.Clone(valid)
	slices.SortStableFunc(best, func(a, b string) int { return cmp.Compare(distance(name, a), distance(name, b)) })
	if near(name, best[0]) {
		return fmt.Sprintf("; did you mean %q?", best[0])
	}
	list := best[:min(len(best), 8)]
	more := ""
	if len(list) < len(best) {
		more = ", …"
	}
	return "; use one of: " + strings.Join(list, ", ") + more
}

// near allows one edit in a short word, about a third in a long one, and a word
// that was cut short.
func near(a, b string) bool {
	if len(a) >= 3 && strings.HasPrefix(strings.ToLower(b), strings.ToLower(a)) {
		return true
	}
	return distance(a, b) <= max(1, min(len(a), len(b))/3)
}

// distance counts the edits (a letter added, dropped, changed, or two swapped)
// between two words in any case. Very long words are cut first, so that the
// cost is bounded.
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	x, y = x[:min(len(x), 64)], y[:min(len(y), 64)]
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
