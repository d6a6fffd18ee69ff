package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// checkPath returns the absolute, real path of a database file that can be
// opened: two names of one file must have one lock.
func checkPath(path string, mustExist bool) (string, error) {
	if path == "" {
		return "", errors.New("no database was named; use the path of a file, such as tocsin.db")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, os.ErrNotExist) && mustExist:
		return "", fmt.Errorf("there is no database %s; tocsin serve makes it", path)
	case errors.Is(err, os.ErrNotExist):
		return abs, checkFolder(filepath.Dir(abs))
	case err != nil:
		return "", err
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder; name a file in it, such as %s", path, filepath.Join(path, "tocsin.db"))
	case info.Size() == 0:
		return abs, nil
	}
	return abs, checkHeader(abs)
}

func checkFolder(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("the folder %s does not exist; make it first: mkdir -p %s", dir, dir)
	}
	return nil
}

// checkHeader looks before SQLite does, which takes a short file of any sort
// for an empty database.
func checkHeader(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	head := make([]byte, 16)
	if _, err := io.ReadFull(f, head); err != nil || string(head) != "SQLite format 3\x00" {
		return notDatabase(path)
	}
	return nil
}

func notDatabase(path string) error {
	return fmt.Errorf("%s is not an SQLite database; name another file, or move this one away to start empty", path)
}

// fileError says what is wrong with the file at path.
func fileError(path string, err error) error {
	var state schemaError
	if errors.As(err, &state) {
		return fmt.Errorf("%s %w", path, err)
	}
	var e *sqlitedriver.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_NOTADB:
			return notDatabase(path)
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return fmt.Errorf("%s is locked by another program; stop it first: %w", path, err)
		case sqlite3.SQLITE_CORRUPT:
			return fmt.Errorf("%s is damaged; restore a backup: %w", path, err)
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
			return fmt.Errorf("%s cannot be written; check its owner and its folder's: %w", path, err)
		}
	}
	return fmt.Errorf("%s: %w", path, err)
}
