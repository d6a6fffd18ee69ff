package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/grown"
)

// How many incidents the large databases hold. A file is kept in .bench, so that it
// is filled once; PostgreSQL is filled anew each time and is smaller, unless the
// environment (BENCH_INCIDENTS, BENCH_PG_INCIDENTS) says otherwise.
const (
	fileIncidents   = 100_000
	serverIncidents = 10_000
)

// looks is how often each thing is asked of each of the two, in each of some rounds
// of which the quietest counts: what else the machine does must not.
const (
	looks  = 300
	series = 5
)

// BenchmarkP2 compares how long answers take on a database of a hundred incidents
// and on one that has grown, through the whole program, both in turn in one run.
func BenchmarkP2(b *testing.B) {
	eachDatabase(b, func(b *testing.B, kind string, empty func(*testing.B) string) {
		many := benchNumber(b, "BENCH_INCIDENTS", fileIncidents)
		url := ""
		if kind == "SQLite" {
			url = grownFile(b, many)
		} else {
			many = benchNumber(b, "BENCH_PG_INCIDENTS", serverIncidents)
			url = empty(b)
			fillBench(b, url, grown.Large(many))
		}
		small, young := empty(b), grown.Young()
		fillBench(b, small, young)
		of := []*grownBench{
			{newBench(b, small, 1), int64(young.Incidents)},
			{newBench(b, url, 1), int64(many)},
		}
		for _, look := range growthLooks() {
			b.Run(look.name, func(b *testing.B) { compare(b, kind, look, of) })
		}
	})
}

// grownBench is the program on a generated database.
type grownBench struct {
	*bench
	incidents int64
}

// growthLook is one thing that is asked.
type growthLook struct {
	name string
	ask  func(at *grownBench) error
}

func growthLooks() []growthLook {
	line := func(line, want string) func(*grownBench) error {
		return func(at *grownBench) error { return slash(benchClient, at.fronts[0], line, want) }
	}
	get := func(path string) func(*grownBench) error {
		return func(at *grownBench) error { return getOK(at.fronts[0] + path) }
	}
	return []growthLook{
		{"show", func(at *grownBench) error {
			return slash(benchClient, at.fronts[0], fmt.Sprintf("show #%d", at.anyOf(at.incidents)), "text")
		}},
		{"list", line("list", "Open incidents")},
		{"list all", line("list all", "The newest incidents")},
		{"note", func(at *grownBench) error {
			number := at.incidents + 1 - at.anyOf(40) // one that is open
			return slash(benchClient, at.fronts[0], fmt.Sprintf("#%d note It is better", number), "Noted")
		}},
		{"search", func(at *grownBench) error { // two words, of which one is seldom written
			return slash(benchClient, at.fronts[0], fmt.Sprintf("search node-%d", rand.IntN(5000)), "text")
		}},
		{"status page", get("/")},
		{"history", get("/history")},
		{"API list", get("/api/v1/incidents")},
		{"API timeline", func(at *grownBench) error {
			return getOK(fmt.Sprintf("%s/api/v1/incidents/%d/timeline", at.fronts[0], at.anyOf(at.incidents)))
		}},
	}
}

// anyOf is a number up to n of an incident that is not private.
func (at *grownBench) anyOf(n int64) int64 {
	for {
		if k := 1 + rand.Int64N(n); k%50 != 7 && (at.incidents+1-k)%50 != 7 {
			return k
		}
	}
}

func getOK(url string) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+testRoot)
	req.Header.Set("X-Tocsin-User", "U0ANA")
	res, err := benchClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	return nil
}

// compare asks both in turn, so that what the machine does besides hits both.
func compare(b *testing.B, kind string, look growthLook, of []*grownBench) {
	took := make([][]borne, len(of))
	for b.Loop() {
		for range series {
			for n, each := range inTurn(b, look, of) {
				took[n] = append(took[n], each)
			}
		}
	}
	growthFigure(b, kind, look.name, took)
}

