package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestPublishers: who holds a role that may publish is called; else the groups and
// people named; the administrators only if there is nobody else.
func TestPublishers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		publish, admin []string
		roles          map[string]UserID
		want           string
	}{
		{[]string{Commander, "comms", "S00000001", "admin"}, []string{"U00ADMIN"}, map[string]UserID{"comms": "U2", Commander: "U1"}, "<@U1>, <@U2>"},
		{[]string{Commander, "comms", "S00000001"}, nil, map[string]UserID{"comms": "U1", Commander: "U1"}, "<@U1>"},
		{[]string{Commander, "comms", "S00000001", "U00000009", "admin"}, []string{"U00ADMIN"}, map[string]UserID{"scribe": "U3"}, "<!subteam^S00000001>, <@U00000009>"},
		{[]string{Commander, "admin"}, []string{"U00ADMIN", "S00000002"}, nil, "<@U00ADMIN>, <!subteam^S00000002>"},
		{[]string{Commander}, []string{"U00ADMIN"}, nil, ""},
		{[]string{everyone}, nil, map[string]UserID{Commander: "U1"}, "<@U1>"},
		{[]string{everyone}, nil, nil, ""},
	} {
		set := Defaults()
		set.Permissions = map[Right][]string{RightPublish: c.publish, RightAdmin: c.admin}
		if got := set.publishers(&Incident{Roles: c.roles}).String(); got != c.want {
			t.Errorf("%v, %v: %q, want %q", c.publish, c.roles, got, c.want)
		}
	}
}

// TestNudge: what is said before, at and after each deadline, and that nothing is
// once it has moved or was said anew.
func TestNudge(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	after := func(m int) time.Time { return start.Add(time.Duration(m) * time.Minute) }
	promise := after(50)
	public := func(next *time.Time) []PublicUpdate {
		return []PublicUpdate{{Seq: 2, At: start, Text: Join("Ask ", MentionUser("U1")), Status: Investigating, NextBy: next}}
	}
	for _, c := range []struct {
		kind    NoticeKind
		at, now int
		change  func(*Incident)
		want    string // empty: nothing
	}{
		{NoticeTeam, 25, 25, nil, "<@U1>: An update for the team is due by 2026-12-01 12:30 UTC."},
		{NoticeTeam, 25, 30, nil, ""},
		{NoticeTeam, 26, 26, nil, ""},
		{NoticeTeam, 30, 31, nil, "<@U1>: The team has heard nothing for 31 min; SEV1 asks for an update every 30 min."},
		{NoticeTeam, 30, 60, nil, ""},
		{NoticeTeam, 60, 60, nil, "heard nothing for 60 min"},
		{NoticeTeam, 30, 31, func(i *Incident) { i.LastUpdate = after(20) }, ""},
		{NoticeTeam, 30, 31, func(i *Incident) { i.Status = Resolved }, ""},
		{NoticeTeam, 30, 31, func(i *Incident) { i.Status = Cancelled }, ""},
		{NoticeTeam, 45, 45, func(i *Incident) { i.NextBy = &promise }, "<@U1>: An update was promised by 2026-12-01 12:50 UTC."},
		{NoticeTeam, 50, 51, func(i *Incident) { i.NextBy = &promise }, "and has not come."},
		{NoticeTeam, 30, 31, func(i *Incident) { i.Roles = nil }, "SEV1 asks for an update every 30 min. Nobody is incident commander.\n[Update: update][Remind me in 10 min: remind in 10m Update the team][Take command: ic]"},
		{NoticePublic, 10, 11, nil, "<@U1>: Customers read nothing yet, 11 min after the declare. SEV1 asks for a first update within 10 min."},
		{NoticePublic, 25, 25, func(i *Incident) { i.Updates = public(nil) }, "<@U1>: An update for customers is due by 2026-12-01 12:30 UTC.\nAsk someone\nWhat customers read last, 2026-12-01 12:00 UTC\n[Tell customers: update --public]"},
		{NoticePublic, 30, 31, func(i *Incident) { i.Updates = public(nil) }, "Customers have read nothing new for 31 min; SEV1 asks for an update every 30 min."},
		{NoticePublic, 45, 45, func(i *Incident) { i.Updates = public(&promise) }, "Customers were promised an update by 2026-12-01 12:50 UTC."},
		{NoticePublic, 50, 51, func(i *Incident) { i.Updates = public(&promise) }, "by 2026-12-01 12:50 UTC, and it has not come."},
		{NoticePublic, 10, 11, func(i *Incident) { i.Private = true }, ""},
		{NoticePublic, 10, 11, func(i *Incident) { i.Drill = true }, ""},
	} {
		set := Defaults()
		i := &Incident{Number: 1, Severity: "sev1", Status: Investigating, DeclaredAt: start, LastUpdate: start, Roles: map[string]UserID{Commander: "U1"}}
		if c.change != nil {
			c.change(i)
		}
		m, ok := set.Nudge(Notice{Kind: c.kind, Incident: 1, At: after(c.at)}, i, after(c.now))
		if got := written(m); ok != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("%s at %d, said at %d: %v, %q, want %q", c.kind, c.at, c.now, ok, got, c.want)
		}
	}
}

