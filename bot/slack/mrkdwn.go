package slack

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-dev/tocsin/bot"
)

// escape makes s mean itself in mrkdwn: no mention, link or date can come of it.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(bot.Clean(s))
}

// mrkdwn writes t in Slack's dialect.
func mrkdwn(t bot.Text) string {
	var b strings.Builder
	for _, s := range t.Spans() {
		if s.Kind == bot.SpanPlain {
			b.WriteString(escape(s.Value))
		} else {
			b.WriteString(token(s))
		}
	}
	return b.String()
}

// token writes a span that must not be cut.
func token(s bot.Span) string {
	switch s.Kind {
	case bot.SpanUser:
		return reference("@", s.Value)
	case bot.SpanChannel:
		return reference("#", s.Value)
	case bot.SpanGroup:
		return reference("!subteam^", s.Value)
	case bot.SpanTime:
		return date(s)
	case bot.SpanBold:
		return emphasis("*", "∗", s.Value)
	case bot.SpanCode:
		return emphasis("`", "ˋ", s.Value)
	case bot.SpanLink:
		return link(s)
	}
	return escape(s.Value)
}

// reference writes a mention only around what looks like an id, so that
// <!subteam^channel> and the like cannot be made.
func reference(prefix, id string) string {
	if id == "" || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return escape(id)
	}
	return "<" + prefix + id + ">"
}

func date(s bot.Span) string {
	at := s.Moment()
	if at.IsZero() {
		return escape(s.Value)
	}
	return "<!date^" + s.Value + "^{date_short_pretty} {time}|" + at.Format("2006-01-02 15:04 UTC") + ">"
}

// emphasis puts mark around value. Slack has no escape for a mark, so one that
// is part of the value becomes a look-alike; it stands on one line, since a
// mark does not reach over a line break.
func emphasis(mark, alike, value string) string {
	value = strings.Join(strings.Fields(bot.Clean(value)), " ")
	if value == "" {
		return ""
	}
	return mark + escape(strings.ReplaceAll(value, mark, alike)) + mark
}

// link writes a link to the web or a mailbox; any other scheme is shown as text.
func link(s bot.Span) string {
	label := strings.Join(strings.Fields(bot.Clean(s.Label)), " ")
	u, err := url.Parse(s.Value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" || len(s.Value) > maxURL {
		return escape(strings.TrimSpace(label + " " + s.Value))
	}
	target := strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "&", "&amp;").Replace(s.Value)
	target = strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, target)
	if label == "" || label == s.Value {
		return "<" + target + ">"
	}
	return "<" + target + "|" + strings.ReplaceAll(escape(label), "|", "¦") + ">"
}

// atom is a piece of mrkdwn that must not be cut.
type atom struct {
	s    string
	size int // runes
}

func atoms(t bot.Text) []atom {
	var out []atom
	for _, s := range t.Spans() {
		if s.Kind != bot.SpanPlain {
			if w := token(s); w != "" {
				out = append(out, atom{w, utf8.RuneCountInString(w)})
			}
			continue
		}
		for _, r := range bot.Clean(s.Value) {
			switch r {
			case '&':
				out = append(out, atom{"&amp;", 5})
			case '<':
				out = append(out, atom{"&lt;", 4})
			case '>':
				out = append(out, atom{"&gt;", 4})
			default:
				out = append(out, atom{string(r), 1})
			}
		}
	}
	return out
}

// pieces cuts t into pieces of mrkdwn of at most limit runes: at a line break
// or else a space in the second half of a piece, else between two characters,
// and never within an entity or a token. A token longer than limit is left
// out; only a link that nobody could type is.
func pieces(t bot.Text, limit int) []string {
	var out []string
	all := atoms(t)
	for len(all) > 0 {
		n, size, line, space := 0, 0, -1, -1
		for n < len(all) && size+all[n].size <= limit {
			size += all[n].size
			switch all[n].s {
			case "\n":
				line = n
			case " ":
				space = n
			}
			n++
		}
		if n == 0 {
			all = all[1:]
			continue
		}
		if n < len(all) {
			switch {
			case line >= n/2:
				n = line + 1
			case space >= n/2:
				n = space + 1
			}
		}
		if piece := strings.TrimSpace(join(all[:n])); piece != "" {
			out = append(out, piece)
		}
		all = all[n:]
	}
	return out
}

func join(list []atom) string {
	var b strings.Builder
	for _, a := range list {
		b.WriteString(a.s)
	}
	return b.String()
}

// first is the first limit runes of t in mrkdwn, with "…" where it was cut.
func first(t bot.Text, limit int) string {
	all, total := atoms(t), 0
	for _, a := range all {
		total += a.size
	}
	if total <= limit {
		return strings.TrimSpace(join(all))
	}
	n, size := 0, 1
	for size+all[n].size <= limit {
		size += all[n].size
		n++
	}
	return strings.TrimSpace(join(all[:n])) + "…"
}

// cut shortens plain text to limit runes.
func cut(s string, limit int) string {
	s = strings.TrimSpace(bot.Clean(s))
	if r := []rune(s); len(r) > limit {
		return strings.TrimSpace(string(r[:limit-1])) + "…"
	}
	return s
}
