package main

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot/deploy"
)

// extracts reads which variables an answer gives.
func (r *reader) extracts(to *map[string]deploy.Extract) set {
	return func(n *yaml.Node, what string) {
		*to = map[string]deploy.Extract{}
		r.each(n, what, func(key, value *yaml.Node) {
			if !r.plainKey(key, what, checkAnything) {
				return
			}
			s, ok := r.scalar(value, join(what, key.Value), "json:PATH or header:NAME")
			if !ok {
				return
			}
			x, err := parseExtract(s)
			if err != nil {
				r.fault(value, "%s: %v", join(what, key.Value), err)
				return
			}
			(*to)[key.Value] = x
		})
	}
}

// parseExtract reads json:PATH or header:NAME; with a ? at its end it need not
// be there.
func parseExtract(s string) (deploy.Extract, error) {
	rest, optional := strings.CutSuffix(s, "?")
	if path, ok := strings.CutPrefix(rest, "json:"); ok && path != "" {
		return deploy.Extract{JSON: path, Optional: optional}, nil
	}
	if name, ok := strings.CutPrefix(rest, "header:"); ok && name != "" {
		return deploy.Extract{Header: name, Optional: optional}, nil
	}
	return deploy.Extract{}, fmt.Errorf("%s says not where it is; write json:PATH or header:NAME, with ? at the end if it may be missing", quote(s))
}

func (r *reader) find(t *deploy.Template) set {
	return func(n *yaml.Node, what string) {
		f := &deploy.Find{}
		f.Equals, _ = deploy.ParsePattern("${request_id}") // what else tells a request from another?
		r.object(n, what, fields{
			"url": r.pattern(&f.URL), "items": r.path(&f.Items), "match": r.path(&f.Match),
			"equals": r.pattern(&f.Equals), "extract": r.extracts(&f.Extract),
		})
		t.Find = f
	}
}

// polls reads the stages, or the only one.
func (r *reader) polls(t *deploy.Template) set {
	return func(n *yaml.Node, what string) {
		one := func(n *yaml.Node, what string) { t.Poll = append(t.Poll, r.poll(n, what)) }
		if n.Kind == yaml.MappingNode {
			one(n, what)
			return
		}
		r.list(n, what, one)
	}
}

func (r *reader) poll(n *yaml.Node, what string) deploy.Poll {
	var p deploy.Poll
	r.object(n, what, fields{
		"url": r.pattern(&p.URL), "extract": r.extracts(&p.Extract), "status": r.path(&p.Status), "message": r.path(&p.Message),
		"success": r.words(&p.Success), "failure": r.words(&p.Failure),
		"guard": func(n *yaml.Node, what string) {
			var since string
			r.object(n, what, fields{"path": r.path(&p.Guard), "not_before": choice(r, &since, []string{"submitted_at"})})
			r.missing(n, what, "path")
			r.missing(n, what, "not_before")
		},
		"blocked": func(n *yaml.Node, what string) {
			if n.Kind == yaml.SequenceNode {
				r.words(&p.Blocked)(n, what)
				return
			}
			r.object(n, what, fields{
				"path":   r.path(&p.BlockedPath),
				"equals": func(n *yaml.Node, what string) { p.BlockedEquals, _ = r.value(n, what) },
			})
			r.missing(n, what, "path")
			r.missing(n, what, "equals")
		},
	})
	return p
}
