package commands

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// From the first line to the end, with and without an issue.
func TestActionItems(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0CAT", "C1", "followup add Alert on the queue")
	d.holds(r, "Action item 1 of #1 Checkout is down: Alert on the queue", "No owner; <@U0ANA> is reminded of it, due 7 Feb 2020",
		"No repository for follow-ups is set; kept here, no issue opened.", "Due 15 days after today by the policy of SEV1.")
	d.bot.Settings.Followups.Repo = "acme/postmortems"
	d.say("U0ANA", "C1", "resolve")
	r = d.say("U0BEN", "C0", "#1 action add Limit the retries --owner @ana --due 2020-02-03 —priority P1 --service Search")
	d.holds(r, "Owner <@U0ANA>, due 3 Feb 2020.", "An issue in acme/postmortems is being opened.")
	if strings.Contains(all(r), "by the policy") {
		t.Errorf("the date was given: %s", all(r))
	}
	if f := d.followUp(2); f.Priority != "p1" || f.Service != "search" || f.AddedBy != "U0BEN" || r.Incident != 1 {
		t.Errorf("added: %+v", f)
	}
	d.holds(d.say("U0BEN", "C7", "action start 2"), "Action item 2 of #1 is IN PROGRESS: Limit the retries.")
	d.issued(2, 7)
	r = d.say("U0BEN", "C7", "action done #2 It is out")
	d.holds(r, "Action item 2 of #1 is DONE", "Its issue acme/postmortems#7 (https://github.com/acme/postmortems/issues/7) is being closed, too.")
	if r.Incident != 1 {
		t.Errorf("it brought no incident along: %d", r.Incident)
	}
	e := d.refused("U0CAT", "C7", "action done 2", bot.KindConflict)
	if !strings.Contains(e.Sentence().String(), "Action item 2 is done already: <@U0BEN>, 2020-01-23") {
		t.Errorf("twice: %q", e.Sentence())
	}
	e = d.refused("U0CAT", "C7", "action start 2", bot.KindConflict)
	d.holds(d.say("U0CAT", "C7", e.Line), "Action item 2 of #1 is OPEN", "is being opened again, too.")
}

func TestActionChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	n := d.item("C1", "Alert on the queue")
	d.holds(d.say("U0BEN", "C7", "action ongoing 1 With every release"), "ONGOING")
	d.holds(d.say("U0BEN", "C7", "action owner 1 @dan"), "Action item 1 of #1 belongs to <@U0DAN> now")
	if e := d.refused("U0CAT", "C7", "action owner 1 @dan", bot.KindConflict); !strings.Contains(e.Sentence().String(), "<@U0BEN>") {
		t.Errorf("owned twice: %q", e.Sentence())
	}
	d.holds(d.say("U0BEN", "C7", "action owner 1 none"), "has no owner now; <@U0ANA> is reminded of it.")
	d.holds(d.say("U0BEN", "C7", "action due 1 3d Ana is ill"), "Action item 1 is due on 26 Jan 2020; it was 7 Feb 2020.")
	if e := d.refused("U0CAT", "C7", "action due 1 2020-01-26 Again", bot.KindConflict); !strings.Contains(e.Sentence().String(), "<@U0BEN>") {
		t.Errorf("moved twice: %q", e.Sentence())
	}
	d.holds(d.say("U0BEN", "C7", "action due 1 none It goes on"), "has no due date now; it was 26 Jan 2020.")
	d.refused("U0BEN", "C7", "action due 1 none It goes on", bot.KindConflict)
	if last := d.events(1)[len(d.events(1))-1]; last.Text != "It goes on" {
		t.Errorf("the reason: %q", last.Text)
	}
	d.holds(d.say("U0BEN", "C7", "action drop 1"), "DROPPED")
	for line, want := range map[string]string{
		"action due 1 2020-01-22 x": "is over; today is 2020-01-23",
		"action due 1 30m x":        "is no day",
		"action due 1 0d x":         "is no day",
		"action due 1 2020-02-30 x": "is no day",
		"action done x":             "is no number",
		"action owner 1 @zoe":       "nobody called",
		"action retry 1 now":        "more than action retry takes",
		"action add x --due never":  "is no day",
		"action add x --priority 9": "is none of: p0, p1",
		"action add x --service y":  "is no service",
	} {
		if e := d.refused("U0BEN", "C1", line, bot.KindInvalid); !strings.Contains(e.Error(), want) || e.Hint == "" {
			t.Errorf("%q: %q, want %q", line, e.Error(), want)
		}
	}
	if e := d.refused("U0BEN", "C1", "action add x --priority 9", bot.KindInvalid); len(e.Lines) != 5 || e.Lines[1].Line != "#1 action add --priority=p1 x" {
		t.Errorf("priorities: %+v", e.Lines)
	}
	if r := d.say("U0BEN", "C1", "action due 1"); r.Form == nil || r.Form.Incident != 1 || input(r.Form, "n") != "1" {
		t.Errorf("without a date: %+v", r.Form)
	}
	_ = n
}

