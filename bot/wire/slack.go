package wire

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Slack's signing scheme.
const (
	SlackSignatureHeader = "X-Slack-Signature"
	SlackTimestampHeader = "X-Slack-Request-Timestamp"
)

// SlackSigner signs and verifies requests by Slack's v0 scheme: HMAC-SHA256 of
// "v0:timestamp:body" with the app's signing secret as text.
//
// The signature does not cover the query string; nothing may be read from there.
type SlackSigner struct{ keys keyring }

// NewSlackSigner takes the signing secret, and while it is being rotated the
// one it replaces. Slack keeps no grace period of its own.
func NewSlackSigner(secrets ...string) (*SlackSigner, error) {
	keys, err := newKeyring("slack signing secret", bytesOf(secrets)...)
	if err != nil {
		return nil, err
	}
	return &SlackSigner{keys: keys}, nil
}

// Verify reports nil only for a request signed with one of the secrets, over
// exactly body, within [Window] of now.
func (s *SlackSigner) Verify(h http.Header, body []byte, now time.Time) error {
	if err := s.verify(h, body, now); err != nil {
		return fmt.Errorf("slack: %w", err)
	}
	return nil
}

func (s *SlackSigner) verify(h http.Header, body []byte, now time.Time) error {
	stamp, err := single(h, SlackTimestampHeader)
	if err != nil {
		return err
	}
	header, err := single(h, SlackSignatureHeader)
	if err != nil {
		return err
	}
	signature, err := hexSignature(header, "v0=")
	if err != nil {
		return err
	}
	if err := checkTime(stamp, now); err != nil {
		return err
	}
	if !s.keys.matches([][]byte{signature}, []byte("v0:"+stamp+":"), body) {
		return ErrForged
	}
	return nil
}

// Sign sets the two headers on h as Slack would send them at now, with the
// first secret.
func (s *SlackSigner) Sign(h http.Header, body []byte, now time.Time) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	h.Set(SlackTimestampHeader, stamp)
	h.Set(SlackSignatureHeader, "v0="+hex.EncodeToString(s.keys[0]([]byte("v0:"+stamp+":"), body)))
}

// hexSignature reads "prefix" and 64 hex digits.
func hexSignature(header, prefix string) ([]byte, error) {
	digits, ok := strings.CutPrefix(header, prefix)
	if !ok || len(digits) != 64 {
		return nil, ErrMalformed
	}
	signature, err := hex.DecodeString(digits)
	if err != nil {
		// The decoder's own text would quote what a stranger sent.
		return nil, ErrMalformed
	}
	return signature, nil
}
