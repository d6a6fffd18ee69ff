package commands

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestPostmortemShows(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.bot.Settings.Followups.Repo = "acme/postmortems"
	r := d.say("U0CAT", "C1", "pm")
	d.holds(r, "Post-mortem: Checkout is down", "Owner: <@U0ANA>", "State: draft", "Summary — draft", "Root Cause — not written yet")
	d.say("U0BEN", "C1", "milestone impact 16:00")
	n := d.item("C1", "Alert on the queue --owner @ben")
	d.issued(n, 7)
	d.say("U0BEN", "C1", "pm set root-cause "+strings.Repeat("ü", 599)+" <@U0ANA> said it")
	d.say("U0ANA", "C1", "update We are looking --public")
	d.say("U0ANA", "C1", "resolve")
	r = d.say("U0CAT", "C0", "#1 postmortem")
	d.holds(r, "State: 1 of 6 sections written", "Due: 30 Jan 2020", "Time to declare: ", "Root Cause — written by <@U0BEN>, 2020-01-23",
		"[OPEN] 1 Alert on the queue · <@U0BEN> · due 7 Feb 2020 · acme/postmortems#7 (https://github.com/acme/postmortems/issues/7)",
		"as a page (http://127.0.0.1:8080/api/v1/incidents/1/postmortem.html)", "as Markdown (http://127.0.0.1:8080/api/v1/incidents/1/postmortem.md)",
		strings.Repeat("ü", 599)+" …")
	if strings.Contains(all(r), "said it") || len(r.Blocks) > 50 {
		t.Errorf("it is not cut, or too long: %d blocks", len(r.Blocks))
	}
	b := buttons(r)
	if b["Write Lessons Learned & Action Items"] != "#1 postmortem set lessons-learned-action-items" || b["Publish"] != "#1 postmortem publish" ||
		b["Publish for customers"] != "#1 postmortem publish --public" {
		t.Errorf("buttons: %q", b)
	}
	d.say("U0ANA", "C1", "reopen It is back")
	if b := buttons(d.say("U0CAT", "C1", "pm")); b["Publish for customers"] != "" {
		t.Error("it is offered to customers before the end")
	}
}

func TestPostmortemVerbs(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.holds(d.say("U0BEN", "C1", "pm owner @dan"), "<@U0DAN> writes the post-mortem of #1 Checkout is down. It has no due date.")
	if e := d.refused("U0CAT", "C1", "pm owner @dan", bot.KindConflict); !strings.Contains(e.Sentence().String(), "<@U0BEN>") {
		t.Errorf("owned twice: %q", e.Sentence())
	}
	d.holds(d.say("U0BEN", "C1", "pm owner none"), "Nobody is named", "<@U0ANA> is reminded of it")
	d.holds(d.say("U0DAN", "C1", "pm due 5bd"), "is due on 30 Jan 2020; <@U0ANA> is reminded of it.")
	if e := d.refused("U0CAT", "C1", "pm due 2020-01-30", bot.KindConflict); !strings.Contains(e.Sentence().String(), "<@U0DAN>") {
		t.Errorf("due twice: %q", e.Sentence())
	}
	d.refused("U0CAT", "C1", "pm due 2020-01-20", bot.KindInvalid)
	d.refused("U0CAT", "C1", "pm due none", bot.KindInvalid)
	d.holds(d.say("U0BEN", "C1", "pm skip It was the probe"), "gets no post-mortem")
	d.holds(d.say("U0BEN", "C1", "pm"), "State: skipped by <@U0BEN>: It was the probe")
	if e := d.refused("U0CAT", "C1", "pm skip Again", bot.KindConflict); !strings.Contains(e.Sentence().String(), "<@U0BEN>") {
		t.Errorf("skipped twice: %q", e.Sentence())
	}
	d.holds(d.say("U0BEN", "C1", "pm publish"), "is published", "Customers do not see it.")
	d.holds(d.say("U0BEN", "C1", "pm"), "State: published 2020-01-23")
	if e := d.refused("U0CAT", "C1", "pm publish", bot.KindConflict); !strings.Contains(e.Sentence().String(), "<@U0BEN>") {
		t.Errorf("published twice: %q", e.Sentence())
	}
	d.say("U0BEN", "C1", "pm set summary More is known")
	d.say("U0CAT", "C1", "pm publish")
	if r := d.say("U0BEN", "C1", "pm skip"); r.Form == nil || r.Form.Verb != "postmortem skip" {
		t.Errorf("without a reason: %+v", r.Form)
	}
	e := d.refused("U0BEN", "C1", "pm set nose It is red", bot.KindInvalid)
	if len(e.Lines) != 6 || e.Lines[2].Line != "#1 postmortem set root-cause It is red" || e.Lines[2].Label != "Root Cause" {
		t.Errorf("no section: %+v", e.Lines)
	}
	if e := d.refused("U0BEN", "C1", "pm set trigger --base x y", bot.KindInvalid); !strings.Contains(e.Text, "no number of an entry") {
		t.Errorf("no base: %+v", e)
	}
	if e := d.refused("U0BEN", "C0", "pm set summary x", bot.KindInvalid); len(e.Lines) != 1 || e.Lines[0].Line != "#1 postmortem set summary x" {
		t.Errorf("the wrong channel: %+v", e.Lines)
	}
}

