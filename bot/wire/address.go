package wire

import (
	"net/netip"
	"slices"
)

// reach says under which condition an address may be connected to.
type reach int

const (
	reachPublic   reach = iota // always
	reachListed                // only inside a listed range
	reachLoopback              // only inside a listed range, and with loopback allowed
	reachNever                 // under no configuration
)

// never lists what no deploy system lives on and what an attacker wants: the
// metadata services of the clouds first of all. A listed range that covers one
// of them, such as fd00::/8, does not open it.
var never = prefixes(
	"0.0.0.0/8", "::/128", // "this host": reaches loopback on Linux
	"169.254.0.0/16", "fe80::/10", // link-local, with the metadata services of most clouds
	"fd00:ec2::/32",                            // AWS metadata, DNS and time over IPv6
	"fd20:ce::254/128",                         // Google metadata over IPv6
	"168.63.129.16/32",                         // Azure's wire server, a public address in form
	"100.100.100.200/32",                       // Alibaba metadata, inside the carrier-grade range
	"192.0.0.192/32",                           // Oracle metadata (classic)
	"192.88.99.0/24", "2002::/16", "2001::/23", // 6to4, Teredo: carry an IPv4 address past this list
	"224.0.0.0/4", "ff00::/8", // multicast
	"240.0.0.0/4", // reserved, and broadcast
)

// listed are the ranges that are somebody's inside: private, shared, reserved
// for benchmarks or documentation.
var listed = prefixes(
	"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24",
	"192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"2001:db8::/32", "3fff::/20",
)

var (
	loopback = prefixes("127.0.0.0/8", "::1/128")
	// global is the only part of IPv6 given out for use on the internet; all
	// outside it, such as fc00::/7, is treated as listed-only.
	global = netip.MustParsePrefix("2000::/3")
	// nat64 is how an IPv6-only network reaches IPv4: the last four bytes are
	// the real destination and are judged in its place.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

func within(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// plain brings an address into the one form that prefixes can be compared with:
// Contains is false for ::ffff:127.0.0.1 and for a zoned fe80::1%eth0.
func plain(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// classify expects a plain address.
func classify(a netip.Addr) reach {
	switch {
	case !a.IsValid() || within(never, a):
		return reachNever
	case within(loopback, a):
		return reachLoopback
	case within(listed, a), a.Is6() && !global.Contains(a):
		return reachListed
	}
	return reachPublic
}
