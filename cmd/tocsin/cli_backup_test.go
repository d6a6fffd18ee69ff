package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// TestRestoreRefuses what is no whole backup of ours, and changes nothing.
func TestRestoreRefuses(t *testing.T) {
	good := filledFile(t)
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	for k := len(damaged) / 2; k < len(damaged)/2+16384; k++ {
		damaged[k] ^= 0x5a
	}
	for name, tt := range map[string]struct {
		backup, database []byte
		statement        string // runs on the backup
		want             string
	}{
		"text":    {backup: []byte("BEGIN; -- a dump of something"), want: " is no backup: it is not an SQLite database"},
		"nothing": {backup: []byte{}, want: " is no backup: "},
		"damaged": {backup: damaged, want: "is damaged"},
		"cut":     {backup: whole[:len(whole)/2], want: "is damaged"},
		"without rows": {
			backup:    whole, // that its index still knows, and that nobody would miss in a copy
			statement: "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'WHERE open', 'WHERE NOT open') WHERE name = 'incidents_open'",
			want:      "is damaged: ",
		},
		"foreign":          {statement: "CREATE TABLE mine (a)", want: "holds the tables of another program"},
		"goose of others":  {statement: "CREATE TABLE goose_db_version (id, version_id, is_applied); INSERT INTO goose_db_version VALUES (1, 1, 1)", want: "holds the tables of another program"},
		"newer":            {backup: whole, statement: "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)", want: "was written by a newer Tocsin (schema 999, "},
		"onto a text":      {backup: whole, database: []byte("a letter to my mother"), want: "is not an SQLite database"},
		"onto another one": {backup: whole, want: "holds the tables of another program"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, database := filepath.Join(dir, "backup.db"), filepath.Join(dir, "tocsin.db")
			keep := tt.database
			if keep == nil {
				keep = whole
			}
			for path, content := range map[string][]byte{file: tt.backup, database: keep} {
				if content == nil || path == database && name == "onto another one" {
					continue
				}
				if err := os.WriteFile(path, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if tt.statement != "" {
				change(t, file, tt.statement)
			}
			if name == "onto another one" {
				change(t, database, "CREATE TABLE mine (a)")
			}
			before := folder(t, dir)
			tocsin(t, nil, "restore", file, "--database", database).is(t, 1, "", tt.want)
			after := folder(t, dir)
			delete(after, "tocsin.db.lock")
			if fmt.Sprint(keysOf(after)) != fmt.Sprint(keysOf(before)) || after["tocsin.db"] != before["tocsin.db"] || after["backup.db"] != before["backup.db"] {
				t.Errorf("it changed something: %v, %v", keysOf(before), keysOf(after))
			}
		})
	}
	tocsin(t, nil, "restore", good, "--database", good).is(t, 1, "", "is the database itself")
}

func change(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// TestRestoreOverDamage: a database that nobody can read any more is what a restore
// is for. It is kept as it is, with its journal.
func TestRestoreOverDamage(t *testing.T) {
	good := filledFile(t)
	dir := t.TempDir()
	database, file := filepath.Join(dir, "tocsin.db"), filepath.Join(dir, "backup.db")
	tocsin(t, nil, "backup", file, "--database", good).is(t, 0, "checked", "")
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for k := 100; k < 8192; k++ {
		whole[k] = 0xff
	}
	if err := os.WriteFile(database, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(database+"-wal", []byte("what is left of a journal"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := tocsin(t, nil, "restore", file, "--database", database)
	got.is(t, 0, "is kept as "+database+".before-restore-", "")
	sameRows(t, "the restored one", rows(t, database), rows(t, file))
	kept := 0
	for name, content := range folder(t, dir) {
		if strings.Contains(name, "before-restore") && content == string(whole) {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("the damaged file was not kept: %v", keysOf(folder(t, dir)))
	}
	if _, err := os.Stat(database + "-wal"); err == nil {
		t.Error("the old journal is beside the restored file")
	}
}

// TestBackupFails without leaving anything that looks like one.
func TestBackupFails(t *testing.T) {
	database := filledFile(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "backup.db")
	tocsin(t, nil, "backup", filepath.Join(dir, "nix", "b.db"), "--database", database).is(t, 1, "", "the folder "+filepath.Join(dir, "nix")+" does not exist; make it first: mkdir -p")
	tocsin(t, nil, "backup", dir, "--database", database).is(t, 1, "", dir+" is a folder; name a file in it, such as ")
	tocsin(t, nil, "backup", file, "--database", filepath.Join(dir, "nix.db")).is(t, 1, "", "there is no database")
	tocsin(t, nil, "backup", database, "--database", database).is(t, 1, "", "is there already and is not overwritten")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := storage.Backup(ctx, database, file); err == nil {
		t.Error("a backup that was called off was made")
	}
	broken := filledFile(t) // whose copy breaks a rule of its own
	change(t, broken, "PRAGMA ignore_check_constraints = 1; INSERT INTO counters VALUES ('x', -1)")
	tocsin(t, nil, "backup", file, "--database", broken).is(t, 1, "", "is not good, so it was not kept: it is damaged: ")
	foreign := filepath.Join(t.TempDir(), "x.db")
	change(t, foreign, "CREATE TABLE mine (a)")
	tocsin(t, nil, "backup", file, "--database", foreign).is(t, 1, "", "holds the tables of another program")
	if left := folder(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", keysOf(left))
	}
}

// TestRestoreKilled: at whatever moment a restore is killed, there is the one database
// or the other, and the next restore is not in its way.
func TestRestoreKilled(t *testing.T) {
	database := filledFile(t)
	file := filepath.Join(t.TempDir(), "backup.db")
	tocsin(t, nil, "backup", file, "--database", database).is(t, 0, "checked", "")
	restored := rows(t, database)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	ended := 0
	for n := range 12 {
		tocsin(t, nil, "token", "create", fmt.Sprintf("U%d", n), "--database", database).is(t, 0, "tocsin_", "Token")
		before := rows(t, database)
		cmd := exec.Command(os.Args[0], "restore", file, "--database", database)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		pause(t, time.Duration(random.IntN(300))*time.Millisecond)
		_ = cmd.Process.Kill()
		if cmd.Wait() == nil {
			ended++
		}
		if after := rows(t, database); fmt.Sprint(after) != fmt.Sprint(before) && fmt.Sprint(after) != fmt.Sprint(restored) {
			t.Fatalf("after kill %d it is neither the one nor the other", n)
		}
	}
	t.Logf("%d of 12 ended before they were killed", ended)
	tocsin(t, nil, "restore", file, "--database", database).is(t, 0, "checked", "")
	sameRows(t, "the restored one", rows(t, database), restored)
	for name := range folder(t, filepath.Dir(database)) {
		if strings.Contains(name, ".partial-") {
			t.Errorf("left behind: %s", name)
		}
	}
}
