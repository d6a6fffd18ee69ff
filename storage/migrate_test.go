package storage

import (
	"database/sql"
	"fmt"
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
		p, newest, err := schema{sqliteSchema, pool, pool}.provider()
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

// TestMigratesWhatIsOwed: of incidents that are older than their column it is known
// who is to write their post-mortems.
func TestMigratesWhatIsOwed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	p, _, err := schema{sqliteSchema, pool, pool}.provider()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for number, status := range []string{1: "resolved", 2: "resolved", 3: "investigating", 4: "cancelled", 5: "resolved"} {
		if number == 0 {
			continue
		}
		_, err := pool.ExecContext(t.Context(), `INSERT INTO incidents (number, version, seq, head_hash, recorded_at, state, severity, status, open, private,
			drill, published, declared_at, updated_at, channel_name) VALUES ($1, 1, 1, 'h', 0, '{"number":' || $1 || '}', 'sev1', $2, $3, false, $4, false, 0, 0, '')`,
			number, status, status == "investigating", number == 5)
		if err != nil {
			t.Fatal(err)
		}
		_, err = pool.ExecContext(t.Context(), `INSERT INTO events (incident, seq, at, recorded_at, kind, actor, via, public, data, salt, text_hash, prev, hash, redacted, text)
			VALUES ($1, 1, 0, 0, 'declared', 'U0ANA', 'slack', false, '{}', '', '', '', '', false, '')`, number)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.ExecContext(t.Context(), "INSERT INTO incident_people (incident, role, user_id) VALUES (2, 'commander', 'U0BEN')"); err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for who, want := range map[bot.UserID]string{"": "[2 1]", "U0ANA": "[2 1]", "U0BEN": "[2]", "U0CAT": "[]"} {
		err := s.View(t.Context(), func(tx bot.ReadTx) error {
			list, err := tx.Incidents(bot.Self(), bot.IncidentFilter{Owed: true, Writer: who})
			got := []int64{}
			for _, i := range list {
				got = append(got, i.Number)
			}
			if fmt.Sprint(got) != want {
				t.Errorf("%q owes %v, want %s", who, got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
