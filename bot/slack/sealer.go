package slack

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// answerLife is for how long a response URL is used: Slack takes it for thirty
// minutes.
const answerLife = 29 * time.Minute

// sealer keeps where the answer to an open form goes: to the response URL of what
// opened it, which reaches people where the bot may not post. It travels with the
// form, so that any replica finds it when the form is sent. Slack keeps what
// travels, and with that URL anybody could speak in our name, so it is sealed, for
// the person who has the form.
type sealer struct {
	keys []cipher.AEAD // the first seals, all of them open
}

// newSealer derives the keys from the app's signing secrets, which all replicas
// have. Without any it has a key of its own.
func newSealer(secrets []string) (*sealer, error) {
	if len(secrets) == 0 {
		secrets = []string{rand.Text()}
	}
	s := &sealer{}
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, "tocsin: response URLs in forms", 32)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, aead)
	}
	return s, nil
}

// close seals a response URL that somebody gave at a time; "" stays that.
func (s *sealer) close(url string, who bot.UserID, at time.Time) string {
	if url == "" {
		return ""
	}
	plain := strconv.FormatInt(at.Unix(), 10) + " " + url
	return base64.RawURLEncoding.EncodeToString(s.keys[0].Seal(nil, nil, []byte(plain), []byte(who))) //nolint:gosec // G407: this AEAD makes its own nonces
}

// open returns what was sealed for somebody; empty if it is too old by now, or
// nothing of ours.
func (s *sealer) open(sealed string, who bot.UserID, now time.Time) string {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return ""
	}
	for _, key := range s.keys {
		plain, err := key.Open(nil, nil, raw, []byte(who))
		if err != nil {
			continue
		}
		at, url, _ := strings.Cut(string(plain), " ")
		if n, err := strconv.ParseInt(at, 10, 64); err == nil && now.Sub(time.Unix(n, 0)) <= answerLife {
			return url
		}
	}
	return ""
}
