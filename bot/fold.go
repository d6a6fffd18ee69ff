package bot

import (
	"maps"
	"slices"
	"time"
)

// Fold rebuilds an incident from its events, which must be all of them, in
// order. It is what the stored incident must equal, but for what is kept
// beside the record (Version, Channel, ChannelName).
func Fold(events []Event) *Incident {
	i := &Incident{}
	for _, e := range events {
		i.Apply(e)
	}
	return i
}

// Apply makes i what it is after e. It is the only place where an incident
// changes; use cases decide which event to append and nothing else.
func (i *Incident) Apply(e Event) {
	switch e.Kind {
	case EventDeclared:
		i.declared(e)
	case EventUpdated:
		i.updated(e)
	case EventStatus:
		i.setStatus(e)
	case EventSeverity:
		i.Severity, i.Assumed = e.Data.Severity, e.Data.Assumed
	case EventTitle:
		i.setTitle(e)
	case EventSummary:
		i.Summary = e.Text
	case EventComponent:
		i.setComponents(e)
	case EventRole:
		i.setRole(e)
	case EventLink:
		i.addLink(e)
	case EventMilestone:
		i.mark(e)
	case EventPublished:
		i.publish(e, e.Text)
	case EventRetracted:
		i.retract(e)
	case EventResolved, EventReopened, EventCancelled:
		i.turn(e)
	case EventRollback:
		i.rolled(e)
	case EventTask:
		i.tasked(e)
	case EventPostmortem:
		i.wrote(e)
	case EventNote, EventFailed, EventRedacted, EventDeploy, EventFollowUp, EventReminder, EventPurged:
		// Of a redaction only the redacted entry itself shows: it folds without
		// its text.
	}
	i.UpdatedAt, i.Head = e.RecordedAt, e.Head()
}

func (i *Incident) declared(e Event) {
	d := e.Data
	i.Number, i.Title, i.Severity, i.Assumed = e.Incident, e.Text, d.Severity, d.Assumed
	i.Private, i.Drill, i.Origin = d.Private, d.Drill, d.Origin
	i.DeclaredBy, i.DeclaredAt, i.LastUpdate = e.Actor, e.RecordedAt, e.RecordedAt
	i.Services = slices.Clone(d.Services)
	if d.User != "" {
		i.Roles = map[string]UserID{Commander: d.User}
		i.Acting = d.Acting
	}
	if d.When != nil {
		i.setMark(MilestoneImpact, e)
	}
	i.Status = Investigating
	i.History = []StatusChange{{Status: Investigating, At: e.At}}
}

// updated is an update: to the team, to customers, or (Ref set) a correction
// of an earlier one to customers.
func (i *Incident) updated(e Event) {
	if e.Data.Ref != 0 {
		i.fix(e)
		return
	}
	i.setStatus(e)
	i.setComponents(e)
	// What customers read the team reads too, so it meets the team's promise.
	i.LastUpdate, i.LastText, i.LastTextAt, i.NextBy = e.RecordedAt, e.Text, e.RecordedAt, e.Data.NextBy
	if e.Public {
		i.publish(e, e.Text)
	}
}

// publish lets customers read text, now: whatever time the entry speaks of,
// they did not read it before it was recorded.
func (i *Incident) publish(e Event, text Text) {
	i.Updates = append(i.Updates, PublicUpdate{
		Seq: e.Seq, From: e.Data.Ref, At: e.RecordedAt, Status: i.Status.forCustomers(), Text: text, Actor: e.Actor,
		NextBy: e.Data.NextBy, Redacted: text == RedactedText,
	})
}

func (i *Incident) fix(e Event) {
	for k := range i.Updates {
		if u := &i.Updates[k]; u.Seq == e.Data.Ref {
			at := e.RecordedAt
			u.Text, u.Fix, u.FixedAt, u.Redacted = e.Text, e.Seq, &at, e.Redacted
		}
	}
}

func (i *Incident) retract(e Event) {
	for k := range i.Updates {
		if i.Updates[k].Seq == e.Data.Ref {
			i.Updates[k].Retracted = true
		}
	}
}

