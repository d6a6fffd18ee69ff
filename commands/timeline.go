package commands

import (
	"fmt"
	"slices"
	"strings"

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
	if m := e.Data.Rollback; m != nil && (e.Actor == "" || m.Step != "") {
		who = bot.Join(who, ":") // what follows is a sentence of its own
	}
	t := bot.Join(bot.Code(fmt.Sprint(e.Seq)), " ", bot.Moment(e.At), " ", who, " ", c.deed(e))
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

// deed is what an entry records, as a verb in the past.
func (c *Call) deed(e bot.Event) bot.Text {
	d, s := e.Data, c.Settings()
	switch e.Kind {
	case bot.EventDeclared:
		return bot.Plain("declared " + strings.ToUpper(d.Severity))
	case bot.EventUpdated:
		if d.Ref != 0 {
			return bot.Plain(fmt.Sprintf("corrected update %d", d.Ref))
		}
		return c.withStates("updated", d)
	case bot.EventStatus:
		return bot.Plain("set the status to " + string(d.Status))
	case bot.EventSeverity:
		return bot.Plain("set the severity to " + strings.ToUpper(d.Severity))
	case bot.EventTitle:
		if d.Public {
			return "set the public title"
		}
		return "set the title"
	case bot.EventSummary:
		return "summarised"
	case bot.EventComponent:
		return bot.Plain("reported " + c.states(d.Components))
	case bot.EventRole:
		if d.User == "" {
			return bot.Plain("left the role " + s.Role(d.Role).Name + " open")
		}
		return bot.Join("made ", bot.MentionUser(d.User), bot.Plain(" "+s.Role(d.Role).Name))
	case bot.EventNote:
		return "noted"
	case bot.EventLink:
		return "linked"
	case bot.EventMilestone:
		t := bot.Plain("set " + string(d.Milestone) + " to ")
		if d.When != nil {
			t = bot.Join(t, bot.Moment(*d.When))
		}
		return t
	}
	return c.laterDeed(e)
}

// laterDeed is deed for what happens to entries and at the end.
func (c *Call) laterDeed(e bot.Event) bot.Text {
	switch e.Kind {
	case bot.EventPublished:
		return bot.Plain(fmt.Sprintf("published entry %d", e.Data.Ref))
	case bot.EventRetracted:
		return bot.Plain(fmt.Sprintf("took back update %d", e.Data.Ref))
	case bot.EventRedacted:
		return bot.Plain(fmt.Sprintf("redacted entry %d", e.Data.Ref))
	case bot.EventResolved:
		return c.withStates("resolved", e.Data)
	case bot.EventReopened:
		return "reopened"
	case bot.EventCancelled:
		return "cancelled"
	case bot.EventRollback:
		if e.Data.Rollback != nil {
			return bot.RollbackDeed(e.Data.Rollback)
		}
	case bot.EventDeploy:
		return "heard of a deploy"
	case bot.EventFailed:
		return bot.Plain("could not deliver " + e.Data.Call)
	}
	return bot.Plain(strings.ReplaceAll(string(e.Kind), "_", " "))
}

// withStates adds the status and the components that an entry sets.
func (c *Call) withStates(verb string, d bot.Data) bot.Text {
	if d.Status != "" && d.Status != bot.Resolved {
		verb += ", " + string(d.Status)
	}
	if len(d.Components) > 0 {
		verb += " (" + c.states(d.Components) + ")"
	}
	return bot.Plain(verb)
}
