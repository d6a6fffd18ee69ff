package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// RollbackConfig is how deploys are undone: templates that speak to a deploy
// system, and targets that use them.
type RollbackConfig struct {
	Templates map[string]RollbackTemplate
	Targets   []RollbackTarget
}

// RollbackTemplate is how to speak to one deploy system. What is sent and how
// its answers are read stays a tree here; only its owner can judge it.
type RollbackTemplate struct {
	Auth       AuthConfig
	Hosts      []string
	AllowCIDRs []string
	Timeout    bot.Period
	Requests   map[string]*yaml.Node // versions, submit, find, poll, every, callback, cancel, dry_run
}

// AuthConfig is how a template signs in.
type AuthConfig struct {
	Kind      string
	SecretRef string
	Options   map[string]string // name, user: what the kind needs beside the secret
}

// RollbackTarget is a service in an environment that can be rolled back.
type RollbackTarget struct {
	Name, Service, Environment string
	Steps                      []RollbackStep
	OnStepFailure              string // stop or continue
	Groups                     []bot.GroupID
	Approval                   ApprovalConfig
	Rest                       map[string]*yaml.Node // hold, verify, lock
}

// RollbackStep is one cluster of a target, by a template.
type RollbackStep struct {
	Name, Use, Start string
	Vars             map[string]string
}

// ApprovalConfig is who must agree.
type ApprovalConfig struct {
	Mode       string
	Groups     []bot.GroupID
	BreakGlass []bot.GroupID
	Expires    bot.Period
}

func (r *reader) rollbackTemplates(c *Config) set {
	return func(n *yaml.Node, what string) {
		c.Rollback.Templates = map[string]RollbackTemplate{}
		r.each(n, what, func(key, value *yaml.Node) {
			if _, err := checkID(key.Value); err != nil {
				r.fault(key, "%s: %v", what, err)
				return
			}
			c.Rollback.Templates[key.Value] = r.rollbackTemplate(c, value, join(what, key.Value))
		})
	}
}

func (r *reader) rollbackTemplate(c *Config, n *yaml.Node, what string) RollbackTemplate {
	t := RollbackTemplate{Requests: map[string]*yaml.Node{}, Auth: AuthConfig{Kind: "none", Options: map[string]string{}}}
	f := fields{
		"auth": func(n *yaml.Node, what string) {
			var name, user string
			kinds := []string{"none", "bearer", "basic", "header", "query", "form", "hmac", "github_app"}
			r.object(n, what, fields{
				"kind": choice(r, &t.Auth.Kind, kinds), "secret_ref": r.secret(c, &t.Auth.SecretRef),
				"name": r.checked(&name, "a name", checkLabel), "user": r.checked(&user, "a name", checkLabel),
			})
			t.Auth.Options = map[string]string{"name": name, "user": user}
			if t.Auth.Kind != "none" && t.Auth.Kind != "github_app" {
				r.missing(n, what, "secret_ref")
			}
		},
		"hosts":       r.texts(&t.Hosts, "a host such as argocd.internal:443", checkHost),
		"allow_cidrs": r.texts(&t.AllowCIDRs, "a range such as 10.20.0.0/16", checkCIDR),
		"timeout":     r.period(&t.Timeout),
	}
	for _, key := range []string{"versions", "submit", "find", "poll", "every", "callback", "cancel", "dry_run"} {
		f[key] = r.tree(t.Requests)
	}
	r.object(n, what, f)
	r.missing(n, what, "hosts")
	r.missing(n, what, "submit")
	return t
}

// tree keeps a node as it is, under the last part of its name.
func (r *reader) tree(to map[string]*yaml.Node) set {
	return func(n *yaml.Node, what string) {
		if n.Kind == yaml.ScalarNode {
			r.wrong(n, what, "a group of keys or a list")
			return
		}
		to[what[strings.LastIndexByte(what, '.')+1:]] = withoutComments(n)
	}
}

// withoutComments is n as it is printed again: what was said beside it stays
// in the file.
func withoutComments(n *yaml.Node) *yaml.Node {
	c := *n
	c.HeadComment, c.LineComment, c.FootComment = "", "", ""
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = withoutComments(child)
	}
	return &c
}

func (r *reader) rollbackTargets(c *Config) set {
	return func(n *yaml.Node, what string) {
		lines := map[string]int{}
		r.list(n, what, func(n *yaml.Node, what string) {
			t := r.rollbackTarget(c, n, what)
			if first, ok := lines[t.Name]; ok && t.Name != "" {
				r.fault(n, "%s: the name %s is taken already, on line %d", what, quote(t.Name), first)
			}
			lines[t.Name] = n.Line
			c.Rollback.Targets = append(c.Rollback.Targets, t)
		})
	}
}

