package github

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// faultKind is what a failed call proves.
type faultKind int

const (
	unsure  faultKind = iota // it may have been done
	unsent                   // nothing left
	limited                  // nothing was done, since it was too much; later it may be
	refused                  // nothing was done, and trying again would not help
)

func (k faultKind) String() string {
	return [...]string{"unsure", "unsent", "limited", "refused"}[k]
}

// fault is a call that failed. Its text is one line without secrets.
type fault struct {
	kind   faultKind
	status int           // 0: there was no answer
	wait   time.Duration // with limited
	text   string
	field  string // the field of a 422
}

func (f *fault) Error() string { return f.text }

// statusOf is the status of a fault, else 0.
func statusOf(err error) int {
	var f *fault
	if errors.As(err, &f) {
		return f.status
	}
	return 0
}

// slowest bounds the wait for a limit that came without a time.
const slowest = 16 * time.Minute

// fault classifies err. The library knows a limit by its 403 alone, and GitHub
// tells of either limit with 403 or 429, so the answer is looked at again here.
func (c *client) fault(err error, way *wire.Leaving) *fault {
	var primary *gh.RateLimitError
	var secondary *gh.AbuseRateLimitError
	var plain *gh.ErrorResponse
	var twice *gh.TwoFactorAuthError
	switch {
	case errors.As(err, &primary):
		return c.limit(http.StatusForbidden, wire.Until(headerOf(primary.Response), primary.Rate.Reset.Time), primary.Message)
	case errors.As(err, &secondary):
		h := headerOf(secondary.Response)
		wait, told := wire.RetryAfter(h)
		if !told {
			wait = resetIn(h)
		}
		if wait == 0 && secondary.RetryAfter != nil {
			wait = *secondary.RetryAfter
		}
		return c.limit(http.StatusForbidden, wait, secondary.Message)
	case errors.As(err, &twice):
		return c.answered((*gh.ErrorResponse)(twice))
	case errors.As(err, &plain):
		return c.answered(plain)
	}
	var no *wire.RefusedError
	kind, text := unsure, c.errorLine(err)
	if !way.Possible(err) {
		kind = unsent
	}
	if kind == unsent && errors.As(err, &no) {
		text += "; GITHUB_API_URL names the only host that is asked"
	}
	return &fault{kind: kind, text: text}
}

// answered classifies an answer that is no success.
func (c *client) answered(e *gh.ErrorResponse) *fault {
	status, h := e.Response.StatusCode, e.Response.Header
	after, told := wire.RetryAfter(h)
	low := strings.ToLower(e.Message)
	switch {
	case status == http.StatusTooManyRequests,
		status == http.StatusForbidden && (told || h.Get("X-RateLimit-Remaining") == "0" || strings.Contains(low, "rate limit") || strings.Contains(low, "abuse detection")):
		if reset := resetIn(h); !told && reset > 0 {
			after = reset
		}
		return c.limit(status, after, e.Message)
	case status == http.StatusRequestTimeout || status >= 500 || status < 300:
		return &fault{kind: unsure, status: status, text: c.line(fmt.Sprintf("GitHub answered %d %s", status, e.Message))}
	}
	f := &fault{kind: refused, status: status, text: fmt.Sprintf("GitHub answered %d %s", status, e.Message)}
	if len(e.Errors) > 0 {
		f.field = c.line(e.Errors[0].Field)
		f.text += fmt.Sprintf(" (%s %s %s)", e.Errors[0].Field, e.Errors[0].Code, e.Errors[0].Message)
	}
	if status >= 300 && status < 400 {
		f.text += "; a redirect of a write, or to another host, is not followed"
	}
	f.text = c.line(f.text)
	return f
}

// limit is a limit that is used up. Without a time the wait is a minute, then
// twice that for each in a row.
func (c *client) limit(status int, wait time.Duration, message string) *fault {
	if wait <= 0 {
		wait = min(slowest, time.Minute<<min(c.slow.Add(1)-1, 5))
	}
	return &fault{kind: limited, status: status, wait: max(wait, time.Second), text: c.line(fmt.Sprintf("GitHub's limit is used up (%d %s)", status, message))}
}

// signInFault is a fault of fetching a token: nothing of the call itself left.
func (c *client) signInFault(err error) *fault {
	f := c.fault(err, &wire.Leaving{})
	f.text = "no token for the GitHub App: " + f.text
	switch f.kind {
	case unsure:
		f.kind = unsent
	case refused:
		f.status = http.StatusUnauthorized
	case unsent, limited:
	}
	return f
}

// resetIn is how long it is until the primary limit starts anew; 0: it is not
// used up.
func resetIn(h http.Header) time.Duration {
	n, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil || h.Get("X-RateLimit-Remaining") != "0" {
		return 0
	}
	return max(wire.Until(h, time.Unix(n, 0)), time.Second)
}

// headerOf is the header of an answer; the library refuses some calls without one.
func headerOf(r *http.Response) http.Header {
	if r == nil {
		return nil
	}
	return r.Header
}
