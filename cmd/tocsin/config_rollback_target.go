package main

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy"
)

// longestApproval is how long a plan may wait. What was true a day ago is none
// to act on.
const longestApproval = 24 * time.Hour

// verbsOfRollback are no target names: they are what can follow "rollback".
func verbsOfRollback() []string {
	return []string{"approve", "deny", "cancel", "show", "watch", "next", "done", "resend", "undo", "break-glass"}
}

// rollbackTarget reads a target.
func (r *reader) rollbackTarget(c *Config, n *yaml.Node, what string) *draftTarget {
	d := &draftTarget{what: what, node: n, plan: targetPlan(n), carry: deploy.Target{Steps: map[string]deploy.StepConfig{}}}
	t := &d.Target
	var who []string
	onFailure := "stop"
	r.object(n, what, fields{
		"name":            r.checked(&t.Name, "an id", checkTargetName),
		"service":         reference(r, "service", func(id string) { t.Service = id }, &c.Settings.Services, false),
		"environment":     r.checked(&t.Environment, "a name", checkLabel),
		"steps":           r.rollbackSteps(d),
		"on_step_failure": choice(r, &onFailure, []string{"stop", "continue"}),
		"who": func(n *yaml.Node, what string) {
			r.object(n, what, fields{"groups": r.texts(&who, "a user group's id", checkGroup)})
		},
		"approval": r.approval(c, &t.Approval),
		"hold": func(n *yaml.Node, what string) {
			r.object(n, what, fields{
				"before": r.unused(c, r.anything),
				"note":   r.checked(&t.Note, "a text", checkLabel),
			})
		},
		"verify": func(n *yaml.Node, what string) {
			r.list(n, what, func(n *yaml.Node, what string) {
				d.carry.Verify, d.verify = append(d.carry.Verify, r.verify(n, what)), append(d.verify, n)
			})
		},
		"lock": r.lock(c, t),
	})
	for _, key := range []string{"name", "service", "environment", "steps"} {
		r.missing(n, what, key)
	}
	d.carry.Name, t.GoOn, t.Who = t.Name, onFailure == "continue", groupIDs(who)
	if t.LockKey == "" {
		t.LockKey = t.Service + "/" + t.Environment
	}
	return d
}

func (r *reader) rollbackSteps(d *draftTarget) set {
	return func(n *yaml.Node, what string) {
		lines := map[string]int{}
		r.list(n, what, func(n *yaml.Node, what string) {
			s, use := r.rollbackStep(n, what)
			name := strings.ToLower(s.Name)
			first, taken := lines[name]
			switch {
			case name == "": // noted
			case taken:
				r.fault(n, "%s: the name %s is taken already, on line %d", what, quote(s.Name), first)
				return
			case len(d.Steps) == 0 && s.Parallel:
				r.fault(n, "%s: the first step has none before it to start with; only later ones can be parallel", what)
			}
			lines[name] = n.Line
			d.Steps, d.uses = append(d.Steps, s), append(d.uses, use)
			d.carry.Steps[s.Name] = deploy.StepConfig{Use: use.use, Vars: use.vars}
		})
		if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
			r.fault(n, "%s is empty; there must be at least one", what)
		}
	}
}

func (r *reader) rollbackStep(n *yaml.Node, what string) (bot.TargetStep, draftUse) {
	var s bot.TargetStep
	use := draftUse{vars: map[string]string{}, node: n}
	start := "after_verified"
	r.object(n, what, fields{
		"name": r.checked(&s.Name, "an id", checkID),
		"use": func(n *yaml.Node, what string) {
			use.node, use.what = n, what
			r.checked(&use.use, "the name of a template", checkAnything)(n, what)
		},
		"start": choice(r, &start, []string{"parallel", "after_verified"}),
		"vars": func(n *yaml.Node, what string) {
			r.each(n, what, func(key, value *yaml.Node) {
				if !r.plainKey(key, what, checkVariable) {
					return
				}
				v, ok := r.value(value, join(what, key.Value))
				if strings.Contains(v, "${") {
					r.fault(value, "%s is %s; a variable's value is text, in which no other is filled in", join(what, key.Value), quote(v))
				}
				if ok {
					use.vars[key.Value] = v
				}
			})
		},
	})
	r.missing(n, what, "name")
	r.missing(n, what, "use")
	use.step, s.Parallel = s.Name, start == "parallel"
	return s, use
}

