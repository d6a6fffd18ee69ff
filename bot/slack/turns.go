package slack

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// syncEvery is for how long a part of the workspace that one replica reads is not
// read by another: a little less than a round, so that the next round is on time.
const syncEvery = groupsEvery - 5*time.Second

// place is one of a limit's: it is free again every so often.
type place struct {
	limit string
	every time.Duration
}

// turns are the limits of a process that is alone. They need no rows, which would
// be written once a minute for nobody.
type turns struct {
	mu   sync.Mutex
	free map[string]time.Time
}

// take takes all places, or none and says how long to wait. The time is the real
// one, whatever the incidents' clock says.
func (t *turns) take(places []place) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for _, p := range places {
		wait = max(wait, t.free[p.limit].Sub(now))
	}
	if wait > 0 {
		return wait
	}
	for _, p := range places {
		t.set(p.limit, now.Add(p.every))
	}
	return 0
}

// shut closes a limit for a time.
func (t *turns) shut(limit string, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if until := time.Now().Add(wait); until.After(t.free[limit]) {
		t.set(limit, until)
	}
}

func (t *turns) set(limit string, until time.Time) {
	if t.free == nil {
		t.free = map[string]time.Time{}
	}
	t.free[limit] = until
}

// errTaken undoes the places that were taken before one that is not free.
var errTaken = errors.New("no place is free")

// take takes all places, or none and says how long to wait. In the transaction
// that takes them also is done, unless it is nil.
func (s *Slack) take(ctx context.Context, also func(bot.Tx) error, places ...place) (wait time.Duration, err error) {
	if s.alone {
		return s.turns.take(places), nil
	}
	err = s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		wait = 0
		now := s.now()
		for _, p := range places {
			at, err := tx.Reserve(p.limit, now, p.every)
			if err != nil {
				return err
			}
			if !at.IsZero() {
				wait = max(at.Sub(now), time.Millisecond)
				return errTaken
			}
		}
		if also == nil {
			return nil
		}
		return also(tx)
	})
	if errors.Is(err, errTaken) {
		err = nil
	}
	return wait, err
}

// shut closes a limit for a time, for every replica.
func (s *Slack) shut(ctx context.Context, limit string, wait time.Duration) error {
	if s.alone {
		s.turns.shut(limit, wait)
		return nil
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error { return tx.Hold(limit, s.now().Add(wait)) })
}

// syncLimit lets one replica at a time read a part of the workspace.
func syncLimit(part string) string { return syncOwner + ":" + part }

// syncOwner owns the links of what is read of the workspace.
const syncOwner = "slack:sync"

// turn takes the turn to read a part with calls of method. It is not ours when
// another replica does it, or did lately, or when Slack asked to wait.
func (s *Slack) turn(ctx context.Context, part, method string) (ours bool, err error) {
	wait, err := s.take(ctx, nil, place{syncLimit(part), syncEvery}, place{methodLimit(method), spacing(method)})
	return wait == 0 && err == nil, err
}

// read makes a call for which a turn was taken. A 429 closes its method for every
// replica.
func (s *Slack) read(ctx context.Context, method string, fn func(context.Context) error) error {
	err := s.call(ctx, method, fn)
	var e *callError
	if !errors.As(err, &e) || e.class != classWait {
		return err
	}
	return errors.Join(err, s.shut(ctx, methodLimit(method), e.wait))
}
