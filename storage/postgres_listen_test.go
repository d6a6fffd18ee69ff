package storage_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// heard waits for a watcher to be told, in real time, for as long as a slow machine
// may take.
func heard(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(time.Minute):
		t.Fatalf("%s: not heard", what)
	}
}

// TestReplicasHear tells one replica of what another one commits, over LISTEN and
// NOTIFY.
func TestReplicasHear(t *testing.T) {
	t.Parallel()
	url := fresh.Postgres(t)
	a, b := openWith(t, url, storage.Options{}), openWith(t, url, storage.Options{})
	changed := b.Watch(t.Context())
	heard(t, "that it listens", changed)
	for _, value := range []string{"1", "2", "3"} {
		if err := a.Update(t.Context(), set("a", value)); err != nil {
			t.Fatal(err)
		}
		heard(t, "a commit of another", changed)
		if got := get(t, b, "a"); got != value {
			t.Errorf("read %q, want %q", got, value)
		}
	}
	// What it commits itself it hears of once, and not again from the database, which
	// tells the other one at the same time.
	mark := a.Watch(t.Context())
	if err := b.Update(t.Context(), set("a", "4")); err != nil {
		t.Fatal(err)
	}
	heard(t, "its own commit", changed)
	heard(t, "that of the other one", mark)
	select {
	case <-changed:
		t.Error("it heard its own commit twice")
	default:
	}
}

// TestHearsAgain ends the connection on which a replica listens. What is committed
// before it listens again is made up for by one look.
func TestHearsAgain(t *testing.T) {
	t.Parallel()
	url := fresh.Postgres(t)
	a, b := openWith(t, url, storage.Options{Alone: true}), openWith(t, url, storage.Options{})
	changed := b.Watch(t.Context())
	heard(t, "that it listens", changed)
	if _, err := a.Pool().ExecContext(t.Context(),
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' OR query LIKE '%clock_timestamp%' AND pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
	if err := a.Update(t.Context(), set("a", "1")); err != nil { // Alone tells nobody
		t.Fatal(err)
	}
	heard(t, "that it listens again", changed)
	if got := get(t, b, "a"); got != "1" {
		t.Errorf("read %q", got)
	}
}

// TestOneClock opens a database from a process whose clock is decades off, as a
// bubble's is: the store goes by the database's, and a lease that it takes is one
// for everybody.
func TestOneClock(t *testing.T) {
	t.Parallel()
	url := fresh.Postgres(t)
	synctest.Test(t, func(t *testing.T) {
		s, err := storage.Open(t.Context(), url, storage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var us int64
		if err := s.Pool().QueryRowContext(t.Context(), "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)").Scan(&us); err != nil {
			t.Fatal(err)
		}
		if off := s.Now().Sub(time.UnixMicro(us)).Abs(); off > 20*time.Second || time.Since(s.Now()) > -time.Hour {
			t.Fatalf("the store is %v off the database, and the bubble's time is %v", off, time.Now())
		}
		now := s.Now()
		if err := s.Update(t.Context(), func(tx bot.Tx) error {
			return tx.Enqueue(bot.Job{Lane: "a", Kind: "x.y", CreatedAt: now})
		}); err != nil {
			t.Fatal(err)
		}
		if n := len(claimNow(t, s)); n != 1 {
			t.Fatalf("the job was planned for now and %d were claimed", n)
		}
	})
	s := openWith(t, url, storage.Options{})
	if taken := claimNow(t, s); len(taken) != 0 {
		t.Errorf("the lane was taken from who has it: %+v", taken)
	}
}

func claimNow(t *testing.T, s *storage.Store) (jobs []bot.Job) {
	t.Helper()
	err := s.Update(context.Background(), func(tx bot.Tx) (err error) {
		jobs, err = tx.Claim(s.Now(), time.Hour, 10)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return jobs
}

// TestServerRestarts crashes the server under an open store. While it is away
// callers hear so; afterwards nothing is missing and everything goes on.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	server := pgserver.Start(t)
	s := openWith(t, server.Create(t, "tocsin"), storage.Options{})
	if err := s.Update(t.Context(), set("a", "before")); err != nil {
		t.Fatal(err)
	}
	if err := server.Crash(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond) // who asks has no more time
	defer cancel()
	if err := s.Update(ctx, set("a", "meanwhile")); err == nil {
		t.Error("a server that was away took a commit")
	}
	if err := s.View(ctx, func(bot.ReadTx) error { return nil }); err == nil {
		t.Error("a server that was away was read")
	}
	changed := s.Watch(t.Context())
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	heard(t, "that it listens again", changed)
	if got := get(t, s, "a"); got != "before" {
		t.Errorf("read %q", got)
	}
	if err := s.Update(t.Context(), set("a", "after")); err != nil {
		t.Error(err)
	}
}
