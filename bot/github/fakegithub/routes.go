package fakegithub

import (
	"net/http"
	"strconv"
	"strings"
)

// Handler serves the pages under /, and the API under /api/v3/ and under the
// paths that begin as those of api.github.com do.
func (g *GitHub) Handler() http.Handler {
	pages := http.NewServeMux()
	g.mountPages(pages)
	enterprise, public := g.api(apiPrefix), g.api("")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch {
		case strings.HasPrefix(r.URL.Path+"/", apiPrefix+"/"):
			http.StripPrefix(apiPrefix, enterprise).ServeHTTP(w, r)
		case reserved[first]:
			public.ServeHTTP(w, r)
		default:
			pages.ServeHTTP(w, r)
		}
	})
}

// reserved are first parts of paths that belong to the API of api.github.com:
// nobody has such a login.
var reserved = map[string]bool{
	"repos": true, "repositories": true, "rate_limit": true, "app": true, "installation": true, "user": true, "users": true, "orgs": true,
	"search": true, "graphql": true, "meta": true, "zen": true, "issues": true, "gists": true, "notifications": true,
}

// api is the API as it is under a prefix.
func (g *GitHub) api(prefix string) http.Handler {
	mux := http.NewServeMux()
	add := func(pattern string, e endpoint) { mux.Handle(pattern, g.serve(prefix, e)) }
	add("/", func(request) (reply, error) { return reply{}, refuse(http.StatusNotFound, "Not Found") })
	add("GET /rate_limit", g.rateLimit)
	add("GET /user", signedIn(g.me))
	add("GET /users/{login}", func(q request) (reply, error) { return ok(g.userJSON(q.PathValue("login"))) })
	add("GET /installation/repositories", signedIn(g.installationRepos))
	g.addApp(add)
	g.addRepos(add)
	g.addIssues(add)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r = g.byName(r); r.URL.Path == "" {
			r.URL.Path = "/" // the mux would lead there
		}
		mux.ServeHTTP(w, r)
	})
}

// byName turns /repositories/{id}/… into /repos/{owner}/{repo}/….
func (g *GitHub) byName(r *http.Request) *http.Request {
	rest, ok := strings.CutPrefix(r.URL.Path, "/repositories/")
	if !ok {
		return r
	}
	id, rest, _ := strings.Cut(rest, "/")
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, one := range g.order {
		if strconv.FormatInt(one.id, 10) == id {
			out := r.Clone(r.Context())
			out.URL.Path, out.URL.RawPath = strings.TrimSuffix("/repos/"+one.Name+"/"+rest, "/"), ""
			return out
		}
	}
	return r
}

type adder func(pattern string, e endpoint)

func (g *GitHub) addApp(add adder) {
	add("GET /app", asApp(g.app))
	add("GET /app/installations", asApp(func(q request) (reply, error) { return g.page(q, []obj{g.installation()}) }))
	add("GET /app/installations/{id}", asApp(g.oneInstallation))
	add("POST /app/installations/{id}/access_tokens", asApp(g.mintToken))
	add("GET /repos/{owner}/{repo}/installation", asApp(g.repoInstallation))
	add("GET /app/hook/config", asApp(func(request) (reply, error) { return ok(g.hookConfig()) }))
	add("GET /app/hook/deliveries", asApp(g.listDeliveries))
	add("GET /app/hook/deliveries/{id}", asApp(g.oneDelivery))
	add("POST /app/hook/deliveries/{id}/attempts", asApp(g.redeliverCall))
}

func (g *GitHub) addRepos(add adder) {
	const base = "/repos/{owner}/{repo}"
	add("GET "+base, g.inRepo(func(_ request, r *repo) (reply, error) { return ok(g.repoJSON(r)) }))
	add("GET "+base+"/hooks", g.pushing(func(q request, r *repo) (reply, error) { return g.page(q, []obj{g.hookJSON(r)}) }))
	add("GET "+base+"/hooks/{hook}", g.onHook(func(_ request, r *repo) (reply, error) { return ok(g.hookJSON(r)) }))
	add("GET "+base+"/hooks/{hook}/deliveries", g.onHook(func(q request, _ *repo) (reply, error) { return g.listDeliveries(q) }))
	add("GET "+base+"/hooks/{hook}/deliveries/{id}", g.onHook(func(q request, _ *repo) (reply, error) { return g.oneDelivery(q) }))
	add("POST "+base+"/hooks/{hook}/deliveries/{id}/attempts", g.onHook(func(q request, _ *repo) (reply, error) { return g.redeliverCall(q) }))
	add("GET "+base+"/assignees", g.inRepo(func(q request, r *repo) (reply, error) { return g.page(q, g.userList(r.Assignees)) }))
	add("GET "+base+"/assignees/{login}", g.inRepo(g.isAssignee))
	add("GET "+base+"/labels", g.inRepo(g.listLabels))
	add("POST "+base+"/labels", g.pushing(g.createLabel))
	add("GET "+base+"/labels/{name}", g.inRepo(g.oneLabel))
	add("PATCH "+base+"/labels/{name}", g.pushing(g.editLabel))
	add("DELETE "+base+"/labels/{name}", g.pushing(g.deleteLabel))
	add("GET "+base+"/milestones", g.inRepo(g.listMilestones))
	add("POST "+base+"/milestones", g.pushing(g.createMilestone))
	add("GET "+base+"/milestones/{number}", g.inRepo(g.oneMilestone))
}

func (g *GitHub) addIssues(add adder) {
	const issues = "/repos/{owner}/{repo}/issues"
	const one = issues + "/{number}"
	add("GET "+issues, g.inRepo(g.listIssues))
	add("POST "+issues, g.inRepo(g.createIssue))
	add("GET "+one, g.onIssue(func(_ request, i *issue) (reply, error) { return ok(g.issueJSON(i)) }))
	add("PATCH "+one, g.onIssue(g.editIssue))
	add("GET "+one+"/{what}", g.inRepo(g.partOfIssue)) // also issues/comments/{id}, which patterns cannot tell apart
	add("POST "+one+"/comments", g.onIssue(g.createComment))
	add("PATCH "+issues+"/comments/{id}", g.inRepo(g.editComment))
	add("POST "+one+"/labels", g.onIssue(g.changing(g.addIssueLabels)))
	add("PUT "+one+"/labels", g.onIssue(g.changing(g.putIssueLabels)))
	add("DELETE "+one+"/labels", g.onIssue(g.changing(g.clearIssueLabels)))
	add("DELETE "+one+"/labels/{name}", g.onIssue(g.changing(g.dropIssueLabel)))
	add("GET "+one+"/assignees/{login}", g.onIssue(func(q request, i *issue) (reply, error) { return g.isAssignee(q, i.repo) }))
	add("POST "+one+"/assignees", g.onIssue(g.changing(g.addAssignees)))
	add("DELETE "+one+"/assignees", g.onIssue(g.changing(g.dropAssignees)))
}
