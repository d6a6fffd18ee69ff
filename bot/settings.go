package bot

import (
	"slices"
	"strings"
	"time"
)

// Settings is what an install is configured to be, checked and complete:
// every reference in it resolves.
type Settings struct {
	Organisation string
	Zone         *time.Location // of pages and digests, and of people whose own is unknown
	BaseURL      string         // of this program, for links, without a final slash
	PublicURL    string         // of the status page, without a final slash
	LinkKey      []byte         // signs links to pages that not everybody may read; empty: there are none

	Command     string   // the slash command, with its slash
	Aliases     []string // other slash commands that mean the same
	Announce    string   // id or name of the channel where incidents are announced; empty: none
	ChannelName string   // pattern of an incident's channel: {number}, {title}, {date}, {severity}
	PostEvery   time.Duration

	DefaultSeverity string
	Severities      []Severity // worst first
	Roles           []Role
	Components      []Component
	Services        []Service
	Teams           []Team
	Permissions     map[Right][]string
	PrivateInvite   []GroupID
	DuplicateWithin time.Duration // how close two declares must be to ask; 10 minutes

	Holidays  []Date // no business days, besides Saturdays and Sundays
	Followups Followups
	Digests   []Digest

	// AuditChannel is the id or name of the channel where the record's daily head is
	// posted; empty: it is only logged.
	AuditChannel string
	Retention    Retention

	Targets []Target // what can be rolled back
	// RootApproves lets the API's root token approve rollbacks whatever the state
	// of the workspace.
	RootApproves bool
}

// Followups is where action items go and when their owners are reminded.
type Followups struct {
	// Repo is OWNER/NAME on GitHub, PrivateRepo that for private incidents; empty:
	// no issue is opened there.
	Repo, PrivateRepo string
	Labels            []string // of each issue; the first one finds it again
	// AllowPublic lets issues be opened in a repository that everybody can read.
	AllowPublic bool
	Remind      []Remind
	Logins      map[UserID]string // on GitHub
	// Web is where people read issues, such as https://github.com.
	Web string
}

// Remind is when the owner of an action item is reminded of it.
type Remind struct {
	Period Period
	Before bool // before it is due; else after, 0d being the day itself
	Every  bool // and again and again after that
}

// Digest is a summary that is posted on a schedule.
type Digest struct {
	Cron    string // five fields, or a word such as @weekly; read in [Settings.Zone]
	Channel string // name or id
	What    string // followups
}

// Severity is how bad an incident is, and the policies that follow.
type Severity struct {
	ID, Name    string
	Impact      Impact        // of a published incident in which no component was set
	UpdateEvery time.Duration // the team's clock; 0: none
	FirstPublic time.Duration // from declare to the first public update; 0: no clock
	PublicEvery time.Duration // the customers' clock
	Page        bool
	Call        string // URL of the call; {number} is replaced

	PostmortemDue Period
	FollowupDue   Period
}

// Role is something a person can be in an incident.
type Role struct{ ID, Name string }

// Component is a part of the product as customers know it.
type Component struct{ ID, Name, Group, Description string }

// Label is the component's name with its group's.
func (c Component) Label() string {
	if c.Group == "" {
		return c.Name
	}
	return c.Group + " - " + c.Name
}

// Service is a part of the product as engineers know it.
type Service struct {
	ID, Name   string
	Components []string // ids
	Repo       string
	Team       string
}

// Team is who cares for services.
type Team struct {
	ID      string
	Group   GroupID
	Channel string
	Manager UserID
	Pager   string
}

// Named is how a thing is found by what people type.
type Named interface{ names() []string }

func (s Severity) names() []string  { return []string{s.ID, s.Name} }
func (r Role) names() []string      { return []string{r.ID, r.Name} }
func (c Component) names() []string { return []string{c.ID, c.Name, c.Label()} }
func (s Service) names() []string   { return []string{s.ID, s.Name} }
func (t Team) names() []string      { return []string{t.ID} }

// Find returns the thing of list whose id or name is name, in any case. Ids win
// over names.
func Find[T Named](list []T, name string) (found T, ok bool) {
	name = norm(name)
	for pass := range 3 {
		for _, x := range list {
			if n := x.names(); pass < len(n) && norm(n[pass]) == name {
				return x, true
			}
		}
	}
	return found, false
}

