package fakegithub

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// obj is a JSON object on its way out.
type obj = map[string]any

func (g *GitHub) apiURL(path string) string { return g.opt.PublicURL + apiPrefix + path }

func (g *GitHub) repoAPI(r *repo) string { return g.apiURL("/repos/" + r.Name) }

func (g *GitHub) issueAPI(i *issue) string {
	return g.repoAPI(i.repo) + "/issues/" + strconv.Itoa(i.Number)
}

// user finds or makes an account: every login exists.
func (g *GitHub) user(login string) *user {
	key := strings.ToLower(login)
	if g.users[key] == nil {
		g.users[key] = &user{id: int64(583231 + len(g.users)), login: login}
	}
	return g.users[key]
}

func isBot(login string) bool { return strings.HasSuffix(login, "[bot]") }

func (g *GitHub) userJSON(login string) obj {
	u := g.user(login)
	kind, page := "User", "/"+u.login
	if isBot(u.login) {
		kind, page = "Bot", "/apps/"+strings.TrimSuffix(u.login, "[bot]")
	}
	return obj{
		"login": u.login, "id": u.id, "node_id": nodeID("U", u.id), "type": kind, "site_admin": false,
		"avatar_url": g.opt.PublicURL + "/static/icon.svg", "html_url": g.opt.PublicURL + page,
		"url": g.apiURL("/users/" + url.PathEscape(u.login)),
	}
}

func (g *GitHub) userList(logins []string) []obj {
	out := []obj{}
	for _, login := range logins {
		out = append(out, g.userJSON(login))
	}
	return out
}

func (g *GitHub) repoJSON(r *repo) obj {
	visibility := "public"
	if r.Private {
		visibility = "private"
	}
	open := 0
	for _, i := range r.here() {
		if i.State == Open {
			open++
		}
	}
	return obj{
		"id": r.id, "node_id": nodeID("R", r.id), "name": r.short(), "full_name": r.Name, "private": r.Private, "visibility": visibility,
		"owner": g.userJSON(r.owner()), "html_url": g.opt.PublicURL + "/" + r.Name, "url": g.repoAPI(r), "description": nil, "fork": false,
		"has_issues": !r.IssuesOff, "archived": false, "disabled": false, "default_branch": "main", "open_issues_count": open, "open_issues": open,
		"permissions": obj{"admin": false, "maintain": false, "push": !r.ReadOnly, "triage": !r.ReadOnly, "pull": true},
	}
}

func (g *GitHub) issueJSON(i *issue) obj {
	self := g.issueAPI(i)
	labels := []obj{}
	for _, name := range i.Labels {
		if l := i.repo.label(name); l != nil {
			labels = append(labels, g.labelJSON(i.repo, l))
		}
	}
	out := obj{
		"id": i.ID, "node_id": nodeID("I", i.ID), "number": i.Number, "title": i.Title, "body": orNull(i.Body), "user": g.userJSON(i.Author),
		"state": i.State, "state_reason": orNull(i.StateReason), "locked": false, "active_lock_reason": nil, "labels": labels,
		"assignees": g.userList(i.Assignees), "assignee": nil, "milestone": nil, "comments": len(i.Comments),
		"created_at": stamp(i.CreatedAt), "updated_at": stamp(i.UpdatedAt), "closed_at": stamp(i.ClosedAt), "closed_by": nil,
		"author_association": g.association(i.repo, i.Author), "performed_via_github_app": nil,
		"url": self, "html_url": g.issuePage(i), "repository_url": g.repoAPI(i.repo), "comments_url": self + "/comments",
		"events_url": self + "/events", "timeline_url": self + "/timeline", "labels_url": self + "/labels{/name}",
		"reactions": obj{"url": self + "/reactions", "total_count": 0},
	}
	if len(i.Assignees) > 0 {
		out["assignee"] = g.userJSON(i.Assignees[0])
	}
	if m := i.repo.milestone(i.Milestone); m != nil {
		out["milestone"] = g.milestoneJSON(i.repo, m)
	}
	if i.ClosedBy != "" {
		out["closed_by"] = g.userJSON(i.ClosedBy)
	}
	if i.Pull {
		out["pull_request"] = obj{"url": g.repoAPI(i.repo) + "/pulls/" + strconv.Itoa(i.Number), "html_url": g.issuePage(i), "merged_at": nil}
	}
	return out
}

func (g *GitHub) association(r *repo, login string) string {
	if _, ok := r.assignee(login); ok {
		return "COLLABORATOR"
	}
	return "NONE"
}

func (g *GitHub) labelJSON(r *repo, l *label) obj {
	return obj{
		"id": l.id, "node_id": nodeID("LA", l.id), "name": l.name, "color": l.color, "description": orNull(l.description), "default": false,
		"url": g.repoAPI(r) + "/labels/" + url.PathEscape(l.name),
	}
}

func (g *GitHub) milestoneJSON(r *repo, m *milestone) obj {
	open, closed := 0, 0
	for _, i := range r.here() {
		switch {
		case i.Milestone != m.number:
		case i.State == Open:
			open++
		default:
			closed++
		}
	}
	return obj{
		"id": m.id, "node_id": nodeID("MI", m.id), "number": m.number, "title": m.title, "description": orNull(m.description), "state": m.state,
		"open_issues": open, "closed_issues": closed, "due_on": stamp(m.dueOn), "created_at": stamp(m.createdAt), "updated_at": stamp(m.createdAt),
		"closed_at": nil, "creator": g.userJSON(m.by), "url": g.repoAPI(r) + "/milestones/" + strconv.Itoa(m.number),
	}
}

func (g *GitHub) commentJSON(i *issue, c *Comment) obj {
	id := strconv.FormatInt(c.ID, 10)
	return obj{
		"id": c.ID, "node_id": nodeID("IC", c.ID), "body": c.Body, "user": g.userJSON(c.Author), "created_at": stamp(c.CreatedAt), "updated_at": stamp(c.UpdatedAt),
		"author_association": g.association(i.repo, c.Author), "performed_via_github_app": nil, "issue_url": g.issueAPI(i),
		"url": g.repoAPI(i.repo) + "/issues/comments/" + id, "html_url": g.issuePage(i) + "#issuecomment-" + id,
	}
}

func (g *GitHub) eventJSON(i *issue, e Event) obj {
	out := obj{
		"id": e.ID, "node_id": nodeID("EV", e.ID), "event": e.Kind, "actor": g.userJSON(e.Actor), "created_at": stamp(e.At), "commit_id": nil, "commit_url": nil,
		"url": g.repoAPI(i.repo) + "/issues/events/" + strconv.FormatInt(e.ID, 10),
	}
	switch e.Kind {
	case "closed":
		out["state_reason"] = e.Detail
	case "labeled", "unlabeled":
		out["label"] = obj{"name": e.Detail, "color": madeColor}
	case "assigned", "unassigned":
		out["assignee"], out["assigner"] = g.userJSON(e.Detail), g.userJSON(e.Actor)
	case "renamed":
		out["rename"] = obj{"from": e.Detail, "to": i.Title}
	}
	return out
}

// nodeID looks like the ids of GraphQL.
func nodeID(kind string, id int64) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString([]byte("k"+strconv.FormatInt(id, 10)))
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// stamp writes a time as GitHub does; null if there is none.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// encode writes JSON without escaping < and >.
func encode(v any) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("fakegithub: " + err.Error()) // only our own types come here
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
