package bot

import (
	"net/netip"
	"regexp"
	"strings"
)

// What a text to customers must not hold by accident. The shapes of secrets
// are those that their issuers document as searchable prefixes.
var (
	mailShape   = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`)
	secretShape = regexp.MustCompile(`xox[abeprs]-|xapp-|gh[opsur]_[A-Za-z0-9]{20}|github_pat_|glpat-|sk_live_|AKIA[0-9A-Z]{12}|whsec_|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{10,}\.eyJ|tocsin_[A-Za-z0-9]{20}|://[^/\s:@]+:[^/\s@]+@`)
	addrShape   = regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b|\[?[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}\]?`)
	hostShape   = regexp.MustCompile(`(?i)\b[a-z0-9-]+(\.[a-z0-9-]+)*\.(internal|local|lan|corp|intranet)\b|\blocalhost\b`)
)

// HeldBecause says why a text to customers wants a second look, or "".
func HeldBecause(t Text) string {
	for _, s := range t.Spans() {
		switch s.Kind {
		case SpanUser, SpanGroup:
			return "it mentions a person or a group of the workspace"
		case SpanChannel:
			return "it mentions a channel of the workspace"
		}
	}
	s := t.String()
	switch {
	case strings.Contains(s, "```"):
		return "it holds a code block"
	case secretShape.MatchString(s):
		return "it holds what looks like a secret"
	case mailShape.MatchString(s):
		return "it holds an e-mail address"
	case hostShape.MatchString(s), privateAddress(s):
		return "it holds a private address"
	}
	return ""
}

func privateAddress(s string) bool {
	for _, m := range addrShape.FindAllString(s, -1) {
		a, err := netip.ParseAddr(strings.Trim(m, "[]"))
		if err == nil && (a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()) {
			return true
		}
	}
	return false
}
