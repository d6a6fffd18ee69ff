package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy"
	"github.com/tocsin-dev/tocsin/bot/github"
	"github.com/tocsin-dev/tocsin/bot/slack"
	"github.com/tocsin-dev/tocsin/bot/web"
	"github.com/tocsin-dev/tocsin/bot/wire"
	"github.com/tocsin-dev/tocsin/commands"
	"github.com/tocsin-dev/tocsin/storage"
)

// app is the whole program but for its listeners: serve, demo and the
// transcripts put them before it.
type app struct {
	bot     *bot.Bot
	store   bot.Store
	slack   *slack.Slack
	github  *github.GitHub
	deploy  *deploy.Deploy
	clock   *bot.Clock
	runner  *bot.Runner
	web     *web.Server
	backups *backups // nil: none are scheduled
	main    http.Handler
	public  http.Handler

	also   []func(context.Context) // what runs with it, until stop
	cancel context.CancelFunc
	parts  sync.WaitGroup
}

// outside is what an app reaches the world with; the zero value is the real
// world.
type outside struct {
	slack  *http.Client                           // towards Slack
	github *http.Client                           // towards GitHub
	deploy func(wire.Guard) (*http.Client, error) // makes the clients towards deploy systems
	now    func() time.Time                       // the time of incidents
	// volatile is a test's, whose database outlives nothing and is nobody else's: see
	// [storage.Options].
	volatile bool
	bus      *storage.Bus
}

// newApp opens the database and puts the parts together, top to bottom. Nothing
// runs yet, and nothing outside is asked.
func newApp(ctx context.Context, c *Config, o outside, log *slog.Logger) (*app, error) {
	store, err := storage.Open(ctx, c.Database, storage.Options{Log: log, Volatile: o.volatile, Alone: o.volatile, Bus: o.bus})
	if err != nil {
		return nil, err
	}
	if o.now == nil {
		o.now = store.Now
	}
	a := &app{store: store, backups: newBackups(c, store, log)}
	if err := a.wire(c, o, log); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return a, nil
}

func (a *app) wire(c *Config, o outside, log *slog.Logger) (err error) {
	a.bot = bot.New(a.store, &c.Settings, log)
	a.bot.Now = o.now
	if o.slack == nil {
		if o.slack, err = slackClient(c); err != nil {
			return err
		}
	}
	dispatcher := commands.New(a.bot)
	a.slack, err = slack.New(slack.Config{
		BotToken: c.Slack.BotToken.Reveal(), SigningSecrets: []string{c.Slack.SigningSecret.Reveal()}, APIURL: c.Slack.APIURL,
		HTTPClient: o.slack, Log: log, Bot: a.bot, Dispatcher: dispatcher, Alone: !storage.IsPostgres(c.Database),
	})
	if err != nil {
		return err
	}
	a.bot.Use(a.slack)
	a.bot.Reachable = func() bool { ok, _, _ := a.slack.Health(); return ok }
	if err := a.wireGitHub(c, o, log); err != nil {
		return err
	}
	if err := a.wireDeploy(c, o, log); err != nil {
		return err
	}
	a.clock = bot.NewClock(a.bot)
	a.bot.Use(a.clock)
	a.runner = bot.NewRunner(a.bot)
	a.web, err = web.New(web.Config{
		Bot: a.bot, Dispatcher: dispatcher, RootToken: c.APIToken.Reveal(), PublicURL: c.PublicURL,
		SlackHealth: a.slackHealth, Backup: a.backups.health(), MetricsElsewhere: c.MetricsListen != "", Version: version, Log: log,
	})
	if err != nil {
		return err
	}
	a.routes(c)
	return nil
}

// wireGitHub adds GitHub, where action items have their issues.
func (a *app) wireGitHub(c *Config, o outside, log *slog.Logger) (err error) {
	a.github, err = github.New(github.Config{
		Bot: a.bot, Log: log, HTTPClient: o.github, APIURL: c.GitHub.APIURL, Token: c.GitHub.Token.Reveal(),
		AppID: c.GitHub.AppID, InstallationID: c.GitHub.InstallationID, PrivateKey: c.GitHub.PrivateKey.Reveal(),
		WebhookSecret: c.GitHub.WebhookSecret.Reveal(), Redactor: wire.NewRedactor(c.Secrets()...), Alone: !storage.IsPostgres(c.Database),
	})
	if err != nil {
		return err
	}
	a.bot.Use(a.github)
	return nil
}

