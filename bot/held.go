package bot

import (
	"net/netip"
	"regexp"
	"slices"
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

// HeldBecause says why a text to customers wants a second look, every reason in
// one sentence, the worst first; or "".
func HeldBecause(t Text) string {
	s := t.String()
	found := map[string][]string{}
	for _, c := range []struct {
		held       bool
		verb, what string
	}{
		{secretShape.MatchString(s), "holds", "what looks like a secret"},
		{strings.Contains(s, "```"), "holds", "a code block"},
		{hostShape.MatchString(s) || privateAddress(s), "holds", "a private address"},
		{mailShape.MatchString(s), "holds", "an e-mail address"},
		{t.refersTo(SpanUser, SpanGroup), "mentions", "a person or a group of the workspace"},
		{t.refersTo(SpanChannel), "mentions", "a channel of the workspace"},
	} {
		if c.held {
			found[c.verb] = append(found[c.verb], c.what)
		}
	}
	var why []string
	for _, verb := range []string{"holds", "mentions"} {
		if len(found[verb]) > 0 {
			why = append(why, "it "+verb+" "+listed(found[verb]))
		}
	}
	return strings.Join(why, ", and ")
}

// listed is a, b and c.
func listed(parts []string) string {
	last := len(parts) - 1
	if last == 0 {
		return parts[0]
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func (t Text) refersTo(kinds ...SpanKind) bool {
	return slices.ContainsFunc(t.Spans(), func(s Span) bool { return slices.Contains(kinds, s.Kind) })
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
