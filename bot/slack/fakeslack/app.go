package fakeslack

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// What a person is told when the app does not do its part.
var (
	// ErrTimeout is Slack's operation_timeout: no answer within three seconds.
	ErrTimeout = errors.New("operation_timeout")
	// ErrDispatch is any other failure to reach the app, or an answer that is
	// not a success or not what Slack understands.
	ErrDispatch = errors.New("dispatch_failed")
	// ErrNoApp says that Options.AppURL is empty.
	ErrNoApp = errors.New("fakeslack: no AppURL to call")
)

// Sign is Slack's v0 signature of a request body sent at a Unix time.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", timestamp, body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// SignRequest sets the two headers of a signed request.
func (s *Slack) SignRequest(r *http.Request, body []byte) {
	ts := strconv.FormatInt(s.opt.SignNow().Unix(), 10)
	r.Header.Set("X-Slack-Request-Timestamp", ts)
	r.Header.Set("X-Slack-Signature", Sign(s.opt.SigningSecret, ts, body))
}

// outgoing is a request to one of the app's request URLs.
type outgoing struct {
	path, contentType string
	body              []byte
	headers           map[string]string
}

func formRequest(path string, form url.Values) outgoing {
	return outgoing{path: path, contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode())}
}

func interaction(payload obj) outgoing {
	return formRequest("/slack/interactions", url.Values{"payload": {string(encode(payload))}})
}

// appReply is what the app answered.
type appReply struct {
	status int
	header http.Header
	body   []byte
}

var errTooManyRedirects = errors.New("too_many_redirects")

// call sends a request to the app and waits as long as Slack would. It must
// not be called with the mutex held: the app may call back first.
func (s *Slack) call(ctx context.Context, out outgoing) (appReply, error) {
	s.mu.Lock()
	base, client := s.opt.AppURL, *s.opt.Client
	s.mu.Unlock()
	if base == "" {
		return appReply{}, ErrNoApp
	}
	client.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if len(via) > 2 {
			return errTooManyRedirects
		}
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, slackClock)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+out.path, bytes.NewReader(out.body))
	if err != nil {
		return appReply{}, err
	}
	req.Header.Set("Content-Type", out.contentType)
	req.Header.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	for k, v := range out.headers {
		req.Header.Set(k, v)
	}
	s.SignRequest(req, out.body)
	resp, err := client.Do(req)
	if err == nil {
		defer resp.Body.Close() //nolint:errcheck // it was read, or the error is returned
		var body []byte
		if body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody)); err == nil {
			return appReply{resp.StatusCode, resp.Header, body}, nil
		}
	}
	if ctx.Err() != nil || isTimeout(err) {
		return appReply{}, ErrTimeout
	}
	return appReply{}, fmt.Errorf("%w: %w", ErrDispatch, err)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// succeed is call for requests that must be answered with a success.
func (s *Slack) succeed(ctx context.Context, out outgoing) (appReply, error) {
	r, err := s.call(ctx, out)
	if err == nil && (r.status < 200 || r.status > 299) {
		err = fmt.Errorf("%w: the app answered %d: %s", ErrDispatch, r.status, cut(string(r.body), 200))
	}
	return r, err
}

// VerifyURL does the url_verification handshake with the app's events URL.
func (s *Slack) VerifyURL(ctx context.Context) error {
	s.mu.Lock()
	challenge := s.id("challenge")
	s.mu.Unlock()
	body := encode(obj{"token": "unused", "challenge": challenge, "type": "url_verification"})
	r, err := s.succeed(ctx, outgoing{path: "/slack/events", contentType: "application/json", body: body})
	if err == nil && !bytes.Contains(r.body, []byte(challenge)) {
		err = fmt.Errorf("%w: the answer has no challenge", ErrDispatch)
	}
	return err
}
