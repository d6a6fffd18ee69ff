package commands

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// Status is where an incident stands.
type Status struct{ one }

func (Status) take(_ *bot.Settings, words []word) (int, bool) {
	if len(words) == 0 {
		return 0, false
	}
	_, ok := parseStatus(bot.Text(words[0].plain()))
	return 1, ok
}

// parseStatus also takes the colon that people put behind a status.
func parseStatus(v bot.Text) (bot.Status, bool) {
	return bot.ParseStatus(strings.TrimSuffix(string(v), ":"))
}

func (Status) canon(_ *bot.Settings, v bot.Text) bot.Text {
	if s, ok := parseStatus(v); ok {
		return bot.Text(s)
	}
	return v
}

func (Status) read(_ *Call, v bot.Text) (any, error) {
	if s, ok := parseStatus(v); ok {
		return s, nil
	}
	words := make([]string, 0, 4)
	for _, s := range bot.Statuses() {
		words = append(words, string(s))
	}
	return nil, unknownName("status", v, words, words)
}

func (Status) input(*bot.Settings) bot.FormInput {
	in := bot.FormInput{Kind: bot.InputChoice}
	for _, s := range bot.Statuses() {
		in.Options = append(in.Options, bot.Option{Value: string(s), Label: s.Label()})
	}
	return in
}

// Severity is how bad it is. A word that was surely meant as one and is none is
// taken, too, so that reading it fails.
type Severity struct{ one }

func (Severity) take(s *bot.Settings, words []word) (int, bool) {
	n := longest(words, 3, func(v string) bool {
		v = strings.TrimSuffix(v, ":")
		_, bare := number(v)
		_, known := s.ParseSeverity(v)
		if head, digits, two := strings.Cut(v, " "); two && known {
			_, named := bot.Find(s.Severities, v)
			return named || strings.EqualFold(head, "sev") && digits != ""
		}
		return known && !bare
	})
	if n > 0 {
		return n, true
	}
	if len(words) > 1 && words[0].plain() == "sev" && !words[1].quoted {
		if _, digits := number(strings.TrimSuffix(string(words[1].text), ":")); digits {
			return 2, true
		}
	}
	if len(words) == 0 {
		return 0, false
	}
	return 1, bot.LooksLikeSeverity(strings.TrimSuffix(words[0].plain(), ":"))
}

func (Severity) canon(s *bot.Settings, v bot.Text) bot.Text {
	if sev, ok := s.ParseSeverity(strings.TrimSuffix(v.String(), ":")); ok {
		return bot.Text(sev.ID)
	}
	return v
}

func (Severity) read(c *Call, v bot.Text) (any, error) {
	s := c.Settings()
	if sev, ok := s.ParseSeverity(strings.TrimSuffix(v.String(), ":")); ok {
		return sev, nil
	}
	names := make([]string, len(s.Severities))
	for k, sev := range s.Severities {
		names[k] = sev.ID + " (" + sev.Name + ")"
	}
	return nil, unknownName("severity", v, names, nil)
}

func (Severity) input(s *bot.Settings) bot.FormInput {
	in := bot.FormInput{Kind: bot.InputChoice}
	for _, sev := range s.Severities {
		in.Options = append(in.Options, bot.Option{Value: sev.ID, Label: strings.ToUpper(sev.ID) + " " + sev.Name})
	}
	return in
}

// Role is something that a person can be in an incident.
type Role struct{ one }

func (Role) take(s *bot.Settings, words []word) (int, bool) { return takeName(s.Roles, words) }

func (Role) canon(s *bot.Settings, v bot.Text) bot.Text { return canonName(s.Roles, v) }

func (Role) read(c *Call, v bot.Text) (any, error) {
	return readName("role", c.Settings().Roles, v)
}

func (Role) input(s *bot.Settings) bot.FormInput {
	in := bot.FormInput{Kind: bot.InputChoice}
	for _, r := range s.Roles {
		in.Options = append(in.Options, bot.Option{Value: r.ID, Label: r.Name})
	}
	return in
}

// Service is a part of the product as engineers know it.
type Service struct{ one }

func (Service) take(s *bot.Settings, words []word) (int, bool) { return takeName(s.Services, words) }

func (Service) canon(s *bot.Settings, v bot.Text) bot.Text { return canonName(s.Services, v) }

func (Service) read(c *Call, v bot.Text) (any, error) {
	return readName("service", c.Settings().Services, v)
}

func (Service) input(s *bot.Settings) bot.FormInput {
	in := bot.FormInput{Kind: bot.InputMany}
	for _, v := range s.Services {
		in.Options = append(in.Options, bot.Option{Value: v.ID, Label: v.Name})
	}
	return in
}

// Mark is a milestone that a person can set.
type Mark struct{ one }

func (Mark) meta() string {
	words := make([]string, 0, 5)
	for _, m := range bot.Milestones() {
		words = append(words, string(m))
	}
	return strings.Join(words, "|")
}

func (Mark) canon(_ *bot.Settings, v bot.Text) bot.Text {
	if m, ok := bot.ParseMilestone(string(v)); ok {
		return bot.Text(m)
	}
	return v
}

func (k Mark) read(_ *Call, v bot.Text) (any, error) {
	if m, ok := bot.ParseMilestone(string(v)); ok {
		return m, nil
	}
	words := strings.Split(k.meta(), "|")
	return nil, unknownName("milestone", v, words, words)
}

func (Mark) input(*bot.Settings) bot.FormInput {
	in := bot.FormInput{Kind: bot.InputChoice}
	for _, m := range bot.Milestones() {
		in.Options = append(in.Options, bot.Option{Value: string(m), Label: strings.ToUpper(string(m[:1])) + string(m[1:])})
	}
	return in
}

// takeName finds a configured name, which may be of several words.
func takeName[T bot.Named](list []T, words []word) (int, bool) {
	n := longest(words, 5, func(v string) bool { _, ok := bot.Find(list, v); return ok })
	return max(n, min(1, len(words))), n > 0
}

func canonName[T bot.Named](list []T, v bot.Text) bot.Text {
	if x, ok := bot.Find(list, v.String()); ok {
		return bot.Text(bot.IDs([]T{x})[0])
	}
	return v
}

func readName[T bot.Named](what string, list []T, v bot.Text) (any, error) {
	if x, ok := bot.Find(list, v.String()); ok {
		return x, nil
	}
	if len(list) == 0 {
		return nil, bot.Invalid("No %ss are configured, so %q is none.", what, short(v)).
			WithHint("They stand in the configuration under %ss.", what)
	}
	return nil, unknownName(what, v, bot.IDs(list), bot.IDs(list))
}

// unknownName refuses a name; known are those that there are, near those among
// which the nearest is looked for.
func unknownName(what string, v bot.Text, known, near []string) *bot.Error {
	e := bot.Invalid("%q is no %s.", short(v), what)
	list := known
	if len(list) > 12 {
		list = append(list[:12:12], "…")
	}
	hint := "There are: " + strings.Join(list, ", ") + "."
	if n := nearest(v.String(), near); n != "" {
		hint = "Did you mean " + n + "? " + hint
	}
	return e.WithHint("%s", hint)
}
