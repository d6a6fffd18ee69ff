package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot/deploy"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// Bounds of how long a deploy system may take and how often it is asked. A
// deploy of more than a day is none that an incident waits for.
const (
	longestWatch = 24 * time.Hour
	rarestPoll   = time.Hour
)

// rollbackTemplate reads a template.
func (r *reader) rollbackTemplate(c *Config, name string, n *yaml.Node) *draftTemplate {
	t := &deploy.Template{Name: name, Auth: deploy.Auth{Kind: deploy.AuthNone}}
	d := &draftTemplate{Template: t, what: join("rollback_templates", name), node: n, plan: templatePlan(n)}
	var cidrs []string
	var progress string
	var callback unusedCallback
	r.object(n, d.what, fields{
		"auth":        r.auth(c, d),
		"headers":     r.headers(&t.Headers),
		"hosts":       r.texts(&t.Hosts, "a host such as argocd.internal:443", checkHost),
		"allow_cidrs": r.texts(&cidrs, "a range such as 10.20.0.0/16", checkCIDR),
		"proxy":       r.proxy(&t.Proxy),
		"versions":    r.versions(t),
		"submit":      r.submit(t),
		"find":        r.find(t),
		"poll":        r.polls(t),
		"every": func(n *yaml.Node, what string) {
			r.object(n, what, fields{
				"first": r.span(&t.Every.First, time.Second, rarestPoll),
				"then":  r.span(&t.Every.Then, time.Second, rarestPoll),
				"after": r.span(&t.Every.After, time.Second, rarestPoll),
			})
		},
		"timeout":  r.span(&t.Timeout, time.Second, longestWatch),
		"progress": choice(r, &progress, []string{"none"}),
		"callback": callback.read(r),
		"cancel":   r.unused(c, r.cancel),
		"dry_run":  r.unused(c, func(n *yaml.Node, what string) { r.object(n, what, fields{"set": r.anything}) }),
	})
	t.AllowCIDRs = prefixesOf(cidrs)
	t.Blind = progress == "none"
	callback.judge(r, c, t)
	return d
}

// authNeeds are the kinds of auth with the keys that each needs.
func authNeeds() map[deploy.AuthKind][]string {
	return map[deploy.AuthKind][]string{
		deploy.AuthNone:   nil,
		deploy.AuthBearer: {"secret_ref"},
		deploy.AuthBasic:  {"user", "secret_ref"},
		deploy.AuthHeader: {"name", "secret_ref"},
		deploy.AuthQuery:  {"name", "secret_ref"},
		deploy.AuthForm:   {"name", "secret_ref"},
		deploy.AuthHMAC:   {"secret_ref"},
	}
}

// githubApp is a kind of auth that the language has and this version lacks.
const githubApp deploy.AuthKind = "github_app"

func (r *reader) auth(c *Config, d *draftTemplate) set {
	return func(n *yaml.Node, what string) {
		a := &d.Auth
		var kindAt *yaml.Node
		var ref string
		kinds := []deploy.AuthKind{
			deploy.AuthNone, deploy.AuthBearer, deploy.AuthBasic, deploy.AuthHeader, deploy.AuthQuery, deploy.AuthForm, deploy.AuthHMAC, githubApp,
		}
		r.object(n, what, fields{
			"kind": func(n *yaml.Node, what string) {
				kindAt = n
				choice(r, &a.Kind, kinds)(n, what)
			},
			"secret_ref": r.secret(c, &ref),
			"name":       r.checked(&a.Name, "the name of a header or of a parameter", checkLabel),
			"user":       r.checked(&a.User, "a name", checkLabel),
		})
		if a.Kind == githubApp {
			r.fault(kindAt, "%s.kind: github_app is not in this version; use bearer and the token of a GitHub account that may do this alone", what)
			return
		}
		if at := c.refAt(what + ".secret_ref"); at != nil {
			at.signs = a.Kind == deploy.AuthHMAC
		}
		needs := authNeeds()[a.Kind]
		for _, key := range needs {
			r.missing(n, what, key)
		}
		r.each(n, what, func(key, _ *yaml.Node) {
			if slices.Contains([]string{"secret_ref", "name", "user"}, key.Value) && !slices.Contains(needs, key.Value) {
				r.fault(key, "%s: the kind %s has no %s", what, a.Kind, key.Value)
			}
		})
	}
}

