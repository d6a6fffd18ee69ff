package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// What is copied is read from the catalogues of the two databases, so that no list
// of ours can lack a table or a column. What is on one side only is an error.

// table is one that both databases have.
type table struct {
	name    string
	columns []column
	key     []string // the columns of its primary key, in order
	needs   []string // tables that its rows refer to
}

type column struct{ name, kind string } // kind is bigint, text or boolean

// derived reports whether a table of SQLite's holds nothing that is not in another
// one: the full-text index and what it keeps its own content in.
func derived(name string) bool { return strings.HasPrefix(name, "event_search") }

// keptSequences are those of PostgreSQL that stand for a counter of SQLite.
var keptSequences = []string{"job_ids"}

// readTables returns the tables of the target, those first that others refer to,
// and checks that the source has the same.
func readTables(ctx context.Context, source, target querier) ([]table, error) {
	names, err := strs(ctx, target, `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'goose_db_version' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	there, err := strs(ctx, source, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'
		AND name <> 'goose_db_version' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	there = slices.DeleteFunc(there, derived)
	if err := same("table", there, names); err != nil {
		return nil, err
	}
	sequences, err := strs(ctx, target, `SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() AND sequencename NOT LIKE 'goose_db_version%' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	if err := same("sequence", keptSequences, sequences); err != nil {
		return nil, err
	}
	tables := make([]table, len(names))
	for k, name := range names {
		if tables[k], err = readTable(ctx, source, target, name); err != nil {
			return nil, err
		}
	}
	return inOrder(tables)
}

func readTable(ctx context.Context, source, target querier, name string) (table, error) {
	t := table{name: name}
	rows, err := target.QueryContext(ctx, `SELECT column_name, data_type FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`, name)
	if err != nil {
		return t, err
	}
	defer rows.Close() //nolint:errcheck // read to their end
	var names []string
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.name, &c.kind); err != nil {
			return t, err
		}
		if !slices.Contains([]string{"bigint", "text", "boolean"}, c.kind) {
			return t, fmt.Errorf("%s.%s is a %s, which this version cannot copy", name, c.name, c.kind)
		}
		t.columns, names = append(t.columns, c), append(names, c.name)
	}
	if err := rows.Err(); err != nil {
		return t, err
	}
	there, err := strs(ctx, source, "SELECT name FROM pragma_table_xinfo($1) WHERE hidden = 0", name)
	if err != nil {
		return t, err
	}
	if err := same("column of "+name, there, names); err != nil {
		return t, err
	}
	t.key, err = strs(ctx, target, `SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
		WHERE i.indrelid = CAST($1 AS regclass) AND i.indisprimary ORDER BY array_position(CAST(i.indkey AS smallint[]), a.attnum)`, quoteName(name))
	if err != nil {
		return t, err
	}
	if len(t.key) == 0 {
		return t, fmt.Errorf("the table %s has no primary key, without which its rows have no order", name)
	}
	t.needs, err = strs(ctx, target, `SELECT DISTINCT r.relname FROM pg_constraint c JOIN pg_class r ON r.oid = c.confrelid
		WHERE c.conrelid = CAST($1 AS regclass) AND c.contype = 'f' AND c.confrelid <> c.conrelid ORDER BY 1`, quoteName(name))
	return t, err
}

// inOrder puts the tables behind those that they refer to.
func inOrder(tables []table) ([]table, error) {
	var out []table
	done := map[string]bool{}
	for len(out) < len(tables) {
		before := len(out)
		for _, t := range tables {
			if !done[t.name] && !slices.ContainsFunc(t.needs, func(n string) bool { return !done[n] }) {
				out, done[t.name] = append(out, t), true
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("the tables refer to each other in a circle")
		}
	}
	return out, nil
}

// same reports a name that only one side has.
func same(what string, source, target []string) error {
	for _, name := range source {
		if !slices.Contains(target, name) {
			return fmt.Errorf("the SQLite file has a %s that PostgreSQL has not: %s; nothing was copied", what, name)
		}
	}
	for _, name := range target {
		if !slices.Contains(source, name) {
			return fmt.Errorf("PostgreSQL has a %s that the SQLite file has not: %s; nothing was copied", what, name)
		}
	}
	return nil
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// strs returns the only column of a query.
func strs(ctx context.Context, db querier, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read to their end
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// querier is one side, in its transaction.
type querier interface {
	asker
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}
