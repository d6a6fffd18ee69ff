package commands

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestDeploys(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.holds(d.say("U0CAT", "C0", "deploys"), "No deploy was told of yet.", "POST http://127.0.0.1:8080/hooks/deploys/generic")
	d.holds(d.say("U0CAT", "C0", "deploys search"), "No deploy of Search was told of yet.")
	d.say("U0ANA", "C0", "declare sev1 Search fails --service search --since -20m")
	d.say("U0ANA", "C0", "declare sev1 Chat fails --service api-gateway")
	impact := d.now.Add(-20 * time.Minute)
	d.deployed(
		bot.Deploy{Service: "Search", Environment: "production", Version: "s1", StartedAt: impact.Add(-time.Hour)},
		bot.Deploy{Service: "search", Environment: "production", Version: "s2", Previous: "s1", Actor: "ana", URL: "https://ci.example/2", StartedAt: impact.Add(-time.Minute)},
		bot.Deploy{Service: "batch-jobs", Environment: "production", Version: "b1", StartedAt: impact.Add(time.Minute)},
		bot.Deploy{Service: "search", Environment: "production", Version: "dark", Kind: bot.DeployFlag, Status: bot.DeployStarted, StartedAt: impact.Add(time.Minute)},
	)
	r := d.say("U0CAT", "C0", "#1 deploys")
	d.holds(r, "Deploys of Search, newest first", "Search s2 from s1 · production · deploy succeeded by ana · open (https://ci.example/2) ← last before the impact",
		"Search dark · production · flag started", "Search s1")
	if strings.Contains(all(r), "b1") || strings.Count(all(r), "←") != 1 || strings.Index(all(r), "dark") > strings.Index(all(r), "s2") {
		t.Errorf("the incident's: %s", all(r))
	}
	d.holds(d.say("U0CAT", "C0", "#2 deploys"), "No deploy of API Gateway was told of; these are all.", "batch-jobs b1", "Search s2")
	if r := d.say("U0CAT", "C0", "deploys"); strings.Contains(all(r), "←") || !strings.Contains(all(r), "batch-jobs b1") {
		t.Errorf("of no incident: %s", all(r))
	}
	for _, name := range []string{"batch-jobs", "Batch-Jobs", `"batch-jobs"`} {
		d.holds(d.say("U0CAT", "C0", "deploys "+name), "Deploys of batch-jobs", "b1")
	}
	if e := d.refused("U0CAT", "C0", "deploys batch-job", bot.KindInvalid); !strings.Contains(e.Hint, "Did you mean batch-jobs?") {
		t.Errorf("nearly a service: %+v", e)
	}

	for k := range 14 {
		d.deployed(bot.Deploy{Service: "search", Environment: "production", Version: fmt.Sprintf("n%d", k), StartedAt: impact.Add(time.Duration(k+2) * time.Minute)})
	}
	r = d.say("U0CAT", "C0", "#1 deploys search")
	d.holds(r, "n13", "n4", "…\n", "s2 from s1 · production · deploy succeeded by ana · open (https://ci.example/2) ← last before the impact")
	if strings.Contains(all(r), "n3") || strings.Contains(all(r), "dark") {
		t.Errorf("more than ten: %s", all(r))
	}
	d.holds(d.say("U0CAT", "C0", "#1 timeline"), "Tocsin heard of a deploy: Search: deploy of n13 to production succeeded")
}
