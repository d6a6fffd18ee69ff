package fakegithub

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How many items a page has.
const (
	pageSize    = 30
	maxPageSize = 100
)

// page answers one page of a list, with a Link to the others.
func (g *GitHub) page(q request, all []obj) (reply, error) {
	query := q.URL.Query()
	size := positive(query.Get("per_page"), pageSize, maxPageSize)
	last := max(1, (len(all)+size-1)/size)
	number := positive(query.Get("page"), 1, last+1) // far behind the end is behind the end
	from := min(len(all), (number-1)*size)
	rep, err := ok(all[from:min(len(all), from+size)])
	var links []string
	add := func(n int, rel string) {
		links = append(links, "<"+g.link(q, map[string]string{"page": strconv.Itoa(n)})+`>; rel="`+rel+`"`)
	}
	if number > 1 {
		add(min(number-1, last), "prev")
	}
	if number < last {
		add(number+1, "next")
		add(last, "last")
	}
	if number > 1 {
		add(1, "first")
	}
	if links != nil {
		rep.header = map[string]string{"Link": strings.Join(links, ", ")}
	}
	return rep, err
}

// positive reads a number from 1 to most; what is none is the default.
func positive(s string, otherwise, most int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		n = otherwise
	}
	return min(n, most)
}

func (g *GitHub) listIssues(q request, r *repo) (reply, error) {
	if r.IssuesOff {
		return reply{}, refuse(410, "Issues are disabled for this repo")
	}
	query := q.URL.Query()
	keep, err := filter(query)
	if err != nil {
		return reply{}, err
	}
	now := g.opt.Now()
	found := slices.DeleteFunc(r.here(), func(i *issue) bool { return !keep(i) || now.Sub(i.CreatedAt) < g.lag })
	order(found, query.Get("sort"), query.Get("direction"))
	list := []obj{}
	for _, i := range found {
		list = append(list, g.issueJSON(i))
	}
	return g.page(q, list)
}

// filter is what a query asks for.
func filter(query url.Values) (func(*issue) bool, error) {
	state := cmp.Or(query.Get("state"), Open)
	if state != Open && state != Closed && state != "all" {
		return nil, invalid(obj{"resource": "Issue", "field": "state", "code": "invalid", "value": state})
	}
	var since time.Time
	if s := query.Get("since"); s != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, s); err != nil {
			return nil, invalid(obj{"resource": "Issue", "field": "since", "code": "invalid", "value": s})
		}
	}
	var labels []string
	for name := range strings.SplitSeq(query.Get("labels"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			labels = append(labels, name)
		}
	}
	creator, assignee, milestone := query.Get("creator"), query.Get("assignee"), query.Get("milestone")
	return func(i *issue) bool {
		return (state == "all" || i.State == state) && !i.UpdatedAt.Before(since) &&
			(creator == "" || strings.EqualFold(i.Author, creator)) &&
			!slices.ContainsFunc(labels, func(name string) bool { return !containsFold(i.Labels, name) }) &&
			oneOf(assignee, i.Assignees) && oneOf(milestone, numberList(i.Milestone))
	}, nil
}

// oneOf says whether a list has what is wanted: anything, nothing (none),
// something (*) or the one named.
func oneOf(want string, list []string) bool {
	switch want {
	case "":
		return true
	case "none":
		return len(list) == 0
	case "*":
		return len(list) > 0
	}
	return containsFold(list, want)
}

func numberList(n int) []string {
	if n == 0 {
		return nil
	}
	return []string{strconv.Itoa(n)}
}

// order sorts, newest first if nothing else is asked for. Equal ones go by
// number, in the same direction.
func order(list []*issue, by, direction string) {
	slices.SortFunc(list, func(a, b *issue) int {
		c := 0
		switch by {
		case "updated":
			c = a.UpdatedAt.Compare(b.UpdatedAt)
		case "comments":
			c = cmp.Compare(len(a.Comments), len(b.Comments))
		default:
			c = a.CreatedAt.Compare(b.CreatedAt)
		}
		if c = cmp.Or(c, cmp.Compare(a.Number, b.Number)); direction == "asc" {
			return c
		}
		return -c
	})
}
