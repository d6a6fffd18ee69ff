package main

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/scenario"
)

// TestScenarios plays every incident that comes with the program as the demo
// does, through the whole program in virtual time, and asserts what its file says
// must come out.
func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, name := range scenario.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				story, err := scenario.Load(name)
				if err != nil {
					t.Fatal(err)
				}
				p := playScenario(t, story, 0)
				defer p.close()
				p.compare()
				p.goesOn()
			})
		})
	}
}

// compare asserts what the file expects.
func (p *played) compare() {
	t, want := p.t, p.scenario.Expect
	t.Helper()
	site := p.customers()
	if !slices.Equal(site.statuses, want.Statuses) {
		t.Errorf("customers read %v, want %v", site.statuses, want.Statuses)
	}
	page := readableHTML(p.get(incidentPath(p.incident.Number)))
	if want.Affected != "" && !strings.Contains(page, "This incident affected: "+want.Affected+".") {
		t.Errorf("the page does not say that %s was affected:\n%s", want.Affected, page)
	}
	for name, minutes := range want.Downtime {
		if d := p.incident.Downtime(scenario.Component{Name: name}.ID(), p.clock.Now()); !minutesNear(d, minutes) {
			t.Errorf("%s was down for %s, want %v minutes", name, d, minutes)
		}
	}
	for name, state := range want.Worst {
		if got := p.worst(scenario.Component{Name: name}.ID()); got != state {
			t.Errorf("the worst of %s was %s, want %s", name, got, state)
		}
	}
	for name, minutes := range want.Minutes {
		p.minutes(name, minutes, site)
	}
	if want.Silence != nil && !minutesNear(site.silence(), *want.Silence) {
		t.Errorf("the longest silence was %s, want %v minutes", site.silence(), *want.Silence)
	}
	if back := site.regressions(); want.Regressions != nil && back != *want.Regressions {
		t.Errorf("it went back from monitoring %d times, want %d", back, *want.Regressions)
	}
	if days := p.was.Begin().UTC().YearDay() != p.was.End().UTC().YearDay(); want.CrossesMidnight && !days {
		t.Error("it began and ended on one day")
	}
	p.compareRollbacks()
	p.compareItems(page)
}

// compareRollbacks wants what the file says was rolled back, as fast as it was.
func (p *played) compareRollbacks() {
	p.t.Helper()
	var want []string
	for _, v := range p.scenario.Services {
		for _, x := range v.Targets {
			want = append(want, x.ID)
		}
	}
	if len(p.asked) != len(want) {
		p.t.Fatalf("%d rollbacks, want %v", len(p.asked), want)
	}
	for k, r := range p.asked {
		took, _ := p.scenario.Took(want[k])
		if r.Target != want[k] || r.State != bot.RollbackSucceeded || r.ApprovedBy == "" || r.ApprovedBy == r.RequestedBy {
			p.t.Errorf("rollback %s of %s is %s, approved by %q", r.ID, r.Target, r.State, r.ApprovedBy)
		}
		if st := r.Steps[0]; st.SubmittedAt == nil || st.EndedAt == nil || !minutesNear(st.EndedAt.Sub(*st.SubmittedAt), took.Minutes()) {
			p.t.Errorf("%s did not take %s: %+v", r.Target, took, st)
		}
	}
}

// minutesNear allows for the seconds between a poll and the next.
func minutesNear(d time.Duration, minutes float64) bool { return math.Abs(d.Minutes()-minutes) < 0.5 }

func (p *played) worst(component string) bot.ComponentState {
	worst := bot.Operational
	for _, c := range p.incident.Changes {
		if c.Component == component && c.State.Worse(worst) {
			worst = c.State
		}
	}
	return worst
}

// minutes compares a time between two moments, named FROM_to_TO.
func (p *played) minutes(name string, want *float64, site customers) {
	p.t.Helper()
	from, to, _ := strings.Cut(name, "_to_")
	a, okA := p.moment(from, site)
	b, okB := p.moment(to, site)
	switch {
	case want == nil && okA && okB:
		p.t.Errorf("%s is %s, but the source does not know it", name, b.Sub(a))
	case want == nil:
	case !okA || !okB:
		p.t.Errorf("%s is not known", name)
	case !minutesNear(b.Sub(a), *want):
		p.t.Errorf("%s is %s, want %v minutes", name, b.Sub(a), *want)
	}
}

