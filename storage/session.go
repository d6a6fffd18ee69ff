package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// session is one connection with the statements that were prepared on it. It
// is used by one transaction at a time, and gives the generated queries what
// they need of a database. On SQLite statements run without a deadline: cutting
// one off would roll back everybody who shares its transaction.
type session struct {
	dialect
	ctx   context.Context // of what begins and ends a transaction, and of its statements
	conn  *sql.Conn
	stmts map[string]*sql.Stmt // nil: the driver keeps them by itself
	// failed is the first error of the running transaction. What comes after it
	// is refused, as PostgreSQL does by itself: after some errors SQLite has
	// rolled back already, and what followed would commit on its own.
	failed error
	// refused is why the last QueryRowContext was not run; see [tx.fail].
	refused error
}

var _ db.DBTX = (*session)(nil)

func newSession(ctx context.Context, pool *sql.DB, d dialect) (*session, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &session{dialect: d, ctx: context.Background(), conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

// prepared returns the statement for query. There are as many as there are
// queries, so none is ever dropped.
func (s *session) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if st := s.stmts[query]; st != nil {
		return st, nil
	}
	st, err := s.conn.PrepareContext(ctx, strings.TrimSpace(query))
	if err != nil {
		return nil, err
	}
	s.stmts[query] = st
	return st, nil
}

// admit refuses what cannot be run: anything after an error, and text that
// PostgreSQL would not take or that would not come back as it was.
func (s *session) admit(args []any) error {
	if s.failed != nil {
		return fmt.Errorf("the transaction has failed already: %w", s.failed)
	}
	for _, a := range args {
		var text string
		switch v := a.(type) {
		case string:
			text = v
		case sql.NullString:
			text = v.String
		}
		switch {
		case strings.IndexByte(text, 0) >= 0:
			return bot.Invalid("The text holds a NUL character, which cannot be kept.").WithHint("Remove it and try again.")
		case !utf8.ValidString(text):
			return bot.Invalid("The text is not valid UTF-8 and cannot be kept.").WithHint("Send it as UTF-8.")
		}
	}
	return nil
}

// ExecContext implements [db.DBTX].
func (s *session) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := s.admit(args); err != nil {
		return nil, err
	}
	if s.stmts == nil {
		return s.conn.ExecContext(ctx, query, args...)
	}
	st, err := s.prepared(ctx, query) //nolint:sqlclosecheck // the session keeps it
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

// PrepareContext implements [db.DBTX].
func (s *session) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return s.prepared(ctx, query)
}

// QueryContext implements [db.DBTX].
func (s *session) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := s.admit(args); err != nil {
		return nil, err
	}
	if s.stmts == nil {
		return s.conn.QueryContext(ctx, query, args...)
	}
	st, err := s.prepared(ctx, query) //nolint:sqlclosecheck // the session keeps it
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// QueryRowContext implements [db.DBTX]. A [sql.Row] cannot be made with an
// error of ours in it, so a refusal is kept aside and the row fails to scan.
func (s *session) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	err := s.admit(args)
	if err == nil && s.stmts == nil {
		return s.conn.QueryRowContext(ctx, query, args...)
	}
	if err == nil {
		var st *sql.Stmt
		if st, err = s.prepared(ctx, query); err == nil { //nolint:sqlclosecheck // the session keeps it
			return st.QueryRowContext(ctx, args...)
		}
	}
	s.refused = err
	ended, cancel := context.WithCancel(ctx)
	cancel()
	return s.conn.QueryRowContext(ended, "SELECT 1")
}

// control runs a statement that begins or ends something, whatever state the
// transaction is in.
func (s *session) control(query string) error {
	if s.stmts == nil {
		_, err := s.conn.ExecContext(s.ctx, query)
		return err
	}
	st, err := s.prepared(s.ctx, query) //nolint:sqlclosecheck // the session keeps it
	if err == nil {
		_, err = st.ExecContext(s.ctx)
	}
	return err
}

// begin starts a transaction, ending one that could not be ended before.
func (s *session) begin(how string) error {
	s.failed, s.refused = nil, nil
	err := s.control(how)
	if err != nil {
		s.end()
		err = s.control(how)
	}
	return err
}

// end rolls back. It may fail only because there is nothing to roll back: the
// database has done it already.
func (s *session) end() { _ = s.control("ROLLBACK") }

func (s *session) close() error {
	for _, st := range s.stmts {
		_ = st.Close() // closing the connection closes them, too
	}
	return s.conn.Close()
}
