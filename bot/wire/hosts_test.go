package wire

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestClassifyAndAllow(t *testing.T) {
	private := prefixes("10.0.0.0/8", "fc00::/7", "169.254.0.0/16", "fe80::/10", "0.0.0.0/0")
	for _, tc := range []struct {
		addr   string
		strict error // without any allowed range
		ranges error // with private as allowed ranges
	}{
		{"93.184.216.34", nil, nil},
		{"2606:2800:220:1::1", nil, nil},
		{"10.1.2.3", ErrPrivateAddress, nil},
		{"::ffff:10.1.2.3", ErrPrivateAddress, nil},
		{"64:ff9b::10.1.2.3", ErrPrivateAddress, nil},
		{"64:ff9b::8.8.8.8", nil, nil},
		{"172.16.0.1", ErrPrivateAddress, nil},
		{"172.32.0.1", nil, nil},
		{"192.168.1.1", ErrPrivateAddress, nil},
		{"100.64.0.1", ErrPrivateAddress, nil},
		{"198.18.0.1", ErrPrivateAddress, nil},
		{"203.0.113.9", ErrPrivateAddress, nil},
		{"fc00::1", ErrPrivateAddress, nil},
		{"fec0::1", ErrPrivateAddress, ErrPrivateAddress},
		{"2001:db8::1", ErrPrivateAddress, ErrPrivateAddress},
		{"::7f00:1", ErrPrivateAddress, ErrPrivateAddress}, // IPv4-compatible
		{"127.0.0.1", ErrLoopback, ErrLoopback},
		{"127.8.8.8", ErrLoopback, ErrLoopback},
		{"::1", ErrLoopback, ErrLoopback},
		{"::ffff:127.0.0.1", ErrLoopback, ErrLoopback},
		{"64:ff9b::127.0.0.1", ErrLoopback, ErrLoopback},
		{"169.254.169.254", ErrForbiddenAddress, ErrForbiddenAddress},
		{"::ffff:169.254.169.254", ErrForbiddenAddress, ErrForbiddenAddress},
		{"64:ff9b::a9fe:a9fe", ErrForbiddenAddress, ErrForbiddenAddress},
		{"169.254.170.2", ErrForbiddenAddress, ErrForbiddenAddress},
		{"fd00:ec2::254", ErrForbiddenAddress, ErrForbiddenAddress},
		{"fd20:ce::254", ErrForbiddenAddress, ErrForbiddenAddress},
		{"168.63.129.16", ErrForbiddenAddress, ErrForbiddenAddress},
		{"100.100.100.200", ErrForbiddenAddress, ErrForbiddenAddress},
		{"fe80::1", ErrForbiddenAddress, ErrForbiddenAddress},
		{"fe80::1%eth0", ErrForbiddenAddress, ErrForbiddenAddress},
		{"0.0.0.0", ErrForbiddenAddress, ErrForbiddenAddress},
		{"0.1.2.3", ErrForbiddenAddress, ErrForbiddenAddress},
		{"::", ErrForbiddenAddress, ErrForbiddenAddress},
		{"224.0.0.1", ErrForbiddenAddress, ErrForbiddenAddress},
		{"255.255.255.255", ErrForbiddenAddress, ErrForbiddenAddress},
		{"ff02::1", ErrForbiddenAddress, ErrForbiddenAddress},
		{"2002:7f00:1::", ErrForbiddenAddress, ErrForbiddenAddress},
	} {
		t.Run(tc.addr, func(t *testing.T) {
			a := netip.MustParseAddr(tc.addr)
			if err := (Guard{}).checkAddr(a); !errors.Is(err, tc.strict) {
				t.Errorf("strict: got %v, want %v", err, tc.strict)
			}
			if err := (Guard{AllowCIDRs: private}).checkAddr(a); !errors.Is(err, tc.ranges) {
				t.Errorf("with ranges: got %v, want %v", err, tc.ranges)
			}
		})
	}
}

func TestHostsAndPorts(t *testing.T) {
	g := Guard{Hosts: []string{"Example.com", "deploy.test:8443", "*.slack.com", "10.0.0.1:81", "[2606:2800::1]"}, AllowCIDRs: prefixes("10.0.0.0/8")}
	tr := must(NewTransport(g))
	for target, want := range map[string]error{
		"https://example.com/a?b=c":    nil,
		"http://EXAMPLE.com./":         nil,
		"https://example.com:444":      ErrPort,
		"https://deploy.test:8443":     nil,
		"https://deploy.test":          ErrPort,
		"wss://wss-primary.slack.com":  nil,
		"https://a.b.slack.com":        nil,
		"https://slack.com":            ErrHost,
		"https://evilslack.com":        ErrHost,
		"https://slack.com.evil.test":  ErrHost,
		"https://example.com@evil.net": ErrHost,
		"https://evil.test":            ErrHost,
		"http://10.0.0.1:81":           nil,
		"http://[::ffff:10.0.0.1]:81":  nil,
		"http://167772161:81":          ErrHost,
		"https://[2606:2800::1]":       nil,
		"ftp://example.com":            ErrScheme,
		"file:///etc/passwd":           ErrScheme,
		"https://":                     ErrHost,
	} {
		if err := tr.CheckURL(must(url.Parse(target))); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", target, err, want)
		}
	}
}

// Whatever entry is accepted, it opens no host that it does not name.
func FuzzParseHost(f *testing.F) {
	for _, seed := range []string{"example.com", "*.a.b:1", "[::1]:80", "::1", "127.1", "a:b:c", "[fe80::1%eth0]", "xn--bcher-kva.example."} {
		f.Add(seed, "other.example")
	}
	f.Fuzz(func(t *testing.T, entry, host string) {
		rule, err := parseHost(entry)
		if err != nil {
			return
		}
		if rule.name == "" {
			t.Fatalf("%q gave an empty rule", entry)
		}
		name := canonicalHost(host)
		if rule.matchesHost(name) && name != rule.name && !(rule.subdomain && strings.HasSuffix(name, "."+rule.name)) {
			t.Fatalf("%q matches %q", entry, host)
		}
	})
}

// An address is judged alike in every way of writing it.
func FuzzCheckAddr(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{169, 254, 169, 254})
	f.Add([]byte{8, 8, 8, 8})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 4 {
			return
		}
		v4 := netip.AddrFrom4([4]byte(b[:4]))
		want := Guard{}.checkAddr(v4)
		v6 := v4.As16()
		nat := [16]byte{0: 0, 1: 0x64, 2: 0xff, 3: 0x9b, 12: b[0], 13: b[1], 14: b[2], 15: b[3]}
		for _, other := range []netip.Addr{netip.AddrFrom16(v6), netip.AddrFrom16(v6).WithZone("eth0"), netip.AddrFrom16(nat)} {
			if got := (Guard{}).checkAddr(other); (got == nil) != (want == nil) {
				t.Fatalf("%s: %v, but %s: %v", v4, want, other, got)
			}
		}
	})
}
