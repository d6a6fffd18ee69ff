package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// firstFile is a filled database of the oldest version that is kept.
func firstFile(t *testing.T) (path string) {
	t.Helper()
	text, err := os.ReadFile("../../storage/testdata/v0.sql")
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "tocsin.db")
	change(t, path, "BEGIN;"+string(text)+"COMMIT;")
	return path
}

// TestMigrateVerb says from what to what, and where the old one is. The verbs that
// only read, or stand beside a server, ask for it before.
func TestMigrateVerb(t *testing.T) {
	database := firstFile(t)
	before := rows(t, database)
	tocsin(t, nil, "token", "list", "--database", database).is(t, 1, "", "has schema 3 and this build needs ")
	got := tocsin(t, nil, "migrate", "--database", database)
	got.is(t, 0, database+" was migrated from schema 3 to ", "")
	_, kept, _ := strings.Cut(got.out, "it is kept as ")
	kept, _, _ = strings.Cut(kept, ";")
	if !regexp.MustCompile(`/tocsin\.db\.schema3-\d{8}T\d{6}Z$`).MatchString(kept) {
		t.Errorf("the backup is called %q", kept)
	}
	sameRows(t, "the backup", rows(t, kept), before)
	tocsin(t, nil, "migrate", "--database", database).is(t, 0, "which is this version's; there is nothing to do.\n", "")
	tocsin(t, nil, "token", "list", "--database", database).is(t, 0, "U0ANA", "")

	tocsin(t, nil, "restore", kept, "--database", database).is(t, 0, "The next start migrates it to schema ", "")
	sameRows(t, "the old one, restored", rows(t, database), before)
	s, err := storage.Open(t.Context(), database, storage.Options{}) // as serve does
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storagetest.Check(t, s)
}

// TestBackupOfAnOlderSchema: whoever installs a new version may back up before it
// migrates.
func TestBackupOfAnOlderSchema(t *testing.T) {
	database := firstFile(t)
	file := filepath.Join(t.TempDir(), "old.db")
	tocsin(t, nil, "backup", file, "--database", database).is(t, 0, "schema 3, checked", "")
	sameRows(t, "the backup", rows(t, file), rows(t, database))
}

// TestMigrateFails half way, in a step that meets a table which should not be there.
func TestMigrateFails(t *testing.T) {
	database := firstFile(t)
	change(t, database, "CREATE TABLE event_search (mine)")
	before := rows(t, database)
	for _, verb := range []string{"migrate", "serve"} {
		got := tocsin(t, serveEnv(t, "TOCSIN_LISTEN=127.0.0.1:0"), verb, "--database", database)
		got.is(t, 1, "", "failed, and nothing was changed; the version of Tocsin before this one can still use it")
		if strings.Count(got.err, "\n") != 1 {
			t.Errorf("not one line: %q", got.err)
		}
	}
	sameRows(t, "after a migration that failed", rows(t, database), before)
	if left := keysOf(folder(t, filepath.Dir(database))); strings.Join(left, " ") != "tocsin.db tocsin.db.lock" {
		t.Errorf("left behind: %v", left)
	}
}

// TestMigrateTo copies into PostgreSQL, says how to go on, and changes nothing of the
// file. A second time it is refused.
func TestMigrateTo(t *testing.T) {
	t.Parallel()
	database := filledFile(t)
	to := fresh.Postgres(t) + "&password=c4n4ry-of-the-tests"
	before := rows(t, database)
	got := tocsin(t, nil, "migrate", "--to", to, "--database", database)
	got.is(t, 0, "the heads of 7 chains.\nSet TOCSIN_DATABASE to that address and start tocsin serve. The file was not changed", "")
	for table, list := range before {
		if strings.HasPrefix(table, "event_search") || table == "goose_db_version" || table == "sqlite_sequence" {
			continue
		}
		if !regexp.MustCompile(`(?m)^ *` + strconv.Itoa(len(list)) + " +" + table + " *$").MatchString(got.out) {
			t.Errorf("%d rows of %s are not in\n%s", len(list), table, got.out)
		}
	}
	sameRows(t, "the file", rows(t, database), before)
	again := tocsin(t, nil, "migrate", "--to", to, "--database", database)
	again.is(t, 1, "", "is not empty: the table ")
	if strings.Contains(got.out+again.err, "c4n4ry") {
		t.Errorf("the password is in\n%s\n%s", got.out, again.err)
	}
	s, err := storage.Open(t.Context(), to, storage.Options{Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storagetest.Check(t, s)
}

// TestMigrateToNowhere fails before anything is read.
func TestMigrateToNowhere(t *testing.T) {
	database := filledFile(t)
	for to, want := range map[string]string{
		"postgres://u:c4n4ry-1@127.0.0.1:1/db":     "cannot open the database db on 127.0.0.1: ",
		"postgres://u:c4n4ry-1@127.0.0.1:port/db":  "the database's address is not understood",
		"postgres://u:c4n4ry-1@127.0.0.1/db?x=%zz": "",
	} {
		got := tocsin(t, nil, "migrate", "--to", to, "--database", database)
		if got.code != 1 || !strings.Contains(got.err, want) || strings.Contains(got.err, "c4n4ry") || strings.Count(got.err, "\n") != 1 {
			t.Errorf("%s: %+v", to, got)
		}
	}
	old := firstFile(t)
	tocsin(t, nil, "migrate", "--to", fresh.Postgres(t), "--database", old).is(t, 1, "", "run tocsin migrate without --to first")
}

// TestMigratePostgres makes the tables of an empty database, as the first container
// of a rollout may, and then has nothing to do.
func TestMigratePostgres(t *testing.T) {
	url := pgserver.Shared(t).Create(t, "migrate_verb")
	tocsin(t, nil, "migrate", "--database", url).is(t, 0, "was empty; it has schema ", "")
	tocsin(t, nil, "migrate", "--database", url).is(t, 0, "there is nothing to do", "")
}
