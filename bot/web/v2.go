package web

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Limits and formats of the v2 read API.
const (
	// v2Incidents is how many incidents a list holds at most.
	v2Incidents = 50
	// v2Limit is the longest answer that clients take, in bytes.
	v2Limit = 1 << 20
	// v2Time is RFC 3339 with milliseconds.
	v2Time = "2006-01-02T15:04:05.000Z07:00"
)

// v2 writes the answers.
func (d *drawing) v2() error {
	page := v2Page{
		ID: bot.PublicID("page", d.base.Hostname()), Name: d.org, URL: d.base.String(), TimeZone: zoneName(d.zone.Location),
		UpdatedAt: d.v2Time(d.changed(reportedAt)),
	}
	status := v2Status{d.page.Impact, d.page.Description}
	components := d.v2Components(page.ID)
	all := d.v2List(page.ID, d.page.Incidents, components)
	open := d.v2List(page.ID, d.page.OpenIncidents(), components)
	none := []v2Incident{}
	type maintenances struct {
		Page v2Page       `json:"page"`
		List []v2Incident `json:"scheduled_maintenances"`
	}
	type incidents struct {
		Page v2Page       `json:"page"`
		List []v2Incident `json:"incidents"`
	}
	return d.v2Add(map[string]func(most int) any{
		"summary": func(most int) any {
			return struct {
				Page         v2Page        `json:"page"`
				Components   []v2Component `json:"components"`
				Incidents    []v2Incident  `json:"incidents"`
				Maintenances []v2Incident  `json:"scheduled_maintenances"`
				Status       v2Status      `json:"status"`
			}{page, components, open[:min(most, len(open))], none, status}
		},
		"status": func(int) any {
			return struct {
				Page   v2Page   `json:"page"`
				Status v2Status `json:"status"`
			}{page, status}
		},
		"components": func(int) any {
			return struct {
				Page       v2Page        `json:"page"`
				Components []v2Component `json:"components"`
			}{page, components}
		},
		"incidents":                       func(most int) any { return incidents{page, all[:min(most, len(all))]} },
		"incidents/unresolved":            func(most int) any { return incidents{page, open[:min(most, len(open))]} },
		"scheduled-maintenances":          func(int) any { return maintenances{page, none} },
		"scheduled-maintenances/upcoming": func(int) any { return maintenances{page, none} },
		"scheduled-maintenances/active":   func(int) any { return maintenances{page, none} },
	})
}

// v2Add encodes each answer, with fewer incidents when it would be too long.
func (d *drawing) v2Add(answers map[string]func(most int) any) error {
	for name, answer := range answers {
		var body []byte
		for most := v2Incidents; ; most /= 2 {
			var err error
			if body, err = json.Marshal(answer(most)); err != nil {
				return err
			}
			if len(body) < v2Limit || most == 0 {
				break
			}
		}
		d.add("/api/v2/"+name+".json", content{route: routeV2, kind: "application/json; charset=utf-8", cors: true, body: body})
	}
	return nil
}

func (d *drawing) v2Time(t time.Time) string { return t.In(d.zone.Location).Format(v2Time) }

func (d *drawing) v2Maybe(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := d.v2Time(*t)
	return &s
}

// v2Components is the flat list: a group, then what is in it. Positions count
// within the group, and among what is in none.
func (d *drawing) v2Components(page string) []v2Component {
	out := []v2Component{}
	born := d.v2Time(d.born())
	top := 0
	for _, g := range groups(d.page) {
		top++
		var group *string
		row := -1
		if g.Name != "" {
			id := bot.PublicID("group", g.Name)
			group = &id
			row = len(out)
			out = append(out, v2Component{
				ID: id, Name: g.Name, Status: g.State, CreatedAt: born, UpdatedAt: born, Position: top, PageID: page, Group: true,
			})
		}
		position := 0
		for _, c := range d.page.Components {
			if c.Group != g.Name || (g.Name == "" && c.Name != g.Components[0].Name) {
				continue
			}
			position++
			child := v2Component{
				ID: bot.PublicComponentID(c.ID), Name: c.Name, Status: stateOf(d.page, c), CreatedAt: born,
				UpdatedAt: d.v2Time(d.touched(c.ID)), Position: position, Description: known(c.Description), GroupID: group, PageID: page,
			}
			if row < 0 {
				child.Position = top
			} else {
				out[row].Components = append(out[row].Components, child.ID)
				out[row].UpdatedAt = max(out[row].UpdatedAt, child.UpdatedAt)
			}
			out = append(out, child)
		}
	}
	return out
}

