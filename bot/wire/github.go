package wire

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"time"
)

// GitHubSignatureHeader is the only header looked at. The older
// X-Hub-Signature is SHA-1 and is never a substitute, not even as a fallback.
const GitHubSignatureHeader = "X-Hub-Signature-256"

// GitHubSigner signs and verifies webhook deliveries as GitHub does:
// HMAC-SHA256 of the body.
//
// The scheme signs no time, so a captured delivery stays valid for ever. Who
// takes deliveries must remember their GUIDs.
type GitHubSigner struct{ keys keyring }

// NewGitHubSigner takes the webhook's secret, and while it is being rotated the
// one it replaces.
func NewGitHubSigner(secrets ...string) (*GitHubSigner, error) {
	keys, err := newKeyring("github webhook secret", bytesOf(secrets)...)
	if err != nil {
		return nil, err
	}
	return &GitHubSigner{keys: keys}, nil
}

// Verify reports nil only for a body signed with one of the secrets. The time
// is there to make the three schemes one [Verifier] and is not used.
func (g *GitHubSigner) Verify(h http.Header, body []byte, _ time.Time) error {
	header, err := single(h, GitHubSignatureHeader)
	if err != nil {
		return fmt.Errorf("github: %w", err)
	}
	signature, err := hexSignature(header, "sha256=")
	if err != nil {
		return fmt.Errorf("github: %w", err)
	}
	if !g.keys.matches([][]byte{signature}, body) {
		return fmt.Errorf("github: %w", ErrForged)
	}
	return nil
}

// Sign sets the header on h as GitHub would send it, with the first secret.
func (g *GitHubSigner) Sign(h http.Header, body []byte, _ time.Time) {
	h.Set(GitHubSignatureHeader, "sha256="+hex.EncodeToString(g.keys[0](body)))
}
