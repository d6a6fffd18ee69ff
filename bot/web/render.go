package web

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const htmlKind = "text/html; charset=utf-8"

// drawing is one render under way.
type drawing struct {
	*site
	page bot.PublicPage
	zone zoned
	org  string
	old  *snapshot // may be nil
	snap *snapshot
}

// render draws everything that page says. What did not change since old is
// taken from it.
func (t *site) render(page bot.PublicPage, old *snapshot) (*snapshot, error) {
	d := t.drawing(page, old)
	steps := []func() error{d.home, d.incidents, d.history, d.feeds, d.v2, d.missing}
	if old != nil && old.saysBut(page) {
		steps = []func() error{d.home, d.incidents, d.history, d.keep}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return d.snap, nil
}

func (t *site) drawing(page bot.PublicPage, old *snapshot) *drawing {
	snap := &snapshot{at: time.Now(), paths: map[string]*asset{}, source: page}
	page.Components = named(page.Components)
	return &drawing{
		site: t, page: page, zone: zoneOf(page), org: cmp.Or(publicLine(bot.Text(page.Organisation)), t.base.Hostname()),
		old: old, snap: snap,
	}
}

// keep takes over what does not depend on what time it is, so that a quiet minute
// costs little more than the stamp on the home page.
func (d *drawing) keep() error {
	d.take(routeFeed)
	d.take(routeV2)
	d.snap.born, d.snap.missing = d.old.born, d.old.missing
	return nil
}

// take takes over everything of a route.
func (d *drawing) take(r route) {
	for path, a := range d.old.paths {
		if a.route == r {
			d.snap.paths[path] = a
		}
	}
}

// named returns the components with names that are one line of plain text,
// whatever the configuration holds.
func named(in []bot.Component) []bot.Component {
	out := slices.Clone(in)
	for k, c := range out {
		out[k].Name, out[k].Group = publicLine(bot.Text(c.Name)), publicLine(bot.Text(c.Group))
		out[k].Description = publicLine(bot.Text(c.Description))
	}
	return out
}

// add puts c at path.
func (d *drawing) add(path string, c content) {
	var before *asset
	if d.old != nil {
		before = d.old.paths[path]
	}
	d.snap.paths[path] = newAsset(c, before, d.snap.at)
}

// frame is what stands around a page.
func (d *drawing) frame(title, path string, body any) frame {
	return frame{
		Title: title, Org: d.org, Path: path, Base: d.base.Path, Root: d.base.String(), Files: d.pages.names,
		Zone: zoneName(d.zone.Location), Body: body,
	}
}

func (d *drawing) html(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := d.pages.parsed[name].Execute(&b, data); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return b.Bytes(), nil
}

func (d *drawing) draw(route route, name string, f frame) error {
	body, err := d.html(name, f)
	if err == nil {
		d.add(f.Path, content{route: route, kind: htmlKind, body: body})
	}
	return err
}

func (d *drawing) home() error {
	v := homeView{
		Impact: d.page.Impact, Description: d.page.Description, Groups: groups(d.page), Days: d.zone.days(d.page.Incidents),
		Rendered: d.zone.stamp(d.page.At, layoutFull),
	}
	for _, i := range d.page.OpenIncidents() {
		v.Open = append(v.Open, d.zone.incident(i, layoutShort))
	}
	for _, s := range bot.ComponentStates() {
		v.Legend = append(v.Legend, legendView{s, s.Label()})
	}
	f := d.frame(d.org+" Status", "/", v)
	f.Description = d.org + ": " + d.page.Description
	return d.draw(routeHome, "home", f)
}

// incidents draws a page for each. One whose incident did not change is kept
// as it is, so that the five hundredth update costs what the first did.
func (d *drawing) incidents() error {
	before := map[string]bot.PublicIncident{}
	if d.old != nil {
		for _, i := range d.old.source.Incidents {
			before[i.ID] = i
		}
	}
	for _, i := range d.page.Incidents {
		v := d.zone.incident(i, layoutFull)
		if was, ok := before[i.ID]; ok && v.NextBy == nil && reflect.DeepEqual(was, i) {
			d.snap.paths[v.Path] = d.old.paths[v.Path]
			continue
		}
		v.Report = d.zone.report(i.Report)
		f := d.frame(d.org+" Status - "+v.Name, v.Path, v)
		f.Description = d.org + "'s incident report: " + v.Name + ". " + v.Status + "."
		if err := d.draw(routeIncident, "incident", f); err != nil {
			return err
		}
	}
	return nil
}

// history draws its pages again when an incident changed or a month began.
func (d *drawing) history() error {
	if d.old != nil && monthOf(d.old.source.At.In(d.zone.Location)) == monthOf(d.zone.now) &&
		reflect.DeepEqual(d.old.source.Incidents, d.page.Incidents) {
		d.take(routeHistory)
		return nil
	}
	all := d.zone.history(d.page.Incidents)
	for k, v := range all {
		if k > 0 {
			v.Newer = historyPath(strconv.Itoa(k))
		}
		if k+1 < len(all) {
			v.Older = historyPath(strconv.Itoa(k + 2))
		}
		f := d.frame(d.org+" Status - Incident History", historyPath(strconv.Itoa(k+1)), v)
		f.Description = "What happened at " + d.org + ", month by month."
		if err := d.draw(routeHistory, "history", f); err != nil {
			return err
		}
	}
	return nil
}

func (d *drawing) missing() error {
	body, err := d.html("missing", d.frame(d.org+" Status - Not found", "", nil))
	if err != nil {
		return err
	}
	var before *asset
	if d.old != nil {
		before = d.old.missing
	}
	c := content{route: routePublicOther, code: 404, kind: htmlKind, body: body}
	d.snap.missing = newAsset(c, before, d.snap.at)
	return nil
}

// zoneName is a zone as readers and Statuspage's clients know it.
func zoneName(z *time.Location) string {
	if name := z.String(); name != "UTC" {
		return name
	}
	return "Etc/UTC"
}
