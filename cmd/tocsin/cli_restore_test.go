package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/storage"
)

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
