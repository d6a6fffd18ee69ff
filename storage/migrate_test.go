package storage

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestMigratesEach goes from every older schema to this build's: what was there
// stays, and what is new works.
func TestMigratesEach(t *testing.T) {
	for version := int64(1); ; version++ {
		path := filepath.Join(t.TempDir(), "old.db")
		pool, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		p, newest, err := provider(pool)
		if err != nil {
			t.Fatal(err)
		}
		if version == newest {
			return
		}
		if _, err := p.UpTo(t.Context(), version); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"INSERT INTO links (owner, name, value) VALUES ('test', 'old', 'kept')",
			"UPDATE counters SET value = 41 WHERE name = 'incident'",
		} {
			if _, err := pool.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), path, Options{ReadOnly: true}); err == nil {
			t.Errorf("schema %d was opened for reading only", version)
		}
		s, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatalf("from schema %d: %v", version, err)
		}
		err = s.Update(t.Context(), func(tx bot.Tx) error { return checkMigrated(t, tx) })
		if err != nil {
			t.Errorf("from schema %d: %v", version, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func checkMigrated(t *testing.T, tx bot.Tx) error {
	t.Helper()
	if value, err := tx.Link("test", "old"); err != nil || value != "kept" {
		t.Errorf("the link is %q, %v", value, err)
	}
	number, err := tx.NextNumber()
	if err != nil || number != 42 {
		t.Errorf("the next number is %d, %v", number, err)
	}
	if err := tx.CreateIncident(&bot.Incident{Number: number}); err != nil {
		return err
	}
	n, err := tx.NextRollback()
	if err != nil || n != 1 {
		t.Errorf("the first rollback is %d, %v", n, err)
	}
	err = tx.CreateRollback(&bot.Rollback{
		ID: "r1", Number: n, Incident: number, Seq: 1, Service: "api", Environment: "production", LockKey: "a", State: bot.RollbackRequested,
	})
	if err != nil {
		return err
	}
	if n, err = tx.NextFollowUp(); err != nil || n != 1 {
		t.Errorf("the first action item is %d, %v", n, err)
	}
	if err := tx.CreateFollowUp(&bot.FollowUp{Number: n, Incident: number, Seq: 1, Key: "a", State: bot.FollowUpOpen}); err != nil {
		return err
	}
	if n, err = tx.NextReminder(); err != nil || n != 1 {
		t.Errorf("the first reminder is %d, %v", n, err)
	}
	return tx.CreateReminder(&bot.Reminder{Number: n, User: "U0ANA", State: bot.ReminderWaiting})
}
