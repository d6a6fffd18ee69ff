package storage

import (
	"cmp"
	"database/sql"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// Deploys implements [bot.DeployReader]. Of those of one moment, the one comes
// first that was told last.
func (t *tx) Deploys(f bot.DeployFilter) ([]bot.Deploy, error) {
	limit := clamp(f.Limit, usualRollbacks, mostRollbacks)
	rows, err := t.deployRows(f, limit)
	if err != nil {
		return nil, t.fail("list deploys", err)
	}
	list := make([]bot.Deploy, len(rows))
	for k, row := range rows {
		list[k] = deploy(row)
	}
	return list, nil
}

// deployRows asks for one service after the other, each time for as many as are
// wanted at most, and puts together what they have.
func (t *tx) deployRows(f bot.DeployFilter, limit int64) ([]db.Deploy, error) {
	if len(f.Services) == 0 {
		if f.Environment == "" {
			return t.q.ListDeploys(t.ctx, limit)
		}
		return t.q.ListDeploysIn(t.ctx, f.Environment, limit)
	}
	var all []db.Deploy
	services := slices.Clone(f.Services)
	slices.Sort(services)
	for _, s := range slices.Compact(services) {
		rows, err := t.deploysOf(s, f.Environment, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	slices.SortFunc(all, newestFirst)
	return all[:min(len(all), int(limit))], nil
}

func (t *tx) deploysOf(service, environment string, limit int64) ([]db.Deploy, error) {
	if environment == "" {
		return t.q.ListDeploysOf(t.ctx, service, limit)
	}
	return t.q.ListDeploysOfIn(t.ctx, service, environment, limit)
}

// newestFirst is the order that the queries have.
func newestFirst(a, b db.Deploy) int {
	return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ReceivedAt, a.ReceivedAt),
		cmp.Compare(b.Source, a.Source), cmp.Compare(b.DedupeKey, a.DedupeKey))
}

func deploy(r db.Deploy) bot.Deploy {
	return bot.Deploy{
		Source: r.Source, Key: r.DedupeKey, Service: r.Service, Environment: r.Environment, Kind: bot.DeployKind(r.Kind),
		Version: r.Version, Previous: r.Previous, Status: bot.DeployStatus(r.Status), Actor: r.Actor, URL: r.Url,
		StartedAt: told(r.StartedAt), FinishedAt: told(r.FinishedAt), ReceivedAt: moment(r.ReceivedAt),
	}
}

// told reads a time that may not have been told; the epoch may.
func told(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return exact(us.Int64)
}

// SaveDeploy implements [bot.RollbackWriter]. The first word on a key counts.
func (t *tx) SaveDeploy(d bot.Deploy) (isNew bool, err error) {
	n, err := t.q.SaveDeploy(t.ctx, db.SaveDeployParams{
		Source: d.Source, DedupeKey: d.Key, Service: d.Service, Environment: d.Environment, Kind: string(d.Kind),
		Version: d.Version, Previous: d.Previous, Status: string(d.Status), Actor: d.Actor, Url: d.URL,
		StartedAt: maybeMicros(d.StartedAt), FinishedAt: maybeMicros(d.FinishedAt), ReceivedAt: micros(d.ReceivedAt), At: micros(d.At()),
	})
	return t.wrote("keep a deploy", n, err)
}
