package main

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
)

// PersonConfig is what the file says of somebody.
type PersonConfig struct{ GitHub string }

// FollowupConfig is where follow-ups go and when their owners are reminded.
type FollowupConfig struct {
	Repo        string // OWNER/NAME; empty: kept here only
	Labels      []string
	Remind      []string // -2d, 0d, every 7d
	AllowPublic bool     // the repository may be one that everybody can read
}

// DigestConfig is a summary that is posted on a schedule.
type DigestConfig struct{ Cron, Channel, What string }

func (r *reader) private(c *Config) set {
	return func(n *yaml.Node, what string) {
		var invite []string
		r.object(n, what, fields{
			"invite": r.texts(&invite, "a user group's id", checkGroup),
			"repo":   r.checked(&c.PrivateRepo, wantRepo, checkRepo),
		})
		for _, id := range invite {
			c.Settings.PrivateInvite = append(c.Settings.PrivateInvite, bot.GroupID(id))
		}
	}
}

func (r *reader) people(c *Config) set {
	return func(n *yaml.Node, what string) {
		c.People = map[bot.UserID]PersonConfig{}
		r.each(n, what, func(key, value *yaml.Node) {
			if _, err := checkUser(key.Value); err != nil {
				r.fault(key, "%s: %v", what, err)
				return
			}
			var p PersonConfig
			r.object(value, join(what, key.Value), fields{
				"github": r.checked(&p.GitHub, "a GitHub login", matching(formLogin, "is no GitHub login")),
			})
			c.People[bot.UserID(key.Value)] = p
		})
	}
}

func (r *reader) holidays(c *Config) set {
	return func(n *yaml.Node, what string) {
		r.texts(&c.Holidays, "a date such as 2026-12-25", checkDate)(n, what)
		slices.Sort(c.Holidays)
	}
}

func (r *reader) followups(c *Config) set {
	return func(n *yaml.Node, what string) {
		f := &c.Followups
		r.object(n, what, fields{
			"repo":         r.checked(&f.Repo, wantRepo, checkRepo),
			"labels":       r.texts(&f.Labels, "a label", checkIssueLabel),
			"remind":       r.texts(&f.Remind, "a reminder such as -2d or every 7d", checkReminder),
			"allow_public": r.boolean(&f.AllowPublic),
		})
	}
}

func (r *reader) digests(c *Config) set {
	return func(n *yaml.Node, what string) {
		r.list(n, what, func(n *yaml.Node, what string) {
			d := DigestConfig{What: "followups"}
			r.object(n, what, fields{
				"cron":    r.checked(&d.Cron, `a schedule such as "0 9 * * MON"`, checkCron),
				"channel": r.checked(&d.Channel, wantChannel, checkChannel),
				"what":    choice(r, &d.What, []string{"followups"}),
			})
			r.missing(n, what, "cron")
			r.missing(n, what, "channel")
			c.Digests = append(c.Digests, d)
		})
	}
}

// deploySources are the systems whose deploy notices are understood.
func deploySources() []string { return []string{"generic", "github", "argocd", "gitlab", "cdevents"} }

func (r *reader) deploys(c *Config) set {
	return func(n *yaml.Node, what string) {
		c.Deploys = map[string]string{}
		sources := fields{}
		for _, source := range deploySources() {
			sources[source] = func(n *yaml.Node, what string) {
				var ref string
				r.object(n, what, fields{"secret": r.secret(c, &ref)})
				r.missing(n, what, "secret")
				c.Deploys[source] = ref
				if at := c.refAt(join(what, "secret")); at != nil {
					at.signs = source == "generic"
				}
			}
		}
		r.object(n, what, sources)
	}
}

// checkIssueLabel reads a label of an issue. GitHub's list filter separates
// labels by commas, so one with a comma could not be found again.
func checkIssueLabel(s string) (string, error) {
	if strings.Contains(s, ",") {
		return "", fmt.Errorf("%s: a label with a comma cannot be searched for; leave it out", quote(s))
	}
	return checkLabel(s)
}

// followup hands what the file says of follow-ups to the settings that the bot
// goes by.
func (c *Config) followup() {
	s, f := &c.Settings, &c.Settings.Followups
	f.Repo, f.PrivateRepo, f.AllowPublic = c.Followups.Repo, c.PrivateRepo, c.Followups.AllowPublic
	if len(c.Followups.Labels) > 0 {
		f.Labels = c.Followups.Labels
	}
	if len(c.Followups.Remind) > 0 {
		f.Remind = nil
	}
	for _, text := range c.Followups.Remind {
		f.Remind = append(f.Remind, remindOf(text))
	}
	f.Web = webOf(c.GitHub.APIURL)
	f.Logins = map[bot.UserID]string{}
	for id, p := range c.People {
		if p.GitHub != "" {
			f.Logins[id] = p.GitHub
		}
	}
	for _, d := range c.Holidays {
		s.Holidays = append(s.Holidays, bot.Date(d))
	}
	for _, d := range c.Digests {
		s.Digests = append(s.Digests, bot.Digest(d))
	}
}

// remindOf reads what checkReminder has let through.
func remindOf(s string) bot.Remind {
	rest, every := strings.CutPrefix(s, "every ")
	rest, before := strings.CutPrefix(rest, "-")
	p, err := bot.ParsePeriod(rest)
	if err != nil {
		return bot.Remind{}
	}
	return bot.Remind{Period: p, Before: before, Every: every}
}

// webOf is where people read what the API at base tells of: GitHub's own site, or
// the Enterprise Server whose API lies under api/v3 of its site.
func webOf(base string) string {
	if base == defaultGitHub {
		return "https://github.com"
	}
	return strings.TrimSuffix(strings.TrimSuffix(base, "/"), "/api/v3")
}
