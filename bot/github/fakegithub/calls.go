package fakegithub

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// rate counts calls of an hour.
type rate struct {
	used  int
	reset time.Time
}

// exhausted says whether there were too many calls this hour. Asking for the
// limits is free.
func (g *GitHub) exhausted(r *http.Request) bool {
	if now := g.opt.Now(); !now.Before(g.rate.reset) {
		g.rate = rate{reset: now.Add(time.Hour)}
	}
	if r.URL.Path == "/rate_limit" {
		return false
	}
	if g.rate.used >= g.opt.RateLimit {
		return true
	}
	g.rate.used++
	return false
}

func (g *GitHub) rateJSON() obj {
	return obj{"limit": g.opt.RateLimit, "used": g.rate.used, "remaining": g.opt.RateLimit - g.rate.used, "reset": g.rate.reset.Unix(), "resource": "core"}
}

func (g *GitHub) rateLimit(request) (reply, error) {
	return ok(obj{"resources": obj{"core": g.rateJSON()}, "rate": g.rateJSON()})
}

// finish adds what every answer carries, and turns one that the client has
// already into 304, which costs nothing.
func (g *GitHub) finish(q request, rep *reply) {
	if rep.header == nil {
		rep.header = map[string]string{}
	}
	if rep.body != nil {
		rep.text, rep.body = string(encode(rep.body)), nil
	}
	g.requestNumber++
	h := rep.header
	h["X-GitHub-Request-Id"] = "FA4E:" + strconv.Itoa(g.requestNumber)
	h["X-GitHub-Media-Type"] = "github.v3; format=json"
	if version := q.Header.Get("X-GitHub-Api-Version"); version != "" {
		h["X-GitHub-Api-Version-Selected"] = version
	}
	if q.Method == http.MethodGet && rep.status == http.StatusOK {
		sum := sha256.New()
		for _, part := range []string{q.URL.RequestURI(), q.Header.Get("Accept"), q.Header.Get("Authorization"), rep.text} {
			sum.Write([]byte(part + "\n"))
		}
		h["ETag"] = `W/"` + hex.EncodeToString(sum.Sum(nil)) + `"`
		h["Cache-Control"], h["Vary"] = "private, max-age=60, s-maxage=60", "Accept, Authorization, Cookie, X-GitHub-OTP"
		if etagMatches(q.Header.Get("If-None-Match"), h["ETag"]) {
			rep.status, rep.text = http.StatusNotModified, ""
			if q.who.login != "" && g.rate.used > 0 {
				g.rate.used--
			}
		}
	}
	h["X-RateLimit-Limit"] = strconv.Itoa(g.opt.RateLimit)
	h["X-RateLimit-Used"] = strconv.Itoa(g.rate.used)
	h["X-RateLimit-Remaining"] = strconv.Itoa(g.opt.RateLimit - g.rate.used)
	h["X-RateLimit-Reset"] = strconv.FormatInt(g.rate.reset.Unix(), 10)
	h["X-RateLimit-Resource"] = "core"
}

