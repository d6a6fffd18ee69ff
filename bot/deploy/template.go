package deploy

import (
	"net/netip"
	"net/url"
	"time"
)

// Template is how to speak to one deploy system. Its parts are what the
// configuration holds under rollback_templates, read and checked; see
// [Template.Check].
type Template struct {
	Name string
	Auth Auth
	// Headers go with every request as they are written: an Accept that the system
	// insists on, the version of its API.
	Headers    map[string]string
	Hosts      []string // each as [wire.Guard] takes it
	AllowCIDRs []netip.Prefix
	Proxy      *url.URL // nil: direct
	Versions   *Versions
	Submit     Submit
	Find       *Find
	Poll       []Poll // in order; each may extract what the next one needs
	Every      Every
	Timeout    time.Duration // how long a step is watched; 0: [DefaultTimeout]
	// Blind says (progress: none) that the result cannot be seen.
	Blind bool
}

// DefaultTimeout is how long a step is watched when the template does not say.
// The second cluster of the incident that Tocsin was made for took 31 minutes.
const DefaultTimeout = time.Hour

// AuthKind is how a template signs in.
type AuthKind string

// The kinds.
const (
	AuthNone   AuthKind = "none"
	AuthBearer AuthKind = "bearer" // Authorization: Bearer SECRET
	AuthBasic  AuthKind = "basic"  // User and SECRET
	AuthHeader AuthKind = "header" // Name: SECRET
	AuthQuery  AuthKind = "query"  // ?Name=SECRET
	AuthForm   AuthKind = "form"   // Name=SECRET in the form that is submitted
	AuthHMAC   AuthKind = "hmac"   // Standard Webhooks, of what is submitted
)

// Auth is how to sign in. The secret is a value here and nowhere printed.
type Auth struct {
	Kind       AuthKind
	Name, User string
	Secret     string
}

// Versions reads what could run: a GET of a list.
type Versions struct {
	URL   Pattern // absolute, or a path on the host of Submit.URL
	Items string  // gjson path of the list; empty: the answer is the list
	ID    string  // gjson paths within an item; ID is needed
	Label string
	At    string // RFC 3339, or Unix seconds
	By    string
	// Current says which runs: first, last, or the gjson path of what is true in
	// the one that does.
	Current string
}

// Submit sends a step.
type Submit struct {
	Method  string // POST unless said otherwise
	URL     Pattern
	Headers map[string]Pattern
	// JSON is a tree (map[string]any, []any, Pattern, numbers, booleans, nil) in
	// which patterns are filled in before it is encoded; Form is a form. At most
	// one of the two.
	JSON any
	Form map[string]Pattern
	OK   []int // statuses that accept; empty: every 2xx
	// IdempotencyHeader is sent with a key that stays the same for a step and try,
	// if the system is known to honour it.
	IdempotencyHeader string
	Extract           map[string]Extract
}

// Extract says where a variable is in an answer: json:PATH or header:NAME. The
// variables link and message are what people see of the step; a link that is on
// no host of the template is left out. A variable that a URL begins with holds a
// URL, absolute or relative to the request whose answer gave it.
//
// In this and all other gjson paths variables may stand, as in
// runs.#(title%"*${request_id}*").id.
type Extract struct {
	Header   string
	JSON     string
	Optional bool
}

// Find looks for what may have been sent.
type Find struct {
	URL     Pattern
	Items   string  // gjson path of the list; empty: the answer is the list, or one object
	Match   string  // gjson path within an item …
	Equals  Pattern // … whose value contains this as whole words, so that r1 is not found in r12 or r1-eu
	Extract map[string]Extract
}

// Poll asks how a step goes. The last one has Status; the ones before extract,
// and are done when they have, but may tell a failure, too (a queue item that
// was cancelled).
type Poll struct {
	URL     Pattern
	Extract map[string]Extract
	// Guard ignores an answer that is older than the submit.
	Guard   string // gjson path of a time
	Status  string // gjson path
	Success []string
	Failure []string
	Blocked []string
	// BlockedPath, when it is BlockedEquals, says that somebody is waited for,
	// whatever the status is.
	BlockedPath, BlockedEquals string
	Message                    string // gjson path
}

// Every is how often to poll: First after it was accepted, then Then, and after
// the first five minutes After. Zero: 2s, 15s, 1m.
type Every struct{ First, Then, After time.Duration }

// Verify is a health check after the deploy system is done.
type Verify struct {
	URL     Pattern
	Status  int           // expected; 0: 200
	Path    string        // gjson path whose value must be …
	Equals  Pattern       // … this
	For     time.Duration // how long it must hold without a break
	Timeout time.Duration // how long to try; 0: 10 minutes longer than For
	Hosts   []string      // the host of URL
	CIDRs   []netip.Prefix
}

// Target is how a [bot.Target] is carried out: for each of its steps, by name,
// the template and its variables.
type Target struct {
	Name   string
	Steps  map[string]StepConfig
	Verify []Verify
}

// StepConfig is one step's template and variables.
type StepConfig struct {
	Use  string
	Vars map[string]string
}

// Pattern is text with variables in it: ${name}, or in a JSON tree ${name:int}
// and ${name:bool} for a whole value. Read one with [ParsePattern].
type Pattern struct {
	source string
	parts  []part
}

type part struct {
	text string // literal, if name is empty
	name string
	kind string // "", int, bool
}

// String is the pattern as it was written.
func (p Pattern) String() string { return p.source }

// Names returns the variables in p, each once, in order.
func (p Pattern) Names() []string {
	var out []string
	seen := map[string]bool{}
	for _, q := range p.parts {
		if q.name != "" && !seen[q.name] {
			seen[q.name] = true
			out = append(out, q.name)
		}
	}
	return out
}

// BuiltIn lists the variables that every request has, besides the step's own
// vars and what was extracted. version is the target version's label, or its id
// where it has none; from the same of the version that runs.
func BuiltIn() []string {
	return []string{"request_id", "service", "environment", "target", "step", "from", "version", "version_id", "reason", "requested_by"}
}
