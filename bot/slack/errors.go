package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	api "github.com/slack-go/slack"
)

// class is what follows from a failed call.
type class int

const (
	classRetry     class = iota // nobody knows, or Slack is unwell: try again
	classWait                   // a limit is used up: not before a given time
	classToken                  // the token is no good: wait for somebody to mend it
	classPermanent              // Slack understood and refuses
)

const (
	// callTime bounds one call of the Web API.
	callTime = 10 * time.Second
	// defaultWait is how long a limit is respected when Slack does not say.
	defaultWait = 30 * time.Second
	// tokenWait is between tries with a token that does not work: what was
	// acknowledged must not be lost while somebody mends it.
	tokenWait = 5 * time.Minute
)

// codes classes Slack's error codes. One that is not here is permanent: Slack
// answered, and said no. Sources: reference pages of the methods used, and the
// list of errors common to all of them (docs.slack.dev/reference/methods).
func codes() map[string]class {
	return map[string]class{
		"internal_error": classRetry, "fatal_error": classRetry, "service_unavailable": classRetry,
		"request_timeout": classRetry, "team_added_to_org": classRetry, "external_channel_migrating": classRetry,
		"ratelimited": classWait, "rate_limited": classWait, "accesslimited": classWait,
		"invalid_auth": classToken, "not_authed": classToken, "account_inactive": classToken,
		"token_revoked": classToken, "token_expired": classToken, "org_login_required": classToken,
		"access_denied": classToken, "team_access_not_granted": classToken, "not_allowed_token_type": classToken,
		"ekm_access_denied": classToken, "two_factor_setup_required": classToken,
	}
}

// callError is a call that failed.
type callError struct {
	method string
	code   string // Slack's, or one of ours for what is none of Slack's
	class  class
	wait   time.Duration // with classWait
	needed string        // the scope, with missing_scope
	err    error
}

func (e *callError) Error() string {
	if e.code == "" {
		return e.method + ": " + e.err.Error()
	}
	if e.needed != "" {
		return e.method + ": " + e.code + " " + e.needed
	}
	return e.method + ": " + e.code
}

func (e *callError) Unwrap() error { return e.err }

// classify says what err, returned by the library, means.
func classify(method string, err error) *callError {
	e := &callError{method: method, class: classRetry, err: plainError(err)}
	var limited *api.RateLimitedError
	var status api.StatusCodeError
	var refused api.SlackErrorResponse
	switch {
	case errors.As(err, &limited):
		e.code, e.class, e.wait = "ratelimited", classWait, max(limited.RetryAfter, time.Second)
	case errors.As(err, &status):
		if status.Code == http.StatusTooManyRequests {
			e.code, e.class, e.wait = "ratelimited", classWait, defaultWait
		}
	case errors.As(err, &refused):
		e.code, e.needed, e.class = refused.Err, refused.Needed, classPermanent
		if c, known := codes()[refused.Err]; known {
			e.class = c
		}
		if e.class == classWait {
			e.wait = defaultWait
		}
	}
	return e
}

// plainError drops the address from a transport's error: that of a response
// URL is a secret.
func plainError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// codeOf returns Slack's code for err, or "".
func codeOf(err error) string {
	var e *callError
	if errors.As(err, &e) {
		return e.code
	}
	return ""
}

// isCode reports whether Slack refused with one of codes.
func isCode(err error, codes ...string) bool {
	c := codeOf(err)
	return c != "" && slices.Contains(codes, c)
}

// call makes one call of the Web API within [callTime]; its error is a
// *callError. It keeps [Slack.Health] true.
func (s *Slack) call(ctx context.Context, method string, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	// A process that stood still may be here before its timers have fired.
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		return context.DeadlineExceeded
	}
	err := fn(ctx)
	if err == nil {
		if s.state.turn(true, "") {
			s.log.Info("slack answers")
		}
		return nil
	}
	e := classify(method, err)
	switch {
	case e.class == classToken:
		if s.state.turn(false, e.code+": "+advice(e)) {
			s.log.Error("slack refuses the token; everything waits until it is mended", "code", e.code, "fix", advice(e))
		}
	case e.class == classRetry && ctx.Err() != context.Canceled:
		if s.state.turn(false, "Slack cannot be reached") {
			s.log.Warn("slack cannot be reached", "method", method, "error", e.err)
		}
	case e.code != "":
		s.state.turn(true, "") // it said no, so it is there
	}
	return e
}

// advice says what a person can do about e.
func advice(e *callError) string {
	switch e.code {
	case "missing_scope":
		return fmt.Sprintf("Give the app the scope %s and install it again; tocsin manifest prints all that it needs.", e.needed)
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired":
		return "Install the app again and set SLACK_BOT_TOKEN to its new token."
	case "org_login_required", "access_denied", "team_access_not_granted", "not_allowed_token_type", "ekm_access_denied", "two_factor_setup_required":
		return "Ask an administrator of the workspace to allow the app again."
	case "is_archived", "is_inactive":
		return "The channel is archived. Unarchive it: what is said meanwhile waits for that, for 7 days."
	case codeDeleted:
		return "The channel was deleted. The next message makes a new one."
	case "channel_not_found":
		return "The channel was deleted, or it is private and the app is not in it. Invite the app to it: what is said meanwhile waits for that, for 7 days."
	case codeNoChannel:
		return "Make the channel that slack.announce_channel names, name another one there, or leave it empty."
	case "not_in_channel":
		return "Invite the app to the channel: what is said meanwhile waits for that, for 7 days."
	case "restricted_action", "user_is_restricted", "cannot_create_channel", "not_authorized":
		return "The workspace's permissions forbid it. An administrator can change them, or do it by hand."
	case "name_taken":
		return "Rename the channels that have the name, or change slack.channel_name in the configuration."
	case "user_not_found", "cant_invite", "users_not_found":
		return "The account is deactivated, or not one of this workspace."
	}
	return "Tocsin's log has more; tocsin doctor checks the setup."
}
