package storage

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestMigratesSearch: what was written before there was an index is found with it.
func TestMigratesSearch(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.db")
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	p, _, err := schema{sqliteSchema, pool, pool}.provider()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`INSERT INTO incidents (number, version, seq, head_hash, recorded_at, state, severity, status, open, private, drill, published, declared_at, updated_at, channel_name)
			VALUES (7, 1, 2, 'h', 0, '{"number":7}', 'sev1', 'resolved', false, false, false, false, 0, 0, '')`,
		`INSERT INTO events (incident, seq, at, recorded_at, kind, actor, via, public, data, salt, text_hash, prev, hash, redacted, text)
			VALUES (7, 1, 0, 0, 'declared', '', 'slack', false, '{}', '', '', '', '', false, 'old words'),
				(7, 2, 0, 0, 'note', '', 'slack', false, '{}', NULL, '', '', '', true, NULL), (7, 3, 0, 0, 'role', '', 'slack', false, '{}', '', '', '', '', false, ''),
				(0, 1, 0, 0, 'note', '', 'bot', false, '{}', '', '', '', '', false, 'old house')`,
	} {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.View(t.Context(), func(tx bot.ReadTx) error {
		found, err := tx.Search(bot.Everyone(), bot.ParseQuery("old"), 0, 0)
		if len(found) != 1 || found[0].Entry.Text != "old words" {
			t.Errorf("found %+v", found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if terms := indexed(t, s); !slices.Equal(terms, []string{"old", "words"}) {
		t.Errorf("the index has %q", terms)
	}
}

// TestRedactionLeavesNoWord: a word that was redacted is not only found no more,
// it is not in the file's index.
func TestRedactionLeavesNoWord(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	ctx := t.Context()
	run := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			if _, err := lite(s).writer.conn.ExecContext(ctx, statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	run(`INSERT INTO events (incident, seq, at, recorded_at, kind, actor, via, public, data, salt, text_hash, prev, hash, redacted, text) VALUES
		(1, 1, 0, 0, 'note', '', 'slack', false, '{}', '', '', '', '', false, 'keep this'),
		(1, 2, 0, 0, 'note', '', 'slack', false, '{}', '', '', '', '', false, 'keep zanzibar out'),
		(1, 3, 0, 0, 'note', '', 'slack', false, '{}', '', '', '', '', false, 'yggdrasil')`)
	blocks := func() (all string) {
		t.Helper()
		rows, err := lite(s).writer.conn.QueryContext(ctx, "SELECT CAST(block AS text) FROM event_search_data")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var block string
			if err := rows.Scan(&block); err != nil {
				t.Fatal(err)
			}
			all += block
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if b := blocks(); !strings.Contains(b, "zanzibar") || !strings.Contains(b, "yggdrasil") {
		t.Fatalf("the index is not where it is looked for: %q", b)
	}
	run("UPDATE events SET text = NULL, salt = NULL, redacted = true WHERE incident = 1 AND seq = 2", "DELETE FROM events WHERE incident = 1 AND seq = 3")
	if b := blocks(); strings.Contains(b, "zanzibar") || strings.Contains(b, "yggdrasil") {
		t.Errorf("the index still holds the words: %q", b)
	}
	if terms := indexed(t, s); !slices.Equal(terms, []string{"keep", "this"}) {
		t.Errorf("the index has %q", terms)
	}
	run("INSERT INTO event_search (event_search) VALUES ('integrity-check')")
}

// indexed are the words that the index of an SQLite file has.
func indexed(t *testing.T, s *Store) (terms []string) {
	t.Helper()
	conn := lite(s).writer.conn
	if _, err := conn.ExecContext(context.Background(), "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, event_search, row)"); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.QueryContext(context.Background(), "SELECT term FROM temp.words ORDER BY term")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var term string
		if err := rows.Scan(&term); err != nil {
			t.Fatal(err)
		}
		terms = append(terms, term)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return terms
}
