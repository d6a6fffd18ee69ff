package storage

import (
	"database/sql"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// longestError is how many bytes of a job's last error are kept.
const longestError = 4000

// ErrStale is what Finish answers when the lease under which the job ran is
// over: somebody else has its lane, or it was finished already. Its kind is
// [bot.KindConflict].
var ErrStale error = bot.Conflict("The job's lease is over; what it did was not recorded.")

// Enqueue implements [bot.JobQueue]. It locks the lane before the job gets its
// id, so that the order of ids is the order of commits; transactions that
// write to several lanes must do so in the order of their names. A job without
// RunAt gets the time of its creation as such.
func (t *tx) Enqueue(j bot.Job) error {
	if j.RunAt.IsZero() {
		j.RunAt = j.CreatedAt
	}
	leased, err := t.q.OpenLane(t.ctx, j.Lane, micros(j.RunAt))
	if err != nil {
		return t.fail("open a lane", err)
	}
	t.change()
	id, err := t.session.nextJob(t)
	if err != nil {
		return err
	}
	n, err := t.q.AddJob(t.ctx, db.AddJobParams{
		ID: id, Lane: j.Lane, Kind: j.Kind, Dedup: maybeText(j.Dedup), Edit: j.Edit, Incident: j.Incident,
		Payload: payload(j.Payload), RunAt: micros(j.RunAt), CreatedAt: micros(j.CreatedAt),
	})
	added, err := t.wrote("add a job", n, err)
	if err != nil {
		return err
	}
	superseded := false
	if added && j.Edit != "" {
		n, err := t.q.SupersedeJobs(t.ctx, db.SupersedeJobsParams{Now: micros(j.CreatedAt), Lane: j.Lane, Edit: j.Edit, ID: id})
		if superseded, err = t.wrote("supersede jobs", n, err); err != nil {
			return err
		}
	}
	if leased || added && !superseded {
		return nil // the lane wakes for its lease, or for the job that OpenLane knew of
	}
	// Nothing was added, since the name was used before, or what was first is gone.
	n, err = t.q.WakeLane(t.ctx, j.Lane)
	_, err = t.wrote("wake a lane", n, err)
	return err
}

func payload(p json.RawMessage) string {
	if len(p) == 0 {
		return "null"
	}
	return string(p)
}

// Claim implements [bot.JobQueue]. Lanes that have waited longest come first.
func (t *tx) Claim(now time.Time, lease time.Duration, limit int) ([]bot.Job, error) {
	defer t.quiet(t.news)
	rows, err := t.session.claimLanes(t, micros(now.Add(lease)), micros(now), clamp(limit, 0, 1000))
	if err != nil {
		return nil, t.fail("claim lanes", err)
	}
	jobs := make([]bot.Job, 0, len(rows))
	for _, lane := range rows {
		t.change()
		j, err := t.start(lane.Lane, lane.Token)
		if err != nil {
			return nil, err
		}
		if j == nil { // nothing waits here; the lane must not be claimed again and again
			n, err := t.q.FreeLane(t.ctx, sql.NullInt64{}, lane.Lane)
			if err := t.save("free a lane", n, err); err != nil {
				return nil, err
			}
			continue
		}
		jobs = append(jobs, *j)
	}
	slices.SortFunc(jobs, func(a, b bot.Job) int { return int(a.ID - b.ID) })
	return jobs, nil
}

// start counts a try of the first job of a lane under a lease; nil: none waits.
func (t *tx) start(lane string, token int64) (*bot.Job, error) {
	row, err := t.q.StartHead(t.ctx, lane)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, t.fail("start a job", err)
	}
	t.change()
	j := job(row)
	j.Token = token
	return &j, nil
}

// Finish implements [bot.JobQueue]. It answers [ErrStale] when j's lease is
// over, and then changes nothing.
func (t *tx) Finish(j bot.Job, o bot.Outcome, now time.Time, keep time.Duration) (*bot.Job, error) {
	defer t.quiet(t.news)
	n, err := t.q.LockLease(t.ctx, j.Lane, j.Token)
	if ok, err := t.wrote("lock a lease", n, err); err != nil || !ok {
		return nil, orStale(err)
	}
	end := db.EndTryParams{ID: j.ID, Lane: j.Lane, State: string(o.State), LastError: lastError(o.Error), RunAt: micros(j.RunAt)}
	if o.State == bot.JobWaiting {
		end.RunAt = micros(o.RunAt)
		if o.Free {
			end.Uncount = 1
		}
	} else {
		end.DoneAt = maybeMicros(now)
	}
	n, err = t.q.EndTry(t.ctx, end)
	if ok, err := t.wrote("finish a job", n, err); err != nil || !ok {
		return nil, orStale(err)
	}
	return t.release(j, now, keep)
}

