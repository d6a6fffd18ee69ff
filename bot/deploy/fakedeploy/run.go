package fakedeploy

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Kind is what a run does.
type Kind string

// The kinds.
const (
	KindDeploy   Kind = "deploy"
	KindRollback Kind = "rollback"
)

// Status is how a run stands.
type Status string

// The statuses.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Waiting   Status = "waiting" // somebody holds it; see Block
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
)

// Run is a deploy or a rollback. Times are the zero value until they are known.
type Run struct {
	ID   string
	Kind Kind
	App  string
	// To is the id of the release to go back to; empty for a deploy. Version is
	// that release's, or the new one. Previous is the version that ran before.
	To, Version, Previous string
	Reason, RequestID, By string
	Status                Status
	// Percent is how far it is, 0 to 100.
	Percent int
	Message string
	URL     string
	// CreatedAt is when it was asked for; StartedAt when it left the queue.
	CreatedAt, StartedAt, FinishedAt time.Time
}

// Over says that nothing more will happen to the run.
func (r Run) Over() bool { return r.Status == Succeeded || r.Status == Failed }

// run is a Run that is carried out. What it has done so far is spent, plus the
// time since, unless it is blocked.
type run struct {
	Run
	hosts    int
	duration time.Duration
	spent    time.Duration
	since    time.Time
	blocked  bool
	fail     string
	told     *delivery // its latest notice
}

// maxQueued is the longest that a run waits in the queue. It is a tenth of the
// run, so that short runs show all their states.
const maxQueued = 2 * time.Second

func (r *run) queue() time.Duration { return min(maxQueued, r.duration/10) }

// elapsed is how much of its time a run has had.
func (r *run) elapsed(now time.Time) time.Duration {
	if r.blocked {
		return r.spent
	}
	return r.spent + max(0, now.Sub(r.since))
}

// reached is when elapsed was d, which must lie after the last block.
func (r *run) reached(d time.Duration) time.Time { return r.since.Add(max(0, d-r.spent)) }

// begin makes the run of an app that has none.
func (s *System) begin(a *app, what Run) *run {
	now := s.opt.Now()
	what.ID = "run-" + strconv.Itoa(len(s.runs)+1)
	what.App, what.Previous, what.CreatedAt = a.Name, a.current().Version, now
	r := &run{Run: what, hosts: a.Hosts, duration: a.Duration, since: now, fail: a.fail}
	r.look(now)
	a.active, a.fail = r, ""
	s.runs = append(s.runs, r)
	return r
}

// settle brings every run up to date; it comes first in whatever looks.
func (s *System) settle() {
	now := s.opt.Now()
	for _, name := range s.order {
		a := s.apps[name]
		if r := a.active; r != nil && r.advance(now) {
			a.active = nil
			if r.Status == Succeeded {
				a.add(Release{Version: r.Version, DeployedAt: r.FinishedAt, By: r.By})
			}
			s.tell(r, string(r.Status))
		}
	}
}

// advance works out the state at now and says whether it is the last one.
func (r *run) advance(now time.Time) bool {
	elapsed := r.elapsed(now)
	if r.StartedAt.IsZero() && elapsed >= r.queue() && !r.blocked {
		r.StartedAt = r.reached(r.queue())
	}
	if !r.blocked && elapsed >= r.duration {
		r.FinishedAt = r.reached(r.duration)
	}
	r.look(now)
	return r.Over()
}

// look sets what people see of a run.
func (r *run) look(now time.Time) {
	if r.duration > 0 {
		r.Percent = int(min(100, 100*r.elapsed(now)/r.duration))
	}
	switch {
	case !r.FinishedAt.IsZero() && r.fail != "":
		r.Status, r.Message = Failed, r.fail
	case !r.FinishedAt.IsZero():
		r.Status, r.Percent = Succeeded, 100
		r.Message = fmt.Sprintf("%s runs on %s", r.Version, count(r.hosts, "host"))
	case r.blocked:
		r.Status, r.Message = Waiting, "held: somebody has to let it go on"
	case r.StartedAt.IsZero():
		r.Status, r.Message = Queued, "waiting for a free worker"
	default:
		r.Status, r.Message = Running, r.working()
	}
}

// working says which host is being worked on: the first tenth of the time
// fetches the version, the last tenth looks at the result, and in between each
// host is drained first and then started again.
func (r *run) working() string {
	switch {
	case r.Percent < 10:
		return "fetching " + r.Version
	case r.Percent >= 90:
		return "checking the health of " + count(r.hosts, "host")
	}
	half := (r.Percent - 10) * 2 * r.hosts / 80
	if half%2 == 0 {
		return fmt.Sprintf("draining %d of %s", half/2+1, count(r.hosts, "host"))
	}
	return fmt.Sprintf("starting %s on %d of %s", r.Version, half/2+1, count(r.hosts, "host"))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Runs lists every run, oldest first.
func (s *System) Runs() []Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	out := make([]Run, len(s.runs))
	for k, r := range s.runs {
		out[k] = s.show(r)
	}
	return out
}

// show is a run as others see it. Its link is made here, since the system may
// have moved.
func (s *System) show(r *run) Run {
	out := r.Run
	out.URL = s.opt.PublicURL + "/runs/" + r.ID
	return out
}

func (s *System) find(id string) *run {
	for _, r := range s.runs {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Block holds a run: it is waiting, and its time stands still, until Unblock.
func (s *System) Block(id string) error {
	return s.hold(id, true)
}

// Unblock lets a run go on.
func (s *System) Unblock(id string) error {
	return s.hold(id, false)
}

func (s *System) hold(id string, blocked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	r := s.find(id)
	switch {
	case r == nil:
		return refuse(http.StatusNotFound, "there is no run %q", id)
	case r.Over():
		return refuse(http.StatusConflict, "%s is over", id)
	case r.blocked == blocked:
		return nil
	}
	now := s.opt.Now()
	r.spent = r.elapsed(now)
	r.blocked, r.since = blocked, now
	r.look(now)
	return nil
}
