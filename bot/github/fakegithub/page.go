package fakegithub

import (
	"bytes"
	"cmp"
	"embed"
	"html"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

//go:embed templates
var templates embed.FS

// pagePolicy lets the pages use their own files only, and post to themselves.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// pages is the templates, read. All share a frame.
type pages struct{ index, list, issue, fresh *template.Template }

func readPages() pages {
	read := func(name string) *template.Template {
		t := template.New("frame.html").Funcs(template.FuncMap{"when": when, "plain": plain})
		return template.Must(t.ParseFS(templates, "templates/frame.html", "templates/"+name)) // they are compiled in
	}
	return pages{read("index.html"), read("list.html"), read("issue.html"), read("new.html")}
}

// mountPages serves the pages. Links in them are relative, so that the whole can
// live under any path.
func (g *GitHub) mountPages(mux *http.ServeMux) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	p := readPages()
	page := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", pagePolicy)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Referrer-Policy", "same-origin") // forms are checked by their origin
			w.Header().Set("Cache-Control", "no-cache")
			h.ServeHTTP(w, r)
		})
	}
	// Only the pages may act: other sites' requests are refused.
	act := func(h http.HandlerFunc) http.Handler { return page(http.NewCrossOriginProtection().Handler(h)) }
	mux.Handle("GET /{$}", page(g.showIndex(p.index)))
	mux.Handle("GET /static/{file}", page(http.StripPrefix("/static", http.FileServerFS(files))))
	mux.Handle("GET /{owner}/{repo}", page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lead(w, url.PathEscape(r.PathValue("repo"))+"/issues")
	})))
	mux.Handle("GET /{owner}/{repo}/issues", page(g.draw(p.list, "../../", g.fillList)))
	mux.Handle("GET /{owner}/{repo}/issues/new", page(g.draw(p.fresh, "../../../", g.fillNew)))
	mux.Handle("GET /{owner}/{repo}/issues/{number}", page(g.draw(p.issue, "../../../", g.fillIssue)))
	mux.Handle("GET /{owner}/{repo}/pull/{number}", page(g.draw(p.issue, "../../../", g.fillIssue)))
	mux.Handle("POST /{owner}/{repo}/issues", act(g.pageOpen))
	mux.Handle("POST /{owner}/{repo}/issues/{number}/{do}", act(g.pageAct))
}

// pageView is what the templates are given. Root leads from the page to /.
type pageView struct {
	Title, Root, Now string
	As               string // who acts
	People           []string
	Repos            []repoView
	Repo             repoView
	Closed           bool // which tab is shown
	Issues           []Issue
	Issue            Issue
	Entries          []entry
	elsewhere        string // the page is there now
}

type repoView struct {
	Name         string
	Private      bool
	Off          bool
	Open, Closed int
}

// entry is a comment, or a line on what happened.
type entry struct {
	id                int64
	Who, What, Detail string
	Comment           bool
	At                time.Time
}

func (g *GitHub) repoView(r *repo) repoView {
	v := repoView{Name: r.Name, Private: r.Private, Off: r.IssuesOff}
	for _, i := range r.here() {
		switch {
		case i.Pull:
		case i.State == Open:
			v.Open++
		default:
			v.Closed++
		}
	}
	return v
}

func (g *GitHub) showIndex(t *template.Template) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		g.mu.Lock()
		v := pageView{Title: "Repositories", Now: when(g.opt.Now())}
		for _, r := range g.order {
			v.Repos = append(v.Repos, g.repoView(r))
		}
		g.mu.Unlock()
		render(w, t, v)
	}
}

// draw serves a page of a repository, whose view fill completes.
func (g *GitHub) draw(t *template.Template, root string, fill func(*http.Request, *repo, *pageView) error) http.HandlerFunc {
	view := func(r *http.Request) (v pageView, err error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		found := g.find(r.PathValue("owner") + "/" + r.PathValue("repo"))
		if found == nil {
			return v, errNoRepo
		}
		v = pageView{
			Title: found.Name, Root: root, Now: when(g.opt.Now()), Repo: g.repoView(found),
			As: found.person(r.URL.Query().Get("as")), People: slices.Clone(found.Assignees),
		}
		return v, fill(r, found, &v)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		switch v, err := view(r); {
		case err != nil:
			refusePage(w, err)
		case v.elsewhere != "":
			lead(w, v.elsewhere)
		default:
			render(w, t, v)
		}
	}
}

var errNoRepo = refuse(http.StatusNotFound, "There is no such repository.")

// person is who acts: the one that was chosen, or the first.
func (r *repo) person(login string) string {
	if known, ok := r.assignee(login); ok {
		return known
	}
	if len(r.Assignees) > 0 {
		return r.Assignees[0]
	}
	return "somebody"
}

func (g *GitHub) fillList(r *http.Request, found *repo, v *pageView) error {
	v.Closed = r.URL.Query().Get("state") == Closed
	for _, i := range slices.Backward(found.here()) {
		if !i.Pull && (i.State == Closed) == v.Closed {
			v.Issues = append(v.Issues, g.show(i))
		}
	}
	return nil
}

func (g *GitHub) fillNew(_ *http.Request, _ *repo, v *pageView) error {
	v.Title = "New issue in " + v.Title
	return nil
}

func (g *GitHub) fillIssue(r *http.Request, found *repo, v *pageView) error {
	number, _ := strconv.Atoi(r.PathValue("number")) // 0 is none
	if i := found.issues[number]; i != nil && i.movedTo != nil {
		v.elsewhere = v.Root + i.movedTo.repo.Name + "/issues/" + strconv.Itoa(i.movedTo.Number)
		return nil
	}
	i, err := g.issue(found.Name, number)
	if err != nil {
		return err
	}
	v.Issue = g.show(i)
	v.Title = v.Issue.Title + " · #" + strconv.Itoa(number)
	v.Entries = entries(v.Issue)
	return nil
}

// entries are comments and events in the order in which they came.
func entries(i Issue) []entry {
	var out []entry
	for _, c := range i.Comments {
		out = append(out, entry{id: c.ID, Who: c.Author, What: "commented", Detail: c.Body, Comment: true, At: c.CreatedAt})
	}
	says := map[string]string{
		"closed": "closed this as", "reopened": "reopened this", "labeled": "added the label", "unlabeled": "removed the label",
		"assigned": "assigned", "unassigned": "unassigned", "renamed": "changed the title, which was", "transferred": "moved this here from",
	}
	for _, e := range i.Events {
		detail := e.Detail
		if e.Kind == "closed" {
			detail = reason(detail)
		}
		out = append(out, entry{id: e.ID, Who: e.Actor, What: says[e.Kind], Detail: detail, At: e.At})
	}
	slices.SortFunc(out, func(a, b entry) int { return cmp.Compare(a.id, b.id) })
	return out
}

// reason is a state reason as people say it.
func reason(s string) string { return strings.ReplaceAll(s, "_", " ") }

// Reason is why the issue is closed, in words.
func (i Issue) Reason() string { return reason(i.StateReason) }

func render(w http.ResponseWriter, t *template.Template, v pageView) {
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		panic("fakegithub: " + err.Error()) // only our own types come here
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the tab may have gone
}

var (
	hidden  = regexp.MustCompile(`(?s)<!--.*?(-->|$)`)
	escaped = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
)

// plain is a body as text: comments are hidden and escapes undone, as when it is
// rendered. The template escapes it.
func plain(body string) string {
	body = hidden.ReplaceAllString(body, "")
	return strings.TrimSpace(html.UnescapeString(escaped.ReplaceAllString(body, "$1")))
}

func when(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05 UTC") }
