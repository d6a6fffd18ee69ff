package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// Config is what this process is to do, from the file, the environment and the
// flags, checked: every reference in it resolves.
type Config struct {
	// Settings is what the bot itself goes by.
	Settings bot.Settings
	// File is where it was read from; empty: there was none.
	File string

	Database      string // a path or postgres://…, which may hold a password
	Listen        string // address of the HTTP server
	BaseURL       string // public address, without a final slash
	PublicListen  string // second address, for the public page alone; may be empty
	PublicURL     string // public address of the page, without a final slash
	MetricsListen string // address of /metrics when it is not on Listen
	// Drain is how long a stop still takes requests, while /readyz sends new ones
	// elsewhere; empty: see [Config.drain].
	Drain         string
	Admin         string // user id of the first admin; may be empty
	AllowLoopback bool   // outgoing webhooks may reach loopback
	LogLevel      string // debug, info, warn or error
	LogFormat     string // text, json, or empty: text on a terminal, else json
	APIToken      Secret
	APIApprove    string // "always": the root token may approve rollbacks

	Slack  SlackConfig
	GitHub GitHubConfig

	People      map[bot.UserID]PersonConfig
	Holidays    []string // dates, 2006-01-02, in order
	Followups   FollowupConfig
	Digests     []DigestConfig
	PrivateRepo string            // OWNER/NAME for the follow-ups of private incidents
	Deploys     map[string]string // source → reference to its secret
	Rollback    RollbackConfig
	Backup      BackupConfig

	// Warnings is what is probably not meant, but no fault.
	Warnings []string

	refs   []secretRef          // named by the file, resolved by CheckServe
	values map[secretRef]string // that were resolved
	lookup func(string) (string, bool)
}

// SlackConfig is how to reach Slack.
type SlackConfig struct {
	BotToken, SigningSecret, AppToken Secret
	APIURL                            string // base of the Web API, with a final slash
}

// GitHubConfig is how to reach GitHub.
type GitHubConfig struct {
	Token                 Secret
	AppID, InstallationID string // decimal; both with PrivateKey, or neither
	PrivateKey            Secret // PEM
	APIURL                string // base of the REST API, with a final slash
	WebhookSecret         Secret
}

// overrides are the values of flags. Nil: the flag was not given.
type overrides struct{ config, database, listen *string }

const (
	defaultFile   = "tocsin.yaml"
	defaultGitHub = "https://api.github.com/"
	maxConfigFile = 1 << 20
)

// loadConfig reads file, environment and flags; a later one wins. The error is
// [Faults], all of them.
func loadConfig(o overrides, environ []string) (*Config, error) {
	c := &Config{
		Settings: bot.Defaults(), Database: "tocsin.db", Listen: "127.0.0.1:8080", LogLevel: "info",
		Slack:  SlackConfig{APIURL: "https://slack.com/api/"},
		GitHub: GitHubConfig{APIURL: defaultGitHub},
		lookup: lookupIn(environ),
	}
	faults := c.readFile(o)
	faults = append(faults, c.readEnvironment(environ)...)
	faults = append(faults, c.readFlags(o)...)
	faults = append(faults, c.checkTogether()...)
	if len(faults) > 0 {
		return nil, faults.sorted().redacted(wire.NewRedactor(c.Secrets()...))
	}
	c.complete()
	return c, nil
}

func lookupIn(environ []string) func(string) (string, bool) {
	vars := make(map[string]string, len(environ))
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			vars[name] = value
		}
	}
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

// readFile reads the file that a flag or the environment names, or the default
// one if it is there.
func (c *Config) readFile(o overrides) Faults {
	name, where := defaultFile, ""
	if v, _ := c.lookup("TOCSIN_CONFIG"); v != "" {
		name, where = v, "TOCSIN_CONFIG"
	}
	if o.config != nil {
		name, where = *o.config, "--config"
	}
	text, err := readLimited(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && where == "":
		return nil
	case err != nil:
		return Faults{{Where: cmp.Or(where, name), Text: fmt.Sprintf("cannot read the configuration %q: %v", name, bare(err))}}
	}
	c.File = name
	return c.parse(name, bytes.NewReader(text))
}

// parse reads a configuration file's text into c.
func (c *Config) parse(name string, text io.Reader) Faults {
	r := &reader{file: name, hidden: map[*yaml.Node]bool{}}
	if root := r.parse(text); root != nil {
		r.inspect(root)
		r.config(root, c)
		r.finish()
	}
	return r.faults
}

