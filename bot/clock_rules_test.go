package bot

import (
	"strings"
	"testing"
	"time"
)

// deadline is how a deadline reads: its time, period and why.
func (d Deadline) words(ok bool) string {
	if !ok {
		return "none"
	}
	out := d.At.UTC().Format("15:04") + " " + d.Every.String()
	if d.Promised {
		out += " promised"
	}
	if d.First {
		out += " first"
	}
	return out
}

func said(text Text, public bool, nextBy *time.Time) Event {
	return Event{Kind: EventUpdated, Text: text, Public: public, Data: Data{NextBy: nextBy}}
}

// TestDeadlines: the team's and the customers' clocks are two; a promise takes
// the place of a clock.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	soon := at(t, "10:50")
	for _, c := range []struct {
		name, severity string
		do             func(*record)
		team, public   string
	}{
		{"declared", "sev1", func(*record) {}, "10:30 30m0s", "10:10 30m0s first"},
		{"without a public clock", "sev3", func(*record) {}, "14:00 4h0m0s", "none"},
		{"an unknown severity", "sev7", func(*record) {}, "none", "none"},
		{"an update moves the team's alone", "sev1", func(r *record) { r.add("10:05", said("We look", false, nil)) }, "10:35 30m0s", "10:10 30m0s first"},
		{"a promise to the team", "sev1", func(r *record) { r.add("10:05", said("We look", false, &soon)) }, "10:50 30m0s promised", "10:10 30m0s first"},
		{"a promise to the team where there is no clock", "sev7", func(r *record) { r.add("10:05", said("We look", false, &soon)) }, "10:50 0s promised", "none"},
		{"customers know", "sev1", func(r *record) { r.add("10:05", said("We look", true, nil)) }, "10:35 30m0s", "10:35 30m0s"},
		{"a promise to both", "sev1", func(r *record) { r.add("10:05", said("We look", true, &soon)) }, "10:50 30m0s promised", "10:50 30m0s promised"},
		{"an internal update does not meet it", "sev1", func(r *record) {
			r.add("10:05", said("We look", true, &soon))
			r.add("10:20", said("Still", false, nil))
		}, "10:50 30m0s", "10:50 30m0s promised"},
		{"a public one does", "sev1", func(r *record) {
			r.add("10:05", said("We look", true, &soon))
			r.add("10:20", said("Still", true, nil))
		}, "10:50 30m0s", "10:50 30m0s"},
		{"a correction meets nothing", "sev1", func(r *record) {
			e := r.add("10:05", said("We look", true, &soon))
			r.add("10:20", Event{Kind: EventUpdated, Public: true, Text: "We look at it", Data: Data{Ref: e.Seq}})
		}, "10:50 30m0s promised", "10:50 30m0s promised"},
		{"published later", "sev1", func(r *record) {
			e := r.add("10:05", said("We look", false, nil))
			r.add("10:08", Event{Kind: EventPublished, Public: true, Text: "We look", Data: Data{Ref: e.Seq, NextBy: &soon}})
		}, "10:35 30m0s", "10:50 30m0s promised"},
		{"taken back, the first counts again", "sev1", func(r *record) {
			r.add("10:05", said("We look", true, nil))
			e := r.add("10:20", said("All is well", true, &soon))
			r.add("10:21", Event{Kind: EventRetracted, Text: "no", Data: Data{Ref: e.Seq}})
		}, "10:50 30m0s promised", "10:35 30m0s"},
		{"all taken back", "sev1", func(r *record) {
			e := r.add("10:05", said("We look", true, &soon))
			r.add("10:21", Event{Kind: EventRetracted, Text: "no", Data: Data{Ref: e.Seq}})
		}, "10:50 30m0s promised", "10:10 30m0s first"},
		{"customers were told once, and there is no clock", "sev3", func(r *record) { r.add("10:05", said("We look", true, nil)) }, "14:05 4h0m0s", "none"},
		{"the severity rises", "sev3", func(r *record) { r.add("10:05", Event{Kind: EventSeverity, Data: Data{Severity: "sev1"}}) }, "10:30 30m0s", "10:10 30m0s first"},
		{"resolved", "sev1", func(r *record) { r.add("10:05", Event{Kind: EventResolved, Data: Data{Status: Resolved}}) }, "none", "none"},
		{"cancelled", "sev1", func(r *record) { r.add("10:05", Event{Kind: EventCancelled, Data: Data{Status: Cancelled}}) }, "none", "none"},
		{"reopened with nothing public", "sev1", func(r *record) {
			r.add("10:05", Event{Kind: EventResolved, Data: Data{Status: Resolved}})
			r.add("16:00", Event{Kind: EventReopened, Text: "again", Data: Data{Status: Investigating}})
		}, "16:30 30m0s", "16:10 30m0s first"},
		{"reopened, and customers believe that it is over", "sev1", func(r *record) {
			r.add("10:05", said("We look", true, &soon))
			r.add("10:10", Event{Kind: EventResolved, Data: Data{Status: Resolved, Stock: true}})
			r.add("16:00", Event{Kind: EventReopened, Text: "again", Data: Data{Status: Investigating}})
		}, "16:30 30m0s", "16:30 30m0s"},
		{"reopened behind an old promise", "sev1", func(r *record) {
			r.add("10:05", said("We look", true, &soon))
			r.add("10:10", Event{Kind: EventResolved, Data: Data{Status: Resolved}})
			r.add("16:00", Event{Kind: EventReopened, Text: "again", Data: Data{Status: Investigating}})
		}, "16:30 30m0s", "16:30 30m0s"},
		{"reopened before the promise was due", "sev1", func(r *record) {
			r.add("10:05", said("We look", true, &soon))
			r.add("10:10", Event{Kind: EventResolved, Data: Data{Status: Resolved}})
			r.add("10:12", Event{Kind: EventReopened, Text: "again", Data: Data{Status: Investigating}})
		}, "10:42 30m0s", "10:50 30m0s promised"},
		{"private", "sev1", func(r *record) { r.i.Private = true }, "10:30 30m0s", "none"},
		{"a drill", "sev1", func(r *record) { r.i.Drill = true }, "10:30 30m0s", "none"},
	} {
		s := Defaults()
		r := &record{t: t, i: &Incident{}}
		r.add("10:00", Event{Kind: EventDeclared, Text: "It is down", Actor: "U0ANA", Data: Data{Severity: c.severity}})
		c.do(r)
		if got := Deadline.words(s.TeamDeadline(r.i)); got != c.team {
			t.Errorf("%s: the team hears by %s, want %s", c.name, got, c.team)
		}
		if got := Deadline.words(s.PublicDeadline(r.i)); got != c.public {
			t.Errorf("%s: customers hear by %s, want %s", c.name, got, c.public)
		}
	}
}

