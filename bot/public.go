package bot

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// PublicIncident is what customers may read of an incident. It is made by
// [Settings.Public] alone, which refuses private incidents, drills, and what
// was never published; pages, feeds and exports take nothing else.
type PublicIncident struct {
	ID           string // 12 lower-case letters and digits
	Name         Text
	Status       Status // of the newest update that customers read
	Impact       Impact
	StartedAt    time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
	MonitoringAt *time.Time
	ResolvedAt   *time.Time
	Updates      []PublicLine // newest first
	Affected     []Component  // in the order of the configuration
	States       map[string]ComponentState
	NextBy       *time.Time // when customers were promised more
	Open         bool
	Report       *PublicReport // the post-mortem, once it was published to customers
}

// PublicLine is one update that customers read.
type PublicLine struct {
	ID      string
	Status  Status
	Label   string // the status, or "Update" when it did not change
	Body    Text
	At      time.Time
	FixedAt *time.Time
	Changes []PublicChange
}

// PublicChange is what became of a component with an update.
type PublicChange struct {
	Component Component
	Old, New  ComponentState
}

// PublicID derives a public id from what it stands for: the same for ever,
// and no number that could be counted up.
func PublicID(kind, id string) string {
	sum := sha256.Sum256([]byte("tocsin/" + kind + "/" + id))
	s := new(big.Int).SetBytes(sum[:]).Text(36)
	return fmt.Sprintf("%012s", s)[:12]
}

// PublicComponentID is the public id of a component or a group of them.
func PublicComponentID(id string) string { return PublicID("component", id) }

// Public returns what customers may read of i; ok is false when that is
// nothing.
func (s *Settings) Public(i *Incident) (p PublicIncident, ok bool) {
	if !i.Published() {
		return PublicIncident{}, false
	}
	id := PublicID("incident", fmt.Sprint(i.Number))
	p = PublicIncident{
		ID: id, Name: anonymous(i.CustomerTitle()), Impact: s.impact(i), Open: i.Open(),
		States: map[string]ComponentState{}, Affected: s.affected(i),
	}
	var last Status
	for _, u := range i.Updates {
		if !u.Stands() {
			continue
		}
		line := publicLine(id, u, last)
		line.Changes = s.publicChanges(i, u)
		switch {
		case line.Status == Monitoring && p.MonitoringAt == nil:
			p.MonitoringAt = &line.At
		case line.Status == Resolved && last != Resolved:
			p.ResolvedAt = &line.At // what follows a resolution does not move it
		}
		last = line.Status
		p.Updates = append(p.Updates, line)
	}
	first, newest := p.Updates[0], p.Updates[len(p.Updates)-1]
	p.Status, p.CreatedAt, p.StartedAt, p.UpdatedAt = newest.Status, first.At, first.At, newest.At
	if t, known := i.At(MilestoneImpact); known && t.Before(p.StartedAt) {
		p.StartedAt = t
	}
	if p.Status != Resolved {
		p.ResolvedAt = nil
	}
	p.NextBy = i.PublicNext()
	if i.Postmortem != nil && i.Status != Cancelled { // which says that there was no impact
		p.Report = i.Postmortem.Public
	}
	for id, state := range i.Components {
		p.States[id] = state
	}
	slices.Reverse(p.Updates)
	return p, true
}

func publicLine(incident string, u PublicUpdate, last Status) PublicLine {
	label := u.Status.Label()
	if u.Status == last {
		label = "Update"
	}
	return PublicLine{
		ID: PublicID("update", fmt.Sprint(incident, "/", u.Seq)), Status: u.Status, Label: label,
		Body: anonymous(u.Text), At: u.At, FixedAt: u.FixedAt,
	}
}

// anonymous drops what is nobody's business outside: people and channels.
func anonymous(t Text) Text {
	var b strings.Builder
	for _, s := range t.Spans() {
		switch s.Kind {
		case SpanUser, SpanGroup:
			b.WriteString("someone")
		case SpanChannel:
			b.WriteString("a channel")
		default:
			b.WriteString(s.plain())
		}
	}
	return Plain(b.String())
}

// plain is the text of a span that is no reference.
func (s Span) plain() string {
	switch s.Kind {
	case SpanTime:
		return s.Moment().Format("2006-01-02 15:04 UTC")
	case SpanLink:
		return s.linkString()
	}
	return s.Value
}

// impact is the worst that i ever was for customers.
func (s *Settings) impact(i *Incident) Impact {
	if len(i.Changes) == 0 {
		return s.Severity(i.Severity).Impact
	}
	now, result := map[string]ComponentState{}, ImpactNone
	for _, c := range byTime(i.Changes) {
		now[c.Component] = c.State
		states := make([]ComponentState, 0, len(now))
		for _, v := range now {
			states = append(states, v)
		}
		result = worst(result, ImpactOf(states, len(states) == len(s.Components)))
	}
	return result
}

func (s *Settings) affected(i *Incident) []Component {
	var out []Component
	for _, c := range s.Components {
		if _, set := i.Components[c.ID]; set {
			out = append(out, c)
		}
	}
	return out
}

// publicChanges is what changed between the update before u and u.
func (s *Settings) publicChanges(i *Incident, u PublicUpdate) []PublicChange {
	since := time.Time{}
	for _, o := range i.Updates {
		if o.Seq < u.Seq && o.Stands() {
			since = o.At
		}
	}
	before, after := map[string]ComponentState{}, map[string]ComponentState{}
	for _, c := range byTime(i.Changes) {
		if !c.At.After(since) && !since.IsZero() {
			before[c.Component] = c.State
		}
		if !c.At.After(u.At) {
			after[c.Component] = c.State
		}
	}
	var out []PublicChange
	for _, c := range s.Components {
		now, set := after[c.ID]
		if !set {
			continue
		}
		old := before[c.ID]
		if old == "" {
			old = Operational
		}
		out = append(out, PublicChange{Component: c, Old: old, New: now})
	}
	return out
}

// AffectedLine is how the page says which components an incident affected:
// "Prod1 (US) (API, Channel - Chat), Website".
func AffectedLine(affected []Component) string {
	var order []string
	groups := map[string][]string{}
	for _, c := range affected {
		key := c.Group
		if key == "" {
			key = "\x00" + c.Name
		}
		if _, seen := groups[key]; !seen {
			order = append(order, key)
		}
		groups[key] = append(groups[key], c.Name)
	}
	parts := make([]string, len(order))
	for k, key := range order {
		if name, alone := strings.CutPrefix(key, "\x00"); alone {
			parts[k] = name
		} else {
			parts[k] = key + " (" + strings.Join(groups[key], ", ") + ")"
		}
	}
	return strings.Join(parts, ", ")
}
