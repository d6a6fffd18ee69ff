package bot

import (
	"fmt"
	"time"
)

// AuditReader reads the record as it is stored, for whoever checks it. It trusts
// nothing: what is read may have been written by anybody.
type AuditReader interface {
	// Entries returns the entries of all streams behind entry seq of a stream, in
	// the order of stream and Seq.
	Entries(incident, seq int64, limit int) ([]Entry, error)
	// Ends returns what is kept of each stream beside its entries, for streams
	// above after and up to last, in their order. The house is stream 0.
	Ends(after, last int64, limit int) ([]End, error)
	// Heads returns the ends of streams alone, as they are kept.
	Heads(after int64, limit int) ([]StreamHead, error)
	// HeadAt returns the end of a stream as it was at t; a zero Seq: there was none.
	HeadAt(incident int64, t time.Time) (Head, error)
	// LastNumber is the last number that an incident was given. There are no gaps
	// below it.
	LastNumber() (int64, error)
	// Over returns the incidents above after that ended, with nothing open, and of
	// which nothing was recorded since before.
	Over(after int64, before time.Time, limit int) ([]int64, error)
}

// Entry is an entry as it is stored.
type Entry struct {
	Event
	// Raw is the stored text of Data, which the hash covers as it is.
	Raw string
	// Held says that a redacted entry still has a text or a salt.
	Held bool
	// Fault is why the row, or its Data, cannot be read; empty: it can.
	Fault string
}

// StreamHead is the end of a stream with the number of its incident.
type StreamHead struct {
	Incident int64
	Head
}

// End is what is kept of a stream beside its entries.
type End struct {
	Incident int64
	Head     Head
	// Differs says in which columns the incident's row, and the rows of its roles,
	// are not what its entries fold to; empty: in none. Nil for the house.
	Differs func(folded *Incident) string
	// Tombstone is what is left of a purged incident; nil: it was not purged.
	Tombstone *Tombstone
}

// Finding is something that is wrong with a stream.
type Finding struct {
	Stream string `json:"stream"`
	Seq    int64  `json:"seq,omitempty"` // of the first wrong entry; 0: the stream as a whole
	What   string `json:"what"`
}

// String is the finding as a line.
func (f Finding) String() string {
	if f.Seq == 0 {
		return f.Stream + ": " + f.What
	}
	return fmt.Sprintf("%s: entry %d: %s", f.Stream, f.Seq, f.What)
}

// streamAudit checks one stream, entry by entry. It stops judging at the first
// wrong one, since nothing behind that is known to follow.
type streamAudit struct {
	incident int64
	head     Head // the last entry, as it is stored
	count    int64
	fault    *Finding
	folded   *Incident // nil for the house
	// redacted are the entries without their text; true: another one says why.
	redacted map[int64]bool
	cuts     []time.Time
	at       []Head // the last entry at each of cuts
}

func newStreamAudit(incident int64, cuts []time.Time) *streamAudit {
	s := &streamAudit{incident: incident, cuts: cuts, at: make([]Head, len(cuts))}
	if incident != House {
		s.folded = &Incident{}
	}
	return s
}

func (s *streamAudit) add(e Entry) {
	if s.fault == nil {
		if seq, what := s.judge(e); what != "" {
			s.blame(seq, what)
		} else {
			s.follow(e)
		}
	}
	s.head = e.Head()
	s.count++
	for k, t := range s.cuts {
		if !e.RecordedAt.After(t) {
			s.at[k] = s.head
		}
	}
}

func (s *streamAudit) blame(seq int64, what string) {
	s.fault = &Finding{Stream: Stream(s.incident), Seq: seq, What: what}
}

