package storagetest

import (
	"fmt"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

func searches() []contract {
	return []contract{
		{"words are found as people type them", searchWords},
		{"nothing that is typed is more than text", searchHarmless},
		{"the newest incident comes first, with its newest entry", searchOrder},
		{"an incident with many entries hides no other", searchMany},
		{"what was redacted is found no more", searchRedacted},
		{"a private incident is found by its people alone", searchPrivate},
		{"texts of any length can be kept", searchLong},
	}
}

// found is where query is found, as "3.1 1.2": the entry 1 of incident 3, and so on.
func (s *suite) found(v bot.Viewer, query string, before int64, limit int) string {
	s.Helper()
	var out []string
	err := s.View(s.Context(), func(tx bot.ReadTx) error {
		list, err := tx.Search(v, bot.ParseQuery(bot.Plain(query)), before, limit)
		for _, f := range list {
			if f.Entry.Incident != f.Incident.Number || f.Entry.Text == "" {
				s.Errorf("%q: entry %+v of incident %d", query, f.Entry, f.Incident.Number)
			}
			out = append(out, fmt.Sprintf("%d.%d", f.Incident.Number, f.Entry.Seq))
		}
		return err
	})
	if err != nil {
		s.Errorf("%.80q: %v", query, err)
	}
	return strings.Join(out, " ")
}

func (s *suite) note(number int64, text bot.Text) bot.Event {
	s.Helper()
	return s.record(number, bot.Event{Kind: bot.EventNote, Actor: ben, Text: text})
}

func searchWords(s *suite) {
	one := s.declare("Checkout is down", bot.Data{})
	two := s.declare("Connection pool exhausted", bot.Data{Drill: true})
	s.note(one, "The pool's connection to api-gateway.eu.example.com broke; see https://ci.example.org/run/42?x=1")
	s.note(two, "Crème BRÛLÉE, Ångström, Dvořák, Việt Nam, ÉTÉ")
	s.note(one, "障害が発生 — naïve “fix”(v1.2.3) 🔥hot🔥 don’t_panic it's 12:30")
	s.note(one, bot.Join("Ask ", bot.MentionUser("U0XYZ"), " or\nread ", bot.Code("panic.log")))
	for query, want := range map[string]string{
		"checkout": "1.1", "CHECKOUT down": "1.1", "down checkout": "1.1", "check": "1.1", "heckout": "",
		"pool": "2.1 1.2", "pool connection": "2.1 1.2", `"pool connection"`: "", `"connection pool"`: "2.1", "pool-connection": "", "pool exhausted checkout": "",
		"poo connection": "", "connection poo": "2.1 1.2", `"connection poo"`: "",
		"gateway": "1.2", "api-gateway": "1.2", "gateway-api": "", "api-gate": "1.2", "example.com": "1.2", "eu example": "1.2", "https://ci.example.org/run/42": "1.2", "ci.example.org/run/42?x=1": "1.2",
		"creme brulee": "2.2", "CRÈME brûlée": "2.2", "cre\u0300me": "2.2", "angstrom": "2.2", "Dvorak": "2.2", "dvořák": "2.2", "viet nam": "2.2", "ete": "2.2", "été": "2.2",
		"障害": "1.3", "障": "1.3", "naive fix": "1.3", "v1.2.3": "1.3", "v1.2": "1.3", "hot": "1.3", "🔥hot": "1.3", "🔥": "", "don't": "1.3", "don’t panic": "1.3", "it's": "1.3", "12:30": "1.3",
		"U0XYZ": "1.4", "read": "1.4",
		"checkout -down": "1.1", "checkout | pool": "", "nothing": "", "": "",
	} {
		s.equal(query, s.found(bot.Everyone(), query, 0, 0), want)
	}
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.Search(bot.Everyone(), bot.ParseQuery("dvorak"), 0, 0)
		if err != nil || len(list) != 1 || list[0].Incident.Title != "Connection pool exhausted" || !list[0].Incident.Drill || list[0].Entry.Actor != ben {
			s.Errorf("found %+v, %v", list, err)
		}
		return nil
	})
}

// Hostile is what a search for can break in a database that reads it as more than
// text.
func Hostile() []string {
	out := []string{
		"*", "a*", "*a", "a**", `"`, `""`, `"a`, `a"b"c`, "'", "''", `\`, `\'`, "a'b", "':*", "a:*", "a:b", "text:a", "event_search:a", "-a", "- a", "a -b", "+a", "^a", "a^2",
		"(", ")", "()", "(a", "a)", "{a b}: c", "NEAR", "NEAR(a b)", "NEAR(a b, 99999)", "AND", "OR", "NOT", "AND AND", "a AND", "OR b", "NOT c", "a NOT", "and", "&", "a & | b", "!", "!a", "!!a",
		"a <-> b", "a <0> b", "<->", "a:ABCD", "$1", "?", "?1", "%", "_", "%%", "; DROP TABLE events; --", "' OR 1=1 --", "/* */", "--", "–", "—", "“a” b”", "«", "’",
		"🔥", "👩‍👩‍👧", "\u0301", "a\u0301\u0301", "\u200d", "\u00ad", "\u2028", "\ufeff", "\ufffd", "\U0010ffff", "\ue000", "٣", "²", "Ⅷ", "①", "ﬁ", "ß", "İ", "ı", "ǅ", "Σς", "ᄀ", "각", "हिन्दी", "ไทย", "עברית", "日本語 テキスト", "ー", "ゞ", "々", "〇", "︎", "　",
		"rank", "rowid", "1e5", "-1", "0x1F", "1.", ".5", "1:2:3", "a@b.example", "/a/b/c", "<b>a</b>", "&amp;", "<@U0ANA>", "<#C1>",
	}
	for _, part := range []string{"a", "a ", `"a `, `a" `, "(a ", "é", "障", "🔥", "' ", "a-", "a:* ", "ab1", "\u0301", "\\"} {
		out = append(out, strings.Repeat(part, 4000/len(part)))
	}
	return out
}

