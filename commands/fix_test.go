package commands

import (
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// The form that corrects an update holds what customers read of it, and its number:
// what is published while it is open is another one.
func TestFixFormHoldsWhatStands(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	filled := func(line string) map[string]bot.Text {
		t.Helper()
		r := d.say("U0ANA", "C1", line)
		if r.Form == nil {
			t.Fatalf("%s: no form", line)
		}
		out := map[string]bot.Text{}
		for _, in := range r.Form.Inputs {
			out[in.Name] = in.Value
		}
		return out
	}
	if v := filled("update fix"); v["text"] != "" || v["n"] != "" {
		t.Errorf("without a public update: %q", v)
	}
	d.say("U0ANA", "C1", "update We are looking --public")
	d.say("U0ANA", "C1", "update fix Chat is down")
	d.say("U0ANA", "C1", "update A fix is out --public")
	for line, want := range map[string][2]bot.Text{
		"update fix": {"4", "A fix is out"}, "update fix 2": {"2", "Chat is down"}, "update fix --edit Chat is slow": {"", "Chat is slow"}, "update fix 99": {"99", ""},
	} {
		if v := filled(line); v["n"] != want[0] || v["text"] != want[1] {
			t.Errorf("%s: %q, want %q", line, v, want)
		}
	}
	d.say("U0ANA", "C1", "update retract 4 It was too early")
	if v := filled("update fix 4"); v["text"] != "" {
		t.Errorf("what was taken back: %q", v)
	}
	d.say("U0ANA", "C1", "update "+strings.Repeat("long ", 700)+" --public")
	d.refused("U0ANA", "C1", "update fix", bot.KindConflict)
}
