package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy/fakedeploy"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

const (
	testBotToken = "xoxb-test-token-0123456789"
	testSecret   = "signing-secret-of-the-tests"
	testRoot     = "root-token-of-the-tests-0123"
	testDeploy   = "deploy-token-of-the-tests-012"
	testNotices  = "whsec_bm90aWNlcy1vZi10aGUtdGVzdHMtMDEyMzQ1Njc4OQ=="
)

// world is the whole program and the Slack that it lives in, inside one bubble
// of virtual time.
type world struct {
	t      *testing.T
	at     string // the step that is played
	dir    string
	slack  *fakeslack.Slack
	deploy *fakedeploy.System
	github *fakegithub.GitHub
	net    fakeslack.Net
	front  atomic.Pointer[balancer] // before the program; nil while it is down
	config string
	// database is the address of the program's.
	database string
	replicas int
	bus      *storage.Bus // of the replicas
	apps     []*app
	app      *app // one of them

	where  map[string]string // the channel in which each person is
	answer string            // the last answer, as its reader sees it
	last   fakeslack.Answer
	seen   map[string]string // channel → ts of the last message matched
	heard  map[string]string // person → ts of the last answer that only they see
	logs   *testLog
	skew   atomic.Int64 // by how much the program's clock is off, in nanoseconds
	log    *slog.Logger // into them, of all replicas
}

// testLog keeps the log for the tests that look for secrets in it, and shows it
// when a test fails.
type testLog struct{ strings.Builder }

func newWorld(t *testing.T, dir, config string) *world {
	t.Helper()
	file := filepath.Join(dir, "tocsin.db")
	fresh.Put(t, file)
	return newWorldOn(t, file, dir, config)
}

// newWorldOn is a world whose database is elsewhere. On PostgreSQL there are two
// replicas of the program, to which requests go in turn.
func newWorldOn(t *testing.T, database, dir, config string) *world {
	t.Helper()
	w := &world{t: t, dir: dir, database: database, replicas: 1, config: config, where: map[string]string{}, seen: map[string]string{}, heard: map[string]string{}, logs: &testLog{}}
	w.log = slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), w.logs), &slog.HandlerOptions{Level: slog.LevelWarn}))
	if storage.IsPostgres(database) {
		w.replicas, w.bus = 2, &storage.Bus{}
	}
	w.net = fakeslack.Net{}
	w.slack = fakeslack.New(fakeslack.Options{
		BotToken: testBotToken, SigningSecret: testSecret, AppURL: "http://tocsin.test",
		Client: &http.Client{Transport: w.net, Timeout: 3 * time.Second}, PublicURL: "http://slack.test", Aliases: []string{"/inc"},
	})
	w.net["slack.test"] = w.slack.Handler()
	w.net["tocsin.test"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if h := w.front.Load(); h != nil {
			h.ServeHTTP(rw, r)
			return
		}
		http.NotFound(rw, r)
	})
	for _, u := range []fakeslack.User{
		{ID: "U0ANA", Name: "ana", RealName: "Ana Ruiz", TZ: "America/New_York"},
		{ID: "U0BEN", Name: "ben", RealName: "Ben Okafor", TZ: "Europe/London"},
		{ID: "U0CEM", Name: "cem", RealName: "Cem Kaya", TZ: "Europe/Istanbul"},
		{ID: "U0GUS", Name: "gus", RealName: "Gus Guest", IsRestricted: true},
		{ID: "U0EVE", Name: "eve", RealName: "Eve Elsewhere", TeamID: "T0OTHER"},
		{ID: "U0OLD", Name: "old", RealName: "Old Timer", Deleted: true},
	} {
		w.slack.AddUser(u)
	}
	w.slack.AddChannel("general", false, "U0ANA", "U0BEN", "U0CEM", "U0GUS", "U0EVE")
	w.slack.AddChannel("incidents", false, "U0ANA", "U0BEN", "U0CEM")
	w.slack.AddChannel("ops", false, "U0ANA", "U0BEN")
	w.addDeploys()
	w.addGitHub()
	w.start()
	return w
}

