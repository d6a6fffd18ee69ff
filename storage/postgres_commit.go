package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// How long a transaction is tried again.
const (
	// mostConflicts is never reached by conflicts: of those that are in each other's
	// way one always commits, and of this process only one is tried again at a time.
	mostConflicts = 100
	// reconnecting bounds how long a caller waits for a server that is away; who
	// asked by a command has to be answered.
	reconnecting = 5 * time.Second
	firstPause   = 50 * time.Millisecond
	lastPause    = time.Second
	// askingFate is how long an interrupted commit is asked for.
	askingFate = 20 * time.Second
)

// again does try, repeating it for as long as nothing was committed and a
// repetition may help: at once behind a conflict, and with pauses until the
// server is there. ctx ends that.
func (p *postgres) again(ctx context.Context, try func() error) error {
	pause, deadline := firstPause, time.Now().Add(reconnecting)
	queued := false
	defer func() {
		if queued {
			<-p.conflicts
		}
	}()
	for conflicts := 0; ; {
		err := try()
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case isConflict(err):
			if conflicts++; conflicts > mostConflicts {
				return err
			}
			if !queued {
				select {
				case p.conflicts <- struct{}{}:
					queued = true
				case <-ctx.Done():
					return err
				}
			}
		case lostBefore(err):
			if time.Now().Add(pause).After(deadline) || !p.pause(ctx, pause) {
				return err
			}
			pause = min(2*pause, lastPause)
		default:
			return err
		}
	}
}

// pause waits, and reports whether to go on.
func (p *postgres) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-p.closing:
		return false
	}
}

// isConflict reports whether a transaction was undone because of another one:
// serialization_failure, deadlock_detected (PostgreSQL, appendix A).
func isConflict(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// lostBefore reports whether the server went away, or was never there, before
// anything was committed: a broken connection, and the classes 08 (connection
// exception) and 57P (the server is stopping or starting).
func lostBefore(err error) bool {
	if errors.Is(err, errUnknown) || errors.Is(err, context.Canceled) {
		return false
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code[:2] == "08" || e.Code[:3] == "57P" || e.Code == "53300"
	}
	var connecting *pgconn.ConnectError
	return errors.As(err, &connecting) || isBroken(err)
}

// isBroken reports whether a connection ended by itself.
func isBroken(err error) bool {
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return false // there never was one
	}
	var network *net.OpError
	return errors.Is(err, errAborted) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, driver.ErrBadConn) || errors.As(err, &network) || pgconn.SafeToRetry(err)
}

// errAborted is that of an interrupted commit that was not carried out.
var errAborted = errors.New("storage: the connection broke during the commit, which was not carried out")

// errUnknown is what a caller gets whose commit was interrupted and cannot be
// asked for.
var errUnknown = errors.New("storage: the connection broke during the commit, and it is not known whether it was carried out")

// unknown is errUnknown with why, and with what people are told of it.
func unknown(err error) error { return fmt.Errorf("%w: %w (%w)", errUnknown, err, bot.Unknown()) }

// tell makes the commit wake the other replicas, and returns the name by which
// it can be asked for.
func (p *postgres) tell(t *tx) (xid string, err error) {
	if p.opts.Alone || !t.news {
		xid, err = t.q.CurrentXact(t.ctx)
		return xid, t.fail("name the transaction", err)
	}
	told, err := t.q.Tell(t.ctx, notices, p.self)
	return told.Xid, t.fail("tell the other replicas", err)
}

// commit ends the transaction. Where the connection breaks meanwhile, the server
// is asked what became of it, so that nothing is done twice and nothing that was
// done is reported as lost.
func (p *postgres) commit(s *session, xid string) error {
	err := s.control("COMMIT")
	var said *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said) && said.Code[:3] != "57P":
		s.end()
		return fmt.Errorf("storage: commit: %w", err)
	}
	p.opts.Log.Warn("storage: a commit was interrupted; asking what became of it", "xid", xid, "error", err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), p.patience)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		fate, asked := p.fate(ctx, xid)
		switch {
		case asked == nil && fate == "committed":
			return nil
		case asked == nil && fate == "aborted":
			return errAborted
		case asked == nil && fate == "":
			return unknown(err) // too long ago
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return unknown(err)
		}
	}
}

// fate asks the server what became of a transaction, over a connection of its
// own: those of the pool may all be waiting for the same answer.
func (p *postgres) fate(ctx context.Context, xid string) (string, error) {
	conn := stdlib.OpenDB(*p.config)
	defer conn.Close() //nolint:errcheck // what it said was read
	return db.New(conn).Fate(ctx, xid)
}
