package storage

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// house is the name of the stream of [bot.House].
const house = "house"

// Events implements [bot.EventReader]. The house's stream is seen only by the
// bot itself: what is denied or configured may tell of private incidents.
func (t *tx) Events(v bot.Viewer, incident int64, f bot.EventFilter) ([]bot.Event, error) {
	all, viewer, limit := v.All(), string(v.User()), clamp(f.Limit, math.MaxInt, math.MaxInt)
	var rows []db.Event
	var err error
	if f.Last {
		rows, err = t.q.ListLastEvents(t.ctx, db.ListLastEventsParams{
			Incident: incident, After: f.After, Kinds: commas(f.Kinds), SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
		slices.Reverse(rows)
	} else {
		rows, err = t.q.ListEvents(t.ctx, db.ListEventsParams{
			Incident: incident, After: f.After, Kinds: commas(f.Kinds), SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
	}
	return t.events(v, incident, rows, err)
}

// Timeline implements [bot.EventReader].
func (t *tx) Timeline(v bot.Viewer, incident int64, f bot.EventFilter) ([]bot.Event, error) {
	all, viewer, limit := v.All(), string(v.User()), clamp(f.Limit, math.MaxInt, math.MaxInt)
	// Without a time, After is a bound of its own; with one, it is the rest of
	// the place behind which to go on.
	at, seq, above := int64(math.MinInt64), int64(0), f.After
	if !f.AfterAt.IsZero() {
		at, seq, above = f.AfterAt.UnixMicro(), f.After, 0
	}
	var rows []db.Event
	var err error
	if f.Last {
		rows, err = t.q.ListLastTimeline(t.ctx, db.ListLastTimelineParams{
			Incident: incident, AfterAt: at, AfterSeq: seq, Above: above, Kinds: commas(f.Kinds),
			SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
		slices.Reverse(rows)
	} else {
		rows, err = t.q.ListTimeline(t.ctx, db.ListTimelineParams{
			Incident: incident, AfterAt: at, AfterSeq: seq, Above: above, Kinds: commas(f.Kinds),
			SeeAll: all, Viewer: viewer, RowLimit: limit,
		})
	}
	return t.events(v, incident, rows, err)
}

// events turns rows into entries. Where there are none, the stream may be one
// that the viewer does not know of.
func (t *tx) events(v bot.Viewer, incident int64, rows []db.Event, err error) ([]bot.Event, error) {
	if err != nil {
		return nil, t.fail("read the record", err)
	}
	if len(rows) == 0 {
		return nil, t.mustSee(v, incident)
	}
	list := make([]bot.Event, len(rows))
	for k, row := range rows {
		if list[k], err = event(row); err != nil {
			return nil, t.fail("read the record", err)
		}
	}
	return list, nil
}

// mustSee fails unless v may know of the stream.
func (t *tx) mustSee(v bot.Viewer, incident int64) error {
	if incident == bot.House && v.All() {
		return nil
	}
	_, err := t.q.GetIncident(t.ctx, incident, v.All(), string(v.User()))
	if err != nil {
		return t.find("read an incident", err, noIncident(incident))
	}
	return nil
}

// Event implements [bot.EventReader].
func (t *tx) Event(v bot.Viewer, incident, seq int64) (bot.Event, error) {
	row, err := t.q.GetEvent(t.ctx, db.GetEventParams{Incident: incident, Seq: seq, SeeAll: v.All(), Viewer: string(v.User())})
	if errors.Is(err, sql.ErrNoRows) {
		if err := t.mustSee(v, incident); err != nil {
			return bot.Event{}, err
		}
		return bot.Event{}, bot.NotFound("%s has no entry %d.", streamName(incident), seq)
	}
	if err != nil {
		return bot.Event{}, t.fail("read an entry", err)
	}
	e, err := event(row)
	return e, t.fail("read an entry", err)
}

func streamName(incident int64) string {
	if incident == bot.House {
		return "The house's record"
	}
	return fmt.Sprintf("Incident #%d", incident)
}

// event reads an entry. Times are exact, whatever they are, since the hash
// covers them.
func event(row db.Event) (bot.Event, error) {
	e := bot.Event{
		Incident: row.Incident, Seq: row.Seq, At: exact(row.At), RecordedAt: exact(row.RecordedAt),
		Kind: bot.EventKind(row.Kind), Actor: bot.UserID(row.Actor), Via: bot.Via(row.Via),
		Text: bot.Text(row.Text.String), Public: row.Public, Salt: row.Salt.String,
		TextHash: row.TextHash, Prev: row.Prev, Hash: row.Hash, Redacted: row.Redacted,
	}
	if e.Redacted {
		e.Text = bot.RedactedText
	}
	if err := json.Unmarshal([]byte(row.Data), &e.Data); err != nil {
		return e, fmt.Errorf("data of entry %d of %s: %w", e.Seq, bot.Stream(e.Incident), err)
	}
	return e, nil
}

func exact(us int64) time.Time { return time.UnixMicro(us).UTC() }

// LockHouse implements [bot.IncidentWriter].
func (t *tx) LockHouse() (bot.Head, error) {
	row, err := t.q.LockStream(t.ctx, house)
	if err != nil {
		return bot.Head{}, t.fail("lock the house's stream", err)
	}
	t.change()
	return bot.Head{Seq: row.Seq, Hash: row.HeadHash, RecordedAt: moment(row.RecordedAt)}, nil
}

// Append implements [bot.IncidentWriter]. An entry that would not verify when
// it is read back, or does not continue its stream, is an internal error.
func (t *tx) Append(e bot.Event, i *bot.Incident) error {
	if (i == nil) != (e.Incident == bot.House) || i != nil && i.Number != e.Incident {
		return t.fail("append an entry", fmt.Errorf("entry %d of %s came with another incident", e.Seq, bot.Stream(e.Incident)))
	}
	data, err := json.Marshal(e.Data)
	if err != nil {
		return t.fail("append an entry", err)
	}
	n, err := t.q.AddEvent(t.ctx, db.AddEventParams{
		Incident: e.Incident, Seq: e.Seq, At: e.At.UnixMicro(), RecordedAt: e.RecordedAt.UnixMicro(),
		Kind: string(e.Kind), Actor: string(e.Actor), Via: string(e.Via),
		Text: sql.NullString{String: string(e.Text), Valid: true}, Public: e.Public, Data: string(data),
		Salt: sql.NullString{String: e.Salt, Valid: true}, TextHash: e.TextHash, Prev: e.Prev, Hash: e.Hash,
	})
	if err := t.save("append an entry", n, err); err != nil {
		return err
	}
	if err := readable(e, data); err != nil {
		return t.fail("append an entry", err)
	}
	if i != nil {
		return t.saveIncident(e, i)
	}
	return t.saveHouse(e)
}

// readable checks e as it will be read back: JSON does not keep every string
// (one that is no UTF-8, say), and what was kept otherwise would look as if
// somebody had changed it.
func readable(e bot.Event, data []byte) error {
	e.Data = bot.Data{}
	if err := json.Unmarshal(data, &e.Data); err != nil {
		return err
	}
	return e.Verify(bot.Head{Seq: e.Seq - 1, Hash: e.Prev})
}

func (t *tx) saveHouse(e bot.Event) error {
	n, err := t.q.SaveStream(t.ctx, db.SaveStreamParams{
		Name: house, PrevSeq: e.Seq - 1, PrevHash: e.Prev,
		Seq: e.Seq, HeadHash: e.Hash, RecordedAt: e.RecordedAt.UnixMicro(),
	})
	ok, err := t.wrote("save the house's stream", n, err)
	if err == nil && !ok {
		return t.fail("save the house's stream", fmt.Errorf("entry %d does not continue it", e.Seq))
	}
	return err
}

// Redact implements [bot.IncidentWriter]: the text and the salt of an entry
// are gone, its place in the chain stays.
func (t *tx) Redact(incident, seq int64) error {
	n, err := t.q.RedactEvent(t.ctx, incident, seq)
	ok, err := t.wrote("redact an entry", n, err)
	if err == nil && !ok {
		return bot.NotFound("%s has no entry %d.", streamName(incident), seq)
	}
	return err
}
