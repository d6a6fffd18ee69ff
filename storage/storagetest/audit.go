package storagetest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// historySeeds are those of the histories of every run, and a new one, or the one
// that TOCSIN_SEED names alone: a failure says which it was.
func historySeeds(s *suite) []uint64 {
	if text := os.Getenv("TOCSIN_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			s.Fatalf("TOCSIN_SEED: %v", err)
		}
		return []uint64{seed}
	}
	return []uint64{1, rand.Uint64()} //nolint:gosec // a seed that is printed
}

// randomHistories does hundreds of things by chance and then rebuilds every
// incident from its entries: each is what is stored, and the whole record verifies.
func randomHistories(s *suite) {
	for _, seed := range historySeeds(s)[:1] {
		playHistory(s, seed)
	}
}

// newHistory is randomHistories with a seed that nobody has seen before.
func newHistory(s *suite) {
	seeds := historySeeds(s)
	playHistory(s, seeds[len(seeds)-1])
}

// historySteps is how many things are tried. About half are refused.
const historySteps = 500

func playHistory(s *suite, seed uint64) {
	name := fmt.Sprintf("TOCSIN_SEED=%d", seed)
	h, err := NewHistory(s.Context(), s, seed)
	if err == nil {
		err = h.Run(s.Context(), historySteps)
	}
	if err != nil {
		s.Fatalf("%s: %v", name, err)
	}
	entries := int64(len(s.events(bot.House)))
	for number := int64(1); number <= h.incidents; number++ {
		stored, list := s.incident(number), s.events(number)
		folded := bot.Fold(list)
		s.verify(list)
		s.equal(fmt.Sprintf("%s: state of incident %d", name, number), asJSON(stored), asJSON(folded))
		s.equal(fmt.Sprintf("%s: head of incident %d", name, number), stored.Head, folded.Head)
		entries += int64(len(list))
	}
	if seed == 1 && len(h.Kinds) < 20 {
		s.Errorf("%s: only these kinds came to be: %v", name, h.Kinds)
	}
	report := s.audit(h.Now(), time.Time{})
	if len(report.Broken)+len(report.Rows) > 0 || report.Entries != entries || report.Streams < h.incidents {
		s.Errorf("%s: %d entries in %d incidents: %+v", name, entries, h.incidents, report)
	}
	s.headsAgree(name, h)
}

// headsAgree makes a head of the middle of the history and one of its end, from
// what is stored and by the walk: they are the same.
func (s *suite) headsAgree(name string, h *History) {
	s.Helper()
	for _, at := range []time.Time{base().Add(h.Now().Sub(base()) / 2), h.Now()} {
		at = at.Truncate(time.Second)
		made, err := bot.RecordHeadAt(s.Context(), s, at)
		if err != nil {
			s.Fatal(err)
		}
		walked := s.audit(h.Now(), at).Kept
		s.equal(name+": the head", made, walked)
		read, err := bot.ParseRecordHead(made.String())
		s.equal(name+": the head as text", fmt.Sprint(read, err), fmt.Sprint(made, nil))
	}
}

func (s *suite) audit(now, keptAt time.Time) bot.AuditReport {
	s.Helper()
	report, err := bot.Audit(s.Context(), s, now, keptAt)
	if err != nil {
		s.Fatal(err)
	}
	return report
}
