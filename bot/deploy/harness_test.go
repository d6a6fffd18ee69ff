package deploy

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

const (
	ana, ben = "U0000ANA1", "U0000BEN1" // ana asks, ben approves

	yardHost   = "yard.test"
	yardSecret = "yard-token-canary-0001"
	hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// world is an incident of the service gateway, whose two clusters main and chat
// are rolled back through the yard, and everything of Tocsin that takes part.
type world struct {
	t      *testing.T
	ctx    context.Context
	bot    *bot.Bot
	deploy *Deploy
	yard   *yard
	mux    *http.ServeMux
	logs   *strings.Builder
}

// plan is how a world is made.
type plan struct {
	template *Template
	target   bot.Target
	verify   []Verify
	secrets  map[string]string
	now      func() time.Time
}

func openStore(t *testing.T) bot.Store {
	t.Helper()
	return fresh.Open(t, filepath.Join(t.TempDir(), "tocsin.db"))
}

func newWorld(t *testing.T, change func(*plan)) *world {
	t.Helper()
	p := plan{template: yardTemplate(), secrets: map[string]string{"generic": hookSecret}, now: time.Now, target: bot.Target{
		Name: "gateway-prod", Service: "gateway", Environment: "production", LockKey: "gateway/production", Digest: "as configured",
		Steps: []bot.TargetStep{{Name: "main"}, {Name: "chat"}},
	}}
	if change != nil {
		change(&p)
	}
	set := bot.Defaults()
	set.Services = []bot.Service{{ID: "gateway", Name: "Gateway"}}
	set.Permissions[bot.RightRollback], set.Permissions[bot.RightApprove] = []string{ana}, []string{ben}
	set.Targets = []bot.Target{p.target}
	w := &world{t: t, ctx: t.Context(), yard: newYard(), mux: http.NewServeMux(), logs: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(&lockedWriter{b: w.logs}, nil))
	w.bot = bot.New(fresh.Twice(openStore(t)), &set, log)
	w.bot.Now = p.now
	steps := map[string]StepConfig{}
	for _, s := range p.target.Steps {
		steps[s.Name] = StepConfig{Use: "yard", Vars: map[string]string{"app": s.Name}}
	}
	transport := &http.Transport{DialContext: w.yard.dial, DialTLSContext: w.yard.dial, DisableKeepAlives: true}
	var err error
	w.deploy, err = New(Config{
		Bot: w.bot, Log: log, Templates: map[string]*Template{"yard": p.template},
		Targets: map[string]Target{p.target.Name: {Name: p.target.Name, Steps: steps, Verify: p.verify}}, Secrets: p.secrets,
		Dial: func(g wire.Guard) (*http.Client, error) {
			return &http.Client{Transport: transport, Timeout: 15 * time.Second}, nil
		},
		Redactor: wire.NewRedactor(yardSecret),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.bot.Use(w.deploy)
	w.deploy.Mount(w.mux)
	return w
}

// lockedWriter lets several write.
type lockedWriter struct {
	mu sync.Mutex
	b  *strings.Builder
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// run starts the yard, the runner and the integration, and returns what stops
// them.
func (w *world) run(runner bool) (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	w.ctx = ctx
	var parts sync.WaitGroup
	parts.Go(func() { _ = w.yard.server.Serve(w.yard) })
	if runner {
		parts.Go(func() { bot.NewRunner(w.bot).Run(ctx) })
		parts.Go(func() { _ = w.deploy.Run(ctx) })
	}
	return func() {
		cancel()
		_ = w.yard.server.Close()
		parts.Wait()
		if err := w.bot.Store.Close(); err != nil {
			w.t.Error(err)
		}
	}
}

// bubble runs fn in virtual time with everything running.
func bubble(t *testing.T, change func(*plan), fn func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, change)
		defer w.run(true)()
		synctest.Wait()
		fn(w)
	})
}

// still runs fn in virtual time with nothing running but the yard; jobs are done
// by hand.
func still(t *testing.T, change func(*plan), fn func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, change)
		defer w.run(false)()
		fn(w)
	})
}

// sentOnce brings the rollback to where main was accepted.
func (w *world) sentOnce() {
	w.t.Helper()
	w.ask()
	w.done(jobVersions, "", 1)
	w.approve()
	w.done(jobSubmit, "main", 1)
	w.expect(bot.RollbackRunning, bot.RollbackRunning, bot.StepPending)
}

