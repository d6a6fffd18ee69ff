package bot

import (
	"slices"
	"time"
)

// Target is a service in an environment that can be rolled back, as configured.
type Target struct {
	Name, Service, Environment string
	Steps                      []TargetStep
	// Who narrows the right to ask, Approval.Groups that to approve; empty: no
	// further than the rights themselves.
	Who      []GroupID
	Approval Approval
	GoOn     bool   // a failed step does not stop those behind it
	Note     string // what has to be thought of afterwards
	LockKey  string // service/environment unless configured
	// Cooldown is how long after the end of one rollback the next is refused.
	Cooldown time.Duration
	// Digest covers the target and its templates as configured.
	Digest string
}

// TargetStep is one cluster.
type TargetStep struct {
	Name     string
	Parallel bool // starts together with the one before
}

// Approval is who must agree to a plan.
type Approval struct {
	Alone   bool // the one who asked may confirm; else a second person must
	Groups  []GroupID
	Expires time.Duration // 0: [ApprovalTime]
}

// ApprovalTime is how long a plan can be approved, from when its versions were
// read, unless the target says otherwise (requirement F2).
const ApprovalTime = 10 * time.Minute

func (t Target) names() []string { return []string{t.Name} }

// TargetsOf returns the targets of these services; of all, if none is named.
func (s *Settings) TargetsOf(services []string) []Target {
	if len(services) == 0 {
		return s.Targets
	}
	var out []Target
	for _, t := range s.Targets {
		if slices.Contains(services, t.Service) {
			out = append(out, t)
		}
	}
	return out
}
