package storage_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/grown"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// TestPostgresPlans walks through every query as TestQueryPlans does for SQLite,
// with the plan that PostgreSQL makes for whatever it may be asked, on tables that
// have grown and whose statistics are known: none may read a whole table, or sort
// but a few rows.
func TestPostgresPlans(t *testing.T) {
	t.Parallel()
	scans := map[string]string{ // query → table that it may read whole
		"listTokens": "tokens", // an admin's list, as long as the install has tokens
		"freeLanes":  "lanes",  // once at the start, and SQLite's alone
		// Ends with the first row, but for those whom only a click of theirs made known.
		"anyPersonSynced": "people",
		// Hourly. What a plan for any time takes for a third are few in truth, which
		// PostgreSQL sees when it is told the time.
		"dropKeys": "keys",
	}
	sorts := map[string]string{ // query → why it may sort
		"listTokens":         "as long as the install has tokens",
		"listIncidentsSince": "as long as what is recent, by number instead of by time",
	}
	conn := grownServer(t)
	queries := storage.GeneratedQueries(t)
	for name := range scans {
		if queries[name] == "" {
			t.Errorf("an exception for a query that does not exist: %s", name)
		}
	}
	for name, text := range queries {
		if strings.Contains(text, "event_search") {
			continue // SQLite's index of words
		}
		plan := explainGeneric(t, conn, text)
		for _, n := range plan {
			if strings.Contains(n.Type, "Seq Scan") && scans[name] != n.Relation {
				t.Errorf("%s reads all of %s: %s", name, n.Relation, plan)
			}
			if n.Type == "Sort" && sorts[name] == "" && n.Rows > 100 {
				t.Errorf("%s sorts: %s", name, plan)
			}
		}
	}
}

// node is a step of a plan.
type node struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Plan Rows"`
	Cond     string  `json:"Index Cond"`
	Plans    []node  `json:"Plans"`
}

func (n node) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s (%.0f)", n.Type, n.Relation, n.Index, n.Cond, n.Rows))
}

type steps []node

func (s steps) String() string {
	out := make([]string, len(s))
	for k, n := range s {
		out[k] = n.String()
	}
	return strings.Join(out, "; ")
}

func (n node) walk(into *steps) {
	*into = append(*into, n)
	for _, p := range n.Plans {
		p.walk(into)
	}
}

// explainGeneric returns the steps of the plan that serves all arguments.
func explainGeneric(t *testing.T, conn *pgx.Conn, text string) (out steps) {
	t.Helper()
	ctx := t.Context()
	if _, err := conn.Exec(ctx, "PREPARE asked AS "+text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	args := 0
	for strings.Contains(text, fmt.Sprintf("$%d", args+1)) {
		args++
	}
	call := "asked"
	if args > 0 {
		call += "(" + strings.Join(slices.Repeat([]string{"NULL"}, args), ", ") + ")"
	}
	var raw []byte
	if err := conn.QueryRow(ctx, "EXPLAIN (FORMAT JSON) EXECUTE "+call).Scan(&raw); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if _, err := conn.Exec(ctx, "DEALLOCATE asked"); err != nil {
		t.Fatal(err)
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal(raw, &plans); err != nil {
		t.Fatal(err)
	}
	plans[0].Plan.walk(&out)
	return out
}

// grownServer returns a connection to a database in which every table is so large
// that to read it whole is never the cheapest.
func grownServer(t *testing.T) *pgx.Conn {
	t.Helper()
	url := pgserver.Shared(t).Create(t, "plans")
	if err := grown.Fill(t.Context(), url, grown.Options{Incidents: 1000, Events: 25_000, Open: 50, Public: 5, Told: 10, Age: 365 * 24 * time.Hour, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // EXPLAIN EXECUTE takes no arguments
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	for _, text := range []string{
		`INSERT INTO rollbacks SELECT 'x' || n, 100000 + n, 1 + n % 1000, 1, target, 's' || n % 300, environment, 'k' || n % 300, requested_by, state, live,
			requested_at, ended_at, data FROM (SELECT * FROM rollbacks LIMIT 1) r, generate_series(1, 5000) n`,
		`INSERT INTO tombstones SELECT 100000 + n, 1, 'h', 1, 1, '' FROM generate_series(1, 5000) n`,
		`INSERT INTO reminders SELECT 100000 + n, CASE WHEN n % 2 = 0 THEN 1 + n % 1000 END, CASE WHEN n % 2 = 0 THEN 1 END, 'U' || n % 300, at, state,
			CASE WHEN n % 2 = 1 THEN 'Look' END, data FROM (SELECT * FROM reminders LIMIT 1) r, generate_series(1, 5000) n`,
		`INSERT INTO deploys SELECT source, 'x' || n, 's' || n % 300, environment, kind, version, previous, status, actor, url, started_at, finished_at,
			received_at, at + n FROM (SELECT * FROM deploys LIMIT 1) r, generate_series(1, 5000) n`,
		`INSERT INTO keys SELECT 'x' || n, '', NULL, n FROM generate_series(1, 5000) n`,
		`INSERT INTO lanes SELECT 'x' || n, NULL, false, 0 FROM generate_series(1, 5000) n`,
		`INSERT INTO people SELECT 'x' || n, 'x' || n, 'x' || n, '', '', '', false, false, false, false, n FROM generate_series(1, 5000) n`,
		`INSERT INTO user_groups SELECT 'x' || n, 'x' || n, '', n FROM generate_series(1, 5000) n`,
		`INSERT INTO group_members SELECT 'x' || n, 'x' || n % 500 FROM generate_series(1, 5000) n`,
		`INSERT INTO channels SELECT 'x' || n, 'x' || n, 'x' || n, false, false, n FROM generate_series(1, 5000) n`,
		`INSERT INTO links SELECT 'x' || n, 'y', 'z' FROM generate_series(1, 5000) n`,
		`INSERT INTO incident_members SELECT 1 + n % 1000, 'x' || n FROM generate_series(1, 5000) n`,
		`INSERT INTO limits SELECT 'x' || n, n FROM generate_series(1, 5000) n`,
		`INSERT INTO streams SELECT 'x' || n, 0, 0, '', 0 FROM generate_series(1, 5000) n`,
		`INSERT INTO counters SELECT 'x' || n, 0 FROM generate_series(1, 5000) n`,
		`INSERT INTO tokens SELECT n, 'U1', 'x' || n, '', 0, NULL, NULL FROM generate_series(1, 5000) n`,
		"ANALYZE", "SET plan_cache_mode = force_generic_plan",
	} {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return conn
}
