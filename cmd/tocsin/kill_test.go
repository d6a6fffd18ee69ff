package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
	"github.com/tocsin-dev/tocsin/storage"
)

// asProgram makes the test's binary be tocsin itself.
const asProgram = "TOCSIN_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// kills is how often the process is killed.
const kills = 12

// TestNothingAcknowledgedIsLost is R3: a process of its own is killed again and
// again under load, at any moment. What was acknowledged is in the record, once
// and in its place; everything is delivered in order; no channel is made twice,
// and no crash doubles more than one message.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	v := newVictim(t, "slack: {post_every: 0s}\n")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	v.start()
	v.declare(t)
	var load sync.WaitGroup
	for _, who := range []string{"ana", "ben", "cem"} {
		load.Go(func() { v.talk(ctx, who) })
	}
	for range kills {
		pause(t, time.Duration(100+random.IntN(400))*time.Millisecond)
		v.kill()
		v.start()
	}
	stop()
	load.Wait()
	v.drain()
	v.kill()
	v.check()
}

// victim is the program as a process, before a Slack that outlives it.
type victim struct {
	t     *testing.T
	slack *fakeslack.Slack
	file  string
	addr  string
	env   []string
	cmd   *exec.Cmd

	mu    sync.Mutex
	acked []string
	// looking lets one look into the file at a time: closing a file drops every
	// lock that its process has on it, those of another connection, too.
	looking sync.Mutex
}

func newVictim(t *testing.T, settings string, environ ...string) *victim {
	t.Helper()
	dir := t.TempDir()
	v := &victim{t: t, file: filepath.Join(dir, "tocsin.db"), addr: freeAddress(t)}
	server := httptest.NewUnstartedServer(nil)
	server.Start()
	v.slack = fakeslack.New(fakeslack.Options{
		BotToken: testBotToken, SigningSecret: testSecret, AppURL: "http://" + v.addr, PublicURL: server.URL,
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
	config := filepath.Join(dir, "tocsin.yaml")
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	v.env = append(os.Environ(), asProgram+"=1", "TOCSIN_CONFIG="+config, "TOCSIN_DATABASE="+v.file, "TOCSIN_LISTEN="+v.addr,
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

// start runs the process and waits until it is ready.
func (v *victim) start() {
	v.t.Helper()
	v.cmd = exec.Command(os.Args[0], "serve") // its end is the test's to choose
	v.cmd.Env, v.cmd.Stderr = v.env, v.t.Output()
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = v.cmd.Process.Kill() })
	await(v.t, "the process to be ready", func() bool {
		res, err := http.Get("http://" + v.addr + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

func (v *victim) kill() {
	v.t.Helper()
	if err := v.cmd.Process.Kill(); err != nil {
		v.t.Fatal(err)
	}
	_ = v.cmd.Wait() // it says that it was killed
}

func (v *victim) declare(t *testing.T) {
	t.Helper()
	a, err := v.slack.As("ana").Slash(t.Context(), v.slack.Channels()[0].ID, "/incident", "declare sev1 Killed again and again")
	if err != nil || !strings.Contains(a.Text, "Declared") {
		t.Fatalf("declare: %q %v", a.Text, err)
	}
}

// talk posts one update after the other; what was acknowledged must last.
func (v *victim) talk(ctx context.Context, who string) {
	general := v.slack.Channels()[0].ID
	for n := 0; ctx.Err() == nil; n++ {
		text := fmt.Sprintf("%s counts %d.", who, n)
		a, err := v.slack.As(who).Slash(ctx, general, "/incident", "#1 update "+text)
		if err == nil && strings.Contains(a.Text, "Posted to the team") {
			v.mu.Lock()
			v.acked = append(v.acked, text)
			v.mu.Unlock()
			continue
		}
		pauseFor(ctx, 20*time.Millisecond)
	}
}

// drain waits until everything was delivered but for what is set for later.
func (v *victim) drain() {
	v.t.Helper()
	await(v.t, "the queue to be empty", func() bool {
		empty := false
		v.view(func(tx bot.ReadTx) error {
			jobs, err := tx.Jobs(bot.Self(), bot.JobFilter{})
			empty = !slices.ContainsFunc(jobs, func(j bot.Job) bool { return time.Until(j.RunAt) < 2*time.Minute })
			return err
		})
		return empty
	})
}

// view reads beside the process.
func (v *victim) view(fn func(bot.ReadTx) error) {
	v.t.Helper()
	v.looking.Lock()
	defer v.looking.Unlock()
	s, err := storage.Open(context.Background(), v.file, storage.Options{ReadOnly: true})
	if err != nil {
		v.t.Fatal(err)
	}
	if err := errors.Join(s.View(context.Background(), fn), s.Close()); err != nil {
		v.t.Fatal(err)
	}
}

// check compares what was acknowledged with the record and with what Slack has.
func (v *victim) check() {
	v.t.Helper()
	var events []bot.Event
	v.view(func(tx bot.ReadTx) (err error) {
		events, err = tx.Events(bot.Self(), 1, bot.EventFilter{})
		return err
	})
	var head bot.Head
	recorded := map[string]int{}
	var order []string
	for _, e := range events {
		if err := e.Verify(head); err != nil {
			v.t.Errorf("the record: %v", err)
		}
		head = e.Head()
		if e.Kind == bot.EventUpdated {
			recorded[string(e.Text)]++
			order = append(order, string(e.Text))
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, text := range v.acked {
		if recorded[text] != 1 {
			v.t.Errorf("%q was acknowledged and is in the record %d times", text, recorded[text])
		}
	}
	v.checkSlack(order)
	v.t.Logf("%d updates acknowledged, %d recorded, %d kills", len(v.acked), len(order), kills)
	if len(v.acked) < kills {
		v.t.Errorf("only %d updates were acknowledged: the test tests too little", len(v.acked))
	}
}

func (v *victim) checkSlack(order []string) {
	v.t.Helper()
	made := 0
	for _, c := range v.slack.Channels() {
		if strings.HasPrefix(c.Name, "inc-1") {
			made++
		}
	}
	if made != 1 {
		v.t.Errorf("%d channels were made", made)
		return
	}
	c, _ := v.slack.Channel("inc-1-killed-again-and-again")
	var posted []string
	doubles, seen := 0, map[string]bool{}
	for _, m := range v.slack.Messages(c.ID) {
		lines := strings.Split(v.slack.PlainText(m), "\n")
		for _, want := range order {
			if m.Subtype == "" && lines[0] == "*Update*" && slices.Contains(lines, want) {
				if seen[want] {
					doubles++
					continue
				}
				seen[want] = true
				posted = append(posted, want)
			}
		}
	}
	if strings.Join(posted, "\n") != strings.Join(order, "\n") {
		v.t.Errorf("posted %d of %d, or in another order:\n%s\nwant\n%s", len(posted), len(order), strings.Join(posted, ", "), strings.Join(order, ", "))
	}
	if doubles > kills {
		v.t.Errorf("%d messages were doubled by %d kills", doubles, kills)
	}
}

// await looks again and again, for at most a minute.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		if !pauseFor(ctx, 10*time.Millisecond) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func pause(t *testing.T, d time.Duration) {
	t.Helper()
	pauseFor(t.Context(), d)
}
