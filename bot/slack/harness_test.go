package slack

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

const (
	testToken  = "xoxb-test-token-canary"
	testSecret = "8f742231b10e8888abcd99yyyzzz85a5"
)

// world is a workspace with Ana, Ben, a guest and somebody of another
// organisation, the channels general and incidents, and a whole Tocsin but for
// its command language.
type world struct {
	t     testing.TB
	ctx   context.Context
	fake  *fakeslack.Slack
	bot   *bot.Bot
	slack *Slack
	mux   *http.ServeMux
	talk  *talker
	logs  *logbook
}

// logbook is what was logged.
type logbook struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// take returns what was logged since it was last called.
func (l *logbook) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

const (
	ana, ben, guest, gone, alien = "U0000ANA1", "U0000BEN1", "U00GUEST1", "U0000GONE", "U00ALIEN1"
)

// bubble runs fn in a synctest bubble with a world that is running, after
// before had a hand in its settings.
func bubble(t *testing.T, fn func(*world), before ...func(*bot.Settings)) {
	t.Helper()
	prepared(t, func(w *world) {
		for _, change := range before {
			change(w.bot.Settings)
		}
	}, fn)
}

// prepared is bubble for tests that have more to do before anything runs.
func prepared(t *testing.T, before, fn func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		before(w)
		ctx, cancel := context.WithCancel(t.Context())
		w.ctx = ctx
		runner := bot.NewRunner(w.bot)
		done := make(chan struct{}, 2)
		go func() { runner.Run(ctx); done <- struct{}{} }()
		go func() {
			if err := w.slack.Run(ctx); err != nil {
				t.Error(err)
			}
			done <- struct{}{}
		}()
		defer func() { // also when fn ends the test
			cancel()
			<-done
			<-done
			w.close()
		}()
		synctest.Wait()
		fn(w)
	})
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), mux: http.NewServeMux(), logs: &logbook{}}
	network := fakeslack.Net{"app.test": w.mux}
	client := &http.Client{Transport: network}
	w.fake = fakeslack.New(fakeslack.Options{BotToken: testToken, SigningSecret: testSecret, AppURL: "https://app.test", Client: client})
	network["slack.test"] = w.fake.Handler()
	network["evil.test"] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something was sent to a stranger") })
	w.fake.AddUser(fakeslack.User{ID: ana, Name: "ana", RealName: "Ana Lima", TZ: "America/New_York"})
	w.fake.AddUser(fakeslack.User{ID: ben, Name: "ben", RealName: "Ben Okoro"})
	w.fake.AddUser(fakeslack.User{ID: guest, Name: "guest", IsRestricted: true})
	w.fake.AddUser(fakeslack.User{ID: gone, Name: "gone", Deleted: true})
	w.fake.AddUser(fakeslack.User{ID: alien, Name: "alien", TeamID: "T0OTHER"})
	w.fake.AddGroup(fakeslack.Group{ID: "S00SECURE", Handle: "security", Users: []string{ben, gone}})
	w.fake.AddChannel("general", false, ana, ben, guest, alien, w.fake.BotUser())
	w.fake.AddChannel("incidents", false, ana, ben)
	store := fresh.Open(t, filepath.Join(t.TempDir(), "tocsin.db"))
	set := bot.Defaults()
	set.PrivateInvite = []bot.GroupID{"S00SECURE"}
	set.PublicURL = "https://status.test"
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.bot = bot.New(fresh.Twice(store), &set, log)
	w.talk = &talker{bot: w.bot}
	var err error
	w.slack, err = New(Config{
		BotToken: testToken, SigningSecrets: []string{testSecret}, APIURL: "https://slack.test/api/",
		HTTPClient: client, Log: log, Bot: w.bot, Dispatcher: w.talk,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.bot.Use(w.slack)
	w.slack.Mount(w.mux)
	return w
}

func (w *world) close() {
	w.t.Helper()
	w.fake.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := errors.Join(w.slack.Shutdown(ctx), w.bot.Store.Close()); err != nil {
		w.t.Error(err)
	}
}

// rest lets everything happen that happens within d.
func (w *world) rest(d time.Duration) {
	time.Sleep(d) // the bubble's time
	synctest.Wait()
}

func (w *world) slash(who, channel, text string) fakeslack.Answer {
	w.t.Helper()
	a, err := w.fake.As(who).Slash(w.ctx, channel, "/incident", text)
	if err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return a
}

func (w *world) incident(n int64) *bot.Incident {
	w.t.Helper()
	var i *bot.Incident
	err := w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
		i, err = tx.Incident(bot.Self(), n)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

func (w *world) link(n int64, name string) string {
	w.t.Helper()
	var v string
	err := w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
		v, err = tx.Link(bot.Owner(n), name)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *world) jobs(states ...bot.JobState) []bot.Job {
	w.t.Helper()
	var list []bot.Job
	err := w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
		list, err = tx.Jobs(bot.Self(), bot.JobFilter{States: states, Limit: 1000})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// said are the bot's messages in a channel that everybody sees, as text.
func (w *world) said(channel string) []string {
	var out []string
	for _, m := range w.fake.Messages(channel) {
		if m.BotID != "" && m.EphemeralTo == "" && m.Subtype == "" {
			out = append(out, w.fake.PlainText(m))
		}
	}
	return out
}

// whispered are those that only one person sees.
func (w *world) whispered(channel, to string) []string {
	var out []string
	for _, m := range w.fake.Messages(channel) {
		if m.EphemeralTo == to {
			out = append(out, w.fake.PlainText(m))
		}
	}
	return out
}

// once fails unless exactly one of list holds part.
func (w *world) once(list []string, part string) {
	w.t.Helper()
	n := 0
	for _, s := range list {
		n += strings.Count(s, part)
	}
	if n != 1 {
		w.t.Errorf("%q is said %d times in:\n%s", part, n, strings.Join(list, "\n---\n"))
	}
}

// slackCall does what an administrator would do.
func (w *world) slackCall(method, channel string) error {
	return w.slack.call(w.ctx, method, func(ctx context.Context) error {
		return w.slack.api.ArchiveConversationContext(ctx, channel)
	})
}