// readLimited reads a small file.
func readLimited(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxConfigFile+1))
	if err == nil && len(text) > maxConfigFile {
		err = errors.New("it is over 1 MiB")
	}
	return text, err
}

// bare is err without the operation and the path, which the fault names itself.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// checkTogether checks what only shows once all sources were read.
func (c *Config) checkTogether() Faults {
	var out Faults
	for _, other := range []struct{ name, addr string }{{"TOCSIN_PUBLIC_LISTEN", c.PublicListen}, {"TOCSIN_METRICS_LISTEN", c.MetricsListen}} {
		if other.addr != "" && other.addr == c.Listen && !strings.HasSuffix(other.addr, ":0") {
			out = append(out, Fault{Where: other.name, Text: fmt.Sprintf("%s is the main address already; name another one, or none", other.addr)})
		}
	}
	if c.PublicListen != "" && c.PublicListen == c.MetricsListen && !strings.HasSuffix(c.PublicListen, ":0") {
		out = append(out, Fault{Where: "TOCSIN_METRICS_LISTEN", Text: fmt.Sprintf("%s is the public page's address; customers would read the metrics", c.MetricsListen)})
	}
	return append(out, c.GitHub.check()...)
}

// check says what is missing from a GitHub App's three values, and refuses two
// ways of signing in at once.
func (g GitHubConfig) check() Faults {
	parts := []struct {
		name string
		set  bool
	}{
		{"GITHUB_APP_ID", g.AppID != ""},
		{"GITHUB_APP_INSTALLATION_ID", g.InstallationID != ""},
		{"GITHUB_APP_PRIVATE_KEY", g.PrivateKey.Set()},
	}
	var have, missing []string
	for _, p := range parts {
		if p.set {
			have = append(have, p.name)
		} else {
			missing = append(missing, p.name)
		}
	}
	switch {
	case len(have) > 0 && len(missing) > 0:
		return Faults{{Where: have[0], Text: "a GitHub App needs " + strings.Join(missing, " and ") + " too"}}
	case len(have) > 0 && g.Token.Set():
		return Faults{{Where: "GITHUB_TOKEN", Text: "a token and a GitHub App are both set; keep one of them"}}
	}
	return nil
}

// complete fills in what follows from the rest.
func (c *Config) complete() {
	s := &c.Settings
	c.BaseURL = cmp.Or(c.BaseURL, "http://"+reachable(c.Listen))
	if c.PublicURL == "" && c.PublicListen != "" {
		c.PublicURL = "http://" + reachable(c.PublicListen)
	}
	c.PublicURL = cmp.Or(c.PublicURL, c.BaseURL)
	s.BaseURL, s.PublicURL = c.BaseURL, c.PublicURL
	s.RootApproves = c.APIApprove == "always"
	if secret := cmp.Or(c.Slack.SigningSecret.Reveal(), c.Slack.BotToken.Reveal()); secret != "" {
		key := sha256.Sum256([]byte("tocsin links\x00" + secret))
		s.LinkKey = key[:]
	}
	c.followup()
	if w := c.retentionWarning(); w != "" {
		c.Warnings = append(c.Warnings, w)
	}
	if c.Admin != "" {
		s.Permissions[bot.RightAdmin] = appendNew(s.Permissions[bot.RightAdmin], c.Admin)
	}
}

// appendNew adds s to list unless it is there.
func appendNew[T comparable](list []T, s T) []T {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// reachable is where somebody on this machine reaches a server that listens on
// addr: one that listens everywhere also listens on loopback.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// Secrets lists every secret value that c knows, for masking.
func (c *Config) Secrets() []string {
	var out []string
	for _, s := range secretVars() {
		if v := s.at(c); v.Set() {
			out = append(out, v.Reveal())
		}
	}
	if u, err := url.Parse(c.Database); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			out = append(out, password)
		}
	}
	for _, ref := range c.refs {
		if v, _ := c.value(ref); v != "" { // a faulty one, too
			out = append(out, v)
		}
	}
	return append(out, c.Rollback.basic(c)...)
}

// LogValue implements [slog.LogValuer]: a configuration in a log shows where it
// came from and where it listens, and no secret.
func (c *Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("file", c.File), slog.String("database", maskedDatabase(c.Database)), slog.String("listen", c.Listen),
		slog.String("base_url", c.BaseURL), slog.Bool("slack", c.Slack.BotToken.Set()), slog.Bool("socket", c.Slack.AppToken.Set()),
	)
}
