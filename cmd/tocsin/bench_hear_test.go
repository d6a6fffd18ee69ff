package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// heard is how many updates are sent for P5.
const heard = 200

// BenchmarkP5 measures the time from the commit of an update to the call to Slack
// that it causes: one update after the other, in four incidents in turn. With two
// replicas the command goes to one, and either does the job.
func BenchmarkP5(b *testing.B) {
	eachDatabase(b, func(b *testing.B, kind string, empty func(*testing.B) string) {
		b.Run("replicas=1", func(b *testing.B) { p5(b, kind, newBench(b, empty(b), 1), 100) })
		if kind == "PostgreSQL" {
			b.Run("replicas=2", func(b *testing.B) { p5(b, kind+", two replicas", newBench(b, empty(b), 2), 250) })
		}
	})
}

func p5(b *testing.B, kind string, at *bench, most float64) {
	b.Helper()
	var all borne
	incidents := at.channels(4)
	for b.Loop() {
		all.add(at.hear(heard, incidents))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(all.p(50), "p50-ms")
	b.ReportMetric(all.p(99), "p99-ms")
	note := ""
	if len(at.apps) > 1 {
		note = fmt.Sprint(" ", slicesOf(at.marks.by))
	}
	table.add(figure{"P5 commit to Slack, " + kind + ", p50", "< 10 ms", fmt.Sprintf("%.2f ms", all.p(50)), "", all.p(50) < 10})
	table.add(figure{
		"P5 commit to Slack, " + kind + ", p99", fmt.Sprintf("< %.0f ms", most), fmt.Sprintf("%.2f ms%s", all.p(99), note), "", all.p(99) < most,
	})
}

// slicesOf says how many calls each replica made.
func slicesOf(by map[string]int) (out []string) {
	for k := range len(by) {
		name := fmt.Sprint("replica ", k+1)
		out = append(out, fmt.Sprintf("%s: %d", name, by[name]))
	}
	return out
}

// channels declares incidents, and waits until all that comes of it is done: what
// makes a channel is under limits of Slack's, and posts to it come after.
func (at *bench) channels(n int) (out []int64) {
	at.b.Helper()
	for k := range n {
		number := at.declare(fmt.Sprintf("Slow in zone %d", k))
		at.say(number)
		out = append(out, number)
	}
	at.settle()
	return out
}

// settle waits until nothing is due any more, or soon.
func (at *bench) settle() {
	at.b.Helper()
	for end := time.Now().Add(3 * time.Minute); ; pauseFor(at.b.Context(), 100*time.Millisecond) {
		soon := false
		err := at.apps[0].store.View(context.Background(), func(tx bot.ReadTx) error {
			due, ok, err := tx.NextDue()
			soon = ok && time.Until(due) < time.Minute
			return err
		})
		switch {
		case err != nil:
			at.b.Fatal(err)
		case !soon:
			return
		case time.Now().After(end):
			at.b.Fatal("jobs are left undone")
		}
	}
}

// hear says n things in the incidents in turn.
func (at *bench) hear(n int, incidents []int64) (out borne) {
	at.b.Helper()
	begin := time.Now()
	for k := range n {
		out.each = append(out.each, at.say(incidents[k%len(incidents)]))
	}
	out.took = time.Since(begin)
	return out
}

var benchClient = &http.Client{Timeout: 10 * time.Second}

// say updates an incident, and returns how long after the commit the call left.
func (at *bench) say(number int64) time.Duration {
	at.b.Helper()
	word := fmt.Sprintf("mark%dx", triggers.Add(1))
	if err := slash(benchClient, at.fronts[0], fmt.Sprintf("#%d update It goes on: %s.", number, word), "Posted"); err != nil {
		at.b.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	took, err := at.marks.wait(ctx, word)
	if err != nil {
		at.b.Fatal(err)
	}
	return took
}

// idleTime is how long nothing is asked of the program to see what it does.
const idleTime = time.Minute

// BenchmarkP5Idle counts what a replica on PostgreSQL asks and writes when nobody
// asks anything of it.
func BenchmarkP5Idle(b *testing.B) {
	server := pgserver.Start(b)
	at := newBench(b, server.Create(b, "idle"), 1)
	at.channels(2)
	pauseFor(b.Context(), 20*time.Second) // until the start is over, and a server has counted it: it does when a connection rests
	watch, err := sql.Open("pgx", server.URL("postgres"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = watch.Close() }()
	look := func() (commits, rows int64) {
		const query = `SELECT xact_commit + xact_rollback, tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = 'idle'`
		if err := watch.QueryRowContext(b.Context(), query).Scan(&commits, &rows); err != nil {
			b.Fatal(err)
		}
		return commits, rows
	}
	var asked, wrote int64
	var took time.Duration
	for b.Loop() {
		commits, rows := look()
		pauseFor(b.Context(), idleTime)
		c, r := look()
		asked, wrote, took = asked+c-commits, wrote+r-rows, took+idleTime
	}
	b.ReportMetric(0, "ns/op")
	each := float64(asked) / took.Seconds()
	b.ReportMetric(each, "tx/s")
	table.add(figure{"P5 idle replica, PostgreSQL", "≤ 1 transaction/s", fmt.Sprintf("%.2f/s, %.1f rows written/min", each, float64(wrote)/took.Minutes()), "", each <= 1})
}