func orStale(err error) error {
	if err == nil {
		return ErrStale
	}
	return err
}

// release frees j's lane, or goes on with its next job when that is due.
func (t *tx) release(j bot.Job, now time.Time, keep time.Duration) (*bot.Job, error) {
	head, err := t.q.GetHead(t.ctx, j.Lane)
	waits := !errors.Is(err, sql.ErrNoRows)
	if err != nil && waits {
		return nil, t.fail("read a lane", err)
	}
	if keep > 0 && waits && head.RunAt <= micros(now) {
		n, err := t.q.KeepLane(t.ctx, micros(now.Add(keep)), j.Lane)
		if err := t.save("keep a lane", n, err); err != nil {
			return nil, err
		}
		return t.start(j.Lane, j.Token)
	}
	n, err := t.q.FreeLane(t.ctx, sql.NullInt64{Int64: head.RunAt, Valid: waits}, j.Lane)
	return nil, t.save("free a lane", n, err)
}

// lastError is text that can be kept, of a length that can be shown.
func lastError(s string) string {
	s = bot.Clean(s)
	if len(s) > longestError {
		s = strings.ToValidUTF8(s[:longestError], "") + "…"
	}
	return s
}

// ReleaseLeases implements [bot.JobQueue]. What ran under the leases cannot
// finish any more.
func (t *tx) ReleaseLeases() error {
	defer t.quiet(t.news)
	n, err := t.q.FreeLanes(t.ctx)
	_, err = t.wrote("free the lanes", n, err)
	return err
}

// Wake implements [bot.JobQueue]. A lane whose job is running is left alone.
func (t *tx) Wake(lane string, now time.Time) error {
	n, err := t.q.HurryLane(t.ctx, micros(now), lane)
	if ok, err := t.wrote("wake a lane", n, err); err != nil || !ok {
		return err
	}
	n, err = t.q.HurryHead(t.ctx, micros(now), lane)
	_, err = t.wrote("wake a job", n, err)
	return err
}

// NextDue implements [bot.JobReader].
func (t *tx) NextDue() (at time.Time, ok bool, err error) {
	us, err := t.q.NextWake(t.ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, t.fail("read when a lane is due", err)
	}
	return exact(us.Int64), true, nil
}

// Reserve implements [bot.JobQueue].
func (t *tx) Reserve(limit string, now time.Time, every time.Duration) (time.Time, error) {
	n, err := t.q.TakePlace(t.ctx, limit, micros(now.Add(every)), micros(now))
	if ok, err := t.wrote("take a place", n, err); ok || err != nil {
		return time.Time{}, err
	}
	free, err := t.q.GetLimit(t.ctx, limit)
	if err != nil {
		return time.Time{}, t.fail("read a limit", err)
	}
	return moment(free), nil
}

// Hold implements [bot.JobQueue]. A limit that is closed for longer stays so.
func (t *tx) Hold(limit string, until time.Time) error {
	n, err := t.q.HoldLimit(t.ctx, limit, micros(until))
	_, err = t.wrote("hold a limit", n, err)
	return err
}

// Jobs implements [bot.JobReader]. Jobs of incidents that v may not know of
// are left out; those of no incident are shown to everybody.
func (t *tx) Jobs(v bot.Viewer, f bot.JobFilter) ([]bot.Job, error) {
	states := f.States
	if len(states) == 0 {
		states = []bot.JobState{bot.JobWaiting, bot.JobFailed}
	}
	past := slices.ContainsFunc(states, func(s bot.JobState) bool { return s != bot.JobWaiting && s != bot.JobFailed })
	args := db.ListJobsParams{
		After: f.After, States: commas(states), SeeAll: v.All(), Viewer: string(v.User()), RowLimit: clamp(f.Limit, 100, math.MaxInt),
	}
	var rows []db.Job
	var err error
	if past {
		rows, err = t.q.ListJobs(t.ctx, args)
	} else {
		rows, err = t.q.ListOutbox(t.ctx, db.ListOutboxParams(args))
	}
	if err != nil {
		return nil, t.fail("list jobs", err)
	}
	list := make([]bot.Job, len(rows))
	for k, row := range rows {
		list[k] = job(row)
	}
	return list, nil
}

func job(r db.Job) bot.Job {
	return bot.Job{
		ID: r.ID, Lane: r.Lane, Kind: r.Kind, Dedup: r.Dedup.String, Edit: r.Edit, Incident: r.Incident,
		Payload: json.RawMessage(r.Payload), RunAt: moment(r.RunAt), State: bot.JobState(r.State), Attempt: int(r.Attempt),
		LastError: r.LastError, CreatedAt: moment(r.CreatedAt), DoneAt: moment(r.DoneAt.Int64),
	}
}
