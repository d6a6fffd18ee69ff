package storage

import (
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// Purge implements [bot.Purger].
func (t *tx) Purge(incident int64, stone bot.Tombstone) error {
	n, err := t.q.AddTombstone(t.ctx, db.AddTombstoneParams{
		Incident: incident, Seq: stone.Head.Seq, HeadHash: stone.Head.Hash, RecordedAt: stone.Head.RecordedAt.UnixMicro(),
		Entry: stone.Entry, Chain: stone.Chain,
	})
	if err := t.save("write a tombstone", n, err); err != nil {
		return err
	}
	// Rows before those that they refer to.
	n, err = t.q.PurgeLinks(t.ctx, bot.Owner(incident), incident)
	if _, err := t.wrote("purge links", n, err); err != nil {
		return err
	}
	for _, purge := range []func(int64) (int64, error){
		func(i int64) (int64, error) { return t.q.PurgeReminders(t.ctx, i) },
		func(i int64) (int64, error) { return t.q.PurgeFollowUps(t.ctx, i) },
		func(i int64) (int64, error) { return t.q.PurgeRollbacks(t.ctx, i) },
		func(i int64) (int64, error) { return t.q.PurgeMembers(t.ctx, i) },
		func(i int64) (int64, error) { return t.q.DropRoles(t.ctx, i) },
		func(i int64) (int64, error) { return t.q.PurgeFailedJobs(t.ctx, i) },
		func(i int64) (int64, error) { return t.q.PurgeEvents(t.ctx, i) },
	} {
		n, err := purge(incident)
		if _, err := t.wrote("purge an incident", n, err); err != nil {
			return err
		}
	}
	n, err = t.q.PurgeIncident(t.ctx, incident)
	return t.save("purge an incident", n, err)
}

// DropJobs implements [bot.Purger].
func (t *tx) DropJobs(after int64, before time.Time, limit int) (bot.DroppedJobs, error) {
	out := bot.DroppedJobs{Last: math.MaxInt64}
	row, err := t.q.JobBehind(t.ctx, after, int64(limit-1))
	switch {
	case err == nil:
		out.Last, out.More = row.ID, row.CreatedAt < micros(before)
	case !errors.Is(err, sql.ErrNoRows):
		return out, t.fail("look for old jobs", err)
	}
	out.Count, err = t.q.PurgeJobs(t.ctx, after, out.Last, micros(before))
	_, err = t.wrote("purge jobs", out.Count, err)
	return out, err
}
