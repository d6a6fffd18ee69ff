package storage

import "github.com/tocsin-dev/tocsin/storage/db"

// walked is how many of the newest entries PostgreSQL looks through before it asks
// its index; see SearchNewest.
const walked = 600

func (f *sqlite) search(t *tx, s searching) ([]hit, error) {
	rows, err := t.q.SearchEvents(t.ctx, db.SearchEventsParams{
		Query: fts(s.query), Before: s.before, SeeAll: s.viewer.All(), Viewer: string(s.viewer.User()), RowLimit: mostHits,
	})
	out := make([]hit, len(rows))
	for k, row := range rows {
		out[k] = hit{row.Incident, row.Seq}
	}
	return out, err
}

func (p *postgres) search(t *tx, s searching) ([]hit, error) {
	query, all, viewer := tsquery(s.query), s.viewer.All(), string(s.viewer.User())
	newest, err := t.q.SearchNewest(t.ctx, db.SearchNewestParams{Before: s.before, Walked: walked, Query: query, SeeAll: all, Viewer: viewer})
	if err != nil {
		return nil, err
	}
	out, incidents := make([]hit, len(newest)), map[int64]bool{}
	for k, row := range newest {
		out[k] = hit{row.Incident, row.Seq}
		incidents[row.Incident] = true
	}
	if int64(len(incidents)) >= s.want {
		return out, nil
	}
	// A plan for any words takes them for common ones, and reads everything.
	for _, setting := range []string{"plan_cache_mode = force_custom_plan", "enable_seqscan = off"} {
		if err := t.session.control("SET LOCAL " + setting); err != nil {
			return nil, err
		}
	}
	rows, err := t.q.SearchWords(t.ctx, db.SearchWordsParams{Before: s.before, Query: query, SeeAll: all, Viewer: viewer, RowLimit: mostHits})
	out = make([]hit, len(rows))
	for k, row := range rows {
		out[k] = hit{row.Incident, row.Seq}
	}
	return out, err
}
