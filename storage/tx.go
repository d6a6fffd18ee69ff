package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// tx is a transaction, for reading or for writing.
type tx struct {
	ctx     context.Context // the session's
	session *session
	q       *db.Queries
	// known is what the database holds of incidents that this transaction has
	// read in order to change them, so that an entry leaves alone what it does
	// not change.
	known map[int64]known
	// foreign is the JSON of rows that hold what this version does not know.
	foreign map[string]string
	changed bool
	news    bool // others have to hear of it
}

var _ bot.Tx = (*tx)(nil)

// fail says what could not be done, and ends the transaction but for its
// rollback. Refusals of input end nothing, since nothing was run.
func (t *tx) fail(what string, err error) error {
	if err == nil {
		return nil
	}
	if refused := t.session.refused; refused != nil {
		err, t.session.refused = refused, nil
	}
	var known *bot.Error
	if errors.As(err, &known) {
		return known
	}
	err = fmt.Errorf("storage: %s: %w", what, err)
	if t.session.failed == nil {
		t.session.failed = err
	}
	return err
}

// wrote takes what a statement that writes returned, and remembers that the
// transaction changed something. many says whether rows were written.
func (t *tx) wrote(what string, rows int64, err error) (many bool, _ error) {
	if err != nil {
		return false, t.fail(what, err)
	}
	if rows > 0 {
		t.change()
	}
	return rows > 0, nil
}

// change remembers that the transaction changed something.
func (t *tx) change() { t.changed, t.news = true, true }

// quiet is called, deferred, by what only the runner of jobs is concerned with: that
// a lane was taken, or freed, is no news to those who wait for work.
func (t *tx) quiet(had bool) { t.news = had }

// save is wrote for a statement that must write.
func (t *tx) save(what string, rows int64, err error) error {
	if ok, err := t.wrote(what, rows, err); ok || err != nil {
		return err
	}
	return t.fail(what, errors.New("there is no such row"))
}

// find takes what a query for one row returned: no row is missing.
func (t *tx) find(what string, err error, missing *bot.Error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return t.fail(what, err)
}

// micros is t as it is stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment reads what [micros] wrote.
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// maybeMicros is t as it is stored where not knowing is a null.
func maybeMicros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: micros(t), Valid: !t.IsZero()}
}

// maybeText is s as it is stored where none is a null.
func maybeText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// commas writes words as a list that SQL can look into with LIKE.
func commas[T ~string](words []T) string {
	if len(words) == 0 {
		return ""
	}
	out := ","
	for _, w := range words {
		out += string(w) + ","
	}
	return out
}

// clamp is limit, or what stands for none, and at most most.
func clamp(limit, none, most int) int64 {
	if limit <= 0 {
		limit = none
	}
	return int64(min(limit, most))
}

// differ says what has to be added to have and dropped from it to make it want.
func differ(have, want []string) (add, drop []string) {
	old := make(map[string]bool, len(have))
	for _, h := range have {
		old[h] = true
	}
	keep := make(map[string]bool, len(want))
	for _, w := range want {
		if !old[w] && !keep[w] {
			add = append(add, w)
		}
		keep[w] = true
	}
	for _, h := range have {
		if !keep[h] {
			drop = append(drop, h)
		}
	}
	return add, drop
}
