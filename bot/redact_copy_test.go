package bot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestRedactionReachesSections: a section that somebody saved from the draft holds
// the text of an entry, and goes with it, so that the next publication does not
// carry it to customers.
func TestRedactionReachesSections(t *testing.T) {
	t.Parallel()
	const secret = "We changed the password to hunter2."
	for _, c := range []struct {
		name, section string
		put           func(w *bot.Work) error
	}{
		{"the summary", bot.SectionSummary, func(w *bot.Work) error { _, err := bot.SetSummary(w, secret); return err }},
		{"the resolve", bot.SectionResolution, func(w *bot.Work) error {
			_, err := bot.Resolve(w, bot.ResolveDraft{Text: secret})
			return err
		}},
		{"a short title", bot.SectionSummary, func(w *bot.Work) error { _, err := bot.SetTitle(w, "hunter2", false); return err }},
	} {
		h := newHouse(t, repos)
		n := h.declare(bot.Draft{})
		h.done(ana, n, tells("We look into it", true, 0))
		if c.section == bot.SectionSummary {
			h.done(ana, n, resolve)
		}
		h.done(ana, n, c.put)
		seq := h.newest(n)
		r := h.report(n)
		for _, s := range r.Sections {
			text := "About " + bot.Text(s.Title)
			if s.Slug == c.section {
				text = s.Text // as it is drafted
			}
			h.done(ben, n, writes(s.Slug, text, nil))
		}
		old := sectionSeq(h, n, c.section)
		at := slices.IndexFunc(r.Sections, func(s bot.ReportSection) bool { return s.Slug == c.section })
		h.done(ben, n, writes(c.section, r.Sections[at].Text+"\n\nAnd more.", nil))
		again := h.newest(n)
		h.done(ana, n, publishes(true))
		report := h.newest(n)
		h.refused(c.name, h.in(dan, n, redacts(seq)), bot.KindForbidden, "publish")
		var gone bot.Redacted
		h.done(ana, n, func(w *bot.Work) (err error) { gone, err = bot.Redact(w, seq, "it held a secret"); return err })
		var also []int64
		for _, e := range gone.Also {
			also = append(also, e.Seq)
			if !e.Redacted || e.Text.String() == secret {
				t.Errorf("%s: %+v", c.name, e)
			}
		}
		if gone.Entry.Seq != seq || !slices.Equal(also, []int64{old, again, report}) {
			t.Errorf("%s: with %d went %v", c.name, gone.Entry.Seq, also)
		}
		for _, e := range h.events(n) {
			if strings.Contains(e.Text.String(), "hunter2") {
				t.Errorf("%s: entry %d, %s, still holds it", c.name, e.Seq, e.Kind)
			}
		}
		for _, s := range h.report(n).Sections {
			if strings.Contains(s.Text.String()+s.Public.String(), "hunter2") {
				t.Errorf("%s: %s still holds it", c.name, s.Title)
			}
		}
	}
}

// TestRedactionLeavesTheRest: letters that happen to be in another text are no copy
// of it.
func TestRedactionLeavesTheRest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  bot.Text
		taken bool
	}{
		{"e", false}, {"About", false}, {"-", false}, {"Impact", false},
		{"Trigger details", false}, // in the midst of a sentence
		{"About Impact", true},
		{"The database ran full.", true}, {"the cache was cold", false}, {"A deploy of the cache was cold", true},
		{"A deploy of the cache", false}, {"ran full", false}, {"Yes.", false}, {"short one", true}, {"shor", false},
	} {
		h, n := finished(t)
		h.done(ben, n, writes(bot.SectionRootCause, "It was so: The database ran full. A deploy of the cache was cold. All Trigger details follow. Yes. Next.\n- short one\n- another", nil))
		h.done(ana, n, publishes(true))
		h.done(ana, n, tells(c.text, false, 0))
		h.done(ana, n, redacts(h.newest(n)))
		p := h.incident(n).Postmortem
		if taken := p.Public == nil; taken != c.taken {
			t.Errorf("%q took the report off the page: %v", c.text, taken)
		}
		if len(p.Sections) < 6 != c.taken {
			t.Errorf("%q: %d sections are left", c.text, len(p.Sections))
		}
	}
}
