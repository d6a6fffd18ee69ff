package storage

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// Entries implements [bot.AuditReader]. A row that cannot be read ends the page
// with its place and the reason. The house's entries have incident 0, so the
// first page begins at 0, 0.
func (t *tx) Entries(incident, seq int64, limit int) ([]bot.Entry, error) {
	for n := clamp(limit, 1, math.MaxInt); ; n /= 2 {
		rows, err := t.q.AuditEvents(t.ctx, incident, seq, n)
		switch {
		case err == nil:
			out := make([]bot.Entry, len(rows))
			for k, row := range rows {
				out[k] = entry(row)
			}
			return out, nil
		case !unscannable(err):
			return nil, t.fail("read the record", err)
		case n == 1:
			return t.unreadable(incident, seq, err)
		}
	}
}

// unscannable reports whether a row was read and holds what its column should not.
func unscannable(err error) bool { return strings.HasPrefix(err.Error(), "sql: Scan error") }

func (t *tx) unreadable(incident, seq int64, why error) ([]bot.Entry, error) {
	key, err := t.q.AuditKey(t.ctx, incident, seq)
	if err != nil {
		return nil, t.fail("read the record", err)
	}
	var e bot.Entry
	if e.Incident, err = strconv.ParseInt(key.Incident, 10, 64); err != nil {
		return nil, t.fail("read the record", fmt.Errorf("an entry belongs to incident %q, which is no number: %w", key.Incident, why))
	}
	if e.Seq, err = strconv.ParseInt(key.Seq, 10, 64); err != nil {
		e.Seq = math.MaxInt64
	}
	e.Fault = "it cannot be read: " + why.Error()
	return []bot.Entry{e}, nil
}

func entry(row db.Event) bot.Entry {
	e, err := event(row)
	out := bot.Entry{Event: e, Raw: row.Data, Held: row.Redacted && (row.Text.Valid || row.Salt.Valid)}
	if err != nil {
		out.Fault = "it cannot be read: " + err.Error()
	}
	return out
}

// Ends implements [bot.AuditReader].
func (t *tx) Ends(after, last int64, limit int) ([]bot.End, error) {
	out, err := t.houseEnd(after)
	if err != nil {
		return nil, err
	}
	n := clamp(limit, 1, math.MaxInt)
	rows, err := t.q.AuditIncidents(t.ctx, after, last, n)
	if err != nil {
		return nil, t.fail("read incidents", err)
	}
	stones, err := t.q.AuditTombstones(t.ctx, after, last, n)
	if err != nil {
		return nil, t.fail("read tombstones", err)
	}
	roles, err := t.rolesOf(rows)
	if err != nil {
		return nil, err
	}
	graves := map[int64]bot.Tombstone{}
	for _, row := range stones {
		graves[row.Incident] = tombstone(row)
	}
	for _, row := range rows {
		end := bot.End{
			Incident: row.Number, Head: bot.Head{Seq: row.Seq, Hash: row.HeadHash, RecordedAt: moment(row.RecordedAt)},
			Differs: func(folded *bot.Incident) string { return differs(row, roles[row.Number], folded) },
		}
		if stone, ok := graves[row.Number]; ok { // there must not be both
			end.Tombstone = &stone
			delete(graves, row.Number)
		}
		out = append(out, end)
	}
	for number, stone := range graves {
		out = append(out, bot.End{Incident: number, Head: stone.Head, Tombstone: &stone})
	}
	slices.SortFunc(out, func(a, b bot.End) int { return cmp.Compare(a.Incident, b.Incident) })
	return out[:min(len(out), limit)], nil
}

// houseEnd is the end of the house's stream, if that is behind after.
func (t *tx) houseEnd(after int64) ([]bot.End, error) {
	if after >= bot.House {
		return nil, nil
	}
	row, err := t.q.GetStream(t.ctx, house)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, t.fail("read the house's stream", err)
	}
	return []bot.End{{Head: bot.Head{Seq: row.Seq, Hash: row.HeadHash, RecordedAt: moment(row.RecordedAt)}}}, nil
}

func tombstone(row db.Tombstone) bot.Tombstone {
	return bot.Tombstone{
		Head:  bot.Head{Seq: row.Seq, Hash: row.HeadHash, RecordedAt: moment(row.RecordedAt)},
		Entry: row.Entry, Chain: row.Chain,
	}
}

