package wire

import (
	"regexp"
	"strings"
)

// mask stands where a secret stood. No shape below matches it, so that masking
// twice changes nothing.
const mask = "[redacted]"

// shape is one form by which a secret is known without knowing its value.
type shape struct {
	// hint is a literal that every match contains, in lower case. Looking for
	// it first is what makes a dozen expressions affordable on every log line.
	hint string
	// re matches the secret. Its first group, if it has one, is kept: the text
	// that says what was there.
	re *regexp.Regexp
	// random asks that the secret holds a digit: after a word of plain English
	// (bearer, authorization) a run of letters is more English.
	random bool
}

// shapes errs on the side of masking. Lengths are lower bounds well under what
// the issuers use, since a secret cut in half is still half a secret; the
// prefixes are what makes them certain.
var shapes = []shape{
	// Without an end marker all that follows is masked: a log line cut short
	// still holds the key.
	{hint: "private key", re: regexp.MustCompile(`-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----|\z)`)},
	{hint: "xox", re: regexp.MustCompile(`xox[a-z](?:\.xox[a-z])?-[0-9A-Za-z-]{8,}`)},
	{hint: "xapp-", re: regexp.MustCompile(`xapp-[0-9A-Za-z-]{8,}`)},
	{hint: "xwfp-", re: regexp.MustCompile(`xwfp-[0-9A-Za-z-]{8,}`)},
	// A webhook URL is a right to post; response URLs are of the same kind.
	{hint: "hooks.slack", re: regexp.MustCompile(`(?i)(hooks\.slack(?:-gov)?\.com/)[^\s"'<>|)\]\[]+`)},
	// ghs_ may be a long JWT with dots.
	{hint: "gh", re: regexp.MustCompile(`gh[opsru]_[0-9A-Za-z_.-]{16,}`)},
	{hint: "github_pat_", re: regexp.MustCompile(`github_pat_[0-9A-Za-z_]{16,}`)},
	{hint: "tocsin_", re: regexp.MustCompile(`tocsin_[0-9a-f]{16,}`)}, // our own personal tokens
	{hint: "glpat-", re: regexp.MustCompile(`glpat-[0-9A-Za-z_.-]{16,}`)},
	{hint: "wh", re: regexp.MustCompile(`wh(?:sec|sk)_[0-9A-Za-z+/=_-]{16,}`)},
	{hint: "ia", re: regexp.MustCompile(`\bA(?:KI|SI)A[0-9A-Z]{16}\b`)},
	{hint: "eyj", re: regexp.MustCompile(`eyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*`)},
	{hint: "bearer", re: regexp.MustCompile(`(?i)(\bbearer\s+)[0-9A-Za-z._~+/=-]{8,}`), random: true},
	{hint: "authorization", re: regexp.MustCompile(`(?i)(authorization["']?\s*[:=]\s*\[?["']?(?:[a-z-]{1,16}\s+)?)[^\s"',;\[\]]{8,}`), random: true},
	// Up to the last @ before the path, since a password may hold one unescaped.
	{hint: "://", re: regexp.MustCompile(`(\b[A-Za-z][0-9A-Za-z+.-]{0,31}://)[^\s/?#"'<>\[\]]+@`)},
	// Only with "=" or as JSON: "password: see the vault" is a sentence.
	{hint: "=", re: regexp.MustCompile(`(?i)((?:password|passwd|secret|token|api_?key|access_?key|signature)["']?=["']?)[^\s"'&;,\[\]]{4,}`)},
	{hint: `":`, re: regexp.MustCompile(`(?i)((?:password|passwd|secret|token|api_?key|access_?key|signature)\\?"\s*:\s*\\?")[^"\\\[\]]{4,}`)},
}

// LooksSecret reports whether text holds something of the shape of a secret. It
// knows shapes, not values: use it to hold back what is about to be published,
// not to prove that it may be.
func LooksSecret(text string) bool {
	lower := strings.ToLower(text)
	for _, s := range shapes {
		if strings.Contains(lower, s.hint) && s.found(text) {
			return true
		}
	}
	return false
}

func maskShapes(text string) string {
	lower := strings.ToLower(text)
	for _, s := range shapes {
		if strings.Contains(lower, s.hint) {
			text = s.masked(text)
		}
	}
	return text
}

func (s shape) found(text string) bool {
	if !s.random {
		return s.re.MatchString(text)
	}
	for _, m := range s.re.FindAllStringSubmatchIndex(text, -1) {
		if s.accepts(text, m) {
			return true
		}
	}
	return false
}

func (s shape) masked(text string) string {
	matches := s.re.FindAllStringSubmatchIndex(text, -1)
	if matches == nil {
		return text
	}
	var out strings.Builder
	last := 0
	for _, m := range matches {
		if !s.accepts(text, m) {
			continue
		}
		out.WriteString(text[last:m[0]])
		if len(m) > 2 {
			out.WriteString(text[m[2]:m[3]])
		}
		out.WriteString(mask)
		if s.hint == "://" {
			out.WriteByte('@') // leaves a URL that still shows its host
		}
		last = m[1]
	}
	out.WriteString(text[last:])
	return out.String()
}

// accepts judges a match m, as FindAllStringSubmatchIndex gives it.
func (s shape) accepts(text string, m []int) bool {
	return !s.random || strings.ContainsAny(text[m[3]:m[1]], "0123456789")
}
