package github

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	maxTitle = 200 // runes; GitHub takes 256
	// maxText is how many bytes of a text are sent, before it is escaped; GitHub takes
	// a body of 65,536 characters.
	maxText = 10_000
	// breaker stands where GitHub would see a mention or a reference. Nobody sees it.
	breaker = "\u200b"
)

// issueRequest is what an item's issue is opened with. There are no assignees in
// it: one that GitHub does not know would cost the whole issue.
func (g *GitHub) issueRequest(ctx context.Context, t *task) (*gh.IssueRequest, error) {
	var title, body string
	err := g.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		p := people{tx}
		text, err := p.plain(t.f.Text)
		if err != nil {
			return err
		}
		if title = titleOf(text); title == "" {
			title = fmt.Sprintf("Action item %d", t.f.Number)
		}
		body, err = g.body(p, t, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	in := &gh.IssueRequest{Title: &title, Body: &body}
	if labels := g.labels(t.f); len(labels) > 0 {
		in.Labels = &labels
	}
	return in, nil
}

// body is the body of an item's issue: its text, what is known of it, and the
// marker by which it is found again.
func (g *GitHub) body(p people, t *task, text string) (string, error) {
	about, err := p.plain(t.i.Title)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(atStart(g.harmless(text)) + "\n\n")
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	owner := ""
	if t.f.Owner != "" {
		if owner, err = p.name(t.f.Owner); err != nil {
			return "", err
		}
	}
	service := t.f.Service
	if s, ok := bot.Find(g.bot.Settings.Services, service); ok {
		service = s.Name
	}
	line("Incident", g.harmless(fmt.Sprintf("#%d %s", t.i.Number, about)))
	line("Severity", g.harmless(strings.ToUpper(t.i.Severity)))
	line("Owner", g.harmless(owner))
	line("Priority", g.harmless(strings.ToUpper(t.f.Priority)))
	line("Due", string(t.f.Due))
	line("Service", g.harmless(service))
	b.WriteString("\n" + marker(t.f.Key) + "\n")
	return b.String(), nil
}

func marker(key string) string { return "<!-- tocsin:item=" + key + " -->" }

func hasMarker(body, key string) bool { return key != "" && strings.Contains(body, marker(key)) }

var anyMarker = regexp.MustCompile(`<!-- tocsin:item=([A-Z0-9]{26}) -->`)

// keyIn is the key of the item that a body is about; empty: it is about none.
func keyIn(body string) string {
	if m := anyMarker.FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return ""
}

var dueLine = regexp.MustCompile(`^Due: [0-9]{4}-[0-9]{2}-[0-9]{2}\s*$`)

// setDue brings our line with the day in a body to due, and leaves all else as it
// is. A body without our marker is not ours. The line is the last one before the
// marker that reads so: an item's own text comes before it.
func setDue(body string, due bot.Date, key string) string {
	if !hasMarker(body, key) {
		return body
	}
	at := strings.Index(body, marker(key))
	lines := strings.SplitAfter(body[:at], "\n")
	for k := len(lines) - 1; k >= 0; k-- {
		if !dueLine.MatchString(lines[k]) {
			continue
		}
		if due == "" {
			lines[k] = ""
		} else {
			lines[k] = "Due: " + string(due) + lines[k][len("Due: 2006-01-02"):]
		}
		return strings.Join(lines, "") + body[at:]
	}
	if due == "" {
		return body
	}
	return body[:at] + "Due: " + string(due) + "\n\n" + body[at:]
}

// people is who a text may refer to.
type people struct{ tx bot.ReadTx }

// name is what somebody is called.
func (p people) name(id bot.UserID) (string, error) {
	who, err := bot.FindPerson(p.tx, id)
	switch {
	case err != nil:
		return "", err
	case who.Name != "":
		return who.Name, nil
	case who.Handle != "":
		return who.Handle, nil
	}
	return string(id), nil
}

// plain is a text in one line without references: people, channels and groups by
// their names.
func (p people) plain(t bot.Text) (string, error) {
	var b strings.Builder
	for _, s := range t.Spans() {
		v, err := p.span(s)
		if err != nil {
			return "", err
		}
		b.WriteString(v)
	}
	// Entities are decoded once: a client that sent them meant what they stand for.
	text := bot.Clean(html.UnescapeString(b.String()))
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text, nil
}

func (p people) span(s bot.Span) (string, error) {
	switch s.Kind {
	case bot.SpanUser:
		return p.name(bot.UserID(s.Value))
	case bot.SpanChannel:
		c, err := p.tx.Channel(bot.ChannelID(s.Value))
		return "#" + nameOr(c.Name, s.Value), unlessMissing(err)
	case bot.SpanGroup:
		v, err := p.tx.Group(bot.GroupID(s.Value))
		return nameOr(v.Name, nameOr(v.Handle, s.Value)), unlessMissing(err)
	case bot.SpanTime:
		return s.Moment().Format("2006-01-02 15:04 UTC"), nil
	case bot.SpanLink:
		if s.Label != "" && s.Label != s.Value {
			return s.Label + " (" + s.Value + ")", nil
		}
	case bot.SpanPlain, bot.SpanBold, bot.SpanCode:
	}
	return s.Value, nil
}

func nameOr(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

func unlessMissing(err error) error {
	if bot.KindOf(err) == bot.KindNotFound {
		return nil
	}
	return err
}

// titleOf is text as a title, which GitHub shows as it is.
func titleOf(text string) string {
	text = strings.TrimLeft(text, "-#>*+=~ \t"+breaker)
	r := []rune(unlinked(text))
	if len(r) > maxTitle {
		return strings.TrimRight(string(r[:maxTitle-1]), breaker) + "…"
	}
	return string(r)
}

var (
	webAddress = regexp.MustCompile("(?i)\\bhttps?://[^\\s<>\"'`|\\\\^{}\\[\\]]+")
	reference  = regexp.MustCompile(`(?i)(#|\bGH-)([0-9])`)
	// markup is all that Markdown and HTML could be made of.
	markup = strings.NewReplacer(
		`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `~`, `\~`, `!`, `\!`, `$`, `\$`,
		`<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`,
	)
)

// unlinked breaks what GitHub would take for a mention or a reference. A backslash
// does not, and neither does an entity.
func unlinked(text string) string {
	text = strings.ReplaceAll(text, "@", "@"+breaker)
	return reference.ReplaceAllString(text, "${1}"+breaker+"${2}")
}

// harmless is text as Markdown in which it reads as it was written and does
// nothing: it names nobody, links to no issue, loads nothing and is no markup.
// Addresses of the web stay links but for those of GitHub, where a link leaves a
// trace for others to see; they are code.
func (g *GitHub) harmless(text string) string {
	var b strings.Builder
	for text != "" {
		at := webAddress.FindStringIndex(text)
		if at == nil {
			break
		}
		end := at[0] + len(withoutStop(text[at[0]:at[1]]))
		b.WriteString(unlinked(markup.Replace(text[:at[0]])))
		b.WriteString(g.address(text[at[0]:end]))
		text = text[end:]
	}
	b.WriteString(unlinked(markup.Replace(text)))
	return b.String()
}

// atStart is Markdown at the start of a line, where no list, heading or rule is to
// begin.
func atStart(text string) string {
	if text != "" && strings.ContainsRune("-#+=:", rune(text[0])) {
		return `\` + text
	}
	return text
}

// withoutStop is an address without what ends the sentence around it.
func withoutStop(address string) string {
	for {
		short := strings.TrimRight(address, ".,;:!?*_~")
		if strings.HasSuffix(short, ")") && strings.Count(short, ")") > strings.Count(short, "(") {
			short = short[:len(short)-1]
		}
		if short == address {
			return address
		}
		address = short
	}
}

// address is an address of the web as Markdown.
func (g *GitHub) address(text string) string {
	safe := strings.ReplaceAll(text, "@", "%40")
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return unlinked(markup.Replace(text))
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	own := ""
	if w, err := url.Parse(g.settings().Web); err == nil {
		own = strings.ToLower(w.Hostname())
	}
	if host == "github.com" || host == own || host == strings.ToLower(g.client.api.BaseURL.Hostname()) {
		return "`" + safe + "`"
	}
	return "<" + strings.ReplaceAll(safe, "&", "&amp;") + ">"
}