func inTurn(b *testing.B, look growthLook, of []*grownBench) []borne {
	b.Helper()
	took := make([]borne, len(of))
	for range looks {
		for n, at := range of {
			begin := time.Now()
			if err := look.ask(at); err != nil {
				b.Fatal(err)
			}
			took[n].each = append(took[n].each, time.Since(begin))
		}
	}
	return took
}

// quietest is the least of a percentile in any round.
func quietest(rounds []borne, percent int) float64 {
	out := math.Inf(1)
	for k := range rounds {
		out = min(out, rounds[k].p(percent))
	}
	return out
}

func growthFigure(b *testing.B, kind, name string, took [][]borne) {
	b.Helper()
	few50, few99, many50, many99 := quietest(took[0], 50), quietest(took[0], 99), quietest(took[1], 50), quietest(took[1], 99)
	median, last := many50/few50, many99/few99
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(many50, "p50-ms")
	b.ReportMetric(many99, "p99-ms")
	b.ReportMetric(median, "x-p50")
	b.ReportMetric(last, "x-p99")
	table.add(figure{
		"P2 " + name + ", " + kind + ", p50 / p99", "≤ 2× a small database", fmt.Sprintf("%.2f× / %.2f× (%.2f / %.2f ms)", median, last, many50, many99),
		fmt.Sprintf("%.2f / %.2f ms", few50, few99), median <= 2 && last <= 2,
	})
}

// BenchmarkP2Outbox compares how soon a message leaves.
func BenchmarkP2Outbox(b *testing.B) {
	small := filepath.Join(b.TempDir(), "small.db")
	fillBench(b, small, grown.Young())
	var of []*bench
	var told [][]int64
	for _, url := range []string{small, grownFile(b, benchNumber(b, "BENCH_INCIDENTS", fileIncidents))} {
		at := newBench(b, url, 1)
		of, told = append(of, at), append(told, at.channels(4))
	}
	took := make([][]borne, len(of))
	for b.Loop() {
		for range series {
			for k, at := range of {
				took[k] = append(took[k], at.hear(looks/2, told[k]))
			}
		}
	}
	growthFigure(b, "SQLite", "outbox", took)
}

func benchNumber(b *testing.B, name string, none int) int {
	b.Helper()
	s := os.Getenv(name)
	if s == "" {
		return none
	}
	n, err := strconv.Atoi(s)
	if least := 1000; err != nil || n < least {
		b.Fatalf("%s=%s is no number of incidents; give at least %d", name, s, least)
	}
	return n
}

// fillBench fills an empty database, and says how long that took.
func fillBench(b *testing.B, url string, o grown.Options) {
	b.Helper()
	begin := time.Now()
	if err := grown.Fill(context.Background(), url, o); err != nil {
		b.Fatal(err)
	}
	if !storage.IsPostgres(url) {
		info, err := os.Stat(url)
		if err != nil {
			b.Fatal(err)
		}
		b.Logf("%d incidents, %d entries, %.2f GB, in %v", o.Incidents, o.Events, float64(info.Size())/1e9, time.Since(begin).Round(time.Second))
		return
	}
	b.Logf("%d incidents, %d entries, in %v", o.Incidents, o.Events, time.Since(begin).Round(time.Second))
}

// grownFile returns a database that has grown: the one that is kept, unless its
// schema is another than today's.
func grownFile(b *testing.B, incidents int) string {
	b.Helper()
	folder := filepath.Join("..", "..", ".bench")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(folder, fmt.Sprintf("grown-%d-%s.db", incidents, grownVersion(b)))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	old, err := filepath.Glob(filepath.Join(folder, fmt.Sprintf("grown-%d-*", incidents)))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			b.Fatal(err)
		}
	}
	fillBench(b, path+".part", grown.Large(incidents))
	_ = os.Remove(path + ".part.lock") // of a file that goes by another name now
	if err := os.Rename(path+".part", path); err != nil {
		b.Fatal(err)
	}
	return path
}

// grownVersion names the schema and the generator.
func grownVersion(b *testing.B) string {
	b.Helper()
	hash := sha256.New()
	for _, pattern := range []string{"migrations/*.sql", "migrations/sqlite/*.sql", "storagetest/grown/*.go"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "storage", pattern))
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = hash.Write(text) // it never fails
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:8]
}
