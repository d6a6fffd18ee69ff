package commands

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// maxLine is the longest line that a button can carry, in bytes; Slack's limit
// is 2000 characters.
const maxLine = 1990

// button is a button for line, or nothing when no button could carry it.
func button(label, line string) []bot.Button {
	if len(line) > maxLine {
		return nil
	}
	return []bot.Button{{Label: label, Line: line}}
}

// suggest adds a line that would have worked to e.
func suggest(e *bot.Error, line string) *bot.Error {
	if len(line) > maxLine {
		return e
	}
	return e.WithLine(bot.Plain(line).OneLine(30).String(), line)
}

// unknownVerb refuses a line whose first word is no verb, and offers what it
// may have been.
func unknownVerb(s *bot.Settings, p parsed, words []word, line bot.Text) error {
	first := string(words[0].text)
	rest := ""
	if len(words) > 1 {
		rest = string(line[words[1].start:])
	}
	e := bot.Invalid("There is no command %q.", short(words[0].text)).WithHint("help lists them all.")
	offer := func(verb, rest string) error {
		to := bot.Text(strings.TrimSpace(p.head + verb + " " + rest)).String()
		return suggest(e, to).WithHint("Did you mean %s? help lists all commands.", bot.Text(to).OneLine(80))
	}
	if st, ok := parseStatus(words[0].text); ok {
		if rest == "" {
			return offer("status", string(st))
		}
		return offer("update", string(st)+" "+rest)
	}
	if n, sure := (Severity{}).take(s, words); sure {
		if n == len(words) {
			return offer("severity", string(joined(words)))
		}
		return offer("declare", string(line[words[0].start:]))
	}
	if v := nearest(first, verbWords()); v != "" {
		return offer(v, rest)
	}
	if rest == "" {
		return e
	}
	// Several words that begin with no verb are surely a message.
	all := line[words[0].start:].String()
	e.Lines = append(e.Lines, button("Post it as an update", p.head+"update "+all)...)
	e.Lines = append(e.Lines, button("Note it", p.head+"note "+all)...)
	if p.head == "" {
		e.Lines = append(e.Lines, button("Declare it as an incident", "declare "+all)...)
	}
	return e
}

// leftover refuses words behind everything that a verb without a text takes.
func (r *reader) leftover() error {
	if err := r.stray(); err != nil {
		return err
	}
	if r.cmd.family() {
		return r.stranger()
	}
	all := r.raw(0, len(r.words))
	e := bot.Invalid("%q is more than %s takes.", short(bot.Text(r.raw(r.pos, len(r.words)))), r.cmd.Name).
		WithHint("The line is: %s", r.cmd.Usage())
	if r.cmd.Wordy == "" {
		return e
	}
	verb := r.cmd.Wordy + " "
	if sub, ok := strings.CutPrefix(r.cmd.Name, verb); ok {
		verb += "-- " + sub + " "
	}
	return suggest(e, r.out.head+bot.Text(verb+all).String())
}

// unknownFlag refuses a flag that a verb without a text does not have.
func (r *reader) unknownFlag(name string) error {
	e := bot.Invalid("%s has no --%s.", r.cmd.Name, short(bot.Text(name))).WithHint("The line is: %s", r.cmd.Usage())
	n := r.nearFlag(name)
	if n == "" {
		return e
	}
	parts := []string{r.cmd.Name, r.raw(0, r.pos), "--" + n, r.raw(r.pos+1, len(r.words))}
	return suggest(e, r.out.head+bot.Text(strings.Join(strings.Fields(strings.Join(parts, " ")), " ")).String())
}

// nearest returns the word of list that s was probably meant to be, or "": the
// only one that it begins, else the one that the fewest slips of a finger lead
// to, at most one in three letters.
func nearest(s string, list []string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) < 2 || len(s) > 40 {
		return ""
	}
	best, fewest := "", len(s)/3+1
	begun := map[string]bool{}
	for _, w := range list {
		l := strings.ToLower(w)
		if strings.HasPrefix(l, s) {
			begun[w] = true
		}
		if d := slips(s, l); d < fewest {
			best, fewest = w, d
		}
	}
	if best == "" && len(begun) == 1 {
		for w := range begun {
			return w
		}
	}
	return best
}

// slips is the number of letters wrong, missing, too many or swapped between a
// and b (the optimal string alignment distance).
func slips(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now := make([]int, len(y)+1)
		now[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last = last, now
	}
	return last[len(y)]
}
