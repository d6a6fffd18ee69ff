package bot

import (
	"slices"
	"time"
)

// Milestone is a moment in the life of an incident, in the words of Google's
// "Incident Metrics in SRE" and Statuspage.
type Milestone string

// The milestones, in their usual order.
const (
	MilestoneImpact     Milestone = "impact"
	MilestoneDetected   Milestone = "detected"
	MilestoneDeclared   Milestone = "declared"
	MilestoneIdentified Milestone = "identified"
	MilestoneMitigated  Milestone = "mitigated"
	MilestoneResolved   Milestone = "resolved"
)

// Milestones lists those that a person can set. Declared is a fact of the
// record and cannot be set.
func Milestones() []Milestone {
	return []Milestone{MilestoneImpact, MilestoneDetected, MilestoneIdentified, MilestoneMitigated, MilestoneResolved}
}

// ParseMilestone reads a milestone that a person can set.
func ParseMilestone(s string) (Milestone, bool) {
	m := Milestone(norm(s))
	return m, slices.Contains(Milestones(), m)
}

// At returns the time of milestone m: the one that a person set, else the one
// that follows from the record; ok is false when it is not known.
//
//   - impact: the first component not operational
//   - identified: the first time the status was identified
//   - mitigated: the last time that all components became operational again,
//     else the last time the status became monitoring
//   - resolved: the resolution that stands
//
// Detected is never guessed.
func (i *Incident) At(m Milestone) (at time.Time, ok bool) {
	if m == MilestoneResolved && i.Open() {
		return time.Time{}, false
	}
	if t, set := i.Marks[m]; set {
		return t, true
	}
	switch m {
	case MilestoneImpact:
		for _, c := range byTime(i.Changes) {
			if c.State != Operational && c.State != Maintenance {
				return c.At, true
			}
		}
	case MilestoneDeclared:
		return i.DeclaredAt, !i.DeclaredAt.IsZero()
	case MilestoneIdentified:
		return i.firstStatus(Identified)
	case MilestoneMitigated:
		return i.mitigated()
	case MilestoneResolved:
		if i.ResolvedAt != nil {
			return *i.ResolvedAt, true
		}
	case MilestoneDetected:
	}
	return time.Time{}, false
}

func (i *Incident) firstStatus(s Status) (time.Time, bool) {
	for _, h := range i.History {
		if h.Status == s {
			return h.At, true
		}
	}
	return time.Time{}, false
}

func (i *Incident) mitigated() (time.Time, bool) {
	if t, seen, clear := i.allClear(); seen {
		return t, clear
	}
	for k := len(i.History) - 1; k >= 0; k-- {
		if i.History[k].Status == Monitoring {
			return i.History[k].At, true
		}
	}
	return time.Time{}, false
}

// allClear walks the component changes: seen says that something was ever not
// operational, clear that everything is operational now, since t.
func (i *Incident) allClear() (t time.Time, seen, clear bool) {
	bad := map[string]bool{}
	for _, c := range byTime(i.Changes) {
		was := len(bad)
		if c.State == Operational || c.State == Maintenance {
			delete(bad, c.Component)
		} else {
			bad[c.Component] = true
			seen = true
		}
		if was > 0 && len(bad) == 0 {
			t = c.At
		}
	}
	return t, seen, seen && len(bad) == 0
}

// Downtime returns how long component was not operational during i, up to now
// when it still is; maintenance does not count.
func (i *Incident) Downtime(component string, now time.Time) time.Duration {
	var sum time.Duration
	var since time.Time
	for _, c := range byTime(i.Changes) {
		if c.Component != component {
			continue
		}
		down := c.State != Operational && c.State != Maintenance
		switch {
		case down && since.IsZero():
			since = c.At
		case !down && !since.IsZero():
			sum += c.At.Sub(since)
			since = time.Time{}
		}
	}
	if !since.IsZero() && now.After(since) {
		sum += now.Sub(since)
	}
	return sum
}

// byTime orders changes by when they are said to have happened; one that was
// recorded later wins among equals.
func byTime(in []ComponentChange) []ComponentChange {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b ComponentChange) int { return a.At.Compare(b.At) })
	return out
}
