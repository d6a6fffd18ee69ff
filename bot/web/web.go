package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// minToken is the shortest root token that is taken, in bytes.
const minToken = 16

// Config is what a [Server] is made of.
type Config struct {
	Bot        *bot.Bot
	Dispatcher bot.Dispatcher
	// RootToken speaks in anybody's name; empty: only personal tokens work.
	RootToken string
	// PublicURL is where customers find the page; empty: Settings.PublicURL,
	// then Settings.BaseURL.
	PublicURL string
	// SlackHealth says whether Slack is reachable, and in a few words why not.
	// nil: Slack is not configured, which is not a fault.
	SlackHealth func() (ok bool, detail string)
	// Backup says when the newest scheduled backup was made, how many tries have
	// failed since the start, and why the last one did. nil: none are scheduled.
	Backup func() (last time.Time, failed int64, why string)
	// MetricsElsewhere keeps /metrics out of Mount; see [Server.Metrics].
	MetricsElsewhere bool
	Version          string
	Log              *slog.Logger
}

// Server answers HTTP. Make it with [New].
type Server struct {
	bot      *bot.Bot
	dispatch bot.Dispatcher
	root     [sha256.Size]byte
	hasRoot  bool
	slack    func() (bool, string)
	backup   func() (time.Time, int64, string)
	metrics  bool
	draining atomic.Bool
	version  string
	log      *slog.Logger
	counts   *counters
	site     *site
	paper    *paper
	trusted  *http.CrossOriginProtection
}

// New checks c and returns a server that has rendered nothing yet; [Server.Run]
// does that. The error says which part of the configuration cannot be used.
func New(c Config) (*Server, error) {
	settings := c.Bot.Settings
	public, err := parseBase(cmp.Or(c.PublicURL, settings.PublicURL, settings.BaseURL, "http://localhost"))
	if err != nil {
		return nil, err
	}
	if n := len(c.RootToken); n > 0 && n < minToken {
		return nil, fmt.Errorf("the API's root token has %d bytes; it needs at least %d", n, minToken)
	}
	s := &Server{
		bot: c.Bot, dispatch: c.Dispatcher, slack: c.SlackHealth, backup: c.Backup, metrics: !c.MetricsElsewhere,
		version: c.Version, log: cmp.Or(c.Log, slog.New(slog.DiscardHandler)),
		root: sha256.Sum256([]byte(c.RootToken)), hasRoot: c.RootToken != "",
		counts: &counters{}, trusted: http.NewCrossOriginProtection(),
	}
	// A proxy may rewrite Host, so the addresses that people use are named.
	for _, base := range []string{public.String(), settings.BaseURL} {
		if u, err := parseBase(base); err == nil {
			if err := s.trusted.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
				return nil, fmt.Errorf("address %s: %w", base, err)
			}
		}
	}
	if s.paper, err = newPaper(); err != nil {
		return nil, err
	}
	s.site, err = newSite(s, public)
	return s, err
}

// parseBase reads the address of a page, which may end in a path.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s, "/"))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the public address must be http(s)://HOST, not %q", s)
	}
	return u, nil
}

// Run renders the public page after every change until ctx ends. The server
// answers without it, but the public page only says that it is not ready.
func (s *Server) Run(ctx context.Context) error {
	if err := s.site.run(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Public returns the status page, its feeds and the v2 read API, and nothing
// else: what it does not know is its own 404 page.
func (s *Server) Public() http.Handler { return s.site }

// Mount adds the JSON API and the health checks to mux.
func (s *Server) Mount(mux *http.ServeMux) {
	mux.Handle("/api/v1/", s.api())
	mux.Handle("/dashboard/incidents/{n}/postmortem", s.counted(routePostmortemPage, s.postmortemPage))
	mux.Handle("/healthz", s.counted(routeHealth, s.healthz))
	mux.Handle("/readyz", s.counted(routeReady, s.readyz))
	if s.metrics {
		mux.Handle("/metrics", s.Metrics())
	}
}

// Metrics returns the handler of /metrics, for an address of its own.
func (s *Server) Metrics() http.Handler { return s.counted(routeMetrics, s.exposition) }
