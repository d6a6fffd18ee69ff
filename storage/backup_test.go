package storage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPublishOverwritesNothing, though the name was free when the draft was begun.
func TestPublishOverwritesNothing(t *testing.T) {
	t.Parallel()
	final := filepath.Join(t.TempDir(), "backup.db")
	left, err := newDraft(final) // of a process that was killed
	if err != nil {
		t.Fatal(err)
	}
	draft, err := newDraft(final)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("a draft that nobody finishes stays")
	}
	if err := os.WriteFile(final, []byte("another one's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := publish(draft, final); err == nil || !strings.Contains(err.Error(), "is there already and is not overwritten") {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(final); err != nil || string(text) != "another one's" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if err := os.Remove(final); err != nil {
		t.Fatal(err)
	}
	if err := publish(draft, final); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(final); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's rights: %v, %v", info, err)
	}
}

// TestBackupOfPostgres is refused by the function, too.
func TestBackupOfPostgres(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.db")
	if _, err := Backup(t.Context(), "postgres://h/d", file); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("got %v", err)
	}
	if _, err := Restore(t.Context(), "postgres://h/d", file); err == nil || !strings.Contains(err.Error(), "pg_restore") {
		t.Errorf("got %v", err)
	}
}
