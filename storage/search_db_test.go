package storage_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// What is typed is text to SQLite, whatever it is.
func FuzzSearchSQLite(f *testing.F) {
	path := filepath.Join(f.TempDir(), "tocsin.db")
	fresh.Put(f, path)
	fuzzSearch(f, openWith(f, path, storage.Options{Volatile: true}))
}

// What is typed is text to PostgreSQL, whatever it is.
func FuzzSearchPostgres(f *testing.F) {
	fuzzSearch(f, openWith(f, fresh.Postgres(f), storage.Options{Alone: true}))
}

func fuzzSearch(f *testing.F, s bot.Store) {
	declare(f, s) // Checkout is down
	for _, q := range storagetest.Hostile() {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		err := s.View(t.Context(), func(tx bot.ReadTx) error {
			_, err := tx.Search(bot.Everyone(), bot.ParseQuery(bot.ParseRefs(typed)), 0, 0)
			return err
		})
		if err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	})
}

// TestPostgresSearchPlans shows that the newest entries are walked in their order,
// without sorting, and that an index finds the words elsewhere.
func TestPostgresSearchPlans(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), fresh.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	// Of a table without content all plans cost nothing, so there is content; what
	// there is of statistics goes with the connection's transaction.
	for _, statement := range []string{
		"BEGIN",
		`INSERT INTO events (incident, seq, at, recorded_at, kind, actor, via, text, public, data, salt, text_hash, prev, hash, redacted)
			SELECT 1 + n / 20, 1 + n % 20, n, n, 'note', '', 'slack', 'common word' || n, false, '{}', '', '', '', '', false FROM generate_series(0, 19999) n`,
		"ANALYZE events",
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for query, c := range map[string]struct {
		args        []any
		want, never string
	}{
		"searchNewest": {[]any{int64(900), int64(600), "'a'", false, "U0ANA"}, `Limit.*Index Scan Backward using events_pkey on events n`, `Sort[^>]*->  Index Scan Backward|Seq Scan on events`},
		"searchWords":  {[]any{false, "U0ANA", int64(200), int64(900), "'word777'"}, `Bitmap Index Scan on events_words`, `Seq Scan on events`},
	} {
		rows, err := conn.Query(t.Context(), "EXPLAIN "+postgresQuery(t, query), append([]any{pgx.QueryExecModeSimpleProtocol}, c.args...)...)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, " ")
		if !regexp.MustCompile(c.want).MatchString(plan) || regexp.MustCompile(c.never).MatchString(plan) {
			t.Errorf("%s: %s", query, strings.Join(lines, "\n"))
		}
	}
}

// postgresQuery is the text of a query that only PostgreSQL has.
func postgresQuery(t *testing.T, name string) (text string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "db/postgres.sql.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].Name == name {
			text, err = strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		}
		return true
	})
	if err != nil || text == "" {
		t.Fatalf("no query %s: %v", name, err)
	}
	return text
}