// etagMatches compares as If-None-Match does: weakly.
func etagMatches(header, etag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(one), "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// signedIn asks for a token of any kind but the App's JWT.
func signedIn(e endpoint) endpoint {
	return func(q request) (reply, error) {
		if q.who.login == "" || q.who.app {
			return reply{}, refuse(http.StatusUnauthorized, "Requires authentication")
		}
		return e(q)
	}
}

// asApp asks for the App's JWT.
func asApp(e endpoint) endpoint {
	return func(q request) (reply, error) {
		if !q.who.app {
			return reply{}, refuse(http.StatusUnauthorized, "A JSON web token could not be decoded")
		}
		return e(q)
	}
}

// inRepo finds the repository of the path. What the visitor does not see is not
// there; what was renamed leads on.
func (g *GitHub) inRepo(e func(request, *repo) (reply, error)) endpoint {
	return func(q request) (reply, error) {
		name := q.PathValue("owner") + "/" + q.PathValue("repo")
		r, former := g.find(name), false
		if r == nil {
			r, former = g.moved[strings.ToLower(name)], true
		}
		if r == nil || !q.who.sees(r) {
			return reply{}, refuse(http.StatusNotFound, "Not Found")
		}
		if q.Method != http.MethodGet && q.who.login == "" {
			return reply{}, refuse(http.StatusUnauthorized, "Requires authentication")
		}
		if !former {
			return e(q, r)
		}
		no := &refusal{status: http.StatusMovedPermanently, text: "Moved Permanently", to: r.byID() + q.URL.EscapedPath()[len("/repos/"+name):]}
		if q.Method != http.MethodGet {
			no.status, no.text = http.StatusTemporaryRedirect, "Temporary Redirect"
		}
		if q.URL.RawQuery != "" {
			no.to += "?" + q.URL.RawQuery
		}
		return reply{}, no
	}
}

var errNoPush = refuse(http.StatusForbidden, "Resource not accessible by integration")

// pushing asks for the right to push.
func (g *GitHub) pushing(e func(request, *repo) (reply, error)) endpoint {
	return g.inRepo(func(q request, r *repo) (reply, error) {
		if !q.who.actor(r).push {
			return reply{}, errNoPush
		}
		return e(q, r)
	})
}

// onIssue finds the issue of the path.
func (g *GitHub) onIssue(e func(request, *issue) (reply, error)) endpoint {
	return g.inRepo(func(q request, r *repo) (reply, error) {
		i, err := g.issueFor(q, r)
		if err != nil {
			return reply{}, err
		}
		return e(q, i)
	})
}

func (g *GitHub) issueFor(q request, r *repo) (*issue, error) {
	if r.IssuesOff {
		return nil, refuse(http.StatusGone, "Issues are disabled for this repo")
	}
	old := r.issues[int(q.number("number"))]
	if old != nil && old.movedTo != nil && !q.who.sees(old.movedTo.repo) {
		return nil, refuse(http.StatusNotFound, "Not Found")
	}
	return g.issue(r.Name, int(q.number("number")))
}

// changing asks for the right to push before an issue is changed.
func (g *GitHub) changing(e func(request, *issue) (reply, error)) func(request, *issue) (reply, error) {
	return func(q request, i *issue) (reply, error) {
		if !q.who.actor(i.repo).push {
			return reply{}, errNoPush
		}
		return e(q, i)
	}
}

func (g *GitHub) me(q request) (reply, error) {
	if q.who.token != nil {
		return reply{}, errNoPush
	}
	return ok(g.userJSON(g.opt.Login))
}

func (g *GitHub) installationRepos(q request) (reply, error) {
	list := []obj{}
	for _, r := range g.order {
		if q.who.sees(r) {
			list = append(list, g.repoJSON(r))
		}
	}
	rep, err := g.page(q, list)
	rep.body = obj{"total_count": len(list), "repository_selection": "all", "repositories": rep.body}
	return rep, err
}

func (g *GitHub) app(request) (reply, error) {
	id, _ := strconv.ParseInt(g.opt.AppID, 10, 64) // 0 where the issuer is no number
	slug := strings.TrimSuffix(g.opt.Login, "[bot]")
	return ok(obj{
		"id": id, "slug": slug, "name": slug, "node_id": nodeID("A", id), "html_url": g.opt.PublicURL + "/apps/" + slug,
		"permissions": obj{"issues": "write", "metadata": "read"}, "events": []string{"issues", "issue_comment"},
	})
}

func (g *GitHub) installation() obj {
	id, _ := strconv.ParseInt(g.opt.InstallationID, 10, 64)
	app, _ := strconv.ParseInt(g.opt.AppID, 10, 64)
	return obj{
		"id": id, "app_id": app, "repository_selection": "all", "target_type": "Organization", "suspended_at": nil,
		"permissions": obj{"issues": "write", "metadata": "read"}, "events": []string{"issues", "issue_comment"},
		"access_tokens_url": g.apiURL("/app/installations/" + g.opt.InstallationID + "/access_tokens"),
	}
}

func (g *GitHub) oneInstallation(q request) (reply, error) {
	if q.PathValue("id") != g.opt.InstallationID {
		return reply{}, refuse(http.StatusNotFound, "Not Found")
	}
	return ok(g.installation())
}

func (g *GitHub) repoInstallation(q request) (reply, error) {
	if r := g.find(q.PathValue("owner") + "/" + q.PathValue("repo")); r == nil || r.Hidden {
		return reply{}, refuse(http.StatusNotFound, "Not Found")
	}
	return ok(g.installation())
}
