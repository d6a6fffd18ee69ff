package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot/deploy"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// judgeHosts refuses addresses that the guard would never let a template reach.
func (r *reader) judgeHosts(c *Config, d *draftTemplate) {
	at := entry(d.node, "hosts")
	if at == nil {
		return
	}
	for i, n := range at.Content {
		if slices.Contains(d.Hosts, n.Value) {
			r.judgeHost(c, n, fmt.Sprintf("%s.hosts[%d]", d.what, i), wire.Guard{Hosts: []string{n.Value}, AllowCIDRs: d.AllowCIDRs})
		}
	}
}

// judgeHost asks the guard about the one host of g, as far as its name tells
// its address. Whether loopback is allowed is the operator's word, which is
// asked for when the program is to serve.
func (r *reader) judgeHost(c *Config, n *yaml.Node, what string, g wire.Guard) {
	host := g.Hosts[0]
	g.AllowLoopback = true
	switch err := reach(g); {
	case errors.Is(err, wire.ErrLoopback):
		r.fault(n, "%s: %s is loopback; list its range in the template's allow_cidrs, and set TOCSIN_ALLOW_LOOPBACK=1", what, quote(host))
	case errors.Is(err, wire.ErrPrivateAddress):
		r.fault(n, "%s: %s is a private address; list its range in the template's allow_cidrs", what, quote(host))
	case err != nil:
		r.fault(n, "%s: %s is an address that no configuration opens: metadata, link-local, multicast or reserved", what, quote(host))
	}
	g.AllowLoopback = false
	if len(r.faults) == 0 && reach(g) != nil {
		c.Rollback.loopback = append(c.Rollback.loopback, Fault{
			Where: r.place(n), line: n.Line, column: n.Column,
			Text: fmt.Sprintf("%s: %s is loopback, which is for development; set TOCSIN_ALLOW_LOOPBACK=1 to allow it", what, quote(host)),
		})
	}
}

// reach says why the guard would refuse its only host, if its name tells the
// address. The name localhost has two, and one of them is enough.
func reach(g wire.Guard) error {
	name, _, err := net.SplitHostPort(g.Hosts[0])
	if err != nil {
		name = strings.Trim(g.Hosts[0], "[]")
	}
	addresses := []string{name}
	if lower := strings.ToLower(name); lower == "localhost" || strings.HasSuffix(lower, ".localhost") {
		addresses = []string{"127.0.0.1", "::1"}
	} else if _, err := netip.ParseAddr(name); err != nil {
		return nil
	}
	for _, a := range addresses {
		g.Hosts = []string{a}
		t, err := wire.NewTransport(g)
		if err != nil {
			return err
		}
		if err = t.CheckURL(&url.URL{Scheme: "https", Host: net.JoinHostPort(a, "443")}); err == nil || a == addresses[len(addresses)-1] {
			return err
		}
	}
	return nil
}

// DeployTemplates returns the templates with their secrets, for those who send.
// It fails where [Config.CheckServe] does.
func (c *Config) DeployTemplates() (map[string]*deploy.Template, error) {
	out := map[string]*deploy.Template{}
	for name, t := range c.Rollback.Templates {
		full := *t
		if ref := c.refAt(join(join("rollback_templates", name), "auth.secret_ref")); ref != nil {
			secret, err := c.value(*ref)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", ref.what, err)
			}
			full.Auth.Secret = secret
		}
		out[name] = &full
	}
	return out, nil
}

// DeploySecrets returns the secrets of deploy notices, by source. A source
// whose secret [Config.CheckServe] refused is not among them, and so is off.
func (c *Config) DeploySecrets() map[string]string {
	out := map[string]string{}
	for source := range c.Deploys {
		if ref := c.refAt(join("deploys", source) + ".secret"); ref != nil {
			if secret, err := c.value(*ref); err == nil {
				out[source] = secret
			}
		}
	}
	return out
}

// basic returns the secrets of templates in the form that they have in a header
// of basic authentication, behind a name.
func (t RollbackConfig) basic(c *Config) []string {
	var out []string
	for name, tpl := range t.Templates {
		ref := c.refAt(join(join("rollback_templates", name), "auth.secret_ref"))
		if tpl.Auth.Kind != deploy.AuthBasic || ref == nil {
			continue
		}
		if secret, err := c.value(*ref); err == nil {
			out = append(out, base64.StdEncoding.EncodeToString([]byte(tpl.Auth.User+":"+secret)))
		}
	}
	return out
}
