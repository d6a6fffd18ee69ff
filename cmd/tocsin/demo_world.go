package main

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy/fakedeploy"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/scenario"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

//go:embed demo/demo.yaml
var demoConfig string

// The demo's own secrets. They open nothing but the stand-ins of this process.
const (
	demoToken   = "xoxb-demo-0123456789" //nolint:gosec // see above
	demoSecret  = "demo-signing-secret-0123456789"
	demoDeploy  = "demo-deploy-token-0123456789"
	demoNotices = "whsec_ZGVtby1kZXBsb3ktbm90aWNlcy0wMTIzNDU2Nzg5"
	demoGitHub  = "ghp_DemoToken0123456789012345"
	demoHook    = "demo-webhook-secret-0123456789"
)

// Where things are behind the one address.
const (
	startPath  = "/demo"
	slackPath  = "/demo/slack"
	deployPath = "/demo/deploy"
	gitHubPath = "/demo/github"
)

// demoRepo is where action items become issues.
const demoRepo = "acme/postmortems"

// demoCast is who plays which part.
var demoCast = scenario.Cast{Commander: "ana", Comms: "dana", Engineer: "cem", Approver: "ben"}

// demoPeople are the people of the workspace.
func demoPeople() []fakeslack.User {
	return []fakeslack.User{
		{ID: "U0ANA", Name: "ana", RealName: "Ana Ruiz", TZ: "America/New_York", Email: "ana@example.com"},
		{ID: "U0BEN", Name: "ben", RealName: "Ben Okafor", TZ: "Europe/London", Email: "ben@example.com"},
		{ID: "U0CEM", Name: "cem", RealName: "Cem Kaya", TZ: "Europe/Istanbul", Email: "cem@example.com"},
		{ID: "U0DANA", Name: "dana", RealName: "Dana Smith", TZ: "America/Chicago", Email: "dana@example.com"},
	}
}

// demoSettings is an install's configuration, read the way that serve reads
// it; the environment of whoever runs the demo does not touch it.
func demoSettings(dir, base string, story *scenario.Scenario) (*Config, error) {
	file := filepath.Join(dir, "tocsin.yaml")
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	own, err := demoOwn(story)
	if err != nil {
		return nil, err
	}
	own += "\n"
	text := own + strings.NewReplacer("DEPLOY_BASE", base+deployPath, "DEPLOY_HOST", u.Host, "DEPLOY_CIDR", hostCIDR(u.Hostname())).Replace(demoConfig)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return loadConfig(overrides{config: &file}, []string{
		"TOCSIN_DATABASE=" + filepath.Join(dir, "tocsin.db"), "TOCSIN_BASE_URL=" + base, "TOCSIN_LOG_LEVEL=warn",
		"SLACK_BOT_TOKEN=" + demoToken, "SLACK_SIGNING_SECRET=" + demoSecret, "SLACK_API_URL=" + base + slackPath + "/api/",
		"DEPLOY_TOKEN=" + demoDeploy, "DEPLOY_HOOK_SECRET=" + demoNotices, "TOCSIN_ALLOW_LOOPBACK=1",
		"GITHUB_TOKEN=" + demoGitHub, "GITHUB_API_URL=" + base + gitHubPath + "/api/v3/", "GITHUB_WEBHOOK_SECRET=" + demoHook,
	})
}

// hostCIDR is the network of one address.
func hostCIDR(host string) string {
	if a, err := netip.ParseAddr(host); err == nil {
		return netip.PrefixFrom(a, a.BitLen()).String()
	}
	return "127.0.0.0/8"
}

// demoOwn is the part of the configuration that is the scenario's: who, what
// customers see, what can be rolled back. JSON is YAML, too.
func demoOwn(story *scenario.Scenario) (string, error) {
	type m = map[string]any
	var components, services, targets []m
	var ids []string
	for _, c := range story.Components {
		one := m{"id": c.ID(), "name": c.Name}
		if c.Group != "" {
			one["group"] = c.Group
		}
		components, ids = append(components, one), append(ids, c.ID())
	}
	for _, v := range story.Services {
		services = append(services, m{"id": v.ID, "name": cmp.Or(v.Name, v.ID), "components": ids})
		var all []m
		for _, t := range v.Targets {
			one := m{"name": t.ID, "use": "console", "vars": m{"app": t.ID}}
			targets, all = append(targets, demoTarget(t.ID, v.ID, one)), append(all, one)
		}
		if len(all) > 1 {
			targets = append(targets, demoTarget(scenario.AllOf(v), v.ID, all...))
		}
	}
	var b strings.Builder
	for _, part := range []struct {
		key   string
		value any
	}{
		{"organisation", story.Organisation}, {"timezone", story.Zone},
		{"components", components}, {"services", services}, {"rollback_targets", targets},
	} {
		text, err := json.Marshal(part.value)
		if err != nil {
			return "", err
		}
		if string(text) != "null" {
			_, _ = fmt.Fprintf(&b, "%s: %s\n", part.key, text)
		}
	}
	return b.String(), nil
}

