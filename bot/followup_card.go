package bot

import (
	"fmt"
	"strings"
)

// FollowUpCard is an action item at a glance: one message, changed in place. last
// is the entry that brought it where it stands; none while it is as it was added.
// Why its issue failed is not here but in [Settings.FollowUpNotice], whose text a
// redaction reaches.
func (s *Settings) FollowUpCard(f *FollowUp, last Event) Message {
	head := Join(Bold(fmt.Sprintf("Action item %d [%s]", f.Number, f.State.Label())), " ", f.Text)
	facts := s.followUpFacts(f)
	m := Message{
		Summary: Join(Plain(fmt.Sprintf("Action item %d [%s] ", f.Number, f.State.Label())), f.Text, " – ", facts, "."),
		Blocks:  []Block{Para(head), Para(facts, "\n", s.issueStands(f))},
	}
	if last.Text != "" {
		m.Blocks = append(m.Blocks, Quote(last.Text.OneLine(600)))
	}
	m.Blocks = append(m.Blocks, Small("Added by ", MentionUser(f.AddedBy), " ", Moment(f.AddedAt), last.turned()))
	return m.with(Buttons(s.FollowUpButtons(f)...))
}

// with adds a block.
func (m Message) with(b Block) Message {
	m.Blocks = append(m.Blocks, b)
	return m
}

// followUpFacts says whose f is, when it is due, and how much it matters.
func (s *Settings) followUpFacts(f *FollowUp) Text {
	t := Text("Nobody owns it")
	if f.Owner != "" {
		t = Join("Owner ", MentionUser(f.Owner))
	}
	if f.Due != "" {
		t = Join(t, Plain(" · due "+f.Due.Label()))
	} else {
		t = Join(t, " · no due date")
	}
	if f.Priority != "" {
		t = Join(t, Plain(" · "+f.Priority))
	}
	if f.Service != "" {
		t = Join(t, Plain(" · "+s.service(f.Service)))
	}
	return t
}

// Link is the address of an issue with its name; empty while it has no number.
func (i Issue) Link() Text {
	if i.Number == 0 {
		return ""
	}
	return LinkTo(i.URL, i.Repo+"#"+itoa(int64(i.Number)))
}

// issueStands says where the issue of f is.
func (s *Settings) issueStands(f *FollowUp) Text {
	i := f.Issue
	switch i.State {
	case IssueWanted, IssueCreating:
		switch {
		case i.Adopted && i.RefusedAt != nil:
			return Join("Issue ", i.Link(), ", which waits to be read: GitHub refuses us")
		case i.Adopted:
			return Join("Issue ", i.Link(), ", which is being read")
		case i.RefusedAt != nil:
			return Join(Bold("No issue yet"), " in ", Code(i.Repo), ": GitHub refuses us")
		}
		return Join("An issue in ", Code(i.Repo), " is being opened")
	case IssueUnknown:
		if i.Lost {
			return Join(Bold("Nobody knows"), " whether its issue in ", Code(i.Repo), " was opened")
		}
		return Join("An issue in ", Code(i.Repo), " may have been opened; it is being looked for")
	case IssueOpened:
		return Join("Issue ", i.Link())
	case IssueFailed:
		if i.Adopted {
			return Join("Issue ", i.Link(), ", which could not be read")
		}
		return Join(Bold("No issue"), ": it could not be opened in ", Code(i.Repo))
	case IssueGone:
		return Join("Issue ", i.Link(), ", which was deleted or can no longer be seen")
	case IssueNone:
	}
	return "Kept here, no issue opened"
}

// turned says who brought an action item where it stands, and when.
func (e Event) turned() Text {
	m := e.Data.FollowUp
	if m == nil {
		return ""
	}
	verb := map[FollowUpState]string{
		FollowUpOpen: "reopened", FollowUpInProgress: "started", FollowUpOngoing: "made ongoing", FollowUpDone: "done", FollowUpDropped: "dropped",
	}[m.State]
	t := Plain(" · " + verb)
	switch {
	case m.Login != "":
		t = Join(t, Plain(" by "+m.Login+" on GitHub"))
	case e.Via == ViaGitHub:
		t = Join(t, " on GitHub")
	case e.Actor != "":
		t = Join(t, " by ", MentionUser(e.Actor))
	}
	return Join(t, " ", Moment(e.At))
}

// FollowUpButtons are what can be done about f now.
func (s *Settings) FollowUpButtons(f *FollowUp) []Button {
	b := f.steps()
	if r, ok := f.retryButton(); ok {
		b = append(b, r)
	}
	return b
}

// steps are the buttons that say where f stands.
func (f *FollowUp) steps() []Button {
	line := func(verb string) string { return "action " + verb + " " + itoa(f.Number) }
	switch {
	case f.State.Closed():
		return []Button{{Label: "Reopen", Line: line("reopen")}}
	case f.State == FollowUpOpen:
		return []Button{{Label: "Start", Line: line("start")}, {Label: "Done", Line: line("done")}, {Label: "Drop", Line: line("drop")}}
	}
	return []Button{{Label: "Done", Line: line("done")}, {Label: "Drop", Line: line("drop")}}
}

