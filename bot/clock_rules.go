package bot

import (
	"fmt"
	"slices"
	"time"

	"github.com/robfig/cron/v3"
)

// headsUp is how long before an update is due somebody is told (requirement F4).
const headsUp = 5 * time.Minute

// maxNudges is how often somebody is told of the same silence. It is counted
// anew when something moves the clock, such as a severity that was raised.
const maxNudges = 8

// Deadline is when somebody should hear more, and why.
type Deadline struct {
	At    time.Time
	Every time.Duration // the clock's period; 0: none
	// Promised says that At was promised with --next, First that nothing was said
	// to customers yet.
	Promised, First bool
}

// TeamDeadline is when the team should hear more; ok is false when nothing is
// expected. A promise replaces the severity's clock.
func (s *Settings) TeamDeadline(i *Incident) (d Deadline, ok bool) {
	next := s.NextUpdate(i)
	if next == nil {
		return Deadline{}, false
	}
	return Deadline{At: *next, Every: s.Severity(i.Severity).UpdateEvery, Promised: i.NextBy != nil}, true
}

// PublicDeadline is when customers should hear more. Nothing but what customers
// read meets it.
func (s *Settings) PublicDeadline(i *Incident) (d Deadline, ok bool) {
	if !i.Open() || i.Private || i.Drill {
		return Deadline{}, false
	}
	sev := s.Severity(i.Severity)
	last, reopened := i.LastPublic(), i.reopenedAt()
	switch {
	case last == nil && sev.FirstPublic == 0:
		return Deadline{}, false
	case last == nil:
		return Deadline{At: later(i.DeclaredAt, reopened).Add(sev.FirstPublic), Every: sev.PublicEvery, First: true}, true
	case last.NextBy != nil && last.NextBy.After(reopened):
		return Deadline{At: *last.NextBy, Every: sev.PublicEvery, Promised: true}, true
	case sev.PublicEvery == 0:
		return Deadline{}, false
	}
	return Deadline{At: later(last.At, reopened).Add(sev.PublicEvery), Every: sev.PublicEvery}, true
}

// reopenedAt is when i was last opened again; the zero time if it never was.
func (i *Incident) reopenedAt() time.Time {
	for k := len(i.History) - 1; k > 0; k-- {
		if i.History[k-1].Status.Ended() {
			return i.History[k].At
		}
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// nudgeAfter is the first moment after t at which somebody is told of d: shortly
// before it, at it, and again with each period that goes by.
func (d Deadline) nudgeAfter(t time.Time) (time.Time, bool) {
	early := d.At.Add(-headsUp)
	switch {
	case early.After(t) && (d.Promised || d.Every == 0 || d.Every > 2*headsUp):
		return early, true
	case d.At.After(t):
		return d.At, true
	case d.Every <= 0:
		return time.Time{}, false
	}
	return d.At.Add((t.Sub(d.At)/d.Every + 1) * d.Every), true
}

func (s *Settings) deadline(kind string, i *Incident) (Deadline, bool) {
	if kind == string(NoticePublic) {
		return s.PublicDeadline(i)
	}
	return s.TeamDeadline(i)
}

// nudgeAfter is the first nudge of a clock after t.
func (s *Settings) nudgeAfter(kind string, i *Incident, t time.Time) (time.Time, bool) {
	d, ok := s.deadline(kind, i)
	if !ok {
		return time.Time{}, false
	}
	return d.nudgeAfter(t)
}

// nudgesAt reports whether a clock, as it is now, nudges at t.
func (s *Settings) nudgesAt(kind string, i *Incident, t time.Time) bool {
	at, ok := s.nudgeAfter(kind, i, t.Add(-1))
	return ok && at.Equal(t)
}

// NextRun is the first time after t at which spec comes, in zone. It is computed
// on naive local time: what a clock change skips comes right after the gap, what
// it doubles comes once.
func NextRun(spec string, zone *time.Location, t time.Time) (time.Time, error) {
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no schedule: %w", spec, err)
	}
	local := t.In(zone)
	naive := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC).Add(-time.Hour)
	// An hour early, since the clock may have been put back within it; what is not
	// after t is passed over.
	for range 1000 {
		if naive = schedule.Next(naive); naive.IsZero() {
			break
		}
		if at := InZone(naive, zone); at.After(t) {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q never comes", spec)
}

// remindOn are the days on which the owner of something due on due is reminded,
// up to last. Nobody is reminded on a day off: it is the first workday after.
func (s *Settings) remindOn(due, last Date) []Date {
	var out []Date
	for _, r := range s.Followups.Remind {
		p := r.Period
		if r.Before {
			p.N = -p.N
		}
		switch {
		case r.Every && due.Add(p, s.Holiday) > due:
			for d := due.Add(p, s.Holiday); d <= last; d = d.Add(p, s.Holiday) {
				out = append(out, s.nextWorkday(d))
			}
		case r.Before && p.Unit == "bd":
			out = append(out, s.workdaysBefore(due, r.Period.N))
		default:
			out = append(out, s.nextWorkday(due.Add(p, s.Holiday)))
		}
	}
	return out
}

func (s *Settings) workdaysBefore(d Date, n int) Date {
	for n > 0 {
		if d = d.Add(Period{-1, "d"}, nil); s.workday(d) {
			n--
		}
	}
	return d
}

// remindsOn reports whether the owner of something due on due is reminded on d.
func (s *Settings) remindsOn(due, d Date) bool {
	return due != "" && slices.Contains(s.remindOn(due, d), d)
}

// Owed reports whether a post-mortem of i may be owed: it was real, it is over or
// somebody said when, and none was published or decided against. Whether one is,
// is the severity's to say; see [Settings.PostmortemDue].
func (i *Incident) Owed() bool {
	if i.Drill || i.Status == Cancelled || i.Status == Merged {
		return false
	}
	p := i.Postmortem
	if p == nil {
		return i.ResolvedAt != nil
	}
	return p.Skipped == nil && p.Published == nil && (p.Due != "" || i.ResolvedAt != nil)
}

// PostmortemDue is when the post-mortem of i is due: as it was set, else by the
// severity's policy from the end of the incident; empty when none is owed.
func (s *Settings) PostmortemDue(i *Incident) Date {
	if !i.Owed() {
		return ""
	}
	if i.Postmortem != nil && i.Postmortem.Due != "" {
		return i.Postmortem.Due
	}
	p := s.Severity(i.Severity).PostmortemDue
	if p.Zero() || i.ResolvedAt == nil {
		return ""
	}
	return DateOf(p.From(i.ResolvedAt.In(s.Zone), s.Holiday))
}

// PostmortemOwner is who writes the post-mortem of i: who was named, else the
// commander, else who declared.
func (i *Incident) PostmortemOwner() UserID {
	if i.Postmortem != nil && i.Postmortem.Owner != "" {
		return i.Postmortem.Owner
	}
	if c := i.Roles[Commander]; c != "" {
		return c
	}
	return i.DeclaredBy
}
