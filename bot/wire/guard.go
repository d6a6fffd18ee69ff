package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"
)

const (
	// DefaultTimeout bounds a whole exchange when a Guard names no timeout.
	DefaultTimeout = 15 * time.Second
	// DefaultMaxBody is how much of an answer is read when a Guard names no limit.
	DefaultMaxBody = 1 << 20
	dialTimeout    = 10 * time.Second
)

// Guard says where a client may go and how much it may cost. Only Hosts is
// required; the zero value of the rest is the strict choice.
type Guard struct {
	// Hosts that may be asked: "example.com" (ports 80 and 443),
	// "example.com:8443", "*.example.com" (below it, not itself), an address.
	Hosts []string
	// AllowCIDRs are the private ranges that a host may resolve into.
	AllowCIDRs []netip.Prefix
	// AllowLoopback is needed beside a range that covers loopback: one setting
	// of the operator and one of the target, so that neither opens it alone.
	AllowLoopback bool
	// Proxy sends everything through a forward proxy (http, https, socks5).
	// It sees names, not addresses: which addresses a name leads to is then
	// the proxy's to judge.
	Proxy *url.URL
	// ProxyFromEnvironment takes the proxy from HTTPS_PROXY, HTTP_PROXY and
	// NO_PROXY instead.
	ProxyFromEnvironment bool
	// RootCAs replaces the system's authorities.
	RootCAs *x509.CertPool
	// Timeout bounds the exchange from dial to the last byte of the body.
	Timeout time.Duration
	// MaxBody caps what is read of an answer, after decompression.
	MaxBody int64
	// FreshConnections opens one connection per request. On a kept one Go
	// repeats, by itself, a request that carries an Idempotency-Key; a command
	// that must leave at most once asks for this.
	FreshConnections bool
}

// Transport is an http.RoundTripper bounded by a [Guard]. A client that needs
// more than requests (a socket) takes its DialContext and Proxy instead.
type Transport struct {
	guard   Guard
	rules   []hostRule
	proxyOf func(*http.Request) (*url.URL, error) // nil: direct
	proxies sync.Map                              // host:port of each proxy in use
	base    *http.Transport
}

// NewClient returns a client bounded by g: it follows no redirect (a 3xx is
// returned as it came, for the caller to treat as a failure), keeps no cookies
// and ends after g.Timeout.
func NewClient(g Guard) (*http.Client, error) {
	t, err := NewTransport(g)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Transport:     t,
		Timeout:       t.guard.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// NewTransport checks g and returns a transport for it. The deadline is the
// client's: who uses a Transport alone brings a context with one.
func NewTransport(g Guard) (*Transport, error) {
	rules, err := parseHosts(g.Hosts)
	if err != nil {
		return nil, err
	}
	if g, err = g.checked(); err != nil {
		return nil, err
	}
	t := &Transport{guard: g, rules: rules}
	switch {
	case g.Proxy != nil:
		t.proxyOf = http.ProxyURL(g.Proxy)
	case g.ProxyFromEnvironment:
		t.proxyOf = http.ProxyFromEnvironment
	}
	t.base = &http.Transport{
		Proxy:                  t.Proxy,
		DialContext:            t.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.RootCAs},
		TLSHandshakeTimeout:    dialTimeout,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      g.FreshConnections,
		// A custom dialer turns HTTP/2 off unless it is asked for.
		ForceAttemptHTTP2: true,
	}
	return t, nil
}

