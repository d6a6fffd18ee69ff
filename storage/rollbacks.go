package storage

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// The most and the usual number of rollbacks in a list, and of deploys, as
// [bot.RollbackFilter] and [bot.DeployFilter] have them.
const (
	mostRollbacks  = 500
	usualRollbacks = 50
)

// Rollback implements [bot.RollbackReader]. The answer for an id that was never
// used is, word for word, the one for a rollback of an incident that the viewer
// may not know of.
func (t *tx) Rollback(v bot.Viewer, id string) (*bot.Rollback, error) {
	row, err := t.q.GetRollback(t.ctx, id, v.All(), string(v.User()))
	if err != nil {
		return nil, t.find("read a rollback", err, bot.NotFound("There is no rollback %s.", id))
	}
	return t.rollback(kept(row))
}

// Rollbacks implements [bot.RollbackReader].
func (t *tx) Rollbacks(v bot.Viewer, f bot.RollbackFilter) ([]*bot.Rollback, error) {
	rows, err := t.rollbackRows(v, f)
	if err != nil {
		return nil, t.fail("list rollbacks", err)
	}
	list := make([]*bot.Rollback, len(rows))
	for k, row := range rows {
		if list[k], err = t.rollback(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// rollbackRows starts from what is rarest among the things asked for.
func (t *tx) rollbackRows(v bot.Viewer, f bot.RollbackFilter) ([]kept, error) {
	args := db.ListRollbacksParams{
		Incident: f.Incident, Service: f.Service, Environment: f.Environment, LockKey: f.LockKey,
		SeeAll: v.All(), Viewer: string(v.User()), RowLimit: clamp(f.Limit, usualRollbacks, mostRollbacks),
	}
	switch {
	case f.Live:
		return alike(t.q.ListLiveRollbacks(t.ctx, db.ListLiveRollbacksParams(args)))
	case f.LockKey != "":
		return alike(t.q.ListRollbacksOfKey(t.ctx, db.ListRollbacksOfKeyParams(args)))
	case f.Incident != 0:
		return alike(t.q.ListRollbacksOfIncident(t.ctx, db.ListRollbacksOfIncidentParams(args)))
	case f.Service != "" && f.Environment != "":
		return alike(t.q.ListRollbacksOfService(t.ctx, db.ListRollbacksOfServiceParams(args)))
	}
	return alike(t.q.ListRollbacks(t.ctx, args))
}

// rollback is the stored rollback with the text of the entry that asked for it.
// There is none while that entry is being written.
func (t *tx) rollback(row kept) (*bot.Rollback, error) {
	r := &bot.Rollback{Reason: row.text()}
	if err := t.decode(row.Data, r); err != nil {
		return nil, t.fail("read a rollback", err)
	}
	return r, nil
}

// NextRollback implements [bot.RollbackWriter]. A transaction that fails gives
// its number back.
func (t *tx) NextRollback() (int64, error) { return t.nextID("rollback") }

// CreateRollback implements [bot.RollbackWriter]. The lock is an index of the
// database: of several that ask at once, one gets it.
func (t *tx) CreateRollback(r *bot.Rollback) error {
	data, err := json.Marshal(r)
	if err != nil {
		return t.fail("write a rollback", err)
	}
	n, err := t.q.CreateRollback(t.ctx, db.CreateRollbackParams{
		ID: r.ID, Number: r.Number, Incident: r.Incident, Seq: r.Seq, Target: r.Target, Service: r.Service,
		Environment: r.Environment, LockKey: r.LockKey, RequestedBy: string(r.RequestedBy), State: string(r.State), Live: r.Live(),
		RequestedAt: micros(r.RequestedAt), EndedAt: endedAt(r), Data: string(data),
	})
	ok, err := t.wrote("write a rollback", n, err)
	if err == nil && !ok {
		return bot.Conflict("A rollback of %s in %s is under way already.", r.Service, r.Environment)
	}
	return err
}

// SaveRollback implements [bot.RollbackWriter]. A rollback that is not there is
// an internal error, and so is another incident, number, entry, lock or
// requester than it was created with. Broken UTF-8 in what a deploy system
// answered is kept as U+FFFD, since refusing it would lose what became of the
// step.
func (t *tx) SaveRollback(r *bot.Rollback) error {
	data, err := t.encode(r)
	if err != nil {
		return t.fail("save a rollback", err)
	}
	n, err := t.q.SaveRollback(t.ctx, db.SaveRollbackParams{
		ID: r.ID, Number: r.Number, Incident: r.Incident, Seq: r.Seq, LockKey: r.LockKey, RequestedBy: string(r.RequestedBy),
		Target: r.Target, Service: r.Service, Environment: r.Environment, State: string(r.State), Live: r.Live(),
		RequestedAt: micros(r.RequestedAt), EndedAt: endedAt(r), Data: data,
	})
	ok, err := t.wrote("save a rollback", n, err)
	if err == nil && !ok {
		return t.fail("save a rollback", fmt.Errorf("there is none that was created as %s of incident %d", r.ID, r.Incident))
	}
	return err
}

func endedAt(r *bot.Rollback) sql.NullInt64 {
	if r.EndedAt == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: r.EndedAt.UnixMicro(), Valid: true}
}
