package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RollbackDraft is what somebody asks to be rolled back.
type RollbackDraft struct {
	Target   Target
	To       string // a version's label or id; empty: the one before the current one
	Reason   Text   // may be empty
	PlanOnly bool
}

// RequestRollback asks for a rollback of a target in w.Incident. Its versions
// are read next, and the plan follows ([MakePlan]). There is one live request
// per lock; a second one is a conflict that names the first. Needs
// [RightRollback].
func RequestRollback(w *Work, d RollbackDraft) (*Rollback, error) {
	if err := w.mayAsk(d); err != nil {
		return nil, err
	}
	asked := Plain(d.To).OneLine(0).String()
	if n := len([]rune(asked)); n > MaxDeployField {
		return nil, Invalid("The version has %d characters; %d is the most.", n, MaxDeployField)
	}
	if err := checkReason(d.Reason); err != nil {
		return nil, err
	}
	number, err := w.Tx.NextRollback()
	if err != nil {
		return nil, err
	}
	t := d.Target
	r := &Rollback{
		ID: fmt.Sprintf("r%d", number), Number: number, Incident: w.Incident.Number, Seq: w.Incident.Head.Seq + 1,
		Target: t.Name, Service: t.Service, Environment: t.Environment, LockKey: t.LockKey, State: RollbackRequested,
		Asked: asked, PlanOnly: d.PlanOnly, TargetDigest: t.Digest, RequestedBy: w.Who.ID, RequestedAt: w.Now, Reason: d.Reason.OneLine(0),
	}
	for _, s := range t.Steps {
		r.Steps = append(r.Steps, Step{Name: s.Name, Parallel: s.Parallel, State: StepPending})
	}
	if err := w.Tx.CreateRollback(r); err != nil {
		return nil, err
	}
	return r, w.tellRollback(r, Event{Text: r.Reason}, RollbackMark{Asked: r.Asked})
}

// mayAsk refuses what must not be asked for.
func (w *Work) mayAsk(d RollbackDraft) error {
	if err := w.needOver(RightRollback, d.Target.Who, d.Target); err != nil {
		return err
	}
	if !w.Incident.Open() {
		return Conflict("Incident #%d is %s.", w.Incident.Number, w.Incident.Status).WithHint("Open it again first: reopen REASON.")
	}
	if d.PlanOnly {
		return nil
	}
	if w.Incident.Drill {
		return Conflict("Incident #%d is a drill, and this rollback would be real.", w.Incident.Number).
			WithHint("--plan shows the plan and sends nothing.").WithLine("Show the plan", "rollback "+d.Target.Name+" --plan")
	}
	if err := w.lockFree(d.Target); err != nil {
		return err
	}
	if d.Target.Approval.Alone {
		return nil
	}
	who, err := w.Approvers(d.Target, w.Who.ID)
	if err != nil || who.Everyone || len(who.Users) > 0 {
		return err
	}
	return Conflict("Nobody but you could approve this rollback.").
		WithHint("Name people or groups under permissions.approve in the configuration; who is in a group is read every minute.")
}

// lockFree refuses while another rollback of the same service and environment
// is live, or ended too short a time ago.
func (w *Work) lockFree(t Target) error {
	live, err := w.Tx.Rollbacks(Self(), RollbackFilter{LockKey: t.LockKey, Live: true, Limit: 1})
	if err != nil {
		return err
	}
	if len(live) > 0 {
		return w.held(live[0])
	}
	list, err := w.Tx.Rollbacks(Self(), RollbackFilter{LockKey: t.LockKey, Limit: 100})
	if err != nil {
		return err
	}
	for _, r := range list {
		if sent := slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Tries > 0 }); !sent || r.EndedAt == nil {
			continue
		}
		if free := r.EndedAt.Add(t.Cooldown); free.After(w.Now) {
			return Conflict("The last rollback of %s in %s ended %s ago; the target asks for %s in between.", w.Settings().service(t.Service), t.Environment,
				roundly(w.Now.Sub(*r.EndedAt)), roundly(t.Cooldown)).WithHint("Ask again in %s.", roundly(free.Sub(w.Now)))
		}
	}
	return nil
}

// held names who holds a lock, as far as the person may know of it.
func (w *Work) held(r *Rollback) error {
	e := Conflict("A rollback of %s in %s is under way", w.Settings().service(r.Service), r.Environment)
	if _, err := w.Tx.Rollback(w.Viewer(), r.ID); err != nil {
		if KindOf(err) != KindNotFound {
			return err
		}
		e.Text += " in an incident that you cannot see."
		return e
	}
	e.Text += fmt.Sprintf(" already: %s in #%d, %s", r.ID, r.Incident, r.State.Label())
	e.Done = Join("asked for by ", MentionUser(r.RequestedBy), ", ", Moment(r.RequestedAt))
	return e.WithHint("There is one at a time for a service and environment.").WithLine("Show "+r.ID, "rollback show "+r.ID)
}