// verbsOfRollback are no target names: they are what can follow "rollback".
func verbsOfRollback() []string {
	return []string{"approve", "deny", "cancel", "show", "watch", "next", "done", "resend", "undo", "break-glass"}
}

func (r *reader) rollbackTarget(c *Config, n *yaml.Node, what string) RollbackTarget {
	t := RollbackTarget{OnStepFailure: "stop", Rest: map[string]*yaml.Node{}}
	var groups []string
	f := fields{
		"name":        r.checked(&t.Name, "an id", checkTargetName),
		"service":     reference(r, "service", func(id string) { t.Service = id }, &c.Settings.Services, false),
		"environment": r.checked(&t.Environment, "a name", checkLabel),
		"steps": func(n *yaml.Node, what string) {
			r.list(n, what, func(n *yaml.Node, what string) { t.Steps = append(t.Steps, r.rollbackStep(c, n, what)) })
		},
		"on_step_failure": choice(r, &t.OnStepFailure, []string{"stop", "continue"}),
		"who": func(n *yaml.Node, what string) {
			r.object(n, what, fields{"groups": r.texts(&groups, "a user group's id", checkGroup)})
		},
		"approval": func(n *yaml.Node, what string) { t.Approval = r.approval(n, what) },
	}
	for _, key := range []string{"hold", "verify", "lock"} {
		f[key] = r.tree(t.Rest)
	}
	r.object(n, what, f)
	for _, key := range []string{"name", "service", "environment", "steps"} {
		r.missing(n, what, key)
	}
	t.Groups = groupIDs(groups)
	return t
}

func (r *reader) rollbackStep(c *Config, n *yaml.Node, what string) RollbackStep {
	s := RollbackStep{Start: "after_verified", Vars: map[string]string{}}
	r.object(n, what, fields{
		"name": r.checked(&s.Name, "an id", checkID),
		"use": func(n *yaml.Node, what string) {
			r.checked(&s.Use, "the name of a template", checkAnything)(n, what)
			r.later(func() {
				if _, ok := c.Rollback.Templates[s.Use]; !ok && s.Use != "" {
					r.fault(n, "%s: there is no rollback template %s%s", what, quote(s.Use), suggest(s.Use, keysOf(c.Rollback.Templates)))
				}
			})
		},
		"start": choice(r, &s.Start, []string{"parallel", "after_verified"}),
		"vars": func(n *yaml.Node, what string) {
			r.each(n, what, func(key, value *yaml.Node) {
				if v, ok := r.scalar(value, join(what, key.Value), wantNumber); ok {
					s.Vars[key.Value] = v
				}
			})
		},
	})
	r.missing(n, what, "name")
	r.missing(n, what, "use")
	return s
}

func (r *reader) approval(n *yaml.Node, what string) ApprovalConfig {
	a := ApprovalConfig{Mode: "second_person"}
	var groups, glass []string
	r.object(n, what, fields{
		"mode":        choice(r, &a.Mode, []string{"second_person", "none"}),
		"groups":      r.texts(&groups, "a user group's id", checkGroup),
		"expires":     r.period(&a.Expires),
		"break_glass": r.texts(&glass, "a user group's id", checkGroup),
	})
	a.Groups, a.BreakGlass = groupIDs(groups), groupIDs(glass)
	return a
}

func checkTargetName(s string) (string, error) {
	if slices.Contains(verbsOfRollback(), strings.ToLower(s)) {
		return "", fmt.Errorf("%s is a word of the rollback command and cannot be a target", quote(s))
	}
	return checkID(s)
}

// checkHost asks the guard that will use it.
func checkHost(s string) (string, error) {
	if _, err := wire.NewTransport(wire.Guard{Hosts: []string{s}}); err != nil {
		return "", fmt.Errorf("%s is no host; write HOST or HOST:PORT", quote(s))
	}
	return s, nil
}

func checkCIDR(s string) (string, error) {
	if p, err := netip.ParsePrefix(s); err != nil || p.Masked() != p {
		return "", fmt.Errorf("%s is no range of addresses; write it as 10.20.0.0/16", quote(s))
	}
	return s, nil
}

func groupIDs(ids []string) []bot.GroupID {
	out := make([]bot.GroupID, len(ids))
	for i, id := range ids {
		out[i] = bot.GroupID(id)
	}
	return out
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
