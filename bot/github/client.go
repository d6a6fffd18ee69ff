package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

const (
	// callTime bounds one call, from the connection to the last byte.
	callTime = 15 * time.Second
	// maxAnswer is how much of an answer is read. A hundred issues with long bodies
	// are several MiB.
	maxAnswer = 16 << 20
	// maxHops is how many redirects of a reading are followed: one for a
	// repository that was renamed, one for an issue that was transferred.
	maxHops = 3
)

// client speaks to one GitHub. It is safe for concurrent use.
type client struct {
	api    *gh.Client
	auth   *auth
	redact *wire.Redactor
	idle   []*http.Client // those whose connections are ours to close
	slow   atomic.Int32   // limits in a row that came without a time
}

func newClient(c Config, key *auth) (*client, error) {
	base, err := url.Parse(c.APIURL)
	if err != nil || base.Host == "" || base.User != nil || base.Scheme != "https" && base.Scheme != "http" || !strings.HasSuffix(base.Path, "/") {
		return nil, errors.New("it is no http or https address with a final slash, such as https://github.example.com/api/v3/")
	}
	out := &client{auth: key, redact: c.Redactor}
	t := &transport{base: base, auth: key}
	if c.HTTPClient != nil {
		t.reads = c.HTTPClient.Transport
		if t.reads == nil {
			t.reads = http.DefaultTransport
		}
		t.writes = t.reads
	} else if err := out.dial(t, base); err != nil {
		return nil, err
	}
	// Every call brings a context with a deadline. A Timeout here would leave a
	// goroutine behind each refusal, since the library does not close its body.
	hc := &http.Client{Transport: t, CheckRedirect: checkRedirect}
	key.exchange, key.base = hc, base
	out.api = gh.NewClient(hc)
	out.api.BaseURL, out.api.UserAgent = base, "Tocsin"
	return out, nil
}

// dial makes the clients. Writes have a connection each: on a kept one that just
// died nobody could tell whether the write had left.
func (c *client) dial(t *transport, base *url.URL) error {
	guard := wire.Guard{Hosts: []string{base.Host}, ProxyFromEnvironment: true, Timeout: callTime, MaxBody: maxAnswer}
	if base.String() != DefaultAPIURL {
		// Only the environment can name another GitHub: the operator's own, which is
		// as a rule within their walls.
		guard.AllowLoopback, guard.AllowCIDRs = true, ownRanges(base.Hostname())
	}
	reads, err := wire.NewClient(guard)
	if err != nil {
		return err
	}
	guard.FreshConnections = true
	writes, err := wire.NewClient(guard)
	if err != nil {
		return err
	}
	t.reads, t.writes, c.idle = reads.Transport, writes.Transport, []*http.Client{reads, writes}
	return nil
}

// ownRanges are the private addresses at which the operator's own GitHub may be.
func ownRanges(host string) []netip.Prefix {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Prefix{netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())}
	}
	names := []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"}
	if host == "localhost" {
		names = []string{"127.0.0.0/8", "::1/128"}
	}
	out := make([]netip.Prefix, len(names))
	for k, n := range names {
		out[k] = netip.MustParsePrefix(n)
	}
	return out
}

func (c *client) close() {
	for _, hc := range c.idle {
		hc.CloseIdleConnections()
	}
}

// checkRedirect follows a reading on the same host. A write that is sent
// elsewhere would become a reading there and seem to have worked.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet || req.Method != http.MethodGet || len(via) > maxHops ||
		req.URL.Scheme != first.URL.Scheme || req.URL.Host != first.URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// transport signs in on the API's host and goes nowhere else.
type transport struct {
	base          *url.URL
	reads, writes http.RoundTripper
	auth          *auth
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != t.base.Scheme || req.URL.Host != t.base.Host {
		if req.Body != nil {
			_ = req.Body.Close() // a RoundTripper must, also when it fails
		}
		return nil, &wire.RefusedError{Target: req.URL.Host, Err: wire.ErrHost}
	}
	out := req.Clone(req.Context())
	if out.Header.Get("Authorization") == "" {
		out.Header.Set("Authorization", "Bearer "+t.auth.current())
	}
	by := t.writes
	if req.Method == http.MethodGet {
		by = t.reads
	}
	out.GetBody = nil // what cannot be read again cannot be sent again
	res, err := by.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	res.Request = req // without the token
	res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	return res, nil
}

// do makes one call and returns a [*fault] if it failed. A token of an
// installation that GitHub no longer takes is fetched anew, once: a 401 proves
// that nothing was done.
func (c *client) do(ctx context.Context, fn func(context.Context) (*gh.Response, error)) error {
	for again := false; ; again = true {
		token, err := c.auth.ready(ctx)
		if err != nil {
			return c.signInFault(err)
		}
		var way wire.Leaving
		_, err = fn(way.Watch(ctx))
		if err == nil {
			c.slow.Store(0)
			return nil
		}
		f := c.fault(err, &way)
		if f.status != http.StatusUnauthorized || again || !c.auth.renews() {
			return f
		}
		c.auth.drop(token)
	}
}

// line is what GitHub or the network said, in one line without secrets.
func (c *client) line(text string) string {
	text = c.redact.Redact(c.auth.scrub(text))
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > 300 {
		return string(r[:299]) + "…"
	}
	return string(r)
}

// errorLine is an error as a line, without the query of its address.
func (c *client) errorLine(err error) string { return c.line(fmt.Sprint(wire.CleanError(err))) }
