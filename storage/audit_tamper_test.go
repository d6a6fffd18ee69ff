package storage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// tampering is something that somebody does to the database by hand, and the line
// with which the audit names it.
type tampering struct {
	name string
	sql  string
	want string
}

// column changes one of an entry.
func column(change, want string) tampering {
	return tampering{change, "UPDATE events SET " + change + " WHERE incident = 1 AND seq = 4", "broken: incident:1: entry 4: " + want}
}

// tamperings are all the ways that the record is changed, dropped from, put in
// order anew and added to.
func tamperings() []tampering {
	out := []tampering{
		column("at = at + 1", "it was changed"),
		column("recorded_at = recorded_at + 1", "it was changed"),
		column("kind = 'summary'", "it was changed"),
		column("actor = 'U0EVE'", "it was changed"),
		column("via = 'cli'", "it was changed"),
		column("text = 'Nothing happened'", "its text was changed"),
		column("text = ''", "its text was changed"),
		column("public = NOT public", "it was changed"),
		column(`data = '{"severity":"sev3"}'`, "it was changed"),
		column(`data = data || ' '`, "it was changed"),
		column(`data = '{"unknown":1}'`, "it was changed"),
		column("data = 'x'", "it cannot be read"),
		column("salt = 'x'", "its text was changed"),
		column("text_hash = 'x'", "it was changed"),
		column("prev = 'x'", "it was changed"),
		column("hash = 'x'", "it was changed"),
		column("redacted = true", "it is marked as redacted, and still holds a text"),
		column("redacted = true, text = NULL, salt = NULL", "its text was removed, and no entry says why"),
		{"a redacted text is put back", "UPDATE events SET redacted = false, text = 'x', salt = 'y' WHERE incident = 1 AND seq = 3",
			"broken: incident:1: entry 3: its text was changed"},
		{"the redacted row holds a text", "UPDATE events SET text = 'x' WHERE incident = 1 AND seq = 3",
			"broken: incident:1: entry 3: it is marked as redacted, and still holds a text"},
		{"deleted", "DELETE FROM events WHERE incident = 1 AND seq = 4", "broken: incident:1: entry 4: it is missing"},
		{"several deleted", "DELETE FROM events WHERE incident = 1 AND seq IN (4, 5)", "broken: incident:1: entry 4: it is missing, and so are those up to 5"},
		{"the first deleted", "DELETE FROM events WHERE incident = 1 AND seq = 1", "broken: incident:1: entry 1: it is missing"},
		{"swapped", "UPDATE events SET seq = 99 WHERE incident = 1 AND seq = 4; UPDATE events SET seq = 4 WHERE incident = 1 AND seq = 5; UPDATE events SET seq = 5 WHERE incident = 1 AND seq = 99",
			"broken: incident:1: entry 4: this is what was entry 5: the order was changed"},
		{"moved up", "DELETE FROM events WHERE incident = 1 AND seq = 4; UPDATE events SET seq = seq - 1 WHERE incident = 1 AND seq = 5", "broken: incident:1: entry 4: this is what was entry 5: the order was changed"},
		{"given to another", "UPDATE events SET incident = 3, seq = 3 WHERE incident = 1 AND seq = 4", "broken: incident:1: entry 4: it is missing"},
		{"added behind", "INSERT INTO events SELECT incident, seq + 1, at, recorded_at, kind, actor, via, text, public, data, salt, text_hash, prev, hash, redacted FROM events WHERE incident = 3 AND seq = 2",
			"broken: incident:3: entry 3: this is what was entry 2: the order was changed"},
		{"a tail cut off", "DELETE FROM events WHERE incident = 1 AND seq = 9", "broken: incident:1: entry 9: it is missing: the end was cut off"},
		{"a long one", "DELETE FROM events WHERE incident = 1 AND seq > 5", "broken: incident:1: entry 6: it is missing, and so are those up to 9: the end was cut off"},
		{"the house's tail", "DELETE FROM events WHERE incident = 0 AND seq = 3", "broken: house: entry 3: it is missing: the end was cut off"},
		{"the row's hash", "UPDATE incidents SET head_hash = 'x' WHERE number = 1", "broken: incident:1: entry 9: the stream's own row holds another hash of it"},
		{"the row's number", "UPDATE incidents SET seq = seq - 1 WHERE number = 1", "broken: incident:1: entry 9: the stream's own row ends with entry 8"},
		{"the row's time", "UPDATE incidents SET recorded_at = recorded_at + 1 WHERE number = 1", "broken: incident:1: entry 9: the stream's own row holds another time of it"},
		{"all entries gone", "DELETE FROM events WHERE incident = 3", "broken: incident:3: entry 1: all of its 2 entries are missing"},
		{"the row gone", "DELETE FROM incidents WHERE number = 3", "broken: incident:3: there is no such incident, and yet it has entries"},
		{"the incident gone", "DELETE FROM events WHERE incident = 1; DELETE FROM incidents WHERE number = 1", "broken: incident:1: all of it is missing, and no entry"},
		{"the newest gone", "DELETE FROM events WHERE incident = 3; DELETE FROM incidents WHERE number = 3", "broken: incident:3: all of it is missing, and no entry"},
		{"the house's row gone", "DELETE FROM streams", "broken: house: the row that holds its end is missing"},
		{"the tombstone gone", "DELETE FROM tombstones", "broken: incident:2: all of it is missing, and no entry"},
		{"the tombstone changed", "UPDATE tombstones SET chain = chain || '1 x' || chr(10)", "broken: incident:2: its tombstone is not what entry 2 of the house says"},
		{"its end changed", "UPDATE tombstones SET head_hash = 'x'", "broken: incident:2: its tombstone is not what entry 2 of the house says"},
		{"told by another entry", "UPDATE tombstones SET entry = 1", "broken: incident:2: there is a tombstone of it, and entry 1 of the house does not say that it was purged"},
		{"a false tombstone", "INSERT INTO tombstones SELECT 3, seq, head_hash, recorded_at, entry, chain FROM tombstones", "broken: incident:3: it was purged, and yet it has entries"},
		{"instead of an incident", "DELETE FROM events WHERE incident = 3; DELETE FROM incidents WHERE number = 3; INSERT INTO tombstones SELECT 3, seq, head_hash, recorded_at, entry, chain FROM tombstones",
			"broken: incident:3: there is a tombstone of it, and entry 2 of the house does not say that it was purged"},
		{"a state", `UPDATE incidents SET state = replace(state, 'Checkout', 'Nothing') WHERE number = 1`, "row: incident:1: its row is not what its entries make of it: state"},
		{"a broken state", `UPDATE incidents SET state = '{' WHERE number = 1`, "row: incident:1: its row is not what its entries make of it: state"},
		{"a role", "UPDATE incident_people SET user_id = 'U0EVE' WHERE incident = 1", "row: incident:1: its row is not what its entries make of it: roles"},
	}
	for _, c := range []string{
		"severity = 'sev3'", "status = 'monitoring'", "open = NOT open", "private = NOT private", "drill = NOT drill", "published = NOT published",
		"declared_at = 1", "updated_at = 1", "resolved_at = 1", "owed = NOT owed", "writer = 'U0EVE'", "declared_by = 'U0EVE'",
	} {
		name, _, _ := strings.Cut(c, " ")
		out = append(out, tampering{c, "UPDATE incidents SET " + c + " WHERE number = 1", "row: incident:1: its row is not what its entries make of it: " + name})
	}
	return out
}

