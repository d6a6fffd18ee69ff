package main

import (
	"cmp"
	"io"
	"log/slog"
	"os"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// CheckServe says what `tocsin serve` needs and c lacks, all at once: Slack's
// tokens, and a value for every secret that the file refers to.
func (c *Config) CheckServe() Faults {
	if !c.Slack.BotToken.Set() && !c.Slack.SigningSecret.Set() && !c.Slack.AppToken.Set() {
		return append(Faults{{
			Where: "SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET",
			Text:  `neither is set, so there is no Slack to serve; the section "Install" of the README says where to find them, and tocsin demo shows everything without a Slack`,
		}}, c.checkOutgoing()...)
	}
	var out Faults
	if c.Slack.AppToken.Set() {
		out = append(out, Fault{Where: "SLACK_APP_TOKEN", Text: "Socket Mode is not in this version yet, so nothing would be heard; unset it, and set SLACK_SIGNING_SECRET and the app's request URLs"})
	}
	if !c.Slack.BotToken.Set() {
		out = append(out, Fault{Where: "SLACK_BOT_TOKEN", Text: "it is not set; Slack shows it on the app's page under OAuth & Permissions, and it begins with xoxb-"})
	}
	if !c.Slack.SigningSecret.Set() {
		out = append(out, Fault{Where: "SLACK_SIGNING_SECRET", Text: "it is not set; Slack shows it on the app's page under Basic Information"})
	}
	return append(out, c.checkOutgoing()...)
}

// checkOutgoing tries every reference to a secret in the file, and asks for the
// operator's word where a template goes to this machine, and for GitHub's
// credentials where issues are to be opened.
func (c *Config) checkOutgoing() Faults {
	var out Faults
	if !c.AllowLoopback {
		out = append(out, c.Rollback.loopback...)
	}
	if repo := cmp.Or(c.Followups.Repo, c.PrivateRepo); repo != "" && !c.GitHub.Token.Set() && c.GitHub.AppID == "" {
		out = append(out, Fault{
			Where: "GITHUB_TOKEN",
			Text:  "it is not set, and " + repo + " is to get an issue for each action item; set it (a fine-grained token with Issues: read and write), or GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY, or take the repository out of the configuration",
		})
	}
	out = append(out, c.checkBackup()...)
	for _, ref := range c.refs {
		if _, err := c.value(ref); err != nil {
			out = append(out, Fault{Where: ref.ref, Text: ref.what + " refers to it: " + err.Error()})
		}
	}
	return out.redacted(wire.NewRedactor(c.Secrets()...))
}

// logger returns the log of this process, on w. Whatever passes through it has
// every secret of c masked, and everything of the shape of one.
func (c *Config) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // checked when it was read
	options := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewJSONHandler(w, options)
	if c.LogFormat == "text" || (c.LogFormat == "" && isTerminal(w)) {
		h = slog.NewTextHandler(w, options)
	}
	return slog.New(wire.NewRedactor(c.Secrets()...).Handler(h))
}

// isTerminal reports whether somebody reads what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
