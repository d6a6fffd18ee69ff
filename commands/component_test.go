package commands

import (
	"errors"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// One change has one state for a component: two are a slip, and whichever won would
// surprise somebody.
func TestOneStateForOneComponent(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	before := len(d.events(1))
	for line, offers := range map[string][2]string{
		"component api=ok web=partial api=major": {"#1 component api=operational web=partial_outage", "#1 component web=partial_outage api=major_outage"},
		"update It is the cache --component api=ok --component API=major": {
			"#1 update --component=api=operational -- It is the cache", "#1 update --component=api=major_outage -- It is the cache",
		},
	} {
		e := d.refused("U0ANA", "C1", line, bot.KindInvalid)
		if !strings.Contains(e.Error(), "two states: operational and major outage") || len(e.Lines) != 2 {
			t.Errorf("%s: %v, offers %+v", line, e, e.Lines)
		}
		for k, b := range e.Lines {
			if b.Line != offers[k] {
				t.Errorf("%s: offers %q, want %q", line, b.Line, offers[k])
			}
		}
	}
	_, err := d.to.Dispatch(t.Context(), bot.Request{
		User: "U0ANA", Verb: "component", Values: map[string]bot.Text{"component": "api=operational\napi=major_outage"}, Incident: 1, Via: bot.ViaSlack,
	})
	var fields *bot.FormError
	if !errors.As(err, &fields) || !strings.Contains(fields.Fields["component"], "two states") {
		t.Errorf("a form: %v", err)
	}
	if n := len(d.events(1)); n != before {
		t.Errorf("%d entries were recorded", n-before)
	}
	d.say("U0ANA", "C1", "component api=major api=major web=partial")
}
