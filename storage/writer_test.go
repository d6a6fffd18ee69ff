package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// batch is transactions that share a commit; each writes a link with its
// number and then does what is said.
type batch struct {
	runs     []int // how often each ran
	requests []*request
}

func newBatch(then ...func(*tx) error) *batch {
	b := &batch{runs: make([]int, len(then))}
	for k, fn := range then {
		b.requests = append(b.requests, &request{ctx: context.Background(), done: make(chan error, 1), fn: func(x bot.Tx) error {
			b.runs[k]++
			if err := x.SetLink(bot.Link{Owner: "test", Name: fmt.Sprint(k), Value: "kept"}); err != nil {
				return err
			}
			return fn(x.(*tx))
		}})
	}
	return b
}

func fine(*tx) error { return nil }

// run serves b and returns what each was answered and what is stored.
func (b *batch) run(t *testing.T, s *Store) (errs []error, kept string) {
	t.Helper()
	w := &writer{session: lite(s).writer, notify: s.notify, log: lite(s).opts.Log}
	defer w.dismiss()
	w.serve(b.requests)
	for _, r := range b.requests {
		select {
		case err := <-r.done:
			errs = append(errs, err)
		default:
			t.Fatal("somebody was not answered")
		}
	}
	err := s.View(t.Context(), func(x bot.ReadTx) error {
		for k := range b.requests {
			v, err := x.Link("test", fmt.Sprint(k))
			if err != nil {
				return err
			}
			if v != "" {
				kept += fmt.Sprint(k)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return errs, kept
}

// rollBack makes the database itself roll the whole transaction back, as it
// may when the disk is full.
func rollBack(x *tx) error {
	_, err := x.session.ExecContext(x.ctx, "INSERT OR ROLLBACK INTO counters (name, value) VALUES ('job', 1)")
	return x.fail("write", err)
}

// breakCommit lets the commit fail, and nothing before it.
func breakCommit(x *tx) error {
	for _, q := range []string{"PRAGMA defer_foreign_keys = 1", "INSERT INTO group_members (group_id, user_id) VALUES ('none', 'U1')"} {
		if _, err := x.session.ExecContext(x.ctx, q); err != nil {
			return x.fail("write", err)
		}
	}
	return nil
}

func TestSharedCommit(t *testing.T) {
	own := errors.New("its own")
	b := newBatch(fine, func(*tx) error { return own }, fine, func(*tx) error { panic("no") }, fine)
	errs, kept := b.run(t, openTest(t))
	if kept != "024" || errs[1] != own || errs[3] == nil || errs[0] != nil || errs[2] != nil || errs[4] != nil { //nolint:errorlint // identity
		t.Errorf("kept %s, errors %v", kept, errs)
	}
	if fmt.Sprint(b.runs) != "[1 1 1 1 1]" {
		t.Errorf("runs %v", b.runs)
	}
}

// TestRepeatedOneByOne loses the shared transaction in each way there is: what
// was not to blame is done all the same, and what failed by itself fails again.
func TestRepeatedOneByOne(t *testing.T) {
	own := errors.New("its own")
	for name, culprit := range map[string]func(*tx) error{
		"rolled back by the database": rollBack,
		"rolled back, and passed over": func(x *tx) error {
			_ = rollBack(x)
			_ = x.SetLink(bot.Link{Owner: "test", Name: "2", Value: "leaked"})
			return nil
		},
		"the commit fails": breakCommit,
	} {
		t.Run(name, func(t *testing.T) {
			s := openTest(t)
			b := newBatch(fine, func(*tx) error { return own }, culprit, fine)
			errs, kept := b.run(t, s)
			if kept != "03" || errs[0] != nil || errs[1] != own || errs[2] == nil || errs[3] != nil { //nolint:errorlint // identity
				t.Errorf("kept %s, errors %v", kept, errs)
			}
			if fmt.Sprint(b.runs[:3]) != "[2 2 2]" {
				t.Errorf("runs %v", b.runs)
			}
			if errs, kept := newBatch(fine, fine).run(t, s); errs[0] != nil || errs[1] != nil || !strings.HasPrefix(kept, "01") {
				t.Errorf("afterwards: kept %s, errors %v", kept, errs)
			}
		})
	}
}

// TestRefusedForWhatDidNotHappen shows that nobody is refused for what another
// did in the same batch when the commit of it fails.
func TestRefusedForWhatDidNotHappen(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	first := bot.Link{Owner: "incident", Name: "resolved by", Value: "first"}
	resolve := func(x *tx) error {
		if err := x.SetLink(first); err != nil {
			return err
		}
		cancel() // the third gives up now
		return breakCommit(x)
	}
	refuse := func(x *tx) error {
		by, err := x.Link(first.Owner, first.Name)
		if err == nil && by != "" {
			err = bot.Conflict("resolved already by %s", by)
		}
		return err
	}
	b := newBatch(resolve, refuse, fine)
	b.requests[2].ctx = ctx
	errs, kept := b.run(t, openTest(t))
	if errs[0] == nil || errs[1] != nil || kept != "1" {
		t.Errorf("kept %q, errors %v", kept, errs)
	}
	if !errors.Is(errs[2], context.Canceled) || b.runs[2] != 0 {
		t.Errorf("who gave up: %v after %d runs", errs[2], b.runs[2])
	}
}

func TestLoneFailures(t *testing.T) {
	s := openTest(t)
	for name, culprit := range map[string]func(*tx) error{"rolled back": rollBack, "commit": breakCommit} {
		errs, kept := newBatch(culprit).run(t, s)
		if errs[0] == nil || kept != "" {
			t.Errorf("%s: kept %q, errors %v", name, kept, errs)
		}
	}
	if errs, kept := newBatch(fine).run(t, s); errs[0] != nil || kept != "0" {
		t.Errorf("afterwards: kept %s, errors %v", kept, errs)
	}
}

func TestFullDisk(t *testing.T) {
	s := openTest(t)
	var pages int
	if err := lite(s).writer.conn.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		if _, err := lite(s).writer.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 4)
	big := func(x *tx) error {
		return x.SetLink(bot.Link{Owner: "test", Name: "big", Value: strings.Repeat("x", 100_000)})
	}
	errs, kept := newBatch(fine, big, fine).run(t, s)
	if kept != "02" || errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Errorf("kept %s, errors %v", kept, errs)
	}
	limit(pages + 1000)
	if errs, _ := newBatch(big).run(t, s); errs[0] != nil {
		t.Errorf("with room again: %v", errs[0])
	}
}

// TestNothingToHear shows that a shared commit that changed nothing wakes
// nobody: who looks for work after each change would look for ever.
func TestNothingToHear(t *testing.T) {
	s := openTest(t)
	heard := 0
	w := &writer{session: lite(s).writer, notify: func() { heard++ }, log: lite(s).opts.Log}
	defer w.dismiss()
	look := func(x bot.Tx) error { _, err := x.Link("test", "0"); return err }
	for range 2 {
		w.serve([]*request{
			{ctx: t.Context(), fn: look, done: make(chan error, 1)},
			{ctx: t.Context(), fn: look, done: make(chan error, 1)},
		})
	}
	if heard != 0 {
		t.Errorf("heard %d times of nothing", heard)
	}
	w.serve(newBatch(fine, fine).requests)
	if heard != 1 {
		t.Errorf("heard %d times of one commit", heard)
	}
}

// TestPragmas holds what durability and the readers' harmlessness rest on.
func TestPragmas(t *testing.T) {
	s := openTest(t)
	r := <-lite(s).readers
	defer func() { lite(s).readers <- r }()
	for _, c := range []struct {
		on   *session
		name string
		want string
	}{
		{lite(s).writer, "synchronous", "2"}, {lite(s).writer, "journal_mode", "wal"}, {lite(s).writer, "foreign_keys", "1"},
		{lite(s).writer, "busy_timeout", "5000"}, {r, "query_only", "1"}, {r, "busy_timeout", "5000"},
	} {
		var got string
		if err := c.on.conn.QueryRowContext(t.Context(), "PRAGMA "+c.name).Scan(&got); err != nil || got != c.want {
			t.Errorf("%s is %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}

// TestSkipsWhoGaveUp shows that a batch does not start what nobody waits for.
func TestSkipsWhoGaveUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := newBatch(func(*tx) error { cancel(); return nil }, fine)
	b.requests[1].ctx = ctx
	errs, kept := b.run(t, openTest(t))
	if kept != "0" || errs[0] != nil || !errors.Is(errs[1], context.Canceled) || b.runs[1] != 0 {
		t.Errorf("kept %s, errors %v, runs %v", kept, errs, b.runs)
	}
}
