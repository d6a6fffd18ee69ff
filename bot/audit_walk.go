package bot

import (
	"context"
	"fmt"
	"math"
	"time"
)

// How much of the record is read at a time. A page is a transaction of its own, so
// that a record of millions holds up neither the writer's journal nor a vacuum.
const (
	auditPage = 1000
	auditEnds = 200
)

// AuditReport is what a walk through the record found.
type AuditReport struct {
	Entries int64 `json:"entries"` // that are there
	Streams int64 `json:"streams"` // with entries, or purged
	Purged  int64 `json:"purged"`  // of which only a tombstone is left
	// Broken has the first wrong entry of each broken stream.
	Broken []Finding `json:"broken,omitempty"`
	// Rows has the incidents whose row is not the fold of their entries.
	Rows []Finding `json:"rows,omitempty"`
	// Head is that of the record as it was found, Kept as of another head's time.
	Head, Kept RecordHead `json:"-"`
}

// Audit walks through all streams and checks every entry. It may run beside a
// process that writes: what is appended meanwhile is checked or not, and what seems
// wrong is looked at again in one consistent state before it is reported. With
// keptAt the report has the head as of that time, too.
func Audit(ctx context.Context, store Store, now, keptAt time.Time) (AuditReport, error) {
	a := &auditor{store: store, cuts: []time.Time{HeadCut(now), keptAt}, ended: House - 1, next: 1}
	for _, t := range a.cuts {
		a.sums = append(a.sums, newHeadSum(t))
	}
	for more := true; more; {
		var err error
		if more, err = a.page(ctx); err != nil {
			return AuditReport{}, err
		}
	}
	a.report.Head, a.report.Kept = a.sums[0].end(), a.sums[1].end()
	return a.report, nil
}

type auditor struct {
	store  Store
	cuts   []time.Time
	sums   []*headSum // of cuts
	report AuditReport

	incident, seq int64        // the entry that was read last
	stream        *streamAudit // of which more may come; nil: none
	ended         int64        // the last stream whose row was met
	next          int64        // the incident that must come next
}

// streamResult is what was found of one stream.
type streamResult struct {
	incident   int64
	chain, row *Finding
	count      int64
	purged     bool
	at         []Head
}

