package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
	_ "modernc.org/sqlite" // the reference's driver

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
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
	ours, bare := noteServer(b), bareServer(b)
	for _, conns := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("connections=%d", conns), func(b *testing.B) {
			var our, ref borne
			for b.Loop() {
				for range rounds {
					ref.add(drive(b, bare, conns))
					our.add(drive(b, ours, conns))
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(our.rate(), "req/s")
			b.ReportMetric(ref.rate(), "bare-req/s")
			b.ReportMetric(our.rate()/ref.rate(), "x-throughput")
			b.ReportMetric(our.p99(), "p99-ms")
			b.ReportMetric(ref.p99(), "bare-p99-ms")
		})
	}
}

// borne is what a server bore.
type borne struct {
	took time.Duration
	each []time.Duration
}

func (l *borne) add(o borne) { l.took, l.each = l.took+o.took, append(l.each, o.each...) }

func (l *borne) rate() float64 { return float64(len(l.each)) / l.took.Seconds() }

func (l *borne) p99() float64 {
	slices.Sort(l.each)
	return float64(l.each[len(l.each)*99/100].Microseconds()) / 1000
}

var triggers atomic.Int64

// drive sends signed notes over conns connections for roundTime.
func drive(b *testing.B, base string, conns int) borne {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: conns}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var out borne
	begin := time.Now()
	for range conns {
		wg.Go(func() {
			var each []time.Duration
			for time.Since(begin) < roundTime {
				at := time.Now()
				if err := sendNote(client, base); err != nil {
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

func sendNote(client *http.Client, base string) error {
	body := url.Values{
		"command": {"/incident"}, "text": {"#1 note Latency is back to normal in both clusters"}, "user_id": {"U0ANA"}, "team_id": {"T0DEMO"},
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
	if err == nil && (res.StatusCode != http.StatusOK || !strings.Contains(string(answer), "Noted")) {
		err = fmt.Errorf("%s %s", res.Status, answer)
	}
	return err
}

// noteServer is the program, with one incident to note in, before a Slack that
// answers.
func noteServer(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	slackServer := httptest.NewUnstartedServer(nil)
	slackServer.Start()
	slack := fakeslack.New(fakeslack.Options{BotToken: testBotToken, SigningSecret: testSecret, PublicURL: slackServer.URL})
	slackServer.Config.Handler = slack.Handler()
	slack.AddUser(fakeslack.User{ID: "U0ANA", Name: "ana"})
	slack.AddChannel("general", false, "U0ANA")
	file := filepath.Join(dir, "tocsin.yaml")
	if err := os.WriteFile(file, []byte("slack: {post_every: 0s}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	c, err := loadConfig(overrides{config: &file}, []string{
		"SLACK_BOT_TOKEN=" + testBotToken, "SLACK_SIGNING_SECRET=" + testSecret, "SLACK_API_URL=" + slackServer.URL + "/api/",
		"TOCSIN_DATABASE=" + filepath.Join(dir, "tocsin.db"),
	})
	if err != nil {
		b.Fatal(err)
	}
	a, err := newApp(context.Background(), c, outside{}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	a.start(context.Background())
	server := httptest.NewServer(a.main)
	b.Cleanup(func() {
		server.Close()
		if err := a.stop(); err != nil {
			b.Error(err)
		}
		slack.Close()
		slackServer.CloseClientConnections()
		slackServer.Close()
	})
	_, err = a.bot.Carry(context.Background(), bot.Request{User: "U0ANA", Via: bot.ViaAPI}, func(w *bot.Work) (bot.Reply, error) {
		_, err := bot.Declare(w, bot.Draft{Title: "Latency in both clusters"})
		return bot.Reply{}, err
	})
	if err != nil {
		b.Fatal(err)
	}
	return server.URL
}

// bareServer is the reference: net/http, slack-go's verifier, one transaction a
// request (WAL, synchronous=FULL), an answer of the same kind.
func bareServer(b *testing.B) string {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+
		"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(b.Context(), `create table notes (id integer primary key, trigger text unique, body text, at integer)`); err != nil {
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
