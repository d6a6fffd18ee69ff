package web

import (
	"cmp"
	"html/template"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/render"
)

// What the templates show. Times are worked out here, in the page's zone, so
// that a page reads the same with and without its script.

// frame is what is around every page.
type frame struct {
	Title       string
	Description string // for search engines and link previews
	Org         string
	Path        string // of the page, for its canonical address
	Base        string // the path under which the site lives, without a slash at the end
	Root        string // the full address of the site, without a slash at the end
	Files       map[string]string
	Zone        string
	Body        any
}

// stamp is a moment: for machines, as people read it, and in UTC.
type stamp struct{ ISO, Text, UTC string }

type homeView struct {
	Impact      bot.Impact
	Description string
	Open        []incidentView
	Groups      []groupView
	Legend      []legendView
	Days        []dayView
	Rendered    stamp
}

type legendView struct {
	State bot.ComponentState
	Label string
}

// groupView is a group of components, or one that stands alone (Name empty).
type groupView struct {
	Name       string
	State      bot.ComponentState
	Label      string
	Components []componentView
	Unfolded   bool
}

// unfoldAll is up to how many components every group is shown open.
const unfoldAll = 12

type componentView struct {
	Name, Description string
	State             bot.ComponentState
	Label             string
}

type dayView struct {
	Date      string
	ISO       string
	Today     bool
	Incidents []incidentView // that ended this day
	Ongoing   []incidentView // that were open on this day and are told of elsewhere
}

type incidentView struct {
	ID, Name, Path string
	Impact         bot.Impact
	Status         string
	Open           bool
	Lines          []lineView
	Affected       string
	NextBy         *stamp
	Overdue        bool // NextBy has passed
	Span           string
	Written        *stamp      // when a post-mortem was published
	Report         *reportView // … on its own page
}

// reportView is a post-mortem as customers read it.
type reportView struct {
	Body template.HTML
	At   stamp
}

type lineView struct {
	Status bot.Status
	Label  string
	Body   []paragraph
	At     stamp
	Fixed  *stamp
	// The time in parts, for feeds.
	Month, Day, Clock, Zone string
}

type monthView struct {
	Name      string
	Incidents []incidentView
}

type historyView struct {
	Months       []monthView
	Newer, Older string // paths; empty: there is none
}

// zoned draws times in the page's zone.
type zoned struct {
	*time.Location
	now time.Time
}

func zoneOf(p bot.PublicPage) zoned {
	if p.Zone == nil {
		return zoned{time.UTC, p.At.UTC()}
	}
	return zoned{p.Zone, p.At.In(p.Zone)}
}

func (z zoned) stamp(t time.Time, layout string) stamp {
	return stamp{
		ISO: t.In(z.Location).Format(time.RFC3339), Text: t.In(z.Location).Format(layout),
		UTC: t.UTC().Format("2006-01-02 15:04 UTC"),
	}
}

// Layouts of times, as Statuspage writes them.
const (
	layoutFull  = "Jan 02, 2006 - 15:04 MST"
	layoutShort = "Jan 02, 15:04 MST"
	layoutDay   = "Jan 02, 2006"
	layoutClock = "15:04 MST"
)

// midnight is the start of t's day in the page's zone.
func (z zoned) midnight(t time.Time) time.Time {
	y, m, d := t.In(z.Location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, z.Location)
}

func (z zoned) incident(p bot.PublicIncident, layout string) incidentView {
	v := incidentView{
		ID: p.ID, Name: publicLine(p.Name), Path: "/incidents/" + p.ID, Impact: p.Impact, Status: p.Status.Label(),
		Open: p.Status != bot.Resolved, Affected: publicLine(bot.Text(bot.AffectedLine(p.Affected))), Span: z.span(p),
	}
	if p.NextBy != nil && v.Open {
		at := z.stamp(*p.NextBy, layoutShort)
		v.NextBy, v.Overdue = &at, p.NextBy.Before(z.now)
	}
	if p.Report != nil {
		at := z.stamp(p.Report.At, layout)
		v.Written = &at
	}
	for _, u := range p.Updates {
		local := u.At.In(z.Location)
		line := lineView{
			Status: u.Status, Label: u.Label, Body: markup(u.Body), At: z.stamp(u.At, layout),
			Month: local.Format("Jan"), Day: local.Format("02"), Clock: local.Format("15:04"), Zone: local.Format("MST"),
		}
		if u.FixedAt != nil {
			fixed := z.stamp(*u.FixedAt, layout)
			line.Fixed = &fixed
		}
		v.Lines = append(v.Lines, line)
	}
	return v
}