// What somebody else wrote is shown when a line replaces it, and can be put back.
func TestSetSectionReplaces(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0BEN", "C1", "pm set trigger A deploy <@U0ANA> made --now")
	d.holds(r, "Trigger of #1 Checkout is down is written, as entry 2.")
	if r = d.say("U0BEN", "C1", "pm set trigger A deploy <@U0ANA> made --later"); strings.Contains(all(r), "replaced") {
		t.Errorf("his own: %s", all(r))
	}
	e := d.refused("U0CAT", "C1", "pm set trigger A deploy <@U0ANA> made --later", bot.KindConflict)
	if !strings.Contains(e.Sentence().String(), "reads like that already: <@U0BEN>") {
		t.Errorf("the same: %q", e.Sentence())
	}
	r = d.say("U0CAT", "C1", "pm set trigger A cosmic ray")
	d.holds(r, "It replaced what <@U0BEN> wrote 2020-01-23", "A deploy <@U0ANA> made --later")
	r = d.click("U0CAT", "C9", r, "Put it back")
	if text := d.reads("trigger"); text != bot.Join("A deploy ", bot.MentionUser("U0ANA"), " made --later") {
		t.Errorf("put back: %q", text)
	}
	if strings.Contains(all(r), "replaced") {
		t.Errorf("what was seen is shown again: %s", all(r))
	}
	d.say("U0BEN", "C1", "pm set impact "+strings.Repeat("long ", 500))
	r = d.say("U0CAT", "C1", "pm set impact short")
	d.holds(r, "It stays in the record as entry")
	if buttons(r)["Put it back"] != "" {
		t.Error("half a text can be put back")
	}
}

// reads is a section of incident 1 as it stands.
func (d *desk) reads(slug string) bot.Text {
	d.Helper()
	w := d.incident(1).Postmortem.Sections[slug]
	return d.events(1)[w.Seq-1].Text
}

// A text that was begun over another one than now stands is a conflict that shows
// both, and the way out of it.
func TestSetSectionStale(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0BEN", "C1", "pm set trigger First")
	d.say("U0BEN", "C1", "pm set trigger Second")
	for _, exact := range []bool{true, false} {
		d.exact = exact
		e := d.refused("U0CAT", "C1", "pm set trigger --base 2 Mine", bot.KindConflict)
		if !strings.Contains(e.Sentence().String(), "Trigger was changed since you began: <@U0BEN>") || !strings.Contains(e.Hint, "Second") || !strings.Contains(e.Hint, "Mine") || !strings.Contains(e.Hint, "--base 3") {
			t.Errorf("stale: %q %q", e.Sentence(), e.Hint)
		}
		if exact != (len(e.Lines) == 0) {
			t.Errorf("offers: %+v", e.Lines)
		}
		if !exact {
			f := d.say("U0CAT", "C9", e.Lines[0].Line).Form
			if input(f, "text") != "Mine" || !strings.Contains(f.Intro.String(), "Second") || f.Hidden["base"] != "3" {
				t.Errorf("put together: %+v", f)
			}
		}
	}
	d.exact = true
	if e := d.refused("U0CAT", "C1", "pm set trigger --base 0 Mine", bot.KindConflict); !strings.Contains(e.Hint, "Second") {
		t.Errorf("over the draft: %+v", e)
	}
	d.say("U0CAT", "C1", "pm set trigger --base 3 Mine")
	if d.reads("trigger") != "Mine" {
		t.Errorf("written: %q", d.reads("trigger"))
	}
}

