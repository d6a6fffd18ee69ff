package main

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy"
)

// RollbackConfig is how deploys are undone: templates that speak to a deploy
// system, and how the steps of each target use them. What people may do with a
// target is in [bot.Settings].
type RollbackConfig struct {
	// Templates by name. They have no secrets; [Config.DeployTemplates] has.
	Templates map[string]*deploy.Template
	Targets   map[string]deploy.Target // by name

	loopback Faults // what is wrong unless the operator allows loopback
	// The two keys of the file as they are printed.
	templates, targets *yaml.Node
}

// draftTemplate is a template while the file is being read.
type draftTemplate struct {
	*deploy.Template
	what string
	node *yaml.Node
	plan *yaml.Node // node in its canonical form
}

// draftTarget is a target while the file is being read.
type draftTarget struct {
	bot.Target
	carry deploy.Target
	uses  []draftUse // one a step
	what  string
	node  *yaml.Node
	plan  *yaml.Node // node in its canonical form
	// verify is where each of carry.Verify stands.
	verify []*yaml.Node
}

// draftUse is how a step names its template.
type draftUse struct {
	step, use string
	vars      map[string]string
	node      *yaml.Node
	what      string
}

// rollbackDrafts are all of them, in the order of the file.
type rollbackDrafts struct {
	templates []*draftTemplate
	targets   []*draftTarget
}

// template returns the template called name, or nil.
func (d *rollbackDrafts) template(name string) *draftTemplate {
	k := slices.IndexFunc(d.templates, func(t *draftTemplate) bool { return t.Name == name })
	if k < 0 {
		return nil
	}
	return d.templates[k]
}

func (r *reader) rollbackTemplates(c *Config) set {
	return func(n *yaml.Node, what string) {
		c.Rollback.Templates = map[string]*deploy.Template{}
		c.Rollback.templates = &yaml.Node{Kind: yaml.MappingNode}
		r.each(n, what, func(key, value *yaml.Node) {
			if _, err := checkID(key.Value); err != nil {
				r.fault(key, "%s: %v", what, err)
				return
			}
			d := r.rollbackTemplate(c, key.Value, value)
			r.drafts.templates = append(r.drafts.templates, d)
			c.Rollback.Templates[d.Name] = d.Template
			c.Rollback.templates.Content = append(c.Rollback.templates.Content, text(d.Name), d.plan)
		})
	}
}

func (r *reader) rollbackTargets(c *Config) set {
	return func(n *yaml.Node, what string) {
		c.Rollback.Targets = map[string]deploy.Target{}
		c.Rollback.targets = &yaml.Node{Kind: yaml.SequenceNode}
		lines := map[string]int{}
		r.list(n, what, func(n *yaml.Node, what string) {
			d := r.rollbackTarget(c, n, what)
			name := strings.ToLower(d.Name)
			if first, ok := lines[name]; ok && name != "" {
				r.fault(n, "%s: the name %s is taken already, on line %d", what, quote(d.Name), first)
				return
			}
			lines[name] = n.Line
			r.drafts.targets = append(r.drafts.targets, d)
			c.Rollback.targets.Content = append(c.Rollback.targets.Content, d.plan)
		})
	}
}

// finishRollback looks at what templates and targets say of each other, once
// both were read, and hands the targets over.
func (r *reader) finishRollback(c *Config) {
	for _, t := range r.drafts.targets {
		r.findTemplates(c, t)
	}
	r.checkLocks()
	for _, d := range r.drafts.templates {
		r.judgeHosts(c, d)
		r.judgeTemplate(d)
	}
	for _, t := range r.drafts.targets {
		r.judgeVerify(c, t)
		t.Digest = r.drafts.digest(t)
		c.Settings.Targets = append(c.Settings.Targets, t.Target)
		c.Rollback.Targets[t.Name] = t.carry
	}
}

// findTemplates looks up what t's steps use. A health check may go to the
// private addresses that the templates of its steps may go to.
func (r *reader) findTemplates(c *Config, t *draftTarget) {
	for _, use := range t.uses {
		d := r.drafts.template(use.use)
		if d == nil {
			if use.use != "" {
				r.fault(use.node, "%s: there is no rollback template %s%s", use.what, quote(use.use), suggest(use.use, keysOf(c.Rollback.Templates)))
			}
			continue
		}
		for i := range t.carry.Verify {
			for _, p := range d.AllowCIDRs {
				t.carry.Verify[i].CIDRs = appendNew(t.carry.Verify[i].CIDRs, p)
			}
		}
	}
}

// checkLocks refuses two targets of one service and environment with two locks:
// there, no more than one rollback may be under way.
func (r *reader) checkLocks() {
	first := map[[2]string]*draftTarget{}
	for _, t := range r.drafts.targets {
		of := [2]string{t.Service, t.Environment}
		switch other, ok := first[of]; {
		case !ok:
			first[of] = t
		case other.LockKey != t.LockKey:
			r.fault(t.node, "%s: its lock is %s, and that of %s on line %d, which has the same service and environment, is %s; give both the same lock.key",
				t.what, quote(t.LockKey), quote(other.Name), other.node.Line, quote(other.LockKey))
		}
	}
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