// judge says what is wrong with e as the entry behind s.head, and which entry
// that is about; empty: nothing.
func (s *streamAudit) judge(e Entry) (seq int64, what string) {
	next := s.head.Seq + 1
	whole := e.Fault == "" && e.Hash == e.hashOver(e.Raw)
	switch {
	case e.Seq > next+1:
		return next, fmt.Sprintf("it is missing, and so are those up to %d", e.Seq-1)
	case e.Seq > next:
		return next, "it is missing"
	case e.Fault != "":
		return e.Seq, e.Fault
	case !whole && e.Prev != s.head.Hash:
		if from := s.cameFrom(e); from != 0 {
			return e.Seq, fmt.Sprintf("this is what was entry %d: the order was changed", from)
		}
		return e.Seq, "it was changed, and does not continue the entry before"
	case !whole:
		return e.Seq, "it was changed"
	case e.Prev != s.head.Hash:
		return e.Seq, fmt.Sprintf("it does not continue entry %d: one of the two was put in the place of another", s.head.Seq)
	case e.Redacted && e.Held:
		return e.Seq, "it is marked as redacted, and still holds a text"
	case !e.Redacted && e.TextHash != digest(e.Salt, string(e.Text)):
		return e.Seq, "its text was changed"
	}
	return 0, ""
}

// cameFrom looks for the place near its own where e would be right; 0: nowhere.
func (s *streamAudit) cameFrom(e Entry) int64 {
	own := e.Seq
	for d := int64(1); d <= 16; d++ {
		for _, e.Seq = range []int64{own - d, own + d} {
			if e.Seq > 0 && e.Hash == e.hashOver(e.Raw) {
				return e.Seq
			}
		}
	}
	return 0
}

// follow makes s what it is after a right entry.
func (s *streamAudit) follow(e Entry) {
	if e.Redacted {
		if s.redacted == nil {
			s.redacted = map[int64]bool{}
		}
		s.redacted[e.Seq] = false
	}
	if e.Kind == EventRedacted && e.Data.Ref != 0 {
		if _, gone := s.redacted[e.Data.Ref]; gone {
			s.redacted[e.Data.Ref] = true
		} else if e.Data.Ref < e.Seq {
			s.blame(e.Data.Ref, fmt.Sprintf("entry %d redacted it, and it has a text", e.Seq))
			return
		}
	}
	if s.folded != nil {
		s.folded.Apply(e.Event)
	}
}

// end compares the stream with what is kept beside it, and says what is wrong with
// either; nil: nothing. kept is nil where there is nothing.
func (s *streamAudit) end(kept *End) (chain, row *Finding) {
	switch {
	case kept == nil && s.incident == House:
		return &Finding{Stream: Stream(s.incident), What: "the row that holds its end is missing"}, nil
	case kept == nil:
		return &Finding{Stream: Stream(s.incident), What: "there is no such incident, and yet it has entries"}, nil
	case kept.Tombstone != nil:
		return &Finding{Stream: Stream(s.incident), What: "it was purged, and yet it has entries"}, nil
	}
	if s.fault == nil {
		s.endChain(kept.Head)
	}
	if s.fault == nil && s.folded != nil && kept.Differs != nil {
		if what := kept.Differs(s.folded); what != "" {
			row = &Finding{Stream: Stream(s.incident), What: "its row is not what its entries make of it: " + what}
		}
	}
	return s.fault, row
}

func (s *streamAudit) endChain(kept Head) {
	last := s.head
	switch {
	case kept.Seq > last.Seq+1:
		s.blame(last.Seq+1, fmt.Sprintf("it is missing, and so are those up to %d: the end was cut off", kept.Seq))
	case kept.Seq > last.Seq:
		s.blame(kept.Seq, "it is missing: the end was cut off")
	case kept.Seq < last.Seq:
		s.blame(kept.Seq+1, fmt.Sprintf("the stream's own row ends with entry %d: it was added, or the row was changed", kept.Seq))
	case kept.Hash != last.Hash:
		s.blame(last.Seq, "the stream's own row holds another hash of it: one of the two was changed")
	case !kept.RecordedAt.Equal(last.RecordedAt):
		s.blame(last.Seq, "the stream's own row holds another time of it: the row was changed")
	default:
		for seq, told := range s.redacted {
			if !told && (s.fault == nil || seq < s.fault.Seq) {
				s.blame(seq, "its text was removed, and no entry says why")
			}
		}
	}
}