// The form holds what stands and what that was.
func TestSetSectionForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	// The draft.
	f := d.say("U0BEN", "C1", "pm set summary").Form
	if f == nil || f.Verb != "postmortem set" || f.Submit != "Save" || f.Incident != 1 || input(f, "section") != "summary" ||
		!strings.Contains(input(f, "text").String(), "It began on") || f.Hidden["base"] != "0" {
		t.Fatalf("the draft: %+v", f)
	}
	if f.Line != "#1 postmortem set summary --edit" {
		t.Errorf("it is opened again with %q", f.Line)
	}
	for _, in := range f.Inputs {
		if in.Name == "base" {
			t.Error("the base is shown")
		}
	}
	if r, err := d.send("U0BEN", f, map[string]bot.Text{"text": "It was DNS"}); err != nil || d.reads("summary") != "It was DNS" || strings.Contains(all(r), "replaced") {
		t.Fatalf("sent: %v %s", err, all(r))
	}
	// Two people at once.
	f = d.say("U0BEN", "C1", "pm set summary").Form
	other := d.say("U0CAT", "C1", "pm set summary").Form
	if input(f, "text") != "It was DNS" || f.Hidden["base"] != "2" {
		t.Fatalf("what was written: %+v", f)
	}
	if _, err := d.send("U0CAT", other, map[string]bot.Text{"text": "It was always DNS"}); err != nil {
		t.Fatal(err)
	}
	n := len(d.events(1))
	r, err := d.send("U0BEN", f, map[string]bot.Text{"text": "It was BGP"})
	if err != nil || r.Form == nil || len(d.events(1)) != n {
		t.Fatalf("stale: %v %s", err, all(r))
	}
	if input(r.Form, "text") != "It was BGP" || !strings.Contains(r.Form.Intro.String(), "Summary reads now, by <@U0CAT>") || !strings.Contains(r.Form.Intro.String(), "It was always DNS") {
		t.Errorf("both texts: %+v", r.Form)
	}
	if r, err = d.send("U0BEN", r.Form, map[string]bot.Text{"text": "It was BGP and DNS"}); err != nil || r.Form != nil || d.reads("summary") != "It was BGP and DNS" {
		t.Errorf("put together: %v %+v", err, r)
	}
	// Another section chosen: what stands there was not seen.
	d.say("U0CAT", "C1", "pm set impact Everybody")
	f = d.say("U0BEN", "C1", "pm set summary").Form
	r, err = d.send("U0BEN", f, map[string]bot.Text{"section": "impact", "text": "Nobody"})
	if err != nil || r.Form == nil || d.reads("impact") != "Everybody" || r.Form.Hidden["base"] == f.Hidden["base"] {
		t.Errorf("another section: %v %+v", err, r.Form)
	}
	f = d.say("U0BEN", "C1", "pm set").Form
	if f.Hidden["base"] != "0" || input(f, "text") != "" {
		t.Errorf("no section: %+v", f)
	}
	if r, err = d.send("U0BEN", f, map[string]bot.Text{"section": "impact", "text": "Nobody"}); err != nil || r.Form == nil {
		t.Errorf("no section, what stands unseen: %v", err)
	}
	if _, err = d.send("U0BEN", f, map[string]bot.Text{"section": "trigger", "text": "A deploy"}); err != nil || d.reads("trigger") != "A deploy" {
		t.Errorf("no section, nothing stands: %v", err)
	}
	var fields *bot.FormError
	if _, err = d.send("U0BEN", f, map[string]bot.Text{"section": "", "text": "x"}); !errors.As(err, &fields) || fields.Fields["section"] == "" {
		t.Errorf("nothing chosen: %v", err)
	}
	d.say("U0CAT", "C1", "cancel It was none")
	if _, err = d.send("U0BEN", f, map[string]bot.Text{"section": "impact", "text": "Nobody"}); bot.KindOf(err) != bot.KindConflict {
		t.Errorf("of a cancelled one: %v", err)
	}
}

