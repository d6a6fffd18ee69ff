package storage

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestCrashFreesItsLanes: what a process had leased when it was killed is due
// again for the next one at once, not when the lease runs out.
func TestCrashFreesItsLanes(t *testing.T) {
	t.Parallel()
	file, now := filepath.Join(t.TempDir(), "tocsin.db"), time.Now()
	claim := func(s *Store) (jobs []bot.Job) {
		t.Helper()
		err := s.Update(context.Background(), func(tx bot.Tx) (err error) {
			jobs, err = tx.Claim(now, time.Hour, 10)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return jobs
	}
	open := func() *Store {
		t.Helper()
		s, err := Open(context.Background(), file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	if err := s.Update(context.Background(), func(tx bot.Tx) error {
		return tx.Enqueue(bot.Job{Lane: "a", Kind: "x.y", CreatedAt: now, Payload: bot.Payload(1)})
	}); err != nil {
		t.Fatal(err)
	}
	if n := len(claim(s)); n != 1 {
		t.Fatalf("claimed %d jobs", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open()
	if jobs := claim(s); len(jobs) != 1 || jobs[0].Attempt != 2 {
		t.Errorf("after the crash: %+v", jobs)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
