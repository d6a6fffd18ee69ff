package bot

import (
	"fmt"
	"strings"
)

// Deed is what an entry records, without its text: the end of a sentence that
// begins with who did it.
func (s *Settings) Deed(e Event) Text {
	d := e.Data
	switch e.Kind {
	case EventDeclared:
		return Plain("declared " + strings.ToUpper(d.Severity))
	case EventUpdated:
		if d.Ref != 0 {
			return Plain(fmt.Sprintf("corrected update %d", d.Ref))
		}
		return s.withStates("updated", d)
	case EventStatus:
		return Plain("set the status to " + string(d.Status))
	case EventSeverity:
		return Plain("set the severity to " + strings.ToUpper(d.Severity))
	case EventTitle:
		if d.Public {
			return "set the public title"
		}
		return "set the title"
	case EventSummary:
		return "summarised"
	case EventComponent:
		return Plain("reported " + s.States(d.Components))
	case EventRole:
		if d.User == "" {
			return Plain("left the role " + s.Role(d.Role).Name + " open")
		}
		return Join("made ", MentionUser(d.User), Plain(" "+s.Role(d.Role).Name))
	case EventNote:
		return "noted"
	case EventLink:
		return "linked"
	case EventMilestone:
		t := Plain("set " + string(d.Milestone) + " to ")
		if d.When != nil {
			t = Join(t, Moment(*d.When))
		}
		return t
	}
	return s.laterDeed(e)
}

// laterDeed is Deed for what happens to entries, at the end, and after it.
func (s *Settings) laterDeed(e Event) Text {
	d := e.Data
	switch {
	case e.Kind == EventPublished:
		return Plain(fmt.Sprintf("published entry %d", d.Ref))
	case e.Kind == EventRetracted:
		return Plain(fmt.Sprintf("took back update %d", d.Ref))
	case e.Kind == EventRedacted:
		return Plain(fmt.Sprintf("redacted entry %d", d.Ref))
	case e.Kind == EventResolved:
		return s.withStates("resolved", d)
	case e.Kind == EventReopened:
		return "reopened"
	case e.Kind == EventCancelled:
		return "cancelled"
	case d.Rollback != nil:
		return RollbackDeed(d.Rollback)
	case d.FollowUp != nil:
		return d.FollowUp.deed()
	case d.Task != nil:
		return d.Task.deed()
	case d.Reminder != nil:
		return d.Reminder.deed()
	case d.Postmortem != nil:
		return d.Postmortem.deed(e.Public)
	case d.Purge != nil:
		return d.Purge.deed()
	case e.Kind == EventDeploy:
		return "heard of a deploy"
	case e.Kind == EventFailed:
		return Plain("could not deliver " + d.Call)
	}
	return Plain(strings.ReplaceAll(string(e.Kind), "_", " "))
}

// withStates adds the status and the components that an entry sets.
func (s *Settings) withStates(verb string, d Data) Text {
	if d.Status != "" && d.Status != Resolved {
		verb += ", " + string(d.Status)
	}
	if len(d.Components) > 0 {
		verb += " (" + s.States(d.Components) + ")"
	}
	return Plain(verb)
}

// States says in words which state each component has.
func (s *Settings) States(changes []ComponentChange) string {
	parts := make([]string, len(changes))
	for k, ch := range changes {
		parts[k] = s.Component(ch.Component).Label() + ": " + strings.ToLower(ch.State.Label())
	}
	return strings.Join(parts, ", ")
}

// Alone reports whether what e says was done is a sentence of its own and not one
// about who did it.
func (e Event) Alone() bool {
	if m := e.Data.Rollback; m != nil {
		return e.Actor == "" || m.Step != ""
	}
	m := e.Data.FollowUp
	return m != nil && m.What == DeedIssue && m.Issue == IssueOpened
}

func (m *FollowUpMark) deed() Text {
	item := "action item " + itoa(m.Number)
	by := ""
	if m.Login != "" {
		by = " (" + m.Login + " on GitHub)"
	}
	switch m.What {
	case DeedAdded:
		t := Plain("added " + item)
		if m.Owner != "" {
			t = Join(t, " for ", MentionUser(m.Owner))
		}
		if m.Due != "" {
			t = Join(t, Plain(", due "+m.Due.Label()))
		}
		return t
	case DeedState:
		return Plain("set " + item + " to " + m.State.words() + by)
	case DeedDue:
		if m.Due == "" {
			return Plain("took the due date off " + item)
		}
		return Plain("moved " + item + " to " + m.Due.Label())
	case DeedOwner:
		if m.Owner == "" {
			return Plain("left " + item + " without an owner")
		}
		return Join(Plain("gave "+item+" to "), MentionUser(m.Owner))
	case DeedTitle:
		return Plain("took the title of " + item + " from its issue")
	case DeedUnassigned:
		return Plain("could not assign " + m.Login + " to the issue of " + item)
	case DeedRetry:
		return Plain("asked for the issue of " + item + " again")
	case DeedRefused:
		return Plain("heard that GitHub refuses what is sent for " + item)
	case DeedUnsent:
		return Plain("could not bring a change of " + item + " to its issue")
	case DeedIssue:
	}
	return m.issueDeed(item)
}

func (m *FollowUpMark) issueDeed(item string) Text {
	switch m.Issue {
	case IssueOpened:
		return Join(Plain(item+" has its issue, "), LinkTo(m.URL, m.Repo+"#"+itoa(int64(m.Ref))))
	case IssueFailed:
		return Plain("could not open an issue for " + item)
	case IssueUnknown:
		return Plain("does not know whether the issue of " + item + " was opened")
	case IssueGone:
		return Plain("can no longer see the issue of " + item)
	}
	return Plain("changed the issue of " + item)
}

func (m *TaskMark) deed() Text {
	n := "task " + itoa(m.Number)
	switch {
	case m.FollowUp != 0:
		return Plain("made " + n + " action item " + itoa(m.FollowUp))
	case m.Done:
		return Plain("finished " + n)
	case m.Owner != "":
		return Join(Plain("added "+n+" for "), MentionUser(m.Owner))
	}
	return Plain("added " + n)
}

func (m *ReminderMark) deed() Text {
	n := "reminder " + itoa(m.Number)
	switch m.State {
	case ReminderFired:
		return Plain("gave " + n)
	case ReminderCancelled:
		return Plain("cancelled " + n)
	case ReminderWaiting:
	}
	return Join(Plain("set "+n+" for "), Moment(m.At))
}

func (m *PostmortemMark) deed(public bool) Text {
	switch m.What {
	case PostmortemSet:
		return Plain("wrote the post-mortem's section " + sectionTitle(m.Section))
	case PostmortemOwned:
		if m.Owner == "" {
			return "left the post-mortem without an owner"
		}
		return Join("gave the post-mortem to ", MentionUser(m.Owner))
	case PostmortemMoved:
		return Plain("set the post-mortem's due date to " + m.Due.Label())
	case PostmortemSkipped:
		return "decided against a post-mortem"
	case PostmortemRetracted:
		return "took the post-mortem back from customers"
	case PostmortemPublished:
	}
	if public {
		return "published the post-mortem to customers"
	}
	return "published the post-mortem"
}
