package slack

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// unescape turns Slack's three entities back. One pass, so that what a person
// typed as "&amp;lt;" stays what it was.
func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// decode reads text as Slack sends it: entities and tokens in angle brackets.
// What a person typed as "<@U1>" comes as "&lt;@U1&gt;" and is no mention.
func decode(s string) bot.Text {
	var b strings.Builder
	for s != "" {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		length := strings.IndexAny(s[open+1:], "<>")
		if length < 0 {
			break
		}
		b.WriteString(string(bot.Plain(unescape(s[:open]))))
		if s[open+1+length] == '<' { // the first one opens nothing
			b.WriteByte('<')
			s = s[open+1:]
			continue
		}
		b.WriteString(string(decodeToken(s[open+1 : open+1+length])))
		s = s[open+1+length+1:]
	}
	b.WriteString(string(bot.Plain(unescape(s))))
	return bot.Text(b.String())
}

func decodeToken(body string) bot.Text {
	// References are read by bot, which knows what an id looks like.
	if ref := bot.ParseRefs("<" + body + ">"); len(ref.Spans()) == 1 && ref.Spans()[0].Kind != bot.SpanPlain {
		return ref
	}
	target, label, labelled := strings.Cut(body, "|")
	switch {
	case target == "!here" || target == "!channel" || target == "!everyone":
		return bot.Plain("@" + target[1:])
	case strings.HasPrefix(target, "!"):
		if labelled {
			return bot.Plain(unescape(label))
		}
	case strings.HasPrefix(target, "mailto:"), strings.HasPrefix(target, "tel:"):
		_, address, _ := strings.Cut(target, ":")
		return bot.Plain(unescape(address))
	case strings.HasPrefix(target, "http://"), strings.HasPrefix(target, "https://"):
		_, typed, _ := strings.Cut(target, "://")
		if labelled && strings.TrimSuffix(typed, "/") == strings.TrimSuffix(label, "/") {
			return bot.Plain(unescape(label)) // Slack made a link of "example.com"
		}
		return bot.Plain(unescape(target))
	}
	return bot.Plain("<" + unescape(body) + ">")
}
