package fakegithub

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// What GitHub takes, in characters.
const (
	maxTitle     = 256
	maxText      = 65536
	maxLabel     = 50
	maxAbout     = 100 // a label's description
	maxAssignees = 10
)

// actor is who changes something, and whether they may push.
type actor struct {
	login string
	push  bool
}

// draft is an issue to be opened; patch what is to be changed of one. nil leaves
// alone, a milestone of 0 takes it away.
type draft struct {
	title, body       string
	labels, assignees []string
	milestone         int
	pull              bool
}

type patch struct {
	title, body, state, reason *string
	labels, assignees          *[]string
	milestone                  *int
}

func (g *GitHub) open(r *repo, by actor, d draft) (*issue, error) {
	if r.IssuesOff && !d.pull {
		return nil, refuse(http.StatusGone, "Issues are disabled for this repo")
	}
	if err := checkText("Issue", &d.title, &d.body); err != nil {
		return nil, err
	}
	if !by.push {
		d.labels, d.assignees, d.milestone = nil, nil, 0
	}
	assignees, err := checkAssignees(r, d.assignees)
	if err != nil {
		return nil, err
	}
	if err := checkMore(r, d.labels, d.milestone); err != nil {
		return nil, err
	}
	r.last++
	now := g.now()
	i := &issue{repo: r, Issue: Issue{
		Number: r.last, ID: g.nextID(), Title: d.title, Body: d.body, State: Open, Author: by.login, Pull: d.pull, Milestone: d.milestone,
		CreatedAt: now, UpdatedAt: now,
	}}
	r.issues[r.last] = i
	for _, name := range d.labels {
		i.Labels = appendNew(i.Labels, g.makeLabel(r, name).name)
	}
	i.Assignees = assignees
	g.tell(i, "opened", by, nil)
	for _, name := range i.Labels {
		g.note(i, "labeled", by, name)
		g.tell(i, "labeled", by, obj{"label": g.labelJSON(r, r.label(name))})
	}
	for _, login := range i.Assignees {
		g.note(i, "assigned", by, login)
		g.tell(i, "assigned", by, obj{"assignee": g.userJSON(login)})
	}
	return i, nil
}

func (g *GitHub) edit(i *issue, by actor, p patch) error {
	if err := checkText("Issue", p.title, p.body); err != nil {
		return err
	}
	if err := checkState(p); err != nil {
		return err
	}
	var assignees, labels []string
	var err error
	if p.assignees != nil {
		if assignees, err = checkAssignees(i.repo, *p.assignees); err != nil {
			return err
		}
	}
	if p.labels != nil {
		labels = *p.labels
	}
	number := i.Milestone
	if p.milestone != nil {
		number = *p.milestone
	}
	if err := checkMore(i.repo, labels, number); err != nil {
		return err
	}
	if number != i.Milestone {
		i.Milestone = number
		g.touch(i)
	}
	g.rewrite(i, by, p)
	if p.labels != nil {
		g.setLabels(i, by, labels)
	}
	if p.assignees != nil {
		g.setAssignees(i, by, assignees)
	}
	g.turn(i, by, p)
	return nil
}

// rewrite changes title and body, which one webhook tells of.
func (g *GitHub) rewrite(i *issue, by actor, p patch) {
	changes := obj{}
	if p.title != nil && *p.title != i.Title {
		changes["title"] = obj{"from": i.Title}
		g.note(i, "renamed", by, i.Title)
		i.Title = *p.title
	}
	if p.body != nil && *p.body != i.Body {
		changes["body"] = obj{"from": i.Body}
		i.Body = *p.body
	}
	if len(changes) > 0 {
		g.touch(i)
		g.tell(i, "edited", by, obj{"changes": changes})
	}
}

// turn opens or closes; a reason alone does nothing.
func (g *GitHub) turn(i *issue, by actor, p patch) {
	if p.state == nil || *p.state == i.State {
		return
	}
	g.touch(i)
	i.State = *p.state
	if i.State == Open {
		i.StateReason, i.ClosedBy, i.ClosedAt = Reopened, "", time.Time{}
		g.note(i, "reopened", by, "")
		g.tell(i, "reopened", by, nil)
		return
	}
	i.StateReason, i.ClosedBy, i.ClosedAt = Completed, by.login, i.UpdatedAt
	if p.reason != nil && *p.reason != "" && *p.reason != Reopened {
		i.StateReason = *p.reason
	}
	g.note(i, "closed", by, i.StateReason)
	g.tell(i, "closed", by, nil)
}

