package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// Copied is a backup that was made.
type Copied struct {
	File   string
	Schema int64 // the version of its tables
	Bytes  int64
}

// Backup writes a copy of the SQLite database at path to file, which must not be
// there. It may be called while another process writes, whom it does not hold up,
// and the copy holds everything that was committed before. It is checked before
// it gets its name; when something fails there is no file.
func Backup(ctx context.Context, path, file string) (Copied, error) {
	if IsPostgres(path) {
		return Copied{}, errors.New("a PostgreSQL database is not backed up by Tocsin; use pg_dump")
	}
	path, err := checkPath(path, true)
	if err != nil {
		return Copied{}, err
	}
	return backup(ctx, path, file)
}

// Backup is the function of that name, for the database that s has open.
func (s *Store) Backup(ctx context.Context, file string) (Copied, error) {
	if err := s.refusal(ctx); err != nil {
		return Copied{}, err
	}
	f, ok := s.engine.(*sqlite)
	if !ok {
		return Copied{}, errors.New("a PostgreSQL database is not backed up by Tocsin; use pg_dump")
	}
	return backup(ctx, f.path, file)
}

// backup must not open path other than through SQLite: closing a file drops every
// lock that the process has on it.
func backup(ctx context.Context, path, file string) (_ Copied, err error) {
	file, err = checkNew(file)
	if err != nil {
		return Copied{}, err
	}
	draft, err := newDraft(file)
	if err != nil {
		return Copied{}, fmt.Errorf("cannot write beside %s: %w", file, err)
	}
	defer dropDraft(draft)
	pool, err := openPool(path, "mode=rw&_pragma=busy_timeout(5000)")
	if err != nil {
		return Copied{}, fileError(path, err)
	}
	defer pool.Close() //nolint:errcheck // it was only read
	if _, err := readVersion(ctx, pool); err != nil {
		return Copied{}, fileError(path, err)
	}
	if err := vacuumInto(ctx, pool, draft); err != nil {
		return Copied{}, fmt.Errorf("copying %s: %w", path, err)
	}
	out := Copied{File: file}
	if out.Schema, err = inspect(ctx, draft, "quick_check"); err != nil {
		return Copied{}, fmt.Errorf("the copy of %s is not good, so it was not kept: it %w", path, err)
	}
	info, err := os.Stat(draft)
	if err != nil {
		return Copied{}, err
	}
	out.Bytes = info.Size()
	return out, publish(draft, file)
}

// checkNew returns the absolute path of a file that is to be made.
func checkNew(file string) (string, error) {
	if file == "" {
		return "", errors.New("no file was named")
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	switch info, err := os.Lstat(abs); {
	case err == nil && info.IsDir():
		return "", fmt.Errorf("%s is a folder; name a file in it, such as %s", file, filepath.Join(file, "tocsin-backup.db"))
	case err == nil:
		return "", taken(file)
	case !errors.Is(err, os.ErrNotExist):
		return "", err
	}
	return abs, checkFolder(filepath.Dir(abs))
}

// openPool opens a file with one connection.
func openPool(path, pragmas string) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+pragmas)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// vacuumInto writes what pool's database holds to an empty file: one consistent
// state, without free space. Writers go on meanwhile.
func vacuumInto(ctx context.Context, pool *sql.DB, file string) error {
	_, err := pool.ExecContext(ctx, "VACUUM INTO $1", file)
	return err
}

// readVersion returns the schema version of a Tocsin database that this build can
// read. Its errors follow the file's name.
func readVersion(ctx context.Context, pool *sql.DB) (int64, error) {
	s := schema{sqliteSchema, pool, pool}
	version, err := s.version(ctx)
	if err != nil {
		return 0, err
	}
	_, newest, err := s.provider()
	if err != nil {
		return 0, err
	}
	var ours int
	err = pool.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('incidents', 'events', 'lanes')").Scan(&ours)
	switch {
	case err != nil:
		return 0, err
	case version == 0:
		return 0, refuse("is empty")
	case ours < 3:
		return 0, refuse("holds the tables of another program; name another database")
	case version > newest:
		return 0, newer(version, newest)
	}
	return version, nil
}

// inspect reads a copy that nobody has open from end to end, and returns its schema
// version. It is opened for writing, since of a file that can only be read SQLite
// does not check the CHECK constraints. Its errors follow the file's name.
func inspect(ctx context.Context, path, check string) (int64, error) {
	pool, err := openPool(path, "mode=rw")
	if err != nil {
		return 0, err
	}
	defer pool.Close() //nolint:errcheck // it was only read
	if err := sound(ctx, pool, check); err != nil {
		return 0, err
	}
	return readVersion(ctx, pool)
}

// sound runs one of SQLite's two checks.
func sound(ctx context.Context, pool *sql.DB, check string) error {
	var said string
	if err := pool.QueryRowContext(ctx, "PRAGMA "+check).Scan(&said); err != nil {
		return refuse("is damaged: %v", err)
	}
	if said != "ok" {
		return refuse("is damaged: %s", said)
	}
	return nil
}
