package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// eachDatabase runs a benchmark on SQLite and, where one is installed, on a
// PostgreSQL that keeps what it commits. empty returns the address of a new
// database.
func eachDatabase(b *testing.B, run func(b *testing.B, kind string, empty func(*testing.B) string)) {
	b.Run("SQLite", func(b *testing.B) {
		run(b, "SQLite", func(b *testing.B) string { return filepath.Join(b.TempDir(), "tocsin.db") })
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		server := pgserver.Start(b)
		made := 0
		run(b, "PostgreSQL", func(b *testing.B) string { made++; return server.Create(b, fmt.Sprintf("bench%d", made)) })
	})
}

// bench is the program, or replicas of it, before a Slack that answers.
type bench struct {
	b      *testing.B
	slack  *fakeslack.Slack
	apps   []*app
	fronts []string // the addresses of the apps
	marks  *marks
}

// benchConfig has what a generated database speaks of. No post waits for the one
// before it: that limit is Slack's and not what is measured.
const benchConfig = `slack: {post_every: 0s}
components: [{id: api, name: API}, {id: web, name: Web}]
services: [{id: api, name: API, components: [api]}, {id: web, name: Web, components: [web]}, {id: search, name: Search}]
`

func newBench(b *testing.B, database string, replicas int) *bench {
	b.Helper()
	at := &bench{b: b, marks: &marks{left: map[string]time.Time{}, by: map[string]int{}, kept: map[string]time.Time{}}}
	environ := at.startSlack(b.TempDir(), database)
	for range replicas {
		at.startApp(environ)
	}
	at.meet("U0ANA")
	return at
}

// meet waits until the program knows somebody of its Slack, who may do nothing
// before.
func (at *bench) meet(who bot.UserID) {
	at.b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	changed := at.apps[0].store.Watch(ctx)
	for {
		err := at.apps[0].store.View(ctx, func(tx bot.ReadTx) error { _, err := tx.Person(who); return err })
		if err == nil {
			return
		}
		if bot.KindOf(err) != bot.KindNotFound {
			at.b.Fatal(err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			at.b.Fatalf("%s is not heard of", who)
		}
	}
}

// startSlack starts a Slack and returns the environment of a program before it.
func (at *bench) startSlack(dir, database string) []string {
	b := at.b
	b.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Start()
	at.slack = fakeslack.New(fakeslack.Options{BotToken: testBotToken, SigningSecret: testSecret, PublicURL: server.URL})
	server.Config.Handler = at.slack.Handler()
	at.slack.AddUser(fakeslack.User{ID: "U0ANA", Name: "ana"})
	at.slack.AddChannel("general", false, "U0ANA")
	at.slack.AddChannel("incidents", false)
	b.Cleanup(func() {
		at.slack.Close()
		server.CloseClientConnections()
		server.Close()
	})
	file := filepath.Join(dir, "tocsin.yaml")
	if err := os.WriteFile(file, []byte(benchConfig), 0o600); err != nil {
		b.Fatal(err)
	}
	return []string{
		"TOCSIN_CONFIG=" + file, "SLACK_BOT_TOKEN=" + testBotToken, "SLACK_SIGNING_SECRET=" + testSecret, "SLACK_API_URL=" + server.URL + "/api/",
		"TOCSIN_API_TOKEN=" + testRoot, "TOCSIN_DATABASE=" + database,
	}
}

func (at *bench) startApp(environ []string) {
	b := at.b
	b.Helper()
	c, err := loadConfig(overrides{}, environ)
	if err != nil {
		b.Fatal(err)
	}
	client, err := slackClient(c)
	if err != nil {
		b.Fatal(err)
	}
	name := fmt.Sprint("replica ", len(at.apps)+1)
	client.Transport = at.marks.watch(client.Transport, name)
	a, err := newApp(context.Background(), c, outside{slack: client}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	a.bot.Store = markingStore{a.bot.Store, at.marks}
	a.start(context.Background())
	server := httptest.NewServer(a.main)
	at.apps, at.fronts = append(at.apps, a), append(at.fronts, server.URL)
	b.Cleanup(func() {
		server.Close()
		if err := a.stop(); err != nil {
			b.Error(err)
		}
	})
}

// declare opens an incident and returns its number.
func (at *bench) declare(title string) (number int64) {
	at.b.Helper()
	_, err := at.apps[0].bot.Carry(context.Background(), bot.Request{User: "U0ANA", Via: bot.ViaAPI}, func(w *bot.Work) (bot.Reply, error) {
		e, err := bot.Declare(w, bot.Draft{Title: bot.Plain(title)})
		number = e.Incident
		return bot.Reply{}, err
	})
	if err != nil {
		at.b.Fatal(err)
	}
	return number
}

// marks are words in messages, by which is known when each was committed and when
// it left for Slack.
type marks struct {
	mu   sync.Mutex
	kept map[string]time.Time
	left map[string]time.Time
	by   map[string]int // how many left, by replica
	tell chan struct{}
}

var markWord = regexp.MustCompile(`mark\d+x`)

// watch notes when a call leaves with a mark in it.
func (m *marks) watch(to http.RoundTripper, who string) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Body == nil {
			return to.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		_ = r.Body.Close()
		if word := string(markWord.Find(body)); word != "" {
			m.leave(word, who)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		return to.RoundTrip(r)
	})
}

func (m *marks) leave(word, who string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, again := m.left[word]; again {
		return
	}
	m.left[word] = time.Now()
	m.by[who]++
	if m.tell != nil {
		close(m.tell)
		m.tell = nil
	}
}

// wait returns how long after its commit word left.
func (m *marks) wait(ctx context.Context, word string) (time.Duration, error) {
	for {
		m.mu.Lock()
		left, ok := m.left[word]
		kept := m.kept[word]
		if m.tell == nil {
			m.tell = make(chan struct{})
		}
		tell := m.tell
		m.mu.Unlock()
		if ok {
			return max(left.Sub(kept), 0), nil
		}
		select {
		case <-tell:
		case <-ctx.Done():
			return 0, fmt.Errorf("%s did not leave: %w", word, ctx.Err())
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// markingStore notes when an entry with a mark was committed.
type markingStore struct {
	bot.Store
	marks *marks
}

func (s markingStore) Update(ctx context.Context, fn func(bot.Tx) error) error {
	var word string
	err := s.Store.Update(ctx, func(tx bot.Tx) error { return fn(markingTx{tx, &word}) })
	if word != "" && err == nil {
		s.marks.mu.Lock()
		s.marks.kept[word] = time.Now()
		s.marks.mu.Unlock()
	}
	return err
}

type markingTx struct {
	bot.Tx
	word *string
}

func (t markingTx) Append(e bot.Event, i *bot.Incident) error {
	if word := markWord.FindString(string(e.Text)); word != "" {
		*t.word = word
	}
	return t.Tx.Append(e, i)
}
