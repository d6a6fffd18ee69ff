package commands

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "postmortem set", Group: FollowUp, Rank: 51, Title: "Write a section", Submit: "Save",
	Summary: "write a section of the post-mortem; works from the declare on. Without a text: the form, filled with what stands",
	Args: []Arg{
		{Name: "section", Kind: Section{}, Required: true, Label: "Section", Help: "By its slug or title, such as root-cause"},
		{Name: "text", Kind: Text{}, Required: true, Label: "Text", Help: "In Markdown; mentions stay inside"},
		{Name: "base", Kind: Base{}, Flag: true, Hidden: true, Kept: true, Help: "The entry whose text you had before you"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Fill:     fillSection,
	Examples: []string{"postmortem set root-cause The cache had no limit", "pm set summary", "pm set lessons learned Alert on the queue's length"},
	Run:      runSetSection,
})

// formRunes is what an input of a form holds.
const formRunes = 3000

// reads is a section as it stands: its text, what was written, and the entry that
// holds it (0: a draft).
func (c *Call) reads(slug string) (bot.ReportSection, int64, error) {
	doc, err := bot.ReadReport(c.Tx, c.Viewer(), c.Settings(), c.Incident, c.Now)
	if err != nil {
		return bot.ReportSection{}, 0, fmt.Errorf("post-mortem of #%d: %w", c.Incident.Number, err)
	}
	for _, x := range doc.Sections {
		if x.Slug == slug {
			if x.Written != nil {
				return x, x.Written.Seq, nil
			}
			return x, 0, nil
		}
	}
	return bot.ReportSection{}, 0, nil
}

// fillSection fills the form with the text that stands and notes which one that
// is, so that what somebody else writes meanwhile is not lost. Where there is a
// text already, the one that stands is shown above it.
func fillSection(c *Call, given values) (bot.Text, error) {
	x, ok := bot.FindSection(given["section"].String())
	if !ok {
		given["base"] = "0" // whatever stands was not shown
		return "", nil
	}
	now, seq, err := c.reads(x.Slug)
	if err != nil {
		return "", err
	}
	given["base"] = bot.Plain(fmt.Sprint(seq))
	if given["text"] == "" {
		if n := utf8.RuneCountInString(now.Text.String()); n > formRunes {
			return "", bot.Conflict("%s has %d characters, and a form holds %d.", x.Title, n, formRunes).
				WithHint("Write it through the API or with tocsin run; it stands in %s.", c.Settings().PostmortemURL(c.Incident, c.Now))
		}
		given["text"] = now.Text
		return "", nil
	}
	if now.Written == nil || now.Text == given["text"] {
		return "", nil
	}
	return bot.Join(bot.Plain(x.Title+" reads now, by "), bot.MentionUser(now.Written.By), ", ", bot.Moment(now.Written.At), ":\n", excerpt(now.Text)), nil
}

// excerpt is a text as far as it can be shown above a form.
func excerpt(t bot.Text) bot.Text {
	t, whole := shorten(t, 2*formRunes)
	if !whole {
		t = bot.Join(t, " …")
	}
	return t
}

func runSetSection(c *Call) (bot.Reply, error) {
	x, _ := get[bot.Section](c, "section")
	now, seq, err := c.reads(x.Slug)
	if err != nil {
		return bot.Reply{}, err
	}
	base := opt[int64](c, "base")
	e, err := bot.SetSection(c.Work, x.Slug, c.text("text"), base)
	stale := base != nil && *base != seq && now.Text != c.text("text") && c.Incident.Status != bot.Cancelled
	if stale && bot.KindOf(err) == bot.KindConflict {
		return c.staleSection(x, err)
	}
	if err != nil {
		return bot.Reply{}, err
	}
	r := bot.Say(bot.Bold(x.Title), " of ", c.Incident.Tag(), bot.Plain(fmt.Sprintf(" is written, as entry %d.", e.Seq)))
	show := bot.Button{Label: "Post-mortem", Line: c.lineFor("postmortem", nil)}
	if base != nil || now.Written == nil || now.Written.By == c.Who.ID {
		return r.With(bot.Buttons(show)), nil
	}
	return r.With(c.replaced(now, e.Seq)...).With(bot.Buttons(show)), nil
}

// replaced shows the text of somebody else that was replaced unseen, with a button
// that puts it back.
func (c *Call) replaced(was bot.ReportSection, seq int64) []bot.Block {
	text, whole := shorten(was.Text, formRunes)
	if !whole {
		text = bot.Join(text, " …")
	}
	out := []bot.Block{
		bot.Para("It replaced what ", bot.MentionUser(was.Written.By), " wrote ", bot.Moment(was.Written.At), ":"), bot.Quote(text),
	}
	back := values{"section": bot.Text(was.Slug), "text": was.Text, "base": bot.Plain(fmt.Sprint(seq))}
	if b := button("Put it back", c.lineFor("postmortem set", back)); len(b) > 0 {
		return append(out, bot.Buttons(b...))
	}
	return append(out, bot.Small(bot.Plain(fmt.Sprintf("It stays in the record as entry %d.", was.Written.Seq))))
}

// staleSection refuses a text that was written over another one than now stands.
// From a form it is answered with the form again, which holds what was written under
// what stands; sending that is a decision.
func (c *Call) staleSection(x bot.Section, err error) (bot.Reply, error) {
	again := values{"section": bot.Text(x.Slug), "text": c.text("text")}
	if c.Req.Verb != "" {
		return c.fillIn(again)
	}
	var e *bot.Error
	if errors.As(err, &e) && !c.Req.Exact {
		again[editArg.Name] = "true"
		e.Lines = append(e.Lines, button("Put both together", c.again(c.Cmd, again))...)
	}
	return bot.Reply{}, err
}
