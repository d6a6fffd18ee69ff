package storage

import (
	"database/sql"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// What tests of the PostgreSQL dialect need of its inside; they live outside of the
// package, since what makes their databases imports it.

// ErrUnknown is what an interrupted commit ends with that cannot be asked for.
var ErrUnknown = errUnknown

// GeneratedQueries returns the SQL of package db by name, and with it what only
// PostgreSQL understands.
func GeneratedQueries(t *testing.T) map[string]string {
	t.Helper()
	return queriesOf(t, "db/*.sql.go")
}

// Pool is a PostgreSQL store's.
func (s *Store) Pool() *sql.DB { return s.engine.(*postgres).pool }

// Patience sets how long an interrupted commit is asked for.
func (s *Store) Patience(d time.Duration) { s.engine.(*postgres).patience = d }

// ConnOf is the connection of a transaction.
func ConnOf(t bot.Tx) *sql.Conn { return t.(*tx).session.conn }
