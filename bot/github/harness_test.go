package github

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/wire"
	emptydb "github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

const (
	ana, ben = "U0000ANA1", "U0000BEN1" // only Ana has a login on GitHub

	hubURL     = "http://github.test"
	hubToken   = "ghp_canary0123456789abcdefghijklmnop"
	hookSecret = "0123456789abcdef0123456789abcdef"
	openRepo   = "acme/postmortems"
	closedRepo = "acme/secret"
)

// world is an install with two repositories on a GitHub of its own.
type world struct {
	t    *testing.T
	ctx  context.Context
	bot  *bot.Bot
	g    *GitHub
	hub  *fakegithub.GitHub
	net  *network
	mux  *http.ServeMux
	logs *lockedWriter
	now  atomic.Int64 // what the incidents' clock is ahead
}

// plan is how a world is made.
type plan struct {
	config   Config
	settings bot.Settings
	hub      fakegithub.Options
	deaf     bool // no webhooks are sent
}

func openStore(t *testing.T) bot.Store {
	t.Helper()
	return emptydb.Open(t, filepath.Join(t.TempDir(), "tocsin.db"))
}

func newWorld(t *testing.T, change func(*plan)) *world {
	t.Helper()
	set := bot.Defaults()
	set.Services = []bot.Service{{ID: "gateway", Name: "Gateway"}}
	set.Followups.Repo, set.Followups.PrivateRepo, set.Followups.Web = openRepo, closedRepo, hubURL
	set.Followups.Logins = map[bot.UserID]string{ana: "ana"}
	p := plan{
		config: Config{Token: hubToken, APIURL: hubURL + "/api/v3/", WebhookSecret: hookSecret}, settings: set,
		hub: fakegithub.Options{Token: hubToken, PublicURL: hubURL, WebhookURL: "http://tocsin.test/github/webhooks", WebhookSecret: hookSecret},
	}
	if change != nil {
		change(&p)
	}
	if p.deaf {
		p.hub.WebhookURL = ""
	}
	w := &world{t: t, ctx: t.Context(), mux: http.NewServeMux(), logs: &lockedWriter{}, net: newNetwork()}
	p.hub.Client = &http.Client{Transport: inMemory{w.mux}}
	w.hub = fakegithub.New(p.hub)
	w.hub.AddRepo(fakegithub.Repo{Name: openRepo, Private: true, Assignees: []string{"ana"}})
	w.hub.AddRepo(fakegithub.Repo{Name: closedRepo, Private: true, Assignees: []string{"ana"}})
	log := slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.bot = bot.New(emptydb.Twice(openStore(t)), &p.settings, log)
	w.bot.Now = func() time.Time { return time.Now().Add(time.Duration(w.now.Load())) }
	p.config.Bot, p.config.Log = w.bot, log
	p.config.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: w.net.dial, DisableKeepAlives: true}}
	var err error
	if w.g, err = New(p.config); err != nil {
		t.Fatal(err)
	}
	w.bot.Use(w.g)
	w.g.Mount(w.mux)
	return w
}

// lockedWriter lets several write.
type lockedWriter struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedWriter) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// run starts GitHub and what the world has, and returns what stops them.
func (w *world) run(runner, poll bool) (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	w.ctx = ctx
	w.net.server = &http.Server{Handler: w.hub.Handler(), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	var parts sync.WaitGroup
	parts.Go(func() { _ = w.net.server.Serve(w.net) })
	if runner {
		parts.Go(func() { bot.NewRunner(w.bot).Run(ctx) })
	}
	if poll {
		parts.Go(func() { _ = w.g.Run(ctx) })
	}
	return func() {
		cancel()
		_ = w.net.server.Close()
		parts.Wait()
		w.hub.Close()
		if err := w.bot.Store.Close(); err != nil {
			w.t.Error(err)
		}
		if strings.Contains(w.logs.String(), hubToken) || strings.Contains(w.logs.String(), hookSecret) {
			w.t.Error("a secret is in the log")
		}
	}
}

// bubble runs fn in virtual time with everything running.
func bubble(t *testing.T, change func(*plan), fn func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, change)
		defer w.run(true, true)()
		synctest.Wait()
		fn(w)
	})
}

// still runs fn in virtual time with nothing running but GitHub; jobs are done by
// hand.
func still(t *testing.T, change func(*plan), fn func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, change)
		defer w.run(false, false)()
		fn(w)
	})
}

// after lets d of the bubble's time go by.
func after(d time.Duration) { time.Sleep(d) }

