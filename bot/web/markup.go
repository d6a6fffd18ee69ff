package web

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/tocsin-dev/tocsin/bot"
)

// piece is a run of plain text, or a link if URL is set.
type piece struct{ Text, URL string }

// paragraph is what stands between two empty lines, line by line.
type paragraph [][]piece

// publicText is t for customers. Who and where inside the organisation is
// meant is nobody's business, so references become general words, also those
// that were typed as raw tokens.
func publicText(t bot.Text) string {
	var b strings.Builder
	for _, s := range bot.ParseRefs(t.String()).Spans() {
		switch s.Kind {
		case bot.SpanUser, bot.SpanGroup:
			b.WriteString("someone")
		case bot.SpanChannel:
			b.WriteString("a channel")
		default:
			b.WriteString(s.Value)
		}
	}
	return strings.TrimSpace(b.String())
}

// references finds the raw tokens of people, groups and channels in Markdown,
// escaped or not, and drawn finds those that entities put together in HTML.
var (
	references = regexp.MustCompile(`\\?<\\?(@|#|\\?!subteam\^)[A-Z0-9]{2,}(\\?\|[^<>\n]*?)?\\?>`)
	drawn      = regexp.MustCompile(`&lt;(@|#|!subteam\^)[A-Z0-9]{2,}(\|[^&\n]*?)?&gt;`)
)

func generalWord(token string) string {
	if strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(token, "&lt;"), `\<`), "#") {
		return "a channel"
	}
	return "someone"
}

// publicReport is a post-mortem for customers, as Markdown. Who and where were
// taken out when it was published; this is for what slipped through.
func publicReport(t bot.Text) string {
	return references.ReplaceAllStringFunc(publicText(t), generalWord)
}

// general is publicReport for what shows only once the Markdown is drawn.
func general(html string) string { return drawn.ReplaceAllStringFunc(html, generalWord) }

// publicLine is a title for customers: one line.
func publicLine(t bot.Text) string { return strings.Join(strings.Fields(publicText(t)), " ") }

// markup splits t for the templates, which escape each piece by itself.
func markup(t bot.Text) []paragraph {
	var out []paragraph
	var open paragraph
	for line := range strings.SplitSeq(publicText(t), "\n") {
		if strings.TrimSpace(line) == "" {
			if open != nil {
				out, open = append(out, open), nil
			}
			continue
		}
		open = append(open, pieces(line))
	}
	if open != nil {
		out = append(out, open)
	}
	return out
}

// pieces finds the web addresses in a line.
func pieces(line string) []piece {
	var out []piece
	for line != "" {
		start, end := findURL(line)
		if start < 0 {
			break
		}
		if start > 0 {
			out = append(out, piece{Text: line[:start]})
		}
		out = append(out, piece{Text: line[start:end], URL: line[start:end]})
		line = line[end:]
	}
	if line != "" {
		out = append(out, piece{Text: line})
	}
	return out
}

// findURL returns where the first http(s) address of line is, or -1.
func findURL(line string) (start, end int) {
	lower := strings.ToLower(line)
	if len(lower) != len(line) { // a letter changed its length; only plain spelling is found
		lower = line
	}
	for from := 0; ; {
		k := strings.Index(lower[from:], "http")
		if k < 0 {
			return -1, -1
		}
		start = from + k
		from = start + len("http")
		if !strings.HasPrefix(lower[from:], "://") && !strings.HasPrefix(lower[from:], "s://") {
			continue
		}
		if end = start + urlLength(line[start:]); linkable(line[start:end]) {
			return start, end
		}
	}
}

// urlLength is how far an address reaches: to a space or a delimiter, without
// the punctuation of the sentence around it.
func urlLength(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`{}|\\^", r)
	})
	if n < 0 {
		n = len(s)
	}
	for n > 0 {
		last := s[n-1]
		switch {
		case strings.IndexByte(".,;:!?'*_~", last) >= 0:
		case last == ')' && strings.Count(s[:n], ")") > strings.Count(s[:n], "("):
		case last == ']' && strings.Count(s[:n], "]") > strings.Count(s[:n], "["):
		default:
			return n
		}
		n--
	}
	return n
}

// linkable refuses what names no host, or carries a user that could pass for
// one (https://bank.example@evil.example).
func linkable(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Hostname() != "" && u.User == nil
}
