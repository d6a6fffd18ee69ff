package bot

import (
	"fmt"
	"strings"
)

// Menu is what a deploy system could run for one step.
type Menu struct {
	Versions []Version // newest first
	// Current is the place of the version that runs; -1: not told.
	Current int
	// None says that the template cannot read versions: what deploy notices told
	// counts instead.
	None bool
}

// MakePlan makes the plan of r from what was read for each step, by the step's
// name: every step's exact from and to. From here on it waits for approval. A
// plan that cannot be made ends r as failed.
func MakePlan(w *Work, r *Rollback, menus map[string]Menu) error {
	if r.State != RollbackRequested {
		return nil // it was cancelled while the versions were read
	}
	t, ok := Find(w.Settings().Targets, r.Target)
	if !ok || t.Digest != r.TargetDigest {
		return w.voidRollback(r, "the target was changed in the configuration")
	}
	known, err := w.deployed(r)
	if err != nil {
		return err
	}
	moves := 0
	for k := range r.Steps {
		s := &r.Steps[k]
		menu := menus[s.Name]
		if menu.None {
			menu = known
		}
		if err := s.choose(menu, r.Asked); err != nil {
			return FailPlan(w, r, err.Error())
		}
		if s.From.same(s.To) {
			at := w.Now
			s.State, s.EndedAt, s.Message = RollbackSucceeded, &at, "runs "+s.To.Name()+" already"
			continue
		}
		moves++
	}
	if moves == 0 {
		return FailPlan(w, r, r.Steps[0].To.Name()+" runs already; there is nothing to roll back")
	}
	return w.present(r, t)
}

// present lets the plan be approved.
func (w *Work) present(r *Rollback, t Target) error {
	now := w.Now
	expires := ApprovalTime
	if t.Approval.Expires > 0 {
		expires = t.Approval.Expires
	}
	until := now.Add(expires)
	r.seal()
	r.ReadAt, r.State = &now, RollbackAwaiting
	e := Event{}
	if r.PlanOnly {
		r.State, r.Why, r.EndedAt = RollbackVoided, "only the plan was asked for", &now
	} else {
		r.ExpiresAt, e.Data.When = &until, &until
	}
	m := RollbackMark{Hash: r.PlanHash}
	for _, s := range r.Steps {
		m.Plan = append(m.Plan, StepPair{s.Name, s.From.Name(), s.To.Name()})
	}
	return w.tellRollback(r, e, m)
}

// FailPlan ends r because no plan can be made.
func FailPlan(w *Work, r *Rollback, why string) error {
	if r.State != RollbackRequested {
		return nil
	}
	now := w.Now
	r.State, r.Why, r.EndedAt = RollbackFailed, why, &now
	return w.tellRollback(r, Event{Text: Plain(why)}, RollbackMark{})
}

// deployed is the menu that deploy notices make: what succeeded, newest first.
// What was gone back to has its place where it was deployed first, so that the
// version before it is not the one that was left.
func (w *Work) deployed(r *Rollback) (Menu, error) {
	list, err := w.Tx.Deploys(DeployFilter{Services: []string{r.Service}, Environment: r.Environment})
	menu := Menu{Current: -1}
	var back *Version // the newest change went back to it
	for _, d := range list {
		if d.Status != DeploySucceeded || d.Kind != DeployOf && d.Kind != DeployRollback {
			continue
		}
		at := d.At()
		v := Version{ID: d.Version, Label: d.Version, At: &at, By: d.Actor}
		if back == nil && len(menu.Versions) == 0 && d.Kind == DeployRollback {
			back = &v
			continue
		}
		menu.Versions = append(menu.Versions, v)
		if back != nil && menu.Current < 0 && d.Kind == DeployOf && v.same(*back) {
			menu.Current = len(menu.Versions) - 1
			menu.Versions[menu.Current] = *back
		}
	}
	switch {
	case back != nil && menu.Current < 0:
		menu.Versions = append(menu.Versions, *back)
		menu.Current = len(menu.Versions) - 1
	case back == nil && len(menu.Versions) > 0:
		menu.Current = 0
	}
	return menu, err
}

// maxOffered is how many versions an error names.
const maxOffered = 5

// choose sets from and to.
func (s *Step) choose(m Menu, asked string) error {
	if m.Current >= 0 && m.Current < len(m.Versions) {
		s.From = m.Versions[m.Current]
	}
	if asked != "" {
		for _, v := range m.Versions {
			if v.is(asked) {
				s.To = v
				return nil
			}
		}
		if len(m.Versions) == 0 {
			s.To = Version{ID: asked, Label: asked}
			return nil
		}
		return fmt.Errorf("%s has no version %q; it could run: %s", s.Name, asked, m.names())
	}
	if s.From.ID == "" {
		return fmt.Errorf("which version %s runs is not known; say where to go with --to VERSION", s.Name)
	}
	// What came between the first time that this version ran and now was left
	// again, mostly by a rollback: it is not what to go back to.
	first := m.Current
	for k := range m.Versions {
		if k > first && m.Versions[k].same(s.From) {
			first = k
		}
	}
	if first+1 < len(m.Versions) {
		s.To = m.Versions[first+1]
		return nil
	}
	return fmt.Errorf("there is no version before %s for %s to go back to", s.From.Name(), s.Name)
}

// names lists the newest versions.
func (m Menu) names() string {
	var out []string
	for _, v := range m.Versions[:min(len(m.Versions), maxOffered)] {
		out = append(out, v.Name())
	}
	return strings.Join(out, ", ")
}
