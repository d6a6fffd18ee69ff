package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/commands"
)

// TestStory runs an incident through the API with the real commands, and reads
// what customers read after each step.
func TestStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Dispatcher = commands.New(c.Bot) })
	path := "/incidents/" + bot.PublicID("incident", "1")
	for _, step := range []struct {
		line string
		code int
		home []string // in order
		page string   // on the incident's page; empty: there is none
	}{
		{"declare sev1 Gateway is slow after deploy 4711", 200, []string{"All Systems Operational", "No incidents reported today."}, ""},
		{"#1 update identified Rolling back 4711, see <#C0WAR>", 200, []string{"All Systems Operational"}, ""},
		{"#1 component api=major", 200, []string{"All Systems Operational"}, ""},
		{"#1 title Users unable to load the application --public", 200, []string{"All Systems Operational"}, ""},
		{"#1 update The cause is known. --public --next 30m", 200,
			[]string{"Users unable to load the application", "Next update by Jan 24, 10:00 EST.", "Identified The cause is known.", "API Major outage"}, "The cause is known."},
		{"#1 update fix The cause is known, a fix is on its way.", 200, []string{"a fix is on its way."}, "corrected Jan 24, 2020"},
		{"#1 update Write to ana@example.com --public", 400, []string{"a fix is on its way."}, "a fix is on its way."},
		{"#1 update retract Not true", 200, []string{"No incidents reported today."}, ""},
		{"#1 update monitoring It works again. --public --component api=ok", 200, []string{"Monitoring It works again.", "API Operational"}, "Posted Jan 24, 2020 - 09:30 EST"},
		{"#1 resolve", 200, []string{"All Systems Operational", "Users unable to load the application Resolved This incident has been resolved."}, "This incident affected: Prod1 (US) (API)."},
		{"#1 postmortem publish --public", 409, []string{"All Systems Operational"}, "Incident Report for Kustomer Resolved"},
		{"#1 postmortem set summary Deploy 4711 _was_ slow for <@U0BEN>", 200, []string{"All Systems Operational"}, "Incident Report for Kustomer Resolved"},
		{"#1 postmortem set summary The gateway _was_ slow.\n\nSee <b>below</b>.", 200, []string{"All Systems Operational"}, "Incident Report for Kustomer Resolved"},
		{"#1 postmortem set root-cause A setting.", 200, []string{"All Systems Operational"}, "Incident Report for Kustomer Resolved"},
		{"#1 postmortem set trigger A change.", 200, []string{"All Systems Operational"}, "Incident Report for Kustomer Resolved"},
		{"#1 postmortem set resolution It was taken back by <@U0ANA>.", 200, []string{"All Systems Operational"}, "Incident Report for Kustomer Resolved"},
		{"#1 action add Test each service --owner <@U0BEN>", 200, []string{"All Systems Operational"}, "Incident Report for Kustomer Resolved"},
		{"#1 postmortem publish --public", 200, []string{"All Systems Operational", "Users unable to load the application Postmortem - Read details"},
			"Incident Report for Kustomer Postmortem Summary The gateway was slow. See &lt;b&gt;below&lt;/b&gt;. Impact Affected were: Prod1 (US) - API: major outage"},
		{"#1 action done 1", 200, []string{"All Systems Operational"}, "Resolution It was taken back by someone. Lessons Learned & Action Items Test each service [OPEN] Posted Jan 24, 2020 - 09:30 EST Resolved"},
		{"#1 postmortem publish --public", 200, []string{"All Systems Operational"}, "Test each service [DONE] Posted Jan 24, 2020 - 09:30 EST Resolved"},
	} {
		if r, body := w.run(step.line); r.StatusCode != step.code {
			t.Fatalf("%s: %s %s", step.line, r.Status, body)
		}
		if err := w.srv.site.refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		home := getPage(t, w.mux, "/")
		inOrder(t, step.line, reading(home), step.home...)
		if strings.Contains(home, "4711") || strings.Contains(home, "C0WAR") {
			t.Errorf("%s: customers read what is internal", step.line)
		}
		r := ask(t, w.mux, http.MethodGet, path, "")
		if body := text(t, r); (r.StatusCode == http.StatusOK) != (step.page != "") || !strings.Contains(reading(body), step.page) {
			t.Errorf("%s: the incident's page: %s %s", step.line, r.Status, reading(body))
		}
	}
}