func (d *drawing) v2List(page string, incidents []bot.PublicIncident, components []v2Component) []v2Incident {
	out := []v2Incident{}
	for _, i := range incidents[:min(len(incidents), v2Incidents)] {
		v := v2Incident{
			ID: i.ID, Name: publicLine(i.Name), Status: i.Status, CreatedAt: d.v2Time(i.CreatedAt), UpdatedAt: d.v2Time(reportedAt(i)),
			MonitoringAt: d.v2Maybe(i.MonitoringAt), ResolvedAt: d.v2Maybe(i.ResolvedAt), Impact: i.Impact,
			Shortlink: d.url("/incidents/" + i.ID), StartedAt: d.v2Time(i.StartedAt), PageID: page,
			IncidentUpdates: []v2Update{}, Components: []v2Component{},
		}
		for _, u := range withReport(i) {
			v.IncidentUpdates = append(v.IncidentUpdates, d.v2Update(i.ID, u))
		}
		if v.IncidentUpdates[0].Status == statusPostmortem && !i.Open {
			v.Status = statusPostmortem
		}
		for _, c := range i.Affected {
			for _, full := range components {
				if full.ID == bot.PublicComponentID(c.ID) {
					v.Components = append(v.Components, full)
				}
			}
		}
		out = append(out, v)
	}
	return out
}

// statusPostmortem is what the v2 read API calls an incident that is over and
// written up.
const statusPostmortem bot.Status = "postmortem"

// withReport returns the updates, newest first, with the post-mortem as one of
// them, which is how Statuspage's clients know it.
func withReport(i bot.PublicIncident) []bot.PublicLine {
	if i.Report == nil {
		return i.Updates
	}
	k := slices.IndexFunc(i.Updates, func(u bot.PublicLine) bool { return !u.At.After(i.Report.At) })
	if k < 0 {
		k = len(i.Updates)
	}
	report := bot.PublicLine{
		ID: bot.PublicID("postmortem", i.ID), Status: statusPostmortem, Body: bot.Text(publicReport(i.Report.Text)), At: i.Report.At,
	}
	return slices.Insert(slices.Clone(i.Updates), k, report)
}

func (d *drawing) v2Update(incident string, u bot.PublicLine) v2Update {
	at := d.v2Time(u.At)
	v := v2Update{
		ID: u.ID, Status: u.Status, Body: publicText(u.Body), IncidentID: incident, CreatedAt: at, UpdatedAt: at, DisplayAt: at,
		DeliverNotifications: true,
	}
	if u.FixedAt != nil {
		v.UpdatedAt = d.v2Time(*u.FixedAt)
	}
	for _, c := range u.Changes {
		v.AffectedComponents = append(v.AffectedComponents, v2Affected{
			bot.PublicComponentID(c.Component.ID), publicLine(bot.Text(c.Component.Label())), c.Old, c.New,
		})
	}
	return v
}

// changedAt is when an update of i last changed, which is what feeds show.
func changedAt(i bot.PublicIncident) time.Time {
	at := i.UpdatedAt
	for _, u := range i.Updates {
		if u.FixedAt != nil && u.FixedAt.After(at) {
			at = *u.FixedAt
		}
	}
	return at
}

// reportedAt is when anything that customers read of i last changed.
func reportedAt(i bot.PublicIncident) time.Time {
	at := changedAt(i)
	if i.Report != nil && i.Report.At.After(at) {
		at = i.Report.At
	}
	return at
}

// changed is the newest of what of says of the incidents; without any, when the
// page was first drawn.
func (d *drawing) changed(of func(bot.PublicIncident) time.Time) time.Time {
	var at time.Time
	for _, i := range d.page.Incidents {
		if t := of(i); t.After(at) {
			at = t
		}
	}
	if at.IsZero() {
		return d.born()
	}
	return at
}

// born stands for the day on which components were made, which nothing
// records: when the oldest incident began, else when the page was first drawn.
func (d *drawing) born() time.Time {
	at := d.page.At
	if d.old != nil {
		at = d.old.born
	}
	for _, i := range d.page.Incidents {
		if i.StartedAt.Before(at) {
			at = i.StartedAt
		}
	}
	d.snap.born = at
	return at
}

// touched is when a component's state last changed with an update.
func (d *drawing) touched(component string) time.Time {
	at := d.born()
	for _, i := range d.page.Incidents {
		for _, u := range i.Updates {
			for _, c := range u.Changes {
				if c.Component.ID == component && c.Old != c.New && u.At.After(at) {
					at = u.At
				}
			}
		}
	}
	return at
}
