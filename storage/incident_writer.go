package storage

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// NextNumber implements [bot.IncidentWriter]. A transaction that fails gives
// its number back, so that numbers have no gaps.
func (t *tx) NextNumber() (int64, error) { return t.nextID("incident") }

// nextID returns the next id of a kind. Whoever takes one waits for the
// transaction that took the one before.
func (t *tx) nextID(kind string) (int64, error) {
	id, err := t.q.NextID(t.ctx, kind)
	if err != nil {
		return 0, t.fail("take an id", err)
	}
	t.change()
	return id, nil
}

// CreateIncident implements [bot.IncidentWriter].
func (t *tx) CreateIncident(i *bot.Incident) error {
	state, err := json.Marshal(i)
	if err != nil {
		return t.fail("write an incident", err)
	}
	c := columnsOf(i)
	n, err := t.q.CreateIncident(t.ctx, db.CreateIncidentParams{
		Number: i.Number, Seq: i.Head.Seq, HeadHash: i.Head.Hash, RecordedAt: micros(i.Head.RecordedAt), State: string(state),
		Severity: c.severity, Status: c.status, Open: c.open, Private: c.private, Drill: c.drill, Published: c.published,
		DeclaredAt: c.declaredAt, UpdatedAt: micros(i.UpdatedAt), ResolvedAt: c.resolvedAt,
		ChannelID: maybeText(string(i.Channel)), ChannelName: i.ChannelName, Owed: c.owed, Writer: c.writer, DeclaredBy: c.declaredBy,
	})
	ok, err := t.wrote("write an incident", n, err)
	if err != nil {
		return err
	}
	if !ok {
		return t.fail("write an incident", fmt.Errorf("number %d is taken", i.Number))
	}
	i.Version = 1
	return t.saveRoles(i)
}

// LockIncident implements [bot.IncidentWriter].
func (t *tx) LockIncident(v bot.Viewer, number int64) (*bot.Incident, error) {
	row, err := t.q.LockIncident(t.ctx, number, v.All(), string(v.User()))
	if err != nil {
		return nil, t.find("lock an incident", err, noIncident(number))
	}
	t.change()
	i, err := t.incident(row)
	if err == nil {
		t.remember(i, columns{
			severity: row.Severity, status: row.Status, open: row.Open, private: row.Private, drill: row.Drill,
			published: row.Published, declaredAt: row.DeclaredAt, resolvedAt: row.ResolvedAt,
			owed: row.Owed, writer: row.Writer, declaredBy: row.DeclaredBy,
		})
	}
	return i, err
}

// known is what is stored of an incident besides its state.
type known struct {
	columns columns
	roles   map[string]bot.UserID
}

// columns are what queries need of an incident.
type columns struct {
	severity, status, writer, declaredBy  string
	open, private, drill, published, owed bool
	declaredAt                            int64
	resolvedAt                            sql.NullInt64
}

func columnsOf(i *bot.Incident) columns {
	return columns{
		severity: i.Severity, status: string(i.Status), open: i.Open(), private: i.Private, drill: i.Drill,
		published: i.Published(), declaredAt: micros(i.DeclaredAt), resolvedAt: maybeMicros(resolvedAt(i)),
		owed: i.Owed(), writer: string(i.PostmortemOwner()), declaredBy: string(i.DeclaredBy),
	}
}

// saveIncident writes what i became by e.
func (t *tx) saveIncident(e bot.Event, i *bot.Incident) error {
	state, err := t.encode(i)
	if err != nil {
		return t.fail("save an incident", err)
	}
	var n int64
	c := columnsOf(i)
	if had, ok := t.known[i.Number]; ok && had.columns == c {
		n, err = t.q.SaveState(t.ctx, db.SaveStateParams{
			Number: i.Number, PrevSeq: e.Seq - 1, PrevHash: e.Prev, Seq: e.Seq, HeadHash: e.Hash,
			RecordedAt: e.RecordedAt.UnixMicro(), State: state, UpdatedAt: micros(i.UpdatedAt),
		})
	} else {
		n, err = t.q.SaveIncident(t.ctx, db.SaveIncidentParams{
			Number: i.Number, PrevSeq: e.Seq - 1, PrevHash: e.Prev, Seq: e.Seq, HeadHash: e.Hash,
			RecordedAt: e.RecordedAt.UnixMicro(), State: state, UpdatedAt: micros(i.UpdatedAt),
			Severity: c.severity, Status: c.status, Open: c.open, Private: c.private, Drill: c.drill,
			Published: c.published, DeclaredAt: c.declaredAt, ResolvedAt: c.resolvedAt,
			Owed: c.owed, Writer: c.writer, DeclaredBy: c.declaredBy,
		})
	}
	ok, err := t.wrote("save an incident", n, err)
	if err != nil {
		return err
	}
	if !ok {
		return t.fail("save an incident", fmt.Errorf("entry %d does not continue %s", e.Seq, bot.Stream(i.Number)))
	}
	return t.saveRoles(i)
}

// saveRoles makes the rows of who holds a role those of i.
func (t *tx) saveRoles(i *bot.Incident) error {
	defer t.remember(i, columnsOf(i))
	if had, ok := t.known[i.Number]; ok && maps.Equal(had.roles, i.Roles) {
		return nil
	}
	n, err := t.q.DropRoles(t.ctx, i.Number)
	if _, err := t.wrote("drop roles", n, err); err != nil {
		return err
	}
	for _, role := range slices.Sorted(maps.Keys(i.Roles)) {
		n, err := t.q.AddRole(t.ctx, i.Number, role, string(i.Roles[role]))
		if err := t.save("save a role", n, err); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) remember(i *bot.Incident, c columns) {
	if t.known == nil {
		t.known = map[int64]known{}
	}
	t.known[i.Number] = known{columns: c, roles: maps.Clone(i.Roles)}
}

// SetMembers makes members the members of an incident's channel.
func (t *tx) SetMembers(incident int64, members []bot.UserID) error {
	have, err := t.q.ListMembers(t.ctx, incident)
	if err != nil {
		return t.fail("list members", err)
	}
	want := make([]string, len(members))
	for k, m := range members {
		want[k] = string(m)
	}
	add, drop := differ(have, want)
	for _, id := range add {
		n, err := t.q.AddMember(t.ctx, incident, id)
		if _, err := t.wrote("add a member", n, err); err != nil {
			return err
		}
	}
	for _, id := range drop {
		n, err := t.q.DropMember(t.ctx, incident, id)
		if _, err := t.wrote("drop a member", n, err); err != nil {
			return err
		}
	}
	return nil
}

// SetChannel implements [bot.LinkWriter]. A channel belongs to one incident:
// another one's is refused with a conflict. An empty id detaches.
func (t *tx) SetChannel(incident int64, id bot.ChannelID, name string) error {
	if id != "" {
		other, err := t.q.IncidentOfChannel(t.ctx, string(id))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return t.fail("look for a channel", err)
		}
		if err == nil && other != incident {
			return bot.Conflict("The channel belongs to another incident already.")
		}
	}
	n, err := t.q.SetIncidentChannel(t.ctx, maybeText(string(id)), name, incident)
	ok, err := t.wrote("attach a channel", n, err)
	if err == nil && !ok {
		return noIncident(incident)
	}
	return err
}

func resolvedAt(i *bot.Incident) (at time.Time) {
	if i.ResolvedAt != nil {
		at = *i.ResolvedAt
	}
	return at
}