func TestNudges(t *testing.T) {
	t.Parallel()
	due := at(t, "10:30")
	for _, c := range []struct {
		name string
		d    Deadline
		from string
		want string
	}{
		{"before, at it, and on", Deadline{At: due, Every: 30 * time.Minute}, "10:00", "10:25 10:30 11:00 11:30"},
		{"from the heads-up on", Deadline{At: due, Every: 30 * time.Minute}, "10:25", "10:30 11:00 11:30 12:00"},
		{"long after", Deadline{At: due, Every: 30 * time.Minute}, "15:01", "15:30 16:00 16:30 17:00"},
		{"a short clock gives no heads-up", Deadline{At: due, Every: 10 * time.Minute}, "10:00", "10:30 10:40 10:50 11:00"},
		{"but a promise does", Deadline{At: due, Every: 10 * time.Minute, Promised: true}, "10:00", "10:25 10:30 10:40 10:50"},
		{"no period", Deadline{At: due}, "10:00", "10:25 10:30"},
		{"no period, over", Deadline{At: due}, "10:30", ""},
	} {
		var got []string
		now := at(t, c.from)
		for range 4 {
			next, ok := c.d.nudgeAfter(now)
			if !ok {
				break
			}
			got = append(got, next.Format("15:04"))
			now = next
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
	s := Defaults()
	i := newRecord(t, "10:00").i
	for clock, want := range map[string]bool{"10:24": false, "10:25": true, "10:29": false, "10:30": true, "10:31": false, "11:00": true, "09:55": false} {
		if got := s.nudgesAt("team", i, at(t, clock)); got != want {
			t.Errorf("a nudge at %s: %v", clock, got)
		}
	}
}

// TestPostmortemDue: by policy in business days of the configured zone from the
// end, unless a person says otherwise.
func TestPostmortemDue(t *testing.T) {
	t.Parallel()
	mark := func(m PostmortemMark) func(*record) {
		return func(r *record) {
			r.add("23:57", Event{Kind: EventPostmortem, Actor: "U0BEN", Data: Data{Postmortem: &m}})
		}
	}
	for _, c := range []struct {
		name string
		do   func(*record)
		want Date
	}{
		// 23 January 2020 was a Thursday; 22:56 in UTC is Friday in Tokyo.
		{"five business days", nil, "2020-01-30"},
		{"moved", mark(PostmortemMark{What: PostmortemMoved, Due: "2020-03-01"}), "2020-03-01"},
		{"skipped", mark(PostmortemMark{What: PostmortemSkipped}), ""},
		{"skipped, and owed again", func(r *record) {
			mark(PostmortemMark{What: PostmortemSkipped})(r)
			mark(PostmortemMark{What: PostmortemMoved, Due: "2020-03-01"})(r)
		}, "2020-03-01"},
		{"published", mark(PostmortemMark{What: PostmortemPublished}), ""},
		{"a section is not all of it", mark(PostmortemMark{What: PostmortemSet, Section: SectionImpact}), "2020-01-30"},
		{"open again", func(r *record) {
			r.add("23:30", Event{Kind: EventReopened, Text: "again", Data: Data{Status: Investigating}})
		}, ""},
		{"a severity that owes none", func(r *record) { r.add("23:30", Event{Kind: EventSeverity, Data: Data{Severity: "sev3"}}) }, ""},
		{"a drill", func(r *record) { r.i.Drill = true }, ""},
		{"cancelled", func(r *record) { r.i.Status = Cancelled }, ""},
	} {
		r := kustomer(t)
		if c.do != nil {
			c.do(r)
		}
		s := kustomerSettings()
		if got := s.PostmortemDue(r.i); got != c.want {
			t.Errorf("%s: due on %q, want %q", c.name, got, c.want)
		}
	}
	i := kustomer(t).i
	s := kustomerSettings()
	s.Zone = zone(t, "Asia/Tokyo")
	if got := s.PostmortemDue(i); got != "2020-01-31" {
		t.Errorf("in Tokyo it is due on %s", got)
	}
	s.Holidays = []Date{"2020-01-27", "2020-01-31"}
	if got := s.PostmortemDue(i); got != "2020-02-04" {
		t.Errorf("over holidays it is due on %s", got)
	}
	if got := i.PostmortemOwner(); got != "U0ANA" {
		t.Errorf("owner %s", got)
	}
}
