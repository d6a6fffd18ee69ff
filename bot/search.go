package bot

import (
	"slices"
	"strings"
	"unicode"
)

// Query is what is looked for in what people wrote: every one of its phrases has to
// stand in one entry. It holds nothing but letters and digits, whatever was typed.
type Query struct {
	Phrases []Phrase
	// Cut says that more was typed than is looked for.
	Cut bool
}

// Phrase is words that stand one behind the other.
type Phrase struct {
	Words []string
	// Prefix says that the last of them may go on.
	Prefix bool
}

const (
	// maxQueryWords is how many words are looked for; more narrow nothing down.
	maxQueryWords = 32
	// maxWordRunes is how much of a word is looked for, since databases keep no
	// longer ones in their indexes.
	maxWordRunes = 100
)

// ParseQuery reads what somebody looks for. Words in quotes are a phrase, and so is
// what is written without a blank, such as api-gateway; the last word, unless it is
// in quotes, is also found as the beginning of one. Nothing is an operator.
func ParseQuery(t Text) Query {
	q := querying{left: maxQueryWords}
	s := sought(t)
	last := false // whether the last thing typed can go on
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if inside, rest, ok := quotedPhrase(s); ok {
			q.add(inside)
			s, last = rest, false
			continue
		}
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 {
			end = len(s)
		}
		last = q.add(s[:end])
		s = s[end:]
	}
	if n := len(q.Phrases); last && n > 0 && !q.Cut {
		p := &q.Phrases[n-1]
		p.Prefix = p.Prefix || mayGoOn(p.Words[len(p.Words)-1])
	}
	return q.Query
}

// mayGoOn reports whether word says enough to be the beginning of one: a single
// letter of an alphabet begins a good part of all that was ever written.
func mayGoOn(word string) bool {
	r := []rune(word)
	return len(r) > 1 || r[0] >= firstIdeograph
}

// firstIdeograph is from where on a character alone is a word.
const firstIdeograph = 0x2e80

// sought is t as it is looked for: people and channels by their ids, as entries have
// them; of a link without what all links begin with.
func sought(t Text) string {
	var b strings.Builder
	for _, s := range t.Spans() {
		value := s.Value
		if s.Kind == SpanLink && s.Label != "" && s.Label != s.Value {
			value = s.Label
		}
		if s.Kind != SpanPlain {
			value = " " + value + " "
		}
		b.WriteString(value)
	}
	return strings.NewReplacer("https://", " ", "http://", " ").Replace(b.String())
}

// phraseQuotes open and close phrases, each as any other: phones mix them.
const phraseQuotes = `"“”„«»`

// quotedPhrase takes a phrase in quotes off the front of s.
func quotedPhrase(s string) (inside, rest string, ok bool) {
	inside = strings.TrimLeft(s, phraseQuotes)
	if len(inside) == len(s) {
		return "", "", false
	}
	end := strings.IndexAny(inside, phraseQuotes)
	if end < 0 {
		return "", "", false
	}
	return inside[:end], strings.TrimLeft(inside[end:], phraseQuotes), true
}

// querying is a query being read.
type querying struct {
	Query
	left int // words that it may still have
}

// add takes one more thing to look for, and reports whether it was any.
func (q *querying) add(s string) bool {
	var p Phrase
	words := strings.FieldsFunc(s, func(r rune) bool { return !inWord(r) })
	some := false
	for _, w := range words {
		if !strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			continue // marks that stand on nothing
		}
		if q.left == 0 {
			q.Cut = true
			break
		}
		q.left--
		some = true
		if r := []rune(w); len(r) > maxWordRunes {
			q.push(Phrase{Words: append(p.Words, string(r[:maxWordRunes])), Prefix: true})
			p = Phrase{}
			continue
		}
		p.Words = append(p.Words, w)
	}
	q.push(p)
	return some
}

func (q *querying) push(p Phrase) {
	if len(p.Words) > 0 {
		q.Phrases = append(q.Phrases, p)
	}
}

// inWord reports whether r is a part of words: a letter, a digit, or what stands
// above or below one.
func inWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.Co) }

// Excerpt is the piece of t that shows what was found in it, at most about limit
// runes long, on one line.
func (q Query) Excerpt(t Text, limit int) Text {
	atoms := t.atoms()
	at := slices.IndexFunc(atoms, q.foundIn)
	if at < 0 {
		at = 0 // found by letters that only the database takes for the same
	}
	// Of the words before it as many as a third has room for.
	from, room := at, limit/3
	for from > 0 {
		if room -= len([]rune(string(atoms[from-1]))); room < 0 {
			break
		}
		from--
	}
	out := Join(atoms[from:]...)
	if from > 0 {
		out = Join("… ", out)
	}
	return out.OneLine(limit)
}

// atoms cuts t where it may be cut: between words, and never inside a reference.
func (t Text) atoms() []Text {
	var out []Text
	for _, s := range t.Spans() {
		if s.Kind != SpanPlain {
			out = append(out, span(s.Kind, s.Value, s.Label))
			continue
		}
		for v := s.Value; v != ""; {
			end := strings.IndexFunc(v, unicode.IsSpace)
			if end < 0 {
				end = len(v)
			}
			end = len(v) - len(strings.TrimLeftFunc(v[end:], unicode.IsSpace))
			out = append(out, Text(v[:end]))
			v = v[end:]
		}
	}
	return out
}

// foundIn reports whether a word that is looked for stands in t.
func (q Query) foundIn(t Text) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(t.String()), func(r rune) bool { return !inWord(r) }) {
		for _, p := range q.Phrases {
			for k, want := range p.Words {
				want = strings.ToLower(want)
				if w == want || p.Prefix && k == len(p.Words)-1 && strings.HasPrefix(w, want) {
					return true
				}
			}
		}
	}
	return false
}
