package storage_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
)

// ask asks for a rollback of api in production in an incident.
func ask(t testing.TB, s bot.Store, incident int64) (r *bot.Rollback, err error) {
	t.Helper()
	err = s.Update(t.Context(), func(tx bot.Tx) error {
		i, err := tx.LockIncident(bot.Self(), incident)
		if err != nil {
			return err
		}
		number, err := tx.NextRollback()
		if err != nil {
			return err
		}
		r = &bot.Rollback{
			ID: fmt.Sprintf("r%d", number), Number: number, Incident: incident, Seq: i.Head.Seq + 1, Target: "api-eu", Service: "api",
			Environment: "production", LockKey: "api/production", State: bot.RollbackRequested, RequestedBy: "U0ANA", RequestedAt: time.Now(),
			Reason: "canary reason",
		}
		if err := tx.CreateRollback(r); err != nil {
			return err
		}
		e := bot.Event{Incident: incident, Kind: bot.EventRollback, Text: r.Reason, Data: bot.Data{Rollback: &bot.RollbackMark{ID: r.ID}}}.Seal(i.Head, time.Now())
		i.Apply(e)
		return tx.Append(e, i)
	})
	return r, err
}

// TestLockSurvives opens a file again and again: the lock is held until the
// rollback is final, and no longer.
func TestLockSurvives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tocsin.db")
	s, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	number := declare(t, s)
	r, err := ask(t, s, number)
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []bot.RollbackState{bot.RollbackSubmitting, bot.RollbackUnknown, bot.RollbackTimedOut, bot.RollbackFailed} {
		r.State = state
		if err := s.Update(t.Context(), func(tx bot.Tx) error { return tx.SaveRollback(r) }); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if s, err = storage.Open(t.Context(), path, storage.Options{}); err != nil {
			t.Fatal(err)
		}
		if _, err := ask(t, s, number); (bot.KindOf(err) == bot.KindConflict) == state.Final() || err == nil != state.Final() {
			t.Errorf("asking while the first is %s: %v", state, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestRollbackRow reads the row of a rollback: its columns say what its data
// says, and its reason is in the record alone, where redaction drops it.
func TestRollbackRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tocsin.db")
	s := open(t, path)
	r, err := ask(t, s, declare(t, s))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	check := func(ended string) {
		t.Helper()
		want := fmt.Sprintf("r1 1 %d 2 api-eu api production api/production U0ANA %s %v %d %s", r.Incident, r.State, r.Live(), r.RequestedAt.UnixMicro(), ended)
		want = strings.NewReplacer("true", "1", "false", "0").Replace(want)
		var columns, data string
		err := pool.QueryRowContext(t.Context(), `SELECT concat_ws(' ', id, number, incident, seq, target, service, environment, lock_key, requested_by,
			state, live, requested_at, coalesce(ended_at, 'null')), data FROM rollbacks`).Scan(&columns, &data)
		if err != nil {
			t.Fatal(err)
		}
		if columns != want {
			t.Errorf("the row is\n%s, want\n%s", columns, want)
		}
		if !strings.Contains(data, `"target_digest"`) || strings.Contains(data, "canary") {
			t.Errorf("its data is %s", data)
		}
	}
	check("null")
	err = s.Update(t.Context(), func(tx bot.Tx) error {
		read, err := tx.Rollback(bot.Self(), r.ID)
		if err != nil {
			return err
		}
		if read.Reason != r.Reason {
			t.Errorf("reason %q", read.Reason)
		}
		end := r.RequestedAt.Add(time.Hour)
		read.State, read.EndedAt = bot.RollbackFailed, &end
		r = read
		return tx.SaveRollback(read)
	})
	if err != nil {
		t.Fatal(err)
	}
	check(fmt.Sprint(r.EndedAt.UnixMicro()))
	execSQL(t, path, "DELETE FROM rollbacks")
	if err := s.Update(t.Context(), func(tx bot.Tx) error { return tx.CreateRollback(r) }); err != nil { // as it is brought in from elsewhere
		t.Fatal(err)
	}
	check(fmt.Sprint(r.EndedAt.UnixMicro()))
}