// errorf reports what is wrong with the step that is played.
func (w *world) errorf(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("%s\n%s", w.at, fmt.Sprintf(format, args...))
}

// loadConfig reads a configuration as serve would.
func (w *world) loadConfig() *Config {
	w.t.Helper()
	file := filepath.Join(w.dir, "tocsin.yaml")
	if err := os.WriteFile(file, []byte(w.config), 0o600); err != nil {
		w.t.Fatal(err)
	}
	c, err := loadConfig(overrides{config: &file}, []string{
		"SLACK_BOT_TOKEN=" + testBotToken, "SLACK_SIGNING_SECRET=" + testSecret, "SLACK_API_URL=http://slack.test/api/",
		"DEPLOY_TOKEN=" + testDeploy, "DEPLOY_HOOK_SECRET=" + testNotices,
		"GITHUB_TOKEN=" + testGitHub, "GITHUB_API_URL=http://github.test/api/v3/", "GITHUB_WEBHOOK_SECRET=" + testWebhook,
		"TOCSIN_API_TOKEN=" + testRoot, "TOCSIN_DATABASE=" + w.database, "TOCSIN_BASE_URL=http://tocsin.test",
	})
	if err != nil {
		w.t.Fatalf("configuration: %v", err)
	}
	return c
}

func (w *world) close() {
	w.stop()
	w.deploy.Close()
	w.github.Close()
	w.slack.Close()
}

// settle lets everything that is due be done: time goes on to the next due job
// until none is due within half a minute.
func (w *world) settle() {
	w.t.Helper()
	for range 1000 {
		synctest.Wait()
		next, ok := w.nextDue()
		next = next.Add(-time.Duration(w.skew.Load()))
		if !ok || time.Until(next) > 30*time.Second {
			return
		}
		time.Sleep(max(time.Until(next), 10*time.Millisecond))
	}
	w.errorf("the queue does not come to rest")
}

// now is what the program's clock shows.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.skew.Load())) }

// clockwork are the jobs that go on for as long as a rollback does.
var clockwork = []string{"deploy.poll", "deploy.look", "slack.progress", "github.look"}

