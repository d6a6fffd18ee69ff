package deploy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// Config is what a [Deploy] is made of. Only Bot is needed.
type Config struct {
	Bot       *bot.Bot
	Log       *slog.Logger
	Templates map[string]*Template // by name; checked
	Targets   map[string]Target    // by name; every step's Use is among Templates
	// Secrets are those of the deploy notices, by source. A source without one is
	// off; this version hears "generic" alone.
	Secrets map[string]string
	// Dial makes the clients towards deploy systems; nil: [wire.NewClient].
	Dial func(wire.Guard) (*http.Client, error)
	// AllowLoopback is the operator's word that targets may be on loopback, beside
	// the template's.
	AllowLoopback bool
	Redactor      *wire.Redactor // of what deploy systems answer; nil: by shape alone
}

// Deploy is the integration with all deploy systems. Make it with [New], give it
// to [bot.Bot.Use], mount it, and run it.
type Deploy struct {
	bot     *bot.Bot
	log     *slog.Logger
	clients map[string]*client // by template
	targets map[string]target
	signer  *wire.WebhookSigner // of generic notices; nil: off
}

var _ bot.Integration = (*Deploy)(nil)

// target is a [Target] with what it needs to be carried out.
type target struct {
	steps  map[string]stepWay
	checks []healthCheck
}

// stepWay is how one step is sent and followed.
type stepWay struct {
	template *Template
	client   *client
	vars     map[string]string
}

// healthCheck is one [Verify].
type healthCheck struct {
	Verify
	v *verifier
}

// New returns an integration, or an error that names the template, target or
// secret at fault.
func New(c Config) (*Deploy, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Dial == nil {
		c.Dial = wire.NewClient
	}
	if c.Redactor == nil {
		c.Redactor = wire.NewRedactor()
	}
	d := &Deploy{bot: c.Bot, log: c.Log.With("part", "deploy"), clients: map[string]*client{}, targets: map[string]target{}}
	for _, name := range slices.Sorted(maps.Keys(c.Templates)) {
		var err error
		if d.clients[name], err = newClient(c.Templates[name], c.Dial, c.AllowLoopback, c.Redactor); err != nil {
			return nil, fmt.Errorf("rollback template %s: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Targets)) {
		var err error
		if d.targets[name], err = newTarget(c, d.clients, c.Targets[name]); err != nil {
			return nil, fmt.Errorf("rollback target %s: %w", name, err)
		}
	}
	return d, d.listenTo(c.Secrets)
}

func newTarget(c Config, clients map[string]*client, from Target) (target, error) {
	t := target{steps: map[string]stepWay{}}
	for name, s := range from.Steps {
		if clients[s.Use] == nil {
			return t, fmt.Errorf("step %s: there is no template %q", name, s.Use)
		}
		t.steps[name] = stepWay{template: c.Templates[s.Use], client: clients[s.Use], vars: s.Vars}
	}
	for k, v := range from.Verify {
		check, err := newVerifier(v, c.Dial, c.AllowLoopback, c.Redactor)
		if err != nil {
			return t, fmt.Errorf("verify %d: %w", k+1, err)
		}
		t.checks = append(t.checks, healthCheck{v, check})
	}
	return t, nil
}

// listenTo takes the secrets of deploy notices.
func (d *Deploy) listenTo(secrets map[string]string) (err error) {
	var deaf []string
	for _, source := range slices.Sorted(maps.Keys(secrets)) {
		if source != sourceGeneric {
			deaf = append(deaf, source)
			continue
		}
		if d.signer, err = wire.NewWebhookSigner(secrets[source]); err != nil {
			return fmt.Errorf("deploys.%s: %w", source, err)
		}
	}
	if len(deaf) > 0 {
		d.log.Warn("deploy notices of these sources are not heard by this version", "sources", deaf)
	}
	return nil
}

// Name implements [bot.Integration].
func (d *Deploy) Name() string { return "deploy" }

func (d *Deploy) now() time.Time { return d.bot.Now().UTC() }

// voidPause is the time between two tries to void what the configuration made
// untrue.
const voidPause = 5 * time.Second

// Run voids, once, the plans of targets that were changed in the configuration
// while the program was down, and waits for ctx to end.
func (d *Deploy) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := d.bot.VoidEdited(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			d.log.Error("cannot void the plans of changed targets", "error", err)
		}
		pause := time.NewTimer(voidPause)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
	<-ctx.Done()
	for _, c := range d.clients {
		c.close()
	}
	return nil
}

// way finds how a step of a target is carried out; ok is false when the
// configuration no longer knows it.
func (d *Deploy) way(target, step string) (stepWay, bool) {
	w, ok := d.targets[target].steps[step]
	return w, ok
}
