package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Restored is what [Restore] did.
type Restored struct {
	// Kept is where the database is that was there before; empty: there was none.
	Kept string
	// Schema is the version of the tables that were restored, Newest this build's.
	Schema, Newest int64
	// Waiting counts the effects that had not been carried out when the backup was
	// made.
	Waiting int64
}

// Restore puts a copy of the backup file in the place of the SQLite database at
// path, which nobody may use meanwhile. What was there is kept beside it. Whenever
// the process is killed, path is the one or the other, whole.
func Restore(ctx context.Context, path, file string) (out Restored, err error) {
	if IsPostgres(path) {
		return out, errors.New("a PostgreSQL database is not restored by Tocsin; use pg_restore")
	}
	source, err := checkBackup(file)
	if err != nil {
		return out, err
	}
	if path, err = checkPath(path, false); err != nil {
		return out, err
	}
	if source == path {
		return out, fmt.Errorf("%s is the database itself; name a backup of it", file)
	}
	lock, err := lockFile(path)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	if err := isOurs(ctx, path); err != nil {
		return out, err
	}
	draft, err := newDraft(path)
	if err != nil {
		return out, fmt.Errorf("cannot write beside %s: %w", path, err)
	}
	defer dropDraft(draft)
	if err := out.read(ctx, source, draft); err != nil {
		return out, fileError(file, err)
	}
	return out, out.place(ctx, path, draft)
}

// checkBackup returns the absolute, real path of a file that may be a backup.
func checkBackup(file string) (string, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s; name a backup that tocsin backup made", file)
	case err != nil:
		return "", err
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder; name a backup in it", file)
	}
	if err := checkHeader(file); err != nil {
		return "", fmt.Errorf("%s is no backup: it is not an SQLite database; name a file that tocsin backup made", file)
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// isOurs refuses to put another program's database aside. One that cannot be read
// is what a restore is for.
func isOurs(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil //nolint:nilerr // there is nothing
	}
	pool, err := openPool(path, "mode=rw&_pragma=busy_timeout(5000)")
	if err != nil {
		return fileError(path, err)
	}
	defer pool.Close() //nolint:errcheck // it was only read
	var state schemaError
	if _, err = (schema{sqliteSchema, pool, pool}).version(ctx); errors.As(err, &state) {
		return fileError(path, err)
	}
	return nil
}

// read checks the backup and copies it.
func (out *Restored) read(ctx context.Context, source, draft string) (err error) {
	how := "mode=ro&immutable=1" // which leaves nothing beside it, wherever it is
	if info, err := os.Stat(source + "-wal"); err == nil && info.Size() > 0 {
		how = "mode=ro" // somebody copied a database that was in use, with its journal
	}
	pool, err := openPool(source, how+"&_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer pool.Close() //nolint:errcheck // it was only read
	if err := sound(ctx, pool, "integrity_check"); err != nil {
		return err
	}
	if out.Schema, err = readVersion(ctx, pool); err != nil {
		return err
	}
	if _, out.Newest, err = (schema{sqliteSchema, pool, pool}).provider(); err != nil {
		return err
	}
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM jobs WHERE state = 'waiting'").Scan(&out.Waiting); err != nil {
		return err
	}
	if err := vacuumInto(ctx, pool, draft); err != nil {
		return err
	}
	_, err = inspect(ctx, draft, "quick_check")
	return err
}

// place puts the draft in the place of the database, and the database aside.
func (out *Restored) place(ctx context.Context, path, draft string) error {
	kept := dated(path, "before-restore")
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		if err := putAside(path, kept); err != nil { // journals of a file that somebody removed
			return err
		}
		return swap(path, draft, "")
	}
	old, err := freeze(ctx, path)
	if isDamaged(err) {
		err = putAside(path, kept)
	}
	if err != nil {
		return fileError(path, err)
	}
	defer old.release()
	if err := swap(path, draft, kept); err != nil {
		return err
	}
	out.Kept = kept
	return nil
}
