package main

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
)

// config reads the whole file into c.
func (r *reader) config(root *yaml.Node, c *Config) {
	s := &c.Settings
	f := fields{
		"organisation":       r.checked(&s.Organisation, "a name", checkLabel),
		"timezone":           r.zone(&s.Zone),
		"slack":              r.slack(c),
		"default_severity":   r.defaultSeverity(s),
		"severities":         r.severities(s),
		"roles":              r.roles(s),
		"components":         r.components(s),
		"services":           r.services(s),
		"teams":              r.teams(s),
		"permissions":        r.permissions(s),
		"private":            r.private(c),
		"people":             r.people(c),
		"holidays":           r.holidays(c),
		"followups":          r.followups(c),
		"digests":            r.digests(c),
		"backup":             r.backup(c),
		"deploys":            r.deploys(c),
		"rollback_templates": r.rollbackTemplates(c),
		"rollback_targets":   r.rollbackTargets(c),
		"github":             func(n *yaml.Node, what string) { r.object(n, what, r.settingsOf(c, "github")) },
		"api": func(n *yaml.Node, what string) {
			r.object(n, what, fields{"approve": choice(r, &c.APIApprove, []string{"always"})})
		},
		"allow_loopback": r.boolean(&c.AllowLoopback),
		"audit":          r.audit(s),
		"retention":      r.retention(s),
	}
	for key, read := range r.settingsOf(c, "") {
		f[key] = read
	}
	r.object(root, "", f)
	r.later(func() { r.finishRollback(c) })
}

// settingsOf returns the keys of a group that the environment can give too.
func (r *reader) settingsOf(c *Config, group string) fields {
	out := fields{}
	for _, s := range settings() {
		in, key, ok := strings.Cut(s.key, ".")
		if !ok {
			in, key = "", s.key
		}
		if in == group {
			out[key] = r.checked(s.at(c), s.wanted, s.check)
		}
	}
	return out
}

func (r *reader) slack(c *Config) set {
	return func(n *yaml.Node, what string) {
		s := &c.Settings
		f := r.settingsOf(c, "slack")
		f["command"] = r.checked(&s.Command, "a slash command such as /incident", checkCommand)
		f["aliases"] = r.texts(&s.Aliases, "a slash command such as /inc", checkCommand)
		f["announce_channel"] = r.checked(&s.Announce, wantChannel, checkChannelOrNone)
		f["channel_name"] = r.checked(&s.ChannelName, "a pattern such as inc-{number}-{title}", checkPattern)
		f["post_every"] = r.duration(&s.PostEvery, time.Second, time.Minute)
		r.object(n, what, f)
		if slices.Contains(s.Aliases, s.Command) {
			r.fault(n, "%s: the command %s is among its own aliases", what, s.Command)
		}
	}
}

func (r *reader) defaultSeverity(s *bot.Settings) set {
	return func(n *yaml.Node, what string) {
		r.defaultNamed = true
		r.checked(&s.DefaultSeverity, "the id of a severity", checkAnything)(n, what)
		r.later(func() {
			refer(r, n, what+": there is no severity", s.DefaultSeverity, s.Severities)
		})
	}
}

func (r *reader) severities(s *bot.Settings) set {
	return func(n *yaml.Node, what string) {
		s.Severities = nil
		items(r, n, what, &s.Severities, func(n *yaml.Node, what string) bot.Severity {
			v := bot.Severity{Impact: bot.ImpactMinor}
			const least, most = time.Minute, 7 * 24 * time.Hour
			r.object(n, what, fields{
				"id": r.checked(&v.ID, "an id", checkID), "name": r.checked(&v.Name, "a name", checkLabel),
				"impact":       choice(r, &v.Impact, bot.Impacts()),
				"update_every": r.duration(&v.UpdateEvery, least, most),
				"first_public": r.duration(&v.FirstPublic, least, most),
				"public_every": r.duration(&v.PublicEvery, least, most),
				"page":         r.boolean(&v.Page), "call": r.checked(&v.Call, wantURL, checkCall),
				"postmortem_due": r.period(&v.PostmortemDue), "followup_due": r.period(&v.FollowupDue),
			})
			v.Name = orID(v.Name, v.ID)
			return v
		})
		if n.Kind != yaml.SequenceNode {
			return
		}
		if len(n.Content) == 0 {
			r.fault(n, "%s is empty; there must be at least one, or leave the key out for sev1, sev2 and sev3", what)
			return
		}
		r.later(func() {
			if ids := bot.IDs(s.Severities); !r.defaultNamed && !slices.Contains(ids, s.DefaultSeverity) {
				r.fault(n, "%s: none has the id %q, which is the default; set default_severity to one of: %s",
					what, s.DefaultSeverity, strings.Join(ids, ", "))
			}
		})
	}
}

