package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// schema is the one that [Parse] reads.
const schema = "tocsin-scenario/1"

// Scenario is one incident as its file tells it. Times are UTC.
type Scenario struct {
	Schema       string   `json:"schema"`
	Name         string   `json:"name"`
	Title        string   `json:"title"`
	Organisation string   `json:"organisation"`
	Sources      []Source `json:"sources"`
	Traits       []string `json:"traits"`
	// Zone is the IANA name of the zone in which the source tells its times.
	Zone         string `json:"source_time_zone"`
	StatusSource string `json:"public_status_source"`
	// Severity begins with the name of a severity; what follows says where it is
	// from. Nil: the source has none.
	Severity   *string      `json:"severity"`
	Impact     string       `json:"impact"`
	Milestones Milestones   `json:"milestones"`
	Components []Component  `json:"components"`
	Services   []Service    `json:"services"`
	Events     []Event      `json:"events"`
	Steps      []PastStep   `json:"rollback_steps"`
	Postmortem *Postmortem  `json:"postmortem"`
	Items      []ActionItem `json:"action_items"`
	Expect     Expect       `json:"expect"`
	Note       string       `json:"note"`
}

// Source is where the facts are from.
type Source struct {
	URL string `json:"url"`
}

// Milestones are when things were reached; nil: the source does not say.
type Milestones struct {
	ImpactStarted *time.Time `json:"impact_started_at"`
	Detected      *time.Time `json:"detected_at"`
	Declared      *time.Time `json:"declared_at"`
	Identified    *time.Time `json:"identified_at"`
	Mitigated     *time.Time `json:"mitigated_at"`
	Resolved      *time.Time `json:"resolved_at"`
	Postmortem    *time.Time `json:"postmortem_published_at"`
}

// all lists them, for what is done to each.
func (m *Milestones) all() []**time.Time {
	return []**time.Time{&m.ImpactStarted, &m.Detected, &m.Declared, &m.Identified, &m.Mitigated, &m.Resolved, &m.Postmortem}
}

// Component is a line of the status page. Names are unique in a scenario.
type Component struct {
	Name  string `json:"name"`
	Group string `json:"group"`
}

// ID is what people type for it: its name in lower case, words joined by dashes.
func (c Component) ID() string { return id(c.Name) }

// id keeps letters from a to z and digits, and makes one dash of everything between.
func id(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}

// Service is what was deployed, and Target what of it can be rolled back.
type Service struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Targets []Target `json:"targets"`
}

// Target is one thing that can be rolled back. Steps are what it is made of.
type Target struct {
	ID    string   `json:"id"`
	Steps []string `json:"steps"`
}

// Event is one thing that happened.
type Event struct {
	N         int       `json:"n"` // orders events of the same time
	At        time.Time `json:"at"`
	Precision string    `json:"precision"`
	Kind      string    `json:"kind"`
	Text      string    `json:"text"`
	Note      string    `json:"note"`
	// Status is what customers read from now on.
	Status string `json:"public_status"`
	// Target is that of a rollback, by id.
	Target string `json:"target"`
	// Components are the states that changed, by the components' names.
	Components map[string]bot.ComponentState `json:"components"`
}

// PastStep is a rollback as the source sums it up.
type PastStep struct {
	At     *time.Time `json:"at"`
	What   string     `json:"what"`
	Result string     `json:"result"`
}

// Postmortem is what the source's post-mortem says, section by section; an empty
// one is left to the draft.
type Postmortem struct {
	Sections   []string `json:"sections"`
	Summary    string   `json:"summary"`
	Impact     string   `json:"impact"`
	RootCause  string   `json:"root_cause"`
	Trigger    string   `json:"trigger"`
	Resolution string   `json:"resolution"`
}

// ActionItem is what was decided to be done afterwards.
type ActionItem struct {
	Title    string            `json:"title"`
	Status   bot.FollowUpState `json:"status"`
	Type     string            `json:"type"`
	Owner    *string           `json:"owner"`
	Priority *string           `json:"priority"`
	Due      *string           `json:"due"`
	Tracking *string           `json:"tracking"`
	Done     *string           `json:"completed_at"`
}

// Expect is what must come out when the scenario is played. What is missing is
// not looked at.
type Expect struct {
	// Statuses are those that customers read, one after the other.
	Statuses []string `json:"public_status_sequence"`
	// Minutes are the times between two milestones, by FROM_to_TO.
	Minutes map[string]*float64 `json:"minutes"`
	// Affected is the last line of the incident's page.
	Affected string `json:"affected"`
	// Downtime is how long each component was not operational, in minutes.
	Downtime map[string]float64 `json:"component_downtime_minutes"`
	// Silence is the longest time between two public updates, in minutes.
	Silence *float64 `json:"longest_public_silence_minutes"`
	// Worst is the worst state of each component.
	Worst map[string]bot.ComponentState `json:"worst"`

	// Regressions is how often it went back from monitoring.
	Regressions *int `json:"regressions_after_monitoring"`
	// CrossesMidnight: it began and ended on different days, in UTC.
	CrossesMidnight bool `json:"crosses_midnight_utc"`
	// What the source says of itself, which no play shows.
	FailedRollbacks int   `json:"failed_rollbacks"`
	SortedInSource  *bool `json:"events_sorted_in_source"`
}

// Parse reads a scenario and checks that it can be played. The error names every
// fault.
func Parse(text []byte) (*Scenario, error) {
	s := &Scenario{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("scenario: %w", explain(text, err))
	}
	if err := d.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("scenario: something follows its end")
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.Events, byTime)
	return s, nil
}

// explain adds the line to what package json says.
func explain(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var clock *time.ParseError
	at := int64(-1)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it is empty, or cut off")
	case errors.As(err, &clock):
		return fmt.Errorf("%s is no time; write it as \"2020-01-23T21:15:00Z\"", clock.Value)
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	}
	if at < 0 || at > int64(len(text)) {
		return err
	}
	return fmt.Errorf("line %d: %w", bytes.Count(text[:at], []byte("\n"))+1, err)
}

// Location is the source's time zone.
func (s *Scenario) Location() *time.Location {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC // check let no other through
	}
	return zone
}

// Begin and End are the times of the first and the last event.
func (s *Scenario) Begin() time.Time { return s.Events[0].At }

// End is the time of the last event.
func (s *Scenario) End() time.Time { return s.Events[len(s.Events)-1].At }

// Took is how long the rollback of a target took, from its event to that of its
// end; ok is false if the file does not have both.
func (s *Scenario) Took(target string) (d time.Duration, ok bool) {
	var from time.Time
	for _, e := range s.Events {
		switch {
		case e.Target != target:
		case e.Kind == kindRollback:
			from = e.At
		case e.Kind == kindRollbackDone && !from.IsZero():
			return e.At.Sub(from), true
		}
	}
	return 0, false
}