// Days are counted from today where the person is; business days leave holidays
// out.
func TestActionDays(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.now = time.Date(2020, 1, 23, 23, 30, 0, 0, time.UTC) // the 24th in Berlin, a Friday
	d.bot.Settings.Holidays = []bot.Date{"2020-01-27"}
	for k, c := range []struct {
		user bot.UserID
		due  string
		want bot.Date
	}{
		{"U0ANA", "1d", "2020-01-24"}, {"U0DAN", "1d", "2020-01-25"}, {"U0DAN", "2w", "2020-02-07"}, {"U0DAN", "1bd", "2020-01-28"},
		{"U0ANA", "today", "2020-01-23"}, {"U0DAN", "today", "2020-01-24"}, {"U0ANA", "tomorrow", "2020-01-24"}, {"U0ANA", "2020-12-01", "2020-12-01"},
	} {
		d.say(c.user, "C1", fmt.Sprintf("action add Thing %d --due %s", k, c.due))
		if f := d.followUp(int64(k + 1)); f.Due != c.want {
			t.Errorf("%s: %s is %s, want %s", c.user, c.due, f.Due, c.want)
		}
	}
	d.say("U0ANA", "C1", "action add Thing x --due 2020-01-23")
	d.refused("U0DAN", "C1", "action add Thing y --due 2020-01-23", bot.KindInvalid)
}

// An issue is known by its address; what is none is refused with what works.
func TestActionFromIssue(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	for line, want := range map[string]string{
		"https://github.com/acme/api/issues/7":                  "acme/api#7",
		"https://GitHub.com/acme/api/issues/8#issuecomment-123": "acme/api#8",
		"<https://github.com/acme/api/issues/9/>":               "acme/api#9",
		"github.com/acme/api/issues/11 --due 14d":               "acme/api#11",
		"acme/some.repo#10 --owner me":                          "acme/some.repo#10",
	} {
		r := d.say("U0ANA", "C1", "action add "+line)
		f := d.followUp(d.numbered(r))
		if !f.Issue.Adopted || f.Issue.State != bot.IssueWanted || issueRef(f) != want {
			t.Errorf("%s: %+v", line, f.Issue)
		}
		d.holds(r, want, "is being read; the item takes its title and follows it.")
	}
	if e := d.refused("U0BEN", "C1", "action add acme/api#7", bot.KindConflict); !strings.Contains(e.Text, "is action item") {
		t.Errorf("twice: %q", e.Text)
	}
	for line, want := range map[string]string{
		"https://gitlab.com/acme/api/issues/7":               "is no issue on github.com",
		"https://github.com/acme/api/pull/7":                 "acme/api#7 is a pull request, not an issue.",
		"https://github.com/acme/api/issues":                 "is no issue.",
		"https://github.com/acme/api/issues/x":               "is no issue.",
		"https://github.com/acme/api/issues/7/8":             "is no issue.",
		"http://github.com.evil.test/a/b/issues/7 --due 14d": "is no issue on github.com",
	} {
		e := d.refused("U0ANA", "C1", "action add "+line, bot.KindInvalid)
		if !strings.Contains(e.Text, want) || !strings.Contains(e.Hint, "https://github.com/OWNER/REPO/issues/7 or OWNER/REPO#7") || len(e.Lines) != 1 {
			t.Errorf("%s: %q %q %+v", line, e.Text, e.Hint, e.Lines)
			continue
		}
		r := d.say("U0ANA", "C9", e.Lines[0].Line)
		if f := d.followUp(d.numbered(r)); f.Issue.State != bot.IssueNone || !strings.HasPrefix(f.Text.String(), "See http") {
			t.Errorf("%s as text: %+v", line, f)
		}
	}
	d.say("U0ANA", "C1", "action add See https://github.com/acme/api/pull/7 for the fix")
	d.bot.Settings.Followups.Web = "https://git.example.com/github"
	if f := d.followUp(d.numbered(d.say("U0ANA", "C1", "action add https://git.example.com/github/acme/x/issues/3"))); issueRef(f) != "acme/x#3" {
		t.Errorf("on a path of its own: %+v", f.Issue)
	}
	d.refused("U0ANA", "C1", "action add https://git.example.com/acme/x/issues/3", bot.KindInvalid)
}

