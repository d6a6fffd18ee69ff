package github

import (
	"context"
	"errors"
	"fmt"
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
	// patience is how long a job waits for its place before it comes again.
	patience = 5 * time.Second
)

// errBusy is a limit of ours that is used up.
var errBusy = errors.New("waiting for GitHub's limits")

// allow takes a place under the limits, waiting a little for it.
func (g *GitHub) allow(ctx context.Context, n need) error {
	for waited := time.Duration(0); ; {
		at, err := g.reserve(ctx, n)
		if err != nil || at.IsZero() {
			return err
		}
		d := max(at.Sub(g.now()), 0)
		if waited += d; waited > patience {
			return bot.WaitUntil(at, errBusy)
		}
		pause(ctx, max(d, time.Millisecond))
		if err := ctx.Err(); err != nil {
			return bot.WaitUntil(at, errBusy)
		}
	}
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

// tokenWait is the wait before a call is tried again that GitHub refused for our
// rights: somebody has to change them first.
const tokenWait = 5 * time.Minute

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
