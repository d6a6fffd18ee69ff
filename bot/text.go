package bot

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Text is what people and the bot say, in nobody's dialect: plain, unescaped
// text in which a reference (a person, a channel, a group, a moment) or an
// emphasis stands as a span between two control characters that no input can
// contain, since [Clean] removes them at the border. Each writer walks
// [Text.Spans] and escapes for its own medium.
type Text string

// SpanKind tells what a [Span] is.
type SpanKind byte

// The kinds of span.
const (
	SpanPlain   SpanKind = 0
	SpanUser    SpanKind = '@' // Value: a user id
	SpanChannel SpanKind = '#' // Value: a channel id
	SpanGroup   SpanKind = '%' // Value: a user group id
	SpanTime    SpanKind = 't' // Value: Unix seconds
	SpanBold    SpanKind = 'b' // Value: plain text
	SpanCode    SpanKind = 'c' // Value: plain text
	SpanLink    SpanKind = 'l' // Value: URL; Label: plain text
)

const (
	spanOpen  = '\x02'
	spanSep   = '\x1f'
	spanClose = '\x03'
)

// Span is a piece of a [Text].
type Span struct {
	Kind  SpanKind
	Value string
	Label string
}

// Clean removes what no text may hold: control characters but newline and tab,
// and bidirectional overrides, which could make a line read as another one.
// Invalid UTF-8 becomes U+FFFD. It does not touch anything else.
func Clean(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "�")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return -1
		}
		return r
	}, s)
}

// Plain returns s as text without spans.
func Plain(s string) Text { return Text(Clean(s)) }

// Join puts texts together.
func Join(parts ...Text) Text {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(string(p))
	}
	return Text(b.String())
}

func span(k SpanKind, value, label string) Text {
	s := string(spanOpen) + string(rune(k)) + Clean(value)
	if label != "" {
		s += string(spanSep) + Clean(label)
	}
	return Text(s + string(spanClose))
}

// MentionUser is a reference to a person.
func MentionUser(id UserID) Text {
	if id == "" {
		return "nobody"
	}
	return span(SpanUser, string(id), "")
}

// MentionChannel is a reference to a channel.
func MentionChannel(id ChannelID) Text { return span(SpanChannel, string(id), "") }

// MentionGroup is a reference to a user group.
func MentionGroup(id GroupID) Text { return span(SpanGroup, string(id), "") }

// Moment is a time that each reader sees in their own zone.
func Moment(t time.Time) Text { return span(SpanTime, strconv.FormatInt(t.Unix(), 10), "") }

// Bold is s with emphasis.
func Bold(s string) Text { return span(SpanBold, s, "") }

// Code is s as something to type or to copy.
func Code(s string) Text { return span(SpanCode, s, "") }

// LinkTo is a link with a label.
func LinkTo(url, label string) Text { return span(SpanLink, url, label) }

// Spans returns the pieces of t in order. Text that was never cleaned and holds
// a lone control character is returned with it dropped.
func (t Text) Spans() []Span {
	var out []Span
	s := string(t)
	for s != "" {
		i := strings.IndexByte(s, spanOpen)
		if i < 0 {
			return appendPlain(out, s)
		}
		out = appendPlain(out, s[:i])
		s = s[i+1:]
		j := strings.IndexByte(s, spanClose)
		if j < 1 {
			return appendPlain(out, s)
		}
		value, label, _ := strings.Cut(s[1:j], string(spanSep))
		out = append(out, Span{Kind: SpanKind(s[0]), Value: value, Label: label})
		s = s[j+1:]
	}
	return out
}

func appendPlain(out []Span, s string) []Span {
	if s = strings.Trim(s, "\x03\x1f"); s != "" {
		out = append(out, Span{Kind: SpanPlain, Value: s})
	}
	return out
}

// String writes t without any dialect: people as <@ID>, channels as <#ID>,
// groups as <!subteam^ID>, times in UTC to the minute. It is what the JSON API
// and logs show; [Text] can be read back from it by [ParseRefs].
func (t Text) String() string {
	var b strings.Builder
	for _, s := range t.Spans() {
		switch s.Kind {
		case SpanUser:
			b.WriteString("<@" + s.Value + ">")
		case SpanChannel:
			b.WriteString("<#" + s.Value + ">")
		case SpanGroup:
			b.WriteString("<!subteam^" + s.Value + ">")
		case SpanTime:
			b.WriteString(s.Moment().UTC().Format("2006-01-02 15:04 UTC"))
		case SpanLink:
			b.WriteString(s.linkString())
		default:
			b.WriteString(s.Value)
		}
	}
	return b.String()
}

func (s Span) linkString() string {
	if s.Label == "" || s.Label == s.Value {
		return s.Value
	}
	return s.Label + " (" + s.Value + ")"
}

// Moment returns the time of a [SpanTime].
func (s Span) Moment() time.Time {
	n, err := strconv.ParseInt(s.Value, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// OneLine returns t with newlines and tabs as spaces, at most limit runes long
// (0: no limit); a span is never cut in two.
func (t Text) OneLine(limit int) Text {
	var b strings.Builder
	left := limit
	for _, s := range t.Spans() {
		if s.Kind != SpanPlain {
			if limit > 0 && left <= 0 {
				break
			}
			b.WriteString(string(span(s.Kind, s.Value, s.Label)))
			left -= 10
			continue
		}
		v := strings.Join(strings.Fields(s.Value), " ")
		if strings.TrimLeft(s.Value, " \n\t") != s.Value && b.Len() > 0 {
			v = " " + v
		}
		if strings.TrimRight(s.Value, " \n\t") != s.Value {
			v += " "
		}
		if r := []rune(v); limit > 0 && len(r) > left {
			b.WriteString(string(r[:max(left-1, 0)]) + "…")
			break
		} else {
			left -= len(r)
		}
		b.WriteString(v)
	}
	return Text(strings.TrimSpace(b.String()))
}

// Users returns the people that t refers to, in order, each once.
func (t Text) Users() []UserID {
	var out []UserID
	seen := map[string]bool{}
	for _, s := range t.Spans() {
		if s.Kind == SpanUser && !seen[s.Value] {
			seen[s.Value] = true
			out = append(out, UserID(s.Value))
		}
	}
	return out
}

// ParseRefs reads text in which references stand as [Text.String] writes them:
// <@U1>, <@U1|name>, <#C1|name>, <!subteam^S1|@name>. Everything else, the
// angle brackets of other things included, stays as it is. It is how text from
// the JSON API and the command line becomes [Text].
func ParseRefs(s string) Text {
	s = Clean(s)
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		j := strings.IndexByte(s, '>')
		if j < 0 {
			break
		}
		if ref, ok := parseRef(s[1:j]); ok {
			b.WriteString(string(ref))
			s = s[j+1:]
			continue
		}
		b.WriteByte('<')
		s = s[1:]
	}
	b.WriteString(s)
	return Text(b.String())
}

func parseRef(body string) (Text, bool) {
	id, _, _ := strings.Cut(body, "|")
	switch {
	case strings.HasPrefix(id, "@") && isID(id[1:]):
		return MentionUser(UserID(id[1:])), true
	case strings.HasPrefix(id, "#") && isID(id[1:]):
		return MentionChannel(ChannelID(id[1:])), true
	case strings.HasPrefix(id, "!subteam^") && isID(id[9:]):
		return MentionGroup(GroupID(id[9:])), true
	}
	return "", false
}

func isID(s string) bool {
	if len(s) < 2 {
		return false
	}
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}
