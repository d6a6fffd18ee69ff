package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
)

// YAML writes the effective configuration as a file that reads back to the same
// one. Secrets are no part of such a file; which of them are there stands in a
// comment before it.
func (c *Config) YAML() ([]byte, error) {
	var b bytes.Buffer
	for _, s := range secretVars() {
		fmt.Fprintf(&b, "# %s: %s\n", s.env, s.at(c))
	}
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	root := c.node()
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// group builds a mapping from names and values in turn, without those that are
// empty. flow puts it on one line.
func group(flow bool, pairs ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	if flow {
		n.Style = yaml.FlowStyle
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := nodeOf(pairs[i+1]); v != nil {
			n.Content = append(n.Content, nodeOf(pairs[i]), v)
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	return n
}

// nodeOf writes a value; nil stands for an empty one.
func nodeOf(v any) *yaml.Node {
	switch v := v.(type) {
	case *yaml.Node:
		return v
	case string:
		return text(v)
	case bool:
		if !v {
			return nil
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v)}
	case time.Duration:
		if v == 0 {
			return nil
		}
		return text(periodOf(v))
	case bot.Period:
		return text(v.String())
	case []string:
		return listOf(v, text)
	}
	panic(fmt.Sprintf("config: no way to write a %T", v))
}

func text(s string) *yaml.Node {
	if s == "" {
		return nil
	}
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// listOf writes a list, on one line when its items are plain texts.
func listOf[T any](list []T, item func(T) *yaml.Node) *yaml.Node {
	if len(list) == 0 {
		return nil
	}
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, x := range list {
		if v := item(x); v != nil {
			n.Content = append(n.Content, v)
			if v.Kind == yaml.ScalarNode {
				n.Style = yaml.FlowStyle
			}
		}
	}
	return n
}

// tableOf writes a map in the order of its keys.
func tableOf[V any](m map[string]V, value func(V) *yaml.Node) *yaml.Node {
	var pairs []any
	for _, k := range keysOf(m) {
		pairs = append(pairs, k, value(m[k]))
	}
	return group(false, pairs...)
}

func (c *Config) node() *yaml.Node {
	s := &c.Settings
	announce := text(s.Announce)
	if announce == nil { // empty is not the default here
		announce = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle}
	}
	return group(false,
		"organisation", s.Organisation, "timezone", s.Zone.String(),
		"database", maskedDatabase(c.Database), "listen", c.Listen, "base_url", c.BaseURL,
		"public_listen", c.PublicListen, "public_url", c.PublicURL, "metrics_listen", c.MetricsListen, "drain", c.Drain,
		"admin", c.Admin, "allow_loopback", c.AllowLoopback, "log_level", c.LogLevel, "log_format", c.LogFormat,
		"slack", group(false, "api_url", c.Slack.APIURL, "command", s.Command, "aliases", aliasesNode(s.Aliases), "announce_channel", announce,
			"channel_name", s.ChannelName, "post_every", text(periodOf(s.PostEvery))),
		"github", group(false, "api_url", c.GitHub.APIURL, "app_id", c.GitHub.AppID, "installation_id", c.GitHub.InstallationID),
		"api", group(true, "approve", c.APIApprove),
		"default_severity", s.DefaultSeverity,
		"severities", listOf(s.Severities, severityNode),
		"roles", listOf(s.Roles, func(r bot.Role) *yaml.Node { return group(true, "id", r.ID, "name", r.Name) }),
		"components", listOf(s.Components, func(v bot.Component) *yaml.Node {
			return group(true, "id", v.ID, "name", v.Name, "group", v.Group, "description", v.Description)
		}),
		"services", listOf(s.Services, func(v bot.Service) *yaml.Node {
			return group(true, "id", v.ID, "name", v.Name, "components", v.Components, "repo", v.Repo, "team", v.Team)
		}),
		"teams", listOf(s.Teams, func(v bot.Team) *yaml.Node {
			return group(true, "id", v.ID, "group", string(v.Group), "channel", v.Channel, "manager", string(v.Manager), "pager", v.Pager)
		}),
		"permissions", permissionsNode(s.Permissions),
		"people", peopleNode(c.People), "holidays", c.Holidays,
		"followups", group(true, "repo", c.Followups.Repo, "labels", c.Followups.Labels, "remind", c.Followups.Remind, "allow_public", c.Followups.AllowPublic),
		"digests", listOf(c.Digests, func(d DigestConfig) *yaml.Node {
			return group(true, "cron", d.Cron, "channel", d.Channel, "what", d.What)
		}),
		"backup", backupNode(c.Backup),
		"private", group(true, "invite", idTexts(s.PrivateInvite), "repo", c.PrivateRepo),
		"audit", group(true, "channel", s.AuditChannel),
		"retention", group(true, "incidents", policyNode(s.Retention.Incidents), "jobs", policyNode(s.Retention.Jobs)),
		"deploys", tableOf(c.Deploys, func(ref string) *yaml.Node { return group(true, "secret", ref) }),
		"rollback_templates", filled(c.Rollback.templates),
		"rollback_targets", filled(c.Rollback.targets),
	)
}

// filled is n, or nil when there is nothing in it.
func filled(n *yaml.Node) *yaml.Node {
	if n == nil || len(n.Content) == 0 {
		return nil
	}
	return n
}

func severityNode(s bot.Severity) *yaml.Node {
	return group(true, "id", s.ID, "name", s.Name, "impact", string(s.Impact), "update_every", s.UpdateEvery,
		"first_public", s.FirstPublic, "public_every", s.PublicEvery, "postmortem_due", s.PostmortemDue,
		"followup_due", s.FollowupDue, "page", s.Page, "call", s.Call)
}

// aliasesNode keeps an empty list, which is not the default.
func aliasesNode(aliases []string) *yaml.Node {
	if len(aliases) == 0 {
		return &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	}
	return nodeOf(aliases)
}

// permissionsNode writes every right, also those that nobody holds: that is
// what somebody who prints a configuration wants to see.
func permissionsNode(m map[bot.Right][]string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, right := range bot.Rights() {
		n.Content = append(n.Content, text(string(right)), aliasesNode(m[right]))
	}
	return n
}

func peopleNode(people map[bot.UserID]PersonConfig) *yaml.Node {
	byID := make(map[string]PersonConfig, len(people))
	for id, p := range people {
		byID[string(id)] = p
	}
	return tableOf(byID, func(p PersonConfig) *yaml.Node { return group(true, "github", p.GitHub) })
}

func idTexts[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return slices.Clip(out)
}
