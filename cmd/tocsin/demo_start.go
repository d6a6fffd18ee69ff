package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot/scenario"
)

// shown is what the first page shows of the play.
type shown struct {
	mu     sync.Mutex
	steps  []scenario.Step // those that were begun
	total  int
	number int64
	over   bool
	err    error
}

func (s *shown) begin(total int) { s.change(func() { s.total = total }) }

func (s *shown) told(x scenario.Step) { s.change(func() { s.steps = append(s.steps, x) }) }

func (s *shown) declared(n int64) { s.change(func() { s.number = n }) }

func (s *shown) end(err error) { s.change(func() { s.over, s.err = true, err }) }

func (s *shown) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

//go:embed demo/start.html demo/start.css demo/start.js
var startFiles embed.FS

var startPage = template.Must(template.ParseFS(startFiles, "demo/start.html"))

// startPolicy lets the page use its own files only.
const startPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// mountStart serves the first page: what happens, where to look, what to try.
func (s *sandbox) mountStart(mux *http.ServeMux) {
	draw := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			s.drawStart(r.Context(), w, name)
		}
	}
	mux.HandleFunc("GET "+startPath, draw("start.html"))
	mux.HandleFunc("GET "+startPath+"/now", draw("now"))
	for _, file := range []string{"start.css", "start.js"} {
		mux.HandleFunc("GET "+startPath+"/"+file, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, startFiles, "demo/"+file)
		})
	}
	mux.Handle("POST "+startPath+"/skip", http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.skipOnce.Do(func() { close(s.skip) })
		http.Redirect(w, r, startPath, http.StatusSeeOther)
	})))
}

func (s *sandbox) drawStart(ctx context.Context, w http.ResponseWriter, name string) {
	view, err := s.startView(ctx)
	if err != nil {
		http.Error(w, "The page cannot be drawn: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", startPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if err := startPage.ExecuteTemplate(w, name, view); err != nil {
		s.log.Debug("the first page was not read to its end", "error", err)
	}
}

// startView is what the first page draws.
type startView struct {
	Organisation, Title, When string
	Done, Total               int
	Over                      bool
	Problem                   string
	Channel                   string // "" until there is one
	Declared                  bool
	Resolved, Published       bool
	Incident, Postmortem      string
	Slack, Issues, Deploys    string
	Target                    string // "": nothing can be rolled back
	Days                      []startDay
}

type startDay struct {
	Date  string
	Lines []startLine
}

type startLine struct{ Time, Who, Does, Line string }

func (s *sandbox) startView(ctx context.Context) (v startView, err error) {
	v = startView{
		Organisation: s.was.Organisation, Title: s.was.Title, When: s.was.Begin().In(s.was.Location()).Format("2 January 2006"),
		Slack: slackPath + "/", Issues: gitHubPath + "/" + demoRepo + "/issues",
	}
	if apps := demoApps(s.scenario); len(apps) > 0 {
		v.Deploys, v.Target = deployPath+"/", apps[0].Name
	}
	s.shown.mu.Lock()
	steps, number := slices.Clone(s.shown.steps), s.shown.number
	v.Total, v.Over = s.shown.total, s.shown.over
	if s.shown.err != nil && !errors.Is(s.shown.err, context.Canceled) {
		v.Problem = s.shown.err.Error()
	}
	s.shown.mu.Unlock()
	v.Done = len(steps)
	v.Days = startDays(steps, s.was.Location())
	if number == 0 {
		return v, nil
	}
	i, err := (&stage{sandbox: s, incident: number}).read(ctx)
	if err != nil {
		return v, err
	}
	v.Declared, v.Channel, v.Resolved = true, string(i.Channel), !i.Open()
	if i.Published() {
		v.Incident = incidentPath(number)
	}
	v.Published = i.Postmortem != nil && i.Postmortem.Public != nil
	v.Postmortem = s.app.bot.Settings.PostmortemURL(i, s.clock.Now())
	return v, nil
}

// startDays are the steps, in the zone in which the incident was told.
func startDays(steps []scenario.Step, zone *time.Location) (out []startDay) {
	for _, x := range steps {
		at := x.At.In(zone)
		date := at.Format("Monday 2 January")
		if len(out) == 0 || out[len(out)-1].Date != date {
			out = append(out, startDay{Date: date})
		}
		day := &out[len(out)-1]
		day.Lines = append(day.Lines, lineOf(x, at))
	}
	return out
}

func lineOf(x scenario.Step, at time.Time) startLine {
	out := startLine{Time: at.Format("15:04"), Who: firstName(x.By)}
	switch a := x.Act.(type) {
	case scenario.Type:
		out.Does, out.Line = "types", a.String()
	default:
		out.Does = fmt.Sprint(a)
	}
	return out
}

// firstName is what people call who has a handle.
func firstName(handle string) string {
	for _, u := range demoPeople() {
		if u.Name == handle {
			var first string
			_, _ = fmt.Sscan(u.RealName, &first)
			return first
		}
	}
	return handle
}
