package bot

import (
	"fmt"
	"strings"
	"time"
)

// notUndone is what no rollback brings back (the deploy systems' own guides say
// so); whoever approves must have read it.
const notUndone Text = "A rollback does not undo database migrations, configuration, feature flags or secrets."

// RollbackCard is a rollback at a glance: the plan with every step's exact from
// and to while it waits, then each step with its own clock, then how it ended.
// It is one message, changed in place. who is whom it waits for.
func (s *Settings) RollbackCard(r *Rollback, who Approvers, now time.Time) Message {
	head := Join(Plain(r.headline()), Plain(fmt.Sprintf(" %s: %s in %s", r.ID, s.service(r.Service), r.Environment)))
	m := Message{Summary: Join(head, " – ", Plain(r.State.Label()), "."), Blocks: []Block{Heading(head)}}
	m.Blocks = append(m.Blocks, Para(s.rollbackStands(r, who)))
	var lines []Text
	for k := range r.Steps {
		lines = append(lines, r.Steps[k].line(k+1, r, now))
	}
	m.Blocks = append(m.Blocks, Para(joinLines(lines)))
	if r.Reason != "" {
		m.Blocks = append(m.Blocks, Quote(r.Reason))
	}
	if r.State == RollbackAwaiting || r.PlanOnly {
		m.Blocks = append(m.Blocks, Small(notUndone))
	}
	if t, ok := Find(s.Targets, r.Target); ok && t.Note != "" && r.State != RollbackRequested {
		m.Blocks = append(m.Blocks, Small("Afterwards: ", Plain(t.Note)))
	}
	m.Blocks = append(m.Blocks, Small(r.signature()))
	if b := s.RollbackButtons(r); len(b) > 0 {
		m.Blocks = append(m.Blocks, Buttons(b...))
	}
	return m
}

func (r *Rollback) headline() string {
	if r.PlanOnly {
		return "Plan"
	}
	return "Rollback"
}

func joinLines(lines []Text) Text {
	var out Text
	for k, l := range lines {
		if k > 0 {
			out = Join(out, "\n")
		}
		out = Join(out, l)
	}
	return out
}

// rollbackStands is the sentence that says what is next.
func (s *Settings) rollbackStands(r *Rollback, who Approvers) Text {
	switch r.State {
	case RollbackRequested:
		return "Reading which versions run."
	case RollbackAwaiting:
		t := Join(Bold("Waits for approval"), " by a second person until ", Moment(*r.ExpiresAt), ".")
		if target, ok := Find(s.Targets, r.Target); ok && target.Approval.Alone {
			t = Join(Bold("Waits to be confirmed"), " until ", Moment(*r.ExpiresAt), ".")
		}
		if names := who.Mention(); names != "" {
			t = Join(t, " ", names, " can approve.")
		}
		return t
	case RollbackVoided:
		if r.PlanOnly {
			return "Only the plan was asked for; nothing is sent."
		}
		return Join(Bold("Void"), ": ", Plain(r.Why), ". Nothing was sent.")
	case RollbackDenied, RollbackCancelled:
		return Join(Bold(capital(string(r.State))), " by ", MentionUser(r.ClosedBy), ". ", r.sentSoFar())
	case RollbackExpired:
		return Join(Bold("Expired"), ": nobody approved in time. Nothing was sent.")
	case RollbackFailed:
		if r.ApprovedAt == nil {
			return Join(Bold("No plan"), ": ", Plain(r.Why), ". Nothing was sent.")
		}
		return Join(Bold("Failed"), ". ", r.sentSoFar())
	case RollbackSucceeded:
		return Join(Bold("Succeeded"), " after ", Plain(roundly(r.EndedAt.Sub(*r.ApprovedAt))), ".")
	case RollbackUnknown:
		return Join(Bold("Outcome unknown"), ". It is not sent again by itself. Look at the deploy system, then say what is so.")
	case RollbackTimedOut:
		return Join(Bold("I stopped watching"), "; that is no failure. Look at the deploy system, then say what is so.")
	case RollbackBlocked:
		return Join(Bold("Waits for somebody in the deploy system"), ".")
	case RollbackApproved:
		return Join(Bold("Approved"), ".")
	case RollbackSubmitting, RollbackRunning, RollbackVerifying, StepPending:
	}
	if r.Stopped {
		return Join(Bold("Under way"), "; what had not begun was cancelled.")
	}
	return Join(Bold("Under way"), ".")
}

// sentSoFar says which steps stay done.
func (r *Rollback) sentSoFar() Text {
	var done []string
	for _, s := range r.Steps {
		if s.Tries > 0 && s.State == RollbackSucceeded {
			done = append(done, s.Name)
		}
		if s.Tries > 0 && s.State != RollbackSucceeded {
			return "What was sent is listed below."
		}
	}
	if len(done) == 0 {
		return "Nothing was sent."
	}
	return Plain(strings.Join(done, ", ") + " stays rolled back.")
}

// Mention calls the groups, and the people who are in none of them by name.
func (a Approvers) Mention() Text {
	const most = 10
	var out Text
	add := func(t Text) {
		if out != "" {
			out = Join(out, ", ")
		}
		out = Join(out, t)
	}
	for _, g := range a.Groups {
		add(MentionGroup(g))
	}
	for _, u := range a.Named[:min(len(a.Named), most)] {
		add(MentionUser(u))
	}
	return out
}

