package bot

import "time"

// PublicPage is the whole of what the status page says.
type PublicPage struct {
	Organisation string
	Zone         *time.Location
	At           time.Time // when it was read
	Impact       Impact
	Description  string // of the impact, in Statuspage's words
	States       map[string]ComponentState
	Components   []Component
	Incidents    []PublicIncident // newest first, at most MaxPublic
}

// MaxPublic is how many incidents the page, its history and its feeds reach
// back.
const MaxPublic = 500

// PublicPage reads what customers may read.
func (s *Settings) PublicPage(tx IncidentReader, now time.Time) (PublicPage, error) {
	list, err := tx.Incidents(Everyone(), IncidentFilter{Published: true, Limit: MaxPublic})
	if err != nil {
		return PublicPage{}, err
	}
	p := PublicPage{Organisation: s.Organisation, Zone: s.Zone, At: now, Components: s.Components, States: map[string]ComponentState{}}
	for _, c := range s.Components {
		p.States[c.ID] = Operational
	}
	bare := ImpactNone // of open incidents in which no component was set
	changed := map[string]ComponentChange{}
	for _, i := range list {
		pub, ok := s.Public(i)
		if !ok {
			continue
		}
		p.Incidents = append(p.Incidents, pub)
		if pub.Open && len(pub.States) == 0 {
			bare = worst(bare, pub.Impact)
		}
		for _, c := range i.Changes {
			if !c.At.Before(changed[c.Component].At) {
				changed[c.Component] = c
			}
		}
	}
	p.states(changed)
	states := make([]ComponentState, 0, len(p.States))
	for _, v := range p.States {
		states = append(states, v)
	}
	p.Impact = worst(bare, ImpactOf(states, true))
	p.Description = describeImpact(p.Impact, states)
	return p, nil
}

// states works out the components' states: the newest word on each counts,
// whichever incident it was said in, but while an incident is open nothing
// better than its own word does.
func (p *PublicPage) states(newest map[string]ComponentChange) {
	for id := range p.States {
		if c, set := newest[id]; set {
			p.States[id] = c.State
		}
	}
	for _, i := range p.Incidents {
		for id, state := range i.States {
			if have, known := p.States[id]; i.Open && known && state.Worse(have) {
				p.States[id] = state
			}
		}
	}
}

// describeImpact is Statuspage's wording, read off captured pages.
func describeImpact(i Impact, states []ComponentState) string {
	switch i {
	case ImpactCritical:
		return "Major Service Outage"
	case ImpactMajor:
		return "Partial System Outage"
	case ImpactMinor:
		for _, s := range states {
			if s == Degraded {
				return "Partially Degraded Service"
			}
		}
		return "Minor Service Outage"
	case ImpactNone:
	}
	for _, s := range states {
		if s == Maintenance {
			return "Service Under Maintenance"
		}
	}
	return "All Systems Operational"
}

// OpenIncidents returns those that customers are still told about.
func (p PublicPage) OpenIncidents() []PublicIncident {
	var out []PublicIncident
	for _, i := range p.Incidents {
		if i.Status != Resolved {
			out = append(out, i)
		}
	}
	return out
}

// Find returns the incident with this public id.
func (p PublicPage) Find(id string) (PublicIncident, bool) {
	for _, i := range p.Incidents {
		if i.ID == id {
			return i, true
		}
	}
	return PublicIncident{}, false
}
