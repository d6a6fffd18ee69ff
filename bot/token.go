package bot

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// TokenPrefix begins every personal token, so that one that leaked is known
// for what it is.
const TokenPrefix = "tocsin_"

// HashToken is the form in which a personal token is kept and looked up. The
// token is 256 random bits, so a hash without salt or stretching gives
// nothing away.
func HashToken(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

// Live reports whether t can be used at now.
func (t Token) Live(now time.Time) bool {
	return t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || now.Before(t.ExpiresAt))
}

// CreateToken makes a token that acts as draft.User, limited to draft.Verbs
// (none: all) and to the time before draft.ExpiresAt (zero: for ever). The text
// is returned once and kept nowhere.
func CreateToken(tx TokenWriter, draft Token, now time.Time) (plain string, t Token, err error) {
	if !IsUserID(string(draft.User)) {
		return "", Token{}, Invalid("%q is no user id.", draft.User).
			WithHint("A token belongs to a person, by their Slack id, such as U024BE7LH.")
	}
	if !draft.ExpiresAt.IsZero() && !draft.ExpiresAt.After(now) {
		return "", Token{}, Invalid("The token would be expired already.").WithHint("Give a time that lies ahead.")
	}
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // crypto/rand.Read never fails since Go 1.24
	plain = TokenPrefix + hex.EncodeToString(raw[:])
	t = Token{User: draft.User, Hash: HashToken(plain), CreatedAt: now.UTC(), ExpiresAt: draft.ExpiresAt}
	for _, verb := range draft.Verbs {
		if verb = norm(verb); verb != "" && !slices.Contains(t.Verbs, verb) {
			t.Verbs = append(t.Verbs, verb)
		}
	}
	if t.ID, err = tx.CreateToken(t); err != nil {
		return "", Token{}, err
	}
	return plain, t, nil
}
