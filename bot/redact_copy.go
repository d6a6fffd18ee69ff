package bot

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// writtenWith returns the sections of the post-mortem and the post-mortems for
// customers in which the text of e stands: as a section, as an action item, or as
// what a draft takes from the record.
func (w *Work) writtenWith(e Event) ([]int64, error) {
	switch e.Kind {
	case EventPostmortem, EventFollowUp, EventTask, EventTitle, EventSummary, EventDeclared, EventUpdated, EventPublished,
		EventResolved, EventReopened:
	default:
		return nil, nil
	}
	all, err := w.Tx.Events(w.Viewer(), w.Incident.Number, EventFilter{Kinds: []EventKind{EventPostmortem}})
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, p := range all {
		m := p.Data.Postmortem
		written := m != nil && (m.What == PostmortemSet || m.What == PostmortemPublished && p.Public)
		if written && !p.Redacted && p.Seq != e.Seq && p.Text.quotes(e) {
			out = append(out, p.Seq)
		}
	}
	return out, nil
}

// quotes reports whether the text of e stands in t as a whole. People and channels
// are read in both ways, as they are and as customers see them.
func (t Text) quotes(e Event) bool {
	for _, in := range []string{t.String(), anonymous(t).String()} {
		for _, text := range []string{e.Text.String(), anonymous(e.Text).String()} {
			if standsIn(in, text, e.Kind) || standsIn(in, EscapeMarkdown(text), e.Kind) || standsIn(in, linked(text), e.Kind) {
				return true
			}
		}
	}
	return false
}

// shortText is how many runes a text has to have to be told from what happens to
// be written alike within a line.
const shortText = 12

// standsIn reports whether text is a whole in Markdown: an item, a line or several,
// or one or several sentences, and not just letters of another text. A short one
// has to have its line to itself.
func standsIn(in, text string, k EventKind) bool {
	text = strings.TrimSpace(text)
	if text == "" {
		return false
	}
	short := utf8.RuneCountInString(text) < shortText
	for from := 0; ; {
		at := strings.Index(in[from:], text)
		if at < 0 {
			return false
		}
		at += from
		before, after := in[:at], in[at+len(text):]
		switch {
		case beginsLine(before) && endsLine(after, k):
			return true
		case !short && (beginsLine(before) || endsSentence(before)) && (endsLine(after, k) || followed(text, after)):
			return true
		}
		_, size := utf8.DecodeRuneInString(in[at:])
		from = at + size
	}
}

// beginsLine reports whether a text behind before begins a line, or an item of a
// list.
func beginsLine(before string) bool {
	line := strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:])
	return slices.Contains([]string{"", "-", "*", "+", "•"}, line)
}

// endsLine reports whether a line ends before after: at once, with the state of an
// action item, or with what the draft of a summary says behind a title.
func endsLine(after string, k EventKind) bool {
	line, _, _ := strings.Cut(after, "\n")
	line = strings.TrimSpace(line)
	switch k {
	case EventFollowUp, EventTask:
		if slices.ContainsFunc(FollowUpStates(), func(s FollowUpState) bool { return line == "["+s.Label()+"]" }) {
			return true
		}
	case EventTitle, EventDeclared:
		if strings.HasPrefix(line, ". "+itBegan) {
			return true
		}
	}
	return line == ""
}

// endsSentence reports whether a sentence ends with before.
func endsSentence(before string) bool {
	trimmed := strings.TrimRight(before, " \t")
	return len(trimmed) < len(before) && strings.ContainsAny(lastByte(trimmed), ".!?:")
}

// followed reports whether another sentence follows text.
func followed(text, after string) bool {
	if strings.ContainsAny(lastByte(text), ".!?") {
		return after[0] == ' ' || after[0] == '\t'
	}
	return len(after) > 1 && strings.ContainsRune(".!?", rune(after[0])) && (after[1] == ' ' || after[1] == '\n') || slices.Contains([]string{".", "!", "?"}, after)
}

func lastByte(s string) string { return s[max(len(s)-1, 0):] }
