package bot

import (
	"context"
	"time"
)

// Store keeps everything. Package storage implements it; the contract is
// tested by storage/storagetest.
type Store interface {
	// View runs fn over one consistent state. fn may run more than once, over
	// another state each time, when the database was lost in the middle: what it
	// adds to outside it must begin anew each time.
	View(ctx context.Context, fn func(ReadTx) error) error
	// Update runs fn in a transaction and returns once it is durable. fn may run
	// more than once, so it must have no effect outside the transaction; ctx
	// bounds the wait before fn starts, not fn. An error from fn undoes what it
	// did and is returned as it is.
	Update(ctx context.Context, fn func(Tx) error) error
	// Watch returns a channel that receives after commits, at least once after
	// the last one, until ctx ends.
	Watch(ctx context.Context) <-chan struct{}
	// Close waits for what runs and closes the database.
	Close() error
}

// ReadTx is what can be read. All methods return a *Error of KindNotFound for
// what is not there or not to be seen by the viewer.
type ReadTx interface {
	IncidentReader
	EventReader
	Searcher
	DirectoryReader
	LinkReader
	TokenReader
	JobReader
	RollbackReader
	DeployReader
	FollowUpReader
	ReminderReader
	AuditReader
}

// Tx is a transaction that writes.
type Tx interface {
	ReadTx
	IncidentWriter
	KeyWriter
	DirectoryWriter
	LinkWriter
	TokenWriter
	JobQueue
	RollbackWriter
	FollowUpWriter
	ReminderWriter
	Purger
}

// IncidentReader reads incidents.
type IncidentReader interface {
	Incident(v Viewer, number int64) (*Incident, error)
	IncidentByChannel(v Viewer, c ChannelID) (*Incident, error)
	// Incidents returns the newest first.
	Incidents(v Viewer, f IncidentFilter) ([]*Incident, error)
	// Members returns who is in the channel of an incident, as it was last set.
	// A private one is seen by them and by who holds a role in it.
	Members(number int64) ([]UserID, error)
}

// IncidentFilter says which incidents are wanted. Zero fields do not filter.
type IncidentFilter struct {
	Open      bool
	Published bool      // those that customers can read of
	Holder    UserID    // holds a role
	Owed      bool      // a post-mortem may be owed of it: [Incident.Owed]
	Writer    UserID    // with Owed: is to write it, declared or commands it
	Since     time.Time // declared at or after
	Before    int64     // numbers below, for the next page
	Limit     int       // at most 500; 0: 50
}

// EventReader reads the record.
type EventReader interface {
	// Events returns a stream in the order of Seq.
	Events(v Viewer, incident int64, f EventFilter) ([]Event, error)
	Event(v Viewer, incident, seq int64) (Event, error)
	// Timeline returns a stream in the order of At, then Seq.
	Timeline(v Viewer, incident int64, f EventFilter) ([]Event, error)
}

// EventFilter says which events are wanted.
type EventFilter struct {
	After   int64     // Seq above this one
	AfterAt time.Time // in a timeline: behind the entry with this At and Seq After
	Limit   int       // 0: all
	Last    bool      // the last Limit entries, still oldest first
	Kinds   []EventKind
}

// Found is an incident in which something was found, with the newest entry that
// holds it.
type Found struct {
	Incident *Incident
	Entry    Event
}

// Searcher finds what people wrote.
type Searcher interface {
	// Search returns the newest incidents first, at most limit (at most 50; 0: 10),
	// those with numbers below before (0: all). What was redacted is not found.
	Search(v Viewer, q Query, before int64, limit int) ([]Found, error)
}

// DirectoryReader reads what is known of people, groups and channels.
type DirectoryReader interface {
	Person(id UserID) (Person, error)
	PersonByHandle(handle string) (Person, error)
	// AnyPerson reports whether the workspace has ever told of anybody: whether
	// there is a person with a SyncedAt.
	AnyPerson() (bool, error)
	Group(id GroupID) (Group, error)
	GroupsOf(id UserID) ([]Group, error)
	Channel(id ChannelID) (Channel, error)
	ChannelByName(name string) (Channel, error)
}

// Link is a name for something that exists elsewhere: a message's timestamp, a
// channel's id. Owner is what it belongs to, such as incident:12.
type Link struct{ Owner, Name, Value string }

// LinkReader reads links.
type LinkReader interface {
	// Link returns the value, or "" when there is none.
	Link(owner, name string) (string, error)
}

// Token is a personal API token. Only a hash of it is kept.
type Token struct {
	ID        int64
	User      UserID
	Hash      string
	Verbs     []string // empty: all
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time
}

// TokenReader reads tokens.
type TokenReader interface {
	TokenByHash(hash string) (Token, error)
	Tokens() ([]Token, error)
}

