package storage

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/storage/storagetest"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// A fixture is a database that storagetest.Fill filled with an older version, as
// text: what SQLite alone understands of it, and rows that PostgreSQL takes, too.

var writeFixture = flag.String("write-fixture", "", "write testdata/`NAME`.sql, a filled database of this schema")

const (
	fixtureHead = "-- A filled database of Tocsin %s, schema %d on SQLite and %d on PostgreSQL. CONTRIBUTING.md says how it is made.\n"
	rowsBegin   = "\n-- rows\n"
	rowsEnd     = "\n-- the rest of SQLite's\n"
)

// TestFixtures brings the filled database of every released version to this build's
// schema, on both databases.
func TestFixtures(t *testing.T) {
	if *writeFixture != "" {
		writeDump(t, *writeFixture)
	}
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no fixtures: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sql")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name+"/SQLite", func(t *testing.T) { fixtureOnSQLite(t, string(text)) })
		t.Run(name+"/PostgreSQL", func(t *testing.T) { fixtureOnPostgres(t, name, string(text)) })
	}
}

func fixtureOnSQLite(t *testing.T, text string) {
	path := filepath.Join(t.TempDir(), "old.db")
	loadFixture(t, path, text)
	of := versionOf(t, text, 0)
	did, err := Migrate(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if did.From != of || (did.Backup == "") != (did.From == did.To) {
		t.Errorf("migrated %+v, the fixture is of schema %d", did, of)
	}
	checkFixture(t, path)
	if did.Backup != "" {
		if version, err := inspect(t.Context(), did.Backup, "integrity_check"); err != nil || version != of {
			t.Errorf("the backup has schema %d: %v", version, err)
		}
	}
}

func fixtureOnPostgres(t *testing.T, name, text string) {
	server := pgserver.Shared(t)
	url := server.Create(t, "fixture_"+name)
	pool, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := schema{postgresSchema, pool, pool}.provider()
	if err == nil {
		_, err = p.UpTo(t.Context(), versionOf(t, text, 1))
	}
	if err != nil {
		t.Fatal(err)
	}
	tables, err := strs(t.Context(), pool, `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	_, rows, _ := strings.Cut(text, rowsBegin)
	rows, _, _ = strings.Cut(rows, rowsEnd)
	err = server.Exec("fixture_"+name, "TRUNCATE "+strings.Join(tables, ", "), rows, "SELECT setval('job_ids', (SELECT max(id) FROM jobs))",
		"UPDATE lanes SET leased = false")
	if err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	checkFixture(t, url)
}

func checkFixture(t *testing.T, url string) {
	t.Helper()
	s, err := Open(t.Context(), url, Options{Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storagetest.Check(t, s)
}

// versionOf is the schema that the head of a fixture names.
func versionOf(t *testing.T, text string, which int) int64 {
	t.Helper()
	var name string
	var versions [2]int64
	head, _, _ := strings.Cut(fixtureHead, " on PostgreSQL")
	if _, err := fmt.Sscanf(strings.ReplaceAll(text[:200], ",", " ,"), strings.ReplaceAll(head, ",", " ,"), &name, &versions[0], &versions[1]); err != nil {
		t.Fatalf("the fixture's first line: %v", err)
	}
	return versions[which]
}

func loadFixture(t *testing.T, path, text string) {
	t.Helper()
	pool, err := openPool(path, "_pragma=synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(t.Context(), "BEGIN;\n"+text+"\nCOMMIT;"); err != nil {
		t.Fatal(err)
	}
}

// filled makes a database of this schema that holds something of everything.
func filled(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "tocsin.db")
	s, err := Open(t.Context(), path, Options{Volatile: true})
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Fill(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFillFillsEveryTable keeps a new table from being left out of what the tests of
// backups, copies and migrations look at.
func TestFillFillsEveryTable(t *testing.T) {
	t.Parallel()
	pool, err := openPool(filled(t), "")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, name := range tablesOf(t, pool, "table") {
		var rows int
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM "+quoteName(name)).Scan(&rows); err != nil || rows == 0 {
			t.Errorf("storagetest.Fill leaves %s empty (%v)", name, err)
		}
	}
}

func tablesOf(t *testing.T, pool *sql.DB, kind string) []string {
	t.Helper()
	names, err := strs(t.Context(), pool, `SELECT l.name FROM pragma_table_list l JOIN sqlite_schema s ON s.name = l.name
		WHERE l.schema = 'main' AND l.type = $1 AND l.name NOT LIKE 'sqlite_%' ORDER BY s.rowid`, kind)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// writeDump writes a filled database as text.
func writeDump(t *testing.T, name string) {
	pool, err := openPool(filled(t), "")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s := schema{sqliteSchema, pool, pool}
	version, err := s.version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, postgresVersion, err := schema{postgresSchema, pool, pool}.provider()
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf(fixtureHead, name, version, postgresVersion)
	for _, kind := range []string{"table", "virtual"} {
		out += sqlOf(t, pool, "SELECT s.sql FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name WHERE l.schema = 'main' AND l.type = $1 AND s.name NOT LIKE 'sqlite_%' ORDER BY s.rowid", kind)
	}
	out += rowsBegin
	for _, table := range tablesOf(t, pool, "table") {
		if table != "goose_db_version" {
			out += rowsOf(t, pool, table)
		}
	}
	out += rowsEnd + rowsOf(t, pool, "goose_db_version")
	for _, table := range tablesOf(t, pool, "shadow") {
		out += "DELETE FROM " + quoteName(table) + ";\n" + rowsOf(t, pool, table)
	}
	out += sqlOf(t, pool, "SELECT sql FROM sqlite_schema WHERE type IN ('index', $1) AND sql <> '' ORDER BY rowid", "trigger")
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", name+".sql"), []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sqlOf(t *testing.T, pool *sql.DB, query, kind string) (out string) {
	t.Helper()
	list, err := strs(t.Context(), pool, query, kind)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range list {
		out += text + ";\n"
	}
	return out
}

// rowsOf writes a table's rows as SQL that both databases understand.
func rowsOf(t *testing.T, pool *sql.DB, table string) (out string) {
	t.Helper()
	columns, err := strs(t.Context(), pool, "SELECT name FROM pragma_table_info($1)", table)
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := strs(t.Context(), pool, "SELECT lower(type) FROM pragma_table_info($1)", table)
	if err != nil {
		t.Fatal(err)
	}
	names, values := make([]string, len(columns)), make([]string, len(columns))
	for k, c := range columns {
		names[k], values[k] = quoteName(c), "quote("+quoteName(c)+")"
		if kinds[k] == "boolean" {
			values[k] = "CASE " + quoteName(c) + " WHEN 1 THEN 'TRUE' ELSE 'FALSE' END"
		}
	}
	rows, err := strs(t.Context(), pool, "SELECT "+strings.Join(values, " || ', ' || ")+" FROM "+quoteName(table)+" ORDER BY "+strings.Join(names, ", "))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		out += "INSERT INTO " + quoteName(table) + " (" + strings.Join(names, ", ") + ") VALUES (" + row + ");\n"
	}
	return out
}
