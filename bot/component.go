package bot

import (
	"slices"
	"time"
)

// ComponentState is the state of a part of the product, in Statuspage's words.
type ComponentState string

// The states, from best to worst but for maintenance, which stands apart.
const (
	Operational   ComponentState = "operational"
	Degraded      ComponentState = "degraded_performance"
	PartialOutage ComponentState = "partial_outage"
	MajorOutage   ComponentState = "major_outage"
	Maintenance   ComponentState = "under_maintenance"
)

// ComponentStates lists every state, best first.
func ComponentStates() []ComponentState {
	return []ComponentState{Operational, Maintenance, Degraded, PartialOutage, MajorOutage}
}

var stateWords = map[string]ComponentState{
	"ok": Operational, "up": Operational, "degraded": Degraded, "partial": PartialOutage,
	"major": MajorOutage, "down": MajorOutage, "maintenance": Maintenance,
}

// ParseComponentState reads a state by its name or its short word (ok,
// degraded, partial, major, maintenance).
func ParseComponentState(s string) (ComponentState, bool) {
	s = norm(s)
	if c, ok := stateWords[s]; ok {
		return c, true
	}
	c := ComponentState(s)
	return c, slices.Contains(ComponentStates(), c)
}

// Worse reports whether s is worse for users than o.
func (s ComponentState) Worse(o ComponentState) bool {
	return slices.Index(ComponentStates(), s) > slices.Index(ComponentStates(), o)
}

// Label is the state as a reader sees it.
func (s ComponentState) Label() string {
	switch s {
	case Degraded:
		return "Degraded performance"
	case PartialOutage:
		return "Partial outage"
	case MajorOutage:
		return "Major outage"
	case Maintenance:
		return "Under maintenance"
	}
	return "Operational"
}

// ComponentChange says that a component took a state at a time.
type ComponentChange struct {
	Component string         `json:"component"`
	State     ComponentState `json:"state"`
	At        time.Time      `json:"at,omitzero"`
}

// Impact is how bad the page says that things are, in Statuspage's words.
type Impact string

// The impacts, best first.
const (
	ImpactNone     Impact = "none"
	ImpactMinor    Impact = "minor"
	ImpactMajor    Impact = "major"
	ImpactCritical Impact = "critical"
)

// Impacts lists every impact, best first.
func Impacts() []Impact { return []Impact{ImpactNone, ImpactMinor, ImpactMajor, ImpactCritical} }

// Worse reports whether i is worse than o.
func (i Impact) Worse(o Impact) bool { return slices.Index(Impacts(), i) > slices.Index(Impacts(), o) }

// ImpactOf derives the impact from the states of components. all says that
// the states are those of every component there is. Statuspage's own rule is
// not published; this is the reading of its captured pages: a major outage of
// everything is critical, of something major; a partial outage is major;
// degraded is minor.
func ImpactOf(states []ComponentState, all bool) Impact {
	impact, majors := ImpactNone, 0
	for _, s := range states {
		switch s {
		case MajorOutage:
			majors++
			impact = worst(impact, ImpactMajor)
		case PartialOutage:
			impact = worst(impact, ImpactMajor)
		case Degraded:
			impact = worst(impact, ImpactMinor)
		case Operational, Maintenance:
		}
	}
	if all && majors > 0 && majors == len(states) {
		return ImpactCritical
	}
	return impact
}

func worst(a, b Impact) Impact {
	if b.Worse(a) {
		return b
	}
	return a
}
