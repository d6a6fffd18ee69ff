// Package fresh gives tests a database that was migrated already, since
// migrating one for each of hundreds of tests takes most of their time. It is a
// copy of one that the same code has just made, so it refuses to be anything that
// the storage would not have made itself.
package fresh

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tocsin-dev/tocsin/storage"
)

// made is the file, made once for each test program.
var made = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tocsin-fresh-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	path := filepath.Join(dir, "fresh.db")
	store, err := storage.Open(context.Background(), path, storage.Options{Volatile: true})
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, fmt.Errorf("close: %w", err)
	}
	return os.ReadFile(path)
})

// Put makes path a database without content, unless there is one.
func Put(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	file, err := made()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatalf("a fresh database: %v", err)
	}
}

// Open opens a database without content that lasts as long as the test, or the one
// at path if that is there.
func Open(t testing.TB, path string) *storage.Store {
	t.Helper()
	Put(t, path)
	store, err := storage.Open(context.Background(), path, storage.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	return store
}
