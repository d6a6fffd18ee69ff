package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// The shapes of the JSON API. What is not known is null and never a zero that
// could be read as a value; lists are never null.
type incidentShape struct {
	Number           int64              `json:"number"`
	Title            string             `json:"title"`
	Severity         string             `json:"severity"`
	Status           bot.Status         `json:"status"`
	Private          bool               `json:"private"`
	Drill            bool               `json:"drill"`
	Summary          *string            `json:"summary"`
	Channel          *channelShape      `json:"channel"`
	Roles            map[string]*string `json:"roles"`
	Services         []string           `json:"services"`
	Components       []componentShape   `json:"components"`
	Milestones       milestones         `json:"milestones"`
	NextUpdateAt     *time.Time         `json:"next_update_at"`
	NextPublicUpdate *time.Time         `json:"next_public_update_at"`
	Tasks            []taskShape        `json:"tasks"`
	Followups        []followUpShape    `json:"followups"`
	Rollbacks        []rollbackShape    `json:"rollbacks"`
	Links            []linkShape        `json:"links"`
	PublicURL        *string            `json:"public_url"`
	UpdatedAt        time.Time          `json:"updated_at"`
}

type channelShape struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type componentShape struct {
	ID    string             `json:"id"`
	Name  string             `json:"name"`
	Group *string            `json:"group"`
	State bot.ComponentState `json:"state"`
}

type milestones struct {
	ImpactStarted *time.Time `json:"impact_started_at"`
	Detected      *time.Time `json:"detected_at"`
	Declared      *time.Time `json:"declared_at"`
	Identified    *time.Time `json:"identified_at"`
	Mitigated     *time.Time `json:"mitigated_at"`
	Resolved      *time.Time `json:"resolved_at"`
}

type linkShape struct {
	URL  string  `json:"url"`
	Name *string `json:"name"`
}

type entryShape struct {
	Seq        int64         `json:"seq"`
	At         time.Time     `json:"at"`
	RecordedAt time.Time     `json:"recorded_at"`
	Kind       bot.EventKind `json:"kind"`
	Actor      *string       `json:"actor"` // null: Tocsin itself
	Via        *string       `json:"via"`
	Text       *string       `json:"text"`
	Public     bool          `json:"public"`
	Data       bot.Data      `json:"data"`
	Redacted   bool          `json:"redacted,omitempty"`
}

type jobShape struct {
	ID        int64        `json:"id"`
	Kind      string       `json:"kind"`
	Incident  *int64       `json:"incident"`
	State     bot.JobState `json:"state"`
	Attempts  int          `json:"attempts"`
	Error     *string      `json:"error"`
	CreatedAt *time.Time   `json:"created_at"`
	RunAt     *time.Time   `json:"run_at"` // null: at once
}

// shown is an incident with its rollbacks and its action items, oldest first.
type shown struct {
	*bot.Incident
	rollbacks []*bot.Rollback
	followUps []*bot.FollowUp
}

func (s *Server) incidentShape(in shown) incidentShape {
	i := in.Incident
	settings := s.bot.Settings
	out := incidentShape{
		Number: i.Number, Title: i.Title.String(), Severity: i.Severity, Status: i.Status, Private: i.Private, Drill: i.Drill,
		Summary: known(i.Summary.String()), Roles: map[string]*string{}, Services: append([]string{}, i.Services...),
		Components: componentsOf(settings, i), NextUpdateAt: utc(settings.NextUpdate(i)), NextPublicUpdate: utc(i.PublicNext()),
		Tasks: taskShapes(i.Tasks), Followups: followUpShapes(in.followUps), Rollbacks: []rollbackShape{}, Links: []linkShape{},
		UpdatedAt: i.UpdatedAt.UTC(), Milestones: milestonesOf(i),
	}
	if i.Channel != "" {
		out.Channel = &channelShape{string(i.Channel), i.ChannelName}
	}
	for _, r := range settings.Roles {
		out.Roles[r.ID] = nil
	}
	for role, user := range i.Roles {
		out.Roles[role] = known(string(user))
	}
	for _, l := range i.Links {
		out.Links = append(out.Links, linkShape{l.URL, known(l.Name.String())})
	}
	for _, r := range in.rollbacks {
		out.Rollbacks = append(out.Rollbacks, rollbackShapeOf(r))
	}
	if p, ok := settings.Public(i); ok {
		url := s.site.url("/incidents/" + p.ID)
		out.PublicURL = &url
	}
	return out
}

// componentsOf lists the components that were ever set, in the order of the
// configuration, then those that it no longer has.
func componentsOf(settings *bot.Settings, i *bot.Incident) []componentShape {
	out := []componentShape{}
	for id, state := range i.Components {
		c := settings.Component(id)
		out = append(out, componentShape{c.ID, c.Name, known(c.Group), state})
	}
	rank := func(c componentShape) int {
		k := slices.IndexFunc(settings.Components, func(o bot.Component) bool { return o.ID == c.ID })
		if k < 0 {
			return len(settings.Components)
		}
		return k
	}
	slices.SortFunc(out, func(a, b componentShape) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func entryShapeOf(e bot.Event) entryShape {
	return entryShape{
		Seq: e.Seq, At: e.At.UTC(), RecordedAt: e.RecordedAt.UTC(), Kind: e.Kind, Actor: known(string(e.Actor)), Via: known(string(e.Via)),
		Text: known(shownText(e).String()), Public: e.Public, Data: e.Data, Redacted: e.Redacted,
	}
}

// jobShapeOf leaves the payload and the lane out: they name things of other
// systems that the incident's reader has no use for.
func jobShapeOf(j bot.Job) jobShape {
	out := jobShape{
		ID: j.ID, Kind: j.Kind, State: j.State, Attempts: j.Attempt, Error: known(j.LastError),
		CreatedAt: utc(&j.CreatedAt), RunAt: utc(&j.RunAt),
	}
	if j.Incident != bot.House {
		out.Incident = &j.Incident
	}
	return out
}

// shownText is the text of an entry, which may be no longer there.
func shownText(e bot.Event) bot.Text {
	if e.Redacted {
		return bot.RedactedText
	}
	return e.Text
}

func milestonesOf(i *bot.Incident) milestones {
	return milestones{
		milestone(i, bot.MilestoneImpact), milestone(i, bot.MilestoneDetected), milestone(i, bot.MilestoneDeclared),
		milestone(i, bot.MilestoneIdentified), milestone(i, bot.MilestoneMitigated), milestone(i, bot.MilestoneResolved),
	}
}

func milestone(i *bot.Incident, m bot.Milestone) *time.Time {
	t, ok := i.At(m)
	if !ok {
		return nil
	}
	return utc(&t)
}

// known is s, or nil when it is empty.
func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// utc is t in UTC, or nil when it is not set.
func utc(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}
