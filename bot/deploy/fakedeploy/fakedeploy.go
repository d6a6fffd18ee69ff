package fakedeploy

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say what deploy system to make. Every zero value has the meaning
// given.
type Options struct {
	// Token is what the API asks for. Empty: nobody gets in.
	Token string
	// PublicURL is where this system is reachable, without a slash at the end; it
	// begins the links to runs. Empty: https://deploy.test.
	PublicURL string
	// Now is the clock of runs and releases, which may be a demo's shifted clock;
	// nil: time.Now. Notices are signed in real time (or a synctest bubble's).
	Now func() time.Time
	// NoticeURL is where deploy notices are sent; empty: nowhere. NoticeSecret
	// signs them: "whsec_" and base64.
	NoticeURL, NoticeSecret string
	// TellRollbacks sends notices of rollbacks, too, with the kind rollback.
	TellRollbacks bool
	// Client sends notices; nil: a plain one. An attempt ends after 15 seconds
	// and follows no redirect, whatever the client says.
	Client *http.Client
	// Log hears of notices that are given up; nil: nobody does.
	Log *slog.Logger
}

// System is one deploy system. Make it with New; it is safe for use by many
// goroutines.
type System struct {
	opt    Options
	key    []byte
	keyErr error
	name   string // begins the ids of notices, so that two systems never share one

	mu     sync.Mutex
	apps   map[string]*app
	order  []string // apps as they were added
	runs   []*run
	faults []*Fault
	calls  []Call

	queue    []*delivery
	notices  []*delivery
	draining bool
	closed   bool
	stop     context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
}

// New makes a system without apps.
func New(opt Options) *System {
	if opt.PublicURL == "" {
		opt.PublicURL = "https://deploy.test"
	}
	opt.PublicURL = strings.TrimSuffix(opt.PublicURL, "/")
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Client == nil {
		opt.Client = &http.Client{}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &System{opt: opt, name: rand.Text(), apps: map[string]*app{}}
	if opt.NoticeURL != "" {
		s.key, s.keyErr = noticeKey(opt.NoticeSecret)
	}
	s.stop, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close ends what is still being sent and waits for the goroutines of this
// system. Nothing is sent afterwards.
func (s *System) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
}

// SetNoticeURL moves the receiver of notices, for a test that learns its port
// late.
func (s *System) SetNoticeURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.NoticeURL = url
	s.key, s.keyErr = noticeKey(s.opt.NoticeSecret)
}

// SetPublicURL moves the system itself, for the same reason. Links of runs that
// were made before change, too.
func (s *System) SetPublicURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.PublicURL = strings.TrimSuffix(url, "/")
}

// A refusal is an error with the HTTP status that says it.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return "fakedeploy: " + r.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}
