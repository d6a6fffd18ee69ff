package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func writes(slug string, text bot.Text, base *int64) func(*bot.Work) error {
	return func(w *bot.Work) error { _, err := bot.SetSection(w, slug, text, base); return err }
}

func publishes(public bool) func(*bot.Work) error {
	return func(w *bot.Work) error { _, err := bot.PublishPostmortem(w, public); return err }
}

func redacts(seq int64) func(*bot.Work) error {
	return func(w *bot.Work) error { _, err := bot.Redact(w, seq, "it held a secret"); return err }
}

// report is the post-mortem as it is read now.
func (h *house) report(incident int64) (r *bot.Report) {
	h.t.Helper()
	h.view(func(tx bot.ReadTx) error {
		i, err := tx.Incident(bot.Self(), incident)
		if err != nil {
			return err
		}
		r, err = bot.ReadReport(tx, bot.Self(), h.bot.Settings, i, h.now)
		return err
	})
	return r
}

func (h *house) incident(number int64) (i *bot.Incident) {
	h.t.Helper()
	h.view(func(tx bot.ReadTx) (err error) {
		i, err = tx.Incident(bot.Self(), number)
		return err
	})
	return i
}

// newest is the number of the last entry of an incident.
func (h *house) newest(incident int64) int64 { return h.incident(incident).Head.Seq }

// finished is a published incident that is over, all sections of whose
// post-mortem are written.
func finished(t *testing.T) (h *house, n int64) {
	t.Helper()
	h = newHouse(t, repos)
	n = h.declare(bot.Draft{})
	h.done(ana, n, tells("We look into it", true, 0))
	h.done(ana, n, resolve)
	for _, s := range bot.Sections() {
		h.done(ben, n, writes(s.Slug, "About "+bot.Text(s.Title), nil))
	}
	return h, n
}

func TestFindSection(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"root-cause": bot.SectionRootCause, "Root Cause": bot.SectionRootCause, "root": bot.SectionRootCause, "ROOT_CAUSE": bot.SectionRootCause,
		"lessons": bot.SectionLessons, "action items": bot.SectionLessons, "Lessons Learned & Action Items": bot.SectionLessons,
		"s": bot.SectionSummary, "r": "", "": "", "cause": "", "timeline": "", "-": "",
	} {
		if got, ok := bot.FindSection(in); got.Slug != want || ok != (want != "") {
			t.Errorf("%q finds %q %v, want %q", in, got.Slug, ok, want)
		}
	}
}

// TestTwoPeopleWriteOneSection: nobody's text is lost.
func TestTwoPeopleWriteOneSection(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	draft := int64(0)
	h.done(ben, n, writes(bot.SectionRootCause, "A cache without a limit", &draft))
	first := h.newest(n)
	err := h.in(ana, n, writes(bot.SectionRootCause, "Nobody watched the cache", &draft))
	h.refused("from the draft", err, bot.KindConflict, "Root Cause was changed since you began: <@U0BEN>, ")
	for _, want := range []string{"It reads now:\nA cache without a limit\n", "You wrote:\nNobody watched the cache\n", "--base 2"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not hold %q", err, want)
		}
	}
	h.refused("the same text", h.in(ana, n, writes(bot.SectionRootCause, "A cache without a limit", &draft)), bot.KindConflict, "Root Cause reads like that already: <@U0BEN>, ")
	h.refused("the same text, and no base", h.in(ana, n, writes(bot.SectionRootCause, "A cache without a limit", nil)), bot.KindConflict, "reads like that already")
	h.done(ana, n, writes(bot.SectionRootCause, "Both", &first))
	h.done(ben, n, writes(bot.SectionRootCause, "Whoever does not say what they saw wins", nil))
	h.done(ben, n, writes(bot.SectionImpact, "Another section has a base of its own", &draft))
	h.refused("nothing", h.in(ben, n, writes(bot.SectionImpact, " ", nil)), bot.KindInvalid, "text")
	// What was redacted does not come back from a form that was open.
	old := h.newest(n)
	h.done(ana, n, redacts(old))
	h.refused("from what was redacted", h.in(ben, n, writes(bot.SectionImpact, "Another section has a base", &old)), bot.KindConflict, "Impact was taken out of the record since you began.")
	h.done(ben, n, writes(bot.SectionImpact, "Anew", &draft))
	h.done(ana, n, func(w *bot.Work) error { _, err := bot.Cancel(w, "nothing"); return err })
	h.refused("cancelled", h.in(ben, n, writes(bot.SectionImpact, "x", nil)), bot.KindConflict, "was cancelled")
	h.refused("cancelled", h.in(ben, n, publishes(false)), bot.KindConflict, "was cancelled")
}

