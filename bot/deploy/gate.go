package deploy

import (
	"errors"
	"net/netip"
	"net/url"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// gate judges URLs before anything is asked of them: those that the
// configuration makes and, since the secret goes with them, those that answers
// give.
type gate struct {
	hosts *wire.Transport // makes no connection
	cidrs []netip.Prefix
}

func newGate(g wire.Guard) (*gate, error) {
	t, err := wire.NewTransport(g)
	if err != nil {
		return nil, err
	}
	return &gate{hosts: t, cidrs: g.AllowCIDRs}, nil
}

// errPlain is why a URL of plain http is refused: the secret, or the answer that
// we believe, would be for everybody on the way.
var errPlain = errors.New("plain http to a public host; use https, or list the private range that the host is in under allow_cidrs")

// check refuses u unless it is http or https, names an allowed host and no
// credentials, and is no plain http to a public host.
func (g *gate) check(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return errors.New("not an http or https URL with a host")
	case u.User != nil:
		return errors.New("a URL must hold no credentials; they belong under auth")
	}
	if err := g.hosts.CheckURL(u); err != nil {
		return err
	}
	if u.Scheme == "http" && g.public(u.Hostname()) {
		return errPlain
	}
	return nil
}

// public takes a name for private only where the configuration lists a private
// range at all. Whether the name leads there shows when it is resolved.
func (g *gate) public(host string) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return len(g.cidrs) == 0
	}
	a = a.Unmap().WithZone("")
	if !a.IsPrivate() && !a.IsLoopback() && !shared.Contains(a) {
		return true
	}
	for _, p := range g.cidrs {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// shared is the range of carriers' inner networks (RFC 6598), which some
// clusters use.
var shared = netip.MustParsePrefix("100.64.0.0/10")
