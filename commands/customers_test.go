package commands

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// The question after "update resolved" keeps everything that resolve knows, and
// says what it does not.
func TestAskResolvedKeepsFlags(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0ANA", "C1", "update resolved DNS is back --public --at -2m --sure --next 30m --component api=ok")
	if got := buttons(r)["Resolve incident"]; got != "#1 resolve --public --at=-2m --sure DNS is back" {
		t.Errorf("Resolve incident: %q", got)
	}
	d.holds(r, "sets no components", "promises no next update")
	d.now = d.now.Add(5 * time.Minute)
	d.click("U0ANA", "C1", r, "Resolve incident")
	i := d.incident(1)
	if !i.Published() || i.ResolvedAt == nil || !i.ResolvedAt.Equal(d.now.Add(-2*time.Minute)) {
		t.Errorf("resolved at %v, now %v, published: %v", i.ResolvedAt, d.now, i.Published())
	}
	if r = d.say("U0ANA", "C1", "reopen It is not over"); r.Form == nil {
		t.Fatal("no form")
	}
	r = d.say("U0ANA", "C1", "update resolved DNS is back")
	if strings.Contains(all(r), "next update") || buttons(r)["Resolve incident"] != "#1 resolve DNS is back" {
		t.Errorf("without flags: %q %s", buttons(r), all(r))
	}
}

// Before customers read of an incident for the first time, its title is looked
// at with the text, whatever the line is that publishes.
func TestFirstPublicationHoldsTitle(t *testing.T) {
	t.Parallel()
	const title = "DB 10.0.0.5 is down, ask ana@example.com"
	for _, line := range []string{"resolve --public", "resolve It is over --public", "update We are looking --public", "update publish", "title " + title + " --public"} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.say("U0ANA", "C0", "declare sev1 "+title)
			d.say("U0ANA", "C0", "#1 update We are looking")
			before := len(d.events(1))
			r := d.say("U0ANA", "C0", "#1 "+line)
			d.holds(r, "Customers would read", title)
			if i := d.incident(1); i.Published() || len(d.events(1)) != before {
				t.Fatal("it was done unseen")
			}
			d.exact = true
			d.refused("U0ANA", "C0", "#1 "+line, bot.KindInvalid)
			d.exact = false
			d.click("U0ANA", "C0", r, "Send anyway")
			if len(d.events(1)) != before+1 {
				t.Error("sent anyway, and not done")
			}
		})
	}
	d := newDesk(t)
	d.say("U0ANA", "C0", "declare sev1 Checkout is down")
	d.holds(d.say("U0ANA", "C0", "#1 resolve --public"), "is resolved", "This incident has been resolved.")
}

// What is judged before an update is published is what customers would read:
// the text as it was corrected.
func TestPublishJudgesCorrectedText(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0ANA", "C1", "update We are looking")
	d.say("U0ANA", "C1", "update publish")
	d.say("U0ANA", "C1", "update fix Ask ana@example.com --sure")
	d.say("U0ANA", "C1", "update retract It was too much")
	r := d.say("U0ANA", "C1", "update publish 2")
	d.holds(r, "Customers would read", "Ask ana@example.com")
	if d.incident(1).Published() {
		t.Fatal("published unseen")
	}

	d = newDesk(t).open()
	d.say("U0ANA", "C1", "update Ask ana@example.com --public --sure")
	d.say("U0ANA", "C1", "update fix We are looking")
	d.say("U0ANA", "C1", "update retract It was too early")
	d.say("U0ANA", "C1", "update publish 2")
	if u := d.incident(1).LastPublic(); u == nil || u.Text != "We are looking" {
		t.Errorf("the corrected text was held back: %+v", u)
	}
}

