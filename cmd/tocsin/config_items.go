package main

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
)

// items reads a list of things that are told apart by an id.
func items[T bot.Named](r *reader, n *yaml.Node, what string, to *[]T, item func(*yaml.Node, string) T) {
	lines := map[string]int{}
	r.list(n, what, func(n *yaml.Node, what string) {
		v := item(n, what)
		id := bot.IDs([]T{v})[0]
		if id == "" {
			r.missing(n, what, "id")
			return
		}
		if first, ok := lines[strings.ToLower(id)]; ok {
			r.fault(n, "%s: the id %s is taken already, on line %d", what, quote(id), first)
			return
		}
		lines[strings.ToLower(id)] = n.Line
		*to = append(*to, v)
	})
}

// missing notes that a key is not there; one that is there and faulty was noted.
func (r *reader) missing(n *yaml.Node, what, key string) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && !empty(n.Content[i+1]) {
			return
		}
	}
	r.fault(n, "%s has no %s", what, key)
}

// reference reads one id, or a list of them, and checks later that each is one
// of list's.
func reference[T bot.Named](r *reader, kind string, to func(string), list *[]T, many bool) set {
	one := func(n *yaml.Node, what string) {
		var id string
		if r.checked(&id, fmt.Sprintf("the id of a %s", kind), checkAnything)(n, what); id == "" {
			return
		}
		to(id)
		r.later(func() { refer(r, n, what+": there is no "+kind, id, *list) })
	}
	if !many {
		return one
	}
	return func(n *yaml.Node, what string) { r.list(n, what, one) }
}

// refer notes it when nothing in list has this very id. A name in its place
// gets the id as an answer. The fault is a claim and then the id.
func refer[T bot.Named](r *reader, n *yaml.Node, claim, id string, list []T) {
	ids := bot.IDs(list)
	if id == "" || slices.Contains(ids, id) {
		return
	}
	hint := suggest(id, ids)
	if v, ok := bot.Find(list, id); ok {
		hint = fmt.Sprintf("; did you mean %q?", bot.IDs([]T{v})[0])
	}
	if len(ids) == 0 {
		hint = "; none is configured"
	}
	r.fault(n, "%s %s%s", claim, quote(id), hint)
}
