package grown

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// rows are those of a part, by table. A table's stand in the order of tables.
type rows [][][]any

// table is one that is filled, in an order that its references allow.
type table struct {
	name    string
	columns string
}

const (
	incidentsTable = iota
	peopleTable
	membersTable
	eventsTable
	followUpsTable
	remindersTable
	rollbacksTable
	deploysTable
	lanesTable
	jobsTable
	keysTable
	linksTable
	personsTable
	channelsTable
)

var tables = []table{
	incidentsTable: {"incidents", "number version seq head_hash recorded_at state severity status open private drill published declared_at updated_at " +
		"resolved_at channel_id channel_name owed writer declared_by"},
	peopleTable:    {"incident_people", "incident role user_id"},
	membersTable:   {"incident_members", "incident user_id"},
	eventsTable:    {"events", "incident seq at recorded_at kind actor via text public data salt text_hash prev hash redacted"},
	followUpsTable: {"followups", "number incident seq key state closed owner added_by due repo_key issue data"},
	remindersTable: {"reminders", "number incident seq user_id at state text data"},
	rollbacksTable: {"rollbacks", "id number incident seq target service environment lock_key requested_by state live requested_at ended_at data"},
	deploysTable: {"deploys", "source dedupe_key service environment kind version previous status actor url started_at finished_at " +
		"received_at at"},
	lanesTable:    {"lanes", "lane wake_at leased token"},
	jobsTable:     {"jobs", "id lane kind dedup edit incident payload run_at state attempt last_error created_at done_at"},
	keysTable:     {"keys", "key digest reply taken_at"},
	linksTable:    {"links", "owner name value"},
	personsTable:  {"people", "id handle handle_key name zone email deleted bot guest external synced_at"},
	channelsTable: {"channels", "id name name_key private archived synced_at"},
}

func newRows() *rows { r := make(rows, len(tables)); return &r }

func (r *rows) add(table int, row ...any) { (*r)[table] = append((*r)[table], row) }

// house is what belongs to no incident.
func house(o Options) *rows {
	r := newRows()
	for n := range people {
		handle := fmt.Sprintf("person%d", n)
		r.add(personsTable, string(person(n)), handle, handle, fmt.Sprintf("Person %d", n), "Europe/Berlin", handle+"@example.com",
			false, false, false, false, o.Now.UnixMicro())
	}
	return r
}

// incidents makes the rows of the incidents from one number up to another.
func incidents(o Options, from, to int) *rows {
	r := newRows()
	for n := from; n < to; n++ {
		s := tell(o, n)
		r.incident(s)
		r.events(s)
		r.aside(s)
		r.traffic(s)
	}
	return r
}

func (r *rows) incident(s *story) {
	i := s.i
	channel := fmt.Sprintf("inc-%d", i.Number)
	r.add(incidentsTable, i.Number, int64(len(s.events)), i.Head.Seq, i.Head.Hash, i.Head.RecordedAt.UnixMicro(), asJSON(i), i.Severity, string(i.Status),
		i.Open(), i.Private, i.Drill, i.Published(), i.DeclaredAt.UnixMicro(), i.UpdatedAt.UnixMicro(), when(i.ResolvedAt),
		channelOf(i.Number), channel, i.Owed(), string(i.PostmortemOwner()), string(i.DeclaredBy))
	for _, role := range slices.Sorted(maps.Keys(i.Roles)) {
		r.add(peopleTable, i.Number, role, string(i.Roles[role]))
	}
	if i.Private {
		first := s.r.IntN(people)
		for k := range 5 {
			r.add(membersTable, i.Number, string(person((first+k)%people)))
		}
	}
	r.add(channelsTable, channelOf(i.Number), channel, channel, i.Private, !i.Open(), s.o.Now.UnixMicro())
	r.add(linksTable, bot.Owner(i.Number), "slack.card", "1700000000.000100")
}

func channelOf(incident int64) string { return fmt.Sprintf("C0I%08d", incident) }

func (r *rows) events(s *story) {
	for k := range s.events {
		e := &s.events[k]
		r.add(eventsTable, e.Incident, e.Seq, e.At.UnixMicro(), e.RecordedAt.UnixMicro(), string(e.Kind), string(e.Actor), string(e.Via), string(e.Text),
			e.Public, asJSON(e.Data), e.Salt, e.TextHash, e.Prev, e.Hash, false)
	}
}

func (r *rows) aside(s *story) {
	for _, f := range s.followUps {
		r.add(followUpsTable, f.Number, f.Incident, f.Seq, f.Key, string(f.State), f.State.Closed(), string(f.Owner), string(f.AddedBy),
			string(f.Due), strings.ToLower(f.Issue.Repo), int64(f.Issue.Number), asJSON(f))
	}
	if m := s.reminder; m != nil {
		r.add(remindersTable, m.Number, m.Incident, m.Seq, string(m.User), m.At.UnixMicro(), string(m.State), nil, asJSON(m))
	}
	if b := s.rollback; b != nil {
		r.add(rollbacksTable, b.ID, b.Number, b.Incident, b.Seq, b.Target, b.Service, b.Environment, b.LockKey, string(b.RequestedBy),
			string(b.State), b.Live(), b.RequestedAt.UnixMicro(), when(b.EndedAt), asJSON(b))
	}
	d := s.deploy()
	r.add(deploysTable, d.Source, d.Key, d.Service, d.Environment, string(d.Kind), d.Version, d.Previous, string(d.Status), d.Actor, d.URL,
		d.StartedAt.UnixMicro(), d.FinishedAt.UnixMicro(), d.ReceivedAt.UnixMicro(), d.At().UnixMicro())
}

// What each incident leaves of requests and jobs. Keys live for days, so few of
// them are there.
const (
	jobsEach  = 5
	keysEvery = 4
)

func (r *rows) traffic(s *story) {
	at := s.i.UpdatedAt.UnixMicro()
	lane := "slack:" + channelOf(s.i.Number)
	r.add(lanesTable, lane, nil, false, int64(jobsEach))
	for k := range int64(jobsEach) {
		id := jobsEach*(s.i.Number-1) + k + 1
		r.add(jobsTable, id, lane, "slack.post", fmt.Sprintf("grown:%d", id), "", s.i.Number, fmt.Sprintf(`{"incident":%d,"seq":%d}`, s.i.Number, k+1),
			at, "done", int64(1), "", at, at)
	}
	if s.i.Number%keysEvery == 0 {
		r.add(keysTable, fmt.Sprintf("slack:grown-%d", s.i.Number), "", `{"summary":"Noted."}`, at)
	}
}

// counters are the numbers that were given last, by name.
func counters(incidents int64) map[string]int64 {
	return map[string]int64{
		"incident": incidents, "job": jobsEach * incidents, "followup": itemsEach * incidents, "reminder": incidents, "rollback": incidents,
	}
}

func when(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UnixMicro()
}

func asJSON(v any) string {
	out, err := json.Marshal(v)
	if err != nil { // these types always marshal
		panic(err)
	}
	return string(out)
}
