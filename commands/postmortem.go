package commands

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "postmortem", Aliases: []string{"pm"}, Group: FollowUp, Rank: 50,
	Summary: "show the post-mortem as it stands: what was written, and drafts from the record",
	Scope:   Needed, Reads: true,
	Examples: []string{"postmortem", "pm", "#12 pm"},
	Run:      runPostmortem,
})

// sectionRunes is how much of a section the overview shows.
const sectionRunes = 600

func runPostmortem(c *Call) (bot.Reply, error) {
	doc, err := bot.ReadReport(c.Tx, c.Viewer(), c.Settings(), c.Incident, c.Now)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("post-mortem of #%d: %w", c.Incident.Number, err)
	}
	state, err := c.postmortemState()
	if err != nil {
		return bot.Reply{}, err
	}
	fields := []bot.Field{{Name: "Owner", Value: bot.MentionUser(doc.Owner)}, {Name: "State", Value: state}}
	due := bot.Text("")
	if doc.Due != "" {
		fields = append(fields, bot.Field{Name: "Due", Value: bot.Plain(doc.Due.Label())})
		due = bot.Plain(", due " + doc.Due.Label())
	}
	for _, d := range doc.Durations {
		fields = append(fields, bot.Field{Name: d.Name, Value: bot.Plain(bot.Length(d.Took))})
	}
	r := bot.Reply{Message: bot.Message{
		Summary: bot.Join("Post-mortem of ", c.Incident.Tag(), ": ", state, ", owner ", bot.MentionUser(doc.Owner), due, "."),
		Blocks:  []bot.Block{bot.Heading(doc.Title), bot.FieldsOf(fields...)},
	}}
	for _, x := range doc.Sections {
		r = r.With(c.section(x)...)
	}
	page := c.Settings().PostmortemURL(c.Incident, c.Now)
	r = r.With(bot.Para("The whole with the timeline: ", bot.LinkTo(page, "as a page"), ", ",
		bot.LinkTo(asMarkdown(page), "as Markdown"), "."))
	return r.With(bot.Buttons(c.publishButtons()...)), nil
}

// asMarkdown is the address of the same in Markdown.
func asMarkdown(page string) string {
	if api, ok := strings.CutSuffix(page, ".html"); ok {
		return api + ".md"
	}
	return page + "&as=markdown"
}

// postmortemState is whether it is published, skipped or being written.
func (c *Call) postmortemState() (bot.Text, error) {
	p := c.Incident.Postmortem
	switch {
	case p == nil:
		return "draft", nil
	case p.Skipped != nil:
		e, err := c.Tx.Event(c.Viewer(), c.Incident.Number, p.Skipped.Seq)
		if err != nil {
			return "", fmt.Errorf("why the post-mortem was skipped: %w", err)
		}
		return bot.Join("skipped by ", bot.MentionUser(p.Skipped.By), ": ", said(e.Text).OneLine(200)), nil
	case p.Published != nil && p.Public != nil:
		return bot.Join("published ", bot.Moment(p.Published.At), ", to customers ", bot.Moment(p.Public.At)), nil
	case p.Published != nil:
		return bot.Join("published ", bot.Moment(p.Published.At)), nil
	}
	return bot.Plain(fmt.Sprintf("%d of %d sections written", len(p.Sections), len(bot.Sections()))), nil
}

// section is one section with its button.
func (c *Call) section(x bot.ReportSection) []bot.Block {
	head := bot.Join(bot.Bold(x.Title), " — draft")
	if x.Written != nil {
		head = bot.Join(bot.Bold(x.Title), " — written by ", bot.MentionUser(x.Written.By), ", ", bot.Moment(x.Written.At))
	}
	stands := x.Text
	if x.Written == nil {
		stands = bot.UnescapeMarkdown(stands)
	}
	text, whole := shorten(stands, sectionRunes)
	switch {
	case text == "" && x.Written == nil:
		head = bot.Join(bot.Bold(x.Title), " — not written yet")
	case !whole:
		text = bot.Join(text, " …")
	}
	out := []bot.Block{bot.Para(head)}
	if text != "" {
		out = append(out, bot.Quote(text))
	}
	if rows := itemRows(x.Items); len(rows) > 0 {
		out = append(out, paras(rows)...)
	}
	return append(out, bot.Buttons(bot.Button{Label: "Write " + x.Title, Line: c.lineFor("postmortem set", values{"section": bot.Text(x.Slug)})}))
}

// itemRows are the action items of a post-mortem, a line each.
func itemRows(items []bot.ReportItem) []bot.Text {
	rows := make([]bot.Text, 0, len(items))
	for k, x := range items {
		if k == maxRows {
			return append(rows, bot.Plain(fmt.Sprintf("%d more; action list --all lists them.", len(items)-k)))
		}
		row := bot.Join(bot.Plain("["+x.State.Label()+"] "), bot.Code(fmt.Sprint(x.Number)), " ", said(x.Text).OneLine(200))
		if x.Owner != "" {
			row = bot.Join(row, " · ", bot.MentionUser(x.Owner))
		}
		if x.Due != "" {
			row = bot.Join(row, bot.Plain(" · due "+x.Due.Label()))
		}
		if x.URL != "" {
			row = bot.Join(row, " · ", bot.LinkTo(x.URL, x.Ref))
		}
		rows = append(rows, row)
	}
	return rows
}

// publishButtons are the ways to let it be read.
func (c *Call) publishButtons() []bot.Button {
	out := []bot.Button{{Label: "Publish", Line: c.lineFor("postmortem publish", nil)}}
	if c.Incident.Published() && !c.Incident.Open() {
		out = append(out, bot.Button{Label: "Publish for customers", Line: c.lineFor("postmortem publish", values{"public": "true"})})
	}
	return out
}

// shorten is t up to limit runes, its lines as they are; a reference is never cut
// in two. whole is false when something was left out.
func shorten(t bot.Text, limit int) (short bot.Text, whole bool) {
	s, n := string(t), 0
	for i := 0; i < len(s); {
		if n == limit {
			return trim(bot.Text(s[:i])), false
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		if s[i] == refOpen {
			size = (&splitter{line: s}).reference(i)
		}
		i, n = i+size, n+1
	}
	return t, true
}