// done does a job that must end.
func (w *world) done(kind, step string, attempt int) {
	w.t.Helper()
	if o := w.do(kind, step, attempt); o.State != bot.JobDone {
		w.t.Fatalf("%s %s: %+v", kind, step, o)
	}
}

// waits does a job that must come back, and returns after how long.
func (w *world) waits(kind, step string) time.Duration {
	w.t.Helper()
	o := w.do(kind, step, 1)
	if o.State != bot.JobWaiting || !o.Free {
		w.t.Fatalf("%s %s: %+v", kind, step, o)
	}
	return o.RunAt.Sub(w.bot.Now())
}

// rest lets everything happen that happens within d.
func (w *world) rest(d time.Duration) {
	time.Sleep(d) // the bubble's time
	synctest.Wait()
}

// carry does something as user.
func (w *world) carry(user bot.UserID, fn func(*bot.Work) error) error {
	_, err := w.bot.Carry(w.ctx, bot.Request{User: user, Via: bot.ViaSlack}, func(work *bot.Work) (bot.Reply, error) {
		return bot.Reply{}, fn(work)
	})
	return err
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// ask declares an incident and asks, as Ana, for a rollback of the target.
func (w *world) ask() {
	w.t.Helper()
	w.must(w.carry(ana, func(work *bot.Work) error {
		_, err := bot.Declare(work, bot.Draft{Title: "Gateway is slow", Services: []string{"gateway"}})
		return err
	}))
	w.must(w.carry(ana, func(work *bot.Work) error {
		if err := work.Lock(1); err != nil {
			return err
		}
		_, err := bot.RequestRollback(work, bot.RollbackDraft{Target: w.bot.Settings.Targets[0], Reason: "errors\nsince v2"})
		return err
	}))
}

// drive does something with the rollback as user.
func (w *world) drive(user bot.UserID, fn func(*bot.Work, *bot.Rollback) error) error {
	return w.carry(user, func(work *bot.Work) error {
		r, err := bot.TakeRollback(work, "r1")
		if err != nil {
			return err
		}
		return fn(work, r)
	})
}

func (w *world) approve() {
	w.t.Helper()
	w.must(w.drive(ben, bot.ApproveRollback))
}

// rollback is r1 as it stands.
func (w *world) rollback() *bot.Rollback {
	w.t.Helper()
	var r *bot.Rollback
	w.must(w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
		r, err = tx.Rollback(bot.Self(), "r1")
		return err
	}))
	return r
}

// expect checks how r1 and its steps stand.
func (w *world) expect(state bot.RollbackState, steps ...bot.RollbackState) *bot.Rollback {
	w.t.Helper()
	r := w.rollback()
	got := []bot.RollbackState{}
	for _, s := range r.Steps {
		got = append(got, s.State)
	}
	if r.State != state || len(steps) > 0 && !slices.Equal(got, steps) {
		w.t.Fatalf("r1 is %s %v (why %q, messages %q, %q), want %s %v", r.State, got, r.Why, r.Steps[0].Message, r.Steps[len(r.Steps)-1].Message, state, steps)
	}
	return r
}

// quiet checks that no job failed, and that so many wait besides that for the
// end of the approval.
func (w *world) quiet(waiting int) {
	w.t.Helper()
	w.must(w.bot.Store.View(w.ctx, func(tx bot.ReadTx) error {
		jobs, err := tx.Jobs(bot.Self(), bot.JobFilter{})
		n := 0
		for _, j := range jobs {
			if j.State == bot.JobFailed {
				w.t.Errorf("%s failed: %s", j.Kind, j.LastError)
			}
			if j.State == bot.JobWaiting && j.Kind != "deploy.expire" {
				n++
			}
		}
		if n != waiting {
			w.t.Errorf("%d jobs wait, want %d: %+v", n, waiting, jobs)
		}
		return err
	}))
}

// do does a job as the runner would at its attempt-th try.
func (w *world) do(kind, step string, attempt int) bot.Outcome {
	j := bot.Job{Kind: kind, Incident: 1, Attempt: attempt, CreatedAt: w.bot.Now(), Payload: bot.Payload(work{"r1", step})}
	return bot.OutcomeOf(j, w.deploy.Do(w.ctx, j), w.bot.Now())
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
