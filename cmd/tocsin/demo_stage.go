package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// stage plays a script in a sandbox: people type and click in the stand-in for
// Slack, which signs and sends it over HTTP as Slack would.
type stage struct {
	*sandbox
	speed    float64 // how many times as fast as it was; 0: at once
	incident int64   // the one that is played; 0: not declared yet
	items    []int64 // the action items that were added, in order
}

const (
	// shortestHop keeps the polls of a long rollback from being the most of what a
	// demo does.
	shortestHop = 5 * time.Second
	// longestHop is how late what is due in a long gap may be, such as a reminder.
	longestHop = time.Hour
	// hopsPerGap is into how many parts a time in which little happens is cut.
	hopsPerGap = 60
	// tick is how often a clock that is seen to run is moved.
	tick = 50 * time.Millisecond
	// longGap is what nobody waits through: nights, and the days until a
	// post-mortem, take no longer than longWait.
	longGap, longWait = time.Hour, 5 * time.Second
	// playPatience is how long the program may take for what a step brings about.
	playPatience = 30 * time.Second
)

// took is how long a time of d is to last for who watches.
func (s *stage) took(d time.Duration) time.Duration {
	if s.speed == 0 {
		return 0
	}
	real := time.Duration(float64(d) / s.speed)
	if d > longGap {
		real = min(real, longWait)
	}
	return real
}

// Until implements [scenario.Stage].
func (s *stage) Until(ctx context.Context, t time.Time) error {
	from, began := s.clock.Now(), time.Now()
	gap := t.Sub(from)
	real := s.took(gap)
	for {
		if err := s.rest(ctx); err != nil {
			return err
		}
		now := s.clock.Now()
		if !now.Before(t) {
			return nil
		}
		if real > 0 && s.wait(ctx, tick) {
			share := min(1, float64(time.Since(began))/float64(real))
			s.move(from.Add(time.Duration(float64(gap) * share)))
			continue
		}
		real = 0
		next := t
		if due, ok, err := s.nextDue(ctx); err != nil {
			return err
		} else if ok && due.Before(t) {
			next = later(due, earlier(t, now.Add(min(max(shortestHop, gap/hopsPerGap), longestHop))))
		}
		s.move(next)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// wait lets d of real time pass; false: nobody wants to wait any more.
func (s *stage) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.skip:
	case <-ctx.Done():
	}
	return false
}

// move moves the clock while no job is under way.
func (s *stage) move(to time.Time) {
	if s.app.runner.Between(func() { s.clock.move(to) }) {
		s.app.bot.Wake()
	}
}

// nextDue is when the next job wants to be done.
func (s *stage) nextDue(ctx context.Context) (at time.Time, ok bool, err error) {
	err = s.app.store.View(ctx, func(tx bot.ReadTx) (err error) {
		at, ok, err = tx.NextDue()
		return err
	})
	return at, ok, err
}

// rest waits until everything that is due is done, and what the stand-ins have to
// tell was told.
func (s *stage) rest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, playPatience)
	defer cancel()
	for quiet := 0; quiet < 2; {
		if err := errors.Join(s.slack.Settle(ctx), s.issues.WaitWebhooks(ctx)); err != nil {
			return fmt.Errorf("waiting for deliveries: %w", err)
		}
		idle, err := s.idle(ctx)
		if err != nil {
			return err
		}
		if quiet++; !idle {
			quiet = 0
			s.app.bot.Wake()
			pauseFor(ctx, 2*time.Millisecond)
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("the queue does not come to rest: %w", err)
		}
	}
	return nil
}

// idle reports whether no job is under way or due.
func (s *stage) idle(ctx context.Context) (idle bool, err error) {
	s.app.runner.Between(func() {
		at, ok, e := s.nextDue(ctx)
		idle, err = e == nil && (!ok || at.After(s.clock.Now())), e
	})
	return idle, err
}

// pauseFor waits for d of real time; false: ctx has ended.
func pauseFor(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
