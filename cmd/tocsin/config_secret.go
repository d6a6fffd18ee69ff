package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// Secret is a value that prints as nothing but whether it is there.
type Secret struct{ value string }

// NewSecret wraps a value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value, for the one place that needs it.
func (s Secret) Reveal() string { return s.value }

// Set reports whether there is a value.
func (s Secret) Set() bool { return s.value != "" }

// String is "set" or "not set".
func (s Secret) String() string {
	if s.Set() {
		return "set"
	}
	return "not set"
}

// GoString is [Secret.String], for %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText is [Secret.String], for JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is [Secret.String], for logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// secretRef is a secret that the file names, and where it does. signs says
// that it has to be one of Standard Webhooks.
type secretRef struct {
	what, ref string
	signs     bool
}

// refForm is env:NAME or file:PATH.
var refForm = regexp.MustCompile(`^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f]+)$`)

// resolve reads the value that r refers to.
func (r secretRef) resolve(lookup func(string) (string, bool)) (string, error) {
	value, err := r.read(lookup)
	if err != nil || !r.signs {
		return value, err
	}
	if _, err := wire.NewWebhookSigner(value); err != nil {
		return value, errors.New("it is no secret of Standard Webhooks, which is whsec_ and standard base64; echo whsec_$(openssl rand -base64 32) makes one")
	}
	return value, nil
}

func (r secretRef) read(lookup func(string) (string, bool)) (string, error) {
	if name, ok := strings.CutPrefix(r.ref, "env:"); ok {
		value, set := lookup(name)
		if !set {
			return "", fmt.Errorf("the variable %s is not set", name)
		}
		return value, checkSecret(value)
	}
	return secretFile(strings.TrimPrefix(r.ref, "file:"))
}

// secretFile reads a secret from a file, without the newline at its end.
func secretFile(path string) (string, error) {
	text, err := readLimited(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %q", path)
	case err != nil:
		return "", fmt.Errorf("cannot read the file %q: %w", path, bare(err))
	}
	value := strings.TrimRight(string(text), "\r\n")
	if err := checkSecret(value); err != nil {
		return "", fmt.Errorf("the file %q: %w", path, err)
	}
	return value, nil
}

// checkSecret refuses what cannot protect anything. It never repeats the value.
func checkSecret(value string) error {
	switch {
	case strings.TrimSpace(value) == "":
		return errors.New("it is set but empty; give it a value or remove it")
	case len(value) < wire.MinSecret:
		return fmt.Errorf("it has %d bytes and needs at least %d; openssl rand -hex 32 makes a good one", len(value), wire.MinSecret)
	case strings.TrimSpace(value) != value:
		return errors.New("it begins or ends with white space; remove that")
	case strings.ContainsAny(value, "\r\n\x00") && !strings.HasPrefix(value, "-----BEGIN "):
		return errors.New("it has more than one line; only a private key may")
	}
	return nil
}

const wantRef = `a reference to a secret, env:NAME or file:PATH`

// secret reads a reference to a secret. What stands there instead is never
// repeated, whatever it looks like: it may be the secret.
func (r *reader) secret(c *Config, to *string) set {
	return func(n *yaml.Node, what string) {
		s, ok := r.scalar(n, what, wantRef)
		switch {
		case !ok:
		case !refForm.MatchString(s):
			r.fault(n, "%s holds a value (not shown); secrets never stand in this file, write %s", what, "env:NAME or file:PATH")
		default:
			*to = s
			c.refs = append(c.refs, secretRef{what: what, ref: s})
		}
	}
}

// refAt returns the reference that stands at a place of the file, or nil.
func (c *Config) refAt(what string) *secretRef {
	for i := range c.refs {
		if c.refs[i].what == what {
			return &c.refs[i]
		}
	}
	return nil
}

// value resolves a reference. With an error it may return a value that is of no
// use and yet is to be masked. What was read once stays as it was, so that the
// value in use is the one that is masked in the log.
func (c *Config) value(ref secretRef) (string, error) {
	if v, ok := c.values[ref]; ok {
		return v, nil
	}
	v, err := ref.resolve(c.lookup)
	if err != nil {
		return v, err
	}
	if c.values == nil {
		c.values = map[secretRef]string{}
	}
	c.values[ref] = v
	return v, nil
}

// inspect looks through the whole file for what may stand nowhere in it: what
// has the shape of a secret, and anchors and aliases, which make places in a
// file mean other places. Such a node gets this one fault and no other.
func (r *reader) inspect(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.fault(n, "anchors and aliases (& and *) are not read here; write the value out")
		r.hidden[n] = true
	// A template's ${token} is a name, not a value.
	case n.Kind == yaml.ScalarNode && wire.LooksSecret(formVariable.ReplaceAllString(n.Value, "")) && !onlyNames(n.Value):
		r.fault(n, "this looks like a secret (not shown); secrets never stand in this file, write env:NAME or file:PATH where a reference is taken, or use the environment")
		r.hidden[n] = true
	}
	for _, child := range n.Content {
		r.inspect(child)
	}
}

// secretKeyHint says where a secret goes that somebody gave a key in the file;
// it is empty when the key is no such thing.
func secretKeyHint(what, key string) string {
	for path, name := range map[string]string{ //nolint:gosec // names of keys and variables, no values
		"slack.bot_token": "SLACK_BOT_TOKEN", "slack.token": "SLACK_BOT_TOKEN", "slack.signing_secret": "SLACK_SIGNING_SECRET",
		"slack.app_token": "SLACK_APP_TOKEN", "api.token": "TOCSIN_API_TOKEN", "api_token": "TOCSIN_API_TOKEN",
		"github.token": "GITHUB_TOKEN", "github.private_key": "GITHUB_APP_PRIVATE_KEY", "github.webhook_secret": "GITHUB_WEBHOOK_SECRET",
	} {
		if join(what, key) == path {
			return "is a secret and no key of this file; set " + name + " or " + name + "_FILE in the environment"
		}
	}
	return ""
}

// maskedDatabase is a database's address without its password.
func maskedDatabase(database string) string {
	if onlyNames(database) {
		return database
	}
	if u, err := url.Parse(database); err == nil && u.User != nil {
		if _, ok := u.User.Password(); ok {
			// url.Redacted would leave "xxxxx", which somebody may take for it.
			database = strings.Replace(u.Redacted(), ":xxxxx@", ":[masked]@", 1)
			before, after, _ := strings.Cut(database, "@")
			return before + "@" + wire.NewRedactor().Redact(after)
		}
	}
	return wire.NewRedactor().Redact(database)
}

// onlyNames reports whether s is a URL that names a user and no password.
func onlyNames(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.User == nil {
		return false
	}
	_, password := u.User.Password()
	u.User = nil
	return !password && !wire.LooksSecret(u.String())
}