// JobFilter says which jobs are wanted, oldest first.
type JobFilter struct {
	States []JobState // empty: waiting and failed
	After  int64      // id above
	Limit  int        // 0: 100
}

// JobReader reads the queue.
type JobReader interface {
	Jobs(v Viewer, f JobFilter) ([]Job, error)
	// NextDue returns when the next lane wants to run; ok is false when none waits.
	NextDue() (at time.Time, ok bool, err error)
}

// RollbackFilter says which rollbacks are wanted. Zero fields do not filter.
type RollbackFilter struct {
	Incident             int64
	Service, Environment string // both or neither
	LockKey              string
	Live                 bool // those that hold their lock
	Limit                int  // at most 500; 0: 50
}

// RollbackReader reads rollbacks, each with the reason that its entry holds
// ([RedactedText] once that was redacted).
type RollbackReader interface {
	Rollback(v Viewer, id string) (*Rollback, error)
	// Rollbacks returns the newest first.
	Rollbacks(v Viewer, f RollbackFilter) ([]*Rollback, error)
}

// DeployFilter says which deploys are wanted. Zero fields do not filter.
type DeployFilter struct {
	Services    []string
	Environment string
	Limit       int // at most 500; 0: 50
}

// DeployReader reads deploys.
type DeployReader interface {
	// Deploys returns the newest first, by [Deploy.At].
	Deploys(f DeployFilter) ([]Deploy, error)
}

// RollbackWriter keeps rollbacks and deploys.
type RollbackWriter interface {
	// NextRollback returns a number never returned by a committed transaction.
	NextRollback() (int64, error)
	// CreateRollback keeps a new one. Another live one with its LockKey is a
	// conflict.
	CreateRollback(r *Rollback) error
	SaveRollback(r *Rollback) error
	// SaveDeploy keeps d; isNew is false, and nothing is kept, when its source has
	// told of its key before.
	SaveDeploy(d Deploy) (isNew bool, err error)
}

// IncidentWriter changes incidents and the record.
type IncidentWriter interface {
	// NextNumber returns a number never returned by a committed transaction.
	NextNumber() (int64, error)
	CreateIncident(i *Incident) error
	// LockIncident returns an incident that nobody else can change until the
	// transaction ends.
	LockIncident(v Viewer, number int64) (*Incident, error)
	// LockHouse does the same for the house's stream.
	LockHouse() (Head, error)
	// Append adds an entry, which must continue its stream, and saves the
	// incident that it leads to (nil for the house).
	Append(e Event, i *Incident) error
	// Redact drops the text and the salt of an entry.
	Redact(incident, seq int64) error
}

// Claim is what became of a key.
type Claim struct {
	Taken bool
	Same  bool   // taken by a request with the same digest
	Reply []byte // taken: what was answered
}

// KeyWriter makes a request's effects happen once.
type KeyWriter interface {
	// ClaimKey takes key, or says who has it. It waits for a transaction that is
	// taking it.
	ClaimKey(key, digest string, now time.Time) (Claim, error)
	SaveReply(key string, reply []byte) error
	// DropKeys forgets keys taken before t.
	DropKeys(t time.Time) (int64, error)
}

// DirectoryWriter keeps what the workspace says. A SyncedAt is from before it was
// asked: what was read before what is known is left out, and nothing fails.
type DirectoryWriter interface {
	SavePerson(p Person) error
	SaveGroup(g Group) error
	SaveChannel(c Channel) error
	SetMembers(incident int64, members []UserID) error
}

// LinkWriter keeps links.
type LinkWriter interface {
	SetLink(l Link) error
	// SetChannel attaches an incident to its channel.
	SetChannel(incident int64, id ChannelID, name string) error
}

// TokenWriter keeps tokens.
type TokenWriter interface {
	CreateToken(t Token) (int64, error)
	RevokeToken(id int64, now time.Time) error
}

// JobQueue is the lanes.
type JobQueue interface {
	// Enqueue writes j, drops what it supersedes, and does nothing when its Dedup
	// was used before.
	Enqueue(j Job) error
	// Claim leases up to limit due lanes until now+lease and returns the first
	// job of each, its Attempt counted up.
	Claim(now time.Time, lease time.Duration, limit int) ([]Job, error)
	// Finish records how j ended and frees its lane. When keep is set and the
	// lane's next job is due, the lease goes on and that job is returned.
	Finish(j Job, o Outcome, now time.Time, keep time.Duration) (*Job, error)
	// Wake makes the first job of a lane due now: what it waited for has come.
	Wake(lane string, now time.Time) error
	// Reserve takes the next place under a limit that lets one through per every:
	// the zero time when it is free now, else when to ask again.
	Reserve(limit string, now time.Time, every time.Duration) (time.Time, error)
	// Hold closes a limit until t.
	Hold(limit string, t time.Time) error
	// ReleaseLeases frees every lane. Only a process that is alone may call it.
	ReleaseLeases() error
}
