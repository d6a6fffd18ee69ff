package slack

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// DefaultAPIURL is Slack's own Web API.
const DefaultAPIURL = "https://slack.com/api/"

// Config is what a [Slack] is made of. Bot, Dispatcher and BotToken are needed.
type Config struct {
	BotToken string
	// SigningSecrets are the app's signing secret and, while it is being rotated,
	// the one it replaces. None: nothing is served over HTTP.
	SigningSecrets []string
	// APIURL is the base of the Web API; empty: [DefaultAPIURL]. Response URLs
	// on its host are trusted besides Slack's own.
	APIURL string
	// TeamID is the workspace; empty: learned from Slack at the first contact.
	TeamID string
	// Alone says that no other process runs over the database, so that nobody need
	// be told of what this one reads of the workspace.
	Alone bool
	// HTTPClient makes every call; nil: http.DefaultClient. Each call also has a
	// deadline of its own.
	HTTPClient *http.Client
	Log        *slog.Logger
	Bot        *bot.Bot
	Dispatcher bot.Dispatcher
}

// Slack is one workspace's integration. Make it with [New], give it to
// [bot.Bot.Use], mount it, and run it.
type Slack struct {
	bot    *bot.Bot
	to     bot.Dispatcher
	log    *slog.Logger
	api    *api.Client
	http   *http.Client
	host   string // of APIURL
	plain  bool   // APIURL is http, so response URLs there may be
	signer *wire.SlackSigner

	tasks tasks
	seal  *sealer // of response URLs in forms
	alone bool
	turns turns // with alone
	state state
	sight sight
	poked chan struct{} // groups should be read again
}

var _ bot.Integration = (*Slack)(nil)

// New returns an integration, or an error that names the setting at fault.
func New(c Config) (*Slack, error) {
	if c.BotToken == "" {
		return nil, errors.New("slack: no bot token; set SLACK_BOT_TOKEN to the app's xoxb- token")
	}
	if c.APIURL == "" {
		c.APIURL = DefaultAPIURL
	}
	base, err := url.Parse(c.APIURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("slack: SLACK_API_URL is no web address; leave it out for Slack itself")
	}
	if c.HTTPClient == nil {
		c.HTTPClient = http.DefaultClient
	}
	// Slack redirects neither the API nor a response URL; who does must not be
	// followed with what we send there.
	client := *c.HTTPClient
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Slack{
		bot: c.Bot, to: c.Dispatcher, log: c.Log.With("part", "slack"), http: &client,
		host: base.Host, plain: base.Scheme == "http", poked: make(chan struct{}, 1), alone: c.Alone,
		// The library joins the base and the method without a slash.
		api: api.New(c.BotToken, api.OptionHTTPClient(&client), api.OptionAPIURL(strings.TrimSuffix(c.APIURL, "/")+"/")),
	}
	s.state.team = c.TeamID
	s.state.since, s.state.detail = time.Now(), "not reached yet"
	if s.seal, err = newSealer(c.SigningSecrets); err != nil {
		return nil, err
	}
	s.tasks.ctx, s.tasks.cancel = context.WithCancel(context.Background())
	if len(c.SigningSecrets) > 0 {
		if s.signer, err = wire.NewSlackSigner(c.SigningSecrets...); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Name implements [bot.Integration].
func (s *Slack) Name() string { return "slack" }

func (s *Slack) settings() *bot.Settings { return s.bot.Settings }

func (s *Slack) now() time.Time { return s.bot.Now().UTC() }

// tasks owns the goroutines that answer people after Slack was acknowledged.
type tasks struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
	ctx    context.Context
	cancel context.CancelFunc
}

// run starts fn on a goroutine that Shutdown waits for; after it, fn runs in
// the caller, so that what was accepted is never dropped.
func (t *tasks) run(fn func(ctx context.Context)) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		fn(t.ctx)
		return
	}
	t.wg.Add(1)
	t.mu.Unlock()
	go func() {
		defer t.wg.Done()
		fn(t.ctx)
	}()
}

// Shutdown waits for the answers that are still on their way, and cancels them
// when ctx ends. The HTTP server must have stopped before.
func (s *Slack) Shutdown(ctx context.Context) error {
	s.tasks.mu.Lock()
	s.tasks.closed = true
	s.tasks.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.tasks.wg.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.tasks.cancel()
	<-done
	return err
}

// state is what is known of the workspace and of the way there.
type state struct {
	mu               sync.Mutex
	team, enterprise string // enterprise is empty but in an Enterprise organisation
	botUser          bot.UserID
	ok               bool
	since            time.Time // of ok's last change
	detail           string
}

// Health reports whether Slack can be reached with a token that works, since
// when that is so, and what is wrong otherwise, with its fix.
func (s *Slack) Health() (ok bool, since time.Time, detail string) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return s.state.ok, s.state.since, s.state.detail
}

// turn records how the last contact went; it returns true when that changed,
// so that it is logged once.
func (st *state) turn(ok bool, detail string) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.ok == ok && st.detail == detail {
		return false
	}
	if st.ok != ok {
		st.since = time.Now()
	}
	st.ok, st.detail = ok, detail
	return true
}

// us returns the workspace and the bot's user; both may not be known yet.
func (s *Slack) us() (team string, user bot.UserID) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return s.state.team, s.state.botUser
}
