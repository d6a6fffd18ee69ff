package grown

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // reads what was written

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// small has grown for seconds instead of minutes.
var small = Options{Incidents: 100, Events: 3500, Open: 20, Public: 5, Told: 10, Age: 365 * 24 * time.Hour, Seed: 7, Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}

// TestFill fills a database of each kind. Every chain verifies, every incident is
// the fold of its entries, and every row is the one that the store writes itself
// when it is told the same story.
func TestFill(t *testing.T) {
	for name, make := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "tocsin.db") },
		"postgres": func(t *testing.T) string { return pgserver.Shared(t).Create(t, "grown") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := make(t)
			if err := Fill(t.Context(), url, small); err != nil {
				t.Fatal(err)
			}
			stories := check(t, url)
			told := filepath.Join(t.TempDir(), "told.db")
			retell(t, told, stories)
			for _, query := range compared {
				got, want := dump(t, url, query), dump(t, told, query)
				if len(want) == 0 {
					t.Errorf("%s: nothing was told", query)
				}
				for k := range want {
					if k >= len(got) || got[k] != want[k] {
						t.Fatalf("%s: row %d of %d:\n got %s\nwant %s", query, k, len(want), got[min(k, len(got)-1)], want[k])
					}
				}
			}
		})
	}
}

// compared is what both databases must hold alike: all but how often a row was
// written, and what the store is not told.
var compared = []string{
	`SELECT number, seq, head_hash, recorded_at, state, severity, status, open, private, drill, published, declared_at, updated_at, resolved_at,
		channel_id, channel_name, owed, writer, declared_by FROM incidents ORDER BY number`,
	"SELECT incident, role, user_id FROM incident_people ORDER BY incident, role",
	"SELECT incident, seq, at, recorded_at, kind, actor, via, text, public, data, salt, text_hash, prev, hash, redacted FROM events ORDER BY incident, seq",
	"SELECT number, incident, seq, key, state, closed, owner, added_by, due, repo_key, issue, data FROM followups ORDER BY number",
	"SELECT number, incident, seq, user_id, at, state, text, data FROM reminders ORDER BY number",
	`SELECT id, number, incident, seq, target, service, environment, lock_key, requested_by, state, live, requested_at, ended_at, data
		FROM rollbacks ORDER BY number`,
	`SELECT source, dedupe_key, service, environment, kind, version, previous, status, actor, url, started_at, finished_at, received_at, at
		FROM deploys ORDER BY dedupe_key`,
}

// check reads a database through the store, and returns what happened in it.
func check(t *testing.T, url string) (out []*story) {
	t.Helper()
	store, err := storage.Open(t.Context(), url, storage.Options{Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}()
	events, open := 0, 0
	err = store.View(t.Context(), func(tx bot.ReadTx) error {
		for n := 1; n <= small.Incidents; n++ {
			s, err := read(tx, n)
			if err != nil {
				return err
			}
			events += len(s.events)
			if s.i.Open() {
				open++
			}
			out = append(out, s)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if events != small.Events || open != small.Open {
		t.Errorf("%d entries and %d open incidents, want %d and %d", events, open, small.Events, small.Open)
	}
	if err := store.Update(t.Context(), use); err != nil {
		t.Errorf("it cannot be written: %v", err)
	}
	return out
}

// read returns the story of an incident with the entries that are stored, which
// verify and fold to it.
func read(tx bot.ReadTx, number int) (*story, error) {
	s := tell(small, number)
	stored, err := tx.Events(bot.Self(), int64(number), bot.EventFilter{})
	if err != nil {
		return nil, err
	}
	var head bot.Head
	for k, e := range stored {
		if err := e.Verify(head); err != nil {
			return nil, err
		}
		if head = e.Head(); e.Text != s.events[k].Text || e.Kind != s.events[k].Kind {
			return nil, fmt.Errorf("entry %d of %d is another than its seed says", e.Seq, number)
		}
	}
	have, err := tx.Incident(bot.Self(), int64(number))
	if err != nil {
		return nil, err
	}
	if got, want := asJSON(have), asJSON(bot.Fold(stored)); got != want {
		return nil, fmt.Errorf("incident %d:\n got %s\nwant %s", number, got, want)
	}
	s.events = stored
	return s, nil
}

// use takes the next of every number, and has a job done.
func use(tx bot.Tx) error {
	for name, next := range map[string]func() (int64, error){
		"incident": tx.NextNumber, "followup": tx.NextFollowUp, "reminder": tx.NextReminder, "rollback": tx.NextRollback,
	} {
		n, err := next()
		if want := counters(int64(small.Incidents))[name] + 1; err != nil || n != want {
			return fmt.Errorf("the next %s: %d, %w; want %d", name, n, err, want)
		}
	}
	now := time.Now()
	if err := tx.Enqueue(bot.Job{Lane: "slack:" + channelOf(1), Kind: "slack.post", RunAt: now, CreatedAt: now}); err != nil {
		return err
	}
	jobs, err := tx.Claim(now, time.Minute, 10)
	if want := int64(jobsEach*small.Incidents + 1); err == nil && (len(jobs) != 1 || jobs[0].ID != want) {
		err = fmt.Errorf("claimed %v, want job %d alone", jobs, want)
	}
	return err
}

// retell has the store write the stories.
func retell(t *testing.T, path string, stories []*story) {
	t.Helper()
	store := fresh.Open(t, path)
	err := store.Update(t.Context(), func(tx bot.Tx) error {
		for _, s := range stories {
			if err := s.retell(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func (s *story) retell(tx bot.Tx) error {
	i := &bot.Incident{Number: s.i.Number}
	if err := tx.CreateIncident(i); err != nil {
		return err
	}
	for _, e := range s.events {
		i.Apply(e)
		if err := tx.Append(e, i); err != nil {
			return err
		}
	}
	if err := tx.SetChannel(i.Number, bot.ChannelID(channelOf(i.Number)), fmt.Sprintf("inc-%d", i.Number)); err != nil {
		return err
	}
	for _, f := range s.followUps {
		if err := tx.CreateFollowUp(f); err != nil {
			return err
		}
	}
	if s.reminder != nil {
		if err := tx.CreateReminder(s.reminder); err != nil {
			return err
		}
	}
	if s.rollback != nil {
		if err := tx.CreateRollback(s.rollback); err != nil {
			return err
		}
	}
	_, err := tx.SaveDeploy(s.deploy())
	return err
}

// dump returns the rows of a query as text.
func dump(t *testing.T, url, query string) (out []string) {
	t.Helper()
	driver := "sqlite"
	if storage.IsPostgres(url) {
		driver = "pgx"
	}
	pool, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	found, err := pool.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	row := make([]any, len(columns))
	for k := range row {
		row[k] = new(any)
	}
	for found.Next() {
		if err := found.Scan(row...); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for k := range row {
			fmt.Fprintf(&b, "%s=%v ", columns[k], word(*row[k].(*any)))
		}
		out = append(out, b.String())
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// word makes what the drivers give of a truth value alike.
func word(v any) any {
	switch v {
	case true:
		return int64(1)
	case false:
		return int64(0)
	}
	return v
}
