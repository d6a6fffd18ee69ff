package grown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// file is an SQLite file that is filled by one connection. It is durable only at
// the end: half of it is of no use.
type file struct {
	pool      *sql.DB
	incidents int64
	tx        *sql.Tx
	inserts   []*sql.Stmt
	pending   int
}

// perCommit is how many parts make a transaction.
const perCommit = 20

func openFile(ctx context.Context, path string) (sink, error) {
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+
		"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-200000)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return &file{pool: pool}, pool.PingContext(ctx)
}

func (f *file) begin(ctx context.Context) (err error) {
	// Its end is not that of who begins it.
	if f.tx, err = f.pool.BeginTx(context.WithoutCancel(ctx), nil); err != nil {
		return err
	}
	for _, t := range tables {
		columns := strings.Fields(t.columns)
		marks := strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",")
		insert, err := f.tx.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", t.name, strings.Join(columns, ","), marks)) //nolint:sqlclosecheck // commit closes them
		if err != nil {
			return err
		}
		f.inserts = append(f.inserts, insert)
	}
	return nil
}

func (f *file) write(ctx context.Context, r *rows) error {
	if f.tx == nil {
		if err := f.begin(ctx); err != nil {
			return err
		}
	}
	f.incidents += int64(len((*r)[incidentsTable]))
	quiet := context.WithoutCancel(ctx) // the driver starts a goroutine for each statement that may be cancelled
	for k, list := range *r {
		for _, row := range list {
			if _, err := f.inserts[k].ExecContext(quiet, row...); err != nil {
				return fmt.Errorf("%s: %w", tables[k].name, err)
			}
		}
	}
	if f.pending++; f.pending < perCommit {
		return nil
	}
	return f.commit()
}

func (f *file) commit() error {
	if f.tx == nil {
		return nil
	}
	for _, insert := range f.inserts {
		if err := insert.Close(); err != nil {
			return err
		}
	}
	err := f.tx.Commit()
	f.tx, f.inserts, f.pending = nil, nil, 0
	return err
}

func (f *file) end(ctx context.Context) error {
	if err := f.commit(); err != nil {
		return err
	}
	for name, value := range counters(f.incidents) {
		if _, err := f.pool.ExecContext(ctx, "UPDATE counters SET value = ? WHERE name = ?", value, name); err != nil {
			return err
		}
	}
	_, err := f.pool.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return err
}

func (f *file) close() error {
	if f.tx != nil {
		return errors.Join(f.tx.Rollback(), f.pool.Close())
	}
	return f.pool.Close()
}

func join(errs ...error) error { return errors.Join(errs...) }