// headers reads what goes with every request, as it is written.
func (r *reader) headers(to *map[string]string) set {
	return func(n *yaml.Node, what string) {
		*to = map[string]string{}
		r.each(n, what, func(key, value *yaml.Node) {
			v, ok := r.value(value, join(what, key.Value))
			if strings.Contains(v, "${") {
				r.fault(value, "%s is %s; variables are filled in in submit.headers only", join(what, key.Value), quote(v))
			}
			if ok && r.plainKey(key, what, checkAnything) {
				(*to)[key.Value] = v
			}
		})
	}
}

// proxy reads the forward proxy of a template.
func (r *reader) proxy(to **url.URL) set {
	return func(n *yaml.Node, what string) {
		var s string
		if r.checked(&s, "a URL such as http://proxy.internal:3128", checkProxy)(n, what); s == "" {
			return
		}
		*to, _ = url.Parse(s) // checked
	}
}

// checkProxy asks the guard that will use it. A password in it would stand in
// the file.
func checkProxy(s string) (string, error) {
	u, err := url.Parse(s)
	if err == nil && u.User != nil {
		return "", errors.New("a name or password stands in the address (not shown); a proxy that wants one cannot be used")
	}
	if err == nil && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == "" {
		_, err = wire.NewTransport(wire.Guard{Hosts: []string{"example.com"}, Proxy: u})
	} else {
		err = errors.New("not a proxy")
	}
	if err != nil {
		return "", fmt.Errorf("%s is no proxy; write it as http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT", quote(s))
	}
	return s, nil
}

// unused reads a key that this version has no use for, and says so.
func (r *reader) unused(c *Config, read set) set {
	return func(n *yaml.Node, what string) {
		if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
			return // nothing was asked for
		}
		read(n, what)
		r.warnUnused(c, n, what)
	}
}

func (r *reader) warnUnused(c *Config, n *yaml.Node, what string) {
	c.Warnings = append(c.Warnings, fmt.Sprintf("%s: %s is not used by this version", r.place(n), what))
}

// cancel reads how a deploy would be cancelled.
func (r *reader) cancel(n *yaml.Node, what string) {
	var method string
	var to deploy.Pattern
	r.object(n, what, fields{"method": choice(r, &method, methods()), "url": r.pattern(&to)})
	r.missing(n, what, "url")
}

// unusedCallback is what a template says of the deploy system's calls to us,
// which this version does not take.
type unusedCallback struct {
	enabled bool
	node    *yaml.Node
	what    string
}

func (u *unusedCallback) read(r *reader) set {
	return func(n *yaml.Node, what string) {
		u.node, u.what = n, what
		var verify, ref, match, status string
		var words []string
		r.object(n, what, fields{
			"enabled": r.boolean(&u.enabled),
			"verify":  choice(r, &verify, []string{"standard-webhooks", "github", "hmac-hex"}),
			// Into a configuration that nobody asks for its secrets.
			"secret_ref": r.secret(&Config{}, &ref),
			"match":      r.checked(&match, "a path such as request_id", checkAnything),
			"status":     r.checked(&status, "a path such as status", checkAnything),
			"success":    r.words(&words), "failure": r.words(&words),
		})
	}
}

// judge says that callbacks are not heard: a fault where nothing else tells how
// a step goes.
func (u *unusedCallback) judge(r *reader, c *Config, t *deploy.Template) {
	switch {
	case !u.enabled:
	case len(t.Poll) == 0:
		r.fault(u.node, "%s: calls of a deploy system are not heard by this version; write poll, which asks it", u.what)
	default:
		r.warnUnused(c, u.node, u.what)
	}
}

// checkHost asks the guard that will use it.
func checkHost(s string) (string, error) {
	if strings.Contains(s, "${") {
		return "", fmt.Errorf("%s: no variable may stand in a host; write the hosts out", quote(s))
	}
	if _, err := wire.NewTransport(wire.Guard{Hosts: []string{s}}); err != nil {
		return "", fmt.Errorf("%s is no host; write HOST or HOST:PORT", quote(s))
	}
	return s, nil
}

func checkCIDR(s string) (string, error) {
	if p, err := netip.ParsePrefix(s); err != nil || p.Masked() != p || p.Addr().Is4In6() {
		return "", fmt.Errorf("%s is no range of addresses; write it as 10.20.0.0/16", quote(s))
	}
	return s, nil
}

// prefixesOf reads ranges that [checkCIDR] took.
func prefixesOf(texts []string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range texts {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}
