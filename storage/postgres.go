package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// The figures of the PostgreSQL dialect.
const (
	// connections is how many a replica has at most, besides the one on which it
	// listens, unless pool_max_conns in the address says otherwise: eight replicas fit
	// into the 100 that a server admits by default.
	connections = 10
	// transactionLimit ends a transaction whose server does not answer any more.
	transactionLimit = 30 * time.Second
	// oldestPostgres is the first with pg_xact_status and pg_current_xact_id, by
	// which an interrupted commit is asked for (release notes of PostgreSQL 13).
	oldestPostgres = 130000
	// migrationLock is the advisory lock of who migrates: "tocsin" in ASCII.
	migrationLock = 0x746f6373696e
)

// postgres is an open PostgreSQL database, which other replicas may use as well.
// Updates are serializable, so that what is right on SQLite, where they come one
// after the other, is right here.
type postgres struct {
	shared
	config *pgx.ConnConfig
	pool   *sql.DB
	self   string // names this store among the replicas
	clock  clock

	patience  time.Duration // with an interrupted commit
	conflicts chan struct{} // a place for one transaction that was in others' way
	mu        sync.Mutex
	closed    bool           // under mu
	running   sync.WaitGroup // added to under mu, until closed
	stop      context.CancelFunc
	listening sync.WaitGroup
}

var (
	_ engine  = (*postgres)(nil)
	_ dialect = (*postgres)(nil)
)

// enter admits a transaction unless the store is closing.
func (p *postgres) enter() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.running.Add(1)
	return nil
}

// begin starts a transaction on some connection. One that waits in the pool may
// have been ended by the server long ago: that shows here, where the next one can
// be taken, so none is asked for its health before.
func (p *postgres) begin(ctx context.Context, how string) (s *session, done func(), err error) {
	for range p.pool.Stats().MaxOpenConnections + 1 {
		s, done, err = p.beginOn(ctx, how)
		if err == nil || !isBroken(err) {
			break
		}
	}
	return s, done, err
}

// beginOn takes a connection and starts a transaction on it. Only the wait for the
// connection ends with ctx.
func (p *postgres) beginOn(ctx context.Context, how string) (*session, func(), error) {
	conn, err := p.pool.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), transactionLimit)
	s := &session{dialect: p, ctx: ctx, conn: conn}
	done := func() {
		cancel()
		_ = conn.Close() // back to the pool, which drops what is broken
	}
	if err := s.control(how); err != nil {
		done()
		return nil, nil, err
	}
	return s, done, nil
}

func (p *postgres) view(ctx context.Context, fn func(bot.ReadTx) error) error {
	if err := p.enter(); err != nil {
		return err
	}
	defer p.running.Done()
	lost, err := p.look(ctx, fn)
	if lost && ctx.Err() == nil {
		_, err = p.look(ctx, fn)
	}
	return err
}

// look runs fn in a transaction that reads, and reports whether the server went
// away in the middle: then nothing that fn found need be true.
func (p *postgres) look(ctx context.Context, fn func(bot.ReadTx) error) (lost bool, err error) {
	var s *session
	var done func()
	err = p.again(ctx, func() (err error) {
		s, done, err = p.begin(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
		return err
	})
	if err != nil {
		return false, beginError(ctx, "reading", err)
	}
	defer done()
	defer s.end()
	err = fn(newTx(s))
	if s.failed != nil && lostBefore(s.failed) && s.ctx.Err() == nil {
		return true, s.failed // whatever fn made of it
	}
	return false, err
}

func (p *postgres) update(ctx context.Context, fn func(bot.Tx) error) error {
	if p.opts.ReadOnly {
		return ErrReadOnly
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.running.Done()
	if err := p.checkClock(ctx); err != nil {
		return beginError(ctx, "writing", err)
	}
	news := false
	err := p.again(ctx, func() (err error) {
		news, err = p.once(ctx, fn)
		return err
	})
	if err == nil && news {
		p.notify()
	}
	return err
}

// once runs fn in a transaction, and reports whether others have to hear of it.
func (p *postgres) once(ctx context.Context, fn func(bot.Tx) error) (news bool, err error) {
	s, done, err := p.begin(ctx, "BEGIN ISOLATION LEVEL SERIALIZABLE")
	if err != nil {
		return false, beginError(ctx, "writing", err)
	}
	defer done()
	committed := false
	defer func() {
		if !committed {
			s.end()
		}
	}()
	t := newTx(s)
	err = call(fn, t)
	switch {
	case s.failed != nil && (err == nil || isConflict(s.failed) || lostBefore(s.failed)):
		return false, s.failed // whatever fn made of it
	case err != nil || !t.changed:
		return false, err
	}
	xid, err := p.tell(t)
	if err != nil {
		return false, err
	}
	committed = true
	return t.news, p.commit(s, xid)
}

// call runs fn. A panic becomes an error that holds the stack.
func call(fn func(bot.Tx) error, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("storage: panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(t)
}

// beginError says that nothing was begun; why, unless it is the caller's own end.
func beginError(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return ctx.Err()
	}
	return fmt.Errorf("storage: begin %s: %w", what, err)
}

func (p *postgres) now() time.Time {
	if p.opts.Alone {
		return time.Now()
	}
	return p.clock.now()
}

func (p *postgres) nextJob(t *tx) (int64, error) {
	id, err := t.q.NextJobID(t.ctx)
	return id, t.fail("take a job's id", err)
}

func (p *postgres) claimLanes(t *tx, until, now, limit int64) ([]db.ClaimLanesRow, error) {
	rows, err := t.q.ClaimFreeLanes(t.ctx, until, now, limit)
	out := make([]db.ClaimLanesRow, len(rows))
	for k, row := range rows {
		out[k] = db.ClaimLanesRow(row)
	}
	return out, err
}

func (p *postgres) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.running.Wait()
	p.stop()
	p.listening.Wait()
	return p.pool.Close()
}
