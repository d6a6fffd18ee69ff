package commands

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0BEN", "C1", "task")
	d.holds(r, "has no tasks. Add one: task add TEXT")
	if r = d.click("U0BEN", "C9", r, "Add a task"); r.Form == nil || r.Form.Verb != "task add" || r.Form.Incident != 1 {
		t.Errorf("add by a button: %+v", r.Form)
	}
	r = d.say("U0BEN", "C1", "todo add Watch the queue --owner @ana")
	d.holds(r, "Task 1 of #1 Checkout is down: Watch the queue — <@U0ANA>")
	if e := d.refused("U0BEN", "C1", "task add Watch the queue", bot.KindConflict); !strings.Contains(e.Text, "task 1 already") {
		t.Errorf("twice: %q", e.Text)
	}
	d.say("U0BEN", "C1", "task add Call the provider")
	d.holds(d.click("U0CAT", "C9", r, "Task 1 is done"), "Task 1 is done: Watch the queue. 1 task is open.")
	if e := d.refused("U0BEN", "C1", "todo done 1", bot.KindConflict); !strings.Contains(e.Sentence().String(), "Task 1 is done already: <@U0CAT>, 2020-01-23") {
		t.Errorf("done twice: %q", e.Sentence())
	}
	r = d.say("U0BEN", "C1", "task list")
	d.holds(r, "2 Call the provider\n", "1 Watch the queue — done by <@U0CAT> 2020-01-23")
	d.holds(d.click("U0BEN", "C9", r, "Make 2 an action item"), "Action item 1 of #1 Checkout is down: Call the provider")
	d.holds(d.say("U0BEN", "C1", "task"), "2 Call the provider — action item 1 by now")
	if e := d.refused("U0BEN", "C1", "task promote 2", bot.KindConflict); !strings.Contains(e.Sentence().String(), "is action item 1 by now: <@U0BEN>") {
		t.Errorf("promoted twice: %q", e.Sentence())
	}
	if e := d.refused("U0BEN", "C1", "task done 7", bot.KindNotFound); e.Line != "#1 task list" {
		t.Errorf("none: %+v", e)
	}
	if e := d.refused("U0BEN", "C1", "task promote all", bot.KindConflict); !strings.Contains(e.Text, "No task of #1 is open.") || e.Line != "#1 task list" {
		t.Errorf("nothing to promote: %+v", e)
	}
	if e := d.refused("U0BEN", "C1", "task promote some", bot.KindInvalid); !strings.Contains(e.Hint, "or write all") {
		t.Errorf("some: %+v", e)
	}
	if e := d.refused("U0BEN", "C0", "task add Call", bot.KindInvalid); len(e.Lines) != 1 || e.Lines[0].Line != "#1 task add Call" {
		t.Errorf("the wrong channel: %+v", e.Lines)
	}
	d.holds(d.say("U0BEN", "C0", "#1 todo"), "Watch the queue")
}

// Tasks stay visible however many there are.
func TestManyTasks(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	for k := range 40 {
		d.say("U0BEN", "C1", fmt.Sprintf("task add Thing %d", k+1))
	}
	r := d.say("U0BEN", "C1", "task")
	d.holds(r, "25 Thing 25", "15 more are not shown")
	if len(r.Blocks) > 50 {
		t.Errorf("%d blocks", len(r.Blocks))
	}
	r = d.say("U0BEN", "C1", "resolve")
	d.holds(r, "25 Thing 25", "15 more; task list lists them.")
	if len(buttons(r)) != maxActs+2 {
		t.Errorf("buttons: %q", buttons(r))
	}
}

// Resolve asks what becomes of what is still open.
func TestResolveAsks(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.bot.Settings.Followups.Repo = "acme/postmortems"
	d.say("U0BEN", "C1", "task add Watch the queue")
	d.say("U0BEN", "C1", "task add Raise the limit of the connection pool for good --owner @dan")
	d.say("U0BEN", "C1", "task add Call the provider")
	d.say("U0BEN", "C1", "task done 3")
	d.say("U0ANA", "C1", "remind in 20m Look again")
	d.say("U0BEN", "C1", "remind in 30m Look again")
	d.say("U0BEN", "D0BEN", "remind in 30m My own")
	r := d.say("U0BEN", "C1", "update resolved DNS is back")
	r = d.click("U0BEN", "C1", r, "Resolve incident")
	d.holds(r, "is resolved", "which of them become action items?", "1 Watch the queue", "2 reminders stay set.", "The post-mortem is due on 30 Jan 2020; <@U0ANA> is reminded of it.")
	want := map[string]string{
		"Make action item: Watch the queue": "#1 task promote 1", "Make action item: Raise the limit of the connection pool …": "#1 task promote 2",
		"Make all 2 action items": "#1 task promote all", "Show reminders": "#1 remind list", "Post-mortem": "#1 postmortem",
	}
	for label, line := range want {
		if got := buttons(r)[label]; got != line {
			t.Errorf("%s: %q, want %q; there are %q", label, got, line, buttons(r))
		}
	}
	d.holds(d.click("U0BEN", "C9", r, "Show reminders"), "2 reminders wait for #1")
	all := d.click("U0BEN", "C9", r, "Make all 2 action items")
	d.holds(all, "2 tasks are action items now.", "1 [OPEN] Watch the queue", "2 [OPEN] Raise", "<@U0DAN>", "2 issues in acme/postmortems are being opened.")
	d.say("U0BEN", "C1", "reopen It is back")
	if r := d.say("U0BEN", "C1", "status resolved"); strings.Contains(r.Summary.String(), "tasks") || buttons(r)["Make all 2 action items"] != "" {
		t.Errorf("nothing is open any more: %q", buttons(r))
	}

	d = newDesk(t)
	d.say("U0BEN", "C0", "declare sev3 A minor thing")
	if r := d.say("U0BEN", "C0", "#1 resolve"); len(buttons(r)) != 0 || len(r.Blocks) != 1 {
		t.Errorf("nothing to ask: %q", buttons(r))
	}
}

// A task whose like was made an action item just now stays one, and the others
// become items.
func TestPromoteAllSkips(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0BEN", "C1", "task add Watch the queue")
	d.say("U0ANA", "C1", "task add Watch the queue")
	d.say("U0ANA", "C1", "task add Call the provider")
	r := d.say("U0BEN", "C1", "task promote all")
	d.holds(r, "2 tasks are action items now.", "Task 2 stays a task: That is action item 1 already.")
	if open := d.incident(1).OpenTasks(); len(open) != 1 || open[0].Number != 2 {
		t.Errorf("open: %+v", open)
	}
	d.refused("U0BEN", "C1", "task promote all", bot.KindConflict)
}
