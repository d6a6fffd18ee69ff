package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// readers is how many transactions can read at once. More gain nothing: what
// they do is CPU time.
const readers = 4

// sqlite is an open SQLite file: a connection that writes, unless it was
// opened for reading, and some that read.
type sqlite struct {
	shared
	path    string
	lock    *fileLock
	pools   []*sql.DB
	writer  *session
	readers chan *session // those that are free
	reading int           // how many there are
	queue   chan *request // nil: read only
	quit    chan struct{} // ends the writer's goroutine
	writing sync.WaitGroup
}

var (
	_ engine  = (*sqlite)(nil)
	_ dialect = (*sqlite)(nil)
)

// The pragmas are per connection, so they belong in the name under which each
// is opened. synchronous=FULL: in WAL mode NORMAL may lose the last commits on
// a power cut, and what was told to somebody must stay. secure_delete: what was
// redacted must not stay in free space. The caches are small, since the system's
// own holds the file as well.
const (
	writerPragmas = "_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=cache_size(-8000)&_pragma=journal_size_limit(67108864)&_pragma=secure_delete(1)"
	readerPragmas = "mode=rw&_pragma=busy_timeout(5000)&_pragma=query_only(1)&_pragma=cache_size(-4000)"
)

// openSQLite opens the file at path. Its errors name the file and say what to do.
func openSQLite(ctx context.Context, path string, of shared) (_ *sqlite, err error) {
	opts := of.opts
	path, err = checkPath(path, opts.ReadOnly || opts.Beside)
	if err != nil {
		return nil, err
	}
	f := &sqlite{shared: of, path: path, readers: make(chan *session, readers), quit: make(chan struct{})}
	defer func() {
		if err != nil {
			_ = f.close() // the first error is the one that counts
		}
	}()
	if !opts.ReadOnly && !opts.Beside {
		if f.lock, err = lockFile(path); err != nil {
			return nil, err
		}
	}
	if !opts.ReadOnly {
		if err := f.openWriter(ctx, path, opts); err != nil {
			return nil, fileError(path, err)
		}
	}
	if err := f.openReaders(ctx, path, opts); err != nil {
		return nil, fileError(path, err)
	}
	if f.writer != nil {
		err = f.startWriter(ctx)
	}
	return f, err
}

// startWriter lets the writer's goroutine begin.
func (f *sqlite) startWriter(ctx context.Context) error {
	f.queue = make(chan *request)
	w := &writer{session: f.writer, notify: f.notify, log: f.opts.Log}
	f.writing.Go(func() { w.run(f.queue, f.quit) })
	if f.opts.Beside {
		return nil
	}
	// The file's lock says that nobody else runs jobs from it: what a crash
	// left leased is free at once.
	if err := f.update(ctx, bot.Tx.ReleaseLeases); err != nil {
		return fmt.Errorf("storage: free what a crash left leased: %w", err)
	}
	return nil
}

func (f *sqlite) view(ctx context.Context, fn func(bot.ReadTx) error) error {
	select {
	case r := <-f.readers:
		defer func() { f.readers <- r }()
		if err := r.begin("BEGIN"); err != nil {
			return fmt.Errorf("storage: begin reading: %w", err)
		}
		defer r.end()
		return fn(newTx(r))
	case <-f.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *sqlite) update(ctx context.Context, fn func(bot.Tx) error) error {
	if f.queue == nil {
		return ErrReadOnly
	}
	r := &request{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case f.queue <- r:
		return <-r.done
	case <-f.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *sqlite) now() time.Time { return time.Now() }

func (f *sqlite) nextJob(t *tx) (int64, error) { return t.nextID("job") }

func (f *sqlite) claimLanes(t *tx, until, now, limit int64) ([]db.ClaimLanesRow, error) {
	return t.q.ClaimLanes(t.ctx, until, now, limit)
}

func (f *sqlite) openWriter(ctx context.Context, path string, opts Options) error {
	pragmas := writerPragmas
	if opts.Volatile {
		pragmas += "&_pragma=synchronous(OFF)" // the last one counts
	}
	pool, err := f.pool(path, pragmas, 1)
	if err != nil {
		return err
	}
	// The journal's mode stays in the file, so it is not a pragma of the
	// connection: another program's file is left as it was.
	tables := schema{sqliteSchema, pool, pool}
	version, err := tables.version(ctx)
	if err != nil {
		return err
	}
	if version > 0 && !opts.Beside {
		moved, err := upgrade(ctx, tables, path, opts)
		if err != nil {
			return err
		}
		if moved { // the pool has the file open that was put aside
			if pool, err = f.pool(path, pragmas, 1); err != nil {
				return err
			}
		}
	}
	if _, err := pool.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	if err := migrate(ctx, schema{sqliteSchema, pool, pool}, opts); err != nil {
		return err
	}
	f.writer, err = newSession(ctx, pool, f)
	return err
}

func (f *sqlite) openReaders(ctx context.Context, path string, opts Options) error {
	pool, err := f.pool(path, readerPragmas, readers)
	if err != nil {
		return err
	}
	if opts.ReadOnly {
		if err := migrate(ctx, schema{sqliteSchema, pool, pool}, opts); err != nil {
			return err
		}
	}
	for range readers {
		r, err := newSession(ctx, pool, f)
		if err != nil {
			return err
		}
		f.readers <- r
		f.reading++
	}
	return nil
}

func (f *sqlite) pool(path, pragmas string, connections int) (*sql.DB, error) {
	pool, err := openPool(path, pragmas)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	f.pools = append(f.pools, pool)
	return pool, nil
}

// close waits for those who read, moves the journal into the file, and gives
// the file up.
func (f *sqlite) close() error {
	close(f.quit)
	f.writing.Wait()
	var errs []error
	for range f.reading {
		errs = append(errs, (<-f.readers).close())
	}
	if f.writer != nil {
		if f.lock != nil { // beside another process the journal is that one's
			errs = append(errs, f.writer.control("PRAGMA wal_checkpoint(TRUNCATE)"))
		}
		errs = append(errs, f.writer.close())
	}
	for _, p := range f.pools {
		errs = append(errs, p.Close())
	}
	return errors.Join(append(errs, f.lock.release())...)
}
