package main

import (
	"encoding/json"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot/deploy"
)

// methods are those that change something. A GET may be repeated by whatever
// is between here and the deploy system.
func methods() []string {
	return []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
}

// pattern reads a text with variables in it. Which variables there are is
// looked at when all templates and targets were read.
func (r *reader) pattern(to *deploy.Pattern) set {
	return func(n *yaml.Node, what string) {
		s, ok := r.value(n, what)
		if !ok {
			return
		}
		p, err := deploy.ParsePattern(s)
		if err != nil {
			r.fault(n, "%s: %v", what, err)
			return
		}
		*to = p
	}
}

// path reads a path into an answer.
func (r *reader) path(to *string) set {
	return r.checked(to, "a path such as status.phase", checkAnything)
}

// value reads a text, a number, true or false as text.
func (r *reader) value(n *yaml.Node, what string) (string, bool) {
	if n.Kind == yaml.ScalarNode && slices.Contains([]string{"!!str", "!!timestamp", "!!int", "!!float", "!!bool"}, n.ShortTag()) {
		return n.Value, true
	}
	r.wrong(n, what, "a text or a number")
	return "", false
}

// words reads a list of states. Deploy systems that say true or 3 are compared
// with in text.
func (r *reader) words(to *[]string) set {
	return func(n *yaml.Node, what string) {
		r.list(n, what, func(n *yaml.Node, what string) {
			if s, ok := r.value(n, what); ok {
				*to = append(*to, s)
			}
		})
	}
}

func (r *reader) versions(t *deploy.Template) set {
	return func(n *yaml.Node, what string) {
		v := &deploy.Versions{}
		r.object(n, what, fields{
			"url": r.pattern(&v.URL), "items": r.path(&v.Items), "id": r.path(&v.ID), "label": r.path(&v.Label),
			"at": r.path(&v.At), "by": r.path(&v.By), "current": r.path(&v.Current),
		})
		t.Versions = v
	}
}

func (r *reader) submit(t *deploy.Template) set {
	return func(n *yaml.Node, what string) {
		s := &t.Submit
		s.Method = http.MethodPost
		var keyInBody *yaml.Node
		r.object(n, what, fields{
			"method":  choice(r, &s.Method, methods()),
			"url":     r.pattern(&s.URL),
			"headers": r.patterns(&s.Headers),
			"json": func(n *yaml.Node, what string) {
				if n.Kind == yaml.ScalarNode {
					r.wrong(n, what, "a group of keys or a list")
					return
				}
				s.JSON = r.tree(n, what)
			},
			"form":    r.patterns(&s.Form),
			"ok":      r.statuses(&s.OK),
			"extract": r.extracts(&s.Extract),
			"idempotency": func(n *yaml.Node, what string) {
				var word string
				r.checked(&word, "none, header:NAME or key_in_body", checkIdempotency)(n, what)
				if name, ok := strings.CutPrefix(word, "header:"); ok {
					s.IdempotencyHeader = name
				}
				if word == "key_in_body" {
					keyInBody = n
				}
			},
		})
		if keyInBody != nil && !names(s.JSON, "request_id") && !names(s.Form, "request_id") {
			r.fault(keyInBody, "%s.idempotency: key_in_body says that ${request_id} is in json or form, and it is not", what)
		}
	}
}

// names reports whether the variable is somewhere in a tree of [deploy.Submit].
func names(tree any, variable string) bool {
	switch v := tree.(type) {
	case deploy.Pattern:
		return slices.Contains(v.Names(), variable)
	case []any:
		return slices.ContainsFunc(v, func(x any) bool { return names(x, variable) })
	case map[string]any:
		for _, x := range v {
			if names(x, variable) {
				return true
			}
		}
	case map[string]deploy.Pattern:
		for _, x := range v {
			if names(x, variable) {
				return true
			}
		}
	}
	return false
}

func checkIdempotency(s string) (string, error) {
	if name, header := strings.CutPrefix(s, "header:"); header && name != "" {
		return s, nil
	}
	return oneOf("none", "key_in_body", "header:NAME")(s)
}

// patterns reads a group of texts with variables.
func (r *reader) patterns(to *map[string]deploy.Pattern) set {
	return func(n *yaml.Node, what string) {
		*to = map[string]deploy.Pattern{}
		r.each(n, what, func(key, value *yaml.Node) {
			if !r.plainKey(key, what, checkAnything) {
				return
			}
			var p deploy.Pattern
			r.pattern(&p)(value, join(what, key.Value))
			(*to)[key.Value] = p
		})
	}
}

// plainKey reports whether a key is one that check accepts, and without
// variables, which are filled in in values only.
func (r *reader) plainKey(key *yaml.Node, what string, check func(string) (string, error)) bool {
	if strings.Contains(key.Value, "${") {
		r.fault(key, "%s: %s is a key, and variables are filled in in values only", what, quote(key.Value))
		return false
	}
	if _, err := check(key.Value); err != nil {
		r.fault(key, "%s: %v", what, err)
		return false
	}
	return true
}

// tree reads what is sent as JSON; see [deploy.Submit].
func (r *reader) tree(n *yaml.Node, what string) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		r.each(n, what, func(key, value *yaml.Node) {
			if r.plainKey(key, what, func(s string) (string, error) { return s, nil }) {
				out[key.Value] = r.tree(value, join(what, key.Value))
			}
		})
		return out
	case yaml.SequenceNode:
		out := []any{}
		r.list(n, what, func(n *yaml.Node, what string) { out = append(out, r.tree(n, what)) })
		return out
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
		v, ok := number(n)
		if !ok {
			r.fault(n, "%s is %s, which is no number in JSON; write it in quotes if it is a text", what, quote(n.Value))
		}
		return v
	}
	var p deploy.Pattern
	r.pattern(&p)(n, what)
	return p
}

// anything reads a tree that nobody uses.
func (r *reader) anything(n *yaml.Node, what string) { r.tree(n, what) }

var formWhole = regexp.MustCompile(`^-?[1-9][0-9]*$`)

// number reads true, false or a number that JSON can hold as it is.
func number(n *yaml.Node) (any, bool) {
	var v any
	if err := n.Decode(&v); err != nil {
		return nil, false
	}
	switch v := v.(type) {
	case bool, int:
		return v, true
	case float64:
		if n.ShortTag() == "!!float" {
			return v, !math.IsInf(v, 0) && !math.IsNaN(v)
		}
	}
	// A whole number that is too long for any type.
	return json.Number(n.Value), formWhole.MatchString(n.Value)
}

// statuses reads a list of HTTP statuses that mean yes.
func (r *reader) statuses(to *[]int) set {
	return func(n *yaml.Node, what string) {
		r.list(n, what, func(n *yaml.Node, what string) {
			var status int
			if r.status(&status, 200, 299)(n, what); status != 0 && !slices.Contains(*to, status) {
				*to = append(*to, status)
			}
		})
	}
}

// status reads an HTTP status between least and most.
func (r *reader) status(to *int, least, most int) set {
	return func(n *yaml.Node, what string) {
		s, ok := r.scalar(n, what, wantNumber)
		if !ok {
			return
		}
		v, err := strconv.Atoi(s)
		if err != nil || v < least || v > most {
			r.fault(n, "%s is %s; it must be a status from %d to %d", what, quote(s), least, most)
			return
		}
		*to = v
	}
}