// rest lets everything happen that happens within d.
func (w *world) rest(d time.Duration) {
	after(d)
	synctest.Wait()
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// carry does something as user.
func (w *world) carry(user bot.UserID, fn func(*bot.Work) error) error {
	_, err := w.bot.Carry(w.ctx, bot.Request{User: user, Via: bot.ViaSlack}, func(work *bot.Work) (bot.Reply, error) {
		return bot.Reply{}, fn(work)
	})
	return err
}

// add declares an incident and adds an item of it, as Ana.
func (w *world) add(d bot.FollowUpDraft) *bot.FollowUp {
	w.t.Helper()
	return w.addTo(bot.Draft{Title: "Gateway is slow", Severity: "sev1"}, d)
}

func (w *world) addTo(i bot.Draft, d bot.FollowUpDraft) (f *bot.FollowUp) {
	w.t.Helper()
	if d.Text == "" && d.Issue == 0 {
		d.Text = "Alert on queue depth"
	}
	w.must(w.carry(ana, func(work *bot.Work) error {
		e, err := bot.Declare(work, i)
		if err != nil {
			return err
		}
		if err := work.Lock(e.Incident); err != nil {
			return err
		}
		f, err = bot.AddFollowUp(work, d)
		return err
	}))
	return f
}

// on does something with an item as user.
func (w *world) on(user bot.UserID, number int64, fn func(*bot.Work, *bot.FollowUp) error) error {
	return w.carry(user, func(work *bot.Work) error {
		f, err := bot.TakeFollowUp(work, number)
		if err != nil {
			return err
		}
		return fn(work, f)
	})
}

// set says where an item stands, as Ana.
func (w *world) set(number int64, s bot.FollowUpState) {
	w.t.Helper()
	w.must(w.on(ana, number, func(work *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(work, f, s, "") }))
}

// item is an item as it stands.
func (w *world) item(number int64) (f *bot.FollowUp) {
	w.t.Helper()
	w.must(w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
		f, err = tx.FollowUp(bot.Self(), number)
		return err
	}))
	return f
}

// expect checks where item 1 and its issue stand.
func (w *world) expect(state bot.FollowUpState, issue bot.IssueState) *bot.FollowUp {
	w.t.Helper()
	f := w.item(1)
	if f.State != state || f.Issue.State != issue {
		w.t.Fatalf("item 1 is %s, its issue %s (%+v), want %s, %s", f.State, f.Issue.State, f.Issue, state, issue)
	}
	return f
}

// issues checks how many issues a repository has, and returns them.
func (w *world) issues(repo string, want int) []fakegithub.Issue {
	w.t.Helper()
	list := w.hub.Issues(repo)
	if len(list) != want {
		w.t.Fatalf("%s has %d issues, want %d: %+v", repo, len(list), want, list)
	}
	return list
}

// do does a job about item 1 as the runner would at its attempt-th try.
func (w *world) do(kind string, attempt int) bot.Outcome {
	w.t.Helper()
	return w.doWith(w.ctx, kind, attempt)
}

func (w *world) doWith(ctx context.Context, kind string, attempt int) bot.Outcome {
	j := bot.Job{Kind: kind, Incident: 1, Attempt: attempt, CreatedAt: w.bot.Now(), Payload: bot.Payload(work{Item: 1})}
	err := w.g.Do(ctx, j)
	if err != nil && strings.Contains(err.Error(), hubToken) {
		w.t.Errorf("the token is in an error: %v", err)
	}
	return bot.OutcomeOf(j, err, w.bot.Now())
}

// done does a job about item 1 that must end.
func (w *world) done(kind string, attempt int) {
	w.t.Helper()
	if o := w.do(kind, attempt); o.State != bot.JobDone {
		w.t.Fatalf("%s: %+v", kind, o)
	}
}

// posts counts the calls of a method on a path's beginning.
func (w *world) calls(method, path string) int {
	n := 0
	for _, c := range w.hub.Calls() {
		if c.Method == method && strings.HasPrefix(c.Path, path) {
			n++
		}
	}
	return n
}

// record is the entries about items.
func (w *world) record() (out []bot.Event) {
	w.t.Helper()
	w.must(w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
		out, err = tx.Events(bot.Self(), 1, bot.EventFilter{Kinds: []bot.EventKind{bot.EventFollowUp}})
		return err
	}))
	return out
}

// quiet checks that no job failed and none waits.
func (w *world) quiet() {
	w.t.Helper()
	w.must(w.bot.Store.View(w.ctx, func(tx bot.ReadTx) error {
		jobs, err := tx.Jobs(bot.Self(), bot.JobFilter{})
		for _, j := range jobs {
			w.t.Errorf("%s is %s: %s", j.Kind, j.State, j.LastError)
		}
		return err
	}))
}

// deliver sends a webhook and returns the status of the answer.
func (w *world) deliver(id, event, body string, sign func(http.Header, []byte)) int {
	req := httptest.NewRequest(http.MethodPost, "/github/webhooks", strings.NewReader(body))
	req.Header.Set(eventHeader, event)
	req.Header.Set(deliveryHeader, id)
	if sign == nil {
		sign = w.sign
	}
	sign(req.Header, []byte(body))
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, req)
	return rec.Code
}

func (w *world) sign(h http.Header, body []byte) {
	s, err := wire.NewGitHubSigner(hookSecret)
	w.must(err)
	s.Sign(h, body, time.Time{})
}

// breaking is a store that fails when it is told to.
type breaking struct {
	bot.Store
	fail   atomic.Bool
	before func() // is called before a transaction, if set
}

var errTest = errors.New("injected")

// Update implements [bot.Store].
func (b *breaking) Update(ctx context.Context, fn func(bot.Tx) error) error {
	if b.fail.Load() {
		return errTest
	}
	if b.before != nil {
		b.before()
	}
	return b.Store.Update(ctx, fn)
}
