package bot

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxConfirm is the most runes that the text of a dialog may have (Slack's
// reference of the confirmation dialog object).
const maxConfirm = 300

// confirmRollback names what is about to happen: service, environment, every
// step in order with its exact from and to, and what is not undone. Where that
// is too long for a dialog, the last steps are only named, or else counted; the
// message behind the dialog has them all.
func (s *Settings) confirmRollback(r *Rollback) *Confirm {
	head := Join(Plain(clip(s.service(r.Service), 60)+" in "), Bold(clip(r.Environment, 60)), ":")
	lines := r.confirmLines()
	text := joinLines(append(append([]Text{head}, lines...), notUndone))
	for keep := len(lines) - 1; width(text) > maxConfirm && keep >= 0; keep-- {
		for _, rest := range []Text{r.named(keep), r.counted(keep)} {
			if text = joinLines(append(append([]Text{head}, lines[:keep]...), rest, notUndone)); width(text) <= maxConfirm {
				break
			}
		}
	}
	return &Confirm{Title: clip("Roll back "+r.Target, 99) + "?", Text: text, Yes: "Approve", No: "Not yet"}
}

func (r *Rollback) confirmLines() []Text {
	lines := make([]Text, len(r.Steps))
	for k, st := range r.Steps {
		lines[k] = Join(Plain(fmt.Sprintf("%d. %s ", k+1, st.Name)), Code(st.From.Name()), " → ", Code(st.To.Name()))
	}
	return lines
}

// named lists the steps from the one at k on.
func (r *Rollback) named(k int) Text {
	var names []string
	for _, st := range r.Steps[k:] {
		names = append(names, st.Name)
	}
	return Plain("then " + strings.Join(names, ", ") + ": see the plan")
}

func (r *Rollback) counted(k int) Text {
	if k == 0 {
		return Plain(fmt.Sprintf("%d steps, see the plan", len(r.Steps)))
	}
	return Plain(fmt.Sprintf("and %d more, see the plan", len(r.Steps)-k))
}

// width is how many runes t has at most when a medium has escaped it: a mark on
// both sides of what is emphasised, and five for each of & < >.
func width(t Text) int {
	n := 0
	for _, s := range t.Spans() {
		n += utf8.RuneCountInString(s.Value)
		for _, c := range []string{"&", "<", ">"} {
			n += 4 * strings.Count(s.Value, c)
		}
		if s.Kind != SpanPlain {
			n += 2
		}
	}
	return n
}

// clip shortens s to a width.
func clip(s string, limit int) string {
	if width(Plain(s)) <= limit {
		return s
	}
	left := limit - 1 // for the mark
	for k, r := range s {
		if left -= width(Plain(string(r))); left < 0 {
			return s[:k] + "…"
		}
	}
	return s
}
