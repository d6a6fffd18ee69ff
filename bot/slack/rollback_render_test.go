package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// hostile is what a deploy system could call a version.
const hostile = "<!channel> @here `v1` *x* </plan> & \n<https://x.test|y>\x02%channel\x03é🦀"

// rollbackOf is a rollback of n steps that waits, with everything in it called s.
func rollbackOf(n int, s string) *bot.Rollback {
	at := time.Date(2020, 1, 23, 16, 15, 0, 0, time.UTC)
	until := at.Add(bot.ApprovalTime)
	r := &bot.Rollback{
		ID: "r1", Incident: 12, Target: s, Service: s, Environment: s, State: bot.RollbackAwaiting, RequestedBy: "U0ANA", RequestedAt: at,
		ReadAt: &at, ExpiresAt: &until, PlanHash: "0123456789", Reason: bot.Plain(s), Why: s, Asked: s,
	}
	for k := range n {
		v := bot.Version{ID: s + fmt.Sprint(k), Label: s, At: &at, By: s}
		r.Steps = append(r.Steps, bot.Step{
			Name: fmt.Sprint("step", k, s), From: v, To: bot.Version{ID: "to", Label: "to " + s}, State: bot.StepPending, Message: s, Link: "https://x.test/" + s,
		})
	}
	return r
}

// allStates gives a rollback every state that it can have, one after the other.
func allStates(r *bot.Rollback, fn func()) {
	at := r.RequestedAt
	for _, state := range []bot.RollbackState{
		bot.RollbackAwaiting, bot.RollbackRequested, bot.RollbackApproved, bot.RollbackSubmitting, bot.RollbackRunning, bot.RollbackBlocked, bot.RollbackVerifying,
		bot.RollbackUnknown, bot.RollbackTimedOut, bot.RollbackSucceeded, bot.RollbackFailed, bot.RollbackCancelled, bot.RollbackDenied, bot.RollbackExpired, bot.RollbackVoided,
	} {
		if r.State = state; state != bot.RollbackAwaiting && state != bot.RollbackRequested {
			r.ApprovedAt, r.ApprovedBy, r.ClosedBy, r.EndedAt = &at, "U0BEN", "U0BEN", &at
			for k := range r.Steps {
				r.Steps[k].State, r.Steps[k].SubmittedAt, r.Steps[k].HeardAt = state, &at, &at
			}
		}
		fn()
	}
}

// TestRollbackDraws: whatever versions, steps and messages are called, Slack
// takes what is drawn of a rollback, the buttons are kept, and nobody is called
// who is not meant.
func TestRollbackDraws(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	set := bot.Defaults()
	posted := map[string]bool{} // much is drawn alike in many states
	for _, name := range []string{"x", hostile, strings.Repeat("long", 50), strings.Repeat("<", 200), strings.Repeat("🦀", 200), ""} {
		for _, n := range []int{1, 10} {
			r := rollbackOf(n, name)
			i := &bot.Incident{Number: 12, Title: bot.Plain(name), Rollbacks: []bot.RollbackRef{{ID: "r1", Target: name, State: r.State}}}
			s := &Slack{bot: &bot.Bot{Settings: &set, Now: func() time.Time { return r.RequestedAt.Add(time.Hour) }}}
			draws := func(m bot.Message, button string) {
				t.Helper()
				d := s.one(m, i)
				key, err := json.Marshal([]any{d.text, d.blocks, button})
				if err != nil {
					t.Fatal(err)
				}
				if posted[string(key)] {
					return
				}
				posted[string(key)] = true
				got := b.take(t.Context(), t, d)
				if raw := got.Text + mrkdwnOf(got.Blocks); strings.Contains(raw, "<!channel") || strings.Contains(raw, "<!subteam^channel") || strings.Contains(raw, "<https://x.test|y>") {
					t.Errorf("%.1000s", raw)
				}
				if !strings.Contains(string(got.Blocks), `"`+button+`"`) {
					t.Errorf("no button %q in %.2000s", button, got.Blocks)
				}
			}
			allStates(r, func() {
				task := &task{i: i, r: r, e: bot.Event{Data: bot.Data{Rollback: &bot.RollbackMark{ID: "r1", Step: name}}}}
				button := "type" // some word that every message has
				switch {
				case r.State == bot.RollbackAwaiting:
					button = "Approve"
				case r.State == bot.RollbackUnknown && name == "x":
					button = "Give it up"
				case r.State == bot.RollbackUnknown:
					button = "button"
				}
				draws(set.RollbackCard(r, bot.Approvers{Groups: []bot.GroupID{"S0SRE"}}, s.now()), button)
				draws(s.askMessage(task), button)
				draws(nudgeMessage(task), "Show r1")
				draws(closedOffer(r, &r.Steps[0]), "type")
				draws(set.Card(i, s.now()), "Update")
			})
		}
	}
}

