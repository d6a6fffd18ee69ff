package commands

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestDeclare(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	r := d.say("U0ANA", "C0", "declare Checkout is down --since 16:15")
	i := d.incident(1)
	if r.Incident != 1 || i.Severity != "sev2" || !i.Assumed || i.Roles[bot.Commander] != "U0ANA" {
		t.Errorf("declared: %+v", i)
	}
	if at, _ := i.At(bot.MilestoneImpact); !at.Equal(time.Date(2020, 1, 23, 21, 15, 0, 0, time.UTC)) {
		t.Errorf("16:15 in New York is %s", at)
	}
	d.holds(r, "assumed", "#1 Checkout is down")
	d.click("U0ANA", "C0", r, "SEV1 Critical")
	if i := d.incident(1); i.Severity != "sev1" || i.Assumed {
		t.Errorf("after the click: %s", i.Severity)
	}
}

func TestDeclareAsksForDuplicates(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0BEN", "C0", "declare sev1 The checkout is down --service Search")
	d.holds(r, "Is it the same?")
	if len(buttons(r)) != 2 || buttons(r)["Join #1"] != "show 1" {
		t.Errorf("buttons: %q", buttons(r))
	}
	r = d.click("U0BEN", "C0", r, "Declare anyway")
	if i := d.incident(2); r.Incident != 2 || i.Title != "The checkout is down" || len(i.Services) != 1 {
		t.Errorf("declared anyway: %+v", i)
	}
	d.exact = true
	d.say("U0BEN", "C0", "declare sev1 The checkout is down")
	d.exact = false
	d.say("U0ANA", "C0", "declare sev1 Another thing fails --private")
	d.say("U0BEN", "C0", "declare sev1 Another thing fails")
	if d.incident(5).Private {
		t.Error("5 is Ben's own")
	}
	d.say("U0ANA", "C0", "test Something else breaks")
	d.say("U0BEN", "C0", "declare sev1 Something else breaks")
	if d.incident(7).Drill {
		t.Error("7 is no drill")
	}
	d.now = d.now.Add(11 * time.Minute)
	d.say("U0CAT", "C0", "declare sev1 Checkout is down")
}

func TestUpdateResolvedAsks(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0BEN", "C1", "update resolved the DNS part, chat still down --next 30m")
	if i := d.incident(1); !i.Open() || i.LastText != "" {
		t.Fatalf("it ran by itself: %+v", i)
	}
	text := d.click("U0BEN", "C9", r, "It was text")
	d.holds(text, "Posted to the team")
	if i := d.incident(1); i.LastText != "resolved the DNS part, chat still down" || i.NextBy == nil || i.Status != bot.Investigating {
		t.Errorf("as text: %+v", i)
	}
	d.click("U0BEN", "C9", r, "Resolve incident")
	if i := d.incident(1); i.Status != bot.Resolved || i.LastText != "the DNS part, chat still down" {
		t.Errorf("resolved: %+v", i)
	}

	d.say("U0BEN", "C1", "reopen It is back")
	d.exact = true
	d.say("U0BEN", "C1", "update resolved the DNS part")
	if i := d.incident(1); i.Status != bot.Resolved {
		t.Errorf("a program takes the words as written: %s", i.Status)
	}
}

func TestOtherStatusWordsApply(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0BEN", "C1", "status identified")
	r := d.say("U0BEN", "C1", "update monitoring is broken, too")
	if i := d.incident(1); i.Status != bot.Monitoring || i.LastText != "is broken, too" {
		t.Fatalf("applied: %+v", i)
	}
	d.click("U0BEN", "C1", r, "It was text")
	if i := d.incident(1); i.Status != bot.Identified || i.LastText != "monitoring is broken, too" {
		t.Errorf("kept as text: %s %q", i.Status, i.LastText)
	}
	if r := d.say("U0BEN", "C1", "update Monitoring: all is quiet"); len(buttons(r)) != 0 {
		t.Errorf("a colon says that it was no text: %q", buttons(r))
	}
}

func TestSameStatusTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0BEN", "C1", "status identified")
	n := len(d.events(1))
	e := d.refused("U0CAT", "C1", "status identified", bot.KindConflict)
	if !strings.Contains(e.Error(), "<@U0BEN>") || len(d.events(1)) != n {
		t.Errorf("the second: %q", e.Error())
	}
	d.say("U0BEN", "C1", "resolve")
	if e := d.refused("U0CAT", "C1", "status monitoring", bot.KindConflict); !strings.Contains(e.Hint, "reopen") {
		t.Errorf("after the end: %+v", e)
	}
}

