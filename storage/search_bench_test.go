package storage_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// BenchmarkSearch looks for words that stand in one of 100,000 entries (TOCSIN_EVENTS:
// as many), in one of a thousand, in every other and in all of them, fifty entries
// an incident.
func BenchmarkSearch(b *testing.B) {
	entries, err := strconv.Atoi(os.Getenv("TOCSIN_EVENTS"))
	if err != nil {
		entries = 100_000
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			s := filled(b, kind, entries)
			for _, query := range []string{"unique777", "seldom7 every", "half", "every", "ever", "every half seldom7", `"every entry" half`, "nowhere", "first", "el"} {
				b.Run(query, func(b *testing.B) {
					for b.Loop() {
						err := s.View(b.Context(), func(tx bot.ReadTx) error {
							_, err := tx.Search(bot.As("U0ANA"), bot.ParseQuery(bot.Text(query)), 0, 11)
							return err
						})
						if err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// filled is a store with so many entries.
func filled(b *testing.B, kind string, entries int) bot.Store {
	b.Helper()
	driver, address, from := "sqlite", filepath.Join(b.TempDir(), "tocsin.db"),
		fmt.Sprintf("WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < %d) ", entries)
	of := "c"
	if kind == "postgres" {
		driver, address, from, of = "pgx", fresh.Postgres(b), "", fmt.Sprintf("generate_series(0, %d) c (n)", entries-1)
	} else {
		fresh.Put(b, address)
	}
	pool, err := sql.Open(driver, address)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	for _, statement := range []string{
		`INSERT INTO incidents (number, version, seq, head_hash, recorded_at, state, severity, status, open, private, drill, published, declared_at, updated_at, channel_name)
			` + from + `SELECT 1 + n / 50, 1, 50, 'h', 0, '{}', 'sev1', 'resolved', false, n % 1000 = 0, false, false, 0, 0, '' FROM ` + of + ` WHERE n % 50 = 0`,
		`INSERT INTO events (incident, seq, at, recorded_at, kind, actor, via, public, data, salt, text_hash, prev, hash, redacted, text)
			` + from + `SELECT 1 + n / 50, 1 + n % 50, n, n, 'note', 'U0ANA', 'slack', false, '{}', '', '', '', '', false,
			'The latency of every entry is back to normal in both clusters, element' || n % 5000 || ' unique' || n || ' seldom' || n % 1000
			|| CASE n % 2 WHEN 0 THEN ' half' ELSE '' END || CASE WHEN n < 50000 THEN ' first' ELSE '' END FROM ` + of,
		"ANALYZE",
	} {
		if _, err := pool.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	return openWith(b, address, storage.Options{Alone: true})
}