// nextDue is when the first lane wants to run whose next job comes to an end.
func (w *world) nextDue() (at time.Time, ok bool) {
	var jobs []bot.Job
	var wake time.Time // of the first lane; one whose job runs wakes when its lease ends
	err := w.app.store.View(context.Background(), func(tx bot.ReadTx) (err error) {
		if wake, _, err = tx.NextDue(); err != nil {
			return err
		}
		jobs, err = tx.Jobs(bot.Self(), bot.JobFilter{States: []bot.JobState{bot.JobWaiting}, Limit: 10_000})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	first := map[string]bool{}
	for _, j := range jobs {
		if first[j.Lane] {
			continue
		}
		first[j.Lane] = true
		steady := slices.Contains(clockwork, j.Kind) && j.RunAt.Sub(w.now()) > 5*time.Second
		if !steady && (!ok || j.RunAt.Before(at)) {
			at, ok = j.RunAt, true
		}
	}
	if at.Before(wake) {
		at = wake
	}
	return at, ok
}

// control does what is done to the world itself.
func (w *world) control(_ context.Context, text string) bool {
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "wait":
		d, err := time.ParseDuration(rest)
		if err != nil {
			w.errorf("%v", err)
		}
		time.Sleep(d)
	case "restart":
		w.restart()
	case "down":
		d, err := time.ParseDuration(rest)
		if err != nil {
			w.errorf("%v", err)
		}
		w.stop()
		time.Sleep(d)
		w.start()
	case "fault":
		f, err := parseFault(rest)
		if err != nil {
			w.errorf("%v", err)
		}
		w.slack.Inject(f)
	case "clear":
		w.slack.ClearFaults()
		w.deploy.ClearFaults()
	case "deploys":
		w.deploySystem(rest)
	case "github":
		w.gitHub(rest)
	default:
		return false
	}
	return true
}

// typed is what a person types: a command or a message.
func (w *world) typed(ctx context.Context, text string) bool {
	if who, name, ok := strings.Cut(text, " joins "); ok {
		w.where[who] = w.channel(name)
		if err := w.slack.As(who).Join(ctx, w.where[who]); err != nil {
			w.errorf("%v", err)
		}
		return true
	}
	head, line, ok := strings.Cut(text, "> ")
	if !ok {
		return false
	}
	words := strings.Fields(head)
	if words[0] == "api" || words[0] == "cli" {
		return w.api(ctx, words[1], line)
	}
	who, channel, thread := words[0], w.where[words[0]], ""
	switch {
	case len(words) == 3 && words[1] == "in" && words[2] == "thread":
		thread = w.newest(channel).TS
	case len(words) == 3 && words[1] == "in":
		channel = w.channel(words[2])
		w.where[who] = channel
	case len(words) != 1:
		return false
	}
	if channel == "" {
		channel = w.channel("#general")
	}
	w.dismiss(ctx, who)
	if command, rest, _ := strings.Cut(line, " "); strings.HasPrefix(line, "/") {
		a, err := w.slack.As(who).Slash(ctx, channel, command, rest)
		w.hear(who, a, err)
		return true
	}
	if _, err := w.slack.As(who).Say(ctx, channel, thread, line); err != nil {
		w.errorf("%v", err)
	}
	return true
}

// dismiss closes the forms that somebody left open.
func (w *world) dismiss(ctx context.Context, who string) {
	for _, v := range w.slack.As(who).Views() {
		if err := w.slack.As(who).CloseView(ctx, v.ID, true); err != nil {
			w.errorf("%v", err)
		}
	}
}

// hear keeps an answer for the expectations that follow.
func (w *world) hear(who string, a fakeslack.Answer, err error) {
	if err != nil {
		w.errorf("no answer: %v", err)
		return
	}
	w.last, w.answer = a, a.Text
	synctest.Wait() // a form is opened after the answer
	if list := w.private(w.slack.As(who).ID()); len(list) > 0 && a.Text == "" {
		texts := make([]string, len(list))
		for k, m := range list {
			texts[k] = w.slack.PlainText(m)
		}
		w.last.Message, w.answer = &list[len(list)-1], strings.Join(texts, "\n")
	}
	if views := w.slack.As(who).Views(); len(views) > 0 {
		w.answer += "\n" + w.slack.PlainView(views[len(views)-1])
	}
}

// private returns the messages that only id sees and that were not heard yet, in
// order; answers to clicks come that way. What the program says at once and what
// it says when the work is done may come in any order.
func (w *world) private(id string) (list []fakeslack.Message) {
	for _, c := range w.slack.Channels() {
		for _, m := range w.slack.Messages(c.ID) {
			if m.EphemeralTo == id && m.TS > w.heard[id] {
				list = append(list, m)
			}
		}
	}
	slices.SortFunc(list, func(a, b fakeslack.Message) int { return strings.Compare(a.TS, b.TS) })
	if len(list) > 0 {
		w.heard[id] = list[len(list)-1].TS
	}
	return list
}

func (w *world) channel(name string) string {
	name = strings.TrimPrefix(name, "#")
	c, ok := w.slack.Channel(name)
	if !ok && strings.HasPrefix(name, "dm-") {
		return w.slack.DM(strings.TrimPrefix(name, "dm-"))
	}
	if !ok {
		w.errorf("there is no channel #%s", name)
	}
	return c.ID
}

func (w *world) newest(channel string) fakeslack.Message {
	list := w.slack.Messages(channel)
	if len(list) == 0 {
		return fakeslack.Message{}
	}
	return list[len(list)-1]
}

func publicIncidentID(n int64) string { return bot.PublicID("incident", strconv.FormatInt(n, 10)) }
