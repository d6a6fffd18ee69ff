package storagetest

import (
	"fmt"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

func rollbackReason(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	reasons := func() string {
		var out []string
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.Rollbacks(bot.Everyone(), bot.RollbackFilter{})
			for _, r := range list {
				one, err := tx.Rollback(bot.Everyone(), r.ID)
				if err != nil {
					return err
				}
				s.equal("read alone", one.Reason, r.Reason)
				out = append(out, string(r.Reason))
			}
			return err
		})
		return strings.Join(out, "|")
	}
	first := ofAPI(number)
	first.Reason = "hunter2 leaked"
	s.update(func(tx bot.Tx) error {
		i, err := tx.LockIncident(bot.Self(), number)
		if err != nil {
			return err
		}
		r := ofAPI(number)
		r.ID, r.Number, r.Seq, r.LockKey = "r99", 99, i.Head.Seq+1, "early"
		if err := tx.CreateRollback(r); err != nil {
			return err
		}
		early, err := tx.Rollback(bot.Self(), "r99")
		s.equal("before its entry", early.Reason, "")
		if err != nil {
			return err
		}
		_, err = appendTo(tx, i, bot.Event{Kind: bot.EventRollback, Text: "Early."}, base())
		return err
	})
	s.asked(first)
	s.become(first, bot.RollbackSucceeded)
	second := ofAPI(number)
	second.Reason = ""
	s.asked(second)
	s.equal("reasons", reasons(), "Early.||hunter2 leaked")
	first.Reason = "not where it is kept"
	s.become(first, bot.RollbackSucceeded)
	s.equal("after another was saved", reasons(), "Early.||hunter2 leaked")
	s.update(func(tx bot.Tx) error { return tx.Redact(number, first.Seq) })
	s.equal("redacted", reasons(), "Early.||"+string(bot.RedactedText))
}

// privateRollbacks asks in a private incident, between two that are not.
func privateRollbacks(s *suite) {
	number := s.secret()
	for incident, key := range map[int64]string{1: "a", number: "canary", 3: "b"} {
		r := ofAPI(incident)
		r.LockKey = key
		s.asked(r)
	}
	var hidden string
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.Rollbacks(bot.Self(), bot.RollbackFilter{LockKey: "canary"})
		hidden = ids(list)
		return err
	})
	for _, w := range viewers() {
		s.view(func(tx bot.ReadTx) error {
			r, err := tx.Rollback(w.v, hidden)
			s.equal(w.name+": reads it", err == nil, w.sees)
			if w.sees {
				s.equal(w.name+": reason", r.Reason, ofAPI(number).Reason)
			} else {
				s.refused(w.name, err, bot.KindNotFound)
				s.equal(w.name+": answer", err, "There is no rollback "+hidden+".")
				_, never := tx.Rollback(w.v, "r99")
				s.equal(w.name+": one never used", never, strings.ReplaceAll(fmt.Sprint(err), hidden, "r99"))
			}
			for _, c := range []struct {
				f          bot.RollbackFilter
				open, sees int
			}{
				{bot.RollbackFilter{}, 2, 3},
				{bot.RollbackFilter{Live: true}, 2, 3},
				{bot.RollbackFilter{Service: "api", Environment: "production"}, 2, 3},
				{bot.RollbackFilter{LockKey: "canary"}, 0, 1},
				{bot.RollbackFilter{LockKey: "a"}, 1, 1},
				{bot.RollbackFilter{Incident: number}, 0, 1},
				{bot.RollbackFilter{Incident: 1}, 1, 1},
			} {
				want := c.open
				if w.sees {
					want = c.sees
				}
				list, err := tx.Rollbacks(w.v, c.f)
				s.equal(fmt.Sprintf("%s: %+v", w.name, c.f), len(list), want)
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	s.update(func(tx bot.Tx) error { return tx.SetMembers(number, nil) })
	err := s.View(s.Context(), func(tx bot.ReadTx) error { _, err := tx.Rollback(bot.As(ben), hidden); return err })
	s.refused("who left", err, bot.KindNotFound)
}

// rollbackLists makes rollbacks of every sort and checks each filter against
// the same question asked in Go.
func rollbackLists(s *suite) {
	incidents := []int64{s.declare("One", bot.Data{}), s.declare("Two", bot.Data{Private: true}), s.declare("Three", bot.Data{})}
	var all []*bot.Rollback // newest first
	for k := range 24 {
		r := ofAPI(incidents[k%3])
		r.Service, r.Environment = []string{"api", "web"}[k%2], []string{"production", "staging"}[k/2%2]
		r.LockKey, r.PlanOnly = r.Service+"/"+r.Environment, k%5 == 0
		if k%7 == 6 {
			r.LockKey = "shared"
		}
		if k > 16 {
			r.LockKey = fmt.Sprint("own ", k)
		}
		s.asked(r)
		if k <= 16 {
			s.become(r, bot.RollbackSucceeded)
		}
		all = append([]*bot.Rollback{r}, all...)
	}
	for k := range 32 {
		f := bot.RollbackFilter{Limit: 500}
		if k&1 > 0 {
			f.Incident = incidents[k%2]
		}
		if k&2 > 0 {
			f.Service, f.Environment = "web", "production"
		}
		if k&4 > 0 {
			f.LockKey = "web/production"
		}
		f.Live = k&8 > 0
		if k&16 > 0 {
			f.Limit = 3
		}
		s.view(func(tx bot.ReadTx) error {
			for _, v := range []bot.Viewer{bot.Self(), bot.As(dan)} {
				list, err := tx.Rollbacks(v, f)
				s.equal(fmt.Sprintf("%+v for %+v", f, v), ids(list), expectRollbacks(all, f, v.All()))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// expectRollbacks answers f in Go; the second incident is private.
func expectRollbacks(all []*bot.Rollback, f bot.RollbackFilter, sees bool) string {
	var list []*bot.Rollback
	for _, r := range all {
		if f.Incident > 0 && r.Incident != f.Incident || f.Service != "" && (r.Service != f.Service || r.Environment != f.Environment) ||
			f.LockKey != "" && r.LockKey != f.LockKey || f.Live && !r.Live() || !sees && r.Incident == 2 || len(list) == f.Limit {
			continue
		}
		list = append(list, r)
	}
	return ids(list)
}

func rollbackLimits(s *suite) {
	number := s.declare("Checkout is down", bot.Data{})
	s.update(func(tx bot.Tx) error {
		for k := range 510 {
			r := ofAPI(number)
			r.ID, r.Number, r.Seq, r.LockKey = fmt.Sprintf("r%d", k+1), int64(k+1), 1, fmt.Sprint(k)
			if err := tx.CreateRollback(r); err != nil {
				return err
			}
		}
		return nil
	})
	for limit, want := range map[int]int{0: 50, 7: 7, 500: 500, 9000: 500} {
		for _, f := range []bot.RollbackFilter{{}, {Live: true}, {Incident: number}, {Service: "api", Environment: "production"}} {
			f.Limit = limit
			s.view(func(tx bot.ReadTx) error {
				list, err := tx.Rollbacks(bot.Everyone(), f)
				s.equal(fmt.Sprintf("%+v", f), len(list), want)
				return err
			})
		}
	}
}