// page reads on, and reports whether there may be more.
func (a *auditor) page(ctx context.Context) (more bool, err error) {
	var found []streamResult
	var ended []*streamAudit
	met, next, read := a.ended, a.next, false
	err = a.store.View(ctx, func(tx ReadTx) error {
		a.ended, a.next = met, next
		if !read { // if this runs again, the rows are met anew but no entry is added twice
			entries, err := tx.Entries(a.incident, a.seq, auditPage)
			if err != nil {
				return err
			}
			more, ended, read = len(entries) > 0, a.read(entries), true
		}
		to := int64(math.MaxInt64)
		if more {
			if len(ended) == 0 {
				return nil
			}
			to = ended[len(ended)-1].incident
		}
		found, err = a.meet(tx, ended, to)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, r := range found {
		if r.chain != nil && r.chain.Stream != Stream(r.incident) { // a gap, which one state has shown
			a.report.Broken = append(a.report.Broken, *r.chain)
			continue
		}
		if r.chain != nil || r.row != nil {
			if r, err = a.again(ctx, r.incident); err != nil {
				return false, err
			}
		}
		a.take(r)
	}
	return more, nil
}

// read hands entries to their streams and returns those that have ended.
func (a *auditor) read(entries []Entry) (ended []*streamAudit) {
	for _, e := range entries {
		if a.stream != nil && a.stream.incident != e.Incident {
			ended = append(ended, a.stream)
			a.stream = nil
		}
		if a.stream == nil {
			a.stream = newStreamAudit(e.Incident, a.cuts)
		}
		a.stream.add(e)
		a.incident, a.seq = e.Incident, e.Seq
		if e.Seq == math.MaxInt64 { // a row whose number cannot be read
			a.incident, a.seq = e.Incident+1, 0
		}
	}
	if len(entries) == 0 && a.stream != nil {
		ended = append(ended, a.stream)
		a.stream = nil
	}
	return ended
}

// meet brings the streams that have ended together with what is kept beside them,
// up to the stream to, and finds what is on one side alone.
func (a *auditor) meet(tx ReadTx, ended []*streamAudit, to int64) (out []streamResult, err error) {
	last, err := tx.LastNumber()
	if err != nil {
		return nil, err
	}
	alone := func(below int64) {
		for ; len(ended) > 0 && ended[0].incident < below; ended = ended[1:] {
			out = append(a.gap(out, ended[0].incident, last), ended[0].result(nil))
		}
	}
	for full := true; full; {
		ends, err := tx.Ends(a.ended, to, auditEnds)
		if err != nil {
			return nil, err
		}
		full = len(ends) == auditEnds
		for k := range ends {
			end := &ends[k]
			alone(end.Incident)
			out = a.gap(out, end.Incident, last)
			a.ended = end.Incident
			if len(ended) > 0 && ended[0].incident == end.Incident {
				out = append(out, ended[0].result(end))
				ended = ended[1:]
				continue
			}
			r, err := lone(tx, end, a.cuts)
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
	}
	alone(math.MaxInt64)
	a.ended = max(a.ended, to)
	if to == math.MaxInt64 {
		out = a.gap(out, last+1, last)
	}
	return out, nil
}

// gap adds the incidents between the last one that came and incident, of which
// nothing is there.
func (a *auditor) gap(out []streamResult, incident, last int64) []streamResult {
	from, to := a.next, min(incident-1, last)
	a.next = max(a.next, incident+1)
	if incident == House || to < from {
		return out
	}
	what := "all of it is missing, and no entry of the house says that it was purged"
	if to > from {
		what = fmt.Sprintf("all of it is missing, and so are the incidents up to #%d; no entry of the house says that they were purged", to)
	}
	return append(out, streamResult{incident: House, chain: &Finding{Stream: Stream(from), What: what}})
}

func (s *streamAudit) result(kept *End) streamResult {
	r := streamResult{incident: s.incident, count: s.count, at: s.at}
	r.chain, r.row = s.end(kept)
	return r
}

// lone judges what is kept of a stream without entries: the house's at the
// beginning, a tombstone, or the row of an incident that has lost them.
func lone(tx ReadTx, end *End, cuts []time.Time) (streamResult, error) {
	r := streamResult{incident: end.Incident, at: make([]Head, len(cuts))}
	if end.Tombstone != nil && end.Differs != nil {
		r.chain = &Finding{Stream: Stream(end.Incident), What: "it was purged, and yet it has a row"}
		return r, nil
	}
	if end.Tombstone != nil {
		r.purged = true
		for k, t := range cuts {
			r.at[k] = end.Tombstone.At(t)
		}
		what, err := end.Tombstone.verify(tx, end.Incident)
		if what != "" {
			r.chain = &Finding{Stream: Stream(end.Incident), What: what}
		}
		return r, err
	}
	if end.Incident != House || end.Head.Seq != 0 {
		r.chain = &Finding{Stream: Stream(end.Incident), Seq: 1, What: fmt.Sprintf("all of its %d entries are missing", end.Head.Seq)}
	}
	return r, nil
}

// again looks at one stream in one consistent state.
func (a *auditor) again(ctx context.Context, incident int64) (r streamResult, err error) {
	err = a.store.View(ctx, func(tx ReadTx) error {
		s := newStreamAudit(incident, a.cuts)
		for seq, more := int64(0), true; more; {
			page, err := tx.Entries(incident, seq, auditPage)
			if err != nil {
				return err
			}
			more = len(page) > 0
			for _, e := range page {
				if e.Incident != incident {
					more = false
					break
				}
				s.add(e)
				if seq = e.Seq; seq == math.MaxInt64 {
					more = false
				}
			}
		}
		ends, err := tx.Ends(incident-1, incident, 1)
		switch {
		case err != nil:
			return err
		case len(ends) == 0:
			r = s.result(nil)
		case s.count == 0:
			r, err = lone(tx, &ends[0], a.cuts)
		default:
			r = s.result(&ends[0])
		}
		return err
	})
	return r, err
}

// take adds what was found of a stream to the report.
func (a *auditor) take(r streamResult) {
	if r.count > 0 || r.purged {
		a.report.Streams++
	}
	if r.purged {
		a.report.Purged++
	}
	a.report.Entries += r.count
	if r.chain != nil {
		a.report.Broken = append(a.report.Broken, *r.chain)
	}
	if r.row != nil {
		a.report.Rows = append(a.report.Rows, *r.row)
	}
	for k, s := range a.sums {
		s.add(r.incident, r.at[k])
	}
}
