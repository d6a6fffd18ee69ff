// Package storage keeps everything that package bot decides: it is [bot.Store]
// over database/sql.
//
// What is written commits together or not at all, and is on the disk before
// anybody hears of it. Writers of an SQLite file are taken in turn by one
// goroutine, which commits those that wait together (a savepoint each, one
// commit); readers have their own connections and see one consistent state.
//
// The SQL lives in queries/ and is one text for SQLite and PostgreSQL, checked
// and made into package db by sqlc. Times are UTC microseconds, JSON is text,
// and no text asks the database what time it is. A dialect is what a database
// needs besides: how it is opened, how a transaction runs, where the ids of
// jobs come from, and how lanes are claimed by several processes.
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
	"fmt"
	"log/slog"
	"strings"
	"sync"

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
	log     *slog.Logger
	file    *sqlite
	queue   chan *request // nil: read only
	closing chan struct{}
	writing sync.WaitGroup // the writer's goroutine
	close   func() error

	mu       sync.Mutex
	watchers map[chan struct{}]context.Context
}

var _ bot.Store = (*Store)(nil)

// Open opens the database at url: a path, or later postgres://…. It makes the
// file and migrates the schema when that is needed. ctx bounds the opening.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return nil, errors.New("PostgreSQL is not supported by this version; use the path of a file, such as tocsin.db")
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	file, err := openSQLite(ctx, url, opts)
	if err != nil {
		return nil, err
	}
	s := &Store{
		log: opts.Log, file: file, closing: make(chan struct{}),
		watchers: map[chan struct{}]context.Context{},
	}
	s.close = sync.OnceValue(s.shut)
	if file.writer != nil {
		s.queue = make(chan *request)
		w := &writer{session: file.writer, notify: s.notify, log: opts.Log}
		s.writing.Go(func() { w.run(s.queue, s.closing) })
		if opts.Beside {
			return s, nil
		}
		// The file's lock says that nobody else runs jobs from it: what a crash
		// left leased is free at once.
		if err := s.Update(ctx, bot.Tx.ReleaseLeases); err != nil {
			return nil, errors.Join(fmt.Errorf("storage: free what a crash left leased: %w", err), s.Close())
		}
	}
	return s, nil
}

// View runs fn over one consistent state. ctx bounds the wait for a
// connection, not fn.
func (s *Store) View(ctx context.Context, fn func(bot.ReadTx) error) error {
	if err := s.refusal(ctx); err != nil {
		return err
	}
	select {
	case r := <-s.file.readers:
		defer func() { s.file.readers <- r }()
		if err := r.begin("BEGIN"); err != nil {
			return fmt.Errorf("storage: begin reading: %w", err)
		}
		defer r.end()
		return fn(newTx(r))
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Update runs fn in a transaction and returns once it is durable. It may run
// fn more than once. ctx bounds the wait before fn starts; what started runs
// to its end, since it may share a commit with others.
func (s *Store) Update(ctx context.Context, fn func(bot.Tx) error) error {
	if err := s.refusal(ctx); err != nil {
		return err
	}
	if s.queue == nil {
		return ErrReadOnly
	}
	r := &request{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case s.queue <- r:
		return <-r.done
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

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
// SQLite file it hears only what this store commits.
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
	s.writing.Wait()
	return s.file.close()
}

// newTx returns a transaction over what s has begun.
func newTx(s *session) *tx {
	return &tx{ctx: context.Background(), session: s, q: db.New(s)}
}