func (g *GitHub) comment(i *issue, by actor, body string) (*Comment, error) {
	if err := checkText("IssueComment", nil, &body); err != nil {
		return nil, err
	}
	if strings.TrimSpace(body) == "" {
		return nil, invalid(obj{"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": "Body cannot be blank"})
	}
	g.touch(i)
	i.Comments = append(i.Comments, Comment{ID: g.nextID(), Author: by.login, Body: body, CreatedAt: g.now(), UpdatedAt: g.now()})
	made := &i.Comments[len(i.Comments)-1]
	g.tellComment(i, made, by, "created", nil)
	return made, nil
}

// remove deletes the issue. It is told first, while it is there.
func (g *GitHub) remove(i *issue, by actor) error {
	g.tell(i, "deleted", by, nil)
	i.deleted = true
	return nil
}

func (g *GitHub) transfer(i *issue, by actor, to string) (*issue, error) {
	r := g.find(to)
	switch {
	case r == nil:
		return nil, refuse(http.StatusNotFound, "there is no repository %s", to)
	case r == i.repo || r.IssuesOff || r.owner() != i.repo.owner() || i.repo.Private && !r.Private:
		return nil, refuse(http.StatusUnprocessableEntity, "issues of %s cannot be moved to %s", i.repo.Name, to)
	}
	r.last++
	moved := &issue{repo: r, Issue: i.Issue}
	moved.Number, moved.ID, moved.Milestone = r.last, g.nextID(), 0
	moved.Comments, moved.Events = slices.Clone(i.Comments), slices.Clone(i.Events)
	moved.Labels = slices.DeleteFunc(slices.Clone(i.Labels), func(s string) bool { return r.label(s) == nil })
	moved.Assignees = slices.DeleteFunc(slices.Clone(i.Assignees), func(s string) bool { _, ok := r.assignee(s); return !ok })
	r.issues[r.last] = moved
	g.touch(moved)
	g.note(moved, "transferred", by, i.repo.Name)
	g.touch(i)
	g.tell(i, "transferred", by, obj{"changes": obj{"new_issue": g.issueJSON(moved), "new_repository": g.repoJSON(r)}})
	g.tell(moved, "opened", by, obj{"changes": obj{"old_issue": g.issueJSON(i), "old_repository": g.repoJSON(i.repo)}})
	i.movedTo = moved
	return moved, nil
}

func (g *GitHub) touch(i *issue) { i.UpdatedAt = g.now() }

func (g *GitHub) note(i *issue, kind string, by actor, detail string) {
	i.Events = append(i.Events, Event{ID: g.nextID(), Kind: kind, Actor: by.login, Detail: detail, At: g.now()})
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// checkText checks a title and a body; nil is not changed.
func checkText(what string, title, body *string) error {
	if title != nil && strings.TrimSpace(*title) == "" {
		return invalid(obj{"resource": what, "code": "missing_field", "field": "title"})
	}
	if title != nil && utf8.RuneCountInString(*title) > maxTitle {
		return invalid(obj{"resource": what, "code": "custom", "field": "title", "message": "title is too long (maximum is 256 characters)"})
	}
	if body != nil && utf8.RuneCountInString(*body) > maxText {
		return invalid(obj{"resource": what, "code": "custom", "field": "body", "message": "body is too long (maximum is 65536 characters)"})
	}
	return nil
}

func checkState(p patch) error {
	if p.state != nil && *p.state != Open && *p.state != Closed {
		return invalid(obj{"resource": "Issue", "code": "invalid", "field": "state", "value": *p.state})
	}
	if p.reason != nil && !slices.Contains([]string{"", Completed, NotPlanned, Duplicate, Reopened}, *p.reason) {
		return invalid(obj{"resource": "Issue", "code": "invalid", "field": "state_reason", "value": *p.reason})
	}
	return nil
}