func TestOwingAPostmortem(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	own := func(id bot.UserID) func(*bot.Work) error {
		return func(w *bot.Work) error { _, err := bot.OwnPostmortem(w, id); return err }
	}
	due := func(d bot.Date) func(*bot.Work) error {
		return func(w *bot.Work) error { _, err := bot.DuePostmortem(w, d); return err }
	}
	skip := func(w *bot.Work) error { _, err := bot.SkipPostmortem(w, "not worth it"); return err }
	h.done(ana, n, own(ben))
	h.refused("owner", h.in(ana, n, own(ben)), bot.KindConflict, "has that owner already: <@U0ANA>, ")
	h.done(ana, n, due("2020-03-01"))
	h.refused("due", h.in(ana, n, due("2020-03-01")), bot.KindConflict, "is due on 1 Mar 2020 already: <@U0ANA>, ")
	h.done(ana, n, skip)
	h.refused("skip", h.in(ben, n, skip), bot.KindConflict, "was skipped already: <@U0ANA>, ")
	h.done(ana, n, due("2020-03-01"))
	if i := h.incident(n); i.Postmortem.Skipped != nil || i.PostmortemOwner() != ben || h.bot.Settings.PostmortemDue(i) != "2020-03-01" {
		t.Errorf("%+v", i.Postmortem)
	}
	h.done(ana, n, publishes(false))
	h.refused("skip", h.in(ben, n, skip), bot.KindConflict, "is published: <@U0ANA>, ")
}

func TestPublishingAPostmortem(t *testing.T) {
	t.Parallel()
	h := newHouse(t, repos)
	n := h.declare(bot.Draft{})
	for _, c := range []struct {
		what  string
		draft bot.Draft
		text  string
	}{{"private", bot.Draft{Private: true}, "is private and cannot be published"}, {"a drill", bot.Draft{Drill: true}, "is a drill, which publishes nothing"}} {
		h.refused(c.what, h.in(ana, h.declare(c.draft), publishes(true)), bot.KindConflict, c.text)
	}
	h.refused("nothing is public", h.in(ana, n, publishes(true)), bot.KindConflict, "Customers read nothing of incident #1")
	h.done(ana, n, tells("We look into it", true, 0))
	h.refused("open", h.in(ana, n, publishes(true)), bot.KindConflict, "is investigating; customers read its post-mortem when it is over")
	h.done(ana, n, resolve)
	h.refused("not written", h.in(ana, n, publishes(true)), bot.KindConflict, "Not written yet: Impact, Root Cause, Trigger, Lessons Learned & Action Items.")
	h.refused("not by everybody", h.in(dan, n, publishes(true)), bot.KindForbidden, "publish")
	h.done(dan, n, publishes(false))
	if p := h.incident(n).Postmortem; p.Published == nil || p.Published.By != dan || p.Public != nil {
		t.Errorf("%+v", p)
	}
	h, n = finished(t)
	h.done(ana, n, publishes(true))
	text := h.incident(n).Postmortem.Public.Text.String()
	if !strings.HasPrefix(text, "## Summary\n\nAbout Summary\n\n## Impact\n\nAbout Impact\n\n## Root Cause") || !strings.HasSuffix(text, "## Lessons Learned & Action Items\n\nAbout Lessons Learned & Action Items") {
		t.Errorf("customers read %s", text)
	}
	h.refused("the same", h.in(ana, n, publishes(true)), bot.KindConflict, "Customers read this post-mortem already: <@U0ANA>, ")
	h.done(ben, n, writes(bot.SectionImpact, "More", nil))
	if got := h.incident(n).Postmortem.Public.Text.String(); got != text {
		t.Error("what is written later is public at once")
	}
	h.done(ben, n, publishes(false))
	h.later(time.Minute)
	h.done(ana, n, publishes(true))
	i := h.incident(n)
	p, ok := h.bot.Settings.Public(i)
	if !ok || p.Report == nil || !strings.Contains(p.Report.Text.String(), "\nMore\n") || !p.Report.At.Equal(h.now) {
		t.Errorf("customers read %+v", p.Report)
	}
	e := h.events(n)[i.Postmortem.Public.Seq-1]
	if !e.Public || e.Kind != bot.EventPostmortem {
		t.Errorf("%+v", e)
	}
}
