package commands

import (
	"maps"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// ActionNumber is the number of an action item, which is unique in the install and
// brings the incident along.
type ActionNumber struct{ Number }

func (ActionNumber) home(c *Call, v any) (int64, error) {
	n, _ := v.(int64)
	f, err := c.Tx.FollowUp(c.Viewer(), n)
	if err != nil {
		return 0, err
	}
	return f.Incident, nil
}

func (ActionNumber) missing(v any) *bot.Error {
	return bot.NotFound("There is no action item %d.", v).WithHint("action list shows them.").WithLine("Show the items", "action list")
}

func (ActionNumber) elsewhere(v any, n int64) *bot.Error {
	return bot.Invalid("Action item %d belongs to #%d.", v, n).WithHint("Its number is enough: leave out the incident.")
}

// ReminderNumber is the number of a reminder, likewise.
type ReminderNumber struct{ Number }

func (ReminderNumber) home(c *Call, v any) (int64, error) {
	n, _ := v.(int64)
	r, err := c.Tx.Reminder(c.Viewer(), n)
	if err != nil {
		return 0, err
	}
	return r.Incident, nil
}

func (ReminderNumber) missing(v any) *bot.Error {
	return bot.NotFound("There is no reminder %d.", v).WithHint("remind list shows those that wait.").WithLine("Show the reminders", "remind list")
}

func (ReminderNumber) elsewhere(v any, n int64) *bot.Error {
	e := bot.Invalid("Reminder %d belongs to #%d.", v, n)
	if n == bot.House {
		e = bot.Invalid("Reminder %d is your own and belongs to no incident.", v)
	}
	return e.WithHint("Its number is enough: leave out the incident.")
}

// NumberOrAll is the number of a task, or all of them: 0.
type NumberOrAll struct{ Number }

func (NumberOrAll) meta() string { return "N or all" }

func (k NumberOrAll) canon(s *bot.Settings, v bot.Text) bot.Text {
	if isAll(v) {
		return "all"
	}
	return k.Number.canon(s, v)
}

func (k NumberOrAll) read(c *Call, v bot.Text) (any, error) {
	if isAll(v) {
		return int64(0), nil
	}
	if _, ok := number(string(v)); !ok {
		return nil, bot.Invalid("%q is no number.", short(v)).WithHint("Write it as 7 or #7, or write all.")
	}
	return k.Number.read(c, v)
}

func isAll(v bot.Text) bool { return strings.EqualFold(string(v), "all") }

// Item is what an action item says, or the issue that it is.
type Item struct{ Text }

// issue is one on GitHub.
type issue struct {
	repo   string
	number int
}

var issueName = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+)#([1-9][0-9]{0,8})$`)

// read returns an issue, or a text.
func (Item) read(c *Call, v bot.Text) (any, error) {
	s := lone(v)
	if g := issueName.FindStringSubmatch(s); g != nil {
		return issue{g[1], int(must(g[2]))}, nil
	}
	if home, ok := strings.CutPrefix(c.Settings().Followups.Web, "https://"); ok && strings.HasPrefix(strings.ToLower(s), home+"/") {
		s = "https://" + s // Slack links github.com/… as it was typed
	}
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return v, nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return v, nil // it is text after all
	}
	return c.issueAt(u)
}

// issueAt reads an address, which must be that of an issue where people read them.
func (c *Call) issueAt(u *url.URL) (any, error) {
	web := c.Settings().Followups.Web
	asText := maps.Clone(c.values)
	asText["text"] = bot.Join("See ", bot.Plain(u.String()))
	refuse := func(format string, args ...any) error {
		e := bot.Invalid(format, args...).WithHint("An issue is %s/OWNER/REPO/issues/7 or OWNER/REPO#7. Anything else is added as text, with the address in it.", web)
		return e.WithLines(button("Add it as text", c.again(c.Cmd, asText))...)
	}
	home, err := url.Parse(web)
	if err != nil || !strings.EqualFold(u.Host, home.Host) {
		return nil, refuse("%q is no issue on %s.", short(bot.Plain(u.String())), strings.TrimPrefix(strings.TrimPrefix(web, "https://"), "http://"))
	}
	path, under := strings.CutPrefix(u.Path, strings.TrimSuffix(home.Path, "/")+"/")
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if !under || len(parts) < 4 {
		return nil, refuse("%q is no issue.", short(bot.Plain(u.String())))
	}
	repo := parts[0] + "/" + parts[1]
	if parts[2] == "pull" || parts[2] == "pulls" {
		return nil, refuse("%s#%s is a pull request, not an issue.", repo, parts[3])
	}
	g := issueName.FindStringSubmatch(repo + "#" + parts[3])
	if parts[2] != "issues" || len(parts) != 4 || g == nil {
		return nil, refuse("%q is no issue.", short(bot.Plain(u.String())))
	}
	return issue{repo, int(must(g[2]))}, nil
}

// must reads digits that a pattern let through.
func must(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64) // at most nine of them
	return n
}

// lone is v if it is one word or one link, else empty.
func lone(v bot.Text) string {
	spans := v.Spans()
	if len(spans) == 1 && spans[0].Kind == bot.SpanLink {
		return spans[0].Value
	}
	s := strings.TrimSpace(v.String())
	if strings.ContainsAny(s, " \n\t") {
		return ""
	}
	return strings.Trim(s, "<>")
}

// Section is a part of a post-mortem.
type Section struct{ one }

// take gathers the words of a title that stand there whole: root cause, but not
// the a of "lessons learned a bit late".
func (Section) take(_ *bot.Settings, words []word) (int, bool) {
	n := longest(words, 5, func(v string) bool {
		x, ok := bot.FindSection(v)
		parts := strings.FieldsFunc(strings.ToLower(v), func(r rune) bool { return strings.ContainsRune(" &:-\n\t", r) })
		if !ok || len(parts) < 2 {
			return ok
		}
		said := strings.Join(parts, "-") + "-"
		return strings.HasPrefix(x.Slug+"-", said) || said == "action-items-"
	})
	return max(n, min(1, len(words))), n > 0
}

func (Section) canon(_ *bot.Settings, v bot.Text) bot.Text {
	if x, ok := bot.FindSection(v.String()); ok {
		return bot.Text(x.Slug)
	}
	return v
}

func (Section) read(_ *Call, v bot.Text) (any, error) {
	if x, ok := bot.FindSection(v.String()); ok {
		return x, nil
	}
	var slugs []string
	for _, x := range bot.Sections() {
		slugs = append(slugs, x.Slug)
	}
	return nil, unknownName("section", v, slugs, slugs)
}

func (Section) input(*bot.Settings) bot.FormInput {
	in := bot.FormInput{Kind: bot.InputChoice}
	for _, x := range bot.Sections() {
		in.Options = append(in.Options, bot.Option{Value: x.Slug, Label: x.Title})
	}
	return in
}

// Base is the entry whose text somebody had before them when they began to write a
// section; 0: the draft, or nothing. An entry is of one section, so another one
// that is chosen in the form makes it a conflict.
type Base struct{ one }

func (Base) read(_ *Call, v bot.Text) (any, error) {
	if v == "0" {
		return int64(0), nil
	}
	if n, ok := number(string(v)); ok {
		return n, nil
	}
	return nil, bot.Invalid("%q is no number of an entry.", short(v)).WithHint("Write --base 7, or leave it out.")
}
