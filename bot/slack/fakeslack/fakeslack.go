package fakeslack

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// slackClock is how long Slack waits for an app to answer.
const slackClock = 3 * time.Second

// Options say what workspace to make. Only BotToken is required; every other
// zero value has the meaning given.
type Options struct {
	// BotToken is the token the app must send. SigningSecret signs what Slack
	// sends to the app.
	BotToken, SigningSecret string
	// AppURL is where the app listens. Commands go to AppURL+/slack/commands,
	// interactions to /slack/interactions, events to /slack/events. Empty:
	// nothing is sent, and commands and clicks fail.
	AppURL string
	// Client calls the app. Nil: a client that gives up after three seconds.
	Client *http.Client
	// Now stamps messages; nil: time.Now.
	Now func() time.Time
	// SignNow is the clock of signatures and expiry; nil: time.Now.
	SignNow func() time.Time
	// Command is the app's slash command; empty: /incident. Aliases are more.
	Command string
	Aliases []string
	// PublicURL is where this fake is reachable, without a slash at the end; it
	// begins response URLs, upload URLs and permalinks. Empty:
	// https://slack.test.
	PublicURL string
	// TeamID, TeamName and TeamDomain name the workspace; defaults T0DEMO, Demo
	// and demo.
	TeamID, TeamName, TeamDomain string
	// BotName is the handle of the bot's user; empty: tocsin.
	BotName string
	// Scopes are those of the bot's token; nil: every scope a method asks for,
	// but not chat:write.public, which must be named.
	Scopes []string
	// Events are the bot events the app is subscribed to; nil: DefaultEvents.
	Events []string
	// Shortcuts are the app's; the page shows those of messages in a message's
	// menu.
	Shortcuts []Shortcut
	// RateLimits switches Slack's limits on: one message a second in a channel,
	// and each method's tier.
	RateLimits bool
	// Links are shown by the page as places to look at.
	Links []Link
}

// A Shortcut is an entry of Slack's menus that calls the app.
type Shortcut struct {
	Name, CallbackID string
	// Global shortcuts belong to no message.
	Global bool
}

// A Link is a place the page points to, such as the status page.
type Link struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	Description string `json:"description"`
}

// Slack is one workspace. Make it with New; it is safe for use by many
// goroutines.
type Slack struct {
	opt Options

	mu       sync.Mutex
	users    map[string]*User
	order    []string // users as they were added
	groups   []Group
	channels map[string]*channel
	names    []string // channel ids as they were made
	files    map[string]*file
	views    map[string]*view
	stacks   map[string][]*view // per person, the last one is on top
	homes    map[string]*view
	triggers map[string]*trigger
	hooks    map[string]*hook
	faults   []*Fault
	calls    []Call
	limits   limiter
	limited  bool
	seq      int64
	lastTS   int64
	version  int64
	watchers map[chan struct{}]struct{}

	queue    []*delivery
	draining bool
	closed   bool
	stop     context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
}

// New makes a workspace that holds its bot and Slackbot, and no channel.
func New(opt Options) *Slack {
	opt.defaults()
	s := &Slack{
		opt:      opt,
		users:    map[string]*User{},
		channels: map[string]*channel{},
		files:    map[string]*file{},
		views:    map[string]*view{},
		stacks:   map[string][]*view{},
		homes:    map[string]*view{},
		triggers: map[string]*trigger{},
		hooks:    map[string]*hook{},
		limits:   limiter{},
		limited:  opt.RateLimits,
		watchers: map[chan struct{}]struct{}{},
	}
	s.stop, s.cancel = context.WithCancel(context.Background())
	s.AddUser(User{ID: botUserID, Name: opt.BotName, RealName: strings.ToUpper(opt.BotName[:1]) + opt.BotName[1:], IsBot: true})
	s.AddUser(User{ID: slackbotID, Name: "slackbot", RealName: "Slackbot"})
	return s
}

// The ids of what every workspace here has.
const (
	botUserID  = "U0TOCSINBOT"
	botID      = "B0TOCSIN"
	appID      = "A0TOCSIN"
	slackbotID = "USLACKBOT"
)

func (o *Options) defaults() {
	set := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	set(&o.Command, "/incident")
	set(&o.PublicURL, "https://slack.test")
	set(&o.TeamID, "T0DEMO")
	set(&o.TeamName, "Demo")
	set(&o.TeamDomain, "demo")
	set(&o.BotName, "tocsin")
	o.PublicURL = strings.TrimSuffix(o.PublicURL, "/")
	o.AppURL = strings.TrimSuffix(o.AppURL, "/")
	if o.Client == nil {
		o.Client = &http.Client{Timeout: slackClock}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.SignNow == nil {
		o.SignNow = time.Now
	}
	if o.Events == nil {
		o.Events = DefaultEvents()
	}
}

// BotUser is the user id of the app's bot.
func (s *Slack) BotUser() string { return botUserID }

// Close ends pending event retries and waits for the goroutines of this
// workspace. Nothing is sent afterwards.
func (s *Slack) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
}

// SetAppURL moves the app, for a demo that learns its port late.
func (s *Slack) SetAppURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.AppURL = strings.TrimSuffix(url, "/")
}

// SetPublicURL moves the fake itself, for the same reason.
func (s *Slack) SetPublicURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.PublicURL = strings.TrimSuffix(url, "/")
}

// SetLinks replaces the places the page points to.
func (s *Slack) SetLinks(links []Link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.Links = links
	s.changed()
}

// id makes an id that looks like Slack's: a prefix and nine characters.
func (s *Slack) id(prefix string) string {
	s.seq++
	n := strings.ToUpper(strconv.FormatInt(s.seq, 36))
	return prefix + "0" + strings.Repeat("0", max(0, 8-len(n))) + n
}

// nextTS is the time of a message: Slack's seconds and microseconds, never the
// same twice in a workspace, because it is also the message's name.
func (s *Slack) nextTS() string {
	s.lastTS = max(s.opt.Now().UnixMicro(), s.lastTS+1)
	return formatTS(s.lastTS)
}

func formatTS(micros int64) string {
	us := strconv.FormatInt(micros%1e6, 10)
	return strconv.FormatInt(micros/1e6, 10) + "." + strings.Repeat("0", 6-len(us)) + us
}

// parseTS reads a timestamp with or without a fraction into microseconds.
func parseTS(ts string) (int64, bool) {
	sec, frac, _ := strings.Cut(ts, ".")
	n, err := strconv.ParseInt(sec, 10, 64)
	if err != nil {
		return 0, false
	}
	frac = (frac + "000000")[:6]
	us, err := strconv.ParseInt(frac, 10, 64)
	if err != nil {
		return 0, false
	}
	return n*1e6 + us, true
}
