package fakegithub

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Repo is a repository.
type Repo struct {
	// Name is OWNER/NAME.
	Name    string
	Private bool
	// IssuesOff says that it has no issues; they are answered with 410.
	IssuesOff bool
	// Hidden says that the API's user does not see it: everything is 404.
	Hidden bool
	// ReadOnly says that the API's user may not push: labels and assignees that
	// it names are dropped in silence, and what it did not open it may not change.
	ReadOnly bool
	// Assignees are the logins that issues can be assigned to. The pages let one
	// act as any of them.
	Assignees []string
}

// Issue is an issue as it stands.
type Issue struct {
	Number int
	ID     int64
	Repo   string
	Title  string
	Body   string
	// State is open or closed. StateReason is why: completed, not_planned,
	// duplicate, reopened; empty: it was never closed.
	State, StateReason string
	Labels             []string
	Assignees          []string
	Milestone          int // its number; 0: none
	Author, ClosedBy   string
	Pull               bool   // it is a pull request, which lists of issues contain, too
	URL                string // of the page
	CreatedAt          time.Time
	UpdatedAt          time.Time
	ClosedAt           time.Time // zero: it is open
	Comments           []Comment
	Events             []Event
}

// Comment is a comment on an issue.
type Comment struct {
	ID                   int64
	Author, Body, URL    string
	CreatedAt, UpdatedAt time.Time
}

// Event is something that happened to an issue.
type Event struct {
	ID int64
	// Kind is closed, reopened, labeled, unlabeled, assigned, unassigned, renamed
	// or transferred. Detail is the reason, label, login, former title or
	// repository.
	Kind, Actor, Detail string
	At                  time.Time
}

// The states of an issue, and why it got there.
const (
	Open   = "open"
	Closed = "closed"

	Completed  = "completed"
	NotPlanned = "not_planned"
	Duplicate  = "duplicate"
	Reopened   = "reopened"
)

type repo struct {
	Repo
	id         int64
	issues     map[int]*issue
	last       int
	labels     []*label
	milestones []*milestone
}

// issue is an issue and what became of it.
type issue struct {
	Issue
	repo    *repo
	deleted bool
	movedTo *issue
}

type label struct {
	id                       int64
	name, color, description string
}

type milestone struct {
	id                        int64
	number                    int
	title, description, state string
	dueOn                     time.Time
	by                        string
	createdAt                 time.Time
}

type user struct {
	id    int64
	login string
}

// byID is the path that outlives new names.
func (r *repo) byID() string { return "/repositories/" + strconv.FormatInt(r.id, 10) }

func (i *issue) byID() string { return i.repo.byID() + "/issues/" + strconv.Itoa(i.Number) }

func (r *repo) owner() string {
	owner, _, _ := strings.Cut(r.Name, "/")
	return owner
}

func (r *repo) short() string {
	_, name, _ := strings.Cut(r.Name, "/")
	return name
}

// assignee finds the login as it is spelled; GitHub does not heed case.
func (r *repo) assignee(login string) (string, bool) {
	k := slices.IndexFunc(r.Assignees, func(s string) bool { return strings.EqualFold(s, login) })
	if k < 0 {
		return "", false
	}
	return r.Assignees[k], true
}

func (r *repo) label(name string) *label {
	k := slices.IndexFunc(r.labels, func(l *label) bool { return strings.EqualFold(l.name, name) })
	if k < 0 {
		return nil
	}
	return r.labels[k]
}

func (r *repo) milestone(number int) *milestone {
	k := slices.IndexFunc(r.milestones, func(m *milestone) bool { return m.number == number })
	if k < 0 {
		return nil
	}
	return r.milestones[k]
}

// here lists the issues that are neither deleted nor moved away, by number.
func (r *repo) here() []*issue {
	var out []*issue
	for n := 1; n <= r.last; n++ {
		if i := r.issues[n]; i != nil && !i.deleted && i.movedTo == nil {
			out = append(out, i)
		}
	}
	return out
}

// find is the repository of a name; nil if there is none.
func (g *GitHub) find(name string) *repo { return g.repos[strings.ToLower(name)] }

var repoName = regexp.MustCompile(`^[\w.-]+/[\w.-]+$`)

// AddRepo adds a repository. One of the same name gets new settings and keeps
// its issues. It panics if the name is not OWNER/NAME.
func (g *GitHub) AddRepo(r Repo) {
	if !repoName.MatchString(r.Name) {
		panic("fakegithub: a repository's name is OWNER/NAME, not " + strconv.Quote(r.Name))
	}
	r.Assignees = slices.Clone(r.Assignees)
	g.mu.Lock()
	defer g.mu.Unlock()
	if old := g.find(r.Name); old != nil {
		old.Repo = r
		return
	}
	made := &repo{Repo: r, id: g.nextID(), issues: map[int]*issue{}}
	g.repos[strings.ToLower(r.Name)] = made
	delete(g.moved, strings.ToLower(r.Name))
	g.order = append(g.order, made)
}

// RenameRepo gives a repository a new name. The old one leads to it: 301 to a
// GET, 307 to anything else.
func (g *GitHub) RenameRepo(from, to string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.find(from)
	if r == nil || g.find(to) != nil || !repoName.MatchString(to) {
		return refuse(404, "%s cannot become %s", from, to)
	}
	delete(g.repos, strings.ToLower(from))
	r.Name = to
	g.repos[strings.ToLower(to)], g.moved[strings.ToLower(from)] = r, r
	return nil
}

// Issues lists the issues and pull requests of a repository by number, without
// those that were deleted or moved away.
func (g *GitHub) Issues(name string) []Issue {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.find(name)
	if r == nil {
		return nil
	}
	var out []Issue
	for _, i := range r.here() {
		out = append(out, g.show(i))
	}
	return out
}

// Issue is one issue; false if there is none, or it was deleted or moved away.
func (g *GitHub) Issue(name string, number int) (Issue, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i, err := g.issue(name, number)
	if err != nil {
		return Issue{}, false
	}
	return g.show(i), true
}

// issue finds one that is there.
func (g *GitHub) issue(name string, number int) (*issue, error) {
	r := g.find(name)
	if r == nil || r.issues[number] == nil {
		return nil, refuse(404, "Not Found")
	}
	i := r.issues[number]
	switch {
	case i.deleted:
		return nil, refuse(410, "This issue was deleted")
	case i.movedTo != nil:
		return nil, &refusal{status: 301, text: "Moved Permanently", to: i.movedTo.byID()}
	}
	return i, nil
}

// show is the issue as it stands, for callers to keep.
func (g *GitHub) show(i *issue) Issue {
	out := i.Issue
	out.Repo, out.URL = i.repo.Name, g.issuePage(i)
	out.Labels, out.Assignees = slices.Clone(i.Labels), slices.Clone(i.Assignees)
	out.Comments, out.Events = slices.Clone(i.Comments), slices.Clone(i.Events)
	for k := range out.Comments {
		out.Comments[k].URL = out.URL + "#issuecomment-" + strconv.FormatInt(out.Comments[k].ID, 10)
	}
	return out
}

func (g *GitHub) issuePage(i *issue) string {
	kind := "/issues/"
	if i.Pull {
		kind = "/pull/"
	}
	return g.opt.PublicURL + "/" + i.repo.Name + kind + strconv.Itoa(i.Number)
}
