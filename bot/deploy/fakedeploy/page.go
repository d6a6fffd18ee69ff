package fakedeploy

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

//go:embed templates
var templates embed.FS

// pagePolicy lets the page use its own files only, and post to itself.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// pages is the templates, read. The two pages share a frame.
type pages struct{ index, run *template.Template }

func readPages() pages {
	read := func(name string) *template.Template {
		t := template.New("frame.html").Funcs(template.FuncMap{"when": when, "short": short, "path": url.PathEscape})
		return template.Must(t.ParseFS(templates, "templates/frame.html", "templates/runs.html", "templates/"+name)) // they are compiled in
	}
	return pages{read("index.html"), read("run.html")}
}

// mountPage serves the page. Links in it are relative, so that the whole can
// live under any path.
func (s *System) mountPage(mux *http.ServeMux) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	p := readPages()
	page := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", pagePolicy)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Referrer-Policy", "no-referrer")
			w.Header().Set("Cache-Control", "no-cache")
			h.ServeHTTP(w, r)
		})
	}
	// Only the page may act: other sites' requests are refused.
	act := func(h http.HandlerFunc) http.Handler { return page(http.NewCrossOriginProtection().Handler(h)) }
	mux.Handle("GET /{$}", page(s.showIndex(p.index)))
	mux.Handle("GET /runs/{id}", page(s.showRun(p.run)))
	mux.Handle("GET /static/", page(http.StripPrefix("/static", http.FileServerFS(files))))
	mux.Handle("POST /apps/{app}/deploy", act(s.pageDeploy))
	mux.Handle("POST /runs/{id}/{do}", act(s.pageHold))
}

// pageView is what the templates are given. Root leads from the page to /.
type pageView struct {
	Title, Root, By, Now string
	Apps                 []appView
	Runs                 []Run
	Run                  Run
}

// appView is one app as the page shows it.
type appView struct {
	Name, Service, Environment string
	Current                    Release
	Next                       string
	Unwell                     bool
	Active                     *Run
	Releases                   []Release // newest first
}

// The page shows this much and no more.
const (
	pageReleases = 6
	pageRuns     = 20
	maxName      = 40 // runes of who deploys
)

func (s *System) showIndex(t *template.Template) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		render(w, t, s.indexView(name(r.URL.Query().Get("by"))))
	}
}

func (s *System) indexView(by string) pageView {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	v := pageView{Title: "Deploys", By: by, Now: when(s.opt.Now())}
	for _, name := range s.order {
		a := s.apps[name]
		one := appView{
			Name: a.Name, Service: a.Service, Environment: a.Environment, Current: a.current(), Next: a.nextVersion(), Unwell: a.unwell,
			Releases: slices.Clone(a.Releases[max(0, len(a.Releases)-pageReleases):]),
		}
		slices.Reverse(one.Releases)
		if a.active != nil {
			active := s.show(a.active)
			one.Active = &active
		}
		v.Apps = append(v.Apps, one)
	}
	for _, r := range slices.Backward(s.runs[max(0, len(s.runs)-pageRuns):]) {
		v.Runs = append(v.Runs, s.show(r))
	}
	return v
}

func (s *System) showRun(t *template.Template) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.settle()
		v := pageView{Root: "../", Now: when(s.opt.Now())}
		one := s.find(r.PathValue("id"))
		if one != nil {
			v.Run = s.show(one)
			v.Title = v.Run.ID + " of " + v.Run.App
		}
		s.mu.Unlock()
		if one == nil {
			http.NotFound(w, r)
			return
		}
		render(w, t, v)
	}
}

func render(w http.ResponseWriter, t *template.Template, v pageView) {
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		panic("fakedeploy: " + err.Error()) // only our own types come here
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the tab may have gone
}

func (s *System) pageDeploy(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	by := name(r.PostFormValue("by"))
	err := s.Deploy(r.Context(), r.PathValue("app"), "", by)
	finish(w, err, "../../?by="+url.QueryEscape(by))
}

func (s *System) pageHold(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.PathValue("do") {
	case "hold":
		err = s.Block(r.PathValue("id"))
	case "resume":
		err = s.Unblock(r.PathValue("id"))
	default:
		err = refuse(http.StatusNotFound, "a run can be held or resumed")
	}
	finish(w, err, "../"+url.PathEscape(r.PathValue("id")))
}

// finish leads back to a page, by a relative address: the path that came in may
// be cut.
func finish(w http.ResponseWriter, err error, to string) {
	var no *refusal
	switch {
	case err == nil:
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
	case errors.As(err, &no):
		http.Error(w, no.text, no.status)
	default:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// name is who deploys, as they call themselves.
func name(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return "ana"
	}
	if r := []rune(s); len(r) > maxName {
		return string(r[:maxName])
	}
	return s
}

func when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2 Jan 2006, 15:04:05 UTC")
}

// short is when without the year; the foot of the page has that.
func short(t time.Time) string { return t.UTC().Format("2 Jan, 15:04:05") }
