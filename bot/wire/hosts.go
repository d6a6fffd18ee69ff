package wire

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Why a guard said no. They come wrapped in a [RefusedError]; nothing has left
// the machine when one is returned.
var (
	// ErrHost: the host is not among the guard's.
	ErrHost = errors.New("host is not allowed")
	// ErrPort: the host is, on another port.
	ErrPort = errors.New("port is not allowed")
	// ErrScheme: neither http nor https (or ws and wss, for a socket).
	ErrScheme = errors.New("scheme is not allowed")
	// ErrForbiddenAddress: a metadata, link-local, multicast or reserved
	// address. No setting opens these.
	ErrForbiddenAddress = errors.New("address is never allowed")
	// ErrPrivateAddress: a private address outside the allowed ranges.
	ErrPrivateAddress = errors.New("private address is not in the allowed ranges")
	// ErrLoopback: loopback, without both an allowed range and AllowLoopback.
	ErrLoopback = errors.New("loopback address is not allowed")
)

// RefusedError is the guard's answer to a request that it did not let out.
type RefusedError struct {
	Target string // host, host:port or address; never a path or query
	Err    error  // one of the Err… of this package
}

func (e *RefusedError) Error() string {
	return "refused to connect to " + e.Target + ": " + e.Err.Error()
}

// Unwrap gives the reason to [errors.Is].
func (e *RefusedError) Unwrap() error { return e.Err }

func refused(target string, err error) error { return &RefusedError{Target: target, Err: err} }

// hostRule is one entry of Guard.Hosts.
type hostRule struct {
	name      string // lower case, no brackets, no dot at the end
	subdomain bool   // "*.name": any depth below, not name itself
	port      string // "": the two usual ones
}

func parseHosts(entries []string) ([]hostRule, error) {
	if len(entries) == 0 {
		return nil, errors.New("guard: no hosts; a client may only reach hosts that are named")
	}
	rules := make([]hostRule, 0, len(entries))
	for _, entry := range entries {
		rule, err := parseHost(entry)
		if err != nil {
			return nil, fmt.Errorf("guard: host %q: %w", entry, err)
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func parseHost(entry string) (hostRule, error) {
	var rule hostRule
	name := entry
	if host, port, err := net.SplitHostPort(entry); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || port != strconv.FormatUint(n, 10) {
			return rule, errors.New("port is not a number from 1 to 65535")
		}
		name, rule.port = host, port
	} else if strings.HasPrefix(entry, "[") && strings.HasSuffix(entry, "]") {
		name = entry[1 : len(entry)-1]
	}
	name, rule.subdomain = strings.CutPrefix(name, "*.")
	rule.name = canonicalHost(name)
	if _, err := netip.ParseAddr(rule.name); err == nil {
		if rule.subdomain {
			return rule, errors.New("an address has no subdomains")
		}
		return rule, nil
	}
	return rule, checkName(rule.name)
}

// checkName accepts names in ASCII as DNS has them. A last label that is a
// number is refused: 127.1, 0x7f.1 and 2130706433 are loopback to some
// resolvers and proxies, and a name to us.
func checkName(name string) error {
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" {
			return errors.New("empty label")
		}
		for i := range len(label) {
			c := label[i]
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return errors.New("not a host name (international names in their xn-- form, no scheme, no path)")
			}
		}
	}
	last := labels[len(labels)-1]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return errors.New("ends in a number and is no address in the usual form")
	}
	return nil
}

// canonicalHost is the form in which names are compared. Addresses are written
// anew, so that [::ffff:10.0.0.1] and 10.0.0.1 are one host.
func canonicalHost(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if a, err := netip.ParseAddr(name); err == nil {
		return a.Unmap().String()
	}
	return name
}

func (r hostRule) matchesHost(name string) bool {
	if r.subdomain {
		return strings.HasSuffix(name, "."+r.name)
	}
	return name == r.name
}

func (r hostRule) matchesPort(port string) bool {
	if r.port == "" {
		return port == "443" || port == "80"
	}
	return port == r.port
}

// checkHostPort looks for a rule that has both the host and the port.
func checkHostPort(rules []hostRule, host, port string) error {
	name, reason := canonicalHost(host), ErrHost
	for _, rule := range rules {
		if !rule.matchesHost(name) {
			continue
		}
		if rule.matchesPort(port) {
			return nil
		}
		reason = ErrPort
	}
	return refused(net.JoinHostPort(host, port), reason)
}

// portOf is the port that a request to u goes to.
func portOf(u *url.URL) (string, error) {
	usual := map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}[u.Scheme]
	if usual == "" {
		return "", refused(u.Host, ErrScheme)
	}
	if port := u.Port(); port != "" {
		return port, nil
	}
	return usual, nil
}
