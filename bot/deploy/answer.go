package deploy

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// answer is what came back. The body may be cut short; short says why.
type answer struct {
	status int
	header http.Header
	body   []byte
	short  error
	from   *url.URL // without credentials
}

// ok reports whether the status is a 2xx.
func (a answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// json is the body, if it is whole and can be read.
func (a answer) json() (gjson.Result, error) {
	var tooLong *wire.BodyTooLargeError
	switch {
	case errors.As(a.short, &tooLong):
		return gjson.Result{}, tooLong
	case a.short != nil:
		return gjson.Result{}, errors.New("its answer broke off")
	case !gjson.ValidBytes(a.body):
		return gjson.Result{}, errors.New("its answer is no JSON")
	}
	return gjson.ParseBytes(a.body), nil
}

// at reads a gjson path in which variables may stand.
func at(doc gjson.Result, path string, vars map[string]string) (gjson.Result, error) {
	if path == "" {
		return doc, nil
	}
	p, err := ParsePattern(path)
	if err != nil {
		return gjson.Result{}, err
	}
	filled, err := p.fillPath(vars)
	if err != nil {
		return gjson.Result{}, err
	}
	return doc.Get(filled), nil
}

// text is a single value as text; ok is false for what is missing, null, a list
// or an object. Numbers are copied as they were written.
func text(r gjson.Result) (s string, ok bool) {
	switch r.Type {
	case gjson.String:
		return r.Str, true
	case gjson.Number, gjson.True, gjson.False:
		return r.Raw, true
	}
	return "", false
}

// maxMessage is how much of what a deploy system says is shown, in runes
// (design note C6).
const maxMessage = 300

// scrubber makes what a deploy system says fit to be kept and shown.
type scrubber struct{ shared, own *wire.Redactor }

// newScrubber knows the template's own secret also in the form that basic
// authentication gives it.
func newScrubber(shared *wire.Redactor, a Auth) scrubber {
	if shared == nil {
		shared = wire.NewRedactor()
	}
	return scrubber{shared, wire.NewRedactor(a.Secret, base64.StdEncoding.EncodeToString([]byte(a.User+":"+a.Secret)))}
}

// hide masks secrets.
func (s scrubber) hide(text string) string { return s.shared.Redact(s.own.Redact(text)) }

// line is text as one line without secrets, cut.
func (s scrubber) line(text string) string {
	words := []rune(strings.Join(strings.Fields(s.hide(bot.Clean(text))), " "))
	if len(words) > maxMessage {
		words = append(words[:maxMessage-1], '…')
	}
	return string(words)
}

// error is err as people may read it.
func (s scrubber) error(err error) error {
	var slow net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("it was interrupted")
	case errors.As(err, &slow) && slow.Timeout():
		return errors.New("no answer came in time")
	}
	return errors.New(s.line(wire.CleanError(err).Error()))
}

// told says what came back: the status, and what the body says for itself.
func (s scrubber) told(a answer) string {
	out := fmt.Sprintf("it answered %d", a.status)
	if name := http.StatusText(a.status); name != "" {
		out += " " + name
	}
	if said := s.line(said(a)); said != "" {
		out += ": " + said
	}
	return out
}

// said looks for the message in a body: where JSON answers have it, or all of a
// plain text. A page of HTML says nothing.
func said(a answer) string {
	doc, err := a.json()
	switch {
	case err == nil:
	case strings.HasPrefix(a.header.Get("Content-Type"), "text/plain"):
		return string(a.body)
	default:
		return ""
	}
	if s, ok := text(doc); ok {
		return s
	}
	for _, path := range []string{"message", "error.message", "error", "detail", "errors.0.message", "errors.0", "title", "reason"} {
		if s, ok := text(doc.Get(path)); ok && s != "" {
			return s
		}
	}
	return ""
}