// retryButton opens the issue of f anew, where that can be wanted. What may have
// been opened is opened again only by somebody who says that they looked.
func (f *FollowUp) retryButton() (Button, bool) {
	line := "action retry " + itoa(f.Number)
	switch {
	case f.Issue.State == IssueFailed:
		return Button{Label: "Try again", Line: line}, true
	case f.Issue.State == IssueGone && !f.State.Closed():
		return Button{Label: "Open a new issue", Line: line}, true
	case f.Issue.State == IssueUnknown && f.Issue.Lost:
		return Button{Label: "Open it again", Line: line, Confirm: &Confirm{
			Title: "Open it again?", Text: Join("You looked in ", Code(f.Issue.Repo), ", and it is not there. If it is, there will be two."), Yes: "Open it again", No: "Not sure",
		}}, true
	}
	return Button{}, false
}

// Noticed reports whether what m tells is said in a message of its own, since the
// change of another one notifies nobody.
func (m *FollowUpMark) Noticed() bool {
	return m.givenUpThere() || m.What == DeedUnassigned || m.What == DeedRefused || m.What == DeedUnsent || m.What == DeedIssue && (m.Issue == IssueFailed || m.Issue == IssueUnknown && m.Lost)
}

// givenUpThere reports whether the issue was closed on GitHub although the item,
// which somebody owns, was not done. GitHub asks nobody why; whoever drops an item
// here can say it at once.
func (m *FollowUpMark) givenUpThere() bool {
	return m.What == DeedState && m.State == FollowUpDropped && m.Issue == IssueOpened && m.Owner != "" && !m.Push
}

// FollowUpNotice is the message about an entry that is [FollowUpMark.Noticed]. It
// names who should see to it.
func (s *Settings) FollowUpNotice(f *FollowUp, e Event) Message {
	m := *e.Data.FollowUp
	item := fmt.Sprintf("action item %d", f.Number)
	var head string
	why, say := e.Text, Join(MentionUser(f.AddedBy), " added it.")
	switch {
	case m.What == DeedUnassigned:
		head = "GitHub did not take " + m.Login + " as assignee of " + item
		if m.Owner != "" {
			say = Join(MentionUser(m.Owner), " owns it.")
		}
	case m.What == DeedState:
		head = fmt.Sprintf("Action item %d will not be done: its issue was %s", f.Number, why)
		why, say = "", Join(MentionUser(m.Owner), ", why? Say it for the record.")
	case m.What == DeedRefused:
		head = "GitHub refuses what is sent for " + item
		say = Join("It is tried again, at least once an hour, and goes on once that is mended. ", say)
	case m.What == DeedUnsent:
		head = "GitHub did not take a change of " + item
		say = Join("What ", LinkTo(m.URL, m.Repo+"#"+itoa(int64(m.Ref))), " says counts now; change it there if need be. ", say)
	case m.Issue == IssueUnknown:
		head = "Nobody knows whether the issue of " + item + " was opened"
		why = "" // that it was not found is said below
		say = Join("It was looked for in vain. Look in ", LinkTo(s.Followups.Web+"/"+m.Repo+"/issues", m.Repo), " first; if it is not there, open it again. ", say)
	case f.Issue.Adopted:
		head = fmt.Sprintf("%s#%d, the issue of %s, could not be read", m.Repo, m.Ref, item)
	default:
		head = "The issue of " + item + " could not be opened in " + m.Repo
	}
	line := Join(Plain(fmt.Sprintf("#%d: %s", f.Incident, head)), ".")
	out := Message{Summary: line, Blocks: []Block{Para(Bold(head)), Para(f.Text)}}
	if why != "" {
		out.Summary = Join(strip(line), ": ", why.OneLine(300))
		out.Blocks = append(out.Blocks, Quote(why))
	}
	out.Blocks = append(out.Blocks, Para(say), Small("Tocsin · ", Moment(e.At)))
	if m.What == DeedState {
		out = out.with(Buttons(Button{Label: "Say why", Line: fmt.Sprintf("#%d note", f.Incident)}))
	}
	if b, ok := f.retryButton(); ok && m.What == DeedIssue {
		out = out.with(Buttons(b))
	}
	return out
}

// strip is t without its full stop.
func strip(t Text) Text { return Text(strings.TrimSuffix(string(t), ".")) }

// TaskCard is a task: one short message, changed in place when it is done. e is
// the entry that added it.
func (t *Task) TaskCard(incident int64, e Event) Message {
	head := Bold("Task " + itoa(t.Number))
	if t.Owner != "" {
		head = Join(head, " for ", MentionUser(t.Owner))
	}
	head = Join(head, ": ", t.Text)
	small := Join("Added by ", MentionUser(t.AddedBy), " · ", Moment(e.At))
	switch {
	case t.FollowUp != 0:
		small = Join(small, Plain(" · made action item "+itoa(t.FollowUp)+" by "), MentionUser(t.DoneBy), " ", Moment(*t.DoneAt))
	case !t.Open():
		head = Join(Bold("Done"), " · ", head)
		small = Join(small, " · done by ", MentionUser(t.DoneBy), " ", Moment(*t.DoneAt))
	}
	m := Message{Summary: Join(Plain(fmt.Sprintf("#%d: Task %d: ", incident, t.Number)), t.Text), Blocks: []Block{Para(head), Small(small)}}
	if t.Open() {
		m = m.with(Buttons(Button{Label: "Done", Line: "task done " + itoa(t.Number)}))
	}
	return m
}
