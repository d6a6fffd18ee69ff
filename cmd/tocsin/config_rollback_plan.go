package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy"
)

// templatePlan is a template in its canonical form, with what holds unless it
// is configured.
func templatePlan(n *yaml.Node) *yaml.Node {
	n = settled(n)
	fill(n, "timeout", text(periodOf(deploy.DefaultTimeout)))
	fill(entry(n, "submit"), "method", text(methods()[0]))
	return n
}

// targetPlan is a target in its canonical form, with what holds unless it is
// configured.
func targetPlan(n *yaml.Node) *yaml.Node {
	n = settled(n)
	if steps := entry(n, "steps"); steps != nil {
		for _, s := range steps.Content {
			fill(s, "start", text("after_verified"))
		}
	}
	fill(n, "on_step_failure", text("stop"))
	fill(n, "approval", &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle})
	fill(entry(n, "approval"), "mode", text("second_person"))
	fill(entry(n, "approval"), "expires", text(periodOf(bot.ApprovalTime)))
	fill(n, "lock", &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle})
	service, environment := entry(n, "service"), entry(n, "environment")
	if service != nil && environment != nil {
		fill(entry(n, "lock"), "key", text(service.Value+"/"+environment.Value))
	}
	fill(entry(n, "lock"), "cooldown", text("0s"))
	return n
}

// settled is the canonical form of n without the keys that say nothing.
func settled(n *yaml.Node) *yaml.Node {
	n = canonical(n)
	if n.Kind == yaml.MappingNode {
		var kept []*yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !empty(n.Content[i+1]) {
				kept = append(kept, n.Content[i], n.Content[i+1])
			}
		}
		n.Content = kept
	}
	return n
}

// canonical is n without what does not matter: comments, and how a text is
// quoted.
func canonical(n *yaml.Node) *yaml.Node {
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style & yaml.FlowStyle}
	if n.Kind == yaml.ScalarNode && slices.Contains([]string{"!!str", "!!timestamp"}, n.ShortTag()) {
		c = &yaml.Node{}
		c.SetString(n.Value)
	}
	for _, child := range n.Content {
		c.Content = append(c.Content, canonical(child))
	}
	return c
}

// entry returns the value of a key, or nil.
func entry(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// fill gives a key its value where it has none.
func fill(n *yaml.Node, key string, value *yaml.Node) {
	switch have := entry(n, key); {
	case n == nil || n.Kind != yaml.MappingNode || value == nil:
	case have == nil:
		n.Content = append(n.Content, text(key), value)
	case empty(have):
		*have = *value
	}
}

// digest covers a target and its templates as they are configured, references
// to secrets included and their values not. The order of keys does not matter.
func (d *rollbackDrafts) digest(t *draftTarget) string {
	h := sha256.New()
	feed(h, t.plan)
	var fed []string
	for _, use := range t.uses {
		if tpl := d.template(use.use); tpl != nil && !slices.Contains(fed, use.use) {
			fed = append(fed, use.use)
			feed(h, text(use.use))
			feed(h, tpl.plan)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// feed writes n so that two nodes that differ are written differently.
func feed(h hash.Hash, n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		var pairs [][2]*yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			pairs = append(pairs, [2]*yaml.Node{n.Content[i], n.Content[i+1]})
		}
		slices.SortFunc(pairs, func(a, b [2]*yaml.Node) int { return strings.Compare(a[0].Value, b[0].Value) })
		fmt.Fprintf(h, "{%d", len(pairs))
		for _, p := range pairs {
			feed(h, p[0])
			feed(h, p[1])
		}
	case yaml.SequenceNode:
		fmt.Fprintf(h, "[%d", len(n.Content))
		for _, item := range n.Content {
			feed(h, item)
		}
	default:
		fmt.Fprintf(h, "%s%q", n.ShortTag(), n.Value)
	}
}
