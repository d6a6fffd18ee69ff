package deploy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// unknown says which variables of p are not known, with what is.
func (k *checker) unknown(path string, p Pattern, known names) {
	for _, name := range p.Names() {
		if !known[name] {
			k.say(path, "${%s} is not known here; known are: %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
}

// text checks a pattern that becomes text.
func (k *checker) text(path string, p Pattern, known names) {
	k.unknown(path, p, known)
	if p.typed() {
		k.say(path, ":int and :bool are for the values of json")
	}
}

// path checks a gjson path; an empty one is for the caller to judge.
func (k *checker) path(path, s string, known names) {
	p, err := ParsePattern(s)
	switch {
	case err != nil:
		k.say(path, "%s", err)
		return
	case s != "" && strings.TrimSpace(s) == "":
		k.say(path, "is blank; a JSON path looks like status.phase")
	case strings.TrimSpace(s) != s:
		k.say(path, "%q has a space at an end", s)
	}
	k.text(path, p, known)
}

// tree checks a JSON tree.
func (k *checker) tree(path string, node any, known names) {
	switch n := node.(type) {
	case nil, string, bool, int, int64, uint64, float64:
	case Pattern:
		k.unknown(path, n, known)
		if n.typed() && len(n.parts) > 1 {
			k.say(path, "%q: ${name:int} and ${name:bool} are a whole value, with nothing around them", n)
		}
		if _, err := n.leaf(k.vars); n.typed() && len(n.parts) == 1 && err != nil {
			if _, own := k.vars[n.parts[0].name]; own {
				k.say(path, "%s", err)
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(n)) {
			k.tree(path+"."+name, n[name], known)
		}
	case []any:
		for i := range n {
			k.tree(fmt.Sprintf("%s[%d]", path, i), n[i], known)
		}
	default:
		k.say(path, "a value of type %T cannot be written as JSON", node)
	}
}

// url checks a pattern that becomes a URL: first as it is written, then with
// sample values. given are the variables that may hold a whole URL.
func (k *checker) url(path string, p Pattern, known, given names) {
	if p.source == "" {
		k.say(path, "is missing")
		return
	}
	k.text(path, p, known)
	for _, q := range p.parts {
		if strings.Contains(q.text, "#") {
			k.say(path, "%q: what follows # is never sent", p)
			return
		}
	}
	if given[p.begins()] {
		return // where it leads shows in the answer that gives it
	}
	origin, err := p.origin()
	switch {
	case err != nil:
		k.say(path, "%q %s", p, err)
		return
	case origin == nil && k.base == nil:
		if path != "submit.url" {
			k.say(path, "%q is relative, and submit.url has no host", p)
		}
		return
	}
	k.sample(path, p)
}

// sample looks where a URL leads.
func (k *checker) sample(path string, p Pattern) {
	vars := map[string]string{}
	for _, name := range p.Names() {
		vars[name] = "sample"
	}
	maps.Copy(vars, k.vars)
	text, err := p.fillURL(vars)
	if err != nil {
		k.say(path, "%s", err)
		return
	}
	u, err := k.base.Parse(text)
	if err != nil {
		k.say(path, "%q is no URL", p)
		return
	}
	if k.gate == nil {
		return
	}
	if err := k.gate.check(u); err != nil {
		k.say(path, "%q: %s", p, err)
	}
}

// header checks the name of a header that a template sets.
func (k *checker) header(path, name string) {
	switch {
	case !isToken(name):
		k.say(path, "%q is no name of a header", name)
	case slices.ContainsFunc(kept, func(s string) bool { return strings.EqualFold(s, name) }):
		k.say(path, "%s belongs to the connection and cannot be set", name)
	}
}

// kept are the headers that decide where one request ends and who gets it.
var kept = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Trailer", "Upgrade", "TE", "Expect", "Proxy-Authorization", "Proxy-Connection"}

// isToken reports whether s is a token of RFC 9110, as header names are.
func isToken(s string) bool {
	const other = "!#$%&'*+-.^_`|~"
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && !strings.ContainsRune(other, rune(c)) {
			return false
		}
	}
	return s != ""
}
