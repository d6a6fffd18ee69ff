package slack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tocsin-dev/tocsin/bot"
)

// maxName is the longest name of a channel; Slack takes lower-case letters,
// digits, - and _.
const maxName = 80

// channelName returns the name of an incident's channel: the configured pattern
// with {number}, {title}, {date} and {severity} filled in as they were at the
// declare, which is first. Whatever pattern and title are, it is a valid name
// with the number in it; a suffix above 1 is for when the name is taken.
func channelName(set *bot.Settings, first bot.Event, suffix int) string {
	pattern, n := set.ChannelName, strconv.FormatInt(first.Incident, 10)
	tail := suffixOf(suffix)
	if !strings.Contains(pattern, "{number}") {
		tail = "-" + n + tail
	}
	date := first.At.In(set.Zone).Format("20060102")
	fill := func(title string) string {
		return slug(strings.NewReplacer("{number}", n, "{title}", title, "{date}", date, "{severity}", first.Data.Severity).Replace(pattern))
	}
	text := []rune(slug(plainOf(first.Text)))
	for {
		name := fill(string(text))
		over := len(name) + len(tail) - maxName
		if over <= 0 && hasNumber(name+tail, n) && strings.Trim(name, "-_") != "" {
			return name + tail
		}
		if over <= 0 || len(text) == 0 {
			break
		}
		text = text[:len(text)-min(len(text), over)]
	}
	// A pattern that is too long by itself, is empty, or hides the number.
	tail = suffixOf(suffix)
	return cutName("inc-"+n+"-"+fill(string(text)), maxName-len(tail)) + tail
}

func suffixOf(suffix int) string {
	if suffix > 1 {
		return "-" + strconv.Itoa(suffix)
	}
	return ""
}

func cutName(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.TrimRight(s, "-_")
}

// hasNumber reports whether n stands in name as a number of its own.
func hasNumber(name, n string) bool {
	return slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' }), n)
}

// plainOf is t without references, which would be ids in a name.
func plainOf(t bot.Text) string {
	var b strings.Builder
	for _, s := range t.Spans() {
		switch s.Kind {
		case bot.SpanPlain, bot.SpanBold, bot.SpanCode:
			b.WriteString(s.Value)
		case bot.SpanLink:
			b.WriteString(s.Label)
		case bot.SpanUser, bot.SpanChannel, bot.SpanGroup, bot.SpanTime:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// slug makes lower-case words with single dashes between them.
func slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(s) {
		word := latin(r)
		if word == "" {
			dash = dash || !unicode.IsMark(r)
			continue
		}
		if dash && b.Len() > 0 && word != "_" {
			b.WriteByte('-')
		}
		dash = false
		b.WriteString(word)
	}
	return strings.Trim(b.String(), "-_")
}

// latin returns r in the letters that Slack takes, or "".
func latin(r rune) string {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
		return string(r)
	}
	const from, to = "àáâãåāăąçćčĉďđðèéêëēĕėęěğģĝĥħìíîïĩīĭįıĵķĺļľłñńņňòóôõōŏőøŕřśŝşšșţťțŧùúûũūŭůűųŵýÿŷźżž",
		"aaaaaaaaccccdddeeeeeeeeeggghhiiiiiiiiijkllllnnnnoooooooorrsssssttttuuuuuuuuuwyyyzzz"
	if k := slices.Index([]rune(from), r); k >= 0 {
		return to[k : k+1]
	}
	return map[rune]string{'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", '&': "-and-"}[r]
}

// topic is what stands over an incident's channel. Slack formats nothing there
// and takes 250 characters.
func topic(set *bot.Settings, i *bot.Incident, commander string) string {
	sev := set.Severity(i.Severity)
	parts := []string{strings.ToUpper(sev.ID) + " " + sev.Name, i.Status.Label(), "Commander: " + orElse(commander, "nobody"),
		fmt.Sprintf("#%d %s", i.Number, plainOf(i.Title.OneLine(0)))}
	if i.Drill {
		parts = append([]string{"DRILL"}, parts...)
	}
	// Slack reads tokens in a topic; a person's angle brackets must not make one.
	return cut(strings.NewReplacer("<", "‹", ">", "›", "\n", " ").Replace(strings.Join(parts, " · ")), 250)
}
