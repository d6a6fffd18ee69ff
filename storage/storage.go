// Package storage keeps everything that package bot decides: it is [bot.Store]
// over database/sql.
//
// What is written commits together or not at all, and is on the disk before
// anybody hears of it. Writers of an SQLite file are taken in turn by one
// goroutine, which commits those that wait together (a savepoint each, one
// commit); readers have their own connections and see one consistent state. A
// PostgreSQL database has many writers, of many replicas: each transaction is
// serializable and run again when another was in its way, a commit whose answer
// was lost is asked for by its number, and who waits is woken by NOTIFY.
//
// The SQL lives in queries/ and is one text for SQLite and PostgreSQL, checked
// and made into package db by sqlc. Times are UTC microseconds, JSON is text,
// and no text asks the database what time it is, but for the one by which replicas
// set their clocks ([Store.Now]). A dialect is what a database needs besides: how it
// is opened and migrated, how a transaction runs, where the ids of jobs come from,
// how lanes are claimed by several processes, and how words are looked up.
//
// The package refuses what it could not give back as it was: text with NUL
// characters or broken UTF-8, an entry that does not continue its stream or
// does not verify, a file that is no Tocsin database or a newer one's. It
// never shows a private incident to a [bot.Viewer] who does not belong to it:
// that is part of the SQL. It decides no rules and knows no integration.
package storage

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

//go:generate sqlc generate

// Options are how a store is opened. The zero value opens it for writing.
type Options struct {
	// Log hears of migrations and of commits that had to be repeated; nil: nobody.
	Log *slog.Logger
	// ReadOnly opens beside a process that writes: no lock is taken, nothing is
	// migrated, and [Store.Update] fails.
	ReadOnly bool
	// Beside opens to write beside a process that holds the file, for a short
	// transaction of an operator's: no lock is taken, nothing is migrated, and the
	// other process's Watch does not hear of it.
	Beside bool
	// Volatile leaves the flushing of commits to the operating system, so that a
	// power cut may lose the last ones. It is for tests, whose databases outlive
	// nothing; no command sets it.
	Volatile bool
	// Alone says that no other process uses the PostgreSQL database: nobody is told
	// of commits, none are listened for, and the time is the process's own. It is
	// for tests in virtual time.
	Alone bool
	// Bus is what the stores share that such a test opens on one database; each is
	// Alone but for them.
	Bus *Bus
	// migrated hears which schema was found and which made; nil: nobody.
	migrated func(Migrated)
}

// ErrClosed is what a closed store answers.
var ErrClosed = errors.New("storage: the database was closed")

// ErrReadOnly is what [Store.Update] of a store opened with
// [Options.ReadOnly] answers.
var ErrReadOnly = errors.New("storage: the database was opened for reading only")

// Store is a [bot.Store]. It is safe for concurrent use. A function given to
// View or Update must not call View or Update of the same store: it would wait
// for itself.
type Store struct {
	engine  engine
	closing chan struct{}
	close   func() error
	leave   func() // of a bus, if there is one

	mu       sync.Mutex
	watchers map[chan struct{}]context.Context
}

var _ bot.Store = (*Store)(nil)

// engine is an open database of one kind. Its view and update are the store's
// but for what is refused after Close.
type engine interface {
	view(ctx context.Context, fn func(bot.ReadTx) error) error
	update(ctx context.Context, fn func(bot.Tx) error) error
	now() time.Time
	// close is called once, after the store has begun to refuse.
	close() error
}

// dialect is what the texts of queries/ cannot say alike for both databases.
type dialect interface {
	// nextJob returns the id of a new job of a lane that the transaction has
	// locked: above those of all jobs that were committed to it.
	nextJob(t *tx) (int64, error)
	claimLanes(t *tx, until, now, limit int64) ([]db.ClaimLanesRow, error)
	// search returns entries that hold what is looked for, the newest of the newest
	// incident first; when they are fewer than mostHits, either there are no more or
	// they are of as many incidents as are wanted.
	search(t *tx, s searching) ([]hit, error)
}

// Open opens the database at url: a path, or postgres://…. It makes the file
// and migrates the schema when that is needed. ctx bounds the opening.
func Open(ctx context.Context, url string, opts Options) (_ *Store, err error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{closing: make(chan struct{}), leave: func() {}, watchers: map[chan struct{}]context.Context{}}
	s.close = sync.OnceValue(s.shut)
	shared := shared{opts: opts, closing: s.closing, notify: s.notify}
	if opts.Bus != nil {
		shared.opts.Alone, shared.notify = true, opts.Bus.notify
		opts.Bus.join(s)
		s.leave = func() { opts.Bus.leave(s) }
	}
	if IsPostgres(url) {
		s.engine, err = openPostgres(ctx, url, shared)
	} else {
		s.engine, err = openSQLite(ctx, url, shared)
	}
	if err != nil {
		s.leave()
		return nil, err
	}
	return s, nil
}

// shared is what an engine is given of its store.
type shared struct {
	opts    Options
	closing <-chan struct{} // closed when nothing new may begin
	notify  func()          // called after a commit that changed something
}

// IsPostgres reports whether url names a PostgreSQL database, and no file.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// View runs fn over one consistent state, and once more, over another, when the
// connection broke in the middle. ctx bounds the wait for a connection, not fn.
func (s *Store) View(ctx context.Context, fn func(bot.ReadTx) error) error {
	if err := s.refusal(ctx); err != nil {
		return err
	}
	return s.engine.view(ctx, fn)
}

// Update runs fn in a transaction and returns once it is durable. It may run
// fn more than once. ctx bounds the wait before fn starts; what started runs
// to its end, since it may share a commit with others.
func (s *Store) Update(ctx context.Context, fn func(bot.Tx) error) error {
	if err := s.refusal(ctx); err != nil {
		return err
	}
	return s.engine.update(ctx, fn)
}

// Now is the time by which everybody who writes this database goes. A file has
// one writer, whose clock it is; replicas go by PostgreSQL's.
func (s *Store) Now() time.Time { return s.engine.now() }

// refusal keeps a select from choosing work that should not start any more.
func (s *Store) refusal(ctx context.Context) error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
		return ctx.Err()
	}
}

// Watch returns a channel that receives after commits that changed something,
// at least once after the last one, until ctx ends. It is never closed. Of an
// SQLite file it hears only what this store commits; of PostgreSQL what any
// replica does.
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[c] = ctx
	return c
}

func (s *Store) notify() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, ctx := range s.watchers {
		if ctx.Err() != nil {
			delete(s.watchers, c)
			continue
		}
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last one
		}
	}
}

// Close refuses new work, waits for what runs, and closes the database. A
// second call returns what the first one did.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	close(s.closing)
	s.leave()
	return s.engine.close()
}

// newTx returns a transaction over what s has begun.
func newTx(s *session) *tx {
	return &tx{ctx: s.ctx, session: s, q: db.New(s)}
}
