package wire

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks.
const (
	WebhookIDHeader        = "Webhook-Id"
	WebhookTimestampHeader = "Webhook-Timestamp"
	WebhookSignatureHeader = "Webhook-Signature"
)

// WebhookSigner signs and verifies requests by Standard Webhooks: HMAC-SHA256
// of "id.timestamp.body". It knows the symmetric version v1 only.
type WebhookSigner struct{ keys keyring }

// NewWebhookSigner takes secrets written "whsec_" and padded standard base64 of
// at least [MinSecret] bytes; `echo whsec_$(openssl rand -base64 32)` makes one.
func NewWebhookSigner(secrets ...string) (*WebhookSigner, error) {
	raw := make([][]byte, 0, len(secrets))
	for _, secret := range secrets {
		if secret == "" {
			return nil, fmt.Errorf("webhook secret: %w", ErrWeakSecret)
		}
		text, ok := strings.CutPrefix(secret, "whsec_")
		key, err := base64.StdEncoding.Strict().DecodeString(text)
		if !ok || err != nil {
			return nil, fmt.Errorf("webhook secret: %w", ErrSecretFormat)
		}
		raw = append(raw, key)
	}
	keys, err := newKeyring("webhook secret", raw...)
	if err != nil {
		return nil, err
	}
	return &WebhookSigner{keys: keys}, nil
}

// Verify reports nil only if one of the listed signatures was made with one of
// the secrets, over exactly body, within [Window] of now.
func (w *WebhookSigner) Verify(h http.Header, body []byte, now time.Time) error {
	if err := w.verify(h, body, now); err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return nil
}

func (w *WebhookSigner) verify(h http.Header, body []byte, now time.Time) error {
	id, err := single(h, WebhookIDHeader)
	if err != nil {
		return err
	}
	stamp, err := single(h, WebhookTimestampHeader)
	if err != nil {
		return err
	}
	list, err := single(h, WebhookSignatureHeader)
	if err != nil {
		return err
	}
	signatures := v1Signatures(list)
	if len(signatures) == 0 || !validWebhookID(id) {
		return ErrMalformed
	}
	if err := checkTime(stamp, now); err != nil {
		return err
	}
	if !w.keys.matches(signatures, []byte(id+"."+stamp+"."), body) {
		return ErrForged
	}
	return nil
}

// Sign sets the three headers on h for one attempt at now. id is the same on
// every attempt. Each secret adds a signature, so that a receiver may hold
// either of two while they are rotated.
func (w *WebhookSigner) Sign(h http.Header, id string, body []byte, now time.Time) error {
	if !validWebhookID(id) {
		return fmt.Errorf("webhook: id %q: %w", id, ErrMalformed)
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	list := make([]string, len(w.keys))
	for i, sum := range w.keys {
		list[i] = "v1," + base64.StdEncoding.EncodeToString(sum([]byte(id+"."+stamp+"."), body))
	}
	h.Set(WebhookIDHeader, id)
	h.Set(WebhookTimestampHeader, stamp)
	h.Set(WebhookSignatureHeader, strings.Join(list, " "))
	return nil
}

// v1Signatures returns those entries of the space-separated list that are of
// version v1 and can be read. Others are skipped as the standard asks: a sender
// may add versions that we do not know.
func v1Signatures(list string) [][]byte {
	var out [][]byte
	for _, entry := range strings.Fields(list) {
		text, ok := strings.CutPrefix(entry, "v1,")
		if !ok {
			continue
		}
		if signature, err := base64.StdEncoding.DecodeString(text); err == nil && len(signature) == 32 {
			out = append(out, signature)
		}
	}
	return out
}

// validWebhookID refuses a dot: "a.1" at time 2 and "a" at time 1 would sign
// the same bytes for different bodies, and the id is what duplicates are known by.
func validWebhookID(id string) bool {
	if id == "" || len(id) > 256 {
		return false
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' || id[i] == '.' {
			return false
		}
	}
	return true
}