// An ending without a public text shows customers the stock line; what was
// written stays with the team, and the timeline says so.
func TestTimelineTellsStockFromText(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"resolve Ben rebooted it":                "resolved: Ben rebooted it (customers read the stock line)",
		"cancel Ben tested it":                   "cancelled: Ben tested it (customers read the stock line)",
		"resolve":                                "resolved (customers read the stock line)",
		"resolve Ben rebooted it --internal":     "resolved: Ben rebooted it",
		"resolve Checkout works again --public":  "resolved: Checkout works again (public)",
		"update Checkout works for all --public": "updated: Checkout works for all (public)",
	} {
		d := newDesk(t).open()
		d.say("U0ANA", "C1", "update We are looking --public")
		d.say("U0ANA", "C1", line)
		if out := all(d.say("U0BEN", "C1", "timeline")); !strings.HasSuffix(out, want) {
			t.Errorf("%s:\n%s\nwant %s", line, out, want)
		}
	}
}

// Who may not speak to customers renames the incident for the team only, and
// need not ask whether customers may read it.
func TestTitleByWhoMayNotPublish(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0ANA", "C1", "update We are looking --public")
	d.holds(d.say("U0CAT", "C1", "title 10.0.0.5 is down"), "It is called")
	if i := d.incident(1); i.CustomerTitle() != "Checkout is down" || i.Title != "10.0.0.5 is down" {
		t.Errorf("customers read %q, the team %q", i.CustomerTitle(), i.Title)
	}
}

// A held text does not stay armed: once customers read something newer, the button
// that is left over asks again, whatever it would publish.
func TestSendAnywayAsksAgainAfterSomethingNewer(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"update We restart 10.0.0.5 --public", "update fix We restart 10.0.0.5", "update publish 2", "title 10.0.0.5 is down --public", "resolve 10.0.0.5 is back --public"} {
		for _, newer := range []string{"update We restart a node --public", "update fix We restart a node", "title Payments are down --public"} {
			t.Run(line+" after "+newer, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t).open()
				d.say("U0ANA", "C1", "update Look at 10.0.0.5")
				d.say("U0ANA", "C1", "update We are looking --public")
				r := d.say("U0ANA", "C1", line)
				d.say("U0ANA", "C1", newer)
				before := len(d.events(1))
				again := d.click("U0ANA", "C1", r, "Send anyway")
				d.holds(again, "What customers read has changed since you were asked", "10.0.0.5", "Customers read last")
				if len(d.events(1)) != before {
					t.Fatal("it was sent, although customers read something newer")
				}
				if line := buttons(again)["Edit"]; strings.Contains(line, "--sure") || strings.Contains(line, "--seen") {
					t.Errorf("Edit would be sure: %s", line)
				}
				d.click("U0ANA", "C1", again, "Send anyway")
				if len(d.events(1)) != before+1 {
					t.Error("looked at again, and not done")
				}
			})
		}
	}
}

// Who clicks twice is told that it was said, and is not asked about what customers
// read already.
func TestSendAnywayTwice(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"update We restart 10.0.0.5 --public": "That was said already", "title 10.0.0.5 is down --public": "It is called that already",
		"update fix We restart 10.0.0.5": "reads like that already",
	} {
		d := newDesk(t).open()
		d.say("U0ANA", "C1", "update We are looking --public")
		r := d.say("U0ANA", "C1", line)
		d.click("U0ANA", "C1", r, "Send anyway")
		if e := d.refused("U0ANA", "C1", buttons(r)["Send anyway"], bot.KindConflict); !strings.Contains(e.Sentence().String(), want) {
			t.Errorf("%s: %v", line, e)
		}
	}
	// A title that was changed before customers read it is looked at again, too.
	d := newDesk(t).open()
	r := d.say("U0ANA", "C1", "update We restart 10.0.0.5 --public")
	d.say("U0BEN", "C1", "title Checkout of Acme is down")
	d.holds(d.click("U0ANA", "C1", r, "Send anyway"), "What customers would read has changed", "Checkout of Acme is down")
}

