package storage

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// notices is the channel on which replicas tell of their commits.
	notices = "tocsin"
	// clockEvery is how often the database is asked for the time: a crystal is off
	// by some 50 ppm, 3 ms a minute, and a leap or a step of the server's clock is
	// followed within it.
	clockEvery = 30 * time.Second
)

// listen hears of what other replicas commit, until ctx ends. What was missed
// while there was no connection is made up for by one look when there is again.
func (p *postgres) listen(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := p.hear(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > clockEvery {
			pause = firstPause
		}
		p.opts.Log.Warn("storage: changes by other replicas are not heard of; connecting again", "error", err)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		pause = min(2*pause, lastPause)
	}
}

// hear listens on one connection until that breaks.
func (p *postgres) hear(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, p.config.Copy())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is of no more use
	if _, err := conn.Exec(ctx, "LISTEN "+notices); err != nil {
		return err
	}
	p.notify()
	for {
		if err := p.setClock(ctx, conn); err != nil {
			return err
		}
		if err := p.heed(ctx, conn); err != nil {
			return err
		}
	}
}

// heed passes on what is heard until the clock is due.
func (p *postgres) heed(ctx context.Context, conn *pgx.Conn) error {
	turn, cancel := context.WithTimeout(ctx, clockEvery)
	defer cancel()
	for {
		n, err := conn.WaitForNotification(turn)
		switch {
		case err == nil && n.Payload != p.self:
			p.notify()
		case err == nil:
		case ctx.Err() == nil && errors.Is(turn.Err(), context.DeadlineExceeded) && !conn.IsClosed():
			return nil
		default:
			return err
		}
	}
}

func (p *postgres) setClock(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, p.config.ConnectTimeout)
	defer cancel()
	return p.clock.set(func() (us int64, err error) {
		err = conn.QueryRow(ctx, databaseTime).Scan(&us)
		return us, err
	})
}

// databaseTime is the one text that asks a database for the time.
const databaseTime = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"

// clock is the database's, carried on by this process's own, which no step of the
// system's time moves.
type clock struct {
	mu   sync.Mutex
	base time.Time // the database's time …
	at   time.Time // … at this moment
}

// slowAnswer is how long the database may take to say what time it is.
const slowAnswer = time.Second

// set asks for the time. The answer is taken for that of the middle of the way, so
// one that took long is worth nothing, unless none comes sooner.
func (c *clock) set(ask func() (us int64, err error)) error {
	var sent, got time.Time
	var us int64
	for range 3 {
		sent = time.Now()
		answer, err := ask()
		if err != nil {
			return err
		}
		if us, got = answer, time.Now(); got.Sub(sent) < slowAnswer {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.at = time.UnixMicro(us).Add(got.Sub(sent)/2), got
	return nil
}

// doubtful reports whether this process's time has not gone on evenly: the machine
// was suspended, or its clock was set.
func (c *clock) doubtful() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	return (now.Sub(c.at) - now.Round(0).Sub(c.at.Round(0))).Abs() > time.Second
}

// checkClock asks for the time again before somebody takes a lease by a clock that
// stood still.
func (p *postgres) checkClock(ctx context.Context) error {
	if p.opts.Alone || !p.clock.doubtful() {
		return nil
	}
	return p.clock.set(func() (us int64, err error) {
		err = p.pool.QueryRowContext(ctx, databaseTime).Scan(&us)
		return us, err
	})
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base.Add(time.Since(c.at))
}