func TestActionList(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.holds(d.say("U0BEN", "C1", "action"), "has no action items. Add one: action add TEXT")
	d.holds(d.say("U0BEN", "C0", "action"), "No action item is open.")
	for k := range 30 {
		d.say("U0ANA", "C1", fmt.Sprintf("action add Thing number %d", k+1))
	}
	d.say("U0ANA", "C1", "action owner 29 @ben")
	d.say("U0ANA", "C1", "action owner 30 @ben")
	d.say("U0ANA", "C1", "action done 1")
	d.say("U0ANA", "C1", "action done 30")
	d.next()
	r := d.say("U0BEN", "C1", "action list")
	d.holds(r, "2 [OPEN] Thing number 2\nno owner · due 7 Feb 2020", "26 [OPEN]", "2 closed are not shown", "There are 3 more")
	if strings.Contains(all(r), "[DONE]") || strings.Contains(all(r), "27 [OPEN]") || buttons(r)["Start 2"] != "action start 2" {
		t.Errorf("of an incident: %s %q", all(r), buttons(r))
	}
	d.holds(d.say("U0BEN", "C9", "#1 action list"), "2 [OPEN]")
	d.holds(d.say("U0BEN", "C2", "action list"), "has no action items")
	d.say("U0ANA", "C2", "action add Of the second")
	r = d.say("U0BEN", "C0", "followup")
	got := all(r)
	d.holds(r, "Yours\n29 [OPEN] Thing number 29\n<@U0BEN> · due 7 Feb 2020 · #1", "Others'\n2 [OPEN]", "#12 action list lists those of one incident", "There are more")
	if n := strings.Count(got, "[OPEN]"); n != maxRows || strings.Contains(got, "[DONE]") {
		t.Errorf("%d are shown: %s", n, got)
	}
	d.holds(d.say("U0BEN", "C0", "action list --all"), "30 [DONE]")
	d.say("U0BEN", "C0", buttons(r)["29 is done"])
	d.now = d.now.AddDate(0, 1, 0)
	d.holds(d.say("U0CAT", "C0", "action"), "You own none; these are others'", "due 7 Feb 2020, overdue")
}

// Where the issue stands shows, and what can be done about it.
func TestActionRetry(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.bot.Settings.Followups.Repo = "acme/postmortems"
	n := d.item("C1", "Alert on the queue")
	if e := d.refused("U0ANA", "C1", "action retry 1", bot.KindConflict); !strings.Contains(e.Text, "is being opened") {
		t.Errorf("too early: %q", e.Text)
	}
	d.onGitHub(n, func(w *bot.Work, f *bot.FollowUp) error { return bot.FailIssue(w, f, "the repository is archived") })
	r := d.say("U0ANA", "C1", "action")
	d.holds(r, "no issue: the repository is archived")
	d.holds(d.click("U0CAT", "C9", r, "Open the issue of 1 again"), "Action item 1: an issue in acme/postmortems is being opened.")
	d.holds(d.say("U0ANA", "C1", "action list"), "its issue is being opened")
	d.issued(n, 3)
	d.holds(d.say("U0ANA", "C1", "action list"), "acme/postmortems#3 (https://github.com/acme/postmortems/issues/3)")
	d.refused("U0ANA", "C1", "action retry 1", bot.KindConflict)
}

