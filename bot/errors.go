package bot

import (
	"errors"
	"fmt"
)

// Kind says whose fault an [Error] is. There are four kinds that a user can
// mend, and one of which the user has to know; everything else is internal and is
// never shown in detail.
type Kind string

// The kinds, with the names that the JSON API gives them.
const (
	KindInvalid   Kind = "invalid"   // the input cannot be understood or is out of range
	KindForbidden Kind = "forbidden" // the person has no right to do this
	KindNotFound  Kind = "not_found" // there is no such thing, as far as this person may know
	KindConflict  Kind = "conflict"  // it is understood and allowed, and the state forbids it
	KindUnknown   Kind = "unknown"   // the database was lost at the very end: nobody knows whether it was done
	KindInternal  Kind = "internal"  // our fault
)

// Error is a refusal that a person can do something about.
type Error struct {
	Kind Kind
	// Text says what is wrong, in one sentence.
	Text string
	// Done is who did it and when, for what was done already; it belongs behind
	// Text, which then has no full stop.
	Done Text
	// Hint says what would work; Line is that as a command line, drawn as a button.
	Hint string
	Line string
	// Label names the button for Line; "Use this" if empty.
	Label string
	// Lines are several such lines, where no single one is surely meant.
	Lines []Button
}

// Error implements error.
func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Sentence().String()
	}
	return e.Sentence().String() + " " + e.Hint
}

// Sentence is what is wrong, with who did it and when.
func (e *Error) Sentence() Text {
	if e.Done == "" {
		return ParseRefs(e.Text)
	}
	return Join(ParseRefs(e.Text), ": ", e.Done, ".")
}

// Invalid returns an error of [KindInvalid].
func Invalid(format string, args ...any) *Error { return newError(KindInvalid, format, args...) }

// Forbidden returns an error of [KindForbidden].
func Forbidden(format string, args ...any) *Error { return newError(KindForbidden, format, args...) }

// NotFound returns an error of [KindNotFound].
func NotFound(format string, args ...any) *Error { return newError(KindNotFound, format, args...) }

// Conflict returns an error of [KindConflict].
func Conflict(format string, args ...any) *Error { return newError(KindConflict, format, args...) }

// Unknown returns the error of [KindUnknown]: what was asked for may be done, or
// may not, so that nobody must be told that nothing was changed.
func Unknown() *Error {
	return newError(KindUnknown, "It is not known whether this was done: the connection to the database broke at the very end.").
		WithHint("Look first, with list or show, before you send it again.")
}

func newError(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}

// WithHint sets what would work and returns e.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// WithLine sets the command line that would have worked and returns e.
func (e *Error) WithLine(label, line string) *Error {
	e.Label, e.Line = label, line
	return e
}

// WithLines adds command lines of which one may be what was meant and returns e.
func (e *Error) WithLines(lines ...Button) *Error {
	e.Lines = append(e.Lines, lines...)
	return e
}

// KindOf returns the kind of err: that of the first [Error] in its chain, else
// [KindInternal]. KindOf(nil) is "".
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}
