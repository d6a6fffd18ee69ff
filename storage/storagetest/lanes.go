package storagetest

import (
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func lanes() []contract {
	return []contract{
		{"a job is read back as it was written", jobRoundTrip},
		{"a lane runs one job at a time, in order", laneOrder},
		{"lanes do not wait for each other", lanesApart},
		{"a claim takes as many as were asked for, longest waiting first", claimLimit},
		{"a later RunAt holds its lane up", laneBlocked},
		{"a job that is tried again stays first", retryKeepsPlace},
		{"a free try does not count", freeTry},
		{"a failed job lets the next one run", failedJob},
		{"a later edit supersedes those that never started", supersede},
		{"superseding the first job lets the next one set the time", supersedeHead},
		{"nothing that is enqueued opens a leased lane", enqueueLeased},
		{"a dedup name is used once, for ever", dedup},
		{"an abandoned enqueue leaves nothing", enqueueUndone},
		{"Wake makes the first job of a lane due, unless it runs", wake},
		{"keep goes on with the lane under the same lease", keepLease},
		{"a lease that ended is taken over, and its holder fenced off", leaseEnds},
		{"a job is finished once", finishOnce},
		{"ReleaseLeases frees every lane and fences its holder off", releaseLeases},
		{"NextDue knows waiting lanes and ending leases", nextDue},
		{"the outbox filters and pages", outbox},
	}
}

func jobRoundTrip(s *suite) {
	full := bot.Job{
		Lane: "slack:incident:7", Kind: "slack.post", Dedup: "d", Edit: "card", Incident: 7,
		Payload: bot.Payload(map[string]any{"seq": 3, "x": "é\""}), RunAt: base().Add(time.Second), CreatedAt: base(),
	}
	s.add(full)
	full.ID, full.State = 1, bot.JobWaiting
	s.equal("waiting", s.jobs(bot.JobFilter{}), []bot.Job{full})
	got := s.one(time.Second)
	if got.Token == 0 {
		s.Error("no token")
	}
	full.Attempt, full.Token = 1, got.Token
	s.equal("claimed", got, full)
	s.finish(got, bot.Outcome{State: bot.JobFailed, Error: "gone"}, 2*time.Second, 0)
	full.State, full.LastError, full.DoneAt, full.Token = bot.JobFailed, "gone", base().Add(2*time.Second), 0
	s.equal("failed", s.jobs(bot.JobFilter{}), []bot.Job{full})
	s.enqueue("other", "at once")
	s.equal("at once is when it was written", s.one(0).RunAt, base())
}

func laneOrder(s *suite) {
	s.enqueue("a", "1", "2", "3")
	for k, want := range []string{"1", "2", "3"} {
		j := s.one(time.Duration(k) * time.Second)
		s.equal("job", j.Kind, want)
		s.equal("while it runs", kindsOf(s.claimAt(time.Duration(k)*time.Second, 10)), "")
		s.finish(j, bot.Outcome{State: bot.JobDone}, 0, 0)
	}
	s.equal("at the end", s.due(), "never")
	s.enqueue("a", "4")
	s.equal("a lane that was empty", s.one(0).Kind, "4")
}

func lanesApart(s *suite) {
	s.enqueue("a", "a1", "a2")
	s.enqueue("b", "b1")
	s.enqueue("c", "c1", "c2")
	jobs := s.claimAt(0, 10)
	s.equal("first of each", kindsOf(jobs), "a1 b1 c1")
	s.finish(jobs[2], bot.Outcome{State: bot.JobDone}, 0, 0)
	s.equal("then", kindsOf(s.claimAt(0, 10)), "c2")
}

func claimLimit(s *suite) {
	for k := range 5 {
		s.add(bot.Job{Lane: fmt.Sprint("lane ", k), Kind: fmt.Sprint(k), RunAt: base().Add(-time.Duration(k) * time.Second)})
	}
	s.equal("none", kindsOf(s.claimAt(0, 0)), "")
	s.equal("two", kindsOf(s.claimAt(0, 2)), "3 4") // in the order of their ids
	s.equal("the rest", kindsOf(s.claimAt(0, 10)), "0 1 2")
}

func laneBlocked(s *suite) {
	s.add(bot.Job{Lane: "a", Kind: "later", RunAt: base().Add(time.Hour)})
	s.enqueue("a", "now")
	s.equal("due", s.due(), "1h0m0s")
	s.equal("before", kindsOf(s.claimAt(time.Hour-time.Microsecond, 10)), "")
	s.finish(s.one(time.Hour), bot.Outcome{State: bot.JobDone}, time.Hour, 0)
	s.equal("then", s.one(time.Hour).Kind, "now")
}

func retryKeepsPlace(s *suite) {
	s.enqueue("a", "1", "2")
	next := s.finish(s.one(0), bot.Outcome{State: bot.JobWaiting, RunAt: base().Add(5 * time.Second), Error: "again"}, 0, lease)
	s.equal("nothing is due", next == nil, true)
	s.equal("due", s.due(), "5s")
	s.equal("before", kindsOf(s.claimAt(4*time.Second, 10)), "")
	j := s.one(5 * time.Second)
	s.equal("again", fmt.Sprint(j.Kind, j.Attempt, j.LastError), fmt.Sprint("1", 2, "again"))
}

func freeTry(s *suite) {
	s.enqueue("a", "1")
	s.finish(s.one(0), bot.Outcome{State: bot.JobWaiting, RunAt: base().Add(time.Second), Free: true, Error: "limit"}, 0, 0)
	s.equal("attempts", s.jobs(bot.JobFilter{})[0].Attempt, 0)
	s.finish(s.one(time.Second), bot.Outcome{State: bot.JobWaiting, RunAt: base().Add(2 * time.Second)}, time.Second, 0)
	s.finish(s.one(2*time.Second), bot.Outcome{State: bot.JobWaiting, RunAt: base().Add(3 * time.Second), Free: true}, 2*time.Second, 0)
	s.equal("tried once for real", s.one(3*time.Second).Attempt, 2)
}

func failedJob(s *suite) {
	s.enqueue("a", "1", "2")
	next := s.finish(s.one(0), bot.Outcome{State: bot.JobFailed, Error: "403"}, 0, lease)
	s.equal("next", next.Kind, "2")
	s.equal("both are shown", kindsOf(s.jobs(bot.JobFilter{})), "1 2")
}

func supersede(s *suite) {
	edit := func(lane, kind, edit string) { s.add(bot.Job{Lane: lane, Kind: kind, Edit: edit}) }
	edit("a", "1", "card")
	running := s.one(0)
	edit("a", "2", "card")
	edit("a", "3", "topic")
	edit("a", "4", "")
	edit("b", "5", "card")
	edit("a", "6", "card")
	edit("a", "7", "")
	s.equal("waiting", kindsOf(s.jobs(bot.JobFilter{})), "1 3 4 5 6 7")
	s.equal("superseded", kindsOf(s.jobs(bot.JobFilter{States: []bot.JobState{bot.JobSuperseded}})), "2")
	// One that was tried may have been seen, so it stays.
	s.finish(running, bot.Outcome{State: bot.JobWaiting, RunAt: base()}, 0, 0)
	edit("a", "8", "card")
	s.equal("waiting", kindsOf(s.jobs(bot.JobFilter{})), "1 3 4 5 7 8")
}

func supersedeHead(s *suite) {
	s.add(bot.Job{Lane: "a", Kind: "1", Edit: "card", RunAt: base().Add(time.Hour)})
	s.add(bot.Job{Lane: "a", Kind: "2", RunAt: base().Add(time.Minute)})
	s.add(bot.Job{Lane: "a", Kind: "3", Edit: "card"})
	s.equal("due", s.due(), "1m0s")
	s.finish(s.one(time.Minute), bot.Outcome{State: bot.JobDone}, time.Minute, 0)
	s.equal("then", s.one(time.Minute).Kind, "3")
}

func enqueueLeased(s *suite) {
	s.add(bot.Job{Lane: "a", Kind: "1", Dedup: "x"})
	running := s.one(0)
	s.add(bot.Job{Lane: "a", Kind: "2", Edit: "card"})
	s.add(bot.Job{Lane: "a", Kind: "3", Edit: "card"})
	s.add(bot.Job{Lane: "a", Kind: "4", Dedup: "x"})
	s.equal("while it runs", kindsOf(s.claimAt(0, 10)), "")
	s.equal("due", s.due(), lease.String())
	s.equal("next", s.finish(running, bot.Outcome{State: bot.JobDone}, 0, lease).Kind, "3")
}

func dedup(s *suite) {
	s.add(bot.Job{Lane: "a", Kind: "1", Dedup: "x", Edit: "card"})
	s.add(bot.Job{Lane: "b", Kind: "2", Dedup: "x"})
	s.add(bot.Job{Lane: "a", Kind: "3", Dedup: "x", Edit: "card"})
	s.equal("jobs", kindsOf(s.jobs(bot.JobFilter{States: everyState()})), "1")
	s.finish(s.one(0), bot.Outcome{State: bot.JobDone}, 0, 0)
	s.add(bot.Job{Lane: "a", Kind: "4", Dedup: "x"})
	s.equal("after it was done", s.due(), "never")
	_ = s.Update(s.Context(), func(tx bot.Tx) error {
		if err := tx.Enqueue(bot.Job{Lane: "a", Kind: "5", Dedup: "y"}); err != nil {
			return err
		}
		return errTest
	})
	s.add(bot.Job{Lane: "a", Kind: "6", Dedup: "y"})
	s.add(bot.Job{Lane: "a", Kind: "7"})
	s.add(bot.Job{Lane: "a", Kind: "8"})
	s.equal("a name whose use was undone, and no name", kindsOf(s.jobs(bot.JobFilter{})), "6 7 8")
}

func enqueueUndone(s *suite) {
	err := s.Update(s.Context(), func(tx bot.Tx) error {
		if err := tx.Enqueue(bot.Job{Lane: "a", Kind: "1", CreatedAt: base()}); err != nil {
			return err
		}
		return errTest
	})
	s.equal("error", err, errTest)
	s.equal("due", s.due(), "never")
	s.equal("jobs", len(s.jobs(bot.JobFilter{States: everyState()})), 0)
}

func wake(s *suite) {
	wakeAt := func(after time.Duration, lane string) {
		s.update(func(tx bot.Tx) error { return tx.Wake(lane, base().Add(after)) })
	}
	wakeAt(0, "unknown")
	s.enqueue("a", "1", "2")
	running := s.one(0)
	wakeAt(0, "a")
	s.equal("while it runs", kindsOf(s.claimAt(0, 10)), "")
	s.finish(running, bot.Outcome{State: bot.JobWaiting, RunAt: base().Add(time.Hour), Error: "held"}, 0, lease)
	s.enqueue("b", "3")
	s.finish(s.one(0), bot.Outcome{State: bot.JobWaiting, RunAt: base().Add(2 * time.Hour)}, 0, 0)
	wakeAt(time.Minute, "a")
	s.equal("due", s.due(), "1m0s")
	j := s.one(time.Minute)
	s.equal("the first, which was tried before", fmt.Sprint(j.Kind, j.Attempt, j.RunAt.Equal(base().Add(time.Minute))), fmt.Sprint("1", 2, true))
	s.equal("then", s.finish(j, bot.Outcome{State: bot.JobDone}, time.Minute, lease).Kind, "2")
}
