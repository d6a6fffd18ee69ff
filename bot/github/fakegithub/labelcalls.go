package fakegithub

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

func (g *GitHub) listLabels(q request, r *repo) (reply, error) {
	list := []obj{}
	for _, l := range r.labels {
		list = append(list, g.labelJSON(r, l))
	}
	return g.page(q, list)
}

func (g *GitHub) labelsOf(i *issue) []obj {
	list := []obj{}
	for _, name := range i.Labels {
		list = append(list, g.labelJSON(i.repo, i.repo.label(name)))
	}
	return list
}

// labelBody is what makes or changes a label.
type labelBody struct {
	Name        string  `json:"name"`
	NewName     string  `json:"new_name"`
	Color       *string `json:"color"`
	Description *string `json:"description"`
}

// apply changes a label to what was sent.
func (in labelBody) apply(l *label) error {
	changed := *l
	if in.Color != nil {
		changed.color = strings.ToLower(*in.Color)
	}
	if in.Description != nil {
		changed.description = *in.Description
	}
	if strings.Trim(changed.color, "0123456789abcdef") != "" || len(changed.color) != 6 {
		return invalid(obj{"resource": "Label", "field": "color", "code": "invalid"})
	}
	if err := checkLabel(changed.name, changed.description); err != nil {
		return err
	}
	*l = changed
	return nil
}

func (g *GitHub) createLabel(q request, r *repo) (reply, error) {
	var in labelBody
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	if r.label(in.Name) != nil {
		return reply{}, invalid(obj{"resource": "Label", "field": "name", "code": "already_exists"})
	}
	l := &label{name: in.Name, color: madeColor}
	if err := in.apply(l); err != nil {
		return reply{}, err
	}
	l.id = g.nextID()
	r.labels = append(r.labels, l)
	return reply{status: http.StatusCreated, body: g.labelJSON(r, l)}, nil
}

func namedLabel(q request, r *repo) (*label, error) {
	if l := r.label(q.PathValue("name")); l != nil {
		return l, nil
	}
	return nil, refuse(http.StatusNotFound, "Not Found")
}

func (g *GitHub) oneLabel(q request, r *repo) (reply, error) {
	l, err := namedLabel(q, r)
	if err != nil {
		return reply{}, err
	}
	return ok(g.labelJSON(r, l))
}

func (g *GitHub) editLabel(q request, r *repo) (reply, error) {
	l, err := namedLabel(q, r)
	if err != nil {
		return reply{}, err
	}
	var in labelBody
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	former, changed := l.name, *l
	changed.name = cmp.Or(in.NewName, in.Name, l.name) // go-github sends name where octokit sends new_name
	if other := r.label(changed.name); other != nil && other != l {
		return reply{}, invalid(obj{"resource": "Label", "field": "name", "code": "already_exists"})
	}
	if err := in.apply(&changed); err != nil {
		return reply{}, err
	}
	*l = changed
	for _, i := range r.issues {
		for k, name := range i.Labels {
			if name == former {
				i.Labels = slices.Clone(i.Labels)
				i.Labels[k] = l.name
			}
		}
	}
	return ok(g.labelJSON(r, l))
}

func (g *GitHub) deleteLabel(q request, r *repo) (reply, error) {
	l, err := namedLabel(q, r)
	if err != nil {
		return reply{}, err
	}
	r.labels = slices.DeleteFunc(r.labels, func(one *label) bool { return one == l })
	for _, i := range r.issues {
		i.Labels = withoutFold(i.Labels, l.name)
	}
	return reply{status: http.StatusNoContent}, nil
}

// sentLabels reads {"labels":[…]} or the list alone.
func sentLabels(q request) (names, error) {
	if strings.HasPrefix(strings.TrimSpace(string(q.body)), "[") {
		var list names
		return list, q.read(&list)
	}
	var in struct{ Labels names }
	return in.Labels, q.read(&in)
}

func (g *GitHub) addIssueLabels(q request, i *issue) (reply, error) {
	list, err := sentLabels(q)
	if err == nil {
		err = g.addLabels(i, q.who.actor(i.repo), list)
	}
	if err != nil {
		return reply{}, err
	}
	return ok(g.labelsOf(i))
}

func (g *GitHub) putIssueLabels(q request, i *issue) (reply, error) {
	list, err := sentLabels(q)
	if err == nil {
		err = g.edit(i, q.who.actor(i.repo), patch{labels: (*[]string)(&list)})
	}
	if err != nil {
		return reply{}, err
	}
	return ok(g.labelsOf(i))
}

func (g *GitHub) clearIssueLabels(q request, i *issue) (reply, error) {
	g.setLabels(i, q.who.actor(i.repo), nil)
	return reply{status: http.StatusNoContent}, nil
}

func (g *GitHub) dropIssueLabel(q request, i *issue) (reply, error) {
	if !containsFold(i.Labels, q.PathValue("name")) {
		return reply{}, refuse(http.StatusNotFound, "Label does not exist")
	}
	g.unlabel(i, q.who.actor(i.repo), []string{q.PathValue("name")})
	return ok(g.labelsOf(i))
}

func (g *GitHub) listMilestones(q request, r *repo) (reply, error) {
	list := []obj{}
	for _, m := range r.milestones {
		list = append(list, g.milestoneJSON(r, m))
	}
	return g.page(q, list)
}

func (g *GitHub) createMilestone(q request, r *repo) (reply, error) {
	var in struct {
		Title, Description string
		DueOn              json.RawMessage `json:"due_on"`
	}
	if err := q.read(&in); err != nil {
		return reply{}, err
	}
	m := &milestone{number: len(r.milestones) + 1, title: in.Title, description: in.Description, state: Open, by: q.who.login, createdAt: g.now()}
	if in.DueOn != nil && json.Unmarshal(in.DueOn, &m.dueOn) != nil {
		return reply{}, invalid(obj{"resource": "Milestone", "field": "due_on", "code": "invalid"})
	}
	switch {
	case strings.TrimSpace(in.Title) == "":
		return reply{}, invalid(obj{"resource": "Milestone", "field": "title", "code": "missing_field"})
	case slices.ContainsFunc(r.milestones, func(m *milestone) bool { return m.title == in.Title }):
		return reply{}, invalid(obj{"resource": "Milestone", "field": "title", "code": "already_exists"})
	}
	m.dueOn = m.dueOn.Truncate(time.Second)
	m.id = g.nextID()
	r.milestones = append(r.milestones, m)
	return reply{status: http.StatusCreated, body: g.milestoneJSON(r, m)}, nil
}

func (g *GitHub) oneMilestone(q request, r *repo) (reply, error) {
	m := r.milestone(int(q.number("number")))
	if m == nil {
		return reply{}, refuse(http.StatusNotFound, "Not Found")
	}
	return ok(g.milestoneJSON(r, m))
}
