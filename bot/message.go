package bot

import (
	"context"
	"time"
)

// Request is what somebody asked for: a command line, or a verb with values
// (a form that was sent). In both cases it is what the person meant, decoded
// from the dialect that it came in.
type Request struct {
	// Key makes the request's effects happen once; empty: every arrival counts.
	Key string
	// Digest tells two different requests with one key apart.
	Digest string
	User   UserID
	// Root says that the root token speaks in User's name.
	Root    bool
	Channel ChannelID
	Thread  string // the message under which to answer, if it came from a thread
	// Line is the command line without the command itself.
	Line Text
	// Verb and Values are a form's; nothing in a value is read as a flag.
	Verb   string
	Values map[string]Text
	// Incident is the one that a form or a button belongs to; 0: find it.
	Incident int64
	// Exact takes the words as they are and asks nothing back (API and CLI).
	Exact bool
	// Verbs limits what a token may do; empty: everything.
	Verbs []string
	// ReplyURL is where a later answer can go.
	ReplyURL string
	At       time.Time
	Via      Via
}

// Dispatcher carries out requests. Its errors are *[Error] when they are the
// user's, and internal otherwise.
type Dispatcher interface {
	Dispatch(ctx context.Context, r Request) (Reply, error)
}

// Reply is what only the person who asked sees.
type Reply struct {
	Message
	// Incident is what the request was about; 0: none.
	Incident int64 `json:"incident,omitempty"`
	// Form is to be opened instead of showing the message.
	Form *Form `json:"form,omitempty"`
	// Replace lets the answer take the place of the message whose button was
	// clicked, when that message was for this person only.
	Replace bool `json:"replace,omitempty"`
}

// Say returns a reply of one paragraph.
func Say(parts ...Text) Reply {
	t := Join(parts...)
	return Reply{Message: Message{Summary: t, Blocks: []Block{Para(t)}}}
}

// With adds blocks and returns r.
func (r Reply) With(blocks ...Block) Reply {
	r.Blocks = append(r.Blocks, blocks...)
	return r
}

// Message is something to be shown. Summary is a full sentence that stands for
// all of it where blocks are not drawn: notifications, screen readers, a
// terminal.
type Message struct {
	Summary Text    `json:"summary,omitempty"`
	Blocks  []Block `json:"blocks,omitempty"`
}

// BlockKind is what a [Block] is.
type BlockKind string

// The kinds of block.
const (
	BlockHeader  BlockKind = "header"
	BlockPara    BlockKind = "para"
	BlockFields  BlockKind = "fields"
	BlockButtons BlockKind = "buttons"
	BlockSmall   BlockKind = "small"
	BlockQuote   BlockKind = "quote"
	BlockCode    BlockKind = "code"
	BlockRule    BlockKind = "rule"
)

// Block is a part of a message. Which fields it uses follows from its kind.
type Block struct {
	Kind    BlockKind `json:"kind"`
	Text    Text      `json:"text,omitempty"`
	Fields  []Field   `json:"fields,omitempty"`
	Buttons []Button  `json:"buttons,omitempty"`
}

// Field is a name and a value, drawn side by side.
type Field struct {
	Name  string `json:"name"`
	Value Text   `json:"value"`
}

// Button carries a command line, or opens a URL. Who drew it does not matter: a
// click is judged like the line typed by the person who clicks.
type Button struct {
	Label   string   `json:"label"`
	Line    string   `json:"line,omitempty"`
	URL     string   `json:"url,omitempty"`
	Style   string   `json:"style,omitempty"` // "", primary or danger
	Confirm *Confirm `json:"confirm,omitempty"`
}

// Confirm is asked before a click counts.
type Confirm struct {
	Title string `json:"title"`
	Text  Text   `json:"text"`
	Yes   string `json:"yes"`
	No    string `json:"no"`
}

// Heading is a line that stands over a message.
func Heading(t Text) Block { return Block{Kind: BlockHeader, Text: t} }

// Para is a paragraph.
func Para(parts ...Text) Block { return Block{Kind: BlockPara, Text: Join(parts...)} }

// Small is a line of less weight.
func Small(parts ...Text) Block { return Block{Kind: BlockSmall, Text: Join(parts...)} }

// Quote is what somebody wrote, set apart.
func Quote(t Text) Block { return Block{Kind: BlockQuote, Text: t} }

// CodeBlock is something to copy.
func CodeBlock(t Text) Block { return Block{Kind: BlockCode, Text: t} }

// Rule is a line between parts.
func Rule() Block { return Block{Kind: BlockRule} }

// FieldsOf is a block of fields.
func FieldsOf(f ...Field) Block { return Block{Kind: BlockFields, Fields: f} }

// Buttons is a row of buttons.
func Buttons(b ...Button) Block { return Block{Kind: BlockButtons, Buttons: b} }

// Form is a verb's arguments to be filled in. Its submission is a [Request]
// with Verb, Values and Incident.
type Form struct {
	Verb     string      `json:"verb"`
	Title    string      `json:"title"` // at most 24 runes
	Submit   string      `json:"submit"`
	Close    string      `json:"close,omitempty"` // what leaves it; empty: Cancel
	Incident int64       `json:"incident,omitempty"`
	Channel  ChannelID   `json:"channel,omitempty"` // where it was asked for
	Line     string      `json:"line,omitempty"`    // opens it again, filled as it is
	Intro    Text        `json:"intro,omitempty"`
	Inputs   []FormInput `json:"inputs"`
	// Hidden goes with the form unseen and comes back among its Values.
	Hidden map[string]Text `json:"hidden,omitempty"`
}

// InputKind is what an input takes.
type InputKind string

// The kinds of input.
const (
	InputLine   InputKind = "line"
	InputText   InputKind = "text"
	InputChoice InputKind = "choice"
	InputMany   InputKind = "many" // several of the choices
	InputUser   InputKind = "user"
	InputFlag   InputKind = "flag" // yes or no
)

// FormInput is one argument.
type FormInput struct {
	Name     string    `json:"name"`
	Kind     InputKind `json:"kind"`
	Label    string    `json:"label"`
	Hint     string    `json:"hint,omitempty"`
	Value    Text      `json:"value,omitempty"` // what was given already; for many: separated by newlines
	Options  []Option  `json:"options,omitempty"`
	Required bool      `json:"required,omitempty"`
	Max      int       `json:"max,omitempty"` // runes; 0: 3000
}

// Option is one choice.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// FormError says which inputs of a form cannot be taken.
type FormError struct{ Fields map[string]string }

// Error implements error.
func (e *FormError) Error() string { return "some of the values cannot be taken" }