// IDs returns the ids of list.
func IDs[T Named](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = x.names()[0]
	}
	return out
}

// Severity returns the severity with this id; an unknown one (an old
// configuration's) is returned with its id as its name.
func (s *Settings) Severity(id string) Severity {
	if v, ok := Find(s.Severities, id); ok {
		return v
	}
	return Severity{ID: id, Name: id, Impact: ImpactMinor}
}

// SeverityRank is the place of a severity, 0 the worst; an unknown one is last.
func (s *Settings) SeverityRank(id string) int {
	if k := slices.IndexFunc(s.Severities, func(v Severity) bool { return v.ID == id }); k >= 0 {
		return k
	}
	return len(s.Severities)
}

// ParseSeverity reads a severity as people write it: its id or name, SEV-1,
// "sev 1", P1, a bare number.
func (s *Settings) ParseSeverity(word string) (Severity, bool) {
	if v, ok := Find(s.Severities, word); ok {
		return v, true
	}
	n := strings.NewReplacer("-", "", "_", "", " ", "").Replace(norm(word))
	for _, v := range s.Severities {
		if norm(v.ID) == n {
			return v, true
		}
	}
	rest, isP := strings.CutPrefix(n, "p")
	if !isP {
		rest, _ = strings.CutPrefix(n, "sev")
	}
	if len(rest) == 1 && rest[0] >= '1' && int(rest[0]-'1') < len(s.Severities) {
		return s.Severities[rest[0]-'1'], true
	}
	return Severity{}, false
}

// LooksLikeSeverity reports whether word was surely meant as a severity
// (sev9, SEV-4, p7), so that an unknown one is refused and never becomes part
// of a title.
func LooksLikeSeverity(word string) bool {
	n := strings.NewReplacer("-", "", "_", "").Replace(norm(word))
	for _, prefix := range []string{"sev", "p"} {
		if rest, ok := strings.CutPrefix(n, prefix); ok && rest != "" && len(rest) <= 2 && strings.Trim(rest, "0123456789") == "" {
			return true
		}
	}
	return false
}

// Component returns the component with this id; an unknown one is returned
// with its id as its name.
func (s *Settings) Component(id string) Component {
	for _, c := range s.Components {
		if c.ID == id {
			return c
		}
	}
	return Component{ID: id, Name: id}
}

// Role returns the role with this id; an unknown one is returned with its id
// as its name.
func (s *Settings) Role(id string) Role {
	if r, ok := Find(s.Roles, id); ok {
		return r
	}
	return Role{ID: id, Name: id}
}

// Defaults is what an install without a configuration file is.
func Defaults() Settings {
	return Settings{
		Zone: time.UTC, Command: "/incident", Aliases: []string{"/inc"},
		Announce: "incidents", ChannelName: "inc-{number}-{title}", PostEvery: time.Second,
		DefaultSeverity: "sev2",
		Severities: []Severity{
			{ID: "sev1", Name: "Critical", Impact: ImpactCritical, UpdateEvery: 30 * time.Minute, FirstPublic: 10 * time.Minute,
				PublicEvery: 30 * time.Minute, PostmortemDue: Period{5, "bd"}, FollowupDue: Period{15, "d"}},
			{ID: "sev2", Name: "Major", Impact: ImpactMajor, UpdateEvery: time.Hour, FirstPublic: 30 * time.Minute,
				PublicEvery: time.Hour, PostmortemDue: Period{10, "bd"}, FollowupDue: Period{30, "d"}},
			{ID: "sev3", Name: "Minor", Impact: ImpactMinor, UpdateEvery: 4 * time.Hour, FollowupDue: Period{8, "w"}},
		},
		Roles:           []Role{{ID: Commander, Name: "Incident commander"}, {ID: "comms", Name: "Communications"}},
		Permissions:     DefaultPermissions(),
		DuplicateWithin: 10 * time.Minute,
		Retention:       Retention{Jobs: Period{90, "d"}},
		Followups:       Followups{Labels: []string{"postmortem"}, Remind: DefaultRemind(), Web: "https://github.com"},
	}
}

// DefaultRemind is when owners are reminded unless the configuration says
// otherwise: two days before, on the day, and every week after.
func DefaultRemind() []Remind {
	return []Remind{{Period: Period{2, "d"}, Before: true}, {Period: Period{0, "d"}}, {Period: Period{7, "d"}, Every: true}}
}
