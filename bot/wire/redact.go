package wire

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// minKnown is the least length of a value that is masked wherever it occurs.
// Shorter ones would black out ordinary words; secrets that short are refused
// where they are used.
const minKnown = 8

// Redactor masks secrets in text: the values it was given, in the forms in
// which they travel, and everything of the shape of a secret. It is safe for
// concurrent use, and its zero value knows the shapes alone.
type Redactor struct{ known *strings.Replacer }

// NewRedactor takes the values of all secrets of the configuration. Those under
// eight bytes are ignored.
func NewRedactor(secrets ...string) *Redactor {
	var forms []string
	for _, secret := range secrets {
		forms = append(forms, formsOf(secret)...)
	}
	// The longest first: of two secrets where one begins with the other, the
	// rest of the longer must not stay behind.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	forms = slices.Compact(forms)
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range forms {
		pairs = append(pairs, form, mask)
	}
	return &Redactor{known: strings.NewReplacer(pairs...)}
}

// Redact returns text with every secret replaced by "[redacted]". It is cheap
// for text that holds none.
func (r *Redactor) Redact(text string) string {
	if r.known != nil {
		text = r.known.Replace(text)
	}
	return maskShapes(text)
}

// formsOf lists how a secret may appear: as it is, in a URL, in Base64, quoted
// in an error or in JSON, and a private key also line by line.
func formsOf(secret string) []string {
	secret = strings.TrimSpace(secret)
	if len(secret) < minKnown {
		return nil
	}
	raw := []byte(secret)
	forms := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:],
		base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString(raw),
		base64.URLEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
		strings.Trim(strconv.Quote(secret), `"`),
	}
	if text, err := json.Marshal(secret); err == nil {
		forms = append(forms, strings.Trim(string(text), `"`))
	}
	if lines := strings.Split(secret, "\n"); len(lines) > 1 {
		for _, line := range lines {
			// BEGIN and END lines are no secret, and shared by all keys.
			if line = strings.TrimSpace(line); len(line) >= MinSecret && !strings.HasPrefix(line, "-----") {
				forms = append(forms, line)
			}
		}
	}
	return forms
}
