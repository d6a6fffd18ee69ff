package storage_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// wiretap stands between a store and its server, and cuts the connection over
// which a commit goes.
type wiretap struct {
	t      *testing.T
	server string // the server's socket
	dir    string

	mu   sync.Mutex
	cuts []cut // what happens to the next commits
	lost bool  // from now on nobody gets through
	all  sync.WaitGroup
}

// cut is what happens to a commit.
type cut struct {
	before bool // it does not reach the server
	gone   bool // afterwards the server is out of reach
}

// tap returns a wiretap, and the address at which a store reaches the database at
// server through it.
func tap(t *testing.T, server string) (*wiretap, string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	const socket = ".s.PGSQL.5432"
	w := &wiretap{t: t, server: filepath.Join(q.Get("host"), socket), dir: t.TempDir()}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(w.dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.all.Wait)
	t.Cleanup(func() { _ = l.Close() })
	w.all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			w.all.Go(func() { w.pass(c) })
		}
	})
	q.Set("host", w.dir)
	u.RawQuery = q.Encode()
	return w, u.String()
}

// pass carries one connection.
func (w *wiretap) pass(client net.Conn) {
	defer client.Close()
	w.mu.Lock()
	lost := w.lost
	w.mu.Unlock()
	if lost {
		return
	}
	server, err := (&net.Dialer{}).DialContext(context.Background(), "unix", w.server)
	if err != nil {
		w.t.Error(err)
		return
	}
	defer server.Close()
	w.all.Go(func() {
		_, _ = io.Copy(client, server) // until one side ends
		_ = client.Close()
	})
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		c, ok := cut{}, false
		if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) {
			c, ok = w.next()
		}
		if ok {
			_ = client.Close() // no answer comes back
		}
		if !ok || !c.before {
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
		}
		if ok {
			return // what the server was sent it reads before it finds its client gone
		}
	}
}

func (w *wiretap) next() (c cut, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.cuts) == 0 {
		return cut{}, false
	}
	c, w.cuts = w.cuts[0], w.cuts[1:]
	w.lost = w.lost || c.gone
	return c, true
}

// TestInterruptedCommit cuts the connection while a commit is under way, before
// and behind the server.
func TestInterruptedCommit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cuts []cut
		runs int
	}{
		"carried out but unanswered":           {[]cut{{}}, 1},
		"never arrived":                        {[]cut{{before: true}}, 2},
		"never arrived twice and then unheard": {[]cut{{before: true}, {before: true}, {}}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, url := tap(t, fresh.Postgres(t))
			s := openAlone(t, url)
			w.cuts = c.cuts
			runs := 0
			err := s.Update(t.Context(), func(tx bot.Tx) error {
				runs++
				return tx.Enqueue(bot.Job{Lane: "a", Kind: "x.y"}) // twice would show
			})
			if err != nil || runs != c.runs {
				t.Errorf("Update: %v after %d runs, want %d", err, runs, c.runs)
			}
			if n := waiting(t, s); n != 1 {
				t.Errorf("%d jobs are there, want 1", n)
			}
		})
	}
}

// TestUnknownCommit lets the server vanish with the answer: nobody is told that it
// was done, or that it was not.
func TestUnknownCommit(t *testing.T) {
	t.Parallel()
	w, url := tap(t, fresh.Postgres(t))
	s := openAlone(t, url)
	s.Patience(0)
	w.cuts = []cut{{gone: true}}
	err := s.Update(t.Context(), func(tx bot.Tx) error { return tx.Enqueue(bot.Job{Lane: "a", Kind: "x.y"}) })
	if !errors.Is(err, storage.ErrUnknown) || bot.KindOf(err) != bot.KindUnknown || !strings.Contains(err.Error(), "not known whether it was carried out") {
		t.Errorf("Update: %v", err)
	}
	w.mu.Lock()
	w.lost = false
	w.mu.Unlock()
	if n := waiting(t, s); n != 1 {
		t.Errorf("%d jobs are there, want the one", n)
	}
}

