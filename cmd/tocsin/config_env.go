package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// setting is a value that environment and file both can give, and a flag where
// it has one.
type setting struct {
	env    string
	key    string // in the file, with the group before a dot
	flag   string
	wanted string
	at     func(*Config) *string
	check  func(string) (string, error)
}

func settings() []setting {
	return []setting{
		{"TOCSIN_DATABASE", "database", "database", "a file path or postgres://…", func(c *Config) *string { return &c.Database }, checkDatabase},
		{"TOCSIN_LISTEN", "listen", "listen", wantAddr, func(c *Config) *string { return &c.Listen }, checkAddr},
		{"TOCSIN_BASE_URL", "base_url", "", wantURL, func(c *Config) *string { return &c.BaseURL }, checkPageURL},
		{"TOCSIN_ADMIN", "admin", "", "a user id", func(c *Config) *string { return &c.Admin }, checkUser},
		{"TOCSIN_PUBLIC_LISTEN", "public_listen", "", wantAddr, func(c *Config) *string { return &c.PublicListen }, checkAddr},
		{"TOCSIN_PUBLIC_URL", "public_url", "", wantURL, func(c *Config) *string { return &c.PublicURL }, checkPageURL},
		{"TOCSIN_METRICS_LISTEN", "metrics_listen", "", wantAddr, func(c *Config) *string { return &c.MetricsListen }, checkAddr},
		{"TOCSIN_DRAIN", "drain", "", wantDrain, func(c *Config) *string { return &c.Drain }, checkDrain},
		{"TOCSIN_LOG_LEVEL", "log_level", "", "a level", func(c *Config) *string { return &c.LogLevel }, oneOf("debug", "info", "warn", "error")},
		{"TOCSIN_LOG_FORMAT", "log_format", "", "a format", func(c *Config) *string { return &c.LogFormat }, oneOf("text", "json")},
		{"SLACK_API_URL", "slack.api_url", "", wantURL, func(c *Config) *string { return &c.Slack.APIURL }, checkAPIURL},
		{"GITHUB_API_URL", "github.api_url", "", wantURL, func(c *Config) *string { return &c.GitHub.APIURL }, checkAPIURL},
		{"GITHUB_APP_ID", "github.app_id", "", wantNumber, func(c *Config) *string { return &c.GitHub.AppID }, checkNumber},
		{"GITHUB_APP_INSTALLATION_ID", "github.installation_id", "", wantNumber, func(c *Config) *string { return &c.GitHub.InstallationID }, checkNumber},
	}
}

// secretVar is a secret that only the environment can give.
type secretVar struct {
	env string
	at  func(*Config) *Secret
	// not are beginnings that show that another secret was put here.
	not map[string]string
}

func secretVars() []secretVar {
	return []secretVar{
		{"TOCSIN_API_TOKEN", func(c *Config) *Secret { return &c.APIToken }, nil},
		{"SLACK_BOT_TOKEN", func(c *Config) *Secret { return &c.Slack.BotToken }, map[string]string{
			"xapp-": "an app-level token, which belongs in SLACK_APP_TOKEN; the bot token begins with xoxb-",
			"xoxp-": "a user's token; the bot token begins with xoxb-",
		}},
		{"SLACK_SIGNING_SECRET", func(c *Config) *Secret { return &c.Slack.SigningSecret }, map[string]string{
			"xoxb-": "the bot token, which belongs in SLACK_BOT_TOKEN", "xapp-": "the app-level token, which belongs in SLACK_APP_TOKEN",
		}},
		{"SLACK_APP_TOKEN", func(c *Config) *Secret { return &c.Slack.AppToken }, map[string]string{
			"xoxb-": "a bot token, which belongs in SLACK_BOT_TOKEN; the app-level token begins with xapp-",
		}},
		{"GITHUB_TOKEN", func(c *Config) *Secret { return &c.GitHub.Token }, nil},
		{"GITHUB_APP_PRIVATE_KEY", func(c *Config) *Secret { return &c.GitHub.PrivateKey }, nil},
		{"GITHUB_WEBHOOK_SECRET", func(c *Config) *Secret { return &c.GitHub.WebhookSecret }, nil},
	}
}

// readEnvironment reads every variable of ours. Other than a secret, one that
// is set but empty counts as unset, as compose files write it.
func (c *Config) readEnvironment(environ []string) Faults {
	var out Faults
	for _, s := range settings() {
		value, where := "", s.env
		value, _ = c.lookup(s.env)
		if path, ok := c.lookup(s.env + "_FILE"); ok && s.env == "TOCSIN_DATABASE" { // may hold a password
			text, err := readLimited(path)
			if err != nil {
				out = append(out, Fault{Where: s.env + "_FILE", Text: fmt.Sprintf("cannot read %q: %v", path, bare(err))})
				continue
			}
			value, where = strings.TrimSpace(string(text)), s.env+"_FILE"
		}
		if value == "" {
			continue
		}
		if checked, err := s.check(value); err != nil {
			out = append(out, Fault{Where: where, Text: err.Error()})
		} else {
			*s.at(c) = checked
		}
	}
	if v, _ := c.lookup("TOCSIN_ALLOW_LOOPBACK"); v != "" {
		on, err := strconv.ParseBool(v)
		if err != nil {
			out = append(out, Fault{Where: "TOCSIN_ALLOW_LOOPBACK", Text: quote(v) + " is neither 1 nor 0"})
		}
		c.AllowLoopback = on
	}
	c.noteUnknown(environ)
	return append(out, c.readSecrets()...)
}