func TestWrongChannel(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	for _, title := range []string{"Logins fail", "Chat lags", "Mail bounces", "Search stalls", "Disk fills", "Queue grows"} {
		d.say("U0BEN", "C0", "declare sev3 "+title+" --new")
	}
	e := d.refused("U0ANA", "C0", "update monitoring It's --public “quoted”", bot.KindInvalid)
	if len(e.Lines) != 5 || !strings.HasPrefix(e.Lines[0].Label, "Send to #1 ") {
		t.Fatalf("offers: %+v", e.Lines)
	}
	d.say("U0ANA", "C0", e.Lines[0].Line)
	if i := d.incident(1); i.LastText != "It's --public “quoted”" || i.Status != bot.Monitoring || i.Published() {
		t.Errorf("the offered line: %+v", i)
	}
	d.say("U0ANA", "C0", "#1 status identified")
	d.say("U0ANA", "C0", "<#C1> status monitoring")
	d.refused("U0ANA", "C0", "<#C2> status monitoring", bot.KindNotFound)
	d.refused("U0ANA", "C0", "#99 status monitoring", bot.KindNotFound)
}

func TestMissingArgumentOpensTheForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0ANA", "C1", "update monitoring --public")
	if r.Form == nil || r.Form.Verb != "update" || r.Form.Incident != 1 || r.Form.Channel != "C1" {
		t.Fatalf("form: %+v", r.Form)
	}
	for _, in := range r.Form.Inputs {
		if want := map[string]bot.Text{"status": "monitoring", "public": "true"}[in.Name]; in.Value != want {
			t.Errorf("%s is filled with %q, want %q", in.Name, in.Value, want)
		}
		if in.Name == "sure" || in.Name == "edit" {
			t.Errorf("%s is no input", in.Name)
		}
	}
	d.exact = true
	if e := d.refused("U0ANA", "C1", "update monitoring --public", bot.KindInvalid); !strings.Contains(e.Hint, "update [STATUS] TEXT") {
		t.Errorf("for a program: %+v", e)
	}
	d.exact = false
	if e := d.refused("U0CAT", "C1", "update monitoring --public", bot.KindForbidden); !strings.Contains(e.Hint, "<@U0ANA>") {
		t.Errorf("no form for who may not: %+v", e)
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	send := func(user bot.UserID, verb string, v map[string]bot.Text) (bot.Reply, error) {
		return d.to.Dispatch(t.Context(), bot.Request{User: user, Verb: verb, Values: v, Incident: 1, Via: bot.ViaSlack})
	}
	_, err := send("U0ANA", "update", map[string]bot.Text{
		"status": "monitoring", "text": " resolved --public is text\nand so is this ", "public": "", "component": "web=major_outage\napi=ok", "next": "", "at": "",
	})
	i := d.incident(1)
	if err != nil || i.LastText != "resolved --public is text\nand so is this" || i.Published() || i.Components["web"] != bot.MajorOutage || i.Status != bot.Monitoring {
		t.Errorf("sent: %+v, %v", i, err)
	}
	_, err = send("U0ANA", "update", map[string]bot.Text{"text": "x", "component": "nose=ok", "next": "soon"})
	var fields *bot.FormError
	if !errors.As(err, &fields) || len(fields.Fields) != 2 || fields.Fields["component"] == "" || fields.Fields["next"] == "" {
		t.Errorf("two faults: %v %+v", err, fields)
	}
	if _, err = send("U0ANA", "update", map[string]bot.Text{"text": " "}); !errors.As(err, &fields) || fields.Fields["text"] == "" {
		t.Errorf("an empty text: %v", err)
	}
	for _, v := range []map[string]bot.Text{{"text": "x", "colour": "red"}} {
		if _, err = send("U0ANA", "update", v); bot.KindOf(err) != bot.KindInvalid {
			t.Errorf("an unknown input: %v", err)
		}
	}
	if _, err := send("U0ANA", "assign", map[string]bot.Text{"role": "comms", "user": bot.MentionUser("U0BEN")}); err != nil || d.incident(1).Roles["comms"] != "U0BEN" {
		t.Errorf("assign: %v", err)
	}
	// Without a status given the form leaves it as it is.
	if _, err := send("U0ANA", "update", map[string]bot.Text{"text": "more", "status": ""}); err != nil || d.incident(1).Status != bot.Monitoring {
		t.Errorf("an empty choice: %v", err)
	}
}
