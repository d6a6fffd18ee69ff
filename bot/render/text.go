package render

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/tocsin-dev/tocsin/bot"
)

// writer writes texts as Markdown.
type writer struct {
	zone *time.Location
	who  func(bot.UserID) string
}

// Layouts of times.
const (
	layoutDay    = "2 January 2006"
	layoutClock  = "15:04 MST"
	layoutMoment = layoutDay + ", " + layoutClock
)

func (w writer) moment(t time.Time) string {
	return bot.EscapeMarkdown(t.In(w.zone).Format(layoutMoment))
}

// name is what somebody is called; empty: nobody.
func (w writer) name(id bot.UserID) string {
	if id == "" {
		return "nobody"
	}
	name := strings.Join(strings.Fields(bot.Clean(w.who(id))), " ")
	if name == "" {
		name = string(id)
	}
	return escaped(name)
}

// markdown writes t, whose plain parts are Markdown already.
func (w writer) markdown(t bot.Text) string {
	return w.spans(t, func(s string) string { return s })
}

// line writes t as it was typed, in one line.
func (w writer) line(t bot.Text) string {
	return strings.Join(w.lines(t), " ")
}

// lines writes t as it was typed, without its empty lines.
func (w writer) lines(t bot.Text) []string {
	var out []string
	for line := range strings.SplitSeq(w.spans(t, escaped), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, upright(line))
		}
	}
	return out
}

func (w writer) spans(t bot.Text, plain func(string) string) string {
	var b strings.Builder
	for _, s := range t.Spans() {
		switch s.Kind {
		case bot.SpanPlain:
			b.WriteString(plain(s.Value))
		case bot.SpanUser:
			b.WriteString(w.name(bot.UserID(s.Value)))
		case bot.SpanChannel:
			b.WriteString(escaped("#" + s.Value))
		case bot.SpanGroup:
			b.WriteString(escaped("@" + s.Value))
		case bot.SpanTime:
			b.WriteString(w.moment(s.Moment()))
		case bot.SpanLink:
			b.WriteString(link(s.Value, s.Label))
		case bot.SpanCode:
			b.WriteString(code(s.Value))
		case bot.SpanBold:
			b.WriteString(bold(s.Value))
		default:
			b.WriteString(escaped(s.Value))
		}
	}
	return b.String()
}

// address finds what may be an address in text that somebody typed.
var address = regexp.MustCompile("(?i)https?://[^\\s<>\"`{}|\\\\^]+")

// escaped is s as it was typed. An address is written as the link that it is,
// since what it holds cannot be escaped.
func escaped(s string) string {
	s = bot.Clean(s)
	var b strings.Builder
	for s != "" {
		at := address.FindStringIndex(s)
		if at == nil {
			break
		}
		end := at[0] + bare(s[at[0]:at[1]])
		b.WriteString(bot.EscapeMarkdown(s[:at[0]]))
		if leads(s[at[0]:end]) {
			b.WriteString("<" + s[at[0]:end] + ">")
		} else {
			b.WriteString(bot.EscapeMarkdown(s[at[0]:end]))
		}
		s = s[end:]
	}
	return b.String() + bot.EscapeMarkdown(s)
}

// bare is how far an address reaches without the punctuation of the sentence
// around it.
func bare(s string) int {
	n := len(s)
	for n > 0 {
		last := s[n-1]
		closes := last == ')' && strings.Count(s[:n], ")") > strings.Count(s[:n], "(") ||
			last == ']' && strings.Count(s[:n], "]") > strings.Count(s[:n], "[")
		if !closes && strings.IndexByte(".,;:!?'*_~", last) < 0 {
			break
		}
		n--
	}
	return n
}

// upright keeps the beginning of a line from being read as that of a list, as a
// rule, or as the line under a heading.
func upright(line string) string {
	digits := strings.TrimLeft(line, "0123456789")
	switch n := len(line) - len(digits); {
	case strings.ContainsRune("-+=:", rune(line[0])):
		return `\` + line
	case n > 0 && digits != "" && (digits[0] == '.' || digits[0] == ')'):
		return line[:n] + `\` + digits
	}
	return line
}

func bold(s string) string {
	inner := strings.Join(strings.Fields(s), " ")
	if inner == "" {
		return s
	}
	return "**" + escaped(inner) + "**"
}

// code fences s with more backticks than it has in a row.
func code(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\t' }), " ")
	if strings.TrimSpace(s) == "" {
		return s
	}
	fence := strings.Repeat("`", longest(s, '`')+1)
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' {
		s = " " + s + " " // of which a reader takes one away
	}
	return fence + s + fence
}

// longest is the length of the longest run of c in s.
func longest(s string, c byte) int {
	most, run := 0, 0
	for k := range len(s) {
		if s[k] != c {
			run = 0
			continue
		}
		run++
		most = max(most, run)
	}
	return most
}

// link writes a link, or its text where it does not lead to the web.
func link(to, label string) string {
	label = strings.Join(strings.Fields(label), " ")
	if !leads(to) {
		if label == "" || label == to {
			return escaped(to)
		}
		return escaped(label + " (" + to + ")")
	}
	if label == "" {
		label = to
	}
	if strings.IndexFunc(to, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>()\*_`+"`", r) }) >= 0 {
		to = "<" + strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", `\`, "%5C").Replace(to) + ">"
	}
	return "[" + bot.EscapeMarkdown(bot.Clean(label)) + "](" + to + ")" // links hold no links
}

// leads reports whether a link may lead to it: a host on the web that is
// what it seems, or somebody's mail.
func leads(to string) bool {
	u, err := url.Parse(to)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Hostname() != "" && u.User == nil
	case "mailto":
		return u.Opaque != ""
	}
	return false
}