// roundly writes a length of time as people say it.
func roundly(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Round(time.Hour)/time.Hour))
	}
	return fmt.Sprintf("%d days", int(d.Round(24*time.Hour)/(24*time.Hour)))
}

// needOver refuses who does not hold r, or is not among those to whom a target
// narrows it.
func (l *Look) needOver(r Right, groups []GroupID, t Target) error {
	if err := l.Need(r); err != nil {
		return err
	}
	if l.In(groups) {
		return nil
	}
	names := make([]string, len(groups))
	for k, g := range groups {
		names[k] = "<!subteam^" + string(g) + ">"
	}
	return Forbidden("For %s this is narrowed to: %s.", t.Name, strings.Join(names, ", "))
}

// Approvers are those who could approve.
type Approvers struct {
	Users    []UserID  // each person, in order
	Groups   []GroupID // whom to mention in place of their members
	Named    []UserID  // those of Users who are in none of Groups
	Everyone bool
}

// Approvers returns who could approve a rollback of t that asked asked for.
// Whether somebody really may is judged when they do.
func (l *Look) Approvers(t Target, asked UserID) (Approvers, error) {
	var out Approvers
	names := slices.Clone(l.Settings().Permissions[RightApprove])
	if slices.Contains(names, string(RightAdmin)) {
		names = append(names, l.Settings().Permissions[RightAdmin]...)
	}
	for _, name := range names {
		if err := l.addApprovers(&out, name); err != nil {
			return out, err
		}
	}
	if len(t.Approval.Groups) > 0 {
		if err := l.narrow(&out, t.Approval.Groups); err != nil {
			return out, err
		}
	}
	slices.Sort(out.Users)
	out.Users = slices.Compact(out.Users)
	var err error
	out.Users = slices.DeleteFunc(out.Users, func(id UserID) bool {
		p, e := FindPerson(l.Tx, id)
		if e != nil {
			err = e
		}
		return id == asked || p.Outsider() && (p.Deleted || !l.Settings().named(id))
	})
	if err != nil {
		return out, err
	}
	return out, l.nameThose(&out)
}

// nameThose sets Named.
func (l *Look) nameThose(out *Approvers) error {
	var in []UserID
	for _, g := range out.Groups {
		members, err := l.membersOf(g)
		if err != nil {
			return err
		}
		in = append(in, members...)
	}
	out.Named = slices.DeleteFunc(slices.Clone(out.Users), func(id UserID) bool { return slices.Contains(in, id) })
	return nil
}

func (l *Look) addApprovers(out *Approvers, name string) error {
	switch {
	case name == everyone:
		out.Everyone = true
	case IsUserID(name):
		out.Users = append(out.Users, UserID(name))
	case IsGroupID(name):
		members, err := l.membersOf(GroupID(name))
		out.Groups, out.Users = append(out.Groups, GroupID(name)), append(out.Users, members...)
		return err
	case l.Incident != nil && l.Incident.Roles[name] != "":
		out.Users = append(out.Users, l.Incident.Roles[name])
	}
	return nil
}

// narrow keeps those who are in one of groups.
func (l *Look) narrow(out *Approvers, groups []GroupID) error {
	var in []UserID
	for _, g := range groups {
		members, err := l.membersOf(g)
		if err != nil {
			return err
		}
		in = append(in, members...)
	}
	if out.Everyone {
		out.Users, out.Everyone = in, false
	}
	out.Groups = groups
	out.Users = slices.DeleteFunc(out.Users, func(id UserID) bool { return !slices.Contains(in, id) })
	return nil
}

func (l *Look) membersOf(id GroupID) ([]UserID, error) {
	g, err := l.Tx.Group(id)
	if KindOf(err) == KindNotFound {
		return nil, nil
	}
	return slices.Clone(g.Members), err
}

// TakeRollback finds rollback id for this work, locks its incident and makes it
// w.Incident. For somebody who may not see the incident there is none.
func TakeRollback(w *Work, id string) (*Rollback, error) {
	r, err := w.Tx.Rollback(w.Viewer(), id)
	if err != nil {
		return nil, err
	}
	if w.Incident == nil || w.Incident.Number != r.Incident {
		if err := w.Lock(r.Incident); err != nil {
			return nil, err
		}
	}
	return w.Tx.Rollback(w.Viewer(), id) // as it is under the lock
}

// tellRollback saves r and records e about it.
func (w *Work) tellRollback(r *Rollback, e Event, m RollbackMark) error {
	if err := w.Tx.SaveRollback(r); err != nil {
		return err
	}
	m.ID, m.Target, m.State, m.PlanOnly = r.ID, r.Target, r.State, r.PlanOnly
	e.Kind, e.Data.Rollback = EventRollback, &m
	_, err := w.Record(e)
	return err
}