// checkVariable reads the name of a variable of the operator's own.
func checkVariable(s string) (string, error) {
	if slices.Contains(deploy.BuiltIn(), s) {
		return "", fmt.Errorf("%s is always there and cannot be set; choose another name", quote(s))
	}
	if p, err := deploy.ParsePattern("${" + s + "}"); err != nil || !slices.Equal(p.Names(), []string{s}) {
		return "", fmt.Errorf("%s is no name of a variable; use letters, digits and _", quote(s))
	}
	return s, nil
}

func (r *reader) approval(c *Config, a *bot.Approval) set {
	return func(n *yaml.Node, what string) {
		var groups, glass []string
		mode := "second_person"
		r.object(n, what, fields{
			"mode":        choice(r, &mode, []string{"second_person", "none"}),
			"groups":      r.texts(&groups, "a user group's id", checkGroup),
			"expires":     r.span(&a.Expires, time.Minute, longestApproval),
			"break_glass": r.unused(c, r.texts(&glass, "a user group's id", checkGroup)),
		})
		a.Alone, a.Groups = mode == "none", groupIDs(groups)
	}
}

// lock reads who else is kept out. A lock lives until its rollback is final, so
// that there is no lease to renew; and a freeze never holds up a rollback.
func (r *reader) lock(c *Config, t *bot.Target) set {
	return func(n *yaml.Node, what string) {
		var lease time.Duration
		ignore := true
		var at *yaml.Node
		r.object(n, what, fields{
			"key":      r.checked(&t.LockKey, "a name such as api-gateway/production", checkLabel),
			"lease":    r.duration(&lease, time.Second, longestWatch),
			"cooldown": r.duration(&t.Cooldown, time.Second, longestWatch),
			"ignore_freeze": func(n *yaml.Node, what string) {
				at = n
				r.boolean(&ignore)(n, what)
			},
		})
		if !ignore {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s: %s.ignore_freeze: false is not used by this version; a freeze never holds up a rollback", r.place(at), what))
		}
	}
}

// verify reads a health check. It may go to the host of its own URL and to no
// other.
func (r *reader) verify(n *yaml.Node, what string) deploy.Verify {
	v := deploy.Verify{Status: 200}
	r.object(n, what, fields{
		"url": func(n *yaml.Node, what string) {
			r.pattern(&v.URL)(n, what)
			if u, err := url.Parse(v.URL.String()); err == nil && u.Hostname() != "" {
				v.Hosts = []string{net.JoinHostPort(u.Hostname(), portOf(u))}
			}
		},
		"expect": r.status(&v.Status, 100, 599),
		"json": func(n *yaml.Node, what string) {
			r.object(n, what, fields{"path": r.path(&v.Path), "equals": r.pattern(&v.Equals)})
			r.missing(n, what, "path")
			r.missing(n, what, "equals")
		},
		"for":     r.duration(&v.For, time.Second, longestWatch),
		"timeout": r.span(&v.Timeout, time.Second, longestWatch),
	})
	r.missing(n, what, "url")
	return v
}

// portOf is the port that a request to u goes to.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

func checkTargetName(s string) (string, error) {
	if slices.Contains(verbsOfRollback(), strings.ToLower(s)) {
		return "", fmt.Errorf("%s is a word of the rollback command and cannot be a target", quote(s))
	}
	return checkID(s)
}

func groupIDs(ids []string) []bot.GroupID {
	var out []bot.GroupID
	for _, id := range ids {
		out = append(out, bot.GroupID(id))
	}
	return out
}
