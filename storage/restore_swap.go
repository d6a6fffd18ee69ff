package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// swap gives the draft the name path, at once. The file that has it is called kept
// afterwards, unless kept is empty. It must be frozen: a journal that stayed would
// be taken for the new one's.
func swap(path, draft, kept string) error {
	if kept != "" {
		if err := dropTwins(path); err != nil {
			return err
		}
		if err := takeAfter(path, draft); err != nil {
			return fmt.Errorf("cannot give the new file the owner and the rights of %s: %w", path, err)
		}
	}
	if err := syncPath(draft); err != nil {
		return err
	}
	if kept != "" {
		if err := keepAs(path, kept); err != nil {
			return fmt.Errorf("cannot keep %s as %s: %w", path, kept, err)
		}
	}
	if err := os.Rename(draft, path); err != nil {
		if kept != "" {
			_ = os.Remove(kept) // path is still there
		}
		return err
	}
	return syncPath(filepath.Dir(path))
}

// takeAfter gives the file to the owner of path: who restores may be somebody
// else than who serves.
func takeAfter(path, file string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	own, err := os.Stat(file)
	if err != nil {
		return err
	}
	to, knows := info.Sys().(*syscall.Stat_t)
	is, _ := own.Sys().(*syscall.Stat_t)
	if knows && is != nil && (to.Uid != is.Uid || to.Gid != is.Gid) {
		if err := os.Chown(file, int(to.Uid), int(to.Gid)); err != nil {
			return err
		}
	}
	return os.Chmod(file, info.Mode().Perm())
}

// dropTwins removes other names of the file at path, which a process leaves that is
// killed in the middle of a swap. They are no backups: what is written to path is
// written to them.
func dropTwins(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	begin := filepath.Base(path) + "."
	for _, e := range entries {
		if len(e.Name()) <= len(begin) || e.Name()[:len(begin)] != begin {
			continue
		}
		name := filepath.Join(filepath.Dir(path), e.Name())
		if other, err := os.Lstat(name); err == nil && os.SameFile(info, other) {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// frozen is a database that is one file, without a journal, and that nobody else
// can open.
type frozen struct{ pool *sql.DB }

// freeze moves the journal of the file at path into it and keeps everybody else out
// until release.
func freeze(ctx context.Context, path string) (frozen, error) {
	pool, err := openPool(path, "mode=rw&_pragma=busy_timeout(5000)&_pragma=secure_delete(1)")
	if err != nil {
		return frozen{}, err
	}
	if err := exclude(ctx, pool); err != nil {
		_ = pool.Close() // the first error is the one that counts
		return frozen{}, err
	}
	return frozen{pool}, nil
}

// isDamaged reports whether SQLite cannot make sense of a file.
func isDamaged(err error) bool {
	var e *sqlitedriver.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB)
}

// exclude makes the connection's lock the only one there can be: outside of a
// transaction, too, since VACUUM runs in none.
func exclude(ctx context.Context, pool *sql.DB) error {
	var mode string
	err := pool.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	var e *sqlitedriver.Error
	switch {
	case errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY, err == nil && mode != "delete":
		return refuse("is to be replaced, and another program has it open, such as Litestream or sqlite3; stop that first")
	case err != nil:
		return err
	}
	for _, statement := range []string{"PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "COMMIT"} {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// putAside gives the journals of a file that is too damaged to be frozen the name
// that it is going to have, so that they stay with it.
func putAside(path, kept string) error {
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, end := range []string{"-wal", "-journal"} {
		if err := os.Rename(path+end, kept+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// release lets others open the file again.
func (f frozen) release() {
	if f.pool != nil {
		_ = f.pool.Close() // it holds nothing but a lock
	}
}
