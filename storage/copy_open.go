package storage

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// openSource opens the file for reading. It must have this build's tables.
func openSource(ctx context.Context, path string) (*sql.DB, error) {
	pool, err := openPool(path, readerPragmas)
	if err != nil {
		return nil, err
	}
	version, err := readVersion(ctx, pool)
	if err == nil {
		_, newest, e := (schema{sqliteSchema, pool, pool}).provider()
		if err = e; err == nil && version < newest {
			err = refuse("has schema %d and this build needs %d; run tocsin migrate without --to first", version, newest)
		}
	}
	if err != nil {
		_ = pool.Close() // the first error is the one that counts
		return nil, err
	}
	return pool, nil
}

// openTarget opens the PostgreSQL database and makes the tables, unless that was
// done already.
func openTarget(ctx context.Context, url string, opts Options) (*postgres, error) {
	if err := refuseFull(ctx, url); err != nil {
		return nil, err
	}
	opts.Alone, opts.ReadOnly, opts.Beside = true, false, false
	return openPostgres(ctx, url, shared{opts: opts, closing: make(chan struct{}), notify: func() {}})
}

// refuseFull keeps a database from being migrated that holds something.
func refuseFull(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil //nolint:nilerr // openPostgres says it better
	}
	pool := stdlib.OpenDB(*config)
	defer pool.Close() //nolint:errcheck // it was only read
	p := postgres{config: config}
	s := schema{postgresSchema, pool, pool}
	version, err := s.version(ctx)
	if err != nil {
		return p.openError(err)
	}
	_, newest, err := s.provider()
	if err == nil && version != 0 && version != newest {
		err = p.openError(refuse("is not empty: it has the tables of another version of Tocsin (schema %d); name an empty database", version))
	}
	return err
}
