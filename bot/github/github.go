package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// DefaultAPIURL is GitHub's own REST API.
const DefaultAPIURL = "https://api.github.com/"

// Config is what a [GitHub] is made of. Only Bot is needed.
type Config struct {
	Bot *bot.Bot
	Log *slog.Logger
	// Alone says that no other process runs over the database, so that nobody need
	// be told when this one polls.
	Alone bool
	// HTTPClient reaches GitHub; nil: one that reaches the host of APIURL alone.
	HTTPClient *http.Client
	// APIURL is the base of the REST API, with a final slash; empty: [DefaultAPIURL].
	APIURL string
	// Token, or the three values of a GitHub App. Without either no issue is
	// opened, and every item that wants one says why.
	Token                             string
	AppID, InstallationID, PrivateKey string // PrivateKey is PEM
	WebhookSecret                     string // empty: the path is off, and issues are polled more often
	Redactor                          *wire.Redactor
}

// GitHub is the integration with GitHub. Make it with [New], give it to
// [bot.Bot.Use], mount it, and run it.
type GitHub struct {
	bot    *bot.Bot
	log    *slog.Logger
	client *client
	signer *wire.GitHubSigner // of webhooks; nil: off

	alone  bool
	busy   chan struct{} // a place for each job that is under way
	full   queue         // of those who found none
	writes queue         // of those who wait for a write

	mu    sync.Mutex
	repos map[string]repository // what was read of each lately, by its name in lower case
}

var _ bot.Integration = (*GitHub)(nil)

// New returns an integration, or an error that names the environment variable or
// the setting at fault.
func New(c Config) (*GitHub, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Redactor == nil {
		c.Redactor = wire.NewRedactor(c.Token, c.PrivateKey, c.WebhookSecret)
	}
	c.APIURL = cmp.Or(c.APIURL, DefaultAPIURL)
	key, err := c.credentials()
	if err != nil {
		return nil, err
	}
	if err := checkLabels(c.Bot.Settings.Followups.Labels); err != nil {
		return nil, err
	}
	g := &GitHub{bot: c.Bot, log: c.Log.With("part", "github"), alone: c.Alone, busy: make(chan struct{}, mostAtOnce), repos: map[string]repository{}}
	if g.client, err = newClient(c, key); err != nil {
		return nil, fmt.Errorf("GITHUB_API_URL: %w", err)
	}
	if c.WebhookSecret != "" {
		if g.signer, err = wire.NewGitHubSigner(c.WebhookSecret); err != nil {
			return nil, fmt.Errorf("GITHUB_WEBHOOK_SECRET: %w", err)
		}
	}
	return g, nil
}

// credentials checks what c signs in with.
func (c Config) credentials() (*auth, error) {
	if strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("GITHUB_TOKEN: it holds a space or a line break, which no token does")
	}
	app := []struct{ name, value string }{
		{"GITHUB_APP_ID", c.AppID}, {"GITHUB_APP_INSTALLATION_ID", c.InstallationID}, {"GITHUB_APP_PRIVATE_KEY", c.PrivateKey},
	}
	var have, lack string
	for _, v := range app {
		if v.value == "" {
			lack = cmp.Or(lack, v.name)
		} else {
			have = cmp.Or(have, v.name)
		}
	}
	switch {
	case have == "":
		return newAuth(c.Token), nil
	case c.Token != "":
		return nil, errors.New("GITHUB_TOKEN: a token and a GitHub App are both set; keep one of them")
	case lack != "":
		return nil, fmt.Errorf("%s: it is not set, and a GitHub App (%s) needs it", lack, have)
	}
	installation, err := strconv.ParseInt(c.InstallationID, 10, 64)
	if err != nil || installation <= 0 {
		return nil, errors.New("GITHUB_APP_INSTALLATION_ID: it is not a number; it ends the address of the installation's page")
	}
	return newAppAuth(c.AppID, installation, c.PrivateKey)
}

// checkLabels refuses labels by which no issue could be found again: GitHub's
// list is filtered by labels with commas between them.
func checkLabels(labels []string) error {
	for _, l := range labels {
		if l != strings.TrimSpace(l) || l == "" || len([]rune(l)) > 50 || strings.ContainsAny(l, ",\n\r\t") {
			return fmt.Errorf("followups.labels: %q is no label; one has 1 to 50 characters and no comma", l)
		}
	}
	return nil
}

// Name implements [bot.Integration].
func (g *GitHub) Name() string { return "github" }

func (g *GitHub) now() time.Time { return g.bot.Now().UTC() }

func (g *GitHub) settings() *bot.Followups { return &g.bot.Settings.Followups }

// Run polls the repositories that have issues of ours until ctx ends.
func (g *GitHub) Run(ctx context.Context) error {
	defer g.client.close()
	p := newPoller(g)
	next, resumed := time.Now(), false
	for ctx.Err() == nil {
		wait := p.every()
		if !resumed {
			later, err := g.resume(ctx)
			if err != nil && ctx.Err() == nil {
				g.log.Error("cannot go on with what GitHub refused", "error", err)
			}
			if resumed = later == 0; !resumed {
				wait = min(wait, later)
			}
		}
		if now := time.Now(); !now.Before(next) {
			if !g.client.auth.none() {
				p.poll(ctx)
			}
			next = time.Now().Add(p.every())
		}
		pause(ctx, min(wait, time.Until(next)))
	}
	return nil
}

// resumeEvery is how often what was refused is tried because a replica was started.
const resumeEvery = 5 * time.Minute

// resume makes what waits since GitHub refused it be tried now: whoever mends what
// signs us in starts the program anew. When that was done a moment ago, for another
// replica or another start, it says how long to wait.
func (g *GitHub) resume(ctx context.Context) (later time.Duration, err error) {
	var lanes []string
	err = g.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		return each(tx, bot.FollowUpFilter{}, func(f *bot.FollowUp) {
			if f.Issue.RefusedAt != nil {
				lanes = append(lanes, itemLane(f.Number), lookLane(f.Number))
			}
		})
	})
	if err != nil || len(lanes) == 0 {
		return 0, err
	}
	err = g.bot.Store.Update(ctx, func(tx bot.Tx) error {
		now := g.now()
		again, err := tx.Reserve("github:resume", now, resumeEvery)
		if later = 0; err != nil {
			return err
		}
		if !again.IsZero() {
			later = max(again.Sub(now), time.Millisecond)
			return nil
		}
		for _, lane := range slices.Compact(slices.Sorted(slices.Values(lanes))) {
			if err := tx.Wake(lane, now); err != nil {
				return err
			}
		}
		return nil
	})
	return later, err
}

// pause waits for d, or for ctx to end.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
