package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	// MinSecret is the least number of bytes a shared secret may have.
	MinSecret = 16
	// Window is how far a signed timestamp may lie from now, in either
	// direction. A far-future one is refused too: otherwise a captured request
	// with a clock ahead of ours stays valid for as long as the clock is off.
	Window = 5 * time.Minute
)

// What can be wrong with a secret or a signature. They are wrapped with the
// name of the scheme; use [errors.Is]. To the sender all but the first are one
// and the same 401: which of them it was belongs in our log only.
var (
	// ErrWeakSecret: a secret is empty or has fewer than MinSecret bytes.
	ErrWeakSecret = errors.New("secret is missing or shorter than 16 bytes")
	// ErrSecretFormat: a Standard Webhooks secret is not whsec_ and base64.
	ErrSecretFormat = errors.New(`secret is not "whsec_" and standard base64`)
	// ErrUnsigned: a header of the scheme is absent, empty or given twice.
	ErrUnsigned = errors.New("signature header missing or given twice")
	// ErrMalformed: a header of the scheme is there and cannot be read.
	ErrMalformed = errors.New("signature header malformed")
	// ErrStale: the timestamp is further from now than Window.
	ErrStale = errors.New("timestamp is more than 5 minutes from now")
	// ErrForged: well formed and in time, but made with another secret or for
	// another body.
	ErrForged = errors.New("signature does not match")
)

// Verifier is what the three signers have in common: it says whether body, as
// the bytes came, was signed by who holds the secret. now is real time, never
// the demo's.
type Verifier interface {
	Verify(h http.Header, body []byte, now time.Time) error
}

var (
	_ Verifier = (*SlackSigner)(nil)
	_ Verifier = (*GitHubSigner)(nil)
	_ Verifier = (*WebhookSigner)(nil)
)

// keyring holds the secrets of one scheme, the current one first. Each is
// enclosed in a function: fmt and reflecting loggers then print an address
// where a field would have shown them the secret.
type keyring []func(parts ...[]byte) []byte

// newKeyring refuses an empty list as well as an empty entry, so that a
// configuration with a hole can never mean "no check".
func newKeyring(scheme string, secrets ...[]byte) (keyring, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("%s: %w", scheme, ErrWeakSecret)
	}
	ring := make(keyring, 0, len(secrets))
	for _, secret := range secrets {
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("%s: %w", scheme, ErrWeakSecret)
		}
		ring = append(ring, func(parts ...[]byte) []byte {
			mac := hmac.New(sha256.New, secret)
			for _, part := range parts {
				mac.Write(part)
			}
			return mac.Sum(nil)
		})
	}
	return ring, nil
}

// matches compares every signature with every key and does not stop at a hit:
// the time taken tells nothing about which of two secrets is in use.
func (k keyring) matches(signatures [][]byte, parts ...[]byte) bool {
	hit := 0
	for _, sum := range k {
		want := sum(parts...)
		for _, signature := range signatures {
			hit |= subtle.ConstantTimeCompare(want, signature)
		}
	}
	return hit == 1
}

// single returns the one value of a header. Two values are refused, since a
// proxy in front may have judged the other one.
func single(h http.Header, name string) (string, error) {
	values := h.Values(name)
	if len(values) != 1 || values[0] == "" {
		return "", fmt.Errorf("%s: %w", name, ErrUnsigned)
	}
	return values[0], nil
}

// checkTime reads unix seconds, digits only, and compares them with now.
// Twelve digits reach beyond the year 30000 and cannot overflow a Duration's
// comparison, since Sub saturates.
func checkTime(stamp string, now time.Time) error {
	seconds, err := strconv.ParseUint(stamp, 10, 63)
	if err != nil || len(stamp) > 12 {
		return fmt.Errorf("timestamp: %w", ErrMalformed)
	}
	if age := now.Sub(time.Unix(int64(seconds), 0)); age > Window || age < -Window {
		return ErrStale
	}
	return nil
}

func bytesOf(secrets []string) [][]byte {
	out := make([][]byte, len(secrets))
	for i, secret := range secrets {
		out[i] = []byte(secret)
	}
	return out
}
