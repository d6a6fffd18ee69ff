package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the reference's driver on PostgreSQL
	slackgo "github.com/slack-go/slack"
	_ "modernc.org/sqlite" // the reference's driver on SQLite

	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
	"github.com/tocsin-dev/tocsin/storage"
)

// rounds and roundTime are how P1 is measured: both servers in turn, in one
// run, over loopback, closed loop.
const (
	rounds    = 3
	roundTime = 1500 * time.Millisecond
)

// BenchmarkP1 measures a durable command (note) through HTTP, signature,
// dispatch, right, commit and reply against a bare handler that checks the
// signature and does one durable insert a request. The goals: throughput at
// least 1.0 times the bare handler's at 8 and 64 connections and 0.5 times at 1,
// and a p99 below it at 64.
func BenchmarkP1(b *testing.B) {
	eachDatabase(b, func(b *testing.B, kind string, empty func(*testing.B) string) {
		at := newBench(b, empty(b), 1)
		notes := []int64{at.declare("Latency in both clusters")}
		if kind == "PostgreSQL" { // where those who write into one incident at once are in each other's way
			for range 63 {
				notes = append(notes, at.declare("Latency in both clusters"))
			}
		}
		ours, bare := at.fronts[0], bareServer(b, empty(b))
		for _, conns := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("connections=%d", conns), func(b *testing.B) {
				var our, ref borne
				for b.Loop() {
					for range rounds {
						ref.add(drive(b, bare, conns, notes))
						our.add(drive(b, ours, conns, notes))
					}
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(our.rate(), "req/s")
				b.ReportMetric(ref.rate(), "bare-req/s")
				b.ReportMetric(our.rate()/ref.rate(), "x-throughput")
				b.ReportMetric(our.p(99), "p99-ms")
				b.ReportMetric(ref.p(99), "bare-p99-ms")
				p1Figures(kind, conns, &our, &ref)
			})
		}
	})
}

// p1Figures adds to the table. The goal is for SQLite, where transactions share a
// commit; on PostgreSQL each has its own, and every statement a way there and back.
func p1Figures(kind string, conns int, our, ref *borne) {
	goal := 1.0
	if conns == 1 {
		goal = 0.5
	}
	name, times := fmt.Sprintf("P1 note, %s, %d connections", kind, conns), our.rate()/ref.rate()
	rate, tail := fmt.Sprintf("≥ %.1f× the bare server's rate", goal), "below the bare server's"
	if kind != "SQLite" {
		rate, tail = "", ""
	}
	table.add(figure{
		name, rate, fmt.Sprintf("%.2f× (%.0f/s)", times, our.rate()), fmt.Sprintf("%.0f/s", ref.rate()), times >= goal,
	})
	if conns == 64 {
		table.add(figure{name + ", p99", tail, fmt.Sprintf("%.1f ms", our.p(99)), fmt.Sprintf("%.1f ms", ref.p(99)), our.p(99) < ref.p(99)})
	}
}

// borne is what a server bore.
type borne struct {
	took time.Duration
	each []time.Duration
}

func (l *borne) add(o borne) { l.took, l.each = l.took+o.took, append(l.each, o.each...) }

func (l *borne) rate() float64 { return float64(len(l.each)) / l.took.Seconds() }

// p is a percentile in milliseconds.
func (l *borne) p(percent int) float64 {
	slices.Sort(l.each)
	return float64(l.each[len(l.each)*percent/100].Microseconds()) / 1000
}

var triggers atomic.Int64

// drive sends signed notes over conns connections for roundTime, each into an
// incident of its own as far as there are some.
func drive(b *testing.B, base string, conns int, incidents []int64) borne {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: conns}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var out borne
	begin := time.Now()
	for k := range conns {
		line := fmt.Sprintf("#%d note Latency is back to normal in both clusters", incidents[k%len(incidents)])
		wg.Go(func() {
			var each []time.Duration
			for time.Since(begin) < roundTime {
				at := time.Now()
				if err := slash(client, base, line, "Noted"); err != nil {
					b.Error(err)
					return
				}
				each = append(each, time.Since(at))
			}
			mu.Lock()
			out.each = append(out.each, each...)
			mu.Unlock()
		})
	}
	wg.Wait()
	out.took = time.Since(begin)
	return out
}

// slash sends a line as Slack does. The answer must hold want.
func slash(client *http.Client, base, line, want string) error {
	body := url.Values{
		"command": {"/incident"}, "text": {line}, "user_id": {"U0ANA"}, "team_id": {"T0DEMO"},
		"channel_id": {"C00000001"}, "trigger_id": {"bench." + strconv.FormatInt(triggers.Add(1), 10)}, "response_url": {"https://hooks.slack.com/commands/T0/1/2"},
	}.Encode()
	ts := strconv.FormatInt(time.Now().Unix(), 10)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, base+"/slack/commands", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Slack-Request-Timestamp", ts)
	req.Header.Set("X-Slack-Signature", fakeslack.Sign(testSecret, ts, []byte(body)))
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || !strings.Contains(string(answer), want)) {
		err = fmt.Errorf("%s: %s %.300s", line, res.Status, answer)
	}
	return err
}

// bareServer is the reference: net/http, slack-go's verifier, one transaction a
// request (WAL, synchronous=FULL on SQLite; a PostgreSQL that commits to the disk),
// an answer of the same kind.
func bareServer(b *testing.B, database string) string {
	b.Helper()
	db := bareDatabase(b, database)
	if _, err := db.ExecContext(b.Context(), `create table notes (trigger text primary key, body text, at bigint)`); err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /slack/commands", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		v, err := slackgo.NewSecretsVerifier(r.Header, testSecret)
		if err == nil {
			_, _ = v.Write(body)
			err = v.Ensure()
		}
		if err != nil {
			http.Error(w, "unsigned", http.StatusUnauthorized)
			return
		}
		form, err := url.ParseQuery(string(body))
		if err == nil {
			_, err = db.ExecContext(r.Context(), `insert into notes (trigger, body, at) values ($1, $2, $3)`, form.Get("trigger_id"), form.Get("text"), time.Now().UnixMicro())
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"response_type":"ephemeral","text":"Noted."}`)
	})
	server := httptest.NewServer(mux)
	b.Cleanup(func() {
		server.Close()
		_ = db.Close()
	})
	return server.URL
}

func bareDatabase(b *testing.B, database string) *sql.DB {
	b.Helper()
	driver, connections := "pgx", 16 // as many as the program has
	if !storage.IsPostgres(database) {
		driver, connections = "sqlite", 1
		database = "file:" + database + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	}
	db, err := sql.Open(driver, database)
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}
