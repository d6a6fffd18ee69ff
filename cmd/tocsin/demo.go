package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/tocsin-dev/tocsin/bot/deploy/fakedeploy"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

//go:embed demo.yaml
var demoConfig []byte

// The demo's own secrets. They open nothing but the stand-in of this process.
const (
	demoToken   = "xoxb-demo-0123456789" //nolint:gosec // see above
	demoSecret  = "demo-signing-secret-0123456789"
	demoDeploy  = "demo-deploy-token-0123456789"
	demoNotices = "whsec_ZGVtby1kZXBsb3ktbm90aWNlcy0wMTIzNDU2Nzg5"
	demoGitHub  = "ghp_DemoToken0123456789012345"
	demoHook    = "demo-webhook-secret-0123456789"
	demoPath    = "/demo/slack"
	deployPath  = "/demo/deploy"
	gitHubPath  = "/demo/github"
)

// demo runs the whole program against local stand-ins for Slack, GitHub and a
// deploy system, over real HTTP, until ctx ends. Nothing is left behind.
func demo(ctx context.Context, e env, args []string) (err error) {
	f := newFlags(e, "demo", "listen")
	if err := f.parseAlone(args); err != nil {
		return err
	}
	l, err := demoListener(ctx, f.o.listen)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tocsin-demo-")
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	base := "http://" + l.Addr().String()
	c, err := demoSettings(dir, base)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	log := c.logger(e.stderr)
	a, err := newApp(ctx, c, outside{}, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	slack := demoSlack(base)
	defer slack.Close()
	deploys := demoDeploys(base)
	defer deploys.Close()
	mux := http.NewServeMux()
	mux.Handle(deployPath+"/", http.StripPrefix(deployPath, deploys.Handler()))
	issues := demoIssues(base)
	defer issues.Close()
	mux.Handle(gitHubPath+"/", http.StripPrefix(gitHubPath, issues.Handler()))
	mux.Handle(demoPath+"/", http.StripPrefix(demoPath, slack.Handler()))
	mux.Handle("GET /demo", http.RedirectHandler(demoPath+"/", http.StatusFound))
	mux.Handle("/", a.main)
	server := newServer(mux, log)
	server.WriteTimeout = 0 // the page of the stand-in listens for news without end
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server.RegisterOnShutdown(slack.Close)
	_, _ = fmt.Fprintf(e.stdout, "Tocsin's demo is ready. Open %s%s/ in a browser; Ctrl-C ends it.\n", base, demoPath)
	a.parts.Go(func() { welcome(ctx, slack) })
	front := &front{names: []string{"demo"}, listeners: []net.Listener{l}, servers: []*http.Server{server}}
	return front.run(ctx, a)
}

// welcome says what to do first, where a visitor looks first.
func welcome(ctx context.Context, s *fakeslack.Slack) {
	dana := s.As("dana")
	for _, line := range []string{
		"Welcome! This is a Slack of your own, and you can be any of four people in it (at the top). Nothing leaves this machine.",
		"Type `/incident declare sev1 Checkout is down`, then go to the new channel and click *Tell customers*. The status page is on the left, under Where to look.",
		"For a rollback: on the page of the deploy system (also on the left) deploy a bad version to *gateway*, declare with `--service api-gateway`, click *Roll back* on the card, and be Ben to approve.",
		"Afterwards: `/incident action add Test each service alone before a release --owner @ben` opens an issue on the page GitHub issues; close it there and watch the message here. `/incident resolve`, then *Post-mortem* on the card.",
	} {
		if _, err := dana.Say(ctx, "general", "", line); err != nil {
			return // the visitor has left already
		}
	}
}

// demoListener takes the address that was asked for; the usual one, or a free
// port when that is taken, if none was.
func demoListener(ctx context.Context, asked *string) (net.Listener, error) {
	if asked != nil {
		return listen(ctx, "demo", *asked)
	}
	l, err := listen(ctx, "demo", "127.0.0.1:8080")
	if errors.Is(err, syscall.EADDRINUSE) {
		return listen(ctx, "demo", "127.0.0.1:0")
	}
	return l, err
}

// demoSettings is an install's configuration, read the way that serve reads
// it; the environment of whoever runs the demo does not touch it.
func demoSettings(dir, base string) (*Config, error) {
	file := filepath.Join(dir, "tocsin.yaml")
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	text := strings.NewReplacer("DEPLOY_BASE", base+deployPath, "DEPLOY_HOST", u.Host).Replace(string(demoConfig))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return loadConfig(overrides{config: &file}, []string{
		"TOCSIN_DATABASE=" + filepath.Join(dir, "tocsin.db"), "TOCSIN_BASE_URL=" + base, "TOCSIN_LOG_LEVEL=warn",
		"SLACK_BOT_TOKEN=" + demoToken, "SLACK_SIGNING_SECRET=" + demoSecret, "SLACK_API_URL=" + base + demoPath + "/api/",
		"DEPLOY_TOKEN=" + demoDeploy, "DEPLOY_HOOK_SECRET=" + demoNotices, "TOCSIN_ALLOW_LOOPBACK=1",
		"GITHUB_TOKEN=" + demoGitHub, "GITHUB_API_URL=" + base + gitHubPath + "/api/v3/", "GITHUB_WEBHOOK_SECRET=" + demoHook,
	})
}

// demoSlack is a workspace with people in it.
func demoSlack(base string) *fakeslack.Slack {
	s := fakeslack.New(fakeslack.Options{
		BotToken: demoToken, SigningSecret: demoSecret, AppURL: base, PublicURL: base + demoPath,
		Command: "/incident", Aliases: []string{"/inc"}, TeamName: "Kustomer (demo)",
		Links: []fakeslack.Link{
			{Title: "Status page", URL: base + "/", Description: "what customers read"},
			{Title: "GitHub issues", URL: base + gitHubPath + "/acme/postmortems/issues", Description: "what action items become"},
			{Title: "Deploy system", URL: base + deployPath + "/", Description: "where releases come from"},
			{Title: "History", URL: base + "/history", Description: "what they could read before"},
		},
	})
	people := []string{}
	for _, u := range []fakeslack.User{
		{ID: "U0ANA", Name: "ana", RealName: "Ana Ruiz", TZ: "America/New_York", Email: "ana@example.com"},
		{ID: "U0BEN", Name: "ben", RealName: "Ben Okafor", TZ: "Europe/London", Email: "ben@example.com"},
		{ID: "U0CEM", Name: "cem", RealName: "Cem Kaya", TZ: "Europe/Istanbul", Email: "cem@example.com"},
		{ID: "U0DANA", Name: "dana", RealName: "Dana Smith", TZ: "America/Chicago", Email: "dana@example.com"},
	} {
		people = append(people, s.AddUser(u))
	}
	people = append(people, s.BotUser()) // so that mentions are heard
	s.AddChannel("general", false, people...)
	s.AddChannel("incidents", false, people...)
	s.AddChannel("ops", false, people...)
	return s
}

// demoIssues is a GitHub with the repository of the action items.
func demoIssues(base string) *fakegithub.GitHub {
	g := fakegithub.New(fakegithub.Options{
		Token: demoGitHub, PublicURL: base + gitHubPath, WebhookURL: base + "/github/webhooks", WebhookSecret: demoHook,
	})
	g.AddRepo(fakegithub.Repo{Name: "acme/postmortems", Private: true, Assignees: []string{"ana", "ben", "cem", "dana"}})
	return g
}

// demoDeploys is a deploy system with the two clusters of an API gateway.
func demoDeploys(base string) *fakedeploy.System {
	s := fakedeploy.New(fakedeploy.Options{
		Token: demoDeploy, PublicURL: base + deployPath, NoticeURL: base + "/hooks/deploys/generic", NoticeSecret: demoNotices,
	})
	for _, app := range []struct {
		name  string
		takes time.Duration
	}{{"gateway", 40 * time.Second}, {"gateway-chat", time.Minute}} {
		s.AddApp(fakedeploy.App{
			Name: app.name, Service: "api-gateway", Environment: "production", Duration: app.takes,
			Releases: []fakedeploy.Release{{Version: "v40", By: "cem"}, {Version: "v41", By: "ben"}, {Version: "v42", By: "ana"}},
		})
	}
	return s
}