func searchHarmless(s *suite) {
	n := s.declare("Words rank rowid and so on", bot.Data{})
	for _, text := range Hostile() {
		s.note(n, bot.Plain(text))
	}
	for _, query := range Hostile() {
		s.found(bot.Everyone(), query, 0, 0)
	}
	s.equal("afterwards", s.found(bot.Everyone(), "words rowid", 0, 0), "1.1")
	s.equal("a table", s.found(bot.Everyone(), "; DROP TABLE events; --", 0, 0) != "", true)
}

func searchOrder(s *suite) {
	for k := range 5 {
		s.declare(fmt.Sprint("Latency ", k), bot.Data{})
	}
	s.note(2, "latency again")
	s.note(1, "LATENCY, too")
	s.note(1, "something else")
	s.equal("all", s.found(bot.Everyone(), "latency", 0, 0), "5.1 4.1 3.1 2.2 1.2")
	s.equal("two", s.found(bot.Everyone(), "latency", 0, 2), "5.1 4.1")
	s.equal("the next two", s.found(bot.Everyone(), "latency", 4, 2), "3.1 2.2")
	s.equal("the rest", s.found(bot.Everyone(), "latency", 2, 2), "1.2")
	s.equal("behind the last", s.found(bot.Everyone(), "latency", 1, 2), "")
}

func searchMany(s *suite) {
	first := s.declare("Needle in the first", bot.Data{})
	second := s.declare("Latency", bot.Data{})
	s.update(func(tx bot.Tx) error {
		for range 450 {
			if _, err := recordIn(tx, second, bot.Event{Kind: bot.EventNote, Text: "needle"}, base()); err != nil {
				return err
			}
		}
		return nil
	})
	s.equal("found", s.found(bot.Everyone(), "needle", 0, 0), fmt.Sprintf("%d.451 %d.1", second, first))
	s.equal("one", s.found(bot.Everyone(), "needle", 0, 1), fmt.Sprintf("%d.451", second))
}

func searchRedacted(s *suite) {
	n := s.declare("Checkout is down", bot.Data{})
	e := s.note(n, "the password is hunter2")
	s.note(n, "the password was changed")
	s.equal("before", s.found(bot.Everyone(), "hunter2", 0, 0), "1.2")
	s.update(func(tx bot.Tx) error { return tx.Redact(n, e.Seq) })
	s.equal("after", s.found(bot.Everyone(), "hunter2", 0, 0), "")
	s.equal("other words of it", s.found(bot.Everyone(), "password", 0, 0), "1.3")
	s.equal("what stands instead", s.found(bot.Everyone(), bot.RedactedText.String(), 0, 0), "")
	s.update(func(tx bot.Tx) error { return tx.Redact(n, e.Seq) })
	s.equal("twice", s.found(bot.Everyone(), "password", 0, 0), "1.3")
}

func searchPrivate(s *suite) {
	number := s.secret()
	s.note(1, "open canary")
	for _, w := range viewers() {
		want, title := "1.2", ""
		if w.sees {
			want, title = "2.2 1.2", "2.1"
		}
		s.equal(w.name, s.found(w.v, "canary", 0, 0), want)
		s.equal(w.name+", one", s.found(w.v, "canary", 0, 1), strings.Fields(want)[0])
		s.equal(w.name+", the title", s.found(w.v, `"canary title"`, number+1, 0), title)
	}
	s.update(func(tx bot.Tx) error {
		head, err := tx.LockHouse()
		if err != nil {
			return err
		}
		return tx.Append(bot.Event{Kind: bot.EventFailed, Via: bot.ViaBot, Text: "houseword"}.Seal(head, base()), nil)
	})
	s.equal("the house's", s.found(bot.Self(), "houseword", 0, 0), "")
}

func searchLong(s *suite) {
	n := s.declare("Long", bot.Data{})
	var different strings.Builder
	for k := range 200_000 {
		fmt.Fprintf(&different, "w%d ", k)
	}
	for _, text := range []string{strings.Repeat("x", 300_000), strings.Repeat("障", 300_000), strings.Repeat("é́", 300_000), different.String(), strings.Repeat("a b ", 100_000)} {
		s.note(n, bot.Plain(text))
	}
	s.equal("a word of the many", s.found(bot.Everyone(), "w12", 0, 0), "1.5")
	s.found(bot.Everyone(), strings.Repeat("障", 1000), 0, 0) // whether it is found is the database's
}
