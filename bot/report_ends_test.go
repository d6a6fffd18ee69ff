package bot

import (
	"strings"
	"testing"
)

// TestWhatWasNotOperationalAtTheEnd: what is published says for ever how long a
// thing was down, so the time after the end does not count, unless it is known when
// it was operational again.
func TestWhatWasNotOperationalAtTheEnd(t *testing.T) {
	t.Parallel()
	for later, want := range map[bool]string{
		false: "4 min until the incident ended; it was not operational again then",
		true:  "60 min until operational again",
	} {
		r := kustomerReport(t, func(r *record, _ *shelf) {
			*r = *newRecord(t, "21:21")
			r.add("21:30", Event{Kind: EventComponent, Data: components(Degraded, "chat")})
			r.add("21:34", Event{Kind: EventResolved, Data: Data{Status: Resolved}})
			if later {
				r.add("22:30", Event{Kind: EventComponent, Data: components(Operational, "chat")})
			}
		})
		want = "Affected were:\n\n- Prod1 (US) - Channel - Chat: degraded performance, " + want
		if got := r.section(SectionImpact); got.Text.String() != want || got.Public.String() != want {
			t.Errorf("impact: %q, %q, want %q", got.Text, got.Public, want)
		}
	}
}

// TestAStepCalledLikeItsTarget is named once.
func TestAStepCalledLikeItsTarget(t *testing.T) {
	t.Parallel()
	r := kustomerReport(t, func(_ *record, s *shelf) {
		s.rollbacks = []*Rollback{{ID: "r1", Target: "gateway-main", Steps: []Step{step(t, "gateway-main", "21:23", "21:41")}}}
	})
	if got := r.section(SectionResolution).Text.String(); !strings.Contains(got, "\n- gateway-main: v2 → v1 between") {
		t.Errorf("resolution: %q", got)
	}
	for target, want := range map[string]string{
		"gateway-main": "r1: gateway-main succeeded; the rollback has succeeded",
		"gateway":      "r1: gateway-main succeeded; the rollback of gateway has succeeded",
	} {
		m := &RollbackMark{ID: "r1", Target: target, Step: "gateway-main", StepState: RollbackSucceeded, State: RollbackSucceeded}
		if got := RollbackDeed(m).String(); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
}
