package slack

import (
	"slices"
	"strings"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// The limits of Block Kit in runes, from the block reference, and of a whole
// message, which are not published: about 13,000 were measured, of which we
// keep away.
const (
	maxBlocks  = 50
	maxTotal   = 10_000
	maxSection = 3000
	maxField   = 2000
	// maxFieldValue lets ten fields stay within one message.
	maxFieldValue = 800
	maxHeader     = 150
	maxFields     = 10
	maxRow        = 25
	// maxRowText lets two rows fit into the room that a cut message keeps for them.
	maxRowText = 1000
	maxLabel   = 75
	maxValue   = 2000
	maxURL     = 3000
	// maxText is for the text beside the blocks; chat.update takes 4,000.
	maxText = 3000
)

// drawn is a message in Slack's terms. text stands for all of it in
// notifications and for screen readers.
type drawn struct {
	text   string
	blocks []api.Block
}

// sized is a block and the runes in it.
type sized struct {
	block api.Block
	size  int
}

// canvas collects the blocks of one message.
type canvas struct {
	incident int64 // that its buttons belong to
	out      []sized
	rows     int
}

func (c *canvas) add(b api.Block, size int) { c.out = append(c.out, sized{b, size}) }

// text adds mrkdwn that is within the limit of a section.
func (c *canvas) text(s string) {
	if strings.TrimSpace(s) != "" {
		c.add(api.NewSectionBlock(mrk(s), nil, nil), utf8.RuneCountInString(s))
	}
}

// mrk is verbatim: without it Slack would make mentions and links of "@here"
// and the like.
func mrk(s string) *api.TextBlockObject {
	return api.NewTextBlockObject(api.MarkdownType, s, false, true)
}

func plain(s string) *api.TextBlockObject {
	return api.NewTextBlockObject(api.PlainTextType, s, false, false)
}

// draw returns m as one message or, if it is too long for one, several.
func draw(m bot.Message, incident int64) []drawn {
	var out []drawn
	for _, part := range layout(m, incident) {
		out = append(out, part.drawn(m.Summary))
	}
	return out
}

// part is what fits into one message.
type part []sized

func layout(m bot.Message, incident int64) []part {
	c := &canvas{incident: incident}
	blocks := m.Blocks
	if len(blocks) == 0 {
		blocks = []bot.Block{bot.Para(m.Summary)}
	}
	for _, b := range blocks {
		c.block(b)
	}
	if len(c.out) == 0 {
		c.text("…")
	}
	var out []part
	for start := 0; start < len(c.out); {
		n, size := start, 0
		for n < len(c.out) && n-start < maxBlocks && size+c.out[n].size <= maxTotal {
			size += c.out[n].size
			n++
		}
		out = append(out, c.out[start:n:n])
		start = n
	}
	return out
}

func (p part) drawn(summary bot.Text) drawn {
	d := drawn{text: first(summary.OneLine(0), maxText)}
	if d.text == "" {
		d.text = "Tocsin"
	}
	for _, b := range p {
		d.blocks = append(d.blocks, b.block)
	}
	return d
}

// drawOne returns m as one message. What does not fit is left out and rest, in
// mrkdwn, says where it can be read; the buttons are kept.
func drawOne(m bot.Message, incident int64, rest string) drawn {
	all := layout(m, incident)
	if len(all) == 1 {
		return all[0].drawn(m.Summary)
	}
	// Room is kept for the note and two rows of buttons.
	const spare, spareRunes = 3, 2000
	keep := min(len(all[0]), maxBlocks-spare)
	one, dropped := all[0][:keep:keep], all[0][keep:]
	for _, p := range all[1:] {
		dropped = append(dropped, p...)
	}
	one = append(one, sized{api.NewContextBlock("", mrk("… the rest: "+rest)), 0})
	rows, size := 0, 0
	for _, b := range dropped {
		if _, row := b.block.(*api.ActionBlock); row && rows < spare-1 && size+b.size <= spareRunes {
			one = append(one, b)
			rows, size = rows+1, size+b.size
		}
	}
	return one.drawn(m.Summary)
}

func (c *canvas) block(b bot.Block) {
	switch b.Kind {
	case bot.BlockHeader:
		c.header(b.Text)
	case bot.BlockPara:
		for _, p := range pieces(b.Text, maxSection) {
			c.text(p)
		}
	case bot.BlockSmall:
		for _, p := range pieces(b.Text, maxField) {
			c.add(api.NewContextBlock("", mrk(p)), utf8.RuneCountInString(p))
		}
	case bot.BlockQuote:
		c.quote(b.Text)
	case bot.BlockCode:
		c.code(b.Text)
	case bot.BlockFields:
		c.fields(b.Fields)
	case bot.BlockButtons:
		c.buttons(b.Buttons)
	case bot.BlockRule:
		c.add(api.NewDividerBlock(), 0)
	}
}

// header draws a heading. The block takes only plain text, so one with a
// mention in it is drawn in bold instead, and of a long one the whole follows.
func (c *canvas) header(t bot.Text) {
	t = t.OneLine(0)
	for _, s := range t.Spans() {
		if s.Kind != bot.SpanPlain && s.Kind != bot.SpanBold && s.Kind != bot.SpanCode {
			for _, p := range pieces(t, maxSection) {
				c.text(p)
			}
			return
		}
	}
	whole := strings.TrimSpace(bot.Clean(t.String()))
	if whole == "" {
		return
	}
	short := cut(whole, maxHeader)
	c.add(api.NewHeaderBlock(plain(short)), utf8.RuneCountInString(short))
	if short != whole {
		c.block(bot.Para(t))
	}
}

// quote puts the mark before every line. Lines are cut to sections first,
// with room for the marks.
func (c *canvas) quote(t bot.Text) {
	for _, p := range pieces(t, maxSection*2/3) {
		lines := strings.Split(p, "\n")
		for len(lines) > 0 {
			n, size := 0, 0
			for n < len(lines) && size+utf8.RuneCountInString(lines[n])+3 <= maxSection {
				size += utf8.RuneCountInString(lines[n]) + 3
				n++
			}
			c.text("> " + strings.Join(lines[:n], "\n> "))
			lines = lines[n:]
		}
	}
}

// code draws something to copy. A fence within it is broken with a character
// of no width.
func (c *canvas) code(t bot.Text) {
	s := strings.ReplaceAll(t.String(), "```", "`\u200b`\u200b`")
	for _, p := range pieces(bot.Plain(s), maxSection-10) {
		c.text("```\n" + p + "\n```")
	}
}

func (c *canvas) fields(list []bot.Field) {
	for part := range slices.Chunk(list, maxFields) {
		var out []*api.TextBlockObject
		size := 0
		for _, f := range part {
			name := emphasis("*", "∗", cut(f.Name, 100))
			value := first(f.Value, maxFieldValue)
			if value == "" {
				value = "–"
			}
			s := strings.TrimSpace(name + "\n" + value)
			out = append(out, mrk(s))
			size += utf8.RuneCountInString(s)
		}
		c.add(api.NewSectionBlock(nil, out, nil), size)
	}
}
