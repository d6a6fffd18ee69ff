package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// callTime is how long one call of a client may take, all its requests
// together (design note C4: 15 s in total).
const callTime = 15 * time.Second

// dialer makes a client that is bounded by a guard: [wire.NewClient].
type dialer = func(wire.Guard) (*http.Client, error)

// client speaks to one deploy system as its template says. It is safe for
// concurrent use and keeps nothing between calls but idle connections for
// reading.
type client struct {
	t      *Template
	sends  *http.Client // one connection per request
	reads  *http.Client
	gate   *gate
	base   *url.URL            // what relative URLs are relative to
	signer *wire.WebhookSigner // nil unless Auth is [AuthHMAC]
	scrub  scrubber
	used   map[string]bool // the variables that patterns of t name
	urls   map[string]bool // those that a URL begins with
}

// newClient makes a client of a template that [Template.Check] found no fault
// with.
func newClient(t *Template, dial dialer, allowLoopback bool, redact *wire.Redactor) (*client, error) {
	if dial == nil {
		dial = wire.NewClient
	}
	c := &client{t: t, scrub: newScrubber(redact, t.Auth), used: map[string]bool{}, urls: map[string]bool{}}
	guard := wire.Guard{Hosts: t.Hosts, AllowCIDRs: t.AllowCIDRs, AllowLoopback: allowLoopback, Proxy: t.Proxy, Timeout: callTime}
	var err error
	if c.gate, err = newGate(guard); err != nil {
		return nil, err
	}
	if c.reads, err = dial(guard); err != nil {
		return nil, err
	}
	guard.FreshConnections = true
	if c.sends, err = dial(guard); err != nil {
		return nil, err
	}
	if c.base, err = t.Submit.URL.origin(); err != nil || c.base == nil {
		return nil, fmt.Errorf("submit.url %q has no host", t.Submit.URL)
	}
	if t.Auth.Kind == AuthHMAC {
		if c.signer, err = wire.NewWebhookSigner(t.Auth.Secret); err != nil {
			return nil, err
		}
	}
	c.note()
	return c, nil
}

// note lists which variables later requests need.
func (c *client) note() {
	var all []Pattern
	if f := c.t.Find; f != nil {
		all = append(all, f.URL, f.Equals)
	}
	for _, p := range c.t.Poll {
		all = append(all, p.URL)
		for _, path := range p.paths() {
			if q, err := ParsePattern(path); err == nil {
				all = append(all, q)
			}
		}
	}
	for _, p := range all {
		for _, name := range p.Names() {
			c.used[name] = true
		}
		c.urls[p.begins()] = true
	}
	delete(c.urls, "")
}

// close lets go of kept connections.
func (c *client) close() {
	c.reads.CloseIdleConnections()
	c.sends.CloseIdleConnections()
}

// request makes a request with all that every one has, and does not send it.
func (c *client) request(ctx context.Context, method string, at Pattern, vars map[string]string) (*http.Request, error) {
	text, err := at.fillURL(vars)
	if err != nil {
		return nil, err
	}
	u, err := c.base.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%q does not become a URL", at)
	}
	if err := c.gate.check(u); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), http.NoBody)
	if err != nil {
		return nil, wire.CleanError(err)
	}
	req.Header.Set("User-Agent", "Tocsin")
	req.Header.Set("Accept", "application/json")
	for name, value := range c.t.Headers {
		req.Header.Set(name, value)
	}
	return req, nil
}

// signIn adds the credentials, last of all, so that nothing overrides them.
func (c *client) signIn(req *http.Request) {
	switch a := c.t.Auth; a.Kind {
	case AuthBearer:
		req.Header.Set("Authorization", "Bearer "+a.Secret)
	case AuthBasic:
		req.SetBasicAuth(a.User, a.Secret)
	case AuthHeader:
		req.Header.Set(a.Name, a.Secret)
	case AuthQuery:
		own := url.Values{a.Name: {a.Secret}}.Encode()
		req.URL.RawQuery = strings.TrimPrefix(req.URL.RawQuery+"&"+own, "&")
	}
}

// exchange sends req once and reads the answer.
func (c *client) exchange(by *http.Client, req *http.Request) (answer, error) {
	from := *req.URL
	c.signIn(req)
	return exchange(by, req, &from)
}

func exchange(by *http.Client, req *http.Request, from *url.URL) (answer, error) {
	res, err := by.Do(req)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, header: res.Header, from: from}
	a.body, a.short = io.ReadAll(res.Body)
	_ = res.Body.Close() // all that matters was read
	return a, nil
}

// get asks and insists on a 2xx with JSON.
func (c *client) get(ctx context.Context, at Pattern, vars map[string]string) (answer, gjson.Result, error) {
	req, err := c.request(ctx, http.MethodGet, at, vars)
	if err != nil {
		return answer{}, gjson.Result{}, c.scrub.error(err)
	}
	a, err := c.exchange(c.reads, req)
	if err != nil {
		return a, gjson.Result{}, c.scrub.error(err)
	}
	if !a.ok() {
		return a, gjson.Result{}, errors.New(c.scrub.told(a))
	}
	doc, err := a.json()
	return a, doc, err
}
