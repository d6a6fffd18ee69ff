package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
	"github.com/tocsin-dev/tocsin/storage"
)

// victim is the program as a process, or as several behind a load balancer, before
// a Slack that outlives them.
type victim struct {
	t        *testing.T
	slack    *fakeslack.Slack
	database string
	env      []string
	replicas []*replica

	kills int // how often a process, or the database, was ended without warning

	mu         sync.Mutex
	acked      []string // updates
	ackedItems []string // action items
	// looking lets one look into the file at a time: closing a file drops every
	// lock that its process has on it, those of another connection, too.
	looking sync.Mutex
	looker  *storage.Store // of a PostgreSQL database, which is not closed in between
}

// replica is one process.
type replica struct {
	addr string
	cmd  *exec.Cmd // nil: it does not run
}

// newVictim is one process on a file.
func newVictim(t *testing.T, settings string, environ ...string) *victim {
	t.Helper()
	return newVictims(t, filepath.Join(t.TempDir(), "tocsin.db"), 1, settings, environ...)
}

// newVictims is some processes on a database.
func newVictims(t *testing.T, database string, replicas int, settings string, environ ...string) *victim {
	t.Helper()
	v := &victim{t: t, database: database}
	for range replicas {
		v.replicas = append(v.replicas, &replica{addr: freeAddress(t)})
	}
	app := "http://" + v.replicas[0].addr
	if replicas > 1 {
		front := httptest.NewServer(http.HandlerFunc(v.balance))
		t.Cleanup(front.Close)
		app = front.URL
	}
	server := httptest.NewUnstartedServer(nil)
	server.Start()
	v.slack = fakeslack.New(fakeslack.Options{
		BotToken: testBotToken, SigningSecret: testSecret, AppURL: app, PublicURL: server.URL,
	})
	server.Config.Handler = v.slack.Handler()
	t.Cleanup(func() {
		v.slack.Close()
		server.CloseClientConnections()
		server.Close()
	})
	for _, id := range []string{"U0ANA", "U0BEN", "U0CEM"} {
		v.slack.AddUser(fakeslack.User{ID: id, Name: strings.ToLower(id[2:])})
	}
	v.slack.AddChannel("general", false, "U0ANA", "U0BEN", "U0CEM")
	v.slack.AddChannel("incidents", false)
	config := filepath.Join(t.TempDir(), "tocsin.yaml")
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	v.env = append(os.Environ(), asProgram+"=1", "TOCSIN_CONFIG="+config, "TOCSIN_DATABASE="+database,
		"SLACK_BOT_TOKEN="+testBotToken, "SLACK_SIGNING_SECRET="+testSecret, "SLACK_API_URL="+server.URL+"/api/", "TOCSIN_LOG_LEVEL=error")
	v.env = append(v.env, environ...)
	return v
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// start runs the processes that do not run, and waits until they are ready.
func (v *victim) start() {
	v.t.Helper()
	for _, r := range v.replicas {
		if r.cmd == nil {
			v.run(r)
		}
	}
	for _, r := range v.replicas {
		await(v.t, "the process to be ready", r.ready)
	}
}

func (v *victim) run(r *replica) {
	v.t.Helper()
	cmd := exec.Command(os.Args[0], "serve") // its end is the test's to choose
	cmd.Env, cmd.Stderr = append(slices.Clone(v.env), "TOCSIN_LISTEN="+r.addr), v.t.Output()
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = cmd.Process.Kill() })
	r.cmd = cmd
}

func (r *replica) ready() bool {
	res, err := http.Get("http://" + r.addr + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends all processes without warning.
func (v *victim) kill() {
	v.t.Helper()
	for _, r := range v.replicas {
		v.end(r, syscall.SIGKILL)
	}
}

// end ends a process by a signal, and waits for that.
func (v *victim) end(r *replica, by syscall.Signal) {
	v.t.Helper()
	if r.cmd == nil {
		return
	}
	if err := r.cmd.Process.Signal(by); err != nil && !errors.Is(err, os.ErrProcessDone) {
		v.t.Fatal(err)
	}
	if by == syscall.SIGKILL {
		v.kills++
	}
	if err := r.cmd.Wait(); err != nil && by != syscall.SIGKILL {
		v.t.Errorf("a process that was told to end: %v", err)
	}
	r.cmd = nil
}

// drain waits until everything was delivered but for what was set for later.
func (v *victim) drain() {
	v.t.Helper()
	var left []bot.Job
	defer func() {
		for _, j := range left {
			v.t.Logf("left in the queue: %+v", j)
		}
	}()
	await(v.t, "the queue to be empty", func() bool {
		v.view(func(tx bot.ReadTx) (err error) {
			left, err = tx.Jobs(bot.Self(), bot.JobFilter{})
			left = slices.DeleteFunc(left, func(j bot.Job) bool {
				return time.Until(j.RunAt) > 2*time.Minute || time.Until(j.RunAt) > 0 && j.RunAt.Sub(j.CreatedAt) > 30*time.Second && j.Attempt == 0
			})
			return err
		})
		return len(left) == 0
	})
}

// view reads beside the processes, as soon as that can be done.
func (v *victim) view(fn func(bot.ReadTx) error) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for {
		err := v.tryView(fn)
		if err == nil {
			return
		}
		if !pauseFor(ctx, 50*time.Millisecond) {
			v.t.Errorf("the database cannot be read: %v", err)
			return
		}
	}
}

func (v *victim) tryView(fn func(bot.ReadTx) error) error {
	v.looking.Lock()
	defer v.looking.Unlock()
	ctx := context.Background()
	if !storage.IsPostgres(v.database) {
		s, err := storage.Open(ctx, v.database, storage.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		return errors.Join(s.View(ctx, fn), s.Close())
	}
	if v.looker == nil {
		s, err := storage.Open(ctx, v.database, storage.Options{ReadOnly: true, Alone: true})
		if err != nil {
			return err
		}
		v.t.Cleanup(func() { _ = s.Close() })
		v.looker = s
	}
	return v.looker.View(ctx, fn)
}
