package fakegithub

import (
	"encoding/json"
	"net/http"
)

// names are labels as they are sent: text, or objects with a name.
type names []string

// UnmarshalJSON reads either form.
func (n *names) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*n = names{}
	for _, one := range raw {
		var name string
		if json.Unmarshal(one, &name) != nil {
			var named struct{ Name string }
			if err := json.Unmarshal(one, &named); err != nil {
				return err
			}
			name = named.Name
		}
		*n = append(*n, name)
	}
	return nil
}

// issueBody is what creates or changes an issue. What is missing or null is left
// alone, but a milestone that is null is taken away.
type issueBody struct {
	Title       *string         `json:"title"`
	Body        *string         `json:"body"`
	State       *string         `json:"state"`
	StateReason *string         `json:"state_reason"`
	Labels      *names          `json:"labels"`
	Assignee    *string         `json:"assignee"`
	Assignees   *[]string       `json:"assignees"`
	Milestone   json.RawMessage `json:"milestone"`
}

func (in issueBody) patch() (patch, error) {
	p := patch{title: in.Title, body: in.Body, state: in.State, reason: in.StateReason, assignees: in.Assignees}
	if in.Labels != nil {
		p.labels = (*[]string)(in.Labels)
	}
	if in.Assignee != nil && in.Assignees == nil {
		p.assignees = &[]string{}
		if *in.Assignee != "" {
			p.assignees = &[]string{*in.Assignee}
		}
	}
	if in.Milestone != nil {
		p.milestone = new(int)
		if err := json.Unmarshal(in.Milestone, p.milestone); err != nil {
			return patch{}, invalid(obj{"resource": "Issue", "field": "milestone", "code": "invalid"})
		}
	}
	return p, nil
}

func (g *GitHub) createIssue(q request, r *repo) (reply, error) {
	var in issueBody
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	p, err := in.patch()
	if err != nil {
		return reply{}, err
	}
	if q.who.readOnly {
		return reply{}, errNoPush
	}
	i, err := g.open(r, q.who.actor(r), draft{
		title: value(p.title), body: value(p.body), labels: value(p.labels), assignees: value(p.assignees), milestone: value(p.milestone),
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: g.issueJSON(i), header: map[string]string{"Location": g.issueAPI(i)}}, nil
}

// value is what p points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func (g *GitHub) editIssue(q request, i *issue) (reply, error) {
	var in issueBody
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	p, err := in.patch()
	if err != nil {
		return reply{}, err
	}
	by := q.who.actor(i.repo)
	if !by.push {
		if by.login != i.Author || q.who.readOnly {
			return reply{}, errNoPush
		}
		p.labels, p.assignees, p.milestone = nil, nil, nil
	}
	if err := g.edit(i, by, p); err != nil {
		return reply{}, err
	}
	return ok(g.issueJSON(i))
}

// partOfIssue is a list of an issue, or one comment of the repository.
func (g *GitHub) partOfIssue(q request, r *repo) (reply, error) {
	if q.PathValue("number") == "comments" {
		i, c, err := g.findComment(r, q.number("what"))
		if err != nil {
			return reply{}, err
		}
		return ok(g.commentJSON(i, c))
	}
	i, err := g.issueFor(q, r)
	if err != nil {
		return reply{}, err
	}
	list := []obj{}
	switch q.PathValue("what") {
	case "comments":
		for k := range i.Comments {
			list = append(list, g.commentJSON(i, &i.Comments[k]))
		}
	case "events":
		for _, e := range i.Events {
			list = append(list, g.eventJSON(i, e))
		}
	case "labels":
		list = g.labelsOf(i)
	default:
		return reply{}, refuse(http.StatusNotFound, "Not Found")
	}
	return g.page(q, list)
}

func (g *GitHub) findComment(r *repo, id int64) (*issue, *Comment, error) {
	for _, i := range r.here() {
		for k := range i.Comments {
			if i.Comments[k].ID == id {
				return i, &i.Comments[k], nil
			}
		}
	}
	return nil, nil, refuse(http.StatusNotFound, "Not Found")
}

func (g *GitHub) createComment(q request, i *issue) (reply, error) {
	var in struct{ Body string }
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	if q.who.readOnly {
		return reply{}, errNoPush
	}
	c, err := g.comment(i, q.who.actor(i.repo), in.Body)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: g.commentJSON(i, c)}, nil
}

func (g *GitHub) editComment(q request, r *repo) (reply, error) {
	i, c, err := g.findComment(r, q.number("id"))
	if err != nil {
		return reply{}, err
	}
	var in struct{ Body string }
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	by := q.who.actor(r)
	if !by.push && by.login != c.Author || q.who.readOnly {
		return reply{}, errNoPush
	}
	if err := checkText("IssueComment", nil, &in.Body); err != nil {
		return reply{}, err
	}
	if before := c.Body; before != in.Body {
		c.Body, c.UpdatedAt = in.Body, g.now()
		g.touch(i)
		g.tellComment(i, c, by, "edited", obj{"body": obj{"from": before}})
	}
	return ok(g.commentJSON(i, c))
}

func (g *GitHub) isAssignee(q request, r *repo) (reply, error) {
	if _, known := r.assignee(q.PathValue("login")); !known {
		return reply{}, refuse(http.StatusNotFound, "Not Found")
	}
	return reply{status: http.StatusNoContent}, nil
}

func (g *GitHub) addAssignees(q request, i *issue) (reply, error) {
	var in struct{ Assignees []string }
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	g.assign(i, q.who.actor(i.repo), in.Assignees)
	return reply{status: http.StatusCreated, body: g.issueJSON(i)}, nil
}

func (g *GitHub) dropAssignees(q request, i *issue) (reply, error) {
	var in struct{ Assignees []string }
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	g.unassign(i, q.who.actor(i.repo), in.Assignees)
	return ok(g.issueJSON(i))
}
