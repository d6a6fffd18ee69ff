package fakegithub

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// madeColor is the colour of labels that nobody chose one for.
const madeColor = "ededed"

// makeLabel finds a label of the repository or makes it.
func (g *GitHub) makeLabel(r *repo, name string) *label {
	if l := r.label(name); l != nil {
		return l
	}
	l := &label{id: g.nextID(), name: name, color: madeColor}
	r.labels = append(r.labels, l)
	return l
}

// setLabels replaces the labels, and tells of the differences.
func (g *GitHub) setLabels(i *issue, by actor, names []string) {
	for _, name := range slices.Clone(i.Labels) {
		if !containsFold(names, name) {
			g.unlabel(i, by, []string{name})
		}
	}
	g.label(i, by, names)
}

// addLabels adds labels after it has looked at them.
func (g *GitHub) addLabels(i *issue, by actor, names []string) error {
	if err := checkMore(i.repo, names, 0); err != nil {
		return err
	}
	g.label(i, by, names)
	return nil
}

func (g *GitHub) label(i *issue, by actor, names []string) {
	for _, name := range names {
		l := g.makeLabel(i.repo, name)
		if containsFold(i.Labels, l.name) {
			continue
		}
		i.Labels = append(i.Labels, l.name)
		g.touch(i)
		g.note(i, "labeled", by, l.name)
		g.tell(i, "labeled", by, obj{"label": g.labelJSON(i.repo, l)})
	}
}

func (g *GitHub) unlabel(i *issue, by actor, names []string) {
	for _, name := range names {
		l := i.repo.label(name)
		if l == nil || !containsFold(i.Labels, name) {
			continue
		}
		i.Labels = withoutFold(i.Labels, name)
		g.touch(i)
		g.note(i, "unlabeled", by, l.name)
		g.tell(i, "unlabeled", by, obj{"label": g.labelJSON(i.repo, l)})
	}
}

// setAssignees replaces the assignees, which were looked at before.
func (g *GitHub) setAssignees(i *issue, by actor, logins []string) {
	for _, login := range slices.Clone(i.Assignees) {
		if !containsFold(logins, login) {
			g.unassign(i, by, []string{login})
		}
	}
	g.assign(i, by, logins)
}

// assign adds those that can be assigned, up to ten, and ignores the others.
func (g *GitHub) assign(i *issue, by actor, logins []string) {
	for _, login := range logins {
		login, ok := i.repo.assignee(login)
		if !ok || containsFold(i.Assignees, login) || len(i.Assignees) >= maxAssignees {
			continue
		}
		i.Assignees = append(i.Assignees, login)
		g.touch(i)
		g.note(i, "assigned", by, login)
		g.tell(i, "assigned", by, obj{"assignee": g.userJSON(login)})
	}
}

func (g *GitHub) unassign(i *issue, by actor, logins []string) {
	for _, login := range logins {
		k := slices.IndexFunc(i.Assignees, func(s string) bool { return strings.EqualFold(s, login) })
		if k < 0 {
			continue
		}
		login = i.Assignees[k]
		i.Assignees = slices.Delete(slices.Clone(i.Assignees), k, k+1)
		g.touch(i)
		g.note(i, "unassigned", by, login)
		g.tell(i, "unassigned", by, obj{"assignee": g.userJSON(login)})
	}
}

// checkAssignees spells the logins as they are; one that cannot be assigned
// refuses the whole.
func checkAssignees(r *repo, logins []string) ([]string, error) {
	var out []string
	for _, login := range logins {
		known, ok := r.assignee(login)
		if !ok {
			return nil, invalid(obj{"value": login, "resource": "Issue", "field": "assignees", "code": "invalid"})
		}
		out = appendNew(out, known)
	}
	return out[:min(len(out), maxAssignees)], nil
}

// checkMore checks labels and a milestone; 0 is none.
func checkMore(r *repo, labels []string, number int) error {
	for _, name := range labels {
		if err := checkLabel(name, ""); err != nil {
			return err
		}
	}
	if number != 0 && r.milestone(number) == nil {
		return invalid(obj{"value": number, "resource": "Issue", "field": "milestone", "code": "invalid"})
	}
	return nil
}

func checkLabel(name, about string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return invalid(obj{"resource": "Label", "field": "name", "code": "missing_field"})
	case utf8.RuneCountInString(name) > maxLabel:
		return invalid(obj{"resource": "Label", "field": "name", "code": "custom", "message": "name is too long (maximum is 50 characters)"})
	case utf8.RuneCountInString(about) > maxAbout:
		return invalid(obj{"resource": "Label", "field": "description", "code": "custom", "message": "description is too long (maximum is 100 characters)"})
	}
	return nil
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(one, s) })
}

func withoutFold(list []string, s string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(one string) bool { return strings.EqualFold(one, s) })
}