func (p *played) moment(name string, site customers) (time.Time, bool) {
	switch name {
	case "deploy":
		if len(p.deploys) == 0 {
			return time.Time{}, false
		}
		return p.deploys[len(p.deploys)-1].At(), true
	case "rollback":
		if len(p.asked) == 0 {
			return time.Time{}, false
		}
		return p.asked[0].RequestedAt, true
	case "first_public_update":
		return site.times[0], true
	}
	m, ok := map[string]bot.Milestone{
		"impact": bot.MilestoneImpact, "detect": bot.MilestoneDetected, "declare": bot.MilestoneDeclared,
		"mitigate": bot.MilestoneMitigated, "resolve": bot.MilestoneResolved,
	}[name]
	if !ok {
		p.t.Errorf("there is no moment %q", name)
	}
	return p.incident.At(m)
}

// customers is what the status page told, oldest first.
type customers struct {
	statuses []string // without repeats
	times    []time.Time
}

// customers reads Statuspage's v2 API.
func (p *played) customers() (out customers) {
	p.t.Helper()
	var doc struct {
		Incidents []struct {
			Updates []struct {
				Status string    `json:"status"`
				At     time.Time `json:"display_at"`
			} `json:"incident_updates"`
		} `json:"incidents"`
	}
	if err := json.Unmarshal([]byte(p.get("/api/v2/incidents.json")), &doc); err != nil || len(doc.Incidents) != 1 {
		p.t.Fatalf("incidents.json: %v, %d incidents", err, len(doc.Incidents))
	}
	for _, u := range slices.Backward(doc.Incidents[0].Updates) {
		if u.Status == "postmortem" {
			continue
		}
		out.statuses, out.times = append(out.statuses, u.Status), append(out.times, u.At)
	}
	out.statuses = slices.Compact(out.statuses)
	return out
}

// regressions is how often it went back from monitoring.
func (c customers) regressions() (n int) {
	for k := range c.statuses[1:] {
		if c.statuses[k] == string(bot.Monitoring) && c.statuses[k+1] != string(bot.Resolved) {
			n++
		}
	}
	return n
}

// silence is the longest time between two updates.
func (c customers) silence() (longest time.Duration) {
	for k := range c.times[1:] {
		longest = max(longest, c.times[k+1].Sub(c.times[k]))
	}
	return longest
}

// compareItems looks at the action items: their states, their issues, and what
// customers read of them in a post-mortem.
func (p *played) compareItems(page string) {
	t, want := p.t, p.scenario.Items
	t.Helper()
	if p.scenario.Milestones.Resolved == nil {
		want = nil // it has not ended yet
	}
	if len(p.items) != len(want) {
		t.Fatalf("%d action items, want %d", len(p.items), len(want))
	}
	slices.SortFunc(p.items, func(a, b *bot.FollowUp) int { return int(a.Number - b.Number) })
	issues := p.issues.Issues(demoRepo)
	if len(issues) != len(want) {
		t.Errorf("%d issues, want %d", len(issues), len(want))
	}
	for k, x := range want {
		f := p.items[k]
		if f.Text.String() != x.Title || f.State != x.Status {
			t.Errorf("action item %d is %q, %s; want %q, %s", f.Number, f.Text, f.State, x.Title, x.Status)
		}
		for _, i := range issues {
			if i.Number == f.Issue.Number && (i.State == "closed") != x.Status.Closed() {
				t.Errorf("the issue of %q is %s", x.Title, i.State)
			}
		}
		if line := x.Title + " [" + x.Status.Label() + "]"; p.scenario.Postmortem != nil && !strings.Contains(page, line) {
			t.Errorf("customers do not read %q:\n%s", line, page)
		}
	}
}

// readableHTML is a page without its markup.
func readableHTML(page string) string {
	return squash(htmlRunes.Replace(htmlTag.ReplaceAllString(page, " ")))
}
