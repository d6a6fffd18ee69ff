package storagetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const lease = time.Minute

// enqueue writes jobs named by kind into a lane.
func (s *suite) enqueue(lane string, kinds ...string) {
	s.Helper()
	for _, k := range kinds {
		s.add(bot.Job{Lane: lane, Kind: k})
	}
}

func (s *suite) add(j bot.Job) {
	s.Helper()
	if j.CreatedAt.IsZero() {
		j.CreatedAt = base()
	}
	s.update(func(tx bot.Tx) error { return tx.Enqueue(j) })
}

// claimAt claims up to limit jobs at a time after base.
func (s *suite) claimAt(after time.Duration, limit int) (jobs []bot.Job) {
	s.Helper()
	s.update(func(tx bot.Tx) (err error) {
		jobs, err = tx.Claim(base().Add(after), lease, limit)
		return err
	})
	return jobs
}

// one claims the one job that must be due.
func (s *suite) one(after time.Duration) bot.Job {
	s.Helper()
	jobs := s.claimAt(after, 10)
	if len(jobs) != 1 {
		s.Fatalf("claimed %q, want one job", kindsOf(jobs))
	}
	return jobs[0]
}

func (s *suite) finish(j bot.Job, o bot.Outcome, after, keep time.Duration) (next *bot.Job) {
	s.Helper()
	s.update(func(tx bot.Tx) (err error) {
		next, err = tx.Finish(j, o, base().Add(after), keep)
		return err
	})
	return next
}

// stale fails the test unless j cannot be finished any more.
func (s *suite) stale(what string, j bot.Job) {
	s.Helper()
	before := s.jobs(bot.JobFilter{States: everyState()})
	err := s.Update(s.Context(), func(tx bot.Tx) error {
		_, err := tx.Finish(j, bot.Outcome{State: bot.JobDone}, base(), 0)
		return err
	})
	s.refused(what, err, bot.KindConflict)
	s.equal(what+": jobs", s.jobs(bot.JobFilter{States: everyState()}), before)
}

func everyState() []bot.JobState {
	return []bot.JobState{bot.JobWaiting, bot.JobDone, bot.JobFailed, bot.JobSuperseded}
}

func (s *suite) jobs(f bot.JobFilter) (list []bot.Job) {
	s.Helper()
	s.view(func(tx bot.ReadTx) (err error) {
		list, err = tx.Jobs(bot.Self(), f)
		return err
	})
	return list
}

// due is how long after base the next lane wants to run, or "never".
func (s *suite) due() (out string) {
	s.Helper()
	s.view(func(tx bot.ReadTx) error {
		at, ok, err := tx.NextDue()
		out = at.Sub(base()).String()
		if !ok {
			out = "never"
		}
		return err
	})
	return out
}

func kindsOf(jobs []bot.Job) string {
	out := make([]string, len(jobs))
	for k, j := range jobs {
		out[k] = j.Kind
	}
	return strings.Join(out, " ")
}

func keepLease(s *suite) {
	s.enqueue("a", "1", "2")
	s.add(bot.Job{Lane: "a", Kind: "3", RunAt: base().Add(time.Hour)})
	one := s.one(0)
	two := s.finish(one, bot.Outcome{State: bot.JobDone}, 50*time.Second, lease)
	s.equal("next", fmt.Sprint(two.Kind, two.Attempt, two.Token == one.Token), fmt.Sprint("2", 1, true))
	s.equal("the lease goes on", s.due(), (50*time.Second + lease).String())
	s.equal("for others", kindsOf(s.claimAt(lease+time.Second, 10)), "")
	next := s.finish(*two, bot.Outcome{State: bot.JobDone}, 55*time.Second, lease)
	s.equal("what is not due is not kept", next == nil, true)
	s.equal("due", s.due(), "1h0m0s")
}

func leaseEnds(s *suite) {
	s.enqueue("a", "1", "2")
	slow := s.one(0)
	s.equal("during the lease", kindsOf(s.claimAt(lease-time.Microsecond, 10)), "")
	again := s.one(lease)
	s.equal("the same job", fmt.Sprint(again.ID, again.Attempt), fmt.Sprint(slow.ID, 2))
	s.stale("the slow one", slow)
	s.equal("next", s.finish(again, bot.Outcome{State: bot.JobDone}, lease, lease).Kind, "2")
	s.stale("the slow one after that", slow)
	late := s.one(2 * lease)
	s.finish(late, bot.Outcome{State: bot.JobDone}, 10*lease, 0) // late, but nobody came
}

func finishOnce(s *suite) {
	s.enqueue("a", "1", "2")
	one := s.one(0)
	s.finish(one, bot.Outcome{State: bot.JobDone}, 0, 0)
	s.stale("finished", one)
	two := s.one(0)
	s.stale("the job before under its old lease", one)
	wrong := two
	wrong.ID = one.ID
	s.stale("the job before under the new lease", wrong)
	wrong = two
	wrong.Lane = "never"
	s.stale("no such lane", wrong)
	s.finish(two, bot.Outcome{State: bot.JobDone}, 0, 0)
}

func releaseLeases(s *suite) {
	s.enqueue("a", "1", "2")
	s.add(bot.Job{Lane: "b", Kind: "later", RunAt: base().Add(time.Hour)})
	crashed := s.one(0)
	s.update(func(tx bot.Tx) error { return tx.ReleaseLeases() })
	s.stale("crashed", crashed)
	again := s.one(0)
	s.equal("again", fmt.Sprint(again.Kind, again.Attempt), fmt.Sprint("1", 2))
	s.stale("crashed, afterwards", crashed)
}

func nextDue(s *suite) {
	s.equal("empty", s.due(), "never")
	s.add(bot.Job{Lane: "a", Kind: "1", RunAt: base().Add(3 * time.Hour)})
	s.add(bot.Job{Lane: "b", Kind: "2", RunAt: base().Add(2 * time.Hour)})
	s.equal("the earlier one", s.due(), "2h0m0s")
	j := s.one(2 * time.Hour)
	s.equal("a lease's end", s.due(), (2*time.Hour + lease).String())
	s.finish(j, bot.Outcome{State: bot.JobDone}, 2*time.Hour, 0)
	s.equal("the other one", s.due(), "3h0m0s")
	s.enqueue("a", "3")
	s.equal("held up", s.due(), "3h0m0s")
}

func outbox(s *suite) {
	for k := range 6 {
		s.enqueue(fmt.Sprint("lane ", k), fmt.Sprint(k))
	}
	jobs := s.claimAt(0, 3)
	for k, state := range []bot.JobState{bot.JobDone, bot.JobFailed, bot.JobDone} {
		s.finish(jobs[k], bot.Outcome{State: state}, 0, 0)
	}
	for _, c := range []struct {
		f    bot.JobFilter
		want string
	}{
		{bot.JobFilter{}, "1 3 4 5"},
		{bot.JobFilter{Limit: 2}, "1 3"},
		{bot.JobFilter{After: 4, Limit: 2}, "4 5"},
		{bot.JobFilter{States: []bot.JobState{bot.JobFailed}}, "1"},
		{bot.JobFilter{States: []bot.JobState{bot.JobDone}}, "0 2"},
		{bot.JobFilter{States: everyState(), After: 2, Limit: 3}, "2 3 4"},
	} {
		s.equal(fmt.Sprintf("%+v", c.f), kindsOf(s.jobs(c.f)), c.want)
	}
	for k := range 120 {
		s.enqueue(fmt.Sprint("many ", k), "x")
	}
	s.equal("100 if nothing was said", len(s.jobs(bot.JobFilter{})), 100)
}
