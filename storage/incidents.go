package storage

import (
	"fmt"
	"math"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// The most and the usual number of incidents in a list, as
// [bot.IncidentFilter] has them.
const (
	mostIncidents  = 500
	usualIncidents = 50
)

// noIncident is the answer for a number that was never used and, word for
// word, for one that the viewer may not know of.
func noIncident(number int64) *bot.Error { return bot.NotFound("There is no incident #%d.", number) }

// Incident implements [bot.IncidentReader].
func (t *tx) Incident(v bot.Viewer, number int64) (*bot.Incident, error) {
	row, err := t.q.GetIncident(t.ctx, number, v.All(), string(v.User()))
	if err != nil {
		return nil, t.find("read an incident", err, noIncident(number))
	}
	return t.incident(row)
}

// IncidentByChannel implements [bot.IncidentReader].
func (t *tx) IncidentByChannel(v bot.Viewer, c bot.ChannelID) (*bot.Incident, error) {
	row, err := t.q.GetIncidentByChannel(t.ctx, string(c), v.All(), string(v.User()))
	if err != nil {
		return nil, t.find("read an incident by its channel", err, bot.NotFound("This channel belongs to no incident."))
	}
	return t.incident(row)
}

// Incidents implements [bot.IncidentReader].
func (t *tx) Incidents(v bot.Viewer, f bot.IncidentFilter) ([]*bot.Incident, error) {
	rows, err := t.incidentRows(v, f)
	if err != nil {
		return nil, t.fail("list incidents", err)
	}
	list := make([]*bot.Incident, 0, len(rows))
	for _, row := range rows {
		i, err := t.incident(row)
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, nil
}

// incidentRows starts from what is rarest among the things asked for, so that
// a list costs what it shows and not what is stored.
func (t *tx) incidentRows(v bot.Viewer, f bot.IncidentFilter) ([]db.Incident, error) {
	all, viewer := v.All(), string(v.User())
	before, since := f.Before, int64(math.MinInt64)
	if before <= 0 {
		before = math.MaxInt64
	}
	if !f.Since.IsZero() {
		since = f.Since.UnixMicro()
		if f.Since.Nanosecond()%int(time.Microsecond) > 0 {
			since++ // stored times are whole microseconds
		}
	}
	limit := clamp(f.Limit, usualIncidents, mostIncidents)
	switch {
	case f.Owed && f.Writer != "":
		return t.q.ListOwedIncidentsOf(t.ctx, db.ListOwedIncidentsOfParams{
			Writer: string(f.Writer), Before: before, Since: since, OnlyOpen: f.Open, OnlyPublished: f.Published,
			SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
	case f.Owed:
		return t.q.ListOwedIncidents(t.ctx, db.ListOwedIncidentsParams{
			Before: before, Since: since, OnlyOpen: f.Open, OnlyPublished: f.Published, SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
	case f.Holder != "":
		return t.q.ListHeldIncidents(t.ctx, db.ListHeldIncidentsParams{
			Holder: string(f.Holder), Before: before, Since: since, OnlyOpen: f.Open, OnlyPublished: f.Published,
			SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
	case f.Open:
		return t.q.ListOpenIncidents(t.ctx, db.ListOpenIncidentsParams{
			Before: before, Since: since, OnlyPublished: f.Published, SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
	case f.Published:
		return t.q.ListPublishedIncidents(t.ctx, db.ListPublishedIncidentsParams{
			Before: before, Since: since, SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
	case !f.Since.IsZero():
		return t.q.ListIncidentsSince(t.ctx, db.ListIncidentsSinceParams{
			Before: before, Since: since, SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
	}
	return t.q.ListIncidents(t.ctx, db.ListIncidentsParams{Before: before, SeeAll: all, Viewer: viewer, RowLimit: limit})
}

// Members implements [bot.IncidentReader], in the order of the ids. Who holds a
// role is not among them for that alone.
func (t *tx) Members(number int64) ([]bot.UserID, error) {
	ids, err := t.q.ListMembers(t.ctx, number)
	if err != nil {
		return nil, t.fail("list members", err)
	}
	if len(ids) == 0 {
		if _, err := t.q.GetIncident(t.ctx, number, true, ""); err != nil {
			return nil, t.find("read an incident", err, noIncident(number))
		}
	}
	return users(ids), nil
}

func users(ids []string) []bot.UserID {
	out := make([]bot.UserID, len(ids))
	for k, id := range ids {
		out[k] = bot.UserID(id)
	}
	return out
}

// incident is the stored incident, with what is kept beside its state.
func (t *tx) incident(row db.Incident) (*bot.Incident, error) {
	i := &bot.Incident{}
	if err := t.decode(row.State, i); err != nil {
		return nil, t.fail(fmt.Sprintf("read the state of incident %d", row.Number), err)
	}
	i.Head = bot.Head{Seq: row.Seq, Hash: row.HeadHash, RecordedAt: moment(row.RecordedAt)}
	i.Version, i.Channel, i.ChannelName = row.Version, bot.ChannelID(row.ChannelID.String), row.ChannelName
	return i, nil
}