// TestReminderMessage: a button says the same again, or is not there.
func TestReminderMessage(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	r := &Reminder{Number: 1, User: "U1", At: at, Text: Join("--ask ", MentionUser("U00000002"))}
	holds(t, written(r.Message(at)), "You asked to be reminded: --ask <@U00000002>", "[Again in 20 min: remind in 20m -- --ask <@U00000002>][Again in 1 h: remind in 1h -- --ask <@U00000002>]")
	if strings.Contains(written(r.Message(at.Add(lateBy))), "Late") {
		t.Error("it is not late")
	}
	r.Incident = 3
	holds(t, written(r.Message(at.Add(lateBy+1))), "<@U1> asked to be reminded", "Late: it was due 2026-12-01 12:00 UTC")
	for _, text := range []Text{"what <@U00000002> is", RedactedText} { // typed so, and no mention
		r.Text = text
		if got := written(r.Message(at)); strings.Contains(got, "Again") {
			t.Error(got)
		}
	}
}

// TestDigestMessage: what is overdue comes first, then by the day, those without
// one last; what is too much is counted.
func TestDigestMessage(t *testing.T) {
	t.Parallel()
	set := Defaults()
	var items []*FollowUp
	for n := range 40 {
		f := &FollowUp{Number: int64(n + 1), Incident: 1, State: FollowUpOpen, Text: Plain(fmt.Sprint("Thing ", n+1)), Owner: "U1", AddedAt: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
		if n < 38 {
			f.Due = Date("2026-12-20").Add(Period{-n, "d"}, nil)
		}
		items = append(items, f)
	}
	items[37].State, items[37].Owner = FollowUpInProgress, ""
	name := func(UserID) string { return "Ana <Lima>" }
	got := written(set.DigestMessage(items, "2026-12-01", name))
	t.Log(got)
	holds(t, got, "Action items: 40 open, 18 overdue.\nOverdue\n• 38 Thing 38 · in progress · nobody owns it · due 13 Nov 2026, 18 days late · open for 30 days · #1\n• 37 Thing 37 · Ana <Lima> · due 14 Nov 2026, 17 days late",
		"1 day late · open for 30 days · #1\nOpen\n• 20 Thing 20 · Ana <Lima> · due today", "• 19 Thing 19 · Ana <Lima> · due tomorrow", "… and 10 more: /incident action list")
	if n := strings.Count(got, "•"); n != maxDigest || strings.Contains(got, "<@") {
		t.Errorf("%d lines", n)
	}
	late := written(set.DigestMessage(items[36:], "2026-12-01", name))
	if strings.Index(late, "Thing 39") < strings.Index(late, "Thing 37") {
		t.Error("what has no day comes last:\n" + late)
	}
	if got := written(set.DigestMessage(nil, "2026-12-01", name)); got != "Action items: nothing is open." {
		t.Error(got)
	}
}

// TestDueMessage fits into one message however much is due.
func TestDueMessage(t *testing.T) {
	t.Parallel()
	set := Defaults()
	i := &Incident{Number: 1, Title: "Checkout is down", Postmortem: &Postmortem{Due: "2026-12-03"}}
	d := DueItems{Postmortems: []*Incident{i, i, i, i, i, i, i}}
	for n := range 20 {
		d.FollowUps = append(d.FollowUps, &FollowUp{Number: int64(n + 1), Incident: 1, State: FollowUpOpen, Text: "Thing", Due: "2026-12-01"})
	}
	m := set.DueMessage(d, map[int64]*Incident{1: i}, "2026-12-01")
	holds(t, written(m), "To be done: 20 action items and 7 post-mortems", "due today · #1 Checkout is down", "Post-mortem of #1 Checkout is down · due 3 Dec 2026, in 2 days\n[Post-mortem: #1 postmortem]", "… and 5 more.")
	if len(m.Blocks) > 47 {
		t.Errorf("%d blocks", len(m.Blocks))
	}
}
