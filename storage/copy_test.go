package storage

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/storage/storagetest"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

func openPostgresPool(t *testing.T, url string) (*sql.DB, error) {
	t.Helper()
	pool, err := sql.Open("pgx", url)
	if err == nil {
		t.Cleanup(func() { _ = pool.Close() })
	}
	return pool, err
}

// TestCopyToPostgres: every row is on the other side, and the program goes on there.
func TestCopyToPostgres(t *testing.T) {
	t.Parallel()
	path := filled(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	url := pgserver.Shared(t).Create(t, "copied")
	did, err := CopyToPostgres(t.Context(), path, url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if did.Chains != 7 {
		t.Errorf("the heads of %d chains were compared", did.Chains)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file was changed (%v)", err)
	}
	for _, table := range did.Tables {
		if table.Rows == 0 {
			t.Errorf("no row of %s was copied", table.Name)
		}
	}
	compareCopy(t, path, url)
	there, err := openPostgresPool(t, url)
	if err != nil {
		t.Fatal(err)
	}
	var leased int
	if err := there.QueryRowContext(t.Context(), "SELECT count(*) FROM lanes WHERE leased").Scan(&leased); err != nil || leased > 0 {
		t.Errorf("%d lanes are still leased, by nobody: %v", leased, err)
	}
	if _, err := CopyToPostgres(t.Context(), path, url, Options{}); err == nil || !strings.Contains(err.Error(), "is not empty: ") {
		t.Errorf("a second copy: %v", err)
	}
	s, err := Open(t.Context(), url, Options{Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storagetest.Check(t, s)
}

// compareCopy reads all rows of both sides as text, with other code than the copy's.
func compareCopy(t *testing.T, path, url string) {
	t.Helper()
	file, err := openPool(path, "mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	there, err := openPostgresPool(t, url)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tablesOf(t, file, "table") {
		if name == "goose_db_version" {
			continue
		}
		var got [2]map[string]int
		for k, side := range []*sql.DB{file, there} {
			got[k] = rowSet(t, side, name)
		}
		if len(got[0]) == 0 || !maps.Equal(got[0], got[1]) {
			t.Errorf("%s: %d rows here, %d there, or they differ", name, len(got[0]), len(got[1]))
		}
	}
}

// rowSet is a table's rows by column, and how often each is there. A lease is freed
// by the copy.
func rowSet(t *testing.T, side *sql.DB, name string) map[string]int {
	t.Helper()
	rows, err := side.QueryContext(t.Context(), "SELECT * FROM "+quoteName(name))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for k := range into {
			into[k] = &values[k]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := map[string]any{}
		for k, c := range columns {
			if name == "lanes" && (c == "leased" || c == "wake_at") {
				continue
			}
			if v, ok := values[k].(bool); ok { // SQLite has none
				values[k] = map[bool]int64{true: 1}[v]
			}
			row[c] = values[k]
		}
		out[fmt.Sprint(row)]++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCopyRefuses what would not be a whole copy, and leaves the target as it was.
func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	server := pgserver.Shared(t)
	tests := []struct {
		name string
		want string
		file string   // changes the file
		to   []string // prepare the database; with its tables when the first is empty
	}{
		{name: "foreign", want: "holds the tables of another program", to: []string{"CREATE TABLE mine (a text)"}},
		{name: "written", want: "is not empty: the table links has rows", to: []string{"", "INSERT INTO links VALUES ('a', 'b', 'c')"}},
		{name: "counted", want: "is not empty: the table counters was written", to: []string{"", "UPDATE counters SET value = 1 WHERE name = 'token'"}},
		{name: "other_version", want: "tables of another version", to: []string{"", "DELETE FROM goose_db_version WHERE version_id > 2"}},
		{name: "unknown_table", want: "the SQLite file has a table that PostgreSQL has not: extra", file: "CREATE TABLE extra (a text)"},
		{name: "unknown_there", want: "PostgreSQL has a table that the SQLite file has not: extra", to: []string{"", "CREATE TABLE extra (a text PRIMARY KEY)"}},
		{name: "unknown_column", want: "the SQLite file has a column of links that PostgreSQL has not: extra", file: "ALTER TABLE links ADD COLUMN extra text"},
		{name: "unknown_sequence", want: "PostgreSQL has a sequence that", to: []string{"", "CREATE SEQUENCE extra"}},
		{name: "older", want: "run tocsin migrate without --to first", file: "DELETE FROM goose_db_version WHERE version_id > 2"},
		{name: "wrong_type", want: "where a bigint must be", file: "UPDATE tokens SET expires_at = 'soon'"},
		{name: "refused_row", want: "table incident_people", file: "INSERT INTO incident_people VALUES (99, 'x', 'U0ANA')"},
		{name: "cut_chain", want: "do not end with their last entry", file: "DELETE FROM events WHERE incident = 2 AND seq = (SELECT seq FROM incidents WHERE number = 2)"},
		{name: "changed_there", want: "or they differ", to: []string{"", `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.value := 'x'; RETURN NEW; END $$`,
			"CREATE TRIGGER spoil BEFORE INSERT ON links FOR EACH ROW EXECUTE FUNCTION spoil()"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path, url := filled(t), server.Create(t, "refused_"+tt.name)
			if tt.file != "" {
				execFile(t, path, tt.file)
			}
			if len(tt.to) > 0 && tt.to[0] == "" {
				if _, err := Migrate(t.Context(), url, Options{}); err != nil {
					t.Fatal(err)
				}
				tt.to = tt.to[1:]
			}
			if err := server.Exec("refused_"+tt.name, tt.to...); err != nil {
				t.Fatal(err)
			}
			_, err := CopyToPostgres(t.Context(), path, url, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			pool, err := openPostgresPool(t, url)
			if err != nil {
				t.Fatal(err)
			}
			var made, rows int
			if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_tables WHERE tablename = 'events'").Scan(&made); err != nil {
				t.Fatal(err)
			}
			if made > 0 {
				if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM events").Scan(&rows); err != nil || rows > 0 {
					t.Errorf("%d entries were copied by half: %v", rows, err)
				}
			}
		})
	}
}
