package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// firstWait is how long a reader waits for the first render.
	firstWait = 3 * time.Second
	// readDeadline bounds one read of the database for a render.
	readDeadline = 10 * time.Second
	// tick is how often the page is drawn without a change: days begin, promises
	// pass, and the stamp on it says that somebody is there.
	tick = time.Minute
	// restMin is the least pause between two renders, and restFactor the pause
	// in multiples of what the last one took, so that a burst of changes never
	// costs more than a small share of a core.
	restMin    = 100 * time.Millisecond
	restFactor = 5
	// retryMax is the longest pause after a render that failed.
	retryMax = 30 * time.Second
)

// site is the public page: a handler over the newest snapshot, and the loop
// that makes the next one.
type site struct {
	server   *Server
	base     *url.URL
	pages    *pages
	fixed    map[string]*asset // what never changes: style, script, icon
	current  atomic.Pointer[snapshot]
	first    chan struct{} // closed with the first snapshot
	failures atomic.Uint64
}

// snapshot is everything that the site says, by path. It is never changed.
type snapshot struct {
	at      time.Time // real time, for the age
	paths   map[string]*asset
	missing *asset         // the 404 page
	source  bot.PublicPage // what it was rendered from
	born    time.Time      // see drawing.born
}

func newSite(s *Server, base *url.URL) (*site, error) {
	t := &site{server: s, base: base, first: make(chan struct{})}
	var (
		names map[string]string
		err   error
	)
	if t.fixed, names, err = staticAssets(base.Path); err != nil {
		return nil, err
	}
	t.pages, err = newPages(base, names)
	return t, err
}

// url is the full address of a path of the site.
func (t *site) url(path string) string { return t.base.String() + path }

func (t *site) renderedAt() time.Time {
	if snap := t.current.Load(); snap != nil {
		return snap.at
	}
	return time.Time{}
}

// run renders after every change, and every [tick], until ctx ends.
func (t *site) run(ctx context.Context) error {
	changes := t.server.bot.Store.Watch(ctx)
	retry := time.Second
	for {
		start, next := time.Now(), tick
		if err := t.refresh(ctx); err != nil && ctx.Err() == nil {
			t.failures.Add(1)
			t.server.log.WarnContext(ctx, "the public page could not be read; the last one stays", "error", err)
			next, retry = retry, min(2*retry, retryMax)
		} else {
			retry = time.Second
		}
		rest := max(restMin, restFactor*time.Since(start))
		if !pause(ctx, rest, nil) || !pause(ctx, next, changes) {
			return ctx.Err()
		}
	}
}

// pause waits for d or for something on early; false: ctx has ended.
func pause(ctx context.Context, d time.Duration, early <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case _, open := <-early:
		if !open { // the store has closed, and so will ctx soon
			<-ctx.Done()
			return false
		}
	}
	return true
}

// refresh reads the page and makes it the current snapshot.
func (t *site) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readDeadline)
	defer cancel()
	b := t.server.bot
	var page bot.PublicPage
	err := b.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		page, err = b.Settings.PublicPage(tx, b.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return t.show(page)
}

// show renders page and makes it the current snapshot. Most commits say
// nothing to customers; after those the last render is only dated anew.
func (t *site) show(page bot.PublicPage) error {
	old := t.current.Load()
	if old != nil && old.says(page) {
		again := *old
		again.at = time.Now()
		t.current.Store(&again)
		return nil
	}
	snap, err := t.render(page, old)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	if t.current.Swap(snap) == nil {
		close(t.first)
	}
	return nil
}

// says reports whether s is what a render of page would be. Pages show times
// to the minute; when something internal happened they do not show at all.
func (s *snapshot) says(page bot.PublicPage) bool {
	return s.source.At.Truncate(time.Minute).Equal(page.At.Truncate(time.Minute)) && s.saysBut(page)
}

// saysBut is says for a page of another time.
func (s *snapshot) saysBut(page bot.PublicPage) bool {
	page.At = s.source.At
	return reflect.DeepEqual(s.source, page)
}

// snapshot returns the current snapshot, waiting for the first; nil: there is
// none yet.
func (t *site) snapshot(ctx context.Context) *snapshot {
	if snap := t.current.Load(); snap != nil {
		return snap
	}
	ctx, cancel := context.WithTimeout(ctx, firstWait)
	defer cancel()
	select {
	case <-t.first:
	case <-ctx.Done():
	}
	return t.current.Load()
}

// ServeHTTP answers from memory.
func (t *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		t.get(w, r)
	default:
		secure(w.Header())
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD work here.", http.StatusMethodNotAllowed)
		t.server.counts.add(routePublicOther, http.StatusMethodNotAllowed)
	}
}

func (t *site) get(w http.ResponseWriter, r *http.Request) {
	counts := t.server.counts
	if a, ok := t.fixed[r.URL.Path]; ok {
		counts.add(a.route, a.serve(w, r))
		return
	}
	snap := t.snapshot(r.Context())
	if snap == nil {
		secure(w.Header())
		w.Header().Set("Retry-After", "2")
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "The status page is starting. Try again in a moment.", http.StatusServiceUnavailable)
		counts.add(routePublicOther, http.StatusServiceUnavailable)
		return
	}
	path := r.URL.Path
	if path == "/history" && r.URL.RawQuery != "" {
		path = historyPath(r.URL.Query().Get("page"))
	}
	if a, ok := snap.paths[path]; ok {
		counts.add(a.route, a.serve(w, r))
		return
	}
	// A slash at the end is a common slip; only paths that exist are sent on.
	if short := strings.TrimSuffix(path, "/"); snap.paths[short] != nil && short != path {
		secure(w.Header())
		http.Redirect(w, r, t.base.Path+short, http.StatusMovedPermanently) //nolint:gosec // short is a path that we serve
		counts.add(routePublicOther, http.StatusMovedPermanently)
		return
	}
	counts.add(snap.missing.route, snap.missing.serve(w, r))
}

// historyPath is under which path a page of the history is kept. Other
// parameters, such as a campaign's, are ignored.
func historyPath(page string) string {
	n, err := strconv.Atoi(page)
	switch {
	case page == "" || n == 1 && err == nil:
		return "/history"
	case err != nil || page != strconv.Itoa(n):
		return "/history?"
	}
	return "/history?page=" + page
}