// checked fills in the defaults and refuses what cannot be meant.
func (g Guard) checked() (Guard, error) {
	if g.Timeout < 0 || g.MaxBody < 0 {
		return g, errors.New("guard: timeout and body limit must not be negative")
	}
	if g.Timeout == 0 {
		g.Timeout = DefaultTimeout
	}
	if g.MaxBody == 0 {
		g.MaxBody = DefaultMaxBody
	}
	for _, p := range g.AllowCIDRs {
		if !p.IsValid() || p.Addr().Is4In6() {
			return g, fmt.Errorf("guard: allowed range %q is not valid; write IPv4 as 10.0.0.0/8", p)
		}
	}
	if g.Proxy == nil {
		return g, nil
	}
	if g.ProxyFromEnvironment {
		return g, errors.New("guard: a proxy is named and also to be taken from the environment")
	}
	if _, ok := proxyPorts[g.Proxy.Scheme]; !ok || g.Proxy.Hostname() == "" {
		return g, errors.New("guard: proxy is not an http, https or socks5 URL with a host")
	}
	return g, nil
}

// RoundTrip sends req if the guard lets it, and caps the body of the answer.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.CheckURL(req.URL); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // a RoundTripper must, also when it fails
		}
		return nil, err
	}
	res, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		res.Body = &cappedBody{ReadCloser: res.Body, left: t.guard.MaxBody, limit: t.guard.MaxBody}
	}
	return res, nil
}

// CheckURL reports whether a request to u would be let out, as far as that
// shows before the name is resolved. It is also for URLs taken from an answer
// (a queue item, a run) before they are kept.
func (t *Transport) CheckURL(u *url.URL) error {
	port, err := portOf(u)
	if err != nil {
		return err
	}
	if err := checkHostPort(t.rules, u.Hostname(), port); err != nil {
		return err
	}
	// Through a proxy this is the only look at an address written as such.
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		return t.guard.checkAddr(a)
	}
	return nil
}

// Proxy has the form that http.Transport and websocket dialers take. It
// remembers what it returned: DialContext is told no more than an address, and
// must know the proxy's from a target's.
func (t *Transport) Proxy(req *http.Request) (*url.URL, error) {
	if err := t.CheckURL(req.URL); err != nil {
		return nil, err
	}
	if t.proxyOf == nil {
		return nil, nil
	}
	u, err := t.proxyOf(req)
	if err != nil || u == nil {
		return nil, err
	}
	port := u.Port()
	if port == "" {
		port = proxyPorts[u.Scheme]
	}
	t.proxies.Store(net.JoinHostPort(canonicalHost(u.Hostname()), port), true)
	return u, nil
}

var proxyPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

// DialContext connects to an allowed host, or to the proxy. The address is
// checked after the name was resolved and before the connection is made, which
// leaves no gap for a name that answers differently the second time.
func (t *Transport) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, refused(addr, ErrHost)
	}
	check := t.guard.checkAddr
	if _, ok := t.proxies.Load(net.JoinHostPort(canonicalHost(host), port)); ok {
		check = checkProxyAddr
	} else if err := checkHostPort(t.rules, host, port); err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialTimeout, Control: func(network, address string, _ syscall.RawConn) error {
		return control(network, address, check)
	}}
	return dialer.DialContext(ctx, network, addr)
}

// CloseIdleConnections lets http.Client.CloseIdleConnections through.
func (t *Transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

func control(network, address string, check func(netip.Addr) error) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || (network != "tcp4" && network != "tcp6") {
		return refused(address, ErrForbiddenAddress)
	}
	return check(ap.Addr())
}

// checkAddr judges the address that a connection is about to be made to.
func (g Guard) checkAddr(a netip.Addr) error {
	a = plain(a)
	switch r := classify(a); {
	case r == reachNever:
		return refused(a.String(), ErrForbiddenAddress)
	case r == reachLoopback && !(g.AllowLoopback && within(g.AllowCIDRs, a)):
		return refused(a.String(), ErrLoopback)
	case r == reachListed && !within(g.AllowCIDRs, a):
		return refused(a.String(), ErrPrivateAddress)
	}
	return nil
}

// checkProxyAddr is milder, since the operator named the proxy itself, and one
// beside us on loopback or on the private network is the rule.
func checkProxyAddr(a netip.Addr) error {
	if a = plain(a); classify(a) == reachNever {
		return refused(a.String(), ErrForbiddenAddress)
	}
	return nil
}
