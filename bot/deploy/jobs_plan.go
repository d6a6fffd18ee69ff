package deploy

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// planTime is how long reading versions is tried: somebody waits for the plan.
	planTime = time.Minute
	// planPause is the wait before the second try, doubled before each further one.
	planPause = 2 * time.Second
	// readTime bounds one reading of versions, so that several steps have their
	// turn in one job.
	readTime = 8 * time.Second
)

// versions reads what every step runs and could run, and makes the plan of it.
func (d *Deploy) versions(ctx context.Context, t *task) error {
	if t.r.State != bot.RollbackRequested {
		return nil // cancelled, denied, or void
	}
	err := d.leave(t, func(again time.Time) bool { return again.Sub(t.r.RequestedAt) <= planTime })
	if err != nil {
		return err
	}
	menus := map[string]bot.Menu{}
	for k := range t.r.Steps {
		s := &t.r.Steps[k]
		way, ok := d.way(t.r.Target, s.Name)
		if !ok {
			return d.failPlan(ctx, t, s.Name+" is not in the configuration any more; ask again once it is")
		}
		menu, err := d.menu(ctx, t.r, s, way)
		if err != nil {
			return d.planLater(ctx, t, s.Name, err)
		}
		menus[s.Name] = menu
	}
	return d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error { return bot.MakePlan(w, r, menus) })
}

// menu reads what a step runs and could run.
func (d *Deploy) menu(ctx context.Context, r *bot.Rollback, s *bot.Step, way stepWay) (bot.Menu, error) {
	if way.template.Versions == nil {
		return bot.Menu{Current: -1, None: true}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	return way.client.menu(ctx, variables(r, s, way.vars))
}

// planLater tries again, and gives the plan up when that would come too late.
func (d *Deploy) planLater(ctx context.Context, t *task, step string, cause error) error {
	again := d.now().Add(planPause << min(max(t.job.Attempt-1, 0), 5))
	if again.Sub(t.r.RequestedAt) <= planTime {
		return bot.RetryAt(again, cause)
	}
	return d.failPlan(ctx, t, fmt.Sprintf("which versions %s runs could not be read (%v); see that its deploy system answers, then ask again", step, cause))
}

func (d *Deploy) failPlan(ctx context.Context, t *task, why string) error {
	return d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error { return bot.FailPlan(w, r, why) })
}

// expire ends a plan whose time is over. A clock that was set back makes it
// wait again.
func (d *Deploy) expire(ctx context.Context, t *task) error {
	if t.r.State != bot.RollbackAwaiting || t.r.ExpiresAt == nil {
		return nil
	}
	if d.now().Before(*t.r.ExpiresAt) {
		return bot.WaitUntil(*t.r.ExpiresAt, errLater)
	}
	return d.record(ctx, t, bot.ExpireRollback)
}