// TestRollbackConfirm: the dialog is never cut by the drawing.
func TestRollbackConfirm(t *testing.T) {
	t.Parallel()
	set := bot.Defaults()
	for _, name := range []string{"x", hostile, strings.Repeat("long", 50), strings.Repeat("<", 200), ""} {
		for n := 1; n <= 12; n++ {
			q := set.RollbackButtons(rollbackOf(n, name))[0].Confirm
			got := confirm(q).Text.Text
			if strings.HasSuffix(got, "…") || !strings.HasSuffix(got, "secrets.") {
				t.Errorf("%d steps %.20q: %q", n, name, got)
			}
		}
	}
}

// TestRollbackPlan says what follows from each entry of a rollback.
func TestRollbackPlan(t *testing.T) {
	t.Parallel()
	set := bot.Defaults()
	s := &Slack{bot: &bot.Bot{Settings: &set}}
	at := time.Date(2020, 1, 23, 16, 15, 0, 0, time.UTC)
	for _, c := range []struct {
		mark bot.RollbackMark
		want string
	}{
		{bot.RollbackMark{State: bot.RollbackRequested}, "card"},
		{bot.RollbackMark{State: bot.RollbackRequested, PlanOnly: true}, ""},
		{bot.RollbackMark{State: bot.RollbackAwaiting}, "plan card summon summon summon"},
		{bot.RollbackMark{State: bot.RollbackVoided, PlanOnly: true}, "plan"},
		{bot.RollbackMark{State: bot.RollbackVoided}, "progress post card unask"},
		{bot.RollbackMark{State: bot.RollbackFailed}, "plan post card"},
		{bot.RollbackMark{State: bot.RollbackFailed, StepState: bot.RollbackCancelled}, "progress post card unask"},
		{bot.RollbackMark{State: bot.RollbackApproved, Start: []string{"main"}}, "progress post card unask"},
		{bot.RollbackMark{State: bot.RollbackDenied}, "progress post card unask"},
		{bot.RollbackMark{State: bot.RollbackCancelled}, "progress post card unask"},
		{bot.RollbackMark{State: bot.RollbackExpired}, "progress post card unask"},
		{bot.RollbackMark{State: bot.RollbackRunning, Step: "main", StepState: bot.RollbackRunning}, "progress offer card"},
		{bot.RollbackMark{State: bot.RollbackVerifying, Step: "main", StepState: bot.RollbackVerifying}, "progress card"},
		{bot.RollbackMark{State: bot.RollbackBlocked, Step: "main", StepState: bot.RollbackBlocked}, "progress post card"},
		{bot.RollbackMark{State: bot.RollbackUnknown, Step: "main", StepState: bot.RollbackUnknown}, "progress post card"},
		{bot.RollbackMark{State: bot.RollbackTimedOut, Step: "main", StepState: bot.RollbackTimedOut}, "progress post card"},
		{bot.RollbackMark{State: bot.RollbackRunning, Step: "chat", StepState: bot.StepPending, Start: []string{"chat"}}, "progress post card"},
		{bot.RollbackMark{State: bot.RollbackFailed, Step: "main", StepState: bot.RollbackFailed}, "progress post card"},
		{bot.RollbackMark{State: bot.RollbackAwaiting, Step: "main", StepState: bot.RollbackSucceeded}, "progress post card"},
	} {
		c.mark.ID = "r1"
		var got []string
		for _, j := range s.Plan(bot.Event{Incident: 12, Kind: bot.EventRollback, RecordedAt: at, Data: bot.Data{Rollback: &c.mark}}, &bot.Incident{Number: 12}) {
			got = append(got, j.Kind)
			if strings.Contains(string(j.Payload), "main") || !strings.Contains(string(j.Payload), `"rollback":"r1"`) || j.Incident != 12 {
				t.Errorf("%+v", j)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v, want %s", c.mark, got, c.want)
		}
	}
	kinds := s.Plan(bot.Event{Incident: 12, Kind: bot.EventDeploy, Data: bot.Data{Deploy: &bot.DeployMark{}}}, &bot.Incident{Number: 12})
	if len(kinds) != 1 || kinds[0].Kind != "post" || len(s.Plan(bot.Event{Kind: bot.EventDeploy}, nil)) > 0 {
		t.Errorf("%+v", kinds)
	}
	if l := s.Plan(bot.Event{Incident: 12, Kind: bot.EventRollback}, &bot.Incident{Number: 12}); len(l) > 0 {
		t.Errorf("an entry that says nothing: %+v", l)
	}
}

// TestRollbackHeads are the headlines of what is posted.
func TestRollbackHeads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		actor bot.UserID
		mark  bot.RollbackMark
		want  string
	}{
		{"U0BEN", bot.RollbackMark{State: bot.RollbackApproved, Start: []string{"main", "chat"}}, "<@U0BEN> approved r1, rollback of gw; main and chat are being sent"},
		{"", bot.RollbackMark{State: bot.RollbackExpired}, "Rollback r1 expired: nobody approved it in time"},
		{"U0BEN", bot.RollbackMark{State: bot.RollbackRunning, StepState: bot.RollbackCancelled}, "<@U0BEN> cancelled what had not begun of r1"},
		{"U0BEN", bot.RollbackMark{State: bot.RollbackRunning, Step: "chat", StepState: bot.StepPending, Start: []string{"chat"}}, "Rollback r1: chat is sent"},
		{"", bot.RollbackMark{State: bot.RollbackBlocked, Step: "main", StepState: bot.RollbackBlocked}, "Rollback r1: main waits for somebody in the deploy system"},
		{"", bot.RollbackMark{State: bot.RollbackAwaiting}, "Planned r1: ; it waits for approval"},
	} {
		c.mark.ID, c.mark.Target = "r1", "gw"
		if got := rollbackHead(bot.Event{Actor: c.actor, Data: bot.Data{Rollback: &c.mark}}).String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestTicking: a clock runs while something is under way, and not while a person
// or nobody is waited for.
func TestTicking(t *testing.T) {
	t.Parallel()
	still := []bot.RollbackState{
		bot.RollbackRequested, bot.RollbackAwaiting, bot.RollbackUnknown, bot.RollbackTimedOut, bot.RollbackSucceeded, bot.RollbackFailed,
		bot.RollbackCancelled, bot.RollbackDenied, bot.RollbackExpired, bot.RollbackVoided,
	}
	r := rollbackOf(2, "x")
	allStates(r, func() {
		if got := ticking(r); got == slices.Contains(still, r.State) {
			t.Errorf("%s: %v", r.State, got)
		}
	})
	r.State, r.Steps[0].State, r.Steps[1].State = bot.RollbackUnknown, bot.RollbackUnknown, bot.RollbackRunning
	if !ticking(r) {
		t.Error("the second step runs")
	}
}

// FuzzRollback: what a deploy system says cannot break a message or a dialog.
func FuzzRollback(f *testing.F) {
	for _, s := range []string{"", hostile, strings.Repeat("<&>", 100), "\xff\x00"} {
		f.Add(s, 10)
	}
	b, set := newBoard(f), bot.Defaults()
	f.Fuzz(func(t *testing.T, s string, n int) {
		if len(s) > 2000 {
			s = s[:2000]
		}
		r := rollbackOf(max(1, min(n, 10)), s)
		m := set.RollbackCard(r, bot.Approvers{}, r.RequestedAt)
		got := b.take(t.Context(), t, drawOne(m, 12, "`there`"))
		if raw := got.Text + mrkdwnOf(got.Blocks); strings.Contains(raw, "<!channel") || strings.Contains(raw, "<!here") {
			t.Fatalf("%.1000s", raw)
		}
		var blocks []struct {
			Elements []struct {
				Confirm *api.ConfirmationBlockObject `json:"confirm"`
			} `json:"elements"`
		}
		if err := json.Unmarshal(got.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks {
			for _, e := range block.Elements {
				if e.Confirm != nil && e.Confirm.Text != nil && strings.HasSuffix(e.Confirm.Text.Text, "…") {
					t.Fatalf("a dialog was cut: %q", e.Confirm.Text.Text)
				}
			}
		}
	})
}
