package fakegithub

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say what GitHub to make. Every zero value has the meaning given.
type Options struct {
	// Token is a personal access token that the API accepts; empty: none is.
	Token string
	// AppID and InstallationID name a GitHub App and its one installation.
	// PublicKey checks the App's JWTs; nil: nobody gets in as the App.
	AppID, InstallationID string
	PublicKey             *rsa.PublicKey
	// PublicURL is where pages and API are reached, without a slash at the end;
	// it begins all links. Empty: https://github.test.
	PublicURL string
	// WebhookURL is where webhooks are sent; empty: nowhere. WebhookSecret signs
	// them; empty: they are not signed.
	WebhookURL, WebhookSecret string
	// Client sends webhooks; nil: a plain one. A delivery ends after ten seconds
	// and follows no redirect, whatever the client says.
	Client *http.Client
	// Login is who acts through the API; empty: tocsin[bot].
	Login string
	// RateLimit is how many calls of the API an hour allows; 0: 5000.
	RateLimit int
	// Now is the clock of issues, JWTs and tokens, which may be a demo's shifted
	// clock; nil: time.Now.
	Now func() time.Time
}

// defaultRate is the primary limit of an installation.
const defaultRate = 5000

// GitHub is one GitHub. Make it with New; it is safe for use by many goroutines.
type GitHub struct {
	opt    Options
	hookID int64

	mu     sync.Mutex
	repos  map[string]*repo // by lower-case name
	order  []*repo          // as they were added
	moved  map[string]*repo // former names
	users  map[string]*user // by lower-case login
	tokens map[string]*installationToken
	lastID int64
	lag    time.Duration
	rate   rate
	faults []*Fault
	calls  []Call

	deliveries    []*delivery // all, oldest first
	queue         []*delivery // to be sent
	held          []*delivery // to be sent after ResumeWebhooks
	paused, busy  bool
	closed        bool
	stop          context.Context
	cancel        context.CancelFunc
	wg            sync.WaitGroup
	requestNumber int
}

// New makes a GitHub without repositories.
func New(opt Options) *GitHub {
	if opt.PublicURL == "" {
		opt.PublicURL = "https://github.test"
	}
	opt.PublicURL = strings.TrimSuffix(opt.PublicURL, "/")
	if opt.Client == nil {
		opt.Client = &http.Client{}
	}
	if opt.Login == "" {
		opt.Login = "tocsin[bot]"
	}
	if opt.RateLimit == 0 {
		opt.RateLimit = defaultRate
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	g := &GitHub{
		opt: opt, hookID: 400000001, lastID: 2000000000,
		repos: map[string]*repo{}, moved: map[string]*repo{}, users: map[string]*user{}, tokens: map[string]*installationToken{},
	}
	g.stop, g.cancel = context.WithCancel(context.Background())
	return g
}

// Close ends what is still being sent and waits for the goroutines of this
// GitHub. Nothing is sent afterwards.
func (g *GitHub) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.cancel()
	g.wg.Wait()
}

// SetWebhookURL moves the receiver of webhooks, for a test that learns its port
// late.
func (g *GitHub) SetWebhookURL(url string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opt.WebhookURL = url
}

// SetPublicURL moves GitHub itself, for the same reason. Links that were handed
// out before stay as they were.
func (g *GitHub) SetPublicURL(url string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opt.PublicURL = strings.TrimSuffix(url, "/")
}

// SetListLag hides new issues from lists for a while, as GitHub does on a bad
// day; they can be got by number at once.
func (g *GitHub) SetListLag(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lag = d
}

// now is the clock as GitHub writes it: whole seconds.
func (g *GitHub) now() time.Time { return g.opt.Now().UTC().Truncate(time.Second) }

// nextID numbers everything that has an id.
func (g *GitHub) nextID() int64 {
	g.lastID++
	return g.lastID
}

// guid names a delivery.
func guid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
