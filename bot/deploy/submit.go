package deploy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// sentOutcome is what is known after a step was sent.
type sentOutcome int

const (
	unknown sentOutcome = iota // it may have been taken
	taken
	refused // nothing was done, and trying again would not help
	notSent // nothing left, or the system asked to come later
)

func (o sentOutcome) String() string {
	return [...]string{"unknown", "taken", "refused", "notSent"}[o]
}

// sent is what became of one request. why is for people, in one line.
type sent struct {
	outcome  sentOutcome
	accepted bot.Accepted  // with taken
	why      string        // with all others
	again    time.Duration // with notSent: when to come again, as far as it said
}

// submit sends a step: one request at most, never repeated by itself. key stays
// the same for as long as it is the same sending.
func (c *client) submit(ctx context.Context, vars map[string]string, key string) sent {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	var way wire.Leaving
	req, err := c.command(way.Watch(ctx), vars, key)
	if err != nil {
		return sent{outcome: refused, why: "nothing was sent: " + c.scrub.error(err).Error()}
	}
	if err := ctx.Err(); err != nil {
		return sent{outcome: notSent, why: c.scrub.error(err).Error()}
	}
	began := time.Now()
	a, err := c.exchange(c.sends, req)
	if err != nil {
		return c.unanswered(err, &way)
	}
	out := c.judge(a, vars)
	out.accepted.SentThere = sentThere(a, time.Since(began))
	return out
}

// sentThere is when a request was sent that took so long to answer, by the clock
// of who answered; nil: it did not tell.
func sentThere(a answer, took time.Duration) *time.Time {
	at, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return nil
	}
	at = at.Add(-took)
	return &at
}

// unanswered tells what never left from what may have.
func (c *client) unanswered(err error, way *wire.Leaving) sent {
	why := c.scrub.error(err).Error()
	var no *wire.RefusedError
	switch {
	case way.Possible(err):
		return sent{outcome: unknown, why: "it may have been taken: " + why}
	case errors.As(err, &no):
		return sent{outcome: refused, why: "nothing was sent: " + why}
	}
	return sent{outcome: notSent, why: why}
}

// command makes the request of a step, with everything that could be wrong
// found before anything is sent.
func (c *client) command(ctx context.Context, vars map[string]string, key string) (*http.Request, error) {
	s := c.t.Submit
	req, err := c.request(ctx, s.method(), s.URL, vars)
	if err != nil {
		return nil, err
	}
	body, kind, err := c.body(vars)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
		// Set by hand, and so without GetBody: what cannot be read again cannot be
		// sent again.
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		value, err := s.Headers[name].fillHeader(vars)
		if err != nil {
			return nil, fmt.Errorf("the header %s: %w", name, err)
		}
		req.Header.Set(name, value)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Extract)) {
		if _, err := at(gjson.Result{}, s.Extract[name].JSON, vars); err != nil {
			return nil, fmt.Errorf("%s could not be read from the answer: %w", name, err)
		}
	}
	key = plainKey(key)
	if s.IdempotencyHeader != "" {
		// A structured-field string (RFC 9651), as the draft of Idempotency-Key has
		// it: with quotation marks.
		req.Header.Set(s.IdempotencyHeader, `"`+key+`"`)
	}
	if c.signer != nil {
		return req, c.signer.Sign(req.Header, key, body, time.Now())
	}
	return req, nil
}

func (s Submit) method() string {
	if s.Method == "" {
		return http.MethodPost
	}
	return s.Method
}

// plainKey is key where every header takes it as it is, and else its digest:
// step names are free text.
func plainKey(key string) string {
	if key != "" && len(key) <= 200 && strings.Trim(key, pathRunes) == "" {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// body is what is submitted, and its content type; "" if there is none.
func (c *client) body(vars map[string]string) ([]byte, string, error) {
	s := c.t.Submit
	if s.JSON != nil {
		filled, err := tree(s.JSON, vars)
		if err != nil {
			return nil, "", err
		}
		out, err := json.Marshal(filled)
		if err != nil {
			return nil, "", fmt.Errorf("the JSON cannot be written: %w", err)
		}
		return out, "application/json", nil
	}
	if s.Form == nil && c.t.Auth.Kind != AuthForm {
		return nil, "", nil
	}
	form := url.Values{}
	for name, p := range s.Form {
		v, err := p.fill(vars)
		if err != nil {
			return nil, "", err
		}
		form.Set(name, v)
	}
	if c.t.Auth.Kind == AuthForm {
		form.Set(c.t.Auth.Name, c.t.Auth.Secret)
	}
	return []byte(form.Encode()), "application/x-www-form-urlencoded", nil
}

// judge reads the answer to a step (design note C2).
func (c *client) judge(a answer, vars map[string]string) sent {
	wait, told := wire.RetryAfter(a.header)
	switch {
	case c.accepts(a.status):
		return c.took(a, vars)
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable && told:
		return sent{outcome: notSent, why: c.scrub.told(a), again: wait}
	case a.status == http.StatusFound || a.status == http.StatusSeeOther:
		// What many a form answers once it is done.
		return sent{outcome: unknown, why: c.scrub.told(a) + ", which it may say when it is done; a redirect is not followed"}
	case a.status >= 300 && a.status <= 399:
		return sent{outcome: refused, why: c.scrub.told(a) + "; a redirect is not followed"}
	case a.status >= 400 && a.status <= 499 && a.status != http.StatusRequestTimeout:
		return sent{outcome: refused, why: c.scrub.told(a)}
	case a.ok():
		return sent{outcome: unknown, why: c.scrub.told(a) + ", which the template does not take for accepted"}
	}
	return sent{outcome: unknown, why: "it may have been taken: " + c.scrub.told(a)}
}

// accepts reports whether a status says that the step was taken.
func (c *client) accepts(status int) bool {
	if len(c.t.Submit.OK) == 0 {
		return answer{status: status}.ok()
	}
	return slices.Contains(c.t.Submit.OK, status)
}

// took reads what later requests need. Without that the step cannot be followed,
// though it was accepted.
func (c *client) took(a answer, vars map[string]string) sent {
	lost := func(why string) sent {
		return sent{outcome: unknown, why: c.scrub.line(fmt.Sprintf("it was accepted (%d), but %s", a.status, why))}
	}
	doc, broken := a.json()
	h, err := c.harvest(a, doc, c.t.Submit.Extract, vars)
	switch {
	case err != nil:
		return lost(err.Error())
	case len(h.missing) > 0 && broken != nil:
		return lost(broken.Error())
	case len(h.missing) > 0:
		return lost("its answer lacks " + strings.Join(h.missing, ", "))
	}
	return sent{outcome: taken, accepted: bot.Accepted{Link: h.link, Message: h.message, Vars: h.vars}}
}
