package commands

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Deploy notices name no target: of several of one service nothing is said that
// only one of them can run.
func TestRollbackListOfSeveralTargets(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	more := d.bot.Settings.Targets[0]
	more.Name = "gateway-chat"
	d.bot.Settings.Targets = append(d.bot.Settings.Targets, more)
	d.deployed(
		bot.Deploy{Service: "api-gateway", Environment: "production", Version: "v43", Previous: "v41", Actor: "U0ANA", StartedAt: d.now.Add(-10 * time.Minute)},
		bot.Deploy{Service: "search", Environment: "production", Version: "s2", StartedAt: d.now.Add(-10 * time.Minute)},
	)
	r := d.say("U0BEN", "C1", "rollback")
	d.holds(r, "gateway-chat: API Gateway in production\nLast deploy of API Gateway: v43 ", "by <@U0ANA>, before it v41", "search-prod: Search in production\ns2 deployed")
	if strings.Contains(all(r), "v43 deployed") {
		t.Errorf("it is said of each target:\n%s", all(r))
	}
}