// report draws a post-mortem below the heading of its row, a second level.
func (z zoned) report(r *bot.PublicReport) *reportView {
	if r == nil {
		return nil
	}
	body := general(render.HTMLBelow(publicReport(r.Text), 2))
	return &reportView{Body: template.HTML(body), At: z.stamp(r.At, layoutFull)} //nolint:gosec // render lets no markup of a writer through
}

// span says from when to when, without saying a day or a zone twice.
func (z zoned) span(p bot.PublicIncident) string {
	from := p.CreatedAt.In(z.Location)
	if p.ResolvedAt == nil {
		return "since " + from.Format(layoutShort)
	}
	to := p.ResolvedAt.In(z.Location)
	if z.midnight(from).Equal(z.midnight(to)) {
		return from.Format("Jan 02, 15:04") + " – " + to.Format(layoutClock)
	}
	return from.Format("Jan 02, 15:04") + " – " + to.Format(layoutShort)
}

// groups lists the components in the order of the configuration; a group
// stands where its first component does and shows its worst.
func groups(p bot.PublicPage) []groupView {
	var out []groupView
	for _, c := range p.Components {
		state := stateOf(p, c)
		k := slices.IndexFunc(out, func(g groupView) bool { return c.Group != "" && g.Name == c.Group })
		if k < 0 {
			out = append(out, groupView{Name: c.Group, State: state})
			k = len(out) - 1
		}
		g := &out[k]
		if state.Worse(g.State) {
			g.State = state
		}
		g.Label = g.State.Label()
		g.Unfolded = len(p.Components) <= unfoldAll || g.State != bot.Operational
		g.Components = append(g.Components, componentView{c.Name, c.Description, state, state.Label()})
	}
	return out
}

func stateOf(p bot.PublicPage, c bot.Component) bot.ComponentState {
	return cmp.Or(p.States[c.ID], bot.Operational)
}

// pastDays is how many days before today the home page shows.
const pastDays = 14

// days sorts incidents by the day on which they ended. The other days that
// they covered name them in a line, since it would be untrue that nothing was
// reported.
func (z zoned) days(incidents []bot.PublicIncident) []dayView {
	today := z.midnight(z.now)
	out := make([]dayView, 0, pastDays+1)
	for k := range pastDays + 1 {
		start := today.AddDate(0, 0, -k)
		end := start.AddDate(0, 0, 1)
		day := dayView{Date: start.Format(layoutDay), ISO: start.Format(time.DateOnly), Today: k == 0}
		for _, i := range incidents {
			switch ended := i.ResolvedAt; {
			case !i.CreatedAt.Before(end):
			case ended == nil, !ended.Before(end):
				day.Ongoing = append(day.Ongoing, z.incident(i, layoutShort))
			case !ended.Before(start):
				day.Incidents = append(day.Incidents, z.incident(i, layoutShort))
			}
		}
		out = append(out, day)
	}
	return out
}

// monthsPerPage is how many months a page of the history holds, and maxPages
// how many pages there are at most, whatever date somebody gave an update.
const (
	monthsPerPage = 3
	maxPages      = 120
)

// history sorts incidents into pages of months, newest first. It begins with
// this month, and holds every month back to that of the oldest incident, with
// or without incidents.
func (z zoned) history(incidents []bot.PublicIncident) []historyView {
	newest := slices.Clone(incidents)
	slices.SortStableFunc(newest, func(a, b bot.PublicIncident) int { return b.CreatedAt.Compare(a.CreatedAt) })
	byMonth := map[int][]incidentView{}
	first := monthOf(z.now)
	last := first
	for _, i := range newest {
		m := monthOf(i.CreatedAt.In(z.Location))
		first, last = max(first, m), min(last, m)
		byMonth[m] = append(byMonth[m], z.incident(i, layoutShort))
	}
	out := make([]historyView, min((first-last)/monthsPerPage+1, maxPages))
	for k := range out {
		for j := range monthsPerPage {
			m := first - k*monthsPerPage - j
			name := time.Date(m/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC).Format("January 2006")
			out[k].Months = append(out[k].Months, monthView{name, byMonth[m]})
		}
	}
	return out
}

// monthOf counts months, so that they can be compared and stepped through.
func monthOf(t time.Time) int { return t.Year()*12 + int(t.Month()) - 1 }