// setTitle sets one of the two titles. Kept says that customers go on reading
// the old one: who renamed it may not speak to them.
func (i *Incident) setTitle(e Event) {
	if e.Data.Public {
		i.PublicTitle = e.Text
		return
	}
	if e.Data.Kept && i.PublicTitle == "" {
		i.PublicTitle = i.Title
	}
	i.Title = e.Text
}

func (i *Incident) addLink(e Event) {
	if e.Redacted {
		return
	}
	address, name := e.Link()
	i.Links = append(i.Links, NamedLink{Seq: e.Seq, URL: address, Name: name})
}

// rolled keeps where a rollback stands.
func (i *Incident) rolled(e Event) {
	m := e.Data.Rollback
	if m == nil || m.PlanOnly {
		return
	}
	ref := RollbackRef{m.ID, m.Target, m.State}
	for k := range i.Rollbacks {
		if i.Rollbacks[k].ID == m.ID {
			i.Rollbacks[k] = ref
			return
		}
	}
	i.Rollbacks = append(i.Rollbacks, ref)
}

func (i *Incident) setStatus(e Event) {
	if e.Data.Status == "" || e.Data.Status == i.Status {
		return
	}
	i.Status = e.Data.Status
	i.History = append(i.History, StatusChange{Status: e.Data.Status, At: e.At})
}

func (i *Incident) setComponents(e Event) {
	if len(e.Data.Components) == 0 {
		return
	}
	i.Components = maps.Clone(i.Components)
	if i.Components == nil {
		i.Components = map[string]ComponentState{}
	}
	i.Changes = append(i.Changes, stamped(e)...)
	for _, c := range byTime(i.Changes) {
		i.Components[c.Component] = c.State
	}
}

// stamped returns the component changes of e with their times.
func stamped(e Event) []ComponentChange {
	out := slices.Clone(e.Data.Components)
	for k := range out {
		out[k].At = e.At
	}
	return out
}

func (i *Incident) setRole(e Event) {
	i.Roles = maps.Clone(i.Roles)
	if i.Roles == nil {
		i.Roles = map[string]UserID{}
	}
	if e.Data.Role == Commander {
		i.Acting = false
	}
	if e.Data.User == "" {
		delete(i.Roles, e.Data.Role)
		return
	}
	i.Roles[e.Data.Role] = e.Data.User
}

func (i *Incident) mark(e Event) {
	if e.Data.When != nil {
		i.setMark(e.Data.Milestone, e)
	}
}

func (i *Incident) setMark(m Milestone, e Event) {
	i.Marks = maps.Clone(i.Marks)
	if i.Marks == nil {
		i.Marks = map[Milestone]time.Time{}
	}
	i.Marks[m] = *e.Data.When
}

// turn ends an incident or opens it again.
func (i *Incident) turn(e Event) {
	i.setComponents(e)
	switch e.Kind {
	case EventResolved:
		i.Status = Resolved
		at := e.At
		i.ResolvedAt = &at
	case EventCancelled:
		i.Status = Cancelled
	default:
		i.Status, i.ResolvedAt = Investigating, nil
		i.Reopened++
		i.Marks = maps.Clone(i.Marks)
		delete(i.Marks, MilestoneResolved)
	}
	i.History = append(i.History, StatusChange{Status: i.Status, At: e.At})
	i.LastUpdate, i.NextBy = e.RecordedAt, nil
	if e.Text != "" {
		i.LastText, i.LastTextAt = e.Text, e.RecordedAt
	}
	switch {
	case e.Data.Stock:
		i.publish(e, StockLine(i.Status))
	case e.Public:
		i.publish(e, e.Text)
	}
}

// forCustomers is the status in the page's words, which know no cancelled.
func (s Status) forCustomers() Status {
	if s == Cancelled || s == Merged {
		return Resolved
	}
	return s
}

// RedactedText stands where a text was removed from the record.
const RedactedText Text = "[redacted]"

// StockLine is what customers read of a status when nobody wrote anything.
func StockLine(s Status) Text {
	switch s {
	case Investigating:
		return "We are currently investigating this issue."
	case Identified:
		return "The issue has been identified and a fix is being implemented."
	case Monitoring:
		return "A fix has been implemented and we are monitoring the results."
	case Resolved:
		return "This incident has been resolved."
	case Cancelled:
		return "We found no impact on our services."
	case Merged:
	}
	return ""
}
