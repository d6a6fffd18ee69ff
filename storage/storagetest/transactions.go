package storagetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func transactions() []contract {
	return []contract{
		{"an error undoes everything and comes back as it is", errorUndoes},
		{"a panic undoes everything and becomes an error", panicUndoes},
		{"ending the goroutine undoes everything", exitUndoes},
		{"an error that was passed over still fails", passedOver},
		{"one's failure leaves the others that share its commit", isolation},
		{"50 writers lose nothing", manyWriters},
		{"a context that ended before the start starts nothing", endedBefore},
		{"a context that ends after the start changes nothing", endedAfter},
		{"a waiting writer can give up", endedWaiting},
		{"a view is one consistent state", consistentView},
		{"a view cannot write", viewCannotWrite},
		{"watchers hear of changes, of nothing else, and once is enough", watch},
		{"a watcher whose context ended is forgotten", watchEnds},
		{"after Close everything is refused", closed},
		{"Close waits for what runs", closeWaits},
	}
}

var errTest = errors.New("this is the test's own error")

// link is the smallest write.
func link(name, value string) func(bot.Tx) error {
	return func(tx bot.Tx) error { return tx.SetLink(bot.Link{Owner: "test", Name: name, Value: value}) }
}

func (s *suite) link(name string) (value string) {
	s.Helper()
	s.view(func(tx bot.ReadTx) (err error) {
		value, err = tx.Link("test", name)
		return err
	})
	return value
}

func errorUndoes(s *suite) {
	err := s.Update(s.Context(), func(tx bot.Tx) error {
		if err := link("a", "1")(tx); err != nil {
			return err
		}
		return errTest
	})
	if err != errTest { //nolint:errorlint // the promise is identity
		s.Errorf("Update returned %v", err)
	}
	s.equal("link", s.link("a"), "")
	s.equal("after an error a view reads", s.View(s.Context(), func(bot.ReadTx) error { return errTest }), errTest)
}

func panicUndoes(s *suite) {
	err := s.Update(s.Context(), func(tx bot.Tx) error {
		_ = link("a", "1")(tx)
		panic("out of cheese")
	})
	if err == nil || !strings.Contains(err.Error(), "out of cheese") || !strings.Contains(err.Error(), "panicUndoes") {
		s.Errorf("the error does not hold the panic and its stack: %v", err)
	}
	s.refused("panic", err, bot.KindInternal)
	s.equal("link", s.link("a"), "")
	s.update(link("b", "2"))
}

func exitUndoes(s *suite) {
	s.Run("exits", func(t *testing.T) {
		err := s.Update(t.Context(), func(tx bot.Tx) error {
			_ = link("a", "1")(tx)
			t.SkipNow()
			return nil
		})
		if err == nil {
			t.Error("Update returned nil")
		}
	})
	s.equal("link", s.link("a"), "")
	s.update(link("b", "2"))
}

func passedOver(s *suite) {
	err := s.Update(s.Context(), func(tx bot.Tx) error {
		if tx.SaveReply("never claimed", nil) == nil {
			s.Error("SaveReply without a claim succeeded")
		}
		if link("a", "1")(tx) == nil {
			s.Error("the transaction went on after an error")
		}
		return nil
	})
	s.refused("Update", err, bot.KindInternal)
	s.equal("link", s.link("a"), "")
}

// isolation holds the writer up so that the next transactions wait together.
func isolation(s *suite) {
	const n = 20
	hold, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		s.equal("holder", s.Update(s.Context(), func(bot.Tx) error {
			close(held)
			<-hold
			return nil
		}), error(nil))
	})
	<-held
	errs := make([]error, n)
	for k := range n {
		wg.Go(func() {
			errs[k] = s.Update(s.Context(), func(tx bot.Tx) error {
				if err := link(fmt.Sprint(k), "written")(tx); err != nil {
					return err
				}
				switch k % 4 {
				case 1:
					return errTest
				case 2:
					panic(k)
				case 3:
					return tx.SaveReply("never claimed", nil)
				}
				return nil
			})
		})
	}
	close(hold)
	wg.Wait()
	for k, err := range errs {
		if good := k%4 == 0; good != (err == nil) || good != (s.link(fmt.Sprint(k)) == "written") {
			s.Errorf("transaction %d: error %v, link %q", k, err, s.link(fmt.Sprint(k)))
		}
	}
}

func manyWriters(s *suite) {
	const writers, each = 50, 6
	number := s.declare("Everything at once", bot.Data{})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for k := range each {
				err := s.Update(s.Context(), func(tx bot.Tx) error {
					_, err := recordIn(tx, number, bot.Event{Kind: bot.EventNote, Text: bot.Text(fmt.Sprintf("%d.%d", w, k))}, time.Now())
					return err
				})
				if err != nil {
					s.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	wg.Go(func() { // readers meanwhile
		for range 100 {
			list := s.events(number)
			s.equal("read head", len(list), list[len(list)-1].Seq)
		}
	})
	wg.Wait()
	list := s.events(number)
	s.verify(list)
	s.equal("entries", len(list), 1+writers*each)
	seen := map[bot.Text]bool{}
	for k, e := range list {
		seen[e.Text] = true
		if k > 0 && !e.RecordedAt.After(list[k-1].RecordedAt) {
			s.Errorf("entry %d was recorded at %v, the one before at %v", e.Seq, e.RecordedAt, list[k-1].RecordedAt)
		}
	}
	s.equal("different entries", len(seen), len(list))
}

func endedBefore(s *suite) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	ran := false
	errU := s.Update(ctx, func(bot.Tx) error { ran = true; return nil })
	errV := s.View(ctx, func(bot.ReadTx) error { ran = true; return nil })
	if !errors.Is(errU, context.Canceled) || !errors.Is(errV, context.Canceled) || ran {
		s.Errorf("Update: %v, View: %v, ran: %v", errU, errV, ran)
	}
}

func endedAfter(s *suite) {
	ctx, cancel := context.WithCancel(s.Context())
	err := s.Update(ctx, func(tx bot.Tx) error {
		cancel()
		return link("a", "1")(tx)
	})
	s.equal("Update", err, error(nil))
	s.equal("link", s.link("a"), "1")
}

func endedWaiting(s *suite) {
	hold, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = s.Update(s.Context(), func(bot.Tx) error {
			close(held)
			<-hold
			return nil
		})
	})
	<-held
	ctx, cancel := context.WithCancel(s.Context())
	wg.Go(func() {
		if err := s.Update(ctx, link("a", "1")); !errors.Is(err, context.Canceled) {
			s.Errorf("Update: %v", err)
		}
	})
	cancel()
	close(hold)
	wg.Wait()
	s.equal("link", s.link("a"), "")
}

func consistentView(s *suite) {
	s.update(link("a", "1"))
	s.view(func(tx bot.ReadTx) error {
		before, err := tx.Link("test", "a")
		if err != nil {
			return err
		}
		s.update(link("a", "2"))
		after, err := tx.Link("test", "a")
		s.equal("what a view saw first and then", before+after, "11")
		return err
	})
	s.equal("the next view", s.link("a"), "2")
}

func viewCannotWrite(s *suite) {
	err := s.View(s.Context(), func(tx bot.ReadTx) error {
		w, ok := tx.(bot.Tx)
		if !ok {
			return errTest
		}
		return link("a", "1")(w)
	})
	if err == nil || s.link("a") != "" {
		s.Errorf("a view wrote: error %v", err)
	}
}