// A text that no form holds is not offered in one, where its end would be lost.
func TestSetSectionTooLong(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0BEN", "C1", "pm set impact "+strings.Repeat("ü", 3001))
	if e := d.refused("U0BEN", "C1", "pm set impact", bot.KindConflict); !strings.Contains(e.Error(), "3001 characters, and a form holds 3000") {
		t.Errorf("too long: %q", e.Error())
	}
	d.say("U0BEN", "C1", "pm set impact "+strings.Repeat("ü", 3000))
	if f := d.say("U0BEN", "C1", "pm set impact").Form; f == nil {
		t.Error("it fits, and there is no form")
	}
}

// What customers would read is shown first, and what was looked at is what is
// published.
func TestPublishPostmortem(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	if e := d.refused("U0ANA", "C1", "pm publish --public", bot.KindConflict); !strings.Contains(e.Text, "Customers read nothing") {
		t.Errorf("before: %q", e.Text)
	}
	d.say("U0ANA", "C1", "update We are looking --public")
	d.say("U0ANA", "C1", "component api=major")
	d.refused("U0ANA", "C1", "pm publish --public", bot.KindConflict)
	d.say("U0ANA", "C1", "resolve")
	e := d.refused("U0ANA", "C1", "pm publish --public", bot.KindConflict)
	if !strings.Contains(e.Text, "Not written yet: Root Cause, Trigger") || len(e.Lines) != 3 || e.Lines[0].Line != "#1 postmortem set root-cause" || e.Lines[1].Line != "#1 postmortem set trigger" {
		t.Errorf("unwritten: %+v", e)
	}
	d.refused("U0CAT", "C1", "pm publish --public", bot.KindForbidden)
	for _, s := range []string{"root-cause The cache was too small", "trigger A deploy", "lessons-learned-action-items Alert on the queue"} {
		d.say("U0BEN", "C1", "pm set "+s)
	}
	r := d.say("U0ANA", "C1", "pm publish --public")
	d.holds(r, "Customers would read this on the incident's page. Nothing was published yet.", "\nRoot Cause\nThe cache was too small", "Lessons Learned & Action Items\nAlert on the queue")
	if d.incident(1).Postmortem.Public != nil {
		t.Fatal("published unseen")
	}
	if b := buttons(r); b["Edit"] != "#1 postmortem" {
		t.Errorf("Edit: %q", b)
	}
	d.now = d.now.Add(time.Hour) // how long the API has been down changes with it
	d.say("U0BEN", "C1", "pm set trigger Ask ana@example.com")
	again := d.click("U0ANA", "C1", r, "Publish")
	d.holds(again, "It was changed since you looked.", "since it holds an e-mail address", "Ask ana@example.com")
	if d.incident(1).Postmortem.Public != nil {
		t.Fatal("another text than was seen is published")
	}
	d.exact = true
	if e := d.refused("U0ANA", "C1", "pm publish --public", bot.KindInvalid); !strings.Contains(e.Text, "e-mail") || !strings.Contains(e.Hint, "--sure") {
		t.Errorf("a program: %+v", e)
	}
	d.exact = false
	d.now = d.now.Add(time.Hour)
	d.holds(d.click("U0ANA", "C1", again, "Publish"), "Customers read the post-mortem of #1 Checkout is down now")
	if p := d.incident(1).Postmortem; p.Public == nil || !strings.Contains(p.Public.Text.String(), "ana@example.com") {
		t.Errorf("published: %+v", p)
	}
	d.holds(d.say("U0ANA", "C1", "pm"), "State: published 2020-01-23", "to customers")
	d.say("U0ANA", "C1", "component api=ok")
	d.say("U0ANA", "C1", "pm publish --public --sure")
	if e := d.refused("U0ANA", "C1", "pm publish --public --sure", bot.KindConflict); !strings.Contains(e.Sentence().String(), "already: <@U0ANA>") {
		t.Errorf("twice: %q", e.Sentence())
	}
	d.say("U0BEN", "C1", "pm set trigger A deploy")
	d.now = d.now.Add(time.Minute)
	d.exact = true
	d.say("U0ANA", "C1", "pm publish --public")
}

func TestPublishPrivatePostmortem(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say("U0ANA", "C0", "declare sev1 Canary --private")
	d.say("U0ANA", "C0", "#1 resolve")
	if e := d.refused("U0ANA", "C0", "#1 pm publish --public", bot.KindConflict); !strings.Contains(e.Text, "private") {
		t.Errorf("private: %q", e.Text)
	}
	d.say("U0ANA", "C0", "#1 pm publish")
}
