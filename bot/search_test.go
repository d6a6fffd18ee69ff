package bot

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// written is q as a line: phrases apart, words of one joined, a star behind what may
// go on.
func (q Query) written() string {
	out := make([]string, len(q.Phrases))
	for k, p := range q.Phrases {
		out[k] = strings.Join(p.Words, "+")
		if p.Prefix {
			out[k] += "*"
		}
	}
	return strings.Join(out, " ")
}

func TestParseQuery(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 150)
	for in, want := range map[Text]string{
		"pool":                                 "pool*",
		"  Connection\npool ":                  "Connection pool*",
		`"connection pool"`:                    "connection+pool",
		`full “connection pool” exhau`:         "full connection+pool exhau*",
		`«out of memory» x`:                    "out+of+memory x", // one letter begins too much
		"障":                                    "障*",
		`it's 5 o'clock`:                       "it+s 5 o+clock*",
		`"never closed`:                        "never closed*",
		`a"b "" "x`:                            "a+b x",
		"api-gateway":                          "api+gateway*",
		"NOT a OR b AND c NEAR(d, 2)":          "NOT a OR b AND c NEAR+d 2",
		`text: -foo ^bar* (baz) {qux}`:         "text foo bar baz qux*",
		"🔥 fire 🔥":                             "fire",
		"🔥":                                    "",
		"* - : ' \" () \\ % _ $1 ? ; --":       "1",
		"https://example.com/a?b=c":            "example+com+a+b+c",
		Join("by ", MentionUser("U0ANA")):      "by U0ANA*",
		LinkTo("https://x.example/1", "label"): "label*",
		Text(long):                             long[:100] + "*",
		Text(long + "-b c"):                    long[:100] + "* b c",
		"café":                                 "café*",
		"\u0301":                               "",
		"":                                     "",
	} {
		if got := ParseQuery(in).written(); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if q := ParseQuery(Text(strings.Repeat("word ", 800))); len(q.Phrases) != maxQueryWords || !q.Cut || q.Phrases[maxQueryWords-1].Prefix {
		t.Errorf("800 words are %d, cut %v", len(q.Phrases), q.Cut)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	far := Text(strings.Repeat("before it ", 50)) + "the Pool, was\n\nfull " + Text(strings.Repeat("behind it ", 50))
	for _, c := range []struct {
		query, text Text
		limit       int
		want        string
	}{
		{"pool", "The pool is full", 60, "The pool is full"},
		{"poo", far, 60, "… it before it the Pool, was full behind it behind it behin…"},
		{`"pool was"`, far, 30, "… it the Pool, was full behin…"},
		{"behin", far, 40, "… was full behind it behind it behind i…"},
		{"resume", "Read my résumé", 60, "Read my résumé"},
		{"cat", Join("Ask ", MentionUser("U0ANA"), ", or the cat"), 60, "… <@U0ANA>, or the cat"},
		{Join(MentionUser("U0ANA")), Join(Text(strings.Repeat("before ", 20)), MentionUser("U0ANA"), " knows"), 30, "… before <@U0ANA> knows"},
		{"x", "", 60, ""},
	} {
		if got := ParseQuery(c.query).Excerpt(c.text, c.limit).String(); got != c.want {
			t.Errorf("%q in %.20q…: %q, want %q", c.query, c.text, got, c.want)
		}
	}
}

// Whatever is typed, a query is words, few and short, and an excerpt holds no half of
// a reference.
func FuzzParseQuery(f *testing.F) {
	f.Add(`"a b" c* -d`, "some text with a b in it")
	f.Add(strings.Repeat("é\"", 2000), "\x02@U0ANA\x03 a\x02")
	f.Fuzz(func(t *testing.T, query, text string) {
		q := ParseQuery(ParseRefs(query))
		words := 0
		for _, p := range q.Phrases {
			if words += len(p.Words); len(p.Words) == 0 {
				t.Error("a phrase without words")
			}
			for _, w := range p.Words {
				if w == "" || utf8.RuneCountInString(w) > maxWordRunes || strings.ContainsFunc(w, func(r rune) bool { return !inWord(r) }) {
					t.Errorf("%q is no word", w)
				}
			}
		}
		if words > maxQueryWords {
			t.Errorf("%d words", words)
		}
		cut := q.Excerpt(Text(strings.ToValidUTF8(text, "?")), 50)
		if !utf8.ValidString(string(cut)) || strings.Count(string(cut), "\x02") != strings.Count(string(cut), "\x03") {
			t.Errorf("excerpt %q", fmt.Sprint(cut))
		}
	})
}
