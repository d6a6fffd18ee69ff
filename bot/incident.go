package bot

import (
	"slices"
	"strings"
	"time"
)

// Status is where an incident stands. The first four are the page's own and
// may follow each other in any order; the last two end an incident without a
// resolution.
type Status string

// The statuses.
const (
	Investigating Status = "investigating"
	Identified    Status = "identified"
	Monitoring    Status = "monitoring"
	Resolved      Status = "resolved"
	Cancelled     Status = "cancelled"
	Merged        Status = "merged"
)

// Statuses lists those that a person can set.
func Statuses() []Status { return []Status{Investigating, Identified, Monitoring, Resolved} }

// ParseStatus reads a status that a person can set, in any case.
func ParseStatus(s string) (Status, bool) {
	st := Status(norm(s))
	return st, slices.Contains(Statuses(), st)
}

// Label is the status as a reader sees it.
func (s Status) Label() string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(string(s[:1])) + string(s[1:])
}

// Ended reports whether nothing more is expected to happen.
func (s Status) Ended() bool { return s == Resolved || s == Cancelled || s == Merged }

// norm is how ids and words that people type are compared.
func norm(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Commander is the role that is always there.
const Commander = "commander"

// StatusChange says that an incident took a status at a time.
type StatusChange struct {
	Status Status    `json:"status"`
	At     time.Time `json:"at"`
}

// PublicUpdate is one message to customers. Fixing one keeps its place and its
// time; retracting one keeps it out of the page. Both stay in the record.
type PublicUpdate struct {
	Seq       int64      `json:"seq"`
	From      int64      `json:"from,omitempty"` // the internal update that was published later
	Fix       int64      `json:"fix,omitempty"`  // the correction whose text it has
	At        time.Time  `json:"at"`             // when customers could read it
	Status    Status     `json:"status"`         // in the page's words
	Text      Text       `json:"text"`
	Actor     UserID     `json:"actor"`
	NextBy    *time.Time `json:"next_by,omitempty"`
	FixedAt   *time.Time `json:"fixed_at,omitempty"`
	Retracted bool       `json:"retracted,omitempty"`
	Redacted  bool       `json:"redacted,omitempty"` // the text that it has was removed from the record
}

// Stands reports whether customers read u.
func (u PublicUpdate) Stands() bool { return !u.Retracted && !u.Redacted }

// NamedLink is a link that somebody added to an incident.
type NamedLink struct {
	Seq  int64  `json:"seq"`
	URL  string `json:"url"`
	Name Text   `json:"name,omitempty"`
}

// RollbackRef is a rollback as its incident knows it.
type RollbackRef struct {
	ID     string        `json:"id"`
	Target string        `json:"target"`
	State  RollbackState `json:"state"`
}

// Incident is the fold of its events, and a few things that are kept beside
// them (the part at the end, which says where it lives in the workspace).
type Incident struct {
	Number      int64                     `json:"number"`
	Title       Text                      `json:"title"`
	PublicTitle Text                      `json:"public_title,omitempty"` // empty: Title
	Summary     Text                      `json:"summary,omitempty"`
	Severity    string                    `json:"severity"`
	Assumed     bool                      `json:"assumed,omitempty"` // nobody chose the severity
	Status      Status                    `json:"status"`
	Private     bool                      `json:"private,omitempty"`
	Drill       bool                      `json:"drill,omitempty"`
	DeclaredBy  UserID                    `json:"declared_by"`
	Origin      ChannelID                 `json:"origin,omitempty"` // where it was declared
	Roles       map[string]UserID         `json:"roles,omitempty"`
	Acting      bool                      `json:"acting,omitempty"` // the commander only declared it
	Services    []string                  `json:"services,omitempty"`
	Components  map[string]ComponentState `json:"components,omitempty"` // those that were ever set
	Changes     []ComponentChange         `json:"changes,omitempty"`
	History     []StatusChange            `json:"history,omitempty"`
	Marks       map[Milestone]time.Time   `json:"marks,omitempty"` // milestones that a person set
	Updates     []PublicUpdate            `json:"updates,omitempty"`
	Links       []NamedLink               `json:"links,omitempty"`
	Rollbacks   []RollbackRef             `json:"rollbacks,omitempty"` // oldest first, without those of which only the plan was asked for
	Tasks       []Task                    `json:"tasks,omitempty"`
	Postmortem  *Postmortem               `json:"postmortem,omitempty"` // nil: nobody has touched it
	DeclaredAt  time.Time                 `json:"declared_at"`
	UpdatedAt   time.Time                 `json:"updated_at"`
	ResolvedAt  *time.Time                `json:"resolved_at,omitempty"`
	Reopened    int                       `json:"reopened,omitempty"`
	// LastUpdate is when the team was last told something, NextBy a promise of
	// more that was made with --next. What customers were promised is part of what
	// they read; see PublicNext.
	LastUpdate time.Time  `json:"last_update"`
	LastText   Text       `json:"last_text,omitempty"` // of the last internal or public update
	LastTextAt time.Time  `json:"last_text_at"`        // when that was told
	NextBy     *time.Time `json:"next_by,omitempty"`

	Head        Head      `json:"-"` // the end of its stream
	Version     int64     `json:"-"`
	Channel     ChannelID `json:"-"`
	ChannelName string    `json:"-"`
}

// Open reports whether i still needs somebody.
func (i *Incident) Open() bool { return !i.Status.Ended() }

// Published reports whether customers can read of i: some public update
// stands, and i is one that they may ever read of.
func (i *Incident) Published() bool {
	return !i.Private && !i.Drill && i.LastPublic() != nil
}

// NeverTold reports whether i was cancelled while customers read nothing of it.
func (i *Incident) NeverTold() bool { return i.Status == Cancelled && !i.Published() }

// LastPublic returns the newest public update that stands, or nil.
func (i *Incident) LastPublic() *PublicUpdate {
	for k := len(i.Updates) - 1; k >= 0; k-- {
		if i.Updates[k].Stands() {
			return &i.Updates[k]
		}
	}
	return nil
}

// PublicNext is when customers were promised more by what they read last, or
// nil.
func (i *Incident) PublicNext() *time.Time {
	u := i.LastPublic()
	if u == nil || !i.Open() {
		return nil
	}
	return u.NextBy
}

// neutralTitle is what customers read when the title was removed from the
// record.
const neutralTitle Text = "Service incident"

// CustomerTitle is the title that customers read.
func (i *Incident) CustomerTitle() Text {
	title := i.PublicTitle
	if title == "" {
		title = i.Title
	}
	if title == RedactedText {
		return neutralTitle
	}
	return title
}

// Has reports whether id holds a role in i.
func (i *Incident) Has(id UserID) bool {
	for _, u := range i.Roles {
		if u == id {
			return true
		}
	}
	return false
}

// Unwell returns the ids of the components that are not operational, sorted.
func (i *Incident) Unwell() []string {
	var out []string
	for id, s := range i.Components {
		if s != Operational {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
