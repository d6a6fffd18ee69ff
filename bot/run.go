package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Runner does the jobs that wait in the lanes. It sleeps until the next one is
// due or something was committed, so an idle install does nothing.
type Runner struct {
	bot     *Bot
	workers int
	busy    chan struct{} // a place per worker
	done    chan struct{} // a lane became free
	claims  sync.Mutex    // held while lanes are claimed and handed to workers
	wg      sync.WaitGroup
}

// The figures of the Runner. A lease must outlast a job; a job that hangs is
// cut off, and a crashed process's lanes wait for the lease to end.
const (
	workers    = 16
	jobLimit   = 30 * time.Second
	leaseLimit = time.Minute
	// longestSleep bounds the wait whatever the clock says, since a suspended
	// machine's timers stop while its clock goes on.
	longestSleep = 30 * time.Second
	keepKeys     = 7 * 24 * time.Hour
	// othersPause is how soon lanes are looked at again that were due and could not
	// be had.
	othersPause = time.Second
)

// NewRunner returns a runner for b's jobs.
func NewRunner(b *Bot) *Runner {
	return &Runner{bot: b, workers: workers, busy: make(chan struct{}, workers), done: make(chan struct{}, 1)}
}

// Run does jobs until ctx ends, then waits for those that have begun.
func (r *Runner) Run(ctx context.Context) {
	defer r.wg.Wait()
	changed := r.bot.Store.Watch(ctx)
	swept := time.Time{}
	for ctx.Err() == nil {
		if now := r.bot.Now(); now.Sub(swept) > time.Hour {
			swept = now
			r.sweep(ctx)
		}
		pause, err := r.start(ctx)
		if err != nil && ctx.Err() == nil {
			r.bot.Log.Error("jobs: cannot read the queue", "error", err)
			sleep(ctx, time.Second)
			continue
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-r.bot.wake:
		case <-r.done:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Between calls f while no job is under way and none can begin, and reports
// whether it did. A demo moves its time so: a lease that ran out because the
// clock jumped would have its job done twice.
func (r *Runner) Between(f func()) bool {
	r.claims.Lock()
	defer r.claims.Unlock()
	if len(r.busy) > 0 {
		return false
	}
	f()
	return true
}

// start gives the due lanes to free workers, and returns how long nothing is due:
// one look into the queue, since every commit brings one about.
func (r *Runner) start(ctx context.Context) (pause time.Duration, err error) {
	free := cap(r.busy) - len(r.busy)
	if free == 0 {
		return longestSleep, nil // a free worker wakes us
	}
	var at time.Time
	var ok bool
	err = r.bot.Store.View(ctx, func(tx ReadTx) (err error) {
		at, ok, err = tx.NextDue()
		return err
	})
	switch now := r.bot.Now(); {
	case err != nil:
		return 0, err
	case !ok:
		return longestSleep, nil
	case at.After(now):
		return min(at.Sub(now), longestSleep), nil
	}
	return r.claim(ctx, free)
}

// claim takes up to free due lanes. Where there are none after all, another replica
// is about to take them or to add to them, and its commit wakes us.
func (r *Runner) claim(ctx context.Context, free int) (pause time.Duration, err error) {
	r.claims.Lock()
	defer r.claims.Unlock()
	var jobs []Job
	began := time.Now()
	err = r.bot.Store.Update(ctx, func(tx Tx) (err error) {
		jobs, err = tx.Claim(r.bot.Now(), leaseLimit, free)
		return err
	})
	if err != nil {
		return 0, err // what was not committed was not claimed, and must not run
	}
	if len(jobs) == 0 {
		return othersPause, nil
	}
	for _, j := range jobs {
		r.busy <- struct{}{}
		r.wg.Go(func() {
			defer func() {
				<-r.busy
				r.nudge()
			}()
			r.lane(ctx, j, began)
		})
	}
	return 0, nil
}

func (r *Runner) nudge() {
	select {
	case r.done <- struct{}{}:
	default:
	}
}

// lane does j and what is due behind it in its lane. The lease of j began before
// began.
func (r *Runner) lane(ctx context.Context, j Job, began time.Time) {
	for {
		outcome := r.try(ctx, j, began)
		began = time.Now()
		next, err := r.finish(j, outcome, ctx.Err() == nil)
		if err != nil {
			r.bot.Log.Error("jobs: cannot record an outcome", "job", j.ID, "kind", j.Kind, "error", err)
			return // the lease runs out, and the job is looked up before it is repeated
		}
		if next == nil {
			return
		}
		j = *next
	}
}

// try does j. What has begun is finished even when the process is told to stop. Its
// time runs from the lease's, not from here: a process that stood still in between
// finds it over, and leaves the job to who has the lane now.
func (r *Runner) try(ctx context.Context, j Job, began time.Time) (o Outcome) {
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), began.Add(jobLimit))
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			r.bot.Log.Error("jobs: panic", "kind", j.Kind, "job", j.ID, "panic", p, "stack", string(debug.Stack()))
			o = OutcomeOf(j, fmt.Errorf("panic: %v", p), r.bot.Now())
		}
	}()
	err := r.bot.do(ctx, j)
	var w *waitError
	if err != nil && !errors.As(err, &w) {
		r.bot.Log.Warn("jobs: a try failed", "kind", j.Kind, "job", j.ID, "attempt", j.Attempt, "error", err)
	}
	return OutcomeOf(j, err, r.bot.Now())
}

// finish records the outcome, whatever ctx says: what was sent must be known.
// A failure becomes part of the record of the incident that it belongs to.
func (r *Runner) finish(j Job, o Outcome, keep bool) (next *Job, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), jobLimit)
	defer cancel()
	lease := time.Duration(0)
	if keep {
		lease = leaseLimit
	}
	err = r.bot.Store.Update(ctx, func(tx Tx) (err error) {
		if o.State == JobFailed && j.Incident != House {
			if err := r.recordFailure(tx, j, o); err != nil {
				return err
			}
		}
		next, err = tx.Finish(j, o, r.bot.Now(), lease)
		return err
	})
	return next, err
}

func (r *Runner) recordFailure(tx Tx, j Job, o Outcome) error {
	w := &Work{Look: Look{Bot: r.bot, Tx: tx, Now: r.bot.Now().UTC()}, Tx: tx}
	if err := w.Lock(j.Incident); err != nil {
		return err
	}
	if _, err := w.Record(Event{Kind: EventFailed, Text: Plain(o.Error), Data: Data{Call: j.Kind}}); err != nil {
		return err
	}
	return w.close(Reply{})
}

// sweep forgets keys whose time is over.
func (r *Runner) sweep(ctx context.Context) {
	err := r.bot.Store.Update(ctx, func(tx Tx) error {
		_, err := tx.DropKeys(r.bot.Now().Add(-keepKeys))
		return err
	})
	if err != nil && ctx.Err() == nil {
		r.bot.Log.Warn("jobs: cannot drop old keys", "error", err)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
