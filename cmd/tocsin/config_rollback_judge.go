package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot/deploy"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// judged is a part of the file that is checked with the variables of those who
// use it.
type judged struct {
	what  string
	node  *yaml.Node
	check func(vars map[string]string) []deploy.Problem
	given map[string]string // variables that no user has to bring
	users []user
}

// user is a step, in words, and its variables.
type user struct {
	who  string
	vars map[string]string
}

func (r *reader) judgeTemplate(d *draftTemplate) {
	t := *d.Template
	if t.Auth.Kind != deploy.AuthNone {
		t.Auth.Secret = sampleSecret // the file has none, and it is checked where it is read
	}
	j := judged{what: d.what, node: d.node, check: t.Check, given: d.extracted()}
	for _, t := range r.drafts.targets {
		for _, use := range t.uses {
			if use.use == d.Name {
				j.users = append(j.users, user{t.stepName(use), use.vars})
			}
		}
	}
	r.judge(j)
}

// sampleSecret is of a form that every kind of auth takes.
const sampleSecret = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"

// judgeVerify checks t's health checks, which can also name what the templates
// take from answers.
func (r *reader) judgeVerify(c *Config, t *draftTarget) {
	for i, v := range t.carry.Verify {
		j := judged{what: fmt.Sprintf("%s.verify[%d]", t.what, i), node: t.verify[i], check: v.Check}
		for _, use := range t.uses {
			if d := r.drafts.template(use.use); d != nil {
				vars := d.extracted()
				maps.Copy(vars, use.vars)
				j.users = append(j.users, user{t.stepName(use), vars})
			}
		}
		r.judge(j)
		if at := entry(t.verify[i], "url"); len(v.Hosts) > 0 && !r.faultyIn(at)[at] {
			r.judgeHost(c, at, j.what+".url", wire.Guard{Hosts: v.Hosts, AllowCIDRs: v.CIDRs})
		}
	}
}

func (t *draftTarget) stepName(use draftUse) string {
	return fmt.Sprintf("step %s of target %s", use.step, t.Name)
}

// extracted has a sample of everything that d takes from answers.
func (d *draftTemplate) extracted() map[string]string {
	all := []map[string]deploy.Extract{d.Submit.Extract}
	if d.Find != nil {
		all = append(all, d.Find.Extract)
	}
	for _, p := range d.Poll {
		all = append(all, p.Extract)
	}
	out := map[string]string{}
	for _, extracts := range all {
		for name := range extracts {
			out[name] = "x"
		}
	}
	return out
}

// judge notes what is wrong with j in itself, and what it lacks for its users,
// each once.
func (r *reader) judge(j judged) {
	at, faulty := placesIn(j.node), r.faultyIn(j.node)
	own := map[string]bool{}
	for _, p := range j.check(j.samples(at)) {
		p, key := worded(p)
		if own[key] {
			continue
		}
		own[key] = true
		r.problem(j, at, faulty, p)
		if p.Path == "submit.url" { // what is relative to it has the same problem
			faulty[at["submit"]] = true
		}
	}
	var lacking []string
	problems, who := map[string]deploy.Problem{}, map[string][]string{}
	for _, u := range j.users {
		for _, p := range j.check(u.vars) {
			p, key := worded(p)
			if own[key] {
				continue
			}
			if who[key] == nil {
				lacking, problems[key] = append(lacking, key), p
			}
			who[key] = appendNew(who[key], u.who)
		}
	}
	for _, key := range lacking {
		p := problems[key]
		p.Text += " (for " + strings.Join(who[key], ", ") + ")"
		r.problem(j, at, faulty, p)
	}
}

// samples has a value for every variable that j names and its users have to
// bring, so that what is left to complain of is not the lack of one.
func (j judged) samples(at map[string]*yaml.Node) map[string]string {
	vars := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(at)) {
		for _, m := range formVariable.FindAllStringSubmatch(at[path].Value, -1) {
			_, given := j.given[m[1]]
			sample, typed := map[string]string{"int": "1", "bool": "true"}[m[2]]
			if !given && !slices.Contains(deploy.BuiltIn(), m[1]) && (typed || vars[m[1]] == "") {
				vars[m[1]] = cmp.Or(sample, "x")
			}
		}
	}
	return vars
}

var (
	// formVariable finds the variables in a text.
	formVariable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*):?([^}]*)\}`)
	// formUnknown is how a template complains of one that it does not know.
	formUnknown = regexp.MustCompile(`^\$\{(.+)\} is not known here; known are: (.*)$`)
)

const unknownVariable = "unknown variable "

// worded puts a problem as all faults are put, and returns what it is the
// same problem by for whichever step.
func worded(p deploy.Problem) (deploy.Problem, string) {
	key := p.Path + " " + p.Text
	if m := formUnknown.FindStringSubmatch(p.Text); m != nil {
		p.Text = fmt.Sprintf("%s${%s}%s", unknownVariable, m[1], suggest(m[1], strings.Split(m[2], ", ")))
		key = p.Path + " " + m[1]
	}
	if strings.HasSuffix(p.Text, wire.ErrHost.Error()) || strings.HasSuffix(p.Text, wire.ErrPort.Error()) {
		p.Text += "; write it under hosts"
	}
	return p, key
}

// problem notes p at the place that it is about, or the nearest around it that
// is there. What was found to be faulty when it was read has its fault already.
func (r *reader) problem(j judged, at map[string]*yaml.Node, faulty map[*yaml.Node]bool, p deploy.Problem) {
	path := p.Path
	for at[path] == nil {
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	n, unknown := at[path], strings.HasPrefix(p.Text, unknownVariable)
	key, _, _ := strings.Cut(p.Path, ".")
	switch {
	case slices.ContainsFunc(r.faults, func(f Fault) bool { return f.Text == j.what+" has no "+key }):
		return
	case path != "" && path != "submit" && faulty[n]:
		return
	case faulty[at["submit"]] && strings.HasPrefix(n.Value, "/") && !unknown: // it is relative to submit.url
		return
	case faulty[at["hosts"]] && strings.Contains(p.Text, "refused to connect"):
		return
	}
	between := ": "
	if first, _, _ := strings.Cut(p.Text, " "); slices.Contains(strings.Fields("is has must lacks needs says names holds belongs"), first) {
		between = " "
	}
	r.fault(at[path], "%s%s%s", strings.TrimSuffix(join(j.what, p.Path), "."), between, p.Text)
}

// placesIn finds the node of every path in n: a.b and a[0].
func placesIn(n *yaml.Node) map[string]*yaml.Node {
	at := map[string]*yaml.Node{}
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		at[path] = n
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(n.Content[i+1], join(path, n.Content[i].Value))
			}
			if path == "poll" { // the only stage, without its list
				walk(n, "poll[0]")
			}
		case yaml.SequenceNode:
			for i, item := range n.Content {
				walk(item, fmt.Sprintf("%s[%d]", path, i))
			}
		}
	}
	walk(n, "")
	return at
}

// faultyIn finds the nodes in n that have a fault in them.
func (r *reader) faultyIn(n *yaml.Node) map[*yaml.Node]bool {
	type place struct{ line, column int }
	places := map[place]bool{}
	for _, f := range r.faults {
		places[place{f.line, f.column}] = true
	}
	faulty := map[*yaml.Node]bool{}
	var walk func(n *yaml.Node) bool
	walk = func(n *yaml.Node) bool {
		bad := r.hidden[n] || places[place{n.Line, n.Column}]
		for _, child := range n.Content {
			bad = walk(child) || bad
		}
		faulty[n] = bad
		return bad
	}
	walk(n)
	return faulty
}
