package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// need is what a call costs under the limits.
type need int

const (
	toRead need = iota
	toWrite
	toCreate
)

// The limits, which are rows: everything, writes, and places for new issues.
const (
	limitAll    = "github:all"
	limitWrite  = "github:write"
	limitCreate = "github:create"

	// writeEvery is the pause that GitHub asks for between two writes.
	writeEvery = time.Second
	// createPlaces come free again after createEvery each, which makes 400 an hour
	// of GitHub's 500; several items of one review are opened without a wait.
	createPlaces = 20
	createEvery  = createPlaces * time.Hour / 400
	// patience is how long a worker waits for its place before the job comes again.
	patience = 50 * time.Millisecond

	// mostAtOnce is how many jobs may be under way at once, of the workers that
	// Slack's jobs need, too: a GitHub that hangs holds no more.
	mostAtOnce = 4
	// fullWait is when who found them under way comes again, and fullEvery what is
	// between two who come.
	fullWait  = 200 * time.Millisecond
	fullEvery = 100 * time.Millisecond
)

var (
	// errBusy is a limit of ours that is used up.
	errBusy = errors.New("waiting for GitHub's limits")
	// errFull says that enough jobs are under way.
	errFull = errors.New("waiting for other calls of GitHub")
)

// queue tells those who have to wait when to come, one after the other: a crowd
// that came at once would ask the database in vain, but for one.
type queue struct {
	mu   sync.Mutex
	last time.Time
}

// next is at, or every after who was told last.
func (q *queue) next(at time.Time, every time.Duration) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := q.last.Add(every); n.After(at) {
		at = n
	}
	q.last = at
	return at
}

// begin takes a place among the jobs that are under way, until end is called.
func (g *GitHub) begin() (end func(), err error) {
	select {
	case g.busy <- struct{}{}:
		return func() { <-g.busy }, nil
	default:
		return nil, bot.WaitUntil(g.full.next(g.now().Add(fullWait), fullEvery), errFull)
	}
}

// allow takes a place under the limits. A worker is not kept waiting for it: the
// job comes again.
func (g *GitHub) allow(ctx context.Context, n need) error {
	for waited := time.Duration(0); ; {
		at, err := g.reserve(ctx, n)
		if err != nil || at.IsZero() {
			return err
		}
		d := max(at.Sub(g.now()), time.Millisecond)
		if waited += d; waited > patience || ctx.Err() != nil {
			return bot.WaitUntil(g.turn(n, at), errBusy)
		}
		pause(ctx, d)
	}
}

// turn is when to come again for a place that is free at a time.
func (g *GitHub) turn(n need, at time.Time) time.Time {
	if n == toRead {
		return at
	}
	return g.writes.next(at, writeEvery)
}

// place takes the place of t's next write, once. It is taken before what is read
// for that, so that nothing is read in vain.
func (g *GitHub) place(ctx context.Context, t *task) error {
	if t.place {
		return nil
	}
	err := g.allow(ctx, toWrite)
	t.place = err == nil
	return err
}

// errUndo undoes the places that were taken before one that is not free.
var errUndo = errors.New("no place is free")

// reserve takes all places, or none and says when to come again.
func (g *GitHub) reserve(ctx context.Context, n need) (again time.Time, err error) {
	err = g.bot.Store.Update(ctx, func(tx bot.Tx) (err error) {
		now := g.now()
		if again, err = tx.Reserve(limitAll, now, 0); err == nil && again.IsZero() && n >= toWrite {
			again, err = tx.Reserve(limitWrite, now, writeEvery)
		}
		if err == nil && again.IsZero() && n == toCreate {
			again, err = reserveCreate(tx, now)
		}
		if err == nil && !again.IsZero() {
			return errUndo
		}
		return err
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return again, err
}

// reserveCreate takes the first free place for a new issue.
func reserveCreate(tx bot.Tx, now time.Time) (time.Time, error) {
	var soonest time.Time
	for k := range createPlaces {
		at, err := tx.Reserve(fmt.Sprintf("%s:%d", limitCreate, k), now, createEvery)
		if err != nil || at.IsZero() {
			return time.Time{}, err
		}
		if soonest.IsZero() || at.Before(soonest) {
			soonest = at
		}
	}
	return soonest, nil
}

// hold closes GitHub for everybody, in every process, for as long as it said.
func (g *GitHub) hold(ctx context.Context, f *fault) (time.Time, error) {
	until := g.now().Add(f.wait)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return until, g.bot.Store.Update(ctx, func(tx bot.Tx) error { return tx.Hold(limitAll, until) })
}

// A call that GitHub refused for our rights is tried again after tokenWait, then as
// long as it was refused for so far, up to tokenLong: somebody has to change them
// first.
const (
	tokenWait = 5 * time.Minute
	tokenLong = time.Hour
)

// denied reports that err is a refusal of what signs us in, or of its rights.
func denied(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.kind == refused && (f.status == http.StatusUnauthorized || f.status == http.StatusForbidden)
}

// wait is for t to come again once GitHub's refusal for why was mended. It is told
// the first time.
func (g *GitHub) wait(ctx context.Context, t *task, why string) error {
	err := g.record(ctx, t, func(w *bot.Work, f *bot.FollowUp) error {
		t.f = f
		return bot.RefuseIssue(w, f, why)
	})
	if err != nil {
		return err
	}
	now, after := g.now(), tokenWait
	if since := t.f.Issue.RefusedAt; since != nil {
		after = min(max(now.Sub(*since), tokenWait), tokenLong)
	}
	return bot.RetryAt(now.Add(after), errors.New(why))
}

// waitOr waits for a refusal to be mended, or comes again after any other error.
func (g *GitHub) waitOr(ctx context.Context, t *task, err error) error {
	var f *fault
	if denied(err) && errors.As(err, &f) {
		return g.wait(ctx, t, g.reason(f, t.f.Issue.Repo))
	}
	return g.later(ctx, err)
}

// later says when a job comes again whose call failed with err, which is always.
func (g *GitHub) later(ctx context.Context, err error) error {
	var f *fault
	if !errors.As(err, &f) {
		return err
	}
	switch f.kind {
	case limited:
		until, err := g.hold(ctx, f)
		if err != nil {
			return errors.Join(f, err)
		}
		return bot.WaitUntil(until, f)
	case refused:
		return bot.RetryAt(g.now().Add(tokenWait), f)
	case unsure, unsent:
	}
	return f
}