// readSecrets reads the secrets, each from its variable or from the file that
// NAME_FILE names.
func (c *Config) readSecrets() Faults {
	var out Faults
	for _, s := range secretVars() {
		value, set := c.lookup(s.env)
		path, fromFile := c.lookup(s.env + "_FILE")
		where := s.env
		var err error
		switch {
		case set && fromFile:
			err = fmt.Errorf("%s_FILE is set too; keep one of them", s.env)
		case set:
			if strings.HasPrefix(value, "-----BEGIN ") {
				value = strings.TrimRight(value, "\r\n") // a key's own last line
			}
			err = checkSecret(value)
		case fromFile && path == "":
			where, err = s.env+"_FILE", errors.New("it is set but empty; name a file or remove it")
		case fromFile:
			where = s.env + "_FILE"
			value, err = secretFile(path)
		default:
			continue
		}
		if err == nil {
			err = s.misplaced(value)
		}
		*s.at(c) = NewSecret(value) // also a faulty one: the faults are masked with it
		if err != nil {
			out = append(out, Fault{Where: where, Text: err.Error()})
		}
	}
	return out
}

func (s secretVar) misplaced(value string) error {
	for begin, is := range s.not {
		if strings.HasPrefix(value, begin) {
			return errors.New("this is " + is)
		}
	}
	if s.env == "GITHUB_APP_PRIVATE_KEY" && !strings.Contains(value, "PRIVATE KEY-----") {
		return errors.New("this is no private key in PEM form, whose first line begins with -----BEGIN")
	}
	return nil
}

// readFlags lets the flags win.
func (c *Config) readFlags(o overrides) Faults {
	var out Faults
	given := map[string]*string{"database": o.database, "listen": o.listen}
	for _, s := range settings() {
		v := given[s.flag]
		if v == nil {
			continue
		}
		if checked, err := s.check(*v); err != nil {
			out = append(out, Fault{Where: "--" + s.flag, Text: err.Error()})
		} else {
			*s.at(c) = checked
		}
	}
	return out
}

// noteUnknown warns of a variable that is one or two letters away from one of
// ours. It is no fault, since orchestrators set TOCSIN_… names of their own.
func (c *Config) noteUnknown(environ []string) {
	known := []string{"TOCSIN_CONFIG", "TOCSIN_ALLOW_LOOPBACK", "TOCSIN_DATABASE_FILE"}
	for _, s := range settings() {
		known = append(known, s.env)
	}
	for _, s := range secretVars() {
		known = append(known, s.env, s.env+"_FILE")
	}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(known, name) || (!strings.HasPrefix(name, "TOCSIN_") && !strings.HasPrefix(name, "SLACK_")) {
			continue
		}
		for _, k := range known {
			if distance(name, k) <= 2 {
				c.Warnings = append(c.Warnings, fmt.Sprintf("the variable %s is not read; did you mean %s?", name, k))
				break
			}
		}
	}
	slices.Sort(c.Warnings)
}

const (
	wantAddr = "an address such as 127.0.0.1:8080"
	wantURL  = "a URL such as https://status.example.com"
)

func checkDatabase(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("the database is empty; give a file path or postgres://…")
	}
	if scheme, _, ok := strings.Cut(s, "://"); ok && !slices.Contains([]string{"postgres", "postgresql"}, scheme) {
		return "", fmt.Errorf("databases of kind %s are not known; give a file path or postgres://…", quote(scheme))
	}
	return s, nil
}

func checkAddr(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", fmt.Errorf("%s is no address; write HOST:PORT, such as 127.0.0.1:8080", quote(s))
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", fmt.Errorf("%s: the port must be a number from 0 to 65535", quote(s))
	}
	if strings.ContainsAny(host, " /@") {
		return "", fmt.Errorf("%s is no address; write HOST:PORT, such as 127.0.0.1:8080", quote(s))
	}
	return s, nil
}

// checkWebURL reads an http or https URL without credentials, query, fragment.
func checkWebURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return nil, fmt.Errorf("%s is no web address; write it as https://HOST/", quote(s))
	case u.User != nil:
		return nil, errors.New("a name or password stands in the address (not shown); remove it")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, fmt.Errorf("%s must end before ? and #", quote(s))
	}
	return u, nil
}

// checkPageURL returns a URL without a final slash, for links.
func checkPageURL(s string) (string, error) {
	u, err := checkWebURL(s)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// checkAPIURL returns a URL with a final slash, to which methods are added.
func checkAPIURL(s string) (string, error) {
	u, err := checkPageURL(s)
	return u + "/", err
}

func checkUser(s string) (string, error) {
	if !bot.IsUserID(s) {
		return "", fmt.Errorf("%s is no user id; Slack shows it in a profile under ⋮ → Copy member ID, such as U024BE7LH", quote(s))
	}
	return s, nil
}

func checkNumber(s string) (string, error) {
	if n, err := strconv.ParseUint(s, 10, 63); err != nil || n == 0 {
		return "", fmt.Errorf("%s is no number of an app or an installation; GitHub shows it on the app's page", quote(s))
	}
	return s, nil
}

func oneOf(words ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !slices.Contains(words, s) {
			return "", fmt.Errorf("%s is not known%s", quote(s), suggest(s, words))
		}
		return s, nil
	}
}
