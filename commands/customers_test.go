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
