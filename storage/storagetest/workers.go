package storagetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func workers() []contract {
	return []contract{
		{"8 workers run every job once and each lane in order", eightWorkers},
		{"order of ids is order of commits", idsFollowCommits},
	}
}

// done is what the workers of a test did, by lane.
type done struct {
	mu    sync.Mutex
	lanes map[string][]string
	left  atomic.Int64
}

// eightWorkers has writers that enqueue while workers claim, keep and retry.
func eightWorkers(s *suite) {
	const nLanes, perLane = 6, 25
	d := &done{lanes: map[string][]string{}}
	d.left.Store(nLanes * perLane)
	var wg sync.WaitGroup
	for l := range nLanes {
		wg.Go(func() {
			for k := range perLane {
				j := bot.Job{Lane: fmt.Sprint("lane ", l), Kind: fmt.Sprint(k), CreatedAt: base()}
				if err := s.Update(s.Context(), func(tx bot.Tx) error { return tx.Enqueue(j) }); err != nil {
					s.Errorf("Enqueue: %v", err)
				}
			}
		})
	}
	for range 8 {
		wg.Go(func() { s.work(d) })
	}
	wg.Wait()
	for lane, kinds := range d.lanes {
		for k, kind := range kinds {
			if kind != fmt.Sprint(k) {
				s.Fatalf("%s ran %v", lane, kinds)
			}
		}
		s.equal(lane, len(kinds), perLane)
	}
	s.equal("due", s.due(), "never")
}

// work does jobs until none are left. Time stands still, so every third try
// ends at once in a second one.
func (s *suite) work(d *done) {
	for d.left.Load() > 0 && !s.Failed() {
		var jobs []bot.Job
		err := s.Update(s.Context(), func(tx bot.Tx) (err error) {
			jobs, err = tx.Claim(base(), time.Hour, 2)
			return err
		})
		if err != nil {
			s.Errorf("Claim: %v", err)
		}
		for _, first := range jobs {
			for j := &first; j != nil; {
				j = s.try(d, *j)
			}
		}
	}
}

func (s *suite) try(d *done, j bot.Job) (next *bot.Job) {
	o := bot.Outcome{State: bot.JobDone}
	if j.ID%3 == 0 && j.Attempt == 1 {
		o = bot.Outcome{State: bot.JobWaiting, RunAt: base()}
	} else {
		d.mu.Lock()
		d.lanes[j.Lane] = append(d.lanes[j.Lane], j.Kind)
		d.mu.Unlock()
		d.left.Add(-1)
	}
	err := s.Update(s.Context(), func(tx bot.Tx) (err error) {
		next, err = tx.Finish(j, o, base(), time.Hour*time.Duration(j.ID%2))
		return err
	})
	if err != nil {
		s.Errorf("Finish: %v", err)
	}
	return next
}

// idsFollowCommits has many writers to one lane; whoever was told first that
// its job is stored has the lower id.
func idsFollowCommits(s *suite) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var last int64
	for range 20 {
		wg.Go(func() {
			err := s.Update(s.Context(), func(tx bot.Tx) error {
				return tx.Enqueue(bot.Job{Lane: "a", Kind: "x", CreatedAt: base()})
			})
			if err != nil {
				s.Errorf("Enqueue: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			s.view(func(tx bot.ReadTx) error {
				jobs, err := tx.Jobs(bot.Self(), bot.JobFilter{})
				if n := jobs[len(jobs)-1].ID; n < last || int(n) != len(jobs) {
					s.Errorf("the last id is %d of %d jobs, after %d", n, len(jobs), last)
				} else {
					last = n
				}
				return err
			})
		})
	}
	wg.Wait()
	s.equal("jobs", last, 20)
}

func limits() []contract {
	return []contract{
		{"one passes per period", reserve},
		{"a limit is held until a time", holdLimit},
		{"8 at once: one passes", reserveRace},
	}
}

// reserve tries to pass after base and returns when to ask again; "" passed.
func (s *suite) reserve(limit string, after time.Duration) (again string) {
	s.Helper()
	s.update(func(tx bot.Tx) error {
		at, err := tx.Reserve(limit, base().Add(after), time.Second)
		if !at.IsZero() {
			again = at.Sub(base()).String()
		}
		return err
	})
	return again
}

func reserve(s *suite) {
	s.equal("first", s.reserve("a", 0), "")
	s.equal("at once", s.reserve("a", 0), "1s")
	s.equal("a little before", s.reserve("a", time.Second-time.Microsecond), "1s")
	s.equal("another limit", s.reserve("b", 0), "")
	s.equal("in time", s.reserve("a", time.Second), "")
	s.equal("after a pause", s.reserve("a", time.Hour), "")
	s.equal("no credit for the pause", s.reserve("a", time.Hour), "1h0m1s")
}

func holdLimit(s *suite) {
	hold := func(after time.Duration) {
		s.update(func(tx bot.Tx) error { return tx.Hold("a", base().Add(after)) })
	}
	hold(time.Minute)
	s.equal("held", s.reserve("a", time.Second), "1m0s")
	hold(30 * time.Second)
	s.equal("a shorter one changes nothing", s.reserve("a", time.Second), "1m0s")
	hold(2 * time.Minute)
	s.equal("a longer one does", s.reserve("a", time.Minute), "2m0s")
	s.equal("over", s.reserve("a", 2*time.Minute), "")
}

func reserveRace(s *suite) {
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if s.reserve("a", 0) == "" {
				passed.Add(1)
			}
		})
	}
	wg.Wait()
	s.equal("passed", passed.Load(), 1)
}
