package storage_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest"
)

func TestSQLite(t *testing.T) {
	empty := migrated(t)
	storagetest.Run(t, func(t *testing.T) bot.Store { return open(t, write(t, "tocsin.db", empty)) })
}

// migrated returns the bytes of a database without content, which is quicker
// to write than to make.
func migrated(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "empty.db")
	s, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a store that is closed with the test.
func open(t testing.TB, path string) *storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// execSQL changes a database file behind the store's back.
func execSQL(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func set(name, value string) func(bot.Tx) error {
	return func(tx bot.Tx) error { return tx.SetLink(bot.Link{Owner: "test", Name: name, Value: value}) }
}

func get(t testing.TB, s bot.Store, name string) (value string) {
	t.Helper()
	err := s.View(t.Context(), func(tx bot.ReadTx) (err error) {
		value, err = tx.Link("test", name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestOpenRefuses(t *testing.T) {
	empty := migrated(t)
	newer := write(t, "newer.db", empty)
	execSQL(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	execSQL(t, foreign, "CREATE TABLE songs (name text)")
	cut := write(t, "cut.db", append(empty[:200:200], make([]byte, 5000)...))
	for _, c := range []struct {
		name, path string
		opts       storage.Options
		want       []string
	}{
		{"no name", "", storage.Options{}, []string{"tocsin.db"}},
		{"no server", "postgres://user:geheim@127.0.0.1:1/db", storage.Options{}, []string{"cannot open the database db on 127.0.0.1", "connection refused"}},
		{"no address", "postgres://user:geheim@host:port/db", storage.Options{}, []string{"write it as postgres://USER:PASSWORD@HOST/NAME"}},
		{"a text file", write(t, "notes.txt", []byte("a shopping list, long enough")), storage.Options{}, []string{"notes.txt is not an SQLite database", "name another file"}},
		{"a short file", write(t, "short", []byte("hi")), storage.Options{}, []string{"short is not an SQLite database"}},
		{"damage", cut, storage.Options{}, []string{"cut.db"}},
		{"a newer schema", newer, storage.Options{}, []string{"newer.db was written by a newer Tocsin (schema 99, this build knows 7); use that version or restore a backup"}},
		{"a newer schema, to read", newer, storage.Options{ReadOnly: true}, []string{"was written by a newer Tocsin (schema 99"}},
		{"another program's", foreign, storage.Options{}, []string{"foreign.db holds the tables of another program"}},
		{"a folder", t.TempDir(), storage.Options{}, []string{"is a folder; name a file in it"}},
		{"no folder", filepath.Join(t.TempDir(), "no", "where.db"), storage.Options{}, []string{"does not exist; make it first: mkdir -p"}},
		{"nothing to read", filepath.Join(t.TempDir(), "none.db"), storage.Options{ReadOnly: true}, []string{"there is no database", "none.db"}},
		{"an old schema, to read", write(t, "empty", nil), storage.Options{ReadOnly: true}, []string{"has schema 0 and this build needs 7; run tocsin migrate first"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := storage.Open(t.Context(), c.path, c.opts)
			if err == nil {
				_ = s.Close()
				t.Fatal("it was opened")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("error %q shows the password", err)
			}
		})
	}
}

func TestRefusalChangesNothing(t *testing.T) {
	for name, content := range map[string][]byte{"notes.txt": []byte("a shopping list, long enough"), "tiny": []byte("x")} {
		path := write(t, name, content)
		if s, err := storage.Open(t.Context(), path, storage.Options{}); err == nil {
			_ = s.Close()
			t.Fatal("it was opened")
		}
		after, err := os.ReadFile(path)
		if err != nil || string(after) != string(content) {
			t.Errorf("%s is %q now, %v", name, after, err)
		}
	}
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tocsin.db")
	first := open(t, path)
	link := filepath.Join(t.TempDir(), "alias.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		_, err := storage.Open(t.Context(), name, storage.Options{})
		want := fmt.Sprintf("another tocsin process (pid %d) is using ", os.Getpid())
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "tocsin.db") {
			t.Errorf("opening %s again: %v, want %q", name, err, want)
		}
	}
	if err := first.Update(t.Context(), set("a", "1")); err != nil {
		t.Errorf("the first one: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if got := get(t, open(t, path), "a"); got != "1" {
		t.Errorf("after the first was closed: %q", got)
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tocsin.db")
	w := open(t, path)
	r, err := storage.Open(t.Context(), path, storage.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Update(t.Context(), set("a", "1")); err != nil {
		t.Fatal(err)
	}
	if got := get(t, r, "a"); got != "1" {
		t.Errorf("read %q", got)
	}
	if err := r.Update(t.Context(), set("a", "2")); err != storage.ErrReadOnly { //nolint:errorlint // identity
		t.Errorf("Update: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// TestCrash copies the files of an open store, as a power cut would leave
// them, and opens the copy.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "tocsin.db"))
	for k := range 20 {
		if err := s.Update(t.Context(), set(fmt.Sprint(k), "kept")); err != nil {
			t.Fatal(err)
		}
	}
	during := make(chan string)
	go func() {
		_ = s.Update(context.Background(), func(tx bot.Tx) error {
			err := set("open", "not kept")(tx)
			during <- "started"
			<-during
			return err
		})
		close(during)
	}()
	<-during
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	during <- "go on"
	<-during
	after := open(t, filepath.Join(copied, "tocsin.db"))
	for k := range 20 {
		if got := get(t, after, fmt.Sprint(k)); got != "kept" {
			t.Errorf("link %d is %q", k, got)
		}
	}
	if got := get(t, after, "open"); got != "" {
		t.Errorf("what was not committed is %q", got)
	}
}

// TestFileNames opens files whose names mean something in a URI.
func TestFileNames(t *testing.T) {
	for _, name := range []string{"a b.db", "a?mode=memory.db", "100%.db", "a#b.db", "ü&_pragma=x.db", "%41.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path)
		if err := s.Update(t.Context(), set("a", "1")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestInBubble shows that a store lives inside a bubble of virtual time.
func TestInBubble(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, filepath.Join(dir, "tocsin.db"))
		changed := s.Watch(t.Context())
		go func() {
			<-time.After(time.Hour)
			if err := s.Update(t.Context(), set("a", "1")); err != nil {
				t.Error(err)
			}
		}()
		start := time.Now()
		<-changed
		if d := time.Since(start); d != time.Hour {
			t.Errorf("heard after %v", d)
		}
		if got := get(t, s, "a"); got != "1" {
			t.Errorf("read %q", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		hold := make(chan struct{})
		go func() { <-time.After(time.Hour); close(hold) }()
		go func() { _ = s.Update(t.Context(), func(bot.Tx) error { <-hold; return nil }) }()
		synctest.Wait()
		if err := s.Update(ctx, set("a", "2")); err != context.DeadlineExceeded { //nolint:errorlint // identity
			t.Errorf("a writer that waited a minute: %v", err)
		}
		<-hold
	})
}
