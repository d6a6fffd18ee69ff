package storagetest

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func heard(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func watch(s *suite) {
	c, other := s.Watch(s.Context()), s.Watch(s.Context())
	s.equal("before anything", heard(c), false)
	s.update(link("a", "1"))
	s.equal("after a change", heard(c), true)
	s.equal("once", heard(c), false)
	s.update(func(tx bot.Tx) error { _, err := tx.Link("test", "a"); return err })
	s.update(func(tx bot.Tx) error { _, err := tx.Claim(base(), time.Minute, 10); return err })
	_ = s.Update(s.Context(), func(tx bot.Tx) error { _ = link("a", "2")(tx); return errTest })
	s.equal("after nothing", heard(c), false)
	s.update(link("a", "3"))
	s.update(link("a", "4"))
	s.equal("after two changes", heard(c), true)
	s.equal("the other watcher", heard(other), true)
}

func watchEnds(s *suite) {
	ctx, cancel := context.WithCancel(s.Context())
	c := s.Watch(ctx)
	cancel()
	s.update(link("a", "1"))
	s.equal("heard", heard(c), false)
}

func closed(s *suite) {
	s.equal("Close", s.Close(), error(nil))
	s.equal("Close again", s.Close(), error(nil))
	if s.Update(s.Context(), link("a", "1")) == nil {
		s.Error("Update worked")
	}
	if s.View(s.Context(), func(bot.ReadTx) error { return nil }) == nil {
		s.Error("View worked")
	}
}

func closeWaits(s *suite) {
	hold, held, over := make(chan struct{}), make(chan struct{}), make(chan error, 2)
	go func() {
		over <- s.Update(context.Background(), func(tx bot.Tx) error {
			close(held)
			<-hold
			for k := range 200 { // while Close, which has begun, must wait
				if err := link(fmt.Sprint(k), "1")(tx); err != nil {
					return err
				}
			}
			return nil
		})
	}()
	<-held
	go func() { over <- s.Close() }()
	for s.View(context.Background(), func(bot.ReadTx) error { return nil }) == nil {
		runtime.Gosched()
	}
	close(hold)
	s.equal("Update or Close", <-over, error(nil))
	s.equal("Close or Update", <-over, error(nil))
}