func (t *tx) rolesOf(rows []db.Incident) (map[int64]map[string]bot.UserID, error) {
	out := map[int64]map[string]bot.UserID{}
	if len(rows) == 0 {
		return out, nil
	}
	list, err := t.q.AuditRoles(t.ctx, rows[0].Number-1, rows[len(rows)-1].Number)
	if err != nil {
		return nil, t.fail("read roles", err)
	}
	for _, r := range list {
		if out[r.Incident] == nil {
			out[r.Incident] = map[string]bot.UserID{}
		}
		out[r.Incident][r.Role] = bot.UserID(r.UserID)
	}
	return out, nil
}

// differs names the columns of row that are not what folded makes of them.
func differs(row db.Incident, roles map[string]bot.UserID, folded *bot.Incident) string {
	c := columnsOf(folded)
	var out []string
	for _, column := range []struct {
		name  string
		equal bool
	}{
		{"state", sameState(row.State, folded)},
		{"severity", row.Severity == c.severity}, {"status", row.Status == c.status}, {"open", row.Open == c.open},
		{"private", row.Private == c.private}, {"drill", row.Drill == c.drill}, {"published", row.Published == c.published},
		{"declared_at", row.DeclaredAt == c.declaredAt}, {"updated_at", row.UpdatedAt == micros(folded.UpdatedAt)},
		{"resolved_at", row.ResolvedAt == c.resolvedAt}, {"owed", row.Owed == c.owed}, {"writer", row.Writer == c.writer},
		{"declared_by", row.DeclaredBy == c.declaredBy}, {"roles", maps.Equal(roles, folded.Roles)},
	} {
		if !column.equal {
			out = append(out, column.name)
		}
	}
	return strings.Join(out, ", ")
}

// sameState compares what state says and not how it is written: an older version
// may have written it.
func sameState(state string, folded *bot.Incident) bool {
	want, err := json.Marshal(folded)
	if err != nil || state == string(want) {
		return err == nil
	}
	var i bot.Incident
	if err := json.Unmarshal([]byte(state), &i); err != nil {
		return false
	}
	have, err := json.Marshal(&i)
	return err == nil && string(have) == string(want)
}

// Heads implements [bot.AuditReader].
func (t *tx) Heads(after int64, limit int) ([]bot.StreamHead, error) {
	ends, err := t.houseEnd(after)
	if err != nil {
		return nil, err
	}
	n := clamp(limit, 1, math.MaxInt)
	rows, err := t.q.ListHeads(t.ctx, after, math.MaxInt64, n)
	if err != nil {
		return nil, t.fail("read the ends of streams", err)
	}
	stones, err := t.q.AuditTombstones(t.ctx, after, math.MaxInt64, n)
	if err != nil {
		return nil, t.fail("read tombstones", err)
	}
	var out []bot.StreamHead
	for _, e := range ends {
		out = append(out, bot.StreamHead{Incident: e.Incident, Head: e.Head})
	}
	for _, row := range rows {
		out = append(out, bot.StreamHead{Incident: row.Number, Head: bot.Head{Seq: row.Seq, Hash: row.HeadHash, RecordedAt: moment(row.RecordedAt)}})
	}
	for _, row := range stones {
		stone := tombstone(row)
		out = append(out, bot.StreamHead{Incident: row.Incident, Head: stone.Head})
	}
	slices.SortFunc(out, func(a, b bot.StreamHead) int { return cmp.Compare(a.Incident, b.Incident) })
	return out[:min(len(out), limit)], nil
}

// HeadAt implements [bot.AuditReader].
func (t *tx) HeadAt(incident int64, at time.Time) (bot.Head, error) {
	row, err := t.q.HeadAt(t.ctx, incident, at.UnixMicro())
	if err == nil {
		return bot.Head{Seq: row.Seq, Hash: row.Hash, RecordedAt: exact(row.RecordedAt)}, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return bot.Head{}, t.fail("read the end of a stream", err)
	}
	stone, err := t.q.GetTombstone(t.ctx, incident)
	if errors.Is(err, sql.ErrNoRows) {
		return bot.Head{}, nil
	}
	if err != nil {
		return bot.Head{}, t.fail("read a tombstone", err)
	}
	s := tombstone(stone)
	return s.At(at), nil
}

// LastNumber implements [bot.AuditReader].
func (t *tx) LastNumber() (int64, error) {
	n, err := t.q.LastID(t.ctx, "incident")
	return n, t.fail("read the last number", err)
}

// Over implements [bot.AuditReader].
func (t *tx) Over(after int64, before time.Time, limit int) ([]int64, error) {
	list, err := t.q.ListOver(t.ctx, after, before.UnixMicro(), clamp(limit, 1, math.MaxInt))
	return list, t.fail("list what is over", err)
}
