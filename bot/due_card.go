package bot

import (
	"fmt"
	"slices"
	"strings"
)

// The most that one message holds of what is due, within Slack's 50 blocks.
const (
	maxDue         = 16
	maxPostmortems = 6
	maxDigest      = 30
)

// count says n things: 1 action item, 2 action items.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// dueWords says when d is, seen from today.
func dueWords(d, today Date) string {
	switch n := today.Until(d); {
	case d == "":
		return "no due date"
	case n == 0:
		return "due today"
	case n == 1:
		return "due tomorrow"
	case n < 0:
		return "due " + d.Label() + ", " + count(-n, "day") + " late"
	default:
		return fmt.Sprintf("due %s, in %d days", d.Label(), n)
	}
}

// DueMessage is what one person is reminded of on a day. seen are the incidents of
// it, which they can read.
func (s *Settings) DueMessage(d DueItems, seen map[int64]*Incident, today Date) Message {
	var parts []string
	if n := len(d.FollowUps); n > 0 {
		parts = append(parts, count(n, "action item"))
	}
	if n := len(d.Postmortems); n > 0 {
		parts = append(parts, count(n, "post-mortem"))
	}
	head := "To be done: " + strings.Join(parts, " and ")
	m := Message{Summary: Plain(head + "."), Blocks: []Block{Para(Bold(head))}}
	for _, f := range d.FollowUps[:min(len(d.FollowUps), maxDue)] {
		m.Blocks = append(m.Blocks, dueItem(f, seen[f.Incident], today)...)
	}
	for _, i := range d.Postmortems[:min(len(d.Postmortems), maxPostmortems)] {
		line := Join(Bold("Post-mortem"), " of ", i.Tag(), Plain(" · "+dueWords(s.PostmortemDue(i), today)))
		m.Blocks = append(m.Blocks, Para(line), Buttons(Button{Label: "Post-mortem", Line: fmt.Sprintf("#%d postmortem", i.Number)}))
	}
	if more := max(len(d.FollowUps)-maxDue, 0) + max(len(d.Postmortems)-maxPostmortems, 0); more > 0 {
		m.Blocks = append(m.Blocks, Small(Plain(fmt.Sprintf("… and %d more.", more))))
	}
	return m
}

func dueItem(f *FollowUp, i *Incident, today Date) []Block {
	facts := Join(Plain(dueWords(f.Due, today)), " · ", i.Tag())
	if link := f.Issue.Link(); link != "" {
		facts = Join(facts, " · ", link)
	}
	b := slices.DeleteFunc(f.steps(), func(b Button) bool { return b.Label == "Drop" })
	return []Block{Para(Bold(fmt.Sprintf("Action item %d [%s]", f.Number, f.State.Label())), " ", f.Text, "\n", facts), Buttons(b...)}
}

// DigestMessage says how the open action items stand, those that are overdue
// first. Nobody is notified: name gives what people are called.
func (s *Settings) DigestMessage(items []*FollowUp, today Date, name func(UserID) string) Message {
	if len(items) == 0 {
		return Say(Bold("Action items"), ": nothing is open.").Message
	}
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b *FollowUp) int {
		if a.Due != b.Due && (a.Due == "" || b.Due == "") {
			return strings.Compare(string(b.Due), string(a.Due)) // none is last
		}
		return strings.Compare(string(a.Due), string(b.Due))
	})
	late := 0
	for late < len(items) && items[late].Overdue(today) {
		late++
	}
	head := fmt.Sprintf("%d open, %d overdue", len(items), late)
	m := Message{Summary: Plain("Action items: " + head + "."), Blocks: []Block{Para(Bold("Action items"), ": ", Plain(head+"."))}}
	shown := min(len(items), maxDigest)
	for _, group := range []struct {
		name  string
		items []*FollowUp
	}{{"Overdue", items[:min(late, shown)]}, {"Open", items[min(late, shown):shown]}} {
		if len(group.items) == 0 {
			continue
		}
		lines := []Text{Bold(group.name)}
		for _, f := range group.items {
			lines = append(lines, s.digestLine(f, today, name))
		}
		m.Blocks = append(m.Blocks, Para(joinLines(lines)))
	}
	if more := len(items) - shown; more > 0 {
		m.Blocks = append(m.Blocks, Small(Plain(fmt.Sprintf("… and %d more: ", more)), Code(s.Command+" action list")))
	}
	return m
}

func (s *Settings) digestLine(f *FollowUp, today Date, name func(UserID) string) Text {
	owner := "nobody owns it"
	if f.Owner != "" {
		owner = name(f.Owner)
	}
	state := ""
	if f.State != FollowUpOpen {
		state = f.State.words() + " · "
	}
	t := Join(Plain("• "), Bold(itoa(f.Number)), " ", f.Text.unaddressed(name).OneLine(120),
		Plain(fmt.Sprintf(" · %s%s · %s · open for %s · #%d", state, owner, dueWords(f.Due, today), count(DateOf(f.AddedAt.In(s.Zone)).Until(today), "day"), f.Incident)))
	if link := f.Issue.Link(); link != "" {
		t = Join(t, " · ", link)
	}
	return t
}

// unaddressed is t with names for its mentions, which notify.
func (t Text) unaddressed(name func(UserID) string) Text {
	var out []Text
	for _, s := range t.Spans() {
		switch s.Kind {
		case SpanUser:
			out = append(out, Plain("@"+name(UserID(s.Value))))
		case SpanGroup:
			out = append(out, "a group")
		case SpanPlain:
			out = append(out, Text(s.Value))
		default:
			out = append(out, span(s.Kind, s.Value, s.Label))
		}
	}
	return Join(out...)
}
