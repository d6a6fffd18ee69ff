package bot

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// EventKind is what an [Event] records.
type EventKind string

// The kinds of a timeline's entries, as the JSON API names them.
const (
	EventDeclared   EventKind = "declared"
	EventUpdated    EventKind = "updated"
	EventStatus     EventKind = "status"
	EventSeverity   EventKind = "severity"
	EventTitle      EventKind = "title"
	EventSummary    EventKind = "summary"
	EventComponent  EventKind = "component"
	EventRole       EventKind = "role"
	EventNote       EventKind = "note"
	EventLink       EventKind = "link"
	EventMilestone  EventKind = "milestone"
	EventPublished  EventKind = "published"
	EventRetracted  EventKind = "retracted"
	EventRedacted   EventKind = "redacted"
	EventResolved   EventKind = "resolved"
	EventReopened   EventKind = "reopened"
	EventCancelled  EventKind = "cancelled"
	EventRollback   EventKind = "rollback"
	EventDeploy     EventKind = "deploy"
	EventTask       EventKind = "task"
	EventFollowUp   EventKind = "followup"
	EventReminder   EventKind = "reminder"
	EventPostmortem EventKind = "postmortem"
	EventFailed     EventKind = "delivery_failed"
	EventPurged     EventKind = "purged" // only the house's
)

// Via is through what a request came.
type Via string

// The ways in.
const (
	ViaSlack Via = "slack"
	ViaAPI   Via = "api"
	ViaCLI   Via = "cli"
	ViaBot   Via = "bot"
	// ViaGitHub is what was done to an issue there; its actor is the login that
	// did it, as far as that is known.
	ViaGitHub Via = "github"
)

// House is the stream of what belongs to no incident.
const House int64 = 0

// Event is one entry of the record. Events are never changed; redaction drops
// Text and Salt and leaves TextHash, so that the chain still verifies.
type Event struct {
	Incident   int64 // [House] for the house's stream
	Seq        int64 // from 1, without gaps, within the stream
	At         time.Time
	RecordedAt time.Time
	Kind       EventKind
	Actor      UserID // empty: the bot, or somebody elsewhere (Via)
	Via        Via
	Text       Text // the only field that holds what people wrote
	Public     bool // customers may read it
	Data       Data
	Salt       string
	TextHash   string
	Prev       string
	Hash       string
	Redacted   bool
}

// Data is what an event holds besides its text: facts in closed form, of which
// each kind uses a few. Free text never goes here, since redaction could not
// reach it.
type Data struct {
	Severity   string            `json:"severity,omitempty"`
	Status     Status            `json:"status,omitempty"`
	Components []ComponentChange `json:"components,omitempty"`
	Services   []string          `json:"services,omitempty"`
	Role       string            `json:"role,omitempty"`
	User       UserID            `json:"user,omitempty"`
	Milestone  Milestone         `json:"milestone,omitempty"`
	When       *time.Time        `json:"when,omitempty"`
	NextBy     *time.Time        `json:"next_by,omitempty"`
	Ref        int64             `json:"ref,omitempty"` // another entry's seq
	Private    bool              `json:"private,omitempty"`
	Drill      bool              `json:"drill,omitempty"`
	Assumed    bool              `json:"assumed,omitempty"`
	Acting     bool              `json:"acting,omitempty"`
	Public     bool              `json:"public,omitempty"` // the public title
	Kept       bool              `json:"kept,omitempty"`   // customers keep the title that they read
	Stock      bool              `json:"stock,omitempty"`  // customers read the stock line, Text is internal
	Origin     ChannelID         `json:"origin,omitempty"`
	Call       string            `json:"call,omitempty"` // the method that failed
	Rollback   *RollbackMark     `json:"rollback,omitempty"`
	Deploy     *DeployMark       `json:"deploy,omitempty"`
	Task       *TaskMark         `json:"task,omitempty"`
	FollowUp   *FollowUpMark     `json:"followup,omitempty"`
	Reminder   *ReminderMark     `json:"reminder,omitempty"`
	Postmortem *PostmortemMark   `json:"postmortem,omitempty"`
	Purge      *PurgeMark        `json:"purge,omitempty"`
	// OnBehalf marks what the root token did in the actor's name.
	OnBehalf bool `json:"on_behalf,omitempty"`
}

// Link returns the address and the name that an [EventLink] holds. Both are in
// its text, so that a redaction reaches them.
func (e Event) Link() (address string, name Text) {
	a, n, _ := strings.Cut(string(e.Text), " ")
	return a, Text(n)
}

// Head is the end of a stream: the last entry's number, hash and time.
type Head struct {
	Seq        int64
	Hash       string
	RecordedAt time.Time
}

// Stream names the stream of an incident, or the house's.
func Stream(incident int64) string {
	if incident == House {
		return "house"
	}
	return fmt.Sprintf("incident:%d", incident)
}

// Seal gives e its place behind head: number, time (later than the one
// before, whatever the clock says), salt and hashes.
func (e Event) Seal(head Head, now time.Time) Event {
	e.Seq, e.Prev = head.Seq+1, head.Hash
	e.RecordedAt = now.UTC().Truncate(time.Microsecond)
	if !e.RecordedAt.After(head.RecordedAt) {
		e.RecordedAt = head.RecordedAt.Add(time.Microsecond)
	}
	if e.At.IsZero() {
		e.At = e.RecordedAt
	}
	e.At = e.At.UTC().Truncate(time.Microsecond)
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // crypto/rand.Read never fails since Go 1.24
	e.Salt = base64.RawStdEncoding.EncodeToString(salt[:])
	e.TextHash = digest(e.Salt, string(e.Text))
	e.Hash = e.chainHash()
	return e
}

// Head returns the head of a stream that ends with e.
func (e Event) Head() Head { return Head{Seq: e.Seq, Hash: e.Hash, RecordedAt: e.RecordedAt} }

// Verify reports what is wrong with e as the entry behind head, or nil. A
// redacted entry has no text to check and is right otherwise.
func (e Event) Verify(head Head) error {
	switch {
	case e.Seq != head.Seq+1:
		return fmt.Errorf("%s: entry %d follows entry %d", Stream(e.Incident), e.Seq, head.Seq)
	case e.Prev != head.Hash:
		return fmt.Errorf("%s: entry %d does not continue entry %d", Stream(e.Incident), e.Seq, head.Seq)
	case !e.Redacted && e.TextHash != digest(e.Salt, string(e.Text)):
		return fmt.Errorf("%s: the text of entry %d was changed", Stream(e.Incident), e.Seq)
	case e.Hash != e.chainHash():
		return fmt.Errorf("%s: entry %d was changed", Stream(e.Incident), e.Seq)
	}
	return nil
}

func (e Event) chainHash() string {
	data, err := json.Marshal(e.Data)
	if err != nil { // Data holds only types that always marshal
		panic(err)
	}
	return e.hashOver(string(data))
}

// hashOver is the hash of e with data as the text of its Data.
func (e Event) hashOver(data string) string {
	return digest(e.Prev, itoa(e.Incident), itoa(e.Seq), itoa(e.At.UnixMicro()),
		itoa(e.RecordedAt.UnixMicro()), string(e.Kind), string(e.Actor), string(e.Via),
		strconv.FormatBool(e.Public), data, e.TextHash)
}

// digest is the hash of parts, each preceded by its length so that no two
// lists of parts read the same.
func digest(parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = append(strconv.AppendInt(b, int64(len(p)), 10), ':')
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
