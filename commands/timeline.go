package commands

import (
	"fmt"
	"slices"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "timeline", Aliases: []string{"tl"}, Group: RunIncident, Rank: 91,
	Summary: "show the last entries of the timeline, with --full all that fit",
	Args: []Arg{
		{Name: "full", Kind: Switch{}, Flag: true, Help: "Not only the last 15 entries"},
	},
	Scope: Needed, Reads: true,
	Examples: []string{"timeline", "timeline --full"},
	Run:      runTimeline,
})

const (
	shortTimeline = 15
	// A reply holds about 18,000 bytes; beyond it is cut or sent in pieces.
	fullTimeline = 150
	fullBytes    = 14_000
	perBlock     = 2_500
)

func runTimeline(c *Call) (bot.Reply, error) {
	limit, runes := shortTimeline, 160
	if c.is("full") {
		limit, runes = fullTimeline, 400
	}
	all, err := c.Tx.Timeline(c.Viewer(), c.Incident.Number, bot.EventFilter{Last: true, Limit: limit})
	if err != nil {
		return bot.Reply{}, fmt.Errorf("timeline: %w", err)
	}
	head := bot.Join("Timeline of ", c.Incident.Tag())
	lines, size := make([]bot.Text, 0, len(all)), 0
	for k := len(all) - 1; k >= 0; k-- {
		l := c.entry(all[k], runes)
		if size += len(l); size > fullBytes {
			break
		}
		lines = append(lines, l)
	}
	slices.Reverse(lines)
	r := bot.Reply{Message: bot.Message{Summary: head, Blocks: []bot.Block{bot.Para(head)}}}.With(paras(lines)...)
	if left := c.Incident.Head.Seq - int64(len(lines)); left > 0 {
		r = r.With(c.earlier(left)...)
	}
	return r, nil
}

// paras puts lines into as few paragraphs as can be shown.
func paras(lines []bot.Text) []bot.Block {
	var out []bot.Block
	var block bot.Text
	for _, l := range lines {
		if block != "" && len(block)+len(l) > perBlock {
			out, block = append(out, bot.Para(block)), ""
		}
		if block != "" {
			block = bot.Join(block, "\n")
		}
		block = bot.Join(block, l)
	}
	return append(out, bot.Para(block))
}

// earlier says where the entries are that did not fit.
func (c *Call) earlier(left int64) []bot.Block {
	rest := bot.LinkTo(fmt.Sprintf("%s/api/v1/incidents/%d/timeline", c.Settings().BaseURL, c.Incident.Number), "the API")
	text := bot.Small(bot.Plain(fmt.Sprintf("%d earlier entries are not shown; ", left)), rest, " has them all.")
	if c.is("full") {
		return []bot.Block{text}
	}
	return []bot.Block{text, bot.Buttons(bot.Button{Label: "Show all", Line: c.lineFor("timeline", values{"full": "true"})})}
}

// entry is one line of a timeline.
func (c *Call) entry(e bot.Event, runes int) bot.Text {
	who := bot.Text("Tocsin")
	if e.Actor != "" {
		who = bot.MentionUser(e.Actor)
	}
	if e.Alone() {
		who = bot.Join(who, ":")
	}
	t := bot.Join(bot.Code(fmt.Sprint(e.Seq)), " ", bot.Moment(e.At), " ", who, " ", c.Settings().Deed(e))
	text := e.Text
	if e.Redacted {
		text = bot.RedactedText
	}
	if text != "" {
		t = bot.Join(t, ": ", text.OneLine(runes))
	}
	switch {
	case e.Data.Stock: // the text is the team's
		t = bot.Join(t, " (customers read the stock line)")
	case e.Public:
		t = bot.Join(t, " (public)")
	}
	return t
}
