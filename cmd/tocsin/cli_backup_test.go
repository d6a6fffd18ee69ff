package main

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest"
)

// filledFile is a database with something of everything in it.
func filledFile(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "tocsin.db")
	s, err := storage.Open(t.Context(), path, storage.Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Fill(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// rows is every row of every table of a file, by table.
func rows(t *testing.T, path string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string][]string{}
	for _, table := range column(t, db, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') AND name <> 'sqlite_schema'") {
		columns := column(t, db, fmt.Sprintf("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('%s')", table))
		out[table] = column(t, db, "SELECT "+strings.Join(columns, " || ',' || ")+" AS row FROM \""+table+"\" ORDER BY row")
	}
	if len(out["events"]) == 0 {
		t.Errorf("%s holds no record", path)
	}
	return out
}

func column(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func sameRows(t *testing.T, what string, got, want map[string][]string) {
	t.Helper()
	for table, list := range want {
		if !slices.Equal(got[table], list) {
			t.Errorf("%s: %s has %d rows, want %d, or they differ", what, table, len(got[table]), len(list))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d tables, want %d", what, len(got), len(want))
	}
}

// folder is every file of a folder, and what it holds.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestBackupAndRestore: a backup is a file for its owner alone that holds every row,
// and a restore brings each of them back, whatever happened in between.
func TestBackupAndRestore(t *testing.T) {
	database := filledFile(t)
	dir := filepath.Dir(database)
	file := filepath.Join(t.TempDir(), "back up?.db")
	want := rows(t, database)
	tocsin(t, nil, "backup", file, "--database", database).is(t, 0, database+" is backed up to "+file+": ", "")
	sameRows(t, "the backup", rows(t, file), want)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup's rights: %v %v", info, err)
	}
	before := folder(t, filepath.Dir(file))
	tocsin(t, nil, "backup", file, "--database", database).is(t, 1, "", file+" is there already and is not overwritten; name another file")
	if after := folder(t, filepath.Dir(file)); len(after) != 1 || after[filepath.Base(file)] != before[filepath.Base(file)] {
		t.Error("a refused backup changed something")
	}

	tocsin(t, nil, "token", "create", "U1", "--database", database).is(t, 0, "tocsin_", "Token 2")
	later := rows(t, database)
	if err := os.Chmod(database, 0o640); err != nil {
		t.Fatal(err)
	}
	got := tocsin(t, nil, "restore", file, "--database", database)
	got.is(t, 0, database+" holds what "+file+" held: schema ", "")
	if !strings.Contains(got.out, "What was there before is kept as "+database+".before-restore-2") || !strings.Contains(got.out, " effects waited when") {
		t.Errorf("it says\n%s", got.out)
	}
	sameRows(t, "the restored one", rows(t, database), want)
	if info, err := os.Stat(database); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the restored file's rights: %v %v", info, err)
	}
	var kept []string
	for name := range folder(t, dir) {
		if name != "tocsin.db" && name != "tocsin.db.lock" {
			kept = append(kept, filepath.Join(dir, name))
		}
	}
	if len(kept) != 1 {
		t.Fatalf("left beside: %v", kept)
	}
	sameRows(t, "what was there before", rows(t, kept[0]), later)

	s, err := storage.Open(t.Context(), database, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storagetest.Check(t, s)
}

// TestRestoreKeepsTheJournal: what a process that was killed had committed is in the
// file that is put aside, and not in the one that was restored.
func TestRestoreKeepsTheJournal(t *testing.T) {
	v := newVictim(t, "")
	file := filepath.Join(t.TempDir(), "backup.db")
	v.start()
	v.declare(t)
	tocsin(t, v.env, "backup", file).is(t, 0, "checked", "")
	want := rows(t, file)
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	load.Go(func() { v.talk(ctx, "ana") })
	await(t, "some updates", func() bool { v.mu.Lock(); defer v.mu.Unlock(); return len(v.acked) > 5 })
	v.kill()
	stop()
	load.Wait()
	if info, err := os.Stat(v.database + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("there is no journal to lose: %v", err)
	}
	got := tocsin(t, v.env, "restore", file)
	got.is(t, 0, "is kept as", "")
	sameRows(t, "the restored one", rows(t, v.database), want)
	_, kept, _ := strings.Cut(got.out, "is kept as ")
	kept, _, _ = strings.Cut(kept, ";")
	record := strings.Join(rows(t, kept)["events"], "\n")
	for _, text := range v.acked {
		if !strings.Contains(record, text) {
			t.Errorf("%q was acknowledged and is not in the file that was put aside", text)
		}
	}
	v.start() // the restored one
	v.kill()
}

// TestBackupWhileServing: what was acknowledged before is in it, nobody is refused
// meanwhile, and restore and migrate say who has the file.
func TestBackupWhileServing(t *testing.T) {
	t.Parallel()
	v := newVictim(t, "slack: {post_every: 0s}\n")
	dir := t.TempDir()
	v.start()
	v.declare(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var load sync.WaitGroup
	for _, who := range []string{"ana", "ben", "cem"} {
		load.Go(func() { v.talk(ctx, who) })
	}
	for n := range 4 {
		file := filepath.Join(dir, fmt.Sprintf("%d.db", n))
		v.mu.Lock()
		said := slices.Clone(v.acked)
		v.mu.Unlock()
		tocsin(t, v.env, "backup", file).is(t, 0, "is backed up", "")
		record := strings.Join(rows(t, file)["events"], "\n")
		for _, text := range said {
			if !strings.Contains(record, text) {
				t.Errorf("%q was acknowledged before backup %d and is not in it", text, n)
			}
		}
		await(t, "more updates", func() bool { v.mu.Lock(); defer v.mu.Unlock(); return len(v.acked) > len(said)+10 })
	}
	for _, verb := range [][]string{{"restore", filepath.Join(dir, "0.db")}, {"migrate"}, {"migrate", "--to", "postgres://127.0.0.1:1/x"}, {"serve", "--listen", freeAddress(t)}} {
		got := tocsin(t, v.env, verb...)
		got.is(t, 1, "", fmt.Sprintf("another tocsin process (pid %d) is using %s; stop it first", v.replicas[0].cmd.Process.Pid, v.database))
	}
	stop()
	load.Wait()
	v.kill()
	last := filepath.Join(dir, "last.db")
	tocsin(t, v.env, "backup", last).is(t, 0, "is backed up", "")
	want := rows(t, last)
	if record := strings.Join(want["events"], "\n"); !strings.Contains(record, v.acked[len(v.acked)-1]) {
		t.Error("the last update is not in the newest backup")
	}
	v.database += ".new"
	tocsin(t, v.env, "restore", last, "--database", v.database).is(t, 0, "schema", "")
	sameRows(t, "the newest backup, restored", rows(t, v.database), want)
}