// roles reads the roles; the commander is always there.
func (r *reader) roles(s *bot.Settings) set {
	return func(n *yaml.Node, what string) {
		commander, _ := bot.Find(s.Roles, bot.Commander)
		s.Roles = nil
		items(r, n, what, &s.Roles, func(n *yaml.Node, what string) bot.Role {
			var v bot.Role
			r.object(n, what, fields{
				"id": r.checked(&v.ID, "an id", checkRoleID), "name": r.checked(&v.Name, "a name", checkLabel),
			})
			v.Name = orID(v.Name, v.ID)
			return v
		})
		if _, ok := bot.Find(s.Roles, bot.Commander); !ok {
			s.Roles = slices.Insert(s.Roles, 0, commander)
		}
	}
}

func (r *reader) components(s *bot.Settings) set {
	return func(n *yaml.Node, what string) {
		items(r, n, what, &s.Components, func(n *yaml.Node, what string) bot.Component {
			var v bot.Component
			r.object(n, what, fields{
				"id": r.checked(&v.ID, "an id", checkID), "name": r.checked(&v.Name, "a name", checkLabel),
				"group": r.checked(&v.Group, "a name", checkLabel), "description": r.checked(&v.Description, "a text", checkLabel),
			})
			v.Name = orID(v.Name, v.ID)
			return v
		})
	}
}

func (r *reader) services(s *bot.Settings) set {
	return func(n *yaml.Node, what string) {
		items(r, n, what, &s.Services, func(n *yaml.Node, what string) bot.Service {
			var v bot.Service
			r.object(n, what, fields{
				"id": r.checked(&v.ID, "an id", checkID), "name": r.checked(&v.Name, "a name", checkLabel),
				"components": reference(r, "component", func(id string) { v.Components = append(v.Components, id) }, &s.Components, true),
				"repo":       r.checked(&v.Repo, wantRepo, checkRepo),
				"team":       reference(r, "team", func(id string) { v.Team = id }, &s.Teams, false),
			})
			v.Name = orID(v.Name, v.ID)
			return v
		})
	}
}

func (r *reader) teams(s *bot.Settings) set {
	return func(n *yaml.Node, what string) {
		items(r, n, what, &s.Teams, func(n *yaml.Node, what string) bot.Team {
			var v bot.Team
			var group, manager string
			r.object(n, what, fields{
				"id": r.checked(&v.ID, "an id", checkID), "group": r.checked(&group, "a user group's id", checkGroup),
				"channel": r.checked(&v.Channel, wantChannel, checkChannel), "manager": r.checked(&manager, "a user id", checkUser),
				"pager": r.checked(&v.Pager, "a name", checkLabel),
			})
			v.Group, v.Manager = bot.GroupID(group), bot.UserID(manager)
			return v
		})
	}
}

// permissions reads who may do what. A right that is not named keeps its
// default, as far as its roles exist.
func (r *reader) permissions(s *bot.Settings) set {
	r.later(func() { dropMissingRoles(s) })
	return func(n *yaml.Node, what string) {
		rights := fields{}
		for _, right := range bot.Rights() {
			rights[string(right)] = func(n *yaml.Node, what string) {
				var names []string
				r.texts(&names, "everyone, admin, a role, a user id or a group id", checkAnything)(n, what)
				s.Permissions[right] = names
				r.later(func() { r.holders(n, what, s) })
			}
		}
		r.object(n, what, rights)
	}
}

// holders checks the names in a permission once the roles are known.
func (r *reader) holders(n *yaml.Node, what string, s *bot.Settings) {
	if n.Kind != yaml.SequenceNode {
		return
	}
	known := append([]string{"everyone", "admin"}, bot.IDs(s.Roles)...)
	for i, item := range n.Content {
		name := item.Value
		if item.Kind != yaml.ScalarNode || slices.Contains(known, name) || bot.IsUserID(name) || bot.IsGroupID(name) {
			continue
		}
		hint := suggest(name, known)
		if !strings.Contains(hint, "did you mean") {
			hint += ", or an id such as U024BE7LH or S0614TZR7"
		}
		r.fault(item, "%s[%d]: there is no role or word %s%s", what, i, quote(name), hint)
	}
}

// dropMissingRoles takes the roles of [bot.DefaultPermissions] away that a file
// with other roles does not have. Those that the file named were checked.
func dropMissingRoles(s *bot.Settings) {
	for right, names := range s.Permissions {
		s.Permissions[right] = slices.DeleteFunc(slices.Clone(names), func(name string) bool {
			_, ok := bot.Find(s.Roles, name)
			return name == "comms" && !ok
		})
	}
}

func orID(name, id string) string {
	if name == "" {
		return id
	}
	return name
}
