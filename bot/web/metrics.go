package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// maxCounted bounds how many jobs or incidents a scrape counts; a gauge at this
// value means "this many or more".
const maxCounted = 10_000

// exposition writes Prometheus' text format 0.0.4. Labels are routes, codes and
// the configuration's severities; nothing that people wrote is in it.
func (s *Server) exposition(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyDeadline)
	defer cancel()
	var b strings.Builder
	s.writeRequests(&b)
	up := 1
	if err := s.writeStored(ctx, &b); err != nil {
		s.log.WarnContext(ctx, "metrics: the database does not answer", "error", err)
		up = 0
	}
	metric(&b, "tocsin_database_up", "gauge", "Whether the database answered this scrape.")
	fmt.Fprintf(&b, "tocsin_database_up %d\n", up)
	s.writeProcess(&b)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = io.WriteString(w, b.String()) // the scraper has gone; there is nobody to tell
}

func metric(w *strings.Builder, name, kind, help string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (s *Server) writeRequests(w *strings.Builder) {
	metric(w, "tocsin_http_requests_total", "counter", "Answers by route and status code.")
	for r := range s.counts.answers {
		for k := range s.counts.answers[r] {
			if n := s.counts.answers[r][k].Load(); n > 0 {
				fmt.Fprintf(w, "tocsin_http_requests_total{route=%q,code=\"%d\"} %d\n", routeNames[r], codes[k], n)
			}
		}
	}
}

// writeStored counts what is in the database. Incidents are counted as
// everyone sees them, so that a private one does not show even as a number.
func (s *Server) writeStored(ctx context.Context, w *strings.Builder) error {
	open := map[string]int{}
	rollbacks := map[bot.RollbackState]int{}
	jobs := map[bot.JobState]int{}
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		clear(open)
		clear(rollbacks)
		if err := countOpen(tx, open); err != nil {
			return err
		}
		if err := countLive(tx, rollbacks); err != nil {
			return err
		}
		for _, state := range []bot.JobState{bot.JobWaiting, bot.JobFailed} {
			n, err := countJobs(tx, state)
			if err != nil {
				return err
			}
			jobs[state] = n
		}
		return nil
	})
	if err != nil {
		return err
	}
	metric(w, "tocsin_incidents_open", "gauge", "Open incidents that are not private, by severity.")
	for _, v := range s.bot.Settings.Severities {
		fmt.Fprintf(w, "tocsin_incidents_open{severity=%q} %d\n", label(v.ID), open[v.ID])
		delete(open, v.ID)
	}
	other := 0
	for _, n := range open {
		other += n
	}
	if other > 0 { // of severities that the configuration no longer has
		fmt.Fprintf(w, "tocsin_incidents_open{severity=\"\"} %d\n", other)
	}
	writeLive(w, rollbacks)
	metric(w, "tocsin_jobs", "gauge", "Effects on other systems that wait or failed.")
	fmt.Fprintf(w, "tocsin_jobs{state=\"waiting\"} %d\ntocsin_jobs{state=\"failed\"} %d\n", jobs[bot.JobWaiting], jobs[bot.JobFailed])
	return nil
}

func countLive(tx bot.ReadTx, live map[bot.RollbackState]int) error {
	list, err := tx.Rollbacks(bot.Everyone(), bot.RollbackFilter{Live: true, Limit: maxRollbacks})
	for _, r := range list {
		live[r.State]++
	}
	return err
}

// writeLive writes every state in which a rollback can hold its lock, so that
// each is a series that is always there.
func writeLive(w *strings.Builder, live map[bot.RollbackState]int) {
	metric(w, "tocsin_rollbacks_live", "gauge", "Rollbacks that hold their lock, but for those of private incidents, by state.")
	for _, state := range []bot.RollbackState{
		bot.RollbackRequested, bot.RollbackAwaiting, bot.RollbackApproved, bot.RollbackSubmitting, bot.RollbackRunning,
		bot.RollbackBlocked, bot.RollbackVerifying, bot.RollbackTimedOut, bot.RollbackUnknown,
	} {
		fmt.Fprintf(w, "tocsin_rollbacks_live{state=%q} %d\n", string(state), live[state])
	}
}

func countOpen(tx bot.ReadTx, open map[string]int) error {
	f := bot.IncidentFilter{Open: true, Limit: 500}
	for total := 0; total < maxCounted; {
		page, err := tx.Incidents(bot.Everyone(), f)
		if err != nil {
			return err
		}
		for _, i := range page {
			open[i.Severity]++
			f.Before = i.Number
		}
		if total += len(page); len(page) < f.Limit {
			break
		}
	}
	return nil
}

func countJobs(tx bot.ReadTx, state bot.JobState) (int, error) {
	f := bot.JobFilter{States: []bot.JobState{state}, Limit: 500}
	total := 0
	for total < maxCounted {
		page, err := tx.Jobs(bot.Self(), f)
		if err != nil {
			return 0, err
		}
		total += len(page)
		if len(page) < f.Limit {
			break
		}
		f.After = page[len(page)-1].ID
	}
	return total, nil
}

func (s *Server) writeProcess(w *strings.Builder) {
	if at := s.site.renderedAt(); !at.IsZero() {
		metric(w, "tocsin_page_age_seconds", "gauge", "Time since the public page was last rendered.")
		fmt.Fprintf(w, "tocsin_page_age_seconds %.3f\n", time.Since(at).Seconds())
	}
	metric(w, "tocsin_page_failures_total", "counter", "Renders of the public page that failed.")
	fmt.Fprintf(w, "tocsin_page_failures_total %d\n", s.site.failures.Load())
	s.writeBackup(w)
	metric(w, "tocsin_build_info", "gauge", "The version that runs.")
	fmt.Fprintf(w, "tocsin_build_info{version=%q,go=%q} 1\n", label(s.version), runtime.Version())
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	metric(w, "go_goroutines", "gauge", "Goroutines that exist.")
	fmt.Fprintf(w, "go_goroutines %d\n", runtime.NumGoroutine())
	metric(w, "go_memstats_heap_alloc_bytes", "gauge", "Bytes of heap in use.")
	fmt.Fprintf(w, "go_memstats_heap_alloc_bytes %d\n", m.HeapAlloc)
	metric(w, "go_memstats_sys_bytes", "gauge", "Bytes taken from the system.")
	fmt.Fprintf(w, "go_memstats_sys_bytes %d\n", m.Sys)
	metric(w, "go_gc_cycles_total", "counter", "Garbage collections.")
	fmt.Fprintf(w, "go_gc_cycles_total %d\n", m.NumGC)
}

func (s *Server) writeBackup(w *strings.Builder) {
	if s.backup == nil {
		return
	}
	last, failed, _ := s.backup()
	if !last.IsZero() {
		metric(w, "tocsin_backup_last_success_timestamp_seconds", "gauge", "When the newest scheduled backup was made.")
		fmt.Fprintf(w, "tocsin_backup_last_success_timestamp_seconds %d\n", last.Unix())
	}
	metric(w, "tocsin_backup_failures_total", "counter", "Scheduled backups that failed since the start, each try.")
	fmt.Fprintf(w, "tocsin_backup_failures_total %d\n", failed)
}

// label keeps a value within what the format can quote as %q does: ASCII
// without control characters.
func label(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '_'
		}
		return r
	}, s)
}
