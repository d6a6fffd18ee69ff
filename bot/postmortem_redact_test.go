package bot_test

import (
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestRedactionReachesThePostmortem: whatever a report for customers took from
// the record goes off the page with its entry, for who may publish.
func TestRedactionReachesThePostmortem(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for _, c := range []struct {
		name string
		// puts the secret into the record and returns the entry that is redacted.
		put func(*house, int64) int64
	}{
		{"a section", func(h *house, n int64) int64 {
			h.done(ben, n, writes(bot.SectionImpact, "The <password> is "+secret, nil))
			return h.newest(n)
		}},
		{"an action item", func(h *house, n int64) int64 { return h.item(n, bot.FollowUpDraft{Text: "Change *" + secret}).Seq }},
		{"a task that became one", func(h *house, n int64) int64 {
			h.done(ben, n, func(w *bot.Work) error { _, err := bot.AddTask(w, "Change "+secret, ""); return err })
			seq := h.newest(n)
			h.done(ben, n, func(w *bot.Work) error { _, err := bot.PromoteTask(w, 1); return err })
			return seq
		}},
		{"the action item that was one", func(h *house, n int64) int64 {
			h.done(ben, n, func(w *bot.Work) error { _, err := bot.AddTask(w, "Change "+secret, ""); return err })
			h.done(ben, n, func(w *bot.Work) error { _, err := bot.PromoteTask(w, 1); return err })
			return h.kept(1).Seq
		}},
		{"the title, in a draft of the summary", func(h *house, n int64) int64 {
			h.done(ana, n, func(w *bot.Work) error { _, err := bot.SetTitle(w, "It was _"+secret, true); return err })
			seq := h.newest(n)
			h.done(ana, n, redacts(sectionSeq(h, n, bot.SectionSummary)))
			return seq
		}},
		{"the last word to customers, in a draft of the resolution", func(h *house, n int64) int64 {
			h.done(ana, n, func(w *bot.Work) error { _, err := bot.Reopen(w, "again"); return err })
			h.done(ana, n, func(w *bot.Work) error {
				_, err := bot.Resolve(w, bot.ResolveDraft{Text: "We changed " + secret, Public: true})
				return err
			})
			seq := h.newest(n)
			h.done(ana, n, redacts(sectionSeq(h, n, bot.SectionResolution)))
			return seq
		}},
	} {
		h, n := finished(t)
		seq := c.put(h, n)
		h.done(ana, n, publishes(true))
		if p, _ := h.bot.Settings.Public(h.incident(n)); p.Report == nil || !strings.Contains(p.Report.Text.String(), secret) {
			t.Errorf("%s: customers do not read it in the first place", c.name)
			continue
		}
		h.refused(c.name, h.in(dan, n, redacts(seq)), bot.KindForbidden, "publish")
		h.done(ana, n, redacts(seq))
		i := h.incident(n)
		if p, ok := h.bot.Settings.Public(i); ok && p.Report != nil {
			t.Errorf("%s: customers still read a report", c.name)
		}
		if i.Postmortem.Published == nil {
			t.Errorf("%s: it counts as never published", c.name)
		}
		for _, e := range h.events(n) {
			if strings.Contains(e.Text.String(), secret) {
				t.Errorf("%s: entry %d, %s, still holds it", c.name, e.Seq, e.Kind)
			}
		}
		r := h.report(n)
		for _, s := range r.Sections {
			if strings.Contains(s.Text.String()+s.Public.String(), secret) {
				t.Errorf("%s: %s still holds it", c.name, s.Title)
			}
		}
	}
}

// sectionSeq is the entry that holds a section.
func sectionSeq(h *house, n int64, slug string) int64 {
	return h.incident(n).Postmortem.Sections[slug].Seq
}

// TestRedactionOfASection leaves the draft, and what is not in a report for
// customers leaves that alone.
func TestRedactionOfASection(t *testing.T) {
	t.Parallel()
	h, n := finished(t)
	h.done(ana, n, publishes(true))
	h.done(ben, n, writes(bot.SectionSummary, "The second", nil))
	h.done(dan, n, redacts(sectionSeq(h, n, bot.SectionSummary)))
	i := h.incident(n)
	if _, ok := i.Postmortem.Sections[bot.SectionSummary]; ok || i.Postmortem.Public == nil {
		t.Errorf("%+v", i.Postmortem)
	}
	if got := h.report(n).Sections[0]; got.Written != nil || !strings.HasPrefix(got.Text.String(), "Checkout is down. It began on 23 January 2020") {
		t.Errorf("%+v", got)
	}
	// An old text of a section that was written anew since.
	old := sectionSeq(h, n, bot.SectionTrigger)
	h.done(ben, n, writes(bot.SectionTrigger, "Anew", nil))
	h.done(ana, n, redacts(old))
	if i := h.incident(n); i.Postmortem.Public != nil || sectionSeq(h, n, bot.SectionTrigger) == 0 {
		t.Errorf("%+v", i.Postmortem)
	}
	// The report itself.
	h.done(ana, n, publishes(true))
	h.done(ana, n, redacts(h.incident(n).Postmortem.Public.Seq))
	if i := h.incident(n); i.Postmortem.Public != nil || sectionSeq(h, n, bot.SectionTrigger) == 0 {
		t.Errorf("%+v", i.Postmortem)
	}
}
