package storage_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // for SQL of the tests' own

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

const auditor bot.UserID = "U0ANA"

// kept is a record that somebody tampers with: incident 1 is open, with a redacted
// note and a role; 2 was purged; 3 is open.
type kept struct {
	*testing.T
	bot   *bot.Bot
	store *storage.Store
	sql   *sql.DB
	now   time.Time
	head  bot.RecordHead
}

// bothDatabases runs a test on a record of each kind.
func bothDatabases(t *testing.T, test func(k *kept)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "tocsin.db")
		test(newKept(t, fresh.Open(t, path), "sqlite", "file:"+path))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := fresh.Postgres(t)
		store, err := storage.Open(t.Context(), url, storage.Options{Alone: true})
		if err != nil {
			t.Fatal(err)
		}
		test(newKept(t, store, "pgx", url))
	})
}

func newKept(t *testing.T, store *storage.Store, driver, url string) *kept {
	t.Helper()
	db, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	k := &kept{T: t, store: store, sql: db, now: time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s := bot.Defaults()
	s.Retention.Incidents = bot.Period{N: 1, Unit: "y"}
	for _, right := range bot.Rights() {
		s.Permissions[right] = []string{string(auditor)}
	}
	k.bot = bot.New(store, &s, slog.New(slog.DiscardHandler))
	k.bot.Now = func() time.Time { return k.now }
	if driver == "pgx" {
		k.exec("SET session_replication_role = replica") // a tamperer has no foreign keys
	}
	return k
}

func (k *kept) exec(texts ...string) {
	k.Helper()
	for _, text := range texts {
		if _, err := k.sql.ExecContext(k.Context(), text); err != nil {
			k.Fatalf("%s: %v", text, err)
		}
	}
}

// do does something as the auditor, in an incident (0: in none).
func (k *kept) do(incident int64, fn func(w *bot.Work) error) {
	k.Helper()
	k.now = k.now.Add(time.Minute)
	_, err := k.bot.Carry(k.Context(), bot.Request{User: auditor, Via: bot.ViaSlack}, func(w *bot.Work) (bot.Reply, error) {
		if incident != 0 {
			if err := w.Lock(incident); err != nil {
				return bot.Reply{}, err
			}
		}
		return bot.Reply{}, fn(w)
	})
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kept) declare() {
	k.Helper()
	k.do(0, func(w *bot.Work) error { _, err := bot.Declare(w, bot.Draft{Title: "Checkout is down"}); return err })
}

func (k *kept) note(incident int64, text bot.Text) {
	k.Helper()
	k.do(incident, func(w *bot.Work) error { _, err := bot.AddNote(w, text, nil); return err })
}

func (k *kept) house(text bot.Text) {
	k.Helper()
	k.do(0, func(w *bot.Work) error {
		_, err := w.RecordHouse(bot.Event{Kind: bot.EventNote, Text: text})
		return err
	})
}

// fill writes the record.
func (k *kept) fill() {
	k.Helper()
	for range 3 {
		k.declare()
	}
	k.house("The first of the house")
	k.do(2, func(w *bot.Work) error { _, err := bot.Resolve(w, bot.ResolveDraft{Text: "It is over"}); return err })
	k.now = k.now.AddDate(1, 1, 0)
	for n := range 6 {
		k.note(1, bot.Text(fmt.Sprintf("Note %d", n)))
	}
	k.do(1, func(w *bot.Work) error { _, err := bot.Redact(w, 3, "It held a password"); return err })
	k.note(1, "The last")
	k.note(3, "Of another one")
	k.purge()
	k.house("The last of the house")
	k.now = k.now.Add(time.Hour)
	k.head = k.audit(time.Time{}).Head
}

// purge does what the clock does every night.
func (k *kept) purge() {
	k.Helper()
	err := bot.NewClock(k.bot).Do(k.Context(), bot.Job{Kind: "purge", Payload: json.RawMessage(`{"date":"2026-01-02"}`)})
	if err != nil {
		k.Fatal(err)
	}
}

func (k *kept) audit(keptAt time.Time) bot.AuditReport {
	k.Helper()
	r, err := bot.Audit(k.Context(), k.store, k.now, keptAt)
	if err != nil {
		k.Fatal(err)
	}
	return r
}

// TestPurgeLeavesATombstone: everything of an old incident is gone, and the record
// and every head from before verify as they did.
func TestPurgeLeavesATombstone(t *testing.T) {
	bothDatabases(t, func(k *kept) {
		k.declare()
		k.do(1, func(w *bot.Work) error { _, err := bot.AddTask(w, "Look at the logs", ""); return err })
		k.do(1, func(w *bot.Work) error {
			f, err := bot.AddFollowUp(w, bot.FollowUpDraft{Text: "Alert on it"})
			if err != nil {
				return err
			}
			return bot.SetFollowUp(w, f, bot.FollowUpDone, "")
		})
		k.do(1, func(w *bot.Work) error { return w.Tx.SetMembers(1, []bot.UserID{"U0BEN"}) })
		k.do(1, func(w *bot.Work) error {
			return w.Tx.SetLink(bot.Link{Owner: bot.Owner(1), Name: "slack.card", Value: "1.2"})
		})
		k.do(1, func(w *bot.Work) error {
			w.Plan(bot.Job{Kind: "slack.post", Lane: "l", Incident: 1})
			return nil
		})
		k.exec("UPDATE jobs SET state = 'failed'")
		middle := k.now.Add(time.Second)
		k.do(1, func(w *bot.Work) error { _, err := bot.Resolve(w, bot.ResolveDraft{Text: "It is over"}); return err })
		k.declare()
		k.do(2, func(w *bot.Work) error {
			_, err := bot.AddFollowUp(w, bot.FollowUpDraft{Text: "Still to do"})
			if err == nil {
				_, err = bot.Resolve(w, bot.ResolveDraft{})
			}
			return err
		})
		end := k.now.Add(time.Second)
		k.now = k.now.AddDate(0, 11, 0)
		k.purge()
		before := []bot.RecordHead{k.audit(middle).Kept, k.audit(end).Kept}
		if r := k.audit(end); r.Purged != 0 || r.Streams != 2 {
			t.Fatalf("purged before its time: %+v", r)
		}
		k.now = k.now.AddDate(0, 2, 0)
		k.purge()
		r := k.audit(middle)
		if len(r.Broken)+len(r.Rows) > 0 || r.Purged != 1 || r.Streams != 3 {
			t.Errorf("after the purge: %+v", r)
		}
		for n, at := range []time.Time{middle, end} {
			made, err := bot.RecordHeadAt(t.Context(), k.store, at)
			if walked := k.audit(at).Kept; err != nil || walked != before[n] || made != before[n] {
				t.Errorf("the head as of %v: %v, walked %v, made %v (%v)", at, before[n], walked, made, err)
			}
		}
		k.gone()
		k.tells()
	})
}

// TestABrokenIncidentIsNotPurged: it is evidence.
func TestABrokenIncidentIsNotPurged(t *testing.T) {
	bothDatabases(t, func(k *kept) {
		for n := range int64(2) {
			k.declare()
			k.do(n+1, func(w *bot.Work) error { _, err := bot.Resolve(w, bot.ResolveDraft{}); return err })
		}
		k.exec("UPDATE events SET actor = 'U0EVE' WHERE incident = 1 AND seq = 1")
		k.now = k.now.AddDate(2, 0, 0)
		k.purge()
		r := k.audit(k.now)
		if r.Purged != 1 || len(r.Broken) != 1 || r.Broken[0].Stream != "incident:1" {
			t.Errorf("%+v", r)
		}
	})
}

// gone checks that no table but one knows incident 1 any more, and that the other
// one is kept for what is open of it.
func (k *kept) gone() {
	k.Helper()
	for _, q := range []string{
		"events WHERE incident = 1", "incidents WHERE number = 1", "incident_people WHERE incident = 1", "incident_members WHERE incident = 1",
		"followups WHERE incident = 1", "links WHERE owner = 'incident:1'", "jobs WHERE incident = 1 AND state = 'failed'",
		"events WHERE text LIKE '%logs%'", "tombstones WHERE chain LIKE '%logs%'",
	} {
		var n int
		if err := k.sql.QueryRowContext(k.Context(), "SELECT count(*) FROM "+q).Scan(&n); err != nil || n != 0 {
			k.Errorf("%d rows are left in %s (%v)", n, q, err)
		}
	}
	err := k.store.View(k.Context(), func(tx bot.ReadTx) error {
		if _, err := tx.Incident(bot.Self(), 1); bot.KindOf(err) != bot.KindNotFound {
			k.Errorf("incident 1: %v", err)
		}
		_, err := tx.Incident(bot.Self(), 2)
		return err
	})
	if err != nil {
		k.Error(err)
	}
}

// tells checks what the house says of it.
func (k *kept) tells() {
	k.Helper()
	err := k.store.View(k.Context(), func(tx bot.ReadTx) error {
		list, err := tx.Events(bot.Self(), bot.House, bot.EventFilter{Kinds: []bot.EventKind{bot.EventPurged}})
		if err != nil || len(list) != 1 {
			return fmt.Errorf("%d entries: %w", len(list), err)
		}
		const want = "purged incident #1 with 5 entries (incidents are kept 1y)"
		if got := k.bot.Settings.Deed(list[0]).String(); got != want {
			k.Errorf("the house says %q, want %q", got, want)
		}
		return nil
	})
	if err != nil {
		k.Error(err)
	}
}
