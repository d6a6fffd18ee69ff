package storagetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func keys() []contract {
	return []contract{
		{"a key is taken once and answers what was kept", keyOnce},
		{"a transaction that fails frees its key", keyFreed},
		{"8 deliveries at once have one effect", keyRace},
		{"old keys are forgotten", keyDropped},
		{"a reply needs a claim", replyNeedsClaim},
	}
}

func (s *suite) claim(key, digest string) (c bot.Claim) {
	s.Helper()
	s.update(func(tx bot.Tx) (err error) {
		c, err = tx.ClaimKey(key, digest, base())
		return err
	})
	return c
}

func keyOnce(s *suite) {
	s.equal("first", s.claim("k", "d"), bot.Claim{})
	s.equal("before a reply", s.claim("k", "d"), bot.Claim{Taken: true, Same: true})
	s.update(func(tx bot.Tx) error { return tx.SaveReply("k", []byte(`{"summary":"Déjà vu 🔥"}`)) })
	s.equal("repeat", s.claim("k", "d"), bot.Claim{Taken: true, Same: true, Reply: []byte(`{"summary":"Déjà vu 🔥"}`)})
	s.equal("another request", s.claim("k", "other").Same, false)
	s.equal("another key", s.claim("K", "d"), bot.Claim{})
	s.update(func(tx bot.Tx) error {
		if _, err := tx.ClaimKey("in one", "d", base()); err != nil {
			return err
		}
		if err := tx.SaveReply("in one", []byte("1")); err != nil {
			return err
		}
		c, err := tx.ClaimKey("in one", "d", base())
		s.equal("twice in one transaction", fmt.Sprint(c.Taken, " ", string(c.Reply)), "true 1")
		return err
	})
}

func keyFreed(s *suite) {
	_ = s.Update(s.Context(), func(tx bot.Tx) error {
		if _, err := tx.ClaimKey("k", "d", base()); err != nil {
			return err
		}
		return errTest
	})
	s.equal("claim", s.claim("k", "d"), bot.Claim{})
}

func keyRace(s *suite) {
	var effects, repeats atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var c bot.Claim
			err := s.Update(s.Context(), func(tx bot.Tx) (err error) {
				if c, err = tx.ClaimKey("k", "d", base()); err != nil || c.Taken {
					return err
				}
				if _, err := declareIn(tx, "Once", bot.Data{}, base()); err != nil {
					return err
				}
				return tx.SaveReply("k", []byte("the reply"))
			})
			switch {
			case err != nil:
				s.Errorf("Update: %v", err)
			case !c.Taken:
				effects.Add(1)
			case string(c.Reply) == "the reply":
				repeats.Add(1)
			}
		})
	}
	wg.Wait()
	s.equal("effects, repeats", fmt.Sprint(effects.Load(), repeats.Load()), "1 7")
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.Incidents(bot.Self(), bot.IncidentFilter{})
		s.equal("incidents", numbers(list), "1")
		return err
	})
}

func keyDropped(s *suite) {
	s.update(func(tx bot.Tx) error {
		for k := range 5 {
			if _, err := tx.ClaimKey(fmt.Sprint(k), "d", base().Add(time.Duration(k)*time.Hour)); err != nil {
				return err
			}
		}
		n, err := tx.DropKeys(base().Add(2 * time.Hour))
		s.equal("dropped", n, 2)
		return err
	})
	s.equal("an old one", s.claim("1", "d").Taken, false)
	s.equal("one of that very time", s.claim("2", "d").Taken, true)
}

func replyNeedsClaim(s *suite) {
	err := s.Update(s.Context(), func(tx bot.Tx) error { return tx.SaveReply("k", []byte("x")) })
	s.refused("SaveReply", err, bot.KindInternal)
}
