package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Retention is how long what is over is kept. A zero period is for ever.
type Retention struct {
	// Incidents is how long after its last entry an incident is kept that is over
	// and of which nothing is open.
	Incidents Period
	// Jobs is how long effects are kept that were done or became needless.
	Jobs Period
}

// Purger removes what is over, for good.
type Purger interface {
	// Purge removes everything of an incident and leaves t.
	Purge(incident int64, t Tombstone) error
	// DropJobs looks through about limit jobs above after, and drops those that were
	// done or became needless before a time.
	DropJobs(after int64, before time.Time, limit int) (DroppedJobs, error)
}

// DroppedJobs is how far [Purger.DropJobs] came.
type DroppedJobs struct {
	Count int64
	Last  int64 // the last one that was looked at
	More  bool  // there may be more behind it
}

// PurgeMark is what an entry of the house says of what was purged.
type PurgeMark struct {
	What   string `json:"what"`   // [PurgedIncident] or [PurgedJobs]
	Policy string `json:"policy"` // the period under which it went
	Count  int64  `json:"count"`  // of entries or jobs
	// Incident, Hash and Chain are an incident's: its number, the hash of its last
	// entry, and the SHA-256 of its tombstone's Chain.
	Incident int64  `json:"incident,omitempty"`
	Hash     string `json:"hash,omitempty"`
	Chain    string `json:"chain,omitempty"`
}

// What can be purged.
const (
	PurgedIncident = "incident"
	PurgedJobs     = "jobs"
)

func (m *PurgeMark) deed() Text {
	if m.What == PurgedJobs {
		return Plain(fmt.Sprintf("purged %d finished jobs (jobs are kept %s)", m.Count, m.Policy))
	}
	return Plain(fmt.Sprintf("purged incident #%d with %d entries (incidents are kept %s)", m.Incident, m.Count, m.Policy))
}

// Tombstone is what is left of a purged incident: nothing that anybody wrote or did.
type Tombstone struct {
	Head  Head
	Entry int64 // of the house, which tells of it
	// Chain is a line for each entry that there was: when it was recorded, in
	// microseconds, a space and its hash. Kept heads are checked by it.
	Chain string
}

// entomb is the tombstone of a stream, but for the house's entry.
func entomb(events []Event) Tombstone {
	var t Tombstone
	var b strings.Builder
	for _, e := range events {
		b.WriteString(itoa(e.RecordedAt.UnixMicro()) + " " + e.Hash + "\n")
		t.Head = e.Head()
	}
	t.Chain = b.String()
	return t
}

func (t *Tombstone) sum() string {
	sum := sha256.Sum256([]byte(t.Chain))
	return hex.EncodeToString(sum[:])
}

// At is the end of the stream as it was at a time.
func (t *Tombstone) At(at time.Time) (h Head) {
	for line := range strings.Lines(t.Chain) {
		us, hash, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		n, err := strconv.ParseInt(us, 10, 64)
		if err != nil || n > at.UnixMicro() {
			break
		}
		h = Head{Seq: h.Seq + 1, Hash: hash, RecordedAt: time.UnixMicro(n).UTC()}
	}
	return h
}

// verify says what is wrong with the tombstone of an incident; empty: nothing.
func (t *Tombstone) verify(tx ReadTx, incident int64) (string, error) {
	told, err := tx.Entries(House, t.Entry-1, 1)
	if err != nil {
		return "", err
	}
	if len(told) == 0 || told[0].Incident != House || told[0].Seq != t.Entry {
		return fmt.Sprintf("it was purged, and entry %d of the house, which told of that, is missing", t.Entry), nil
	}
	e := told[0]
	m := e.Data.Purge
	if e.Kind != EventPurged || m == nil || m.What != PurgedIncident || m.Incident != incident {
		return fmt.Sprintf("there is a tombstone of it, and entry %d of the house does not say that it was purged", t.Entry), nil
	}
	last := t.At(t.Head.RecordedAt)
	if t.sum() != m.Chain || m.Hash != t.Head.Hash || m.Count != t.Head.Seq || last != t.Head {
		return fmt.Sprintf("its tombstone is not what entry %d of the house says: it was changed", t.Entry), nil
	}
	return "", nil
}
