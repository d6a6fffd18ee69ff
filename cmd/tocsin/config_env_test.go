package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

func ptr(s string) *string { return &s }

func TestFlagsWinOverEnvironmentOverFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tocsin.yaml", []byte("listen: ':1'\ndatabase: file.db\nlog_level: error\nslack: {api_url: 'http://file'}"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"TOCSIN_LISTEN=:2", "TOCSIN_DATABASE=env.db", "TOCSIN_LOG_LEVEL=", "SLACK_API_URL=http://env/api"}
	c, err := loadConfig(overrides{listen: ptr(":3")}, environ)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":3" || c.Database != "env.db" || c.LogLevel != "error" || c.Slack.APIURL != "http://env/api/" {
		t.Errorf("got %s, %s, %s, %s", c.Listen, c.Database, c.LogLevel, c.Slack.APIURL)
	}
	if c.BaseURL != "http://127.0.0.1:3" {
		t.Errorf("base URL %s does not follow --listen", c.BaseURL)
	}
}

func TestEveryVariable(t *testing.T) {
	t.Chdir(t.TempDir())
	const key = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----"
	c, err := loadConfig(overrides{}, []string{
		"TOCSIN_DATABASE=postgres://u:pw@h/db", "TOCSIN_LISTEN=[::]:80", "TOCSIN_BASE_URL=https://ops.example.com/t/",
		"TOCSIN_API_TOKEN=root-0123456789abcdef", "TOCSIN_ADMIN=U1", "TOCSIN_PUBLIC_LISTEN=:81", "TOCSIN_PUBLIC_URL=https://status.example.com",
		"TOCSIN_METRICS_LISTEN=127.0.0.1:82", "TOCSIN_ALLOW_LOOPBACK=1", "TOCSIN_LOG_LEVEL=debug", "TOCSIN_LOG_FORMAT=json",
		"SLACK_BOT_TOKEN=xoxb-0123456789abcdef", "SLACK_SIGNING_SECRET=0123456789abcdef", "SLACK_APP_TOKEN=xapp-0123456789abcdef",
		"SLACK_API_URL=https://slack-gov.com/api/", "GITHUB_APP_ID=1", "GITHUB_APP_INSTALLATION_ID=2", "GITHUB_APP_PRIVATE_KEY=" + key + "\n",
		"GITHUB_API_URL=https://ghe/api/v3", "GITHUB_WEBHOOK_SECRET=0123456789abcdef",
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(c.Database, c.Listen, c.BaseURL, c.APIToken.Reveal(), c.Admin, c.PublicListen, c.PublicURL, c.MetricsListen, c.AllowLoopback,
		c.LogLevel, c.LogFormat, c.Slack.BotToken.Reveal(), c.Slack.SigningSecret.Reveal(), c.Slack.AppToken.Reveal(), c.Slack.APIURL,
		c.GitHub.AppID, c.GitHub.InstallationID, c.GitHub.PrivateKey.Reveal(), c.GitHub.APIURL, c.GitHub.WebhookSecret.Reveal())
	want := fmt.Sprint("postgres://u:pw@h/db", "[::]:80", "https://ops.example.com/t", "root-0123456789abcdef", "U1", ":81", "https://status.example.com", "127.0.0.1:82", true,
		"debug", "json", "xoxb-0123456789abcdef", "0123456789abcdef", "xapp-0123456789abcdef", "https://slack-gov.com/api/",
		"1", "2", key, "https://ghe/api/v3/", "0123456789abcdef")
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if admins := c.Settings.Permissions[bot.RightAdmin]; len(admins) != 1 || admins[0] != "U1" {
		t.Errorf("TOCSIN_ADMIN is no admin: %v", admins)
	}
	if len(c.Warnings) > 0 {
		t.Errorf("warned of %v", c.Warnings)
	}
}

func TestEnvironmentFaults(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("short", []byte("abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ environ, want string }{
		"empty secret":   {"SLACK_SIGNING_SECRET=", "SLACK_SIGNING_SECRET: it is set but empty; give it a value or remove it"},
		"blank secret":   {"SLACK_SIGNING_SECRET=                    ", "SLACK_SIGNING_SECRET: it is set but empty; give it a value or remove it"},
		"short secret":   {"GITHUB_WEBHOOK_SECRET=0123456789abcde", "GITHUB_WEBHOOK_SECRET: it has 15 bytes and needs at least 16; openssl rand -hex 32 makes a good one"},
		"newline":        {"TOCSIN_API_TOKEN=0123456789abcdef\n", "TOCSIN_API_TOKEN: it begins or ends with white space; remove that"},
		"two lines":      {"TOCSIN_API_TOKEN=01234567\n89abcdef", "TOCSIN_API_TOKEN: it has more than one line; only a private key may"},
		"wrong token":    {"SLACK_BOT_TOKEN=xapp-0123456789abcdef", "SLACK_BOT_TOKEN: this is an app-level token, which belongs in SLACK_APP_TOKEN; the bot token begins with xoxb-"},
		"no key":         {"GITHUB_APP_PRIVATE_KEY=0123456789abcdef", "GITHUB_APP_PRIVATE_KEY: this is no private key in PEM form, whose first line begins with -----BEGIN\nGITHUB_APP_PRIVATE_KEY: a GitHub App needs GITHUB_APP_ID and GITHUB_APP_INSTALLATION_ID too"},
		"both":           {"SLACK_BOT_TOKEN=xoxb-0123456789abcdef|SLACK_BOT_TOKEN_FILE=x", "SLACK_BOT_TOKEN: SLACK_BOT_TOKEN_FILE is set too; keep one of them"},
		"file missing":   {"SLACK_BOT_TOKEN_FILE=nix", `SLACK_BOT_TOKEN_FILE: there is no file "nix"`},
		"file unnamed":   {"SLACK_BOT_TOKEN_FILE=", "SLACK_BOT_TOKEN_FILE: it is set but empty; name a file or remove it"},
		"file too short": {"SLACK_BOT_TOKEN_FILE=short", `SLACK_BOT_TOKEN_FILE: the file "short": it has 3 bytes and needs at least 16; openssl rand -hex 32 makes a good one`},
		"half an app":    {"GITHUB_APP_ID=7", "GITHUB_APP_ID: a GitHub App needs GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY too"},
		"app id":         {"GITHUB_APP_ID=acme", `GITHUB_APP_ID: "acme" is no number of an app or an installation; GitHub shows it on the app's page`},
		"admin":          {"TOCSIN_ADMIN=@boss", `TOCSIN_ADMIN: "@boss" is no user id; Slack shows it in a profile under ⋮ → Copy member ID, such as U024BE7LH`},
		"level":          {"TOCSIN_LOG_LEVEL=warning", `TOCSIN_LOG_LEVEL: "warning" is not known; use one of: warn, debug, info, error`},
		"loopback":       {"TOCSIN_ALLOW_LOOPBACK=yes", `TOCSIN_ALLOW_LOOPBACK: "yes" is neither 1 nor 0`},
		"credentials":    {"TOCSIN_BASE_URL=https://me:pw@host", "TOCSIN_BASE_URL: a name or password stands in the address (not shown); remove it"},
		"query":          {"SLACK_API_URL=https://host/?a=b", `SLACK_API_URL: "https://host/?a=b" must end before ? and #`},
		"one address":    {"TOCSIN_PUBLIC_LISTEN=127.0.0.1:8080", "TOCSIN_PUBLIC_LISTEN: 127.0.0.1:8080 is the main address already; name another one, or none"},
		"public metrics": {"TOCSIN_PUBLIC_LISTEN=:81|TOCSIN_METRICS_LISTEN=:81", "TOCSIN_METRICS_LISTEN: :81 is the public page's address; customers would read the metrics"},
		"two at once":    {"TOCSIN_LISTEN=x|SLACK_BOT_TOKEN=", "TOCSIN_LISTEN: \"x\" is no address; write HOST:PORT, such as 127.0.0.1:8080\nSLACK_BOT_TOKEN: it is set but empty; give it a value or remove it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := loadConfig(overrides{}, strings.Split(tt.environ, "|"))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestSecretFromFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"token": "xoxb-0123456789abcdef\n", "db": "postgres://u:pw@h/db\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := loadConfig(overrides{}, []string{"SLACK_BOT_TOKEN_FILE=token", "TOCSIN_DATABASE_FILE=db"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Slack.BotToken.Reveal() != "xoxb-0123456789abcdef" || c.Database != "postgres://u:pw@h/db" {
		t.Errorf("got %q and %q", c.Slack.BotToken.Reveal(), c.Database)
	}
}

func TestNearlyOurVariable(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := loadConfig(overrides{}, []string{"TOCSIN_LISTN=:1", "TOCSIN_PORT_80_TCP=tcp://10.0.0.1:80", "SLACK_SIGNING_SECERT=x", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	want := "the variable SLACK_SIGNING_SECERT is not read; did you mean SLACK_SIGNING_SECRET?\nthe variable TOCSIN_LISTN is not read; did you mean TOCSIN_LISTEN?"
	if got := strings.Join(c.Warnings, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCheckServe(t *testing.T) {
	const token, secret, app = "SLACK_BOT_TOKEN=xoxb-0123456789abcdef", "SLACK_SIGNING_SECRET=0123456789abcdef", "SLACK_APP_TOKEN=xapp-0123456789abcdef"
	tests := map[string]struct {
		environ []string
		want    []string // where the faults are
	}{
		"nothing":     {nil, []string{"SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET"}},
		"HTTP":        {[]string{token, secret}, nil},
		"socket":      {[]string{token, app}, []string{"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"}},
		"no secret":   {[]string{token}, []string{"SLACK_SIGNING_SECRET"}},
		"no token":    {[]string{secret}, []string{"SLACK_BOT_TOKEN"}},
		"only socket": {[]string{app}, []string{"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			faults := mustLoad(t, "", tt.environ...).CheckServe()
			var got []string
			for _, f := range faults {
				got = append(got, f.Where)
			}
			if strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("got %v, want %v", faults, tt.want)
			}
		})
	}
	none := mustLoad(t, "").CheckServe().Error()
	for _, word := range []string{"tocsin demo", "Install", "README"} {
		if !strings.Contains(none, word) {
			t.Errorf("%q does not point at %s", none, word)
		}
	}
	c := mustLoad(t, "deploys: {generic: {secret: 'env:HOOK'}, gitlab: {secret: 'file:nix'}, argocd: {secret: 'env:SHORT'}}", token, secret, "SHORT=abc")
	want := `env:SHORT: deploys.argocd.secret refers to it: it has 3 bytes and needs at least 16; openssl rand -hex 32 makes a good one
env:HOOK: deploys.generic.secret refers to it: the variable HOOK is not set
file:nix: deploys.gitlab.secret refers to it: there is no file "nix"`
	got := strings.Split(c.CheckServe().Error(), "\n")
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(strings.Join(got, "\n"), line) {
			t.Errorf("%q is missing in %q", line, got)
		}
	}
}

// TestSecretsShowNowhere puts canaries into every place where a secret can
// stand, rightly or wrongly, and looks for them in everything that is printed.
func TestSecretsShowNowhere(t *testing.T) {
	const canary = "c4n4ry5n0w1d3f6g7h8j9k0"
	environ := []string{
		"TOCSIN_DATABASE=postgres://tocsin:" + canary + "1@db/tocsin", "TOCSIN_API_TOKEN=" + canary + "2", "SLACK_BOT_TOKEN=xoxb-" + canary + "3",
		"SLACK_SIGNING_SECRET=" + canary + "4", "SLACK_APP_TOKEN=xapp-" + canary + "5", "GITHUB_TOKEN=ghp_" + canary + "6",
		"GITHUB_WEBHOOK_SECRET=" + canary + "7", "HOOK=" + canary + "8",
	}
	c := mustLoad(t, "deploys: {generic: {secret: 'env:HOOK'}}", environ...)
	var out bytes.Buffer
	printed, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	out.Write(printed)
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("bare", "config", c, "slack", c.Slack, "github", c.GitHub)
	c.logger(&out).Info("masked", "database", c.Database, "hook", "got "+canary+"8", "raw", c.Slack.BotToken.Reveal())
	fmt.Fprintf(&out, "%v %+v %#v %s", c.Slack, c.GitHub, c.APIToken, c.Slack.BotToken)
	if i := strings.Index(out.String(), canary); i >= 0 {
		t.Errorf("a secret shows: …%s", out.String()[max(0, i-80):i+len(canary)])
	}
	if !strings.Contains(string(printed), "# SLACK_BOT_TOKEN: set\n") || !strings.Contains(string(printed), "postgres://tocsin:[masked]@db/tocsin") {
		t.Errorf("what is set does not show:\n%s", printed)
	}

	wrong := map[string]string{
		"in place of a reference": "deploys: {generic: {secret: " + canary + "}}",
		"as a database":           "database: postgres://u:" + canary + "@h/db",
		"as a token":              "slack: {bot_token: xoxb-" + canary + "}",
		"as a name":               "organisation: ghp_" + canary,
		"as a key":                canary + ": 1",
		"as an address":           "listen: " + canary,
		"as a command":            "slack: {command: " + canary + "}",
		"in a URL":                "base_url: https://u:" + canary + "@h",
		"as bad YAML":             "a: *" + canary,
	}
	for name, text := range wrong {
		_, err := load(t, text)
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := load(t, "listen: hunter2-hunter2-hunter2", "TOCSIN_API_TOKEN=hunter2-hunter2-hunter2"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a known secret in the wrong place shows: %v", err)
	}
}

func TestDatabaseWithoutPasswordMayStandInTheFile(t *testing.T) {
	c := mustLoad(t, "database: postgres://tocsin@db/tocsin")
	if out, err := c.YAML(); err != nil || !strings.Contains(string(out), "database: postgres://tocsin@db/tocsin\n") {
		t.Errorf("got %s, %v", out, err)
	}
}