func demoTarget(name, service string, steps ...map[string]any) map[string]any {
	return map[string]any{
		"name": name, "service": service, "environment": "production", "steps": steps,
		"hold": map[string]any{"note": "deploys go on by themselves; revert the change before the next one"},
	}
}

// demoSlack is a workspace with people in it.
func demoSlack(base string, now func() time.Time, story *scenario.Scenario, client *http.Client) *fakeslack.Slack {
	s := fakeslack.New(fakeslack.Options{
		BotToken: demoToken, SigningSecret: demoSecret, AppURL: base, PublicURL: base + slackPath, Now: now, Client: client,
		Command: "/incident", Aliases: []string{"/inc"}, TeamName: story.Organisation + " (demo)",
	})
	people := []string{}
	for _, u := range demoPeople() {
		people = append(people, s.AddUser(u))
	}
	people = append(people, s.BotUser()) // so that mentions are heard
	s.AddChannel("general", false, people...)
	s.AddChannel("incidents", false, people...)
	s.AddChannel("ops", false, people...)
	return s
}

// links are the places that the page of the stand-in points to; incident is
// where customers read of the one that is played, once they do.
func (s *sandbox) links(incident string) []fakeslack.Link {
	out := []fakeslack.Link{
		{Title: "Start here", URL: s.base + startPath, Description: "what happened, and what you can do"},
		{Title: "Status page", URL: s.base + "/", Description: "what customers read"},
	}
	if incident != "" {
		out = append(out, fakeslack.Link{Title: "Incident and post-mortem", URL: s.base + incident, Description: "what they read of this one"})
	}
	out = append(out, fakeslack.Link{Title: "GitHub issues", URL: s.base + gitHubPath + "/" + demoRepo + "/issues", Description: "what action items become"})
	if len(demoApps(s.scenario)) > 0 {
		out = append(out, fakeslack.Link{Title: "Deploy system", URL: s.base + deployPath + "/", Description: "where releases come from"})
	}
	return out
}

// incidentPath is where customers read of an incident.
func incidentPath(n int64) string { return "/incidents/" + bot.PublicID("incident", fmt.Sprint(n)) }

// demoIssues is a GitHub with the repository of the action items.
func demoIssues(base string, now func() time.Time, client *http.Client) *fakegithub.GitHub {
	g := fakegithub.New(fakegithub.Options{
		Token: demoGitHub, PublicURL: base + gitHubPath, WebhookURL: base + "/github/webhooks", WebhookSecret: demoHook, Now: now, Client: client,
	})
	var logins []string
	for _, u := range demoPeople() {
		logins = append(logins, u.Name)
	}
	g.AddRepo(fakegithub.Repo{Name: demoRepo, Private: true, Assignees: logins})
	return g
}

// demoDeploys is a deploy system with what the scenario rolls back, each as fast
// as it was.
func demoDeploys(base string, now func() time.Time, story *scenario.Scenario, client *http.Client) *fakedeploy.System {
	s := fakedeploy.New(fakedeploy.Options{
		Token: demoDeploy, PublicURL: base + deployPath, NoticeURL: base + "/hooks/deploys/generic", NoticeSecret: demoNotices, Now: now, Client: client,
	})
	for _, app := range demoApps(story) {
		s.AddApp(app)
	}
	return s
}

// demoApps are the things that can be rolled back.
func demoApps(story *scenario.Scenario) (out []fakedeploy.App) {
	for _, v := range story.Services {
		for _, t := range v.Targets {
			took, ok := story.Took(t.ID)
			if !ok {
				took = time.Minute
			}
			out = append(out, fakedeploy.App{
				Name: t.ID, Service: v.ID, Environment: "production", Duration: took,
				Releases: []fakedeploy.Release{{Version: "v39", By: "dana"}, {Version: "v40", By: "cem"}, {Version: "v41", By: "ben"}},
			})
		}
	}
	return out
}
