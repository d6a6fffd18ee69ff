package commands

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// Word is one word; a quoted one keeps its spaces.
type Word struct{ one }

func (Word) take(_ *bot.Settings, words []word) (int, bool) {
	return min(1, len(words)), len(words) > 0
}

func (Word) read(_ *Call, v bot.Text) (any, error) { return v.String(), nil }

func (Word) input(*bot.Settings) bot.FormInput {
	return bot.FormInput{Kind: bot.InputLine, Max: bot.MaxDeployField}
}

// Target is what can be rolled back. What stands behind the verb can be nothing
// else, so a word that is none is taken, too, and reading it fails.
type Target struct{ one }

func (Target) take(s *bot.Settings, words []word) (int, bool) {
	n, _ := takeName(s.Targets, words)
	return n, n > 0
}

func (Target) canon(s *bot.Settings, v bot.Text) bot.Text { return canonName(s.Targets, v) }

func (Target) read(c *Call, v bot.Text) (any, error) {
	if t, ok := bot.Find(c.Settings().Targets, v.String()); ok {
		return t, nil
	}
	return nil, noTarget(c.Settings(), v, "")
}

func (Target) input(s *bot.Settings) bot.FormInput {
	in := bot.FormInput{Kind: bot.InputChoice}
	for _, t := range s.Targets {
		name := t.Service
		if v, ok := bot.Find(s.Services, t.Service); ok {
			name = v.Name
		}
		in.Options = append(in.Options, bot.Option{Value: t.Name, Label: fmt.Sprintf("%s: %s in %s", t.Name, name, t.Environment)})
	}
	if len(in.Options) > maxOptions {
		return bot.FormInput{Kind: bot.InputLine}
	}
	return in
}

// maxOptions is how many choices Slack draws in one input.
const maxOptions = 100

// noTargets is said wherever a target is wanted and none is configured.
func noTargets() *bot.Error {
	return bot.Conflict("No rollback targets are configured; add rollback_targets to the configuration.")
}

// noTarget refuses a word behind rollback that is neither a target nor a verb,
// and offers the one that it may have been meant as; behind is what was typed
// behind it.
func noTarget(s *bot.Settings, v bot.Text, behind string) *bot.Error {
	word := strings.ToLower(strings.TrimSpace(v.String()))
	if e := table["rollback"].later(word); e != nil {
		return e
	}
	verbs := table["rollback"].subs()
	near := nearest(word, append(verbs, bot.IDs(s.Targets)...))
	switch {
	case slices.Contains(verbs, near):
		line := strings.TrimSpace("rollback " + near + " " + behind)
		return suggest(bot.Invalid("%q is no rollback target.", short(v)), line).WithHint("Did you mean %s?", bot.Text(line).OneLine(80))
	case len(s.Targets) == 0:
		return noTargets()
	}
	e := unknownName("rollback target", v, bot.IDs(s.Targets), nil)
	if near != "" {
		return e.WithHint("Did you mean %s? %s", near, e.Hint)
	}
	if svc, ok := bot.Find(s.Services, v.String()); ok {
		if of := s.TargetsOf([]string{svc.ID}); len(of) > 0 {
			return e.WithHint("It is a service; its targets: %s.", strings.Join(bot.IDs(of), ", "))
		}
	}
	return e
}

// stray refuses what stands behind a target that is none, which is where the
// mistake is.
func (r *reader) stray() error {
	a := r.cmd.arg("target")
	if a == nil {
		return nil
	}
	v := r.out.values[a.Name]
	if _, known := bot.Find(r.s.Targets, v.String()); known || v == "" {
		return nil
	}
	e := noTarget(r.s, v, r.raw(r.pos, len(r.words)))
	if e.Line != "" {
		e.Line = r.out.head + e.Line
	}
	return e
}

// RollbackID names a rollback: r7, or 7 or #7 where only one can be meant. It
// also names the incident, so that a line with one works anywhere.
type RollbackID struct{ one }

func (RollbackID) meta() string { return "ID" }

func (RollbackID) take(_ *bot.Settings, words []word) (int, bool) {
	if len(words) == 0 {
		return 0, false
	}
	_, ok := rollbackID(words[0].plain())
	return 1, ok
}

// rollbackID reads r7, R7, 7 and #7.
func rollbackID(s string) (string, bool) {
	s, _ = strings.CutPrefix(strings.ToLower(s), "r")
	n, ok := number(s)
	return fmt.Sprintf("r%d", n), ok
}

func (RollbackID) canon(_ *bot.Settings, v bot.Text) bot.Text {
	if id, ok := rollbackID(string(v)); ok {
		return bot.Text(id)
	}
	return v
}

func (RollbackID) read(_ *Call, v bot.Text) (any, error) {
	id, ok := rollbackID(string(v))
	if !ok {
		return nil, bot.Invalid("%q is no rollback's id.", short(v)).WithHint("Write it as r7.")
	}
	return id, nil
}

func (RollbackID) home(c *Call, v any) (int64, error) {
	id, _ := v.(string)
	r, err := c.Tx.Rollback(c.Viewer(), id)
	if err != nil {
		return 0, err
	}
	return r.Incident, nil
}

func (RollbackID) missing(v any) *bot.Error {
	return bot.NotFound("There is no rollback %s.", v).WithHint("rollback show, without an id, shows the newest one of an incident.")
}

func (RollbackID) elsewhere(v any, n int64) *bot.Error {
	return bot.Invalid("%s is a rollback of #%d.", v, n).WithHint("Its id is enough: leave out the incident.")
}
