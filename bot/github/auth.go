package github

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// early is how long before its end a token is not used any more.
const early = time.Minute

// auth is how we sign in: by a token, or as a GitHub App by tokens of an hour.
type auth struct {
	token string // empty with an app

	app      string
	install  int64
	key      *rsa.PrivateKey
	exchange *http.Client
	base     *url.URL

	// fetching lets one fetch at a time. It is a channel, since who waits for it
	// must hear when their own time is over.
	fetching chan struct{}
	mu       sync.Mutex
	lent     string
	until    time.Time
}

func newAuth(token string) *auth { return &auth{token: token, fetching: make(chan struct{}, 1)} }

func newAppAuth(app string, install int64, text string) (*auth, error) {
	wrong := errors.New("GITHUB_APP_PRIVATE_KEY: it is no RSA key in PEM; GitHub makes one on the app's page, -----BEGIN RSA PRIVATE KEY----- to the END line")
	// Where a variable holds one line, line breaks are often written as \n.
	if !strings.Contains(strings.TrimSpace(text), "\n") {
		text = strings.ReplaceAll(text, `\n`, "\n")
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, wrong
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		k, ok := any.(*rsa.PrivateKey)
		if err != nil || !ok {
			return nil, wrong
		}
		key = k
	}
	a := newAuth("")
	a.app, a.install, a.key = app, install, key
	return a, nil
}

// none reports that there is nothing to sign in with.
func (a *auth) none() bool { return a.token == "" && a.key == nil }

// renews reports that a new token can be had.
func (a *auth) renews() bool { return a.key != nil }

// current is the token that is in use.
func (a *auth) current() string {
	if a.token != "" {
		return a.token
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lent
}

// scrub takes the token in use out of text; it may be of a shape that nobody
// knows yet.
func (a *auth) scrub(text string) string {
	if t := a.current(); t != "" {
		return strings.ReplaceAll(text, t, "[redacted]")
	}
	return text
}

// drop forgets a token that GitHub does not take.
func (a *auth) drop(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lent == token {
		a.lent, a.until = "", time.Time{}
	}
}

// ready returns a token that is good for the next minute, and fetches one if
// need be.
func (a *auth) ready(ctx context.Context) (string, error) {
	if a.key == nil {
		return a.token, nil
	}
	select {
	case a.fetching <- struct{}{}:
		defer func() { <-a.fetching }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	a.mu.Lock()
	lent, until := a.lent, a.until
	a.mu.Unlock()
	if lent != "" && time.Until(until) > early {
		return lent, nil
	}
	lent, until, err := a.fetch(ctx)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lent, a.until = lent, until
	return lent, nil
}

// fetch asks for a token of the installation. The time is the real one, whatever
// the incidents' clock says.
func (a *auth) fetch(ctx context.Context) (string, time.Time, error) {
	signed, err := a.jwt(time.Now())
	if err != nil {
		return "", time.Time{}, err
	}
	at := a.base.JoinPath("app", "installations", fmt.Sprint(a.install), "access_tokens")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), http.NoBody)
	if err != nil {
		return "", time.Time{}, err
	}
	req.Header.Set("Authorization", "Bearer "+signed)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("User-Agent", "Tocsin")
	res, err := a.exchange.Do(req)
	if err != nil {
		return "", time.Time{}, err
	}
	defer func() { _ = res.Body.Close() }()
	if err := gh.CheckResponse(res); err != nil {
		return "", time.Time{}, err
	}
	var got struct {
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got.Token == "" {
		return "", time.Time{}, errors.New("GitHub's answer holds no token of the installation")
	}
	return got.Token, time.Now().Add(wire.Until(res.Header, got.ExpiresAt)), nil
}

// jwt is what the app itself signs in with: begun two minutes ago and over in
// seven, so that clocks may differ by two and three minutes, of the ten that GitHub
// allows.
func (a *auth) jwt(now time.Time) (string, error) {
	enc := base64.RawURLEncoding.EncodeToString
	claims, err := json.Marshal(map[string]any{"iat": now.Add(-2 * time.Minute).Unix(), "exp": now.Add(7 * time.Minute).Unix(), "iss": a.app})
	if err != nil {
		return "", err
	}
	text := enc([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + enc(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("GITHUB_APP_PRIVATE_KEY: %w", err)
	}
	return text + "." + enc(signature), nil
}
