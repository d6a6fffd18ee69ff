package commands

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "help", Aliases: []string{"?"}, Group: LookAt, Rank: 90,
	Summary:  "list what can be typed, or explain one word of it",
	Args:     []Arg{{Name: "verb", Kind: Text{Short: true}, Meta: "VERB"}},
	Reads:    true,
	Examples: []string{"help", "help update"},
	Run:      runHelp,
})

func runHelp(c *Call) (bot.Reply, error) {
	words := strings.Fields(strings.ToLower(c.text("verb").String()))
	if len(words) == 0 {
		return c.helpAll(), nil
	}
	cmd, short := find(words[0])
	if cmd == nil {
		e := bot.Invalid("There is no command %q.", words[0]).WithHint("help lists them all.")
		if n := nearest(words[0], verbWords()); n != "" {
			e = suggest(e, "help "+n)
		}
		return bot.Reply{}, e
	}
	if len(words) > 1 {
		if sub := table[cmd.Name+" "+words[1]]; sub != nil {
			cmd = sub
		}
	}
	return c.helpOne(cmd, short), nil
}

// helpAll is a paragraph a group, a line a verb.
func (c *Call) helpAll() bot.Reply {
	command := c.Settings().Command
	r := bot.Reply{Message: bot.Message{
		Summary: bot.Join("Type ", bot.Code(command+" help VERB"), " to have a command explained."),
		Blocks:  []bot.Block{bot.Heading("What you can type")},
	}}
	for _, g := range Groups() {
		t := bot.Bold(string(g))
		n := 0
		for _, cmd := range All() {
			if cmd.Group == g {
				t, n = bot.Join(t, "\n", bot.Code(cmd.Name), " ", bot.Plain(cmd.Summary)), n+1
			}
		}
		if n > 0 {
			r = r.With(bot.Para(t))
		}
	}
	return r.With(bot.Small(bot.Code(command+" help update"), " explains one. Elsewhere than in an incident's channel put its number in front: ",
		bot.Code(command+" #12 update …"), ". Behind ", bot.Code("--"), " all is text."))
}

// helpOne explains a verb.
func (c *Call) helpOne(cmd *Command, short *Short) bot.Reply {
	command := c.Settings().Command
	r := bot.Reply{Message: bot.Message{
		Summary: bot.Join(bot.Code(cmd.Usage()), " ", bot.Plain(cmd.Summary)),
		Blocks: []bot.Block{
			bot.CodeBlock(bot.Plain(command + " " + cmd.Usage())),
			bot.Para(bot.Plain(strings.ToUpper(cmd.Summary[:1]) + cmd.Summary[1:] + ".")),
		},
	}}
	if args := helpArgs(cmd); args != "" {
		r = r.With(bot.Para(args))
	}
	if len(cmd.Examples) > 0 {
		lines := make([]string, len(cmd.Examples))
		for k, e := range cmd.Examples {
			lines[k] = strings.TrimSpace(command + " " + e)
		}
		r = r.With(bot.CodeBlock(bot.Plain(strings.Join(lines, "\n"))))
	}
	if short != nil {
		r = r.With(bot.Small(bot.Code(short.Word), " stands for ", bot.Code(cmd.Name+" "+short.Args), "."))
	}
	also := strings.TrimPrefix(cmd.also(), "; also ")
	if also != "" {
		r = r.With(bot.Small(bot.Plain("Also: " + strings.ReplaceAll(also, "`", ""))))
	}
	for _, sub := range All() {
		if strings.HasPrefix(sub.Name, cmd.Name+" ") {
			r = r.With(bot.Small(bot.Code(sub.Usage()), " ", bot.Plain(sub.Summary)))
		}
	}
	return r
}

// helpArgs is a line an argument.
func helpArgs(cmd *Command) bot.Text {
	var t bot.Text
	for k := range cmd.Args {
		a := &cmd.Args[k]
		if a.Hidden && !a.Shown {
			continue
		}
		if t != "" {
			t = bot.Join(t, "\n")
		}
		t = bot.Join(t, bot.Code(strings.Trim(a.usage(), "[]…")), " ", bot.Plain(a.Help))
	}
	return t
}
