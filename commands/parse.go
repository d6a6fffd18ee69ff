package commands

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// values are a verb's arguments as they were written, by name. An argument
// that was not given has none.
type values map[string]bot.Text

// parsed is a line that was understood.
type parsed struct {
	cmd      *Command
	values   values
	incident int64         // named in front of the verb
	channel  bot.ChannelID // likewise, by its channel
	head     string        // the words that named it, as they are typed
	short    *Short        // through which the verb was found
	lead     *lead
	notes    []bot.Text
}

// lead is a value that was read from the first words of a text and may have
// been meant as text.
type lead struct {
	arg  string
	raw  string   // as it was written
	text bot.Text // the text with it
}

// parse reads a line. It knows nothing of who typed it, and where.
func parse(s *bot.Settings, line bot.Text) (parsed, error) {
	p, err := scan(s, line)
	if err == nil {
		p.values.canon(s, p.cmd)
	}
	return p, err
}

// scan is parse with the values as they were written.
func scan(s *bot.Settings, line bot.Text) (parsed, error) {
	p := parsed{values: values{}}
	words := dropCommand(s, split(line))
	words = p.prefix(words)
	if len(words) == 0 {
		p.cmd = table["card"]
		return p, nil
	}
	rest := words[1:]
	p.cmd, p.short = find(words[0].plain())
	if p.cmd == nil {
		return p, unknownVerb(s, p, words, line)
	}
	if len(rest) > 0 {
		if sub := p.cmd.sub(rest[0]); sub != nil {
			p.cmd, rest = sub, rest[1:]
		}
	}
	r := &reader{s: s, cmd: p.cmd, line: string(line), words: rest, out: &p}
	if p.short != nil {
		r.expand(p.short)
	}
	return p, r.read()
}

// dropCommand forgives people who write the slash command where it is implied.
func dropCommand(s *bot.Settings, words []word) []word {
	if len(words) == 0 {
		return words
	}
	for _, name := range append([]string{s.Command}, s.Aliases...) {
		if name != "" && words[0].plain() == name {
			return words[1:]
		}
	}
	return words
}

var prefixPattern = regexp.MustCompile(`^(?:#|#?inc-)?([1-9][0-9]{0,17})$|^#?inc-([1-9][0-9]{0,17})-[^ ]*$`)

// prefix takes the incident that a line names in front of its verb.
func (p *parsed) prefix(words []word) []word {
	if len(words) == 0 {
		return words
	}
	spans := words[0].text.Spans()
	if len(spans) == 1 && spans[0].Kind == bot.SpanChannel {
		p.channel = bot.ChannelID(spans[0].Value)
		p.head = words[0].text.String() + " "
		return words[1:]
	}
	if g := prefixPattern.FindStringSubmatch(words[0].plain()); g != nil {
		p.incident, _ = number(g[1] + g[2])
		p.head = fmt.Sprintf("#%d ", p.incident)
		return words[1:]
	}
	return words
}

// canon writes every value as the bot itself would, and drops the flags that
// were said to be off.
func (v values) canon(s *bot.Settings, c *Command) {
	for name, x := range v {
		if x = c.arg(name).canon(s, x); x == "" {
			delete(v, name)
			continue
		}
		v[name] = x
	}
}

// add gives a one more value, or its only one.
func (v values) add(a *Arg, x bot.Text) {
	if a.Many {
		x = bot.Text(strings.ReplaceAll(string(x), "\n", " "))
	}
	if x = trim(x); x == "" {
		return
	}
	if old := v[a.Name]; a.Many && old != "" {
		x = bot.Join(old, "\n", x)
	}
	v[a.Name] = x
}

// set is add for a flag, which is given twice with two values by mistake only.
func (v values) set(a *Arg, x bot.Text) error {
	if old := v[a.Name]; !a.Many && old != "" && old != trim(x) {
		return bot.Invalid("--%s is given twice, as %q and %q.", a.Name, short(old), short(x)).WithHint("Give it once.")
	}
	v.add(a, x)
	return nil
}
