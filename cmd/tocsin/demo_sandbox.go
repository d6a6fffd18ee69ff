package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy/fakedeploy"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/scenario"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// sandbox is the whole program, wired as serve does it, between stand-ins for
// everything that it talks to.
type sandbox struct {
	base, dir string
	log       *slog.Logger
	scenario  *scenario.Scenario // moved, so that it ends now
	was       *scenario.Scenario // as it happened
	clock     *demoClock
	app       *app
	slack     *fakeslack.Slack
	issues    *fakegithub.GitHub
	deploys   *fakedeploy.System
	shown     *shown
	skip      chan struct{}
	skipOnce  sync.Once
}

// newSandbox prepares everything; nothing runs yet. Close it. What the program
// and the stand-ins send to each other goes through o.
func newSandbox(ctx context.Context, e env, base string, story *scenario.Scenario, o outside) (_ *sandbox, err error) {
	dir, err := os.MkdirTemp("", "tocsin-demo-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	script := story.Script(demoCast)
	by := time.Now().Truncate(time.Minute).Sub(script[len(script)-1].At)
	moved := story.Shift(by)
	c, err := demoSettings(dir, base, moved)
	if err != nil {
		return nil, err
	}
	s := &sandbox{base: base, dir: dir, log: c.logger(e.stderr), scenario: moved, was: story, skip: make(chan struct{})}
	s.clock = newDemoClock(script[0].At.Add(by - time.Minute))
	o.now = s.clock.Now
	s.app, err = newApp(ctx, c, o, s.log)
	if err != nil {
		return nil, err
	}
	s.slack = demoSlack(base, s.clock.Now, moved, o.slack)
	s.issues = demoIssues(base, s.clock.Now, o.github)
	s.deploys = demoDeploys(base, s.clock.Now, moved, o.slack)
	s.shown = &shown{}
	s.slack.SetLinks(s.links(""))
	return s, nil
}

// close ends the stand-ins; the program has been stopped before.
func (s *sandbox) close() error {
	s.slack.Close()
	s.issues.Close()
	s.deploys.Close()
	return os.RemoveAll(s.dir)
}

// handler is everything behind the one address. Nobody signs in here, so a page of
// somebody else must not be able to act under a name of its own for this address.
func (s *sandbox) handler() http.Handler {
	mux := s.mux()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.ownHost(r.Host) {
			http.Error(w, "This is a demo; open "+s.base+startPath+" instead.", http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// ownHost reports whether a request was meant for here: by the demo's own name, by
// localhost or by a bare address, which no other site's name can be.
func (s *sandbox) ownHost(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	_, err := netip.ParseAddr(name)
	return err == nil || name == "localhost" || "http://"+host == s.base
}

func (s *sandbox) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle(deployPath+"/", http.StripPrefix(deployPath, s.deploys.Handler()))
	mux.Handle(gitHubPath+"/", http.StripPrefix(gitHubPath, s.issues.Handler()))
	mux.Handle(slackPath+"/", http.StripPrefix(slackPath, s.slack.Handler()))
	s.mountStart(mux)
	mux.Handle("/", s.app.main)
	return mux
}

// play plays the scenario, and then lets time go on as it does.
func (s *sandbox) play(ctx context.Context, speed float64) error {
	steps := s.scenario.Script(demoCast)
	s.shown.begin(steps)
	st := &stage{sandbox: s, speed: speed}
	err := s.ready(ctx)
	if err == nil {
		err = s.welcome(ctx)
	}
	if err == nil {
		err = scenario.Play(ctx, steps, st, s.shown.told)
	}
	// Whatever became of it, the visitor goes on in real time.
	for ctx.Err() == nil && !s.app.runner.Between(s.clock.release) {
		pauseFor(ctx, 10*time.Millisecond)
	}
	s.app.bot.Wake()
	s.quicken()
	if err == nil {
		err = s.farewell(ctx)
	}
	if v, e := s.startView(ctx); e == nil {
		s.slack.SetLinks(s.links(v.Incident))
	}
	s.shown.end(err)
	if err != nil && ctx.Err() == nil {
		s.log.Error("the incident was not played as it happened", "scenario", s.scenario.Name, "error", err)
	}
	return err
}

// ready waits until the program knows everybody who is to play.
func (s *sandbox) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		err := s.app.store.View(ctx, func(tx bot.ReadTx) error {
			for _, u := range demoPeople() {
				if _, err := tx.Person(bot.UserID(u.ID)); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			return nil
		}
		if !pauseFor(ctx, 10*time.Millisecond) {
			return fmt.Errorf("the program does not know the people of the workspace: %w", err)
		}
	}
}

// quicken makes rollbacks short: a visitor does not wait for half an hour.
func (s *sandbox) quicken() {
	for k, app := range demoApps(s.scenario) {
		s.deploys.SetDuration(app.Name, time.Duration(k+3)*5*time.Second)
	}
}

// welcome and farewell are said where a visitor looks first.
func (s *sandbox) welcome(ctx context.Context) error {
	return s.say(ctx,
		"Welcome! This is a Slack of your own, and you can be any of four people in it (at the top). Nothing leaves this machine.",
		fmt.Sprintf("An incident of %s is being played: watch #incidents, and the channel that is about to appear.", s.was.Begin().In(s.was.Location()).Format("2 January 2006")),
	)
}

func (s *sandbox) farewell(ctx context.Context) error {
	lines := []string{"That was it, with its real times, ending now. It is all yours: everything goes on from here, and this is how an incident of your own begins: `/incident declare sev1 Checkout is down`"}
	if len(demoApps(s.scenario)) > 0 {
		lines = append(lines, "For a rollback deploy a bad version on the page of the deploy system first, and be Ben to approve it. The page _Start here_, on the left, has every step with its line.")
	}
	return s.say(ctx, lines...)
}

func (s *sandbox) say(ctx context.Context, lines ...string) error {
	for _, line := range lines {
		if _, err := s.slack.As("dana").Say(ctx, "general", "", line); err != nil {
			return err
		}
	}
	return nil
}