// wireDeploy adds the deploy systems.
func (a *app) wireDeploy(c *Config, o outside, log *slog.Logger) error {
	templates, err := c.DeployTemplates()
	if err != nil {
		return err
	}
	a.deploy, err = deploy.New(deploy.Config{
		Bot: a.bot, Log: log, Templates: templates, Targets: c.Rollback.Targets, Secrets: c.DeploySecrets(),
		Dial: o.deploy, AllowLoopback: c.AllowLoopback, Redactor: wire.NewRedactor(c.Secrets()...),
	})
	if err != nil {
		return err
	}
	a.bot.Use(a.deploy)
	return nil
}

// routes lays out the main address and the public one. The public page is on
// the main address, too, unless it has one of its own.
func (a *app) routes(c *Config) {
	mux := http.NewServeMux()
	a.slack.Mount(mux)
	a.github.Mount(mux)
	a.deploy.Mount(mux)
	a.web.Mount(mux)
	a.public = a.web.Public()
	if c.PublicListen == "" {
		mux.Handle("/", a.public)
	}
	a.main = mux
}

func (a *app) slackHealth() (bool, string) {
	ok, _, detail := a.slack.Health()
	return ok, detail
}

// start runs the parts that work by themselves, until stop.
func (a *app) start(ctx context.Context) {
	ctx, a.cancel = context.WithCancel(context.WithoutCancel(ctx))
	a.parts.Go(func() { a.runner.Run(ctx) })
	a.parts.Go(func() { _ = a.slack.Run(ctx) }) // ends with ctx, for no other reason
	a.parts.Go(func() { _ = a.github.Run(ctx) })
	a.parts.Go(func() { _ = a.deploy.Run(ctx) })
	a.parts.Go(func() { _ = a.clock.Run(ctx) })
	a.parts.Go(func() { _ = a.web.Run(ctx) })
	if a.backups != nil {
		a.parts.Go(func() { a.backups.run(ctx, a.bot) })
	}
	for _, run := range a.also {
		a.parts.Go(func() { run(ctx) })
	}
}

// drainLimit is how long a stop waits for answers and jobs that have begun.
const drainLimit = 20 * time.Second

// stop ends what start began, waits for it, and closes the database. The
// listeners must have stopped before, so that nothing new comes in.
func (a *app) stop() error {
	return errors.Join(a.drain(), a.store.Close())
}

// drain ends what start began, and waits for what was begun.
func (a *app) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	err := a.slack.Shutdown(ctx)
	a.cancel()
	a.parts.Wait()
	return err
}

// slackClient reaches Slack and nothing else. The operator's own Slack (GovSlack,
// a stand-in) may be anywhere, since only the environment can name it.
func slackClient(c *Config) (*http.Client, error) {
	base, err := url.Parse(c.Slack.APIURL)
	if err != nil {
		return nil, fmt.Errorf("SLACK_API_URL: %w", err)
	}
	guard := wire.Guard{
		Hosts: []string{"slack.com", "*.slack.com", "*.slack-gov.com", "slack-gov.com", base.Host}, ProxyFromEnvironment: true,
		Timeout: 10 * time.Second, MaxBody: 32 << 20,
	}
	if host := base.Hostname(); c.Slack.APIURL != slack.DefaultAPIURL {
		guard.AllowLoopback = true
		guard.AllowCIDRs = ownAddress(host)
	}
	return wire.NewClient(guard)
}

// ownAddress lets a Slack that the operator named by a private address be
// reached.
func ownAddress(host string) []netip.Prefix {
	if host == "localhost" {
		return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	return []netip.Prefix{netip.PrefixFrom(a, a.BitLen())}
}

// listen opens addr, and says in plain words why it cannot.
func listen(ctx context.Context, what, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if wrong := (*net.AddrError)(nil); errors.As(err, &wrong) {
		return nil, fmt.Errorf("%s (%s) is no address to listen on: %s; write it as 127.0.0.1:8080, or :8080 for all", quote(addr), what, wrong.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s (%s): %w; stop what uses it, or choose another address", addr, what, errors.Unwrap(err))
	}
	return l, nil
}