// TestStaleConnections ends every connection that waits in the pool: the next
// transactions do not notice.
func TestStaleConnections(t *testing.T) {
	t.Parallel()
	s := openAlone(t, fresh.Postgres(t))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { _ = waiting(t, s) })
	}
	all.Wait()
	if _, err := s.Pool().ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
	runs := 0
	err := s.Update(t.Context(), func(tx bot.Tx) error {
		runs++
		return tx.Enqueue(bot.Job{Lane: "a", Kind: "x.y"})
	})
	if err != nil || runs != 1 || waiting(t, s) != 1 {
		t.Errorf("Update: %v after %d runs", err, runs)
	}
}

// TestLostInside ends the connection in the middle of a transaction, which is
// begun again.
func TestLostInside(t *testing.T) {
	t.Parallel()
	s := openAlone(t, fresh.Postgres(t))
	runs := 0
	err := s.Update(t.Context(), func(x bot.Tx) error {
		if runs++; runs == 1 {
			_, _ = storage.ConnOf(x).ExecContext(t.Context(), "SELECT pg_terminate_backend(pg_backend_pid())")
		}
		return x.Enqueue(bot.Job{Lane: "a", Kind: "x.y"})
	})
	if err != nil || runs != 2 || waiting(t, s) != 1 {
		t.Errorf("Update: %v after %d runs", err, runs)
	}
}

// TestConflictIsRepeated lets another transaction commit what the first one had
// read: as if they had come one after the other.
func TestConflictIsRepeated(t *testing.T) {
	t.Parallel()
	s := openAlone(t, fresh.Postgres(t))
	add := func(x bot.Tx, more string) error {
		had, err := x.Link("test", "a")
		if err != nil {
			return err
		}
		return x.SetLink(bot.Link{Owner: "test", Name: "a", Value: had + more})
	}
	runs := 0
	err := s.Update(t.Context(), func(x bot.Tx) error {
		had, err := x.Link("test", "a")
		if err != nil {
			return err
		}
		if runs++; runs == 1 {
			if err := s.Update(t.Context(), func(y bot.Tx) error { return add(y, "other ") }); err != nil {
				return err
			}
		}
		return x.SetLink(bot.Link{Owner: "test", Name: "a", Value: had + "first"})
	})
	var got string
	err = errors.Join(err, s.View(t.Context(), func(x bot.ReadTx) (err error) {
		got, err = x.Link("test", "a")
		return err
	}))
	if err != nil || runs != 2 || got != "other first" {
		t.Errorf("%q after %d runs, %v", got, runs, err)
	}
}

func waiting(t *testing.T, s *storage.Store) (n int) {
	t.Helper()
	err := s.View(t.Context(), func(x bot.ReadTx) error {
		jobs, err := x.Jobs(bot.Self(), bot.JobFilter{})
		n = len(jobs)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

func openAlone(t *testing.T, url string) *storage.Store {
	t.Helper()
	return openWith(t, url, storage.Options{Alone: true})
}

// TestLostInView ends the connection in the middle of a view, which is begun again,
// once.
func TestLostInView(t *testing.T) {
	t.Parallel()
	s := openAlone(t, fresh.Postgres(t))
	for lost, want := range map[int]int{1: 2, 2: 2} {
		runs := 0
		var list []bot.Job
		err := s.View(t.Context(), func(x bot.ReadTx) (err error) {
			if runs++; runs <= lost {
				_, _ = storage.ConnOf(x.(bot.Tx)).ExecContext(t.Context(), "SELECT pg_terminate_backend(pg_backend_pid())")
			}
			list, err = x.Jobs(bot.Self(), bot.JobFilter{})
			return err
		})
		if runs != want || (err == nil) != (lost == 1) || len(list) != 0 {
			t.Errorf("lost %d times: %v after %d runs", lost, err, runs)
		}
	}
}