// line is a step with its clock.
func (s *Step) line(n int, r *Rollback, now time.Time) Text {
	t := Join(Plain(fmt.Sprintf("%d. ", n)), Bold(s.Name), "  ", s.change(r))
	switch {
	case s.SubmittedAt != nil && s.EndedAt != nil:
		t = Join(t, " · ", Plain(string(s.State)), " after ", Bold(roundly(s.EndedAt.Sub(*s.SubmittedAt))))
	case s.SubmittedAt != nil && s.State.active():
		t = Join(t, " · ", Plain(s.State.Label()), " for ", Bold(roundly(now.Sub(*s.SubmittedAt))), ", since ", Moment(*s.SubmittedAt))
	case s.State == StepPending && s.QueuedAt != nil:
		t = Join(t, " · about to be sent")
	case s.State == StepPending && r.ApprovedAt != nil:
		t = Join(t, " · starts when the one before is done")
	case s.State == StepPending && s.Parallel && n > 1:
		t = Join(t, " · together with the one before")
	case s.State != StepPending:
		t = Join(t, " · ", Plain(s.State.Label()))
	}
	if s.Message != "" {
		t = Join(t, " · ", Plain(s.Message))
	}
	if quiet := s.quiet(now); quiet > 0 {
		t = Join(t, " · ", Bold("silent for "+roundly(quiet)))
	}
	if s.Link != "" {
		t = Join(t, " · ", LinkTo(s.Link, "open"))
	}
	return t
}

// change is from → to, with how old what runs is and who deployed it, as long as
// that helps to decide.
func (s *Step) change(r *Rollback) Text {
	if s.To.ID == "" {
		return ""
	}
	t := Join(Code(s.From.Name()), " → ", Code(s.To.Name()))
	if r.State != RollbackAwaiting && !r.PlanOnly {
		return t
	}
	for _, v := range []struct {
		what string
		Version
	}{{"deployed", s.From}, {"back to what was deployed", s.To}} {
		if v.At == nil {
			continue
		}
		t = Join(t, " · ", Plain(v.what+" "), Moment(*v.At))
		if v.By != "" {
			t = Join(t, " by ", ActorText(v.By))
		}
	}
	return t
}

// silence is how long nothing is heard before it is said.
const silence = 2 * time.Minute

func (s *Step) quiet(now time.Time) time.Duration {
	if s.HeardAt == nil || !s.State.Watched() {
		return 0
	}
	if d := now.Sub(*s.HeardAt); d > silence {
		return d
	}
	return 0
}

func (r *Rollback) signature() Text {
	t := Join("Asked for by ", MentionUser(r.RequestedBy), " ", Moment(r.RequestedAt))
	if r.ApprovedAt != nil {
		t = Join(t, " · approved by ", MentionUser(r.ApprovedBy), " ", Moment(*r.ApprovedAt))
	}
	if r.PlanHash != "" {
		t = Join(t, " · plan ", Code(r.PlanHash[:8]))
	}
	return t
}

// RollbackButtons are what can be done about r now.
func (s *Settings) RollbackButtons(r *Rollback) []Button {
	line := func(verb string) string { return "rollback " + verb + " " + r.ID }
	switch {
	case r.State == RollbackRequested:
		return []Button{{Label: "Cancel", Line: line("cancel")}}
	case r.State == RollbackAwaiting:
		return []Button{
			{Label: "Approve", Line: line("approve"), Style: "primary", Confirm: s.confirmRollback(r)},
			{Label: "Deny", Line: line("deny")}, {Label: "Cancel", Line: line("cancel")},
		}
	case r.PlanOnly && r.PlanHash != "":
		return []Button{{Label: "Ask for this rollback", Line: strings.TrimSuffix(r.AskAgain(), planFlag)}}
	case r.State == RollbackUnknown || r.State == RollbackTimedOut:
		return r.decisions(line)
	case r.State.Final() && r.State != RollbackSucceeded:
		return []Button{{Label: "Ask again", Line: r.AskAgain()}}
	case r.State.Final():
		return nil
	}
	var out []Button
	if next := r.Next(); next != nil && r.State != RollbackApproved {
		out = append(out, Button{Label: "Start " + next.Name + " now", Line: line("next") + " " + quoteWord(next.Name), Style: "primary", Confirm: &Confirm{
			Title: "Start " + next.Name + " now?", Yes: "Start", No: "Not yet",
			Text: Join(Bold(next.Name), ": ", Code(next.From.Name()), " → ", Code(next.To.Name()), ". Otherwise it starts when the one before is done."),
		}})
	}
	if r.hasPending() {
		out = append(out, Button{Label: "Cancel the rest", Line: line("cancel")})
	}
	return out
}

func (r *Rollback) hasPending() bool {
	for _, s := range r.Steps {
		if s.State == StepPending {
			return true
		}
	}
	return false
}

// decisions are what a person can say when the machine does not know.
func (r *Rollback) decisions(line func(string) string) []Button {
	var out []Button
	for _, s := range r.Steps {
		switch s.State {
		case RollbackUnknown:
			out = append(out, Button{Label: s.Name + " is done", Line: line("done") + " " + s.Name, Confirm: &Confirm{
				Title: s.Name + " was rolled back?", Text: "You looked, and it runs " + Code(s.To.Name()) + ".", Yes: "It is done", No: "Not sure",
			}})
			if r.Stopped {
				continue // nothing more of it is sent
			}
			out = append(out,
				Button{Label: "Send " + s.Name + " again", Line: line("resend") + " " + s.Name, Style: "danger", Confirm: &Confirm{
					Title: "Send " + s.Name + " again?", Text: "You looked, and it is not under way. If it was, it will be done twice.", Yes: "Send again", No: "Not sure",
				}})
		case RollbackTimedOut:
			out = append(out, Button{Label: s.Name + " is done", Line: line("done") + " " + s.Name})
		}
	}
	return append(out, Button{Label: "Give it up", Line: line("cancel"), Confirm: &Confirm{
		Title: "Give " + r.ID + " up?", Text: "It is closed as it stands, and the service can be rolled back anew.", Yes: "Give up", No: "Keep it",
	}})
}