// TestAuditNamesEveryTampering: each is named alone, at its first wrong entry, and
// nothing else is.
func TestAuditNamesEveryTampering(t *testing.T) {
	bothDatabases(t, func(k *kept) {
		k.fill()
		tables := []string{"events", "incidents", "incident_people", "streams", "tombstones"}
		for _, table := range tables {
			k.exec("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
		}
		all := tamperings()
		if k.lax() {
			all = append(all, column("at = 'noon'", "it cannot be read"), column("recorded_at = 1.5", "it cannot be read"))
		}
		if got := k.findings(); got != "" {
			t.Fatalf("before anything was changed: %s", got)
		}
		for _, x := range all {
			if k.lax() {
				x.sql = strings.ReplaceAll(x.sql, "chr(", "char(")
			}
			k.exec(strings.Split(x.sql, "; ")...)
			if got := k.findings(); !strings.HasPrefix(got, x.want) || strings.Count(got, "\n") != 1 {
				if x.name != "given to another" { // both streams are broken
					t.Errorf("%s:\n got %s\nwant %s", x.name, got, x.want)
				}
			}
			for _, table := range tables {
				k.exec("DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
			}
		}
		for _, table := range tables {
			k.exec("DROP TABLE kept_" + table)
		}
	})
}

// lax reports whether the database keeps a text in a column of numbers.
func (k *kept) lax() bool {
	var n int
	return k.sql.QueryRowContext(k.Context(), "SELECT 1 FROM sqlite_schema LIMIT 1").Scan(&n) == nil
}

func (k *kept) findings() string {
	r := k.audit(k.head.At)
	out := ""
	for _, f := range r.Broken {
		out += "broken: " + f.String() + "\n"
	}
	for _, f := range r.Rows {
		out += "row: " + f.String() + "\n"
	}
	if out == "" && r.Kept != k.head {
		out = fmt.Sprintf("head: %v\n", r.Kept)
	}
	return out
}

// TestAKeptHeadShowsWhatIsWhole: what was cut off, or left out, with everything
// beside it made to fit shows by a head that was kept, and by nothing else.
func TestAKeptHeadShowsWhatIsWhole(t *testing.T) {
	bothDatabases(t, func(k *kept) {
		k.fill()
		// Later entries do not change what the head says.
		k.note(1, "Later")
		k.declare()
		k.house("Later")
		if got := k.findings(); got != "" {
			t.Fatalf("with more: %s", got)
		}
		k.exec(
			"DELETE FROM events WHERE incident = 0 AND seq > 2",
			"UPDATE streams SET seq = 2, head_hash = (SELECT hash FROM events WHERE incident = 0 AND seq = 2), recorded_at = (SELECT recorded_at FROM events WHERE incident = 0 AND seq = 2)",
		)
		if got := k.findings(); !strings.HasPrefix(got, "head: ") {
			t.Errorf("a cut tail: %q", got)
		}
		k.exec("DELETE FROM events WHERE incident >= 3", "DELETE FROM incidents WHERE number >= 3", "UPDATE counters SET value = 2 WHERE name = 'incident'")
		if got := k.findings(); !strings.HasPrefix(got, "head: ") {
			t.Errorf("the newest incidents: %q", got)
		}
		if r := k.audit(k.head.At); r.Kept.Streams != k.head.Streams-1 || r.Kept.Entries != k.head.Entries-3 {
			t.Errorf("kept %v, found %v", k.head, r.Kept)
		}
	})
}

// TestAForgedEntryDoesNotFit: one that is right in itself, in the place of another.
func TestAForgedEntryDoesNotFit(t *testing.T) {
	bothDatabases(t, func(k *kept) {
		k.fill()
		var before, old bot.Event
		err := k.store.View(t.Context(), func(tx bot.ReadTx) (err error) {
			if before, err = tx.Event(bot.Self(), 1, 4); err == nil {
				old, err = tx.Event(bot.Self(), 1, 5)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		forged := bot.Event{Incident: 1, At: old.At, Kind: old.Kind, Actor: old.Actor, Via: old.Via, Text: "All was well"}.Seal(before.Head(), old.RecordedAt)
		k.exec(fmt.Sprintf("UPDATE events SET text = '%s', salt = '%s', text_hash = '%s', hash = '%s', data = '{}' WHERE incident = 1 AND seq = 5",
			forged.Text, forged.Salt, forged.TextHash, forged.Hash))
		const want = "broken: incident:1: entry 6: it does not continue entry 5: one of the two was put in the place of another\n"
		if got := k.findings(); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
}
