package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"regexp"
	"strconv"
	"time"
)

// RecordHead is what the whole record was at a time, in one line that can be kept
// where nobody who writes the database can reach it.
//
// Digest is the SHA-256, in hex, of one line for each stream that had an entry
// recorded at or before At: its name, the number of its last such entry and that
// entry's hash, with a space between them and a newline behind. The house comes
// first, then the incidents in the order of their numbers:
//
//	house 7 5d41…
//	incident:1 12 7d79…
//
// A stream that was purged since counts as it was. Times of entries grow within a
// stream, so the same lines can be written later, when the streams have grown.
type RecordHead struct {
	At      time.Time // a whole second
	Streams int64
	Entries int64
	Digest  string
}

// headDelay is how long before it is made a head ends: a transaction records the
// time at which it began and commits later, on a replica whose clock may differ.
const headDelay = 2 * time.Minute

// HeadCut is the time of a head that is made at now.
func HeadCut(now time.Time) time.Time { return now.UTC().Add(-headDelay).Truncate(time.Second) }

const headTime = "20060102T150405Z"

// String is the head as [ParseRecordHead] reads it.
func (h RecordHead) String() string {
	return fmt.Sprintf("1-%s-%d-%d-%s", h.At.UTC().Format(headTime), h.Streams, h.Entries, h.Digest)
}

var headForm = regexp.MustCompile(`^1-(\d{8}T\d{6}Z)-(\d{1,18})-(\d{1,18})-([0-9a-f]{64})$`)

// ParseRecordHead reads a head.
func ParseRecordHead(s string) (RecordHead, error) {
	m := headForm.FindStringSubmatch(s)
	if m == nil {
		return RecordHead{}, fmt.Errorf("%q is no head; it is one word that begins with 1- and a time, as it was posted", s)
	}
	at, err := time.Parse(headTime, m[1])
	if err != nil {
		return RecordHead{}, fmt.Errorf("%q is no head: its time does not exist", s)
	}
	h := RecordHead{At: at, Digest: m[4]}
	h.Streams, _ = strconv.ParseInt(m[2], 10, 64) // the form has only such
	h.Entries, _ = strconv.ParseInt(m[3], 10, 64)
	return h, nil
}

// headSum makes a head of the ends of streams, in their order.
type headSum struct {
	head RecordHead
	sum  hash.Hash
}

func newHeadSum(at time.Time) *headSum {
	return &headSum{RecordHead{At: at}, sha256.New()}
}

func (s *headSum) add(incident int64, h Head) {
	if h.Seq == 0 {
		return
	}
	s.head.Streams++
	s.head.Entries += h.Seq
	_, _ = fmt.Fprintf(s.sum, "%s %d %s\n", Stream(incident), h.Seq, h.Hash)
}

func (s *headSum) end() RecordHead {
	s.head.Digest = hex.EncodeToString(s.sum.Sum(nil))
	return s.head
}

// RecordHeadAt returns the head of the record in store at a time. It trusts what
// is stored; [Audit] does not.
func RecordHeadAt(ctx context.Context, store Store, at time.Time) (RecordHead, error) {
	sum := newHeadSum(at)
	for after, more := House-1, true; more; {
		var page []StreamHead
		err := store.View(ctx, func(tx ReadTx) (err error) {
			if page, err = tx.Heads(after, auditPage); err != nil {
				return err
			}
			more = len(page) == auditPage
			for k := range page {
				h := &page[k]
				if h.RecordedAt.After(at) {
					if h.Head, err = tx.HeadAt(h.Incident, at); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return RecordHead{}, err
		}
		for _, h := range page {
			after = h.Incident
			sum.add(h.Incident, h.Head)
		}
	}
	return sum.end(), nil
}