// The right counts over the item's incident, from wherever it is asked.
func TestActionRight(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.item("C1", "Alert on the queue")
	d.bot.Settings.Permissions[bot.RightRespond] = []string{bot.Commander}
	d.refused("U0BEN", "C0", "action done 1", bot.KindForbidden)
	d.refused("U0BEN", "C1", "remind in 20m x", bot.KindForbidden)
	d.say("U0BEN", "C0", "remind in 20m x")
	d.say("U0ANA", "C0", "action done 1")
	e := d.refused("U0ANA", "C0", "#7 action reopen 1", bot.KindInvalid)
	if !strings.Contains(e.Text, "Action item 1 belongs to #1.") || e.Line != "action reopen 1" {
		t.Errorf("of another incident: %+v", e)
	}
	d.say("U0ANA", "C0", e.Line)
}

// The number of a private incident's item answers to a non-member like one never
// used.
func TestPrivateActions(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say("U0BEN", "C0", "declare sev1 Canary in the logs --private")
	d.next()
	d.update(func(tx bot.Tx) error { return tx.SetChannel(1, "C1", "inc-1") })
	d.say("U0BEN", "C1", "action add Canary item --owner me")
	d.say("U0BEN", "C1", "remind in 20m Canary reminder")
	d.say("U0BEN", "D0BEN", "remind in 20m Canary of Ben's own")
	for _, line := range []string{
		"action start N", "action ongoing N x", "action done N", "action drop N x", "action reopen N", "action due N 3d x", "action due N", "action owner N me",
		"action retry N", "#2 action done N", "remind cancel N", "#2 remind cancel N", "#1 action list", "#1 task", "#1 pm", "#1 pm set summary x",
	} {
		for _, own := range []string{"1", "2"} {
			answer := func(n string) string {
				r, err := d.try("U0BOSS", "C2", strings.Replace(strings.Replace(line, " N", " "+n, 1), "#1", "#"+n, 1))
				out := all(r)
				if err != nil {
					out = string(bot.KindOf(err)) + err.Error()
				}
				return regexp.MustCompile(`\b`+n+`\b`).ReplaceAllString(out, "N")
			}
			if own == "2" && !strings.Contains(line, "remind") {
				continue
			}
			if was, never := answer(own), answer("99"); was != never || !strings.Contains(was, "There is no") {
				t.Errorf("%q: %q, a number never used: %q", line, was, never)
			}
		}
	}
	for _, line := range []string{"action", "action list --all", "remind list", "remind"} {
		for _, channel := range []bot.ChannelID{"C2", "D0BOSS"} {
			if r := d.say("U0BOSS", channel, line); strings.Contains(all(r), "Canary") {
				t.Errorf("%s in %s tells: %s", line, channel, all(r))
			}
		}
	}
	d.holds(d.say("U0BEN", "D0BEN", "action"), "Canary item")
	d.holds(d.say("U0BEN", "D0BEN", "action done 1"), "DONE")
	d.holds(d.say("U0BEN", "D0BEN", "remind cancel 2"), "Reminder 2 is cancelled")
}

func TestActionAddForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0ANA", "C1", "action add --due 14d --service search")
	if input(r.Form, "due") != "14d" || input(r.Form, "service") != "search" {
		t.Fatalf("form: %+v", r.Form)
	}
	for _, in := range r.Form.Inputs {
		if in.Name == "service" && in.Kind != bot.InputChoice {
			t.Errorf("one service is a %s", in.Kind)
		}
	}
	r, err := d.send("U0BEN", r.Form, map[string]bot.Text{"text": "--due is no flag here", "owner": bot.MentionUser("U0DAN")})
	if f := d.followUp(1); err != nil || f.Text != "--due is no flag here" || f.Owner != "U0DAN" || f.Service != "search" {
		t.Errorf("sent: %+v, %v, %s", f, err, all(r))
	}
	if e := d.refused("U0ANA", "C0", "action add x", bot.KindInvalid); len(e.Lines) != 1 || e.Lines[0].Line != "#1 action add x" {
		t.Errorf("the wrong channel: %+v", e.Lines)
	}
	d.exact = true
	if e := d.refused("U0ANA", "C1", "action add", bot.KindInvalid); !strings.Contains(e.Text, "action add needs TEXT or ISSUE-URL") {
		t.Errorf("a program: %q", e.Text)
	}
}
