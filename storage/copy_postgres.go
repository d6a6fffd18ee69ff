package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tocsin-dev/tocsin/storage/db"
)

// Moved is what was copied.
type Moved struct {
	Tables []MovedTable
	Chains int64 // whose heads agree
}

// MovedTable is a table that is equal on both sides.
type MovedTable struct {
	Name string
	Rows int64
}

// CopyToPostgres copies the SQLite database at path, which nobody may use meanwhile
// and which is not changed, into the empty PostgreSQL database at url. Its tables
// are made there first. All rows come in one transaction, which also reads them
// back and compares: it commits when they are equal, or leaves the tables empty.
func CopyToPostgres(ctx context.Context, path, url string, opts Options) (_ Moved, err error) {
	if IsPostgres(path) || !IsPostgres(url) {
		return Moved{}, errors.New("it is an SQLite file that is copied into PostgreSQL, postgres://…")
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if path, err = checkPath(path, true); err != nil {
		return Moved{}, err
	}
	lock, err := lockFile(path)
	if err != nil {
		return Moved{}, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	source, err := openSource(ctx, path)
	if err != nil {
		return Moved{}, fileError(path, err)
	}
	defer source.Close() //nolint:errcheck // it was only read
	target, err := openTarget(ctx, url, opts)
	if err != nil {
		return Moved{}, err
	}
	m := mover{source: source, opts: opts}
	err = errors.Join(m.run(ctx, target), target.close())
	return m.out, err
}

// mover copies all tables.
type mover struct {
	source *sql.DB
	from   *sql.Conn
	to     *sql.Conn
	opts   Options
	tables []table
	out    Moved
}

func (m *mover) run(ctx context.Context, target *postgres) (err error) {
	if m.from, err = m.source.Conn(ctx); err != nil {
		return err
	}
	defer m.from.Close() //nolint:errcheck // it was only read
	if m.to, err = target.pool.Conn(ctx); err != nil {
		return err
	}
	defer m.to.Close() //nolint:errcheck // what was committed was committed
	if err = m.begin(ctx); err != nil {
		return err
	}
	if err = m.all(ctx); err != nil {
		_, _ = m.to.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // which the end of the connection does, too
		return m.failed(target, err)
	}
	if _, err := m.to.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("the end of the copy was not confirmed; run it again, which says whether the database is full: %w", err)
	}
	_, err = m.to.ExecContext(ctx, "ANALYZE") // queries are planned for empty tables until then
	return err
}

// failed says that there are no rows, and why.
func (m *mover) failed(target *postgres, err error) error {
	var state schemaError
	if errors.As(err, &state) {
		return target.openError(state)
	}
	return fmt.Errorf("nothing was copied: %w", err)
}

// begin starts a transaction on both sides.
func (m *mover) begin(ctx context.Context) error {
	if _, err := m.from.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	for _, statement := range []string{"BEGIN", "SET LOCAL idle_in_transaction_session_timeout = 0", "SET LOCAL statement_timeout = 0"} {
		if _, err := m.to.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (m *mover) all(ctx context.Context) (err error) {
	if m.tables, err = readTables(ctx, m.from, m.to); err != nil {
		return err
	}
	if err := m.empty(ctx); err != nil {
		return err
	}
	for _, t := range m.tables {
		if err := m.copy(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	if m.out.Chains, err = m.heads(ctx); err != nil {
		return err
	}
	// Above every id that was ever given, so that jobs keep their order.
	_, err = m.to.ExecContext(ctx, `SELECT setval('job_ids', GREATEST(1, (SELECT max(id) FROM jobs), (SELECT value FROM counters WHERE name = 'job')))`)
	if err != nil {
		return err
	}
	// Nobody runs jobs from the file, whose lock is ours.
	_, err = db.New(m.to).FreeLanes(ctx)
	return err
}

// empty keeps everybody else out of the tables, and refuses them when they hold
// anything but what a new database holds, which is taken out.
func (m *mover) empty(ctx context.Context) error {
	names := make([]string, len(m.tables))
	for k, t := range m.tables {
		names[k] = quoteName(t.name)
	}
	list := strings.Join(names, ", ")
	if _, err := m.to.ExecContext(ctx, "LOCK TABLE "+list+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		return err
	}
	fresh, err := freshTables(ctx)
	if err != nil {
		return err
	}
	defer fresh.Close() //nolint:errcheck // it is in memory
	for _, t := range m.tables {
		want, err := t.count(ctx, fresh, "")
		if err != nil {
			return err
		}
		if want.rows == 0 { // so that a full table needs not be read
			var full bool
			if err := m.to.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+quoteName(t.name)+")").Scan(&full); err != nil {
				return err
			}
			if full {
				return refuse("is not empty: the table %s has rows; name an empty database", t.name)
			}
			continue
		}
		got, err := t.count(ctx, m.to, postgresOrder)
		if err != nil {
			return err
		}
		if got != want {
			return refuse("is not empty: the table %s was written; name an empty database", t.name)
		}
	}
	_, err = m.to.ExecContext(ctx, "TRUNCATE "+list)
	return err
}

// postgresOrder makes PostgreSQL order texts as SQLite does.
const postgresOrder = ` COLLATE "C"`

// freshTables is a new database of this build, in memory.
func freshTables(ctx context.Context) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	p, _, err := (schema{sqliteSchema, pool, pool}).provider()
	if err == nil {
		_, err = p.Up(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

// copy streams a table over, reads it back, and compares.
func (m *mover) copy(ctx context.Context, t table) error {
	r, err := t.read(ctx, m.from, "")
	if err != nil {
		return err
	}
	columns := make([]string, len(t.columns))
	for k, c := range t.columns {
		columns[k] = c.name
	}
	err = m.to.Raw(func(conn any) error {
		_, err := conn.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{t.name}, columns, r)
		return err
	})
	sent, e := r.end()
	if err = errors.Join(err, e); err != nil {
		return err
	}
	got, err := t.count(ctx, m.to, postgresOrder)
	if err != nil {
		return err
	}
	if got != sent {
		return fmt.Errorf("%d rows were sent and %d are there, or they differ", sent.rows, got.rows)
	}
	m.out.Tables = append(m.out.Tables, MovedTable{t.name, got.rows})
	m.opts.Log.Info("storage: copied", "table", t.name, "rows", got.rows)
	return nil
}

// heads compares on both sides where each chain ends with its last entry, and
// returns how many chains there are.
func (m *mover) heads(ctx context.Context) (int64, error) {
	const chains = `SELECT count(*), count(CASE WHEN c.head_hash = COALESCE(e.hash, '') THEN 1 END) FROM (
		SELECT number AS incident, seq, head_hash FROM incidents UNION ALL SELECT 0, seq, head_hash FROM streams WHERE name = 'house') c
		LEFT JOIN events e ON e.incident = c.incident AND e.seq = c.seq`
	var have, good, haveThere, goodThere int64
	if err := m.from.QueryRowContext(ctx, chains).Scan(&have, &good); err != nil {
		return 0, err
	}
	if err := m.to.QueryRowContext(ctx, chains).Scan(&haveThere, &goodThere); err != nil {
		return 0, err
	}
	switch {
	case have != good:
		return 0, fmt.Errorf("%d of the file's %d chains do not end with their last entry; tocsin audit verify says which", have-good, have)
	case have != haveThere || have != goodThere:
		return 0, fmt.Errorf("of %d chains %d end as they should in PostgreSQL", have, goodThere)
	}
	return have, nil
}
