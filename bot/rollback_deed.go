package bot

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// RollbackMark is what an entry tells of a rollback: facts in closed form.
type RollbackMark struct {
	ID     string        `json:"id"`
	Target string        `json:"target"`
	State  RollbackState `json:"state"`
	// Step is the one that the entry is about, in StepState; empty: all, or all
	// that had not begun.
	Step      string        `json:"step,omitempty"`
	StepState RollbackState `json:"step_state,omitempty"`
	Start     []string      `json:"start,omitempty"`     // the steps that are to be sent now
	Plan      []StepPair    `json:"plan,omitempty"`      // with awaiting_approval
	Hash      string        `json:"plan_hash,omitempty"` // with awaiting_approval and approved
	PlanOnly  bool          `json:"plan_only,omitempty"`
	Asked     string        `json:"asked,omitempty"`
	Minutes   int64         `json:"minutes,omitempty"` // how long the step, or all, took
}

// StepPair is a step's exact from and to, as people call them.
type StepPair struct {
	Step string `json:"step"`
	From string `json:"from"`
	To   string `json:"to"`
}

func capital(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

// RollbackDeed is what an entry about a rollback records, without its text: as
// the end of a sentence that begins with who.
func RollbackDeed(m *RollbackMark) Text {
	id := m.ID
	if m.Step != "" {
		return Join(Plain(id+": "+m.Step+" "), m.stepDeed())
	}
	if m.StepState == RollbackCancelled && m.State != RollbackCancelled {
		return Plain("cancelled what had not begun of " + id)
	}
	switch m.State {
	case RollbackRequested:
		t := "asked to roll back " + m.Target
		if m.Asked != "" {
			t += " to " + m.Asked
		}
		return Plain(t + " (" + id + ")")
	case RollbackAwaiting:
		return Plain("planned " + id + ": " + m.pairs() + "; it waits for approval")
	case RollbackApproved:
		return Plain("approved " + id + ", rollback of " + m.Target)
	case RollbackDenied:
		return Plain("denied " + id)
	case RollbackCancelled:
		return Plain("cancelled " + id)
	case RollbackExpired:
		return Plain(id + " expired: nobody approved it in time")
	case RollbackVoided:
		if m.PlanOnly {
			return Plain("planned " + id + ", and nothing more was asked for: " + m.pairs())
		}
		return Plain(id + " is void")
	case RollbackFailed:
		return Plain(id + " could not be planned")
	}
	return Plain(id + " is " + m.State.Label())
}

func (m *RollbackMark) pairs() string {
	parts := make([]string, len(m.Plan))
	for k, p := range m.Plan {
		parts[k] = p.Step + " " + p.From + " → " + p.To
	}
	return strings.Join(parts, ", ")
}

// stepDeed is what became of a step, and of the rollback with it.
func (m *RollbackMark) stepDeed() Text {
	var t string
	switch m.StepState {
	case StepPending:
		return "is sent"
	case RollbackRunning:
		return "was accepted by the deploy system"
	case RollbackBlocked:
		return "waits for somebody in the deploy system"
	case RollbackVerifying:
		return "is deployed; its health is being checked"
	case RollbackUnknown:
		return "may have been sent; the outcome is unknown"
	case RollbackTimedOut:
		return "is no longer watched"
	case RollbackSucceeded:
		t = "succeeded"
	case RollbackFailed:
		t = "failed"
	default:
		return Plain("is " + m.StepState.Label())
	}
	if m.Minutes > 0 {
		t += fmt.Sprintf(" after %d min", m.Minutes)
	}
	if m.State.Final() {
		t += "; the rollback "
		if m.Target != m.Step {
			t += "of " + m.Target + " "
		}
		t += "has " + string(m.State)
	}
	return Plain(t)
}
