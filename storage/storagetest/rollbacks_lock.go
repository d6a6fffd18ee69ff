package storagetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tocsin-dev/tocsin/bot"
)

func rollbackLock(s *suite) {
	one, two := s.declare("One", bot.Data{}), s.declare("Two", bot.Data{})
	r := s.asked(ofAPI(one))
	held := func(what string, incident int64) {
		err := s.ask(ofAPI(incident))
		s.refused(what, err, bot.KindConflict)
		var e *bot.Error
		if errors.As(err, &e) && e.Sentence() != "A rollback of api in production is under way already." {
			s.Errorf("%s: %q", what, e.Sentence())
		}
	}
	for _, state := range holding() {
		s.become(r, state)
		held(string(state)+", the same incident", one)
		held(string(state)+", another incident", two)
	}
	other := ofAPI(two)
	other.Environment, other.LockKey = "staging", "api/staging"
	s.asked(other)
	shared := ofAPI(two)
	shared.Service, shared.Environment = "web", "staging"
	s.refused("another service with the same key", s.ask(shared), bot.KindConflict)
	for _, state := range ending() {
		s.become(r, state)
		next := s.asked(ofAPI(two))
		held("the one after "+string(state), one)
		r = next
	}
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.Rollbacks(bot.Everyone(), bot.RollbackFilter{LockKey: "api/production", Live: true})
		s.equal("the holder", ids(list), r.ID)
		return err
	})
}

func planTakesNoLock(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	plan := func() *bot.Rollback {
		r := ofAPI(number)
		r.PlanOnly = true
		return s.asked(r)
	}
	plan()
	real := s.asked(ofAPI(number))
	s.become(plan(), bot.RollbackAwaiting)
	s.refused("a second real one", s.ask(ofAPI(number)), bot.KindConflict)
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.Rollbacks(bot.Everyone(), bot.RollbackFilter{Live: true})
		s.equal("live", ids(list), real.ID)
		return err
	})
}

func rollbackRace(s *suite) {
	incidents := []int64{s.declare("One", bot.Data{}), s.declare("Two", bot.Data{}), s.declare("Three", bot.Data{})}
	var got, refused atomic.Int64
	var wg sync.WaitGroup
	for k := range 12 {
		wg.Go(func() {
			switch err := s.ask(ofAPI(incidents[k%3])); {
			case err == nil:
				got.Add(1)
			case bot.KindOf(err) == bot.KindConflict:
				refused.Add(1)
			default:
				s.Errorf("ask: %v", err)
			}
		})
	}
	wg.Wait()
	s.equal("got it, were refused", fmt.Sprint(got.Load(), refused.Load()), "1 11")
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.Rollbacks(bot.Self(), bot.RollbackFilter{})
		s.equal("all there are", ids(list), "r1")
		return err
	})
}

func rollbackFreed(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	err := s.Update(s.Context(), func(tx bot.Tx) error {
		if err := askIn(tx, ofAPI(number)); err != nil {
			return err
		}
		return errTest
	})
	s.equal("error", err, errTest)
	r := s.asked(ofAPI(number))
	err = s.Update(s.Context(), func(tx bot.Tx) error { // and one that fails gives no lock back
		over := *r
		over.State = bot.RollbackSucceeded
		if err := tx.SaveRollback(&over); err != nil {
			return err
		}
		return errTest
	})
	s.equal("error", err, errTest)
	s.refused("still held", s.ask(ofAPI(number)), bot.KindConflict)
}

func lockIsKept(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	first := s.asked(ofAPI(number))
	s.become(first, bot.RollbackFailed)
	second := s.asked(ofAPI(number))
	first.State = bot.RollbackRunning
	s.refused("coming back", s.Update(s.Context(), func(tx bot.Tx) error { return tx.SaveRollback(first) }), bot.KindInternal)
	s.equal("the first", s.rollback(first.ID).State, bot.RollbackFailed)
	s.equal("the second", s.rollback(second.ID).State, bot.RollbackRequested)
}
