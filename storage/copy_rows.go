package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"
)

// reading is the rows of a table in the order of its key, and the digest of those
// that were read. It is a [pgx.CopyFromSource].
type reading struct {
	table  table
	rows   *sql.Rows
	values []any
	into   []any
	digest hash.Hash
	count  int64
	err    error
}

// read begins to read t. Both databases must order alike, so texts are in the order
// of their bytes, which SQLite needs not be told.
func (t table) read(ctx context.Context, db querier, collate string) (*reading, error) {
	names, order := make([]string, len(t.columns)), make([]string, len(t.key))
	for k, c := range t.columns {
		names[k] = quoteName(c.name)
	}
	for k, name := range t.key {
		order[k] = quoteName(name)
		if t.kind(name) == "text" {
			order[k] += collate
		}
	}
	query := "SELECT " + strings.Join(names, ", ") + " FROM " + quoteName(t.name) + " ORDER BY " + strings.Join(order, ", ")
	rows, err := db.QueryContext(ctx, query) //nolint:rowserrcheck // reading.Err checks it
	if err != nil {
		return nil, err
	}
	r := &reading{table: t, rows: rows, values: make([]any, len(names)), into: make([]any, len(names)), digest: sha256.New()}
	for k := range r.values {
		r.into[k] = &r.values[k]
	}
	return r, nil
}

func (t table) kind(name string) string {
	for _, c := range t.columns {
		if c.name == name {
			return c.kind
		}
	}
	return ""
}

// Next implements [pgx.CopyFromSource].
func (r *reading) Next() bool {
	if r.err != nil || !r.rows.Next() {
		return false
	}
	if r.err = r.rows.Scan(r.into...); r.err != nil {
		return false
	}
	for k, c := range r.table.columns {
		if r.values[k], r.err = as(c.kind, r.values[k]); r.err != nil {
			r.err = fmt.Errorf("row %d of %s, %s: %w", r.count+1, r.table.name, c.name, r.err)
			return false
		}
		r.add(r.values[k])
	}
	r.count++
	return true
}

// Values implements [pgx.CopyFromSource].
func (r *reading) Values() ([]any, error) { return r.values, r.err }

// Err implements [pgx.CopyFromSource].
func (r *reading) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.rows.Err()
}

// add takes a value into the digest, so that no two rows of different values have
// the same.
func (r *reading) add(value any) {
	var b []byte
	switch v := value.(type) {
	case nil:
		b = []byte{'n'}
	case bool:
		b = []byte{'f'}
		if v {
			b = []byte{'t'}
		}
	case int64:
		b = binary.BigEndian.AppendUint64([]byte{'i'}, uint64(v))
	case string:
		b = binary.BigEndian.AppendUint64([]byte{'s'}, uint64(len(v)))
		b = append(b, v...)
	}
	r.digest.Write(b)
}

// end closes the rows and returns what they were.
func (r *reading) end() (counted, error) {
	err := r.Err()
	if e := r.rows.Close(); err == nil {
		err = e
	}
	return counted{r.table.name, r.count, [sha256.Size]byte(r.digest.Sum(nil))}, err
}

// counted is what a table holds.
type counted struct {
	name   string
	rows   int64
	digest [sha256.Size]byte
}

// count reads a whole table.
func (t table) count(ctx context.Context, db querier, collate string) (counted, error) {
	r, err := t.read(ctx, db, collate)
	if err != nil {
		return counted{}, err
	}
	for r.Next() {
	}
	return r.end()
}

// as is a value as the column's kind; SQLite has no booleans of its own.
func as(kind string, value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil //nolint:nilnil // a null
	case int64:
		if kind == "boolean" && (v == 0 || v == 1) {
			return v == 1, nil
		}
		if kind == "bigint" {
			return v, nil
		}
	case bool:
		if kind == "boolean" {
			return v, nil
		}
	case string:
		if kind == "text" {
			return v, nil
		}
	}
	return nil, fmt.Errorf("a %T where a %s must be", value, kind)
}
