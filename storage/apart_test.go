package storage_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// TestVersionsApart lets a newer version have written what this one does not know
// into every kind of row: changing the row drops none of it.
func TestVersionsApart(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(t *testing.T) string{
		"SQLite": func(t *testing.T) string { return filepath.Join(t.TempDir(), "tocsin.db") }, "PostgreSQL": func(t *testing.T) string { return fresh.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openWith(t, url(t), storage.Options{Alone: true, Volatile: true})
			storagetest.Fill(t, s)
			statements(t, s,
				`UPDATE incidents SET state = '{"zz_new":{"a":[1]},' || substr(state, 2)`,
				`UPDATE rollbacks SET data = '{"zz_new":{"a":[1]},' || substr(replace(data, '"steps":[{', '"steps":[{"zz_step":1,'), 2)`,
				`UPDATE followups SET data = '{"zz_new":{"a":[1]},' || substr(replace(data, '"issue":{}', '"issue":{"zz_issue":2}'), 2)`,
				`UPDATE reminders SET data = '{"zz_new":{"a":[1]},' || substr(data, 2)`,
			)
			if err := s.Update(t.Context(), changeAll); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct{ query, keeps, new string }{
				{`SELECT state FROM incidents WHERE number = 1`, `"zz_new":{"a":[1]}`, `"last_text":"written by the older one"`},
				{`SELECT data FROM rollbacks WHERE data LIKE '%older%'`, `"zz_new":{"a":[1]}`, `"why":"older one"`},
				{`SELECT data FROM rollbacks WHERE data LIKE '%older%' AND data LIKE '%"name"%'`, `"zz_step":1`, `"message":"stepped"`},
				{`SELECT data FROM followups WHERE data LIKE '%"issue":{"zz%'`, `"zz_issue":2`, `"priority":"p4"`},
				{`SELECT data FROM followups WHERE number = 1`, `"zz_new":{"a":[1]}`, `"priority":"p4"`},
				{`SELECT data FROM reminders WHERE number = 1`, `"zz_new":{"a":[1]}`, `"ended_by":"U0BEN"`},
			} {
				var data string
				err := s.Update(t.Context(), func(tx bot.Tx) error {
					return storage.ConnOf(tx).QueryRowContext(t.Context(), c.query+" LIMIT 1").Scan(&data)
				})
				if err != nil || !strings.Contains(data, c.keeps) || !strings.Contains(data, c.new) {
					t.Errorf("%s: %v\nwant %s and %s in\n%s", c.query, err, c.keeps, c.new, data)
				}
			}
		})
	}
}

func statements(t *testing.T, s *storage.Store, queries ...string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx bot.Tx) error {
		for _, q := range queries {
			if _, err := storage.ConnOf(tx).ExecContext(t.Context(), q); err != nil {
				return err
			}
		}
		_, err := tx.NextNumber() // a transaction that wrote nothing by itself is not committed
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// changeAll changes one row of each kind.
func changeAll(tx bot.Tx) error {
	i, err := tx.LockIncident(bot.Self(), 1)
	if err != nil {
		return err
	}
	e := bot.Event{Incident: 1, Kind: bot.EventUpdated, Text: "written by the older one", Actor: "U0BEN"}.Seal(i.Head, time.Now())
	i.Apply(e)
	if err := tx.Append(e, i); err != nil {
		return err
	}
	rollbacks, err := tx.Rollbacks(bot.Self(), bot.RollbackFilter{Limit: 100})
	if err != nil {
		return err
	}
	for _, r := range rollbacks {
		r.Why = "older one"
		for k := range r.Steps {
			r.Steps[k].Message = "stepped"
		}
		if err := tx.SaveRollback(r); err != nil {
			return err
		}
	}
	items, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{Limit: 100})
	if err != nil {
		return err
	}
	for _, f := range items {
		f.Priority = "p4"
		if err := tx.SaveFollowUp(f); err != nil {
			return err
		}
	}
	m, err := tx.Reminder(bot.Self(), 1)
	if err != nil {
		return err
	}
	m.EndedBy = "U0BEN"
	return tx.SaveReminder(m)
}
