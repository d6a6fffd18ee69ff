package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
)

// Migrated is what was found and made of a database's tables.
type Migrated struct {
	// From and To are versions: the same where there was nothing to do. From is 0
	// where there were no tables.
	From, To int64
	// Backup is the SQLite file as it was before; empty: it was not changed.
	Backup string
}

// Migrate brings the database at url to this build's schema, as [Open] does, and
// says what that was. A file that is not there is not made.
func Migrate(ctx context.Context, url string, opts Options) (out Migrated, err error) {
	if !IsPostgres(url) {
		if _, err := checkPath(url, true); err != nil {
			return out, err
		}
	}
	opts.Alone = true // nothing is done with it
	opts.migrated = func(m Migrated) {
		if out.Backup == "" { // a file is looked at again when it was migrated
			out = m
		}
	}
	s, err := Open(ctx, url, opts)
	if err != nil {
		return out, err
	}
	return out, s.Close()
}

func (o *Options) tell(m Migrated) {
	if o.migrated != nil {
		o.migrated(m)
	}
}

// upgrade brings the tables of a file to this build's, where they are older: those
// of a copy, which takes the file's place when all is done. The file itself is kept
// as the backup. So a migration that fails, or is killed, leaves everything as it
// was, and nobody writes what is lost meanwhile. It reports whether there is a new
// file; the pool of s is closed then.
func upgrade(ctx context.Context, s schema, path string, opts Options) (bool, error) {
	version, err := s.version(ctx)
	if err != nil {
		return false, err
	}
	_, newest, err := s.provider()
	if err != nil || version >= newest {
		return false, err
	}
	if err := s.pool.Close(); err != nil {
		return false, err
	}
	kept := dated(path, fmt.Sprintf("schema%d", version))
	old, err := freeze(ctx, path)
	if err != nil {
		return false, err
	}
	defer old.release()
	draft, err := newDraft(path)
	if err != nil {
		return false, fmt.Errorf("a copy to migrate cannot be written: %w", err)
	}
	defer dropDraft(draft)
	if err := vacuumInto(ctx, old.pool, draft); err != nil {
		return false, fmt.Errorf("copying it before it is migrated: %w", err)
	}
	if err := s.raise(ctx, draft, newest); err != nil {
		return false, fmt.Errorf("migrating from schema %d to %d failed, and nothing was changed; the version of Tocsin before this one can still use it: %w",
			version, newest, err)
	}
	if err := swap(path, draft, kept); err != nil {
		return false, err
	}
	opts.Log.Info("storage: migrated", slog.Int64("from", version), slog.Int64("to", newest), slog.String("backup", kept))
	opts.tell(Migrated{From: version, To: newest, Backup: kept})
	return true, nil
}

// raise migrates the file at draft, which nobody else knows, and checks it. It is
// flushed to the disk when it gets its name, so it needs not be on the way there.
func (s schema) raise(ctx context.Context, draft string, newest int64) error {
	pool, err := openPool(draft, "mode=rw&_pragma=foreign_keys(1)&_pragma=synchronous(OFF)&_pragma=secure_delete(1)")
	if err != nil {
		return err
	}
	s.pool, s.ask = pool, pool
	p, _, err := s.provider()
	if err == nil {
		_, err = p.Up(ctx)
	}
	if err = errors.Join(err, pool.Close()); err != nil {
		return err
	}
	version, err := inspect(ctx, draft, "quick_check")
	if err == nil && version != newest {
		err = fmt.Errorf("it has schema %d afterwards", version)
	}
	if _, stat := os.Stat(draft + "-journal"); err == nil && stat == nil {
		err = errors.New("its journal is still there")
	}
	return err
}