// So it is with a button that takes a correction back.
func TestUndoAsksAgainAfterSomethingNewer(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0ANA", "C1", "update Ask ana@example.com --public --sure")
	r := d.say("U0ANA", "C1", "update fix We are looking")
	d.say("U0ANA", "C1", "update A fix is out --public")
	d.holds(d.click("U0ANA", "C1", r, "Undo"), "What customers read has changed", "ana@example.com")
	if u := d.incident(1).Updates[0]; u.Text != "We are looking" {
		t.Errorf("customers read %q", u.Text)
	}
}

// What was taken back since is something newer, too; a text that is harmless is asked
// about when it would undo what was written since; and what was held as the text of
// one update never becomes that of another.
func TestLeftOverButtons(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0ANA", "C1", "update We are looking --public")
	r := d.say("U0ANA", "C1", "update See 10.0.0.6 --public")
	d.say("U0ANA", "C1", "update retract Wrong incident")
	d.holds(d.click("U0ANA", "C1", r, "Send anyway"), "What customers would read has changed since you were asked", "10.0.0.6")

	d = newDesk(t).open()
	d.say("U0ANA", "C1", "update A --public")
	first := d.say("U0ANA", "C1", "update fix B")
	d.say("U0ANA", "C1", "update fix C")
	d.holds(d.click("U0ANA", "C1", first, "Undo"), "What customers read has changed since you were asked", "nothing was sent yet")
	if u := d.incident(1).Updates[0]; u.Text != "C" {
		t.Errorf("customers read %q", u.Text)
	}

	d = newDesk(t).open()
	d.say("U0ANA", "C1", "update A --public")
	d.say("U0ANA", "C1", "update Z --public")
	r = d.say("U0ANA", "C1", "update fix We restart 10.0.0.5")
	d.say("U0ANA", "C1", "update retract Wrong")
	again := d.click("U0ANA", "C1", r, "Send anyway")
	d.holds(again, "has changed since you were asked")
	_, err := d.try("U0ANA", "C1", buttons(again)["Send anyway"])
	if u := d.incident(1).Updates[0]; err == nil || u.Text != "A" {
		t.Errorf("%v; customers read %q", err, u.Text)
	}
}

// What was cancelled before customers read of it is nothing to tell them: the page
// would call it resolved.
func TestNothingToTellOfWhatWasCancelled(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0ANA", "C1", "update We restart 10.0.0.5")
	d.say("U0ANA", "C1", "cancel A false alarm")
	before := len(d.events(1))
	for _, line := range []string{"update It was nothing --public", "update See 10.0.0.5 --public", "update publish"} {
		e := d.refused("U0ANA", "C1", line, bot.KindConflict)
		if !strings.Contains(e.Error(), "was cancelled") || !strings.Contains(e.Hint, "reopen REASON") || e.Line != "#1 reopen" {
			t.Errorf("%s: %v, offers %q", line, e, e.Line)
		}
	}
	if i := d.incident(1); i.Published() || len(d.events(1)) != before {
		t.Error("it was recorded")
	}
	d.say("U0ANA", "C1", "reopen It was something after all")
	d.say("U0ANA", "C1", "update We are looking --public")
	// What customers read of before it was cancelled can still be spoken of.
	d.say("U0ANA", "C1", "cancel A false alarm again")
	d.say("U0ANA", "C1", "update A probe was wrong --public")
}

// The cancel form has no two buttons that say Cancel, and says what customers will
// read of an incident of which they read.
func TestTheCancelForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	f := d.say("U0ANA", "C1", "cancel").Form
	if f == nil || f.Title != "Cancel incident" || f.Submit != "Cancel incident" || f.Close != "Keep it open" || strings.Contains(f.Intro.String(), "Customers") {
		t.Errorf("form: %+v", f)
	}
	d.say("U0ANA", "C1", "update We are looking --public")
	if f = d.say("U0ANA", "C1", "cancel").Form; !strings.Contains(f.Intro.String(), "Customers will read: “We found no impact on our services.”") {
		t.Errorf("over the form stands %q", f.Intro)
	}
}
