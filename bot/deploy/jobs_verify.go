package deploy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// verifyPause is the time between two looks at a service's health.
	verifyPause = 15 * time.Second
	// verifyGap is how long nobody may have looked while the service counts as
	// healthy without a break.
	verifyGap = 4 * verifyPause
	// verifyExtra is how long a health check is tried beyond the time for which it
	// must hold, unless its configuration says.
	verifyExtra = 10 * time.Minute
)

// verify looks once whether every health check of the target holds. The step has
// succeeded when they all have for as long as the longest of them asks.
func (d *Deploy) verify(ctx context.Context, t *task) error {
	checks := d.targets[t.r.Target].checks
	hold, limit := spans(checks)
	healthy, why := allHold(ctx, checks, t.vars())
	next := time.Time{}
	err := d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error {
		next = time.Time{}
		held, err := t.held(w, healthy)
		if err != nil {
			return err
		}
		if healthy && held >= hold {
			return bot.EndStep(w, r, t.Step, bot.Ended{OK: true, Message: healthyFor(hold)})
		}
		if healthy {
			why = fmt.Sprintf("healthy for %s of %s", plainly(held), plainly(hold))
		}
		if s := r.Step(t.Step); s.VerifyingAt != nil && w.Now.Sub(*s.VerifyingAt) > limit {
			return bot.TimeOutStep(w, r, t.Step, "deployed, but its health could not be verified: "+why)
		}
		next = w.Now.Add(verifyPause)
		if healthy {
			next = w.Now.Add(min(verifyPause, hold-held))
		}
		return bot.HearStep(w, r, t.Step, bot.Heard{State: bot.RollbackVerifying, Message: why})
	})
	if err != nil || next.IsZero() {
		return err
	}
	return bot.WaitUntil(next, errLater)
}

func healthyFor(hold time.Duration) string {
	if hold == 0 {
		return "healthy"
	}
	return "healthy for " + plainly(hold)
}

// spans are how long the checks must hold, and how long they are tried.
func spans(checks []healthCheck) (hold, limit time.Duration) {
	for _, c := range checks {
		hold = max(hold, c.For)
		if c.Timeout > 0 {
			limit = max(limit, c.Timeout)
		} else {
			limit = max(limit, c.For+verifyExtra)
		}
	}
	return hold, limit
}

// allHold reports whether every check holds, and else what the first says that
// does not.
func allHold(ctx context.Context, checks []healthCheck, vars map[string]string) (ok bool, why string) {
	for _, c := range checks {
		one, cancel := context.WithTimeout(ctx, readTime)
		ok, why := c.v.check(one, vars)
		cancel()
		if !ok {
			return false, why
		}
	}
	return true, ""
}

// held is for how long the service has been healthy, as far as it was looked at
// without a break. It is kept as a link, the two moments of the first and the
// last look, so that a restart does not begin anew.
func (t *task) held(w *bot.Work, healthy bool) (time.Duration, error) {
	owner, name := "rollback:"+t.Rollback, "deploy.healthy."+t.Step
	kept, err := w.Tx.Link(owner, name)
	if err != nil {
		return 0, err
	}
	value, since := "", w.Now
	if healthy {
		if first, last, ok := moments(kept); ok && w.Now.Sub(last) <= verifyGap {
			since = first
		}
		value = since.Format(time.RFC3339Nano) + " " + w.Now.Format(time.RFC3339Nano)
	}
	if value != kept {
		err = w.Tx.SetLink(bot.Link{Owner: owner, Name: name, Value: value})
	}
	return w.Now.Sub(since), err
}

// moments reads what held wrote.
func moments(s string) (first, last time.Time, ok bool) {
	a, b, _ := strings.Cut(s, " ")
	first, err := time.Parse(time.RFC3339Nano, a)
	if err != nil {
		return first, last, false
	}
	last, err = time.Parse(time.RFC3339Nano, b)
	return first, last, err == nil
}
