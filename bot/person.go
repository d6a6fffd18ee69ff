package bot

import "time"

// The workspace's own immutable ids. Names are for showing only: they change,
// and two people may share one.
type (
	// UserID is a person's.
	UserID string
	// GroupID is a user group's.
	GroupID string
	// ChannelID is a channel's.
	ChannelID string
)

// Person is what is known of somebody in the workspace. Any field but ID may
// be empty; code must work without.
type Person struct {
	ID     UserID
	Handle string // the name behind the @, without it
	Name   string // real name
	Zone   string // IANA name
	Email  string
	// Deleted is a deactivated account; Bot an app's; Guest a single- or
	// multi-channel guest; External somebody of another organisation.
	Deleted, Bot, Guest, External bool
	// Unknown is somebody of whom the workspace has told nothing, though it has
	// told of others; Unread is anybody while it has told of nobody, as before the
	// first contact. They are never stored; see [FindPerson].
	Unknown, Unread bool
	SyncedAt        time.Time // when the workspace last told us
}

// Outsider reports whether p is refused everything unless named by id. Whoever
// is unknown may be a guest, so they are one until the workspace tells.
func (p Person) Outsider() bool {
	return p.Deleted || p.Bot || p.Guest || p.External || p.Unknown
}

// FindPerson returns what is known of id, which may be nothing.
func FindPerson(tx DirectoryReader, id UserID) (Person, error) {
	p, err := tx.Person(id)
	if KindOf(err) != KindNotFound {
		return p, err
	}
	read, err := tx.AnyPerson()
	return Person{ID: id, Unknown: read, Unread: !read}, err
}

// UnknownYet refuses somebody of whom nothing is known yet.
func UnknownYet(id UserID) *Error {
	return Forbidden("<@%s> is not known here yet; who is in the workspace is read every few minutes.", id).
		WithHint("Try again in a minute.")
}

// Location returns p's time zone; known is false when it is not known and
// fallback was returned.
func (p Person) Location(fallback *time.Location) (loc *time.Location, known bool) {
	if p.Zone != "" {
		if l, err := time.LoadLocation(p.Zone); err == nil {
			return l, true
		}
	}
	return fallback, false
}

// Group is a user group with its members, as of SyncedAt.
type Group struct {
	ID       GroupID
	Handle   string
	Name     string
	Members  []UserID
	SyncedAt time.Time
}

// Channel is what is known of a channel.
type Channel struct {
	ID       ChannelID
	Name     string // without the #
	Private  bool
	Archived bool
	SyncedAt time.Time
}

// viewerKind tells for whom something is read.
type viewerKind int

const (
	viewEveryone viewerKind = iota
	viewUser
	viewSelf
)

// Viewer is for whom something is read: somebody, everyone, or the bot itself.
// The zero Viewer is everyone, who sees least. Private incidents are filtered
// by it in the database, so a reader cannot forget to.
type Viewer struct {
	kind viewerKind
	user UserID
}

// Everyone sees what is not private.
func Everyone() Viewer { return Viewer{} }

// As sees what is not private and the private incidents that id belongs to.
func As(id UserID) Viewer { return Viewer{kind: viewUser, user: id} }

// Self is the bot, which sees everything; what it reads must not be shown to
// anybody but an incident's members.
func Self() Viewer { return Viewer{kind: viewSelf} }

// All reports whether v sees everything.
func (v Viewer) All() bool { return v.kind == viewSelf }

// User is the person that v reads for; empty for everyone and the bot.
func (v Viewer) User() UserID { return v.user }
