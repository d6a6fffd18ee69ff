package fakedeploy

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// App is what is deployed: one cluster of a service, for instance.
type App struct {
	// Name names it in the API. Service and Environment are told in notices.
	Name, Service, Environment string
	// Duration is how long a deploy or a rollback takes; 0: it is done at once.
	Duration time.Duration
	// Hosts is how many there are to go through, for the messages; 0: 12.
	Hosts int
	// Releases are oldest first; the last one is current.
	Releases []Release
}

// Release is a version of an app that was deployed.
type Release struct {
	// ID is the system's own name; empty in AddApp: one like rel-42.
	ID string
	// Version is what people call it.
	Version string
	// DeployedAt is when it became current. Zero in AddApp: a day before the next
	// one, and the last one a day ago.
	DeployedAt time.Time
	// By is who deployed it.
	By string
}

// defaultHosts is how many hosts an app has that does not say.
const defaultHosts = 12

type app struct {
	App
	last   int    // number of the newest release id
	active *run   // nil: none
	fail   string // why the next run will fail; empty: it will not
	unwell bool
}

// AddApp adds an app. One of the same name is replaced; its runs stay, also the
// one under way.
func (s *System) AddApp(a App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Hosts <= 0 {
		a.Hosts = defaultHosts
	}
	n := &app{App: a}
	n.Releases = nil
	for k, r := range a.Releases {
		if r.DeployedAt.IsZero() {
			r.DeployedAt = s.opt.Now().AddDate(0, 0, k-len(a.Releases))
		}
		n.add(r)
	}
	if old := s.apps[a.Name]; old != nil {
		n.active = old.active
	} else {
		s.order = append(s.order, a.Name)
	}
	s.apps[a.Name] = n
}

// add appends a release and gives it an id where it has none. The number is the
// version's own where that is possible, so that v42 is rel-42 until the first
// rollback.
func (a *app) add(r Release) {
	number := max(a.last+1, trailingNumber(r.Version))
	if r.ID == "" {
		r.ID = "rel-" + strconv.Itoa(number)
	} else {
		number = max(a.last, trailingNumber(r.ID))
	}
	a.last = number
	a.Releases = append(a.Releases, r)
}

// trailingNumber is 42 for v42 and for rel-42, and 0 where there is no number,
// or none of a sensible size.
func trailingNumber(s string) int {
	digits := s[len(strings.TrimRight(s, "0123456789")):]
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

// nextVersion is v43 where the highest of an app's versions is v42.
func (a *app) nextVersion() string {
	prefix, number := "v", 0
	for _, r := range a.Releases {
		if n := trailingNumber(r.Version); n >= number {
			prefix, number = strings.TrimRight(r.Version, "0123456789"), n
		}
	}
	return prefix + strconv.Itoa(number+1)
}

func (a *app) current() Release {
	if len(a.Releases) == 0 {
		return Release{}
	}
	return a.Releases[len(a.Releases)-1]
}

func (a *app) release(id string) (Release, bool) {
	k := slices.IndexFunc(a.Releases, func(r Release) bool { return r.ID == id })
	if k < 0 {
		return Release{}, false
	}
	return a.Releases[k], true
}

// Current is the release of an app that runs; the zero value if there is none,
// or no such app.
func (s *System) Current(name string) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if a := s.apps[name]; a != nil {
		return a.current()
	}
	return Release{}
}

// Releases lists those of an app, oldest first.
func (s *System) Releases(name string) []Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if a := s.apps[name]; a != nil {
		return slices.Clone(a.Releases)
	}
	return nil
}

// Deploy starts the deploy of a version, which becomes current after the app's
// duration, and sends two notices: started, and how it ended. It returns when
// the first attempt to tell of the start was answered, however; see Notices. It
// fails, and changes nothing, if there is no such app, a run of it is under way
// or the secret for notices is none. The end of ctx ends the waiting only.
func (s *System) Deploy(ctx context.Context, name, version, by string) error {
	return s.deploy(ctx, name, version, by, false)
}

// DeployNow is Deploy, but the version is current at once, and only the success
// is told of.
func (s *System) DeployNow(ctx context.Context, name, version, by string) error {
	return s.deploy(ctx, name, version, by, true)
}

func (s *System) deploy(ctx context.Context, name, version, by string, atOnce bool) error {
	s.mu.Lock()
	told, err := s.beginDeploy(name, version, by, atOnce)
	s.mu.Unlock()
	if err != nil || told == nil {
		return err
	}
	select {
	case <-told.first:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// beginDeploy returns the notice that is to be waited for; nil if none is sent.
// An empty version is the one after the highest.
func (s *System) beginDeploy(name, version, by string, atOnce bool) (*delivery, error) {
	a, err := s.free(name)
	if err != nil {
		return nil, err
	}
	if s.opt.NoticeURL != "" && s.keyErr != nil {
		return nil, fmt.Errorf("fakedeploy: the secret for notices: %w", s.keyErr)
	}
	if version == "" {
		version = a.nextVersion()
	}
	r := s.begin(a, Run{Kind: KindDeploy, Version: version, By: by})
	if atOnce {
		r.duration = 0
		s.settle()
		return r.told, nil
	}
	s.tell(r, "started")
	s.watch(r)
	return r.told, nil
}

// free finds an app that may start a run.
func (s *System) free(name string) (*app, error) {
	s.settle()
	a := s.apps[name]
	if a == nil {
		return nil, refuse(http.StatusNotFound, "there is no app %q", name)
	}
	if a.active != nil {
		return nil, refuse(http.StatusConflict, "%s of %s is under way", a.active.ID, name)
	}
	return a, nil
}

// SetDuration changes how long runs of an app take, also the one that is under
// way; if it has taken longer already, it ends now.
func (s *System) SetDuration(name string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	a := s.apps[name]
	if a == nil {
		return
	}
	a.Duration = d
	if a.active != nil {
		a.active.duration = max(d, a.active.elapsed(s.opt.Now()))
	}
}

// SetHealth says what an app's health check answers. A run changes nothing of it.
func (s *System) SetHealth(name string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.apps[name]; a != nil {
		a.unwell = !ok
	}
}

// Fail makes the next run of an app fail when its time is over, with a message;
// empty: one about a host. The app keeps its version.
func (s *System) Fail(name, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.apps[name]; a != nil {
		if message == "" {
			message = fmt.Sprintf("host %d of %d failed its health check", a.Hosts/2+1, a.Hosts)
		}
		a.fail = message
	}
}
