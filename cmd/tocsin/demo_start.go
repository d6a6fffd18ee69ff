package main

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot/scenario"
)

// shown is what the first page shows of the play.
type shown struct {
	mu     sync.Mutex
	script []scenario.Step
	done   []error // of each step that was done, what kept it from being done
	number int64
	over   bool
	err    error
}

func (s *shown) begin(script []scenario.Step) { s.change(func() { s.script = script }) }

func (s *shown) told(_ scenario.Step, err error) {
	s.change(func() { s.done = append(s.done, err) })
}

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
	mux.Handle("GET "+startPath+"/{$}", http.RedirectHandler(startPath, http.StatusFound))
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
	Now, Next                 string // while it is played: the time there, and that of the next step
	Over                      bool
	Refused                   int    // steps that could not be done
	Problem                   string // what ended the play
	Channel                   string // "" until there is one
	Declared                  bool
	Resolved, Published       bool
	Incident, Postmortem      string
	Slack, Issues, Deploys    string
	Service                   string // "": nothing can be rolled back
	Days                      []startDay
}

type startDay struct {
	Date  string
	Lines []startLine
}

type startLine struct{ Time, Who, Does, Line, Refused string }

func (s *sandbox) startView(ctx context.Context) (v startView, err error) {
	v = startView{
		Organisation: s.was.Organisation, Title: s.was.Title, When: s.was.Begin().In(s.was.Location()).Format("2 January 2006"),
		Slack: slackPath + "/", Issues: gitHubPath + "/" + demoRepo + "/issues",
	}
	if apps := demoApps(s.scenario); len(apps) > 0 {
		v.Deploys, v.Service = deployPath+"/", apps[0].Service
	}
	number := s.shown.draw(&v, s.was.Location())
	if !v.Over {
		v.Now = s.clock.Now().In(s.was.Location()).Format("Mon 15:04")
	}
	if number == 0 {
		return v, nil
	}
	i, err := s.read(ctx, number)
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

// draw puts what was played into v, in the zone in which the incident was told, and
// returns its number.
func (s *shown) draw(v *startView, zone *time.Location) (number int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v.Total, v.Done, v.Over = len(s.script), len(s.done), s.over
	if s.over && v.Done < v.Total && s.err != nil {
		v.Problem = s.err.Error()
	}
	if v.Done < v.Total {
		v.Next = s.script[v.Done].At.In(zone).Format("Mon 15:04")
	}
	for k, err := range s.done {
		at := s.script[k].At.In(zone)
		date := at.Format("Monday 2 January")
		if len(v.Days) == 0 || v.Days[len(v.Days)-1].Date != date {
			v.Days = append(v.Days, startDay{Date: date})
		}
		line := lineOf(s.script[k], at)
		if err != nil {
			line.Refused = err.Error()
			v.Refused++
		}
		day := &v.Days[len(v.Days)-1]
		day.Lines = append(day.Lines, line)
	}
	return s.number
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
