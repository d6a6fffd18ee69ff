package commands

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestHeldTexts(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	line := "update Ask <@U0BEN> --public --next 30m"
	r := d.say("U0ANA", "C1", line)
	if d.incident(1).Published() {
		t.Fatal("it was published unseen")
	}
	d.holds(r, "Customers would read", "mentions a person")
	edit := d.click("U0ANA", "C1", r, "Edit")
	if edit.Form == nil || edit.Form.Verb != "update" {
		t.Fatalf("edit: %+v", edit)
	}
	for _, in := range edit.Form.Inputs {
		if in.Name == "text" && in.Value != bot.Join("Ask ", bot.MentionUser("U0BEN")) || in.Name == "public" && in.Value != "true" {
			t.Errorf("%s: %q", in.Name, in.Value)
		}
	}
	d.exact = true
	if e := d.refused("U0ANA", "C1", line, bot.KindInvalid); !strings.Contains(e.Hint, "--sure") {
		t.Errorf("a program: %+v", e)
	}
	d.say("U0ANA", "C1", "update The API is slow") // the team may mention whom it likes
	d.exact = false
	d.click("U0ANA", "C1", r, "Send anyway")
	if !d.incident(1).Published() {
		t.Error("sent anyway, and not published")
	}

	d2 := newDesk(t)
	d2.say("U0ANA", "C0", "declare sev1 <@U0BEN> broke it")
	r = d2.say("U0ANA", "C0", "#1 update We are looking --public")
	d2.holds(r, "Customers would read", "broke it")
	if d2.incident(1).Published() {
		t.Error("a title written for the team was published unseen")
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.refused("U0CAT", "C1", "update We are looking --public", bot.KindForbidden)
	r := d.say("U0ANA", "C1", "update We are looking into it --public")
	d.holds(r, "Customers now read", "Checkout is down", "We are looking into it")
	if got := buttons(r)["Change title"]; got != "#1 title --public" {
		t.Errorf("Change title: %q", got)
	}
	if form := d.click("U0ANA", "C1", r, "Change title").Form; form == nil || form.Verb != "title" {
		t.Errorf("Change title opens %+v", form)
	}
	back := d.click("U0ANA", "C1", r, "Take back")
	if d.incident(1).Published() {
		t.Error("taken back, and still published")
	}
	d.click("U0ANA", "C1", back, "Publish it again")
	if !d.incident(1).Published() {
		t.Error("not published again")
	}

	r = d.say("U0ANA", "C1", "status monitoring")
	line := buttons(r)["Tell customers: Monitoring"]
	if line == "" {
		t.Fatalf("no stock line is offered: %q", buttons(r))
	}
	d.say("U0ANA", "C1", line)
	if u := d.incident(1).LastPublic(); u.Status != bot.Monitoring || u.Text != bot.StockLine(bot.Monitoring) {
		t.Errorf("the stock line: %+v", u)
	}
	if r = d.say("U0ANA", "C1", "update fix A fix is in --sure"); d.incident(1).LastPublic().Text != "A fix is in" {
		t.Errorf("fixed: %s", all(r))
	}
	d.click("U0ANA", "C1", r, "Undo")
	if d.incident(1).LastPublic().Text != bot.StockLine(bot.Monitoring) {
		t.Error("the fix was not undone")
	}
	d.refused("U0CAT", "C1", "update retract It was wrong", bot.KindForbidden)

	d.say("U0ANA", "C1", "component web=major")
	r = d.say("U0CAT", "C1", "resolve")
	d.holds(r, "This incident has been resolved.", "Web Client: major outage")
	d.click("U0CAT", "C1", r, "Set to operational")
	r = d.say("U0ANA", "C1", "reopen It is back")
	if r.Form == nil || r.Form.Verb != "update" || r.Form.Incident != 1 {
		t.Errorf("reopen opens %+v", r.Form)
	}
	r = d.say("U0ANA", "C1", "cancel It was the probe")
	d.holds(r, "We found no impact")
}

func TestPublishLater(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0ANA", "C1", "update We are looking")
	r := d.say("U0ANA", "C1", "update publish")
	d.holds(r, "Customers now read", "We are looking")
	d.refused("U0ANA", "C1", "update publish", bot.KindConflict)
	back := d.click("U0ANA", "C1", r, "Take back")
	d.click("U0ANA", "C1", back, "Publish it again")
	d.say("U0ANA", "C1", "update My key is AKIAABCDEFGHIJKLMNOP")
	d.holds(d.say("U0ANA", "C1", "update publish"), "Customers would read")
	d.refused("U0ANA", "C1", "update publish 99", bot.KindNotFound)
}

func TestArgumentErrors(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	e := d.refused("U0ANA", "C0", "declare sev9 Checkout is down", bot.KindInvalid)
	if len(e.Lines) != 4 || e.Lines[0].Line != "declare sev1 Checkout is down" || e.Lines[3].Line != "declare -- sev9 Checkout is down" {
		t.Errorf("sev9: %+v", e.Lines)
	}
	e = d.refused("U0ANA", "C1", "status fixed", bot.KindInvalid)
	if len(e.Lines) != 4 || e.Lines[0].Line != "#1 status investigating" {
		t.Errorf("status fixed: %+v", e.Lines)
	}
	for line, want := range map[string]string{
		"component nose=ok":               "no component",
		"component api=fine":              "no state",
		"component api":                   "Which state",
		"assign commander @zoe":           "nobody called",
		"assign boss @ben":                "no role",
		"assign commander @boss extra":    "more than assign takes",
		"milestone impact half past four": "no time",
		"milestone declared 16:00":        "no milestone",
		"declare x --service nose":        "no service",
		"update x --next soon":            "no time",
		"link ftp://example.com/x":        "no web address",
		"redact x y":                      "no number",
		"note x --at tomorrow 16:00":      "still to come",
		"show twelve":                     "more than show takes",
		"resolve x --public --internal":   "exclude",
		"declare x --since 2020-13-45":    "no time",
	} {
		if e := d.refused("U0ANA", "C1", line, bot.KindInvalid); !strings.Contains(e.Error(), want) {
			t.Errorf("%q: %q, want %q", line, e.Error(), want)
		}
	}
	d.refused("U0ANA", "C1", "#1 declare x", bot.KindInvalid)
}

func TestAssign(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.holds(d.say("U0BEN", "C1", "ic"), "You are Incident commander")
	d.say("U0BEN", "C1", "lead @ana")
	d.say("U0BEN", "C1", "assign communications <@U0DAN>")
	d.say("U0BEN", "C1", "role comms none")
	if i := d.incident(1); i.Roles[bot.Commander] != "U0ANA" || i.Roles["comms"] != "" {
		t.Errorf("roles: %v", i.Roles)
	}
	d.refused("U0BEN", "C1", "ic @ana", bot.KindConflict)
}

func TestLooking(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0BEN", "C0", "declare sev3 Logins fail")
	for k := range 20 {
		d.say("U0BEN", "C1", "note entry "+strings.Repeat("long ", k))
	}
	r := d.say("U0BEN", "C1", "timeline")
	d.holds(r, "21 2020", "noted: entry long", "6 earlier entries")
	if strings.Contains(all(r), "\n6 2020") {
		t.Error("more than fifteen are shown")
	}
	d.holds(d.click("U0BEN", "C9", r, "Show all"), "1 2020", "declared SEV1")
	d.holds(d.say("U0BEN", "C0", "list"), "#1 Checkout is down", "#2 Logins fail", "SEV3 · Investigating")
	d.holds(d.say("U0BEN", "C0", "mine"), "#2 Logins fail")
	d.holds(d.say("U0CAT", "C0", "mine"), "no role")
	d.holds(d.say("U0CAT", "C0", "2"), "Logins fail")
	d.holds(d.say("U0CAT", "C1", "show 2 --more"), "Logins fail")
	d.holds(d.say("U0CAT", "C1", ""), "Checkout is down")
	bare := d.say("U0CAT", "C0", "")
	d.holds(bare, "#1 Checkout is down")
	if bare.Form == nil || bare.Form.Verb != "declare" || !strings.Contains(bare.Form.Intro.String(), "#1 Checkout is down") {
		t.Errorf("elsewhere: %+v", bare.Form)
	}
	d.holds(d.say("U0CAT", "C0", "help"), "Run the incident", "declare", "Look")
	d.holds(d.say("U0CAT", "C0", "help mitigate"), "status STATUS", "mitigate stands for status monitoring")
	d.holds(d.say("U0CAT", "C0", "help update fix"), "update fix [N] TEXT")
	d.refused("U0CAT", "C0", "help updaet", bot.KindInvalid)
}

// Times are read in the zone of who types.
func TestZones(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0ANA", "C1", "milestone impact 16:15")
	d.say("U0DAN", "C1", "milestone detected 22:16")
	r := d.say("U0CAT", "C1", "milestone mitigated 21:17")
	d.holds(r, "Times were read in UTC")
	i := d.incident(1)
	for m, minute := range map[bot.Milestone]int{bot.MilestoneImpact: 15, bot.MilestoneDetected: 16, bot.MilestoneMitigated: 17} {
		if at, _ := i.At(m); !at.Equal(time.Date(2020, 1, 23, 21, minute, 0, 0, time.UTC)) {
			t.Errorf("%s is %s", m, at)
		}
	}
}

// Two people at once: both updates are in the record, none is lost.
func TestTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	var wg sync.WaitGroup
	for k := range 20 {
		wg.Go(func() {
			r := d.request("U0BEN", "C1", fmt.Sprintf("update part %d", k))
			if _, err := d.to.Dispatch(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[bot.Text]bool{}
	for _, e := range d.events(1) {
		seen[e.Text] = true
	}
	if len(seen) != 21 {
		t.Errorf("%d of 20 updates are in the record", len(seen)-1)
	}
}

// What people type is logged at debug, that of private incidents never.
func TestLog(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var out strings.Builder
	d.bot.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d.say("U0ANA", "C0", "declare sev1 Checkout is down")
	d.say("U0ANA", "C0", "declare sev1 Canary one --private")
	d.say("U0ANA", "C0", "#2 update Canary two")
	d.refused("U0ANA", "C0", "#2 updaet Canary three", bot.KindInvalid)
	d.refused("U0BEN", "C0", "#2 update Canary four", bot.KindNotFound)
	d.say("U0ANA", "C0", "#2 update resolved Canary five")
	if !strings.Contains(out.String(), "Checkout is down") || strings.Contains(out.String(), "Canary") {
		t.Errorf("the log:\n%s", &out)
	}
}

// The buttons of the cards are lines that work.
func TestCardButtons(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	for range 2 {
		i := d.incident(1)
		r := bot.Reply{Message: d.bot.Settings.Card(i, d.now)}.With(bot.Buttons(d.bot.Settings.MoreButtons(i)...))
		for label, line := range buttons(r) {
			req := d.request("U0BOSS", "C9", line)
			req.Incident = 1
			if label == "Resolve" || strings.HasPrefix(line, "status ") {
				continue // they change what is to be shown
			}
			if reply, err := d.to.Dispatch(t.Context(), req); err != nil || reply.Incident != 1 {
				t.Errorf("%s: %q: %v", label, line, err)
			}
		}
		if i.Open() {
			d.say("U0ANA", "C1", "resolve")
		}
	}
}
