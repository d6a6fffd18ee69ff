package commands

import (
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// From the list to the end, by the buttons alone.
func TestRollbackByButtons(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.deployed(
		bot.Deploy{Service: "api-gateway", Environment: "production", Version: "v41", Previous: "v40", StartedAt: d.now.Add(-48 * time.Hour)},
		bot.Deploy{Service: "api-gateway", Environment: "production", Version: "v42", Actor: "deployer", StartedAt: d.now.Add(-10 * time.Minute)},
		bot.Deploy{Service: "api-gateway", Environment: "staging", Version: "v43", StartedAt: d.now.Add(-5 * time.Minute)},
		bot.Deploy{Service: "api-gateway", Environment: "production", Version: "v44", Status: bot.DeployFailed, StartedAt: d.now.Add(-4 * time.Minute)},
		bot.Deploy{Service: "api-gateway", Environment: "production", Version: "dark-mode", Kind: bot.DeployFlag, StartedAt: d.now.Add(-3 * time.Minute)},
	)
	r := d.say("U0BEN", "C1", "rollback")
	d.holds(r, "gateway-prod: API Gateway in production\nv42 deployed", "by deployer, before it v41", "search-prod: Search in production\nNo deploy of it")
	if got := buttons(r)["Roll back gateway-prod"]; got != "#1 rollback gateway-prod" {
		t.Errorf("Roll back: %q", got)
	}
	if n := len(d.incident(1).Rollbacks); n != 0 {
		t.Fatalf("it started by itself: %d", n)
	}
	r = d.click("U0BEN", "D0BEN", r, "Roll back gateway-prod")
	d.holds(r, "Reading versions of gateway-prod (r1)… The plan appears in <#C1> when they are read.")
	d.holds(d.click("U0BEN", "D0BEN", r, "Show r1"), "Reading which versions run")
	d.planned("r1")
	r = d.click("U0BEN", "D0BEN", r, "Show r1")
	d.holds(r, "Waits for approval", "v42 → v41")
	r = d.click("U0DAN", "D0DAN", r, "Approve")
	d.holds(r, "r1 is approved: main is being sent. Every step is followed in <#C1>.")
	if r.Incident != 1 || d.rollback("r1").ApprovedBy != "U0DAN" {
		t.Errorf("approved: incident %d, %+v", r.Incident, d.rollback("r1"))
	}
	d.holds(d.say("U0BEN", "C1", "rollback"), "r1 is under way in #1: approved")
	d.running("r1")
	card := d.say("U0BEN", "C1", "rollback show")
	d.holds(d.click("U0BEN", "D0BEN", card, "Start chat now"), "chat of r1 is being sent now.")
	for _, step := range []string{"main", "chat"} {
		d.drive("r1", func(w *bot.Work, r *bot.Rollback) error { return bot.EndStep(w, r, step, bot.Ended{OK: true}) })
	}
	d.holds(d.say("U0BEN", "C1", "rollback show"), "Succeeded")
	d.holds(d.say("U0CAT", "C1", "timeline"),
		"<@U0BEN> asked to roll back gateway-prod (r1)", "Tocsin: planned r1: main v42 → v41, chat v42 → v41; it waits for approval",
		"<@U0DAN> approved r1, rollback of gateway-prod", "Tocsin: r1: main was accepted", "<@U0BEN>: r1: chat is sent",
		"Tocsin: r1: chat succeeded; the rollback of gateway-prod has succeeded")
}

// What is given without a target stays given.
func TestRollbackListKeepsFlags(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0BEN", "C1", "rollback --to “v 41” --reason bad memory settings --plan")
	if got := buttons(r)["Roll back search-prod"]; got != `#1 rollback search-prod --to="v 41" --reason="bad memory settings" --plan` {
		t.Errorf("Roll back: %q", got)
	}
	edit := d.click("U0BEN", "C1", r, "…with options")
	if edit.Form == nil || edit.Form.Verb != "rollback" || edit.Form.Incident != 1 || len(edit.Form.Inputs) != 4 {
		t.Fatalf("with options: %+v", edit.Form)
	}
	for _, in := range edit.Form.Inputs {
		if want := map[string]bot.Text{"target": "search-prod", "to": "v 41", "reason": "bad memory settings", "plan": "true"}[in.Name]; in.Value != want {
			t.Errorf("%s is filled with %q, want %q", in.Name, in.Value, want)
		}
	}
	_, err := d.to.Dispatch(t.Context(), bot.Request{User: "U0BEN", Verb: "rollback", Incident: 1, Via: bot.ViaSlack,
		Values: map[string]bot.Text{"target": "search-prod", "to": "v 41", "reason": "bad --plan", "plan": ""}})
	if x := d.rollback("r1"); err != nil || x.Asked != "v 41" || x.Reason != "bad --plan" || x.PlanOnly || x.Target != "search-prod" {
		t.Errorf("sent: %+v, %v", x, err)
	}
	d.exact = true
	r = d.say("U0BEN", "C1", "rollback")
	if b := buttons(r); len(b) != 2 || b["Roll back gateway-prod"] == "" || b["Show r1"] == "" {
		t.Errorf("for a program: %q", b)
	}
}

func TestRollbackTargets(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say("U0ANA", "C0", "declare sev1 Search fails --service search")
	r := d.say("U0BEN", "C0", "#1 rollback")
	if b := buttons(r); b["Roll back search-prod"] != "#1 rollback search-prod" || b["Roll back gateway-prod"] != "" {
		t.Errorf("only the incident's own: %q", b)
	}
	d.holds(d.say("U0BEN", "C0", "#1 rollback gateway-prod --plan"), "API Gateway is none of the services of #1", "Nothing is sent", "in the incident's channel")
	if x := d.rollback("r1"); !x.PlanOnly || len(d.incident(1).Rollbacks) != 0 {
		t.Errorf("only a plan: %+v", x)
	}
	d.bot.Settings.Targets = d.bot.Settings.Targets[:1]
	d.holds(d.say("U0BEN", "C0", "#1 rollback"), "No target is configured for Search; these are all.", "gateway-prod")

	e := d.refused("U0BEN", "C0", "rollback gateway-prod", bot.KindInvalid)
	if len(e.Lines) != 1 || e.Lines[0].Line != "#1 rollback gateway-prod" {
		t.Errorf("elsewhere: %+v", e.Lines)
	}
	e = d.refused("U0BEN", "C0", "#1 rollback gatewy-prod --to v41", bot.KindInvalid)
	if !strings.Contains(e.Hint, "Did you mean gateway-prod?") || len(e.Lines) != 1 || e.Lines[0].Line != "#1 rollback gateway-prod --to=v41" {
		t.Errorf("nearly a target: %q %+v", e.Hint, e.Lines)
	}
	if e = d.refused("U0BEN", "C0", "#1 rollback Approve", bot.KindInvalid); e.Line != "rollback approve" {
		t.Errorf("nearly a verb: %q", e.Line)
	}
	if e = d.refused("U0BEN", "C0", "#1 rollback api-gateway", bot.KindInvalid); !strings.Contains(e.Hint, "its targets: gateway-prod") {
		t.Errorf("a service: %q", e.Hint)
	}
	for _, w := range []string{"watch", "undo", "break-glass", "Undo"} {
		if e = d.refused("U0BEN", "C0", "#1 rollback "+w, bot.KindInvalid); !strings.Contains(e.Text, "not in this version") {
			t.Errorf("%s: %q", w, e.Text)
		}
	}
	d.bot.Settings.Targets = nil
	for _, line := range []string{"#1 rollback", "#1 rollback gateway-prod"} {
		if e = d.refused("U0BEN", "C0", line, bot.KindConflict); e.Text != "No rollback targets are configured; add rollback_targets to the configuration." {
			t.Errorf("%s: %q", line, e.Text)
		}
	}
}

// The lines that an error offers work where it was shown: one that needs an
// incident names it.
func TestRollbackRefusals(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.asked("C1", "gateway-prod")
	e := d.refused("U0BEN", "D0BEN", "rollback approve r1", bot.KindForbidden)
	if strings.Contains(e.Text, "r1 yourself") { // Ben holds no right to approve at all
		t.Errorf("Ben: %q", e.Text)
	}
	d.bot.Settings.Permissions[bot.RightApprove] = []string{"U0BEN", "U0DAN"}
	if e = d.refused("U0BEN", "D0BEN", "rollback approve r1", bot.KindForbidden); !strings.Contains(e.Text, "r1 yourself") {
		t.Errorf("who asked: %q", e.Text)
	}
	e = d.refused("U0BOSS", "D0BOSS", "#1 rollback gateway-prod", bot.KindConflict)
	if e.Line != "rollback show r1" || !strings.Contains(e.Text, "r1 in #1") {
		t.Errorf("a second one: %q %q", e.Text, e.Line)
	}
	d.now = d.now.Add(11 * time.Minute)
	e = d.refused("U0DAN", "D0DAN", "rollback approve r1", bot.KindConflict)
	if e.Line != "#1 rollback gateway-prod" {
		t.Errorf("too late: %q %q", e.Text, e.Line)
	}
	d.holds(d.say("U0DAN", "D0DAN", "rollback deny r1 It is too late"), "r1 is denied; nothing was sent.")
	r := d.say("U0BEN", "D0BEN", "rollback show r1")
	if got := buttons(r)["Ask again"]; got != "#1 rollback gateway-prod" {
		t.Errorf("Ask again: %q", got)
	}
	r = d.click("U0BEN", "D0BEN", r, "Ask again")
	d.click("U0BEN", "D0BEN", r, "Cancel")
	e = d.refused("U0BEN", "D0BEN", "rollback cancel r2", bot.KindConflict)
	if !strings.Contains(e.Sentence().String(), "r2 was cancelled: by <@U0BEN>") {
		t.Errorf("cancelled twice: %q", e.Sentence())
	}
	e = d.refused("U0DAN", "C1", "rollback approve", bot.KindConflict)
	if !strings.Contains(e.Text, "r2 was cancelled") {
		t.Errorf("nothing waits: %q", e.Text)
	}
}

// Without an id a line is about the only rollback that can be meant.
func TestWhichRollback(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.next()
	e := d.refused("U0DAN", "C1", "rollback approve", bot.KindNotFound)
	if e.Line != "#1 rollback" || !strings.Contains(e.Hint, "rollback TARGET") {
		t.Errorf("none: %+v", e)
	}
	d.asked("C1", "gateway-prod")
	d.say("U0BEN", "C1", "rollback search-prod")
	d.holds(d.say("U0DAN", "C1", "rollback deny It is the cache"), "r1 is denied")
	if e := d.events(1)[len(d.events(1))-1]; e.Text != "It is the cache" {
		t.Errorf("the reason: %q", e.Text)
	}
	d.asked("C1", "gateway-prod")
	d.planned("r2")
	e = d.refused("U0DAN", "C1", "rollback approve", bot.KindInvalid)
	if len(e.Lines) != 2 || e.Lines[0].Line != "#1 rollback approve r3" || e.Lines[0].Label != "Approve r3: gateway-prod" || e.Lines[0].Confirm == nil {
		t.Fatalf("two wait: %+v", e.Lines)
	}
	if !strings.Contains(e.Hint, "r2 (search-prod, waits for approval)") {
		t.Errorf("two wait, for a program: %q", e.Hint)
	}
	e = d.refused("U0DAN", "D0DAN", "rollback deny It is too late", bot.KindInvalid)
	if len(e.Lines) != 2 || e.Lines[1].Line != "rollback deny r2 It is too late" {
		t.Errorf("elsewhere: %+v", e.Lines)
	}
	d.holds(d.say("U0DAN", "D0DAN", e.Lines[1].Line), "r2 is denied")
	d.holds(d.say("U0DAN", "C1", "rollback approve"), "r3 is approved")
	if e = d.refused("U0DAN", "C2", "rollback approve", bot.KindNotFound); e.Line != "#2 rollback" {
		t.Errorf("another incident: %+v", e)
	}
	if e = d.refused("U0DAN", "C1", "rollback approve", bot.KindConflict); !strings.Contains(e.Sentence().String(), "r3 was approved already and is under way: by <@U0DAN>") {
		t.Errorf("approved already: %q", e.Sentence())
	}
	e = d.refused("U0DAN", "C1", "#2 rollback show r3", bot.KindInvalid)
	if e.Line != "rollback show r3" || !strings.Contains(e.Text, "r3 is a rollback of #1") {
		t.Errorf("of another incident: %+v", e)
	}
	if e = d.refused("U0DAN", "C1", "#99 rollback show r3", bot.KindInvalid); e.Line != "rollback show r3" {
		t.Errorf("of none: %+v", e)
	}
	d.holds(d.say("U0DAN", "C2", "rollback show 3"), "r3: API Gateway in production")
	d.holds(d.say("U0DAN", "C2", "<#C1> rollback show r3"), "r3: API Gateway in production")
	e = d.refused("U0DAN", "C0", "rollback resend", bot.KindInvalid)
	if len(e.Lines) != 0 || !strings.Contains(e.Hint, "rollback resend r7") {
		t.Errorf("nothing to resend: %+v", e)
	}
}

// Many approve at once: it is approved once, and the others learn by whom.
func TestApproveTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.asked("C1", "gateway-prod")
	var wg sync.WaitGroup
	var done atomic.Int64
	for range 10 {
		wg.Go(func() {
			r, err := d.to.Dispatch(t.Context(), d.request("U0DAN", "D0DAN", "rollback approve r1"))
			if err == nil {
				d.holds(r, "main is being sent")
				done.Add(1)
			} else if bot.KindOf(err) != bot.KindConflict || !strings.Contains(err.Error(), "by <@U0DAN>") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 {
		t.Errorf("it was approved %d times", done.Load())
	}
}

func TestRollbackUnknownOutcome(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.asked("C1", "gateway-prod")
	d.say("U0DAN", "C1", "rollback approve")
	d.lost("r1")
	d.holds(d.say("U0BEN", "C1", "rollback resend"), "main of r1 is being sent again.")
	d.lost("r1")
	card := d.say("U0BEN", "C1", "rollback show")
	d.holds(card, "Outcome unknown")
	d.holds(d.click("U0BEN", "D0BEN", card, "main is done"), "main of r1 counts as done. chat is being sent.")
	d.holds(d.say("U0BEN", "C1", "rollback cancel"), "r1 is closed as it stands: main succeeded, chat cancelled.")

	d.asked("C1", "gateway-prod")
	d.say("U0DAN", "C1", "rollback approve")
	d.running("r2")
	d.holds(d.say("U0ANA", "C1", "rollback cancel r2 It gets better"), "What had not begun of r2 is cancelled", "main running, chat cancelled")
	d.drive("r2", func(w *bot.Work, r *bot.Rollback) error { return bot.TimeOutStep(w, r, "main", "watched for an hour") })
	d.refused("U0BEN", "C1", "rollback resend", bot.KindConflict)
	d.refused("U0BEN", "C1", "rollback done r2 chat", bot.KindConflict)
	d.holds(d.say("U0BEN", "C1", "rollback done main"), "main of r2 counts as done. r2: main succeeded, chat cancelled.")
}

// The id of a rollback in a private incident answers to a non-member like one
// never used.
func TestPrivateRollback(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say("U0BEN", "C0", "declare sev1 Canary in the logs --private")
	d.next()
	d.update(func(tx bot.Tx) error { return tx.SetMembers(1, []bot.UserID{"U0BEN", "U0DAN"}) })
	d.say("U0BEN", "C0", "#1 rollback gateway-prod")
	d.planned("r1")
	for _, line := range []string{
		"rollback approve rN", "rollback deny rN x", "rollback cancel N", "rollback show rN", "rollback next rN", "rollback done rN main",
		"rollback resend rN", "#2 rollback show rN", "rollback deny N nodes",
	} {
		answer := func(n string) string {
			r, err := d.try("U0BOSS", "D0BOSS", strings.ReplaceAll(line, "N", n))
			out := all(r)
			if err != nil {
				out = string(bot.KindOf(err)) + err.Error()
			}
			return regexp.MustCompile(`\br`+n+`\b`).ReplaceAllString(out, "rN")
		}
		if own, never := answer("1"), answer("9"); own != never || !strings.Contains(own, "There is no rollback rN.") {
			t.Errorf("%q: %q, an id never used: %q", line, own, never)
		}
	}
	r := d.say("U0BOSS", "C2", "rollback")
	if strings.Contains(all(r), "under way") || buttons(r)["Roll back gateway-prod"] == "" {
		t.Errorf("the list tells: %s", all(r))
	}
	if e := d.refused("U0BOSS", "C2", "rollback gateway-prod", bot.KindConflict); e.Line != "" || strings.Contains(e.Error(), "#1") {
		t.Errorf("the lock tells: %+v", e)
	}
	if e := d.refused("U0BOSS", "D0BOSS", "rollback approve", bot.KindInvalid); len(e.Lines) != 0 {
		t.Errorf("the offers tell: %+v", e)
	}
	e := d.refused("U0DAN", "D0DAN", "rollback deny 9 nodes are left", bot.KindNotFound)
	if len(e.Lines) != 1 || e.Lines[0].Line != "rollback deny -- 9 nodes are left" {
		t.Errorf("it was text: %+v", e.Lines)
	}
	d.holds(d.say("U0DAN", "D0DAN", "rollback deny r1"), "r1 is denied")
}

// While Slack cannot be reached an older word on groups counts, and is said to.
func TestRollbackByOldGroups(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.bot.Settings.Permissions[bot.RightRollback] = []string{"S0ONCALL"}
	at := d.now
	d.update(func(tx bot.Tx) error {
		return tx.SaveGroup(bot.Group{ID: "S0ONCALL", Members: []bot.UserID{"U0BEN"}, SyncedAt: at})
	})
	if r := d.say("U0BEN", "C1", "rollback search-prod"); strings.Contains(all(r), "as of") {
		t.Errorf("a fresh word: %s", all(r))
	}
	d.now = d.now.Add(time.Hour)
	d.refused("U0BEN", "C1", "rollback gateway-prod", bot.KindForbidden)
	d.bot.Reachable = func() bool { return false }
	d.holds(d.say("U0BEN", "C1", "rollback gateway-prod"), "Who is in your groups is as of 2020-01-23 21:20 UTC, since Slack cannot be reached.")
	if r := d.say("U0DAN", "C1", "rollback deny r1"); strings.Contains(all(r), "as of") {
		t.Errorf("Dan is named by his id: %s", all(r))
	}
}
