package commands

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tocsin-dev/tocsin/bot"
)

// Every verb is found by its own words only, explains itself, and shows lines
// that can be read.
func TestEveryVerb(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	words := map[string]string{}
	for _, c := range All() {
		all := append([]string{c.Name}, c.Aliases...)
		for _, s := range c.Shorts {
			all = append(all, s.Word)
		}
		for _, w := range all {
			if words[w] != "" {
				t.Errorf("%q means %s and %s", w, words[w], c.Name)
			}
			words[w] = c.Name
		}
		if len(c.Examples) == 0 || strings.HasSuffix(c.Summary, ".") || len(c.Title) > maxFormTitle {
			t.Errorf("%s: examples, summary or title", c.Name)
		}
		for _, e := range c.Examples {
			p, err := parse(house(), bot.Plain(e))
			if err != nil || p.cmd != c {
				t.Errorf("%s: example %q: %v", c.Name, e, err)
			}
		}
		d.holds(d.say("U0CAT", "C0", "help "+c.Name), c.Usage(), c.Summary[1:])
		if !strings.Contains(Table(), strings.ReplaceAll(c.Usage(), "|", `\|`)) {
			t.Errorf("the table lacks %s", c.Name)
		}
		for _, a := range c.Args {
			if a.Hidden || a.Help != "" {
				continue
			}
			if len(c.Args) > 1 && a.Label == "" {
				t.Errorf("%s: nothing explains %s", c.Name, a.Name)
			}
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"declare":   "declare [SEVERITY] TITLE [--service S]… [--since TIME] [--private] [--drill] [--new]",
		"update":    "update [STATUS] TEXT [--public] [--component NAME=STATE]… [--next 30m] [--at TIME]",
		"status":    "status STATUS [--at TIME]",
		"component": "component NAME=STATE… [--at TIME]",
		"severity":  "severity SEV",
		"title":     "title TEXT [--public]",
		"assign":    "assign ROLE @user or none",
		"resolve":   "resolve [TEXT] [--public] [--internal] [--all-clear] [--at TIME]",
		"milestone": "milestone impact|detected|identified|mitigated|resolved TIME",
		"list":      "list [open or all]",
		"show":      "show [#N] [--more]",
		"deploys":   "deploys [SERVICE]",
		"rollback":  "rollback [TARGET] [--to VERSION] [--reason TEXT] [--plan]",

		"task add":       "task add TEXT [--owner @user]",
		"task promote":   "task promote N or all",
		"action add":     "action add TEXT or ISSUE-URL [--owner @user] [--due 2026-12-01 or 14d] [--priority p1] [--service S]",
		"action list":    "action list [--all]",
		"action drop":    "action drop N [REASON]",
		"action due":     "action due N DATE REASON",
		"remind in":      "remind in 20m TEXT",
		"remind at":      "remind at 15:04 TEXT",
		"postmortem set": "postmortem set SECTION TEXT",

		"postmortem publish": "postmortem publish [--public]",

		"rollback approve": "rollback approve [ID]",
		"rollback deny":    "rollback deny [ID] [REASON]",
		"rollback resend":  "rollback resend [ID] [STEP]",
	} {
		if got := table[name].Usage(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestRegisterRefuses(t *testing.T) {
	t.Parallel()
	run := func(*Call) (bot.Reply, error) { return bot.Reply{}, nil }
	good := Command{Name: "zzz", Group: LookAt, Summary: "s", Run: run}
	for what, change := range map[string]func(*Command){
		"the name of a verb":     func(c *Command) { c.Name = "declare" },
		"an alias of another":    func(c *Command) { c.Aliases = []string{"fixed"} },
		"a short of another":     func(c *Command) { c.Shorts = []Short{{Word: "mitigate"}} },
		"no summary":             func(c *Command) { c.Summary = "" },
		"no group":               func(c *Command) { c.Group = "" },
		"nothing to run":         func(c *Command) { c.Run = nil },
		"an argument of no kind": func(c *Command) { c.Args = []Arg{{Name: "a"}} },
		"an argument behind the text": func(c *Command) {
			c.Args = []Arg{{Name: "a", Kind: Text{}}, {Name: "b", Kind: Number{}}}
		},
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was taken")
				}
			}()
			c := good
			change(&c)
			register(c)
		})
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"staus": "status", "reslove": "resolve", "udpate": "update", "declar": "declare", "seveirty": "severity",
		"tim": "timeline", "the": "", "x": "", "checkout": "", strings.Repeat("a", 200): "", "res": "resolve",
	} {
		if got := nearest(in, verbWords()); got != want {
			t.Errorf("nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSubmitWords(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{
		"rollback": "Roll back", "rollback done": "It is done", "update": "Post", "update retract": "Take back", "postmortem set": "Save",
	} {
		if got := table[verb].Form(house(), nil).Submit; got != want {
			t.Errorf("%s is sent with %q, want %q", verb, got, want)
		}
	}
}

// Forms keep within what Slack shows and ask only for what can be given.
func TestEveryForm(t *testing.T) {
	t.Parallel()
	bare := bot.Defaults()
	for _, s := range []*bot.Settings{house(), &bare} {
		for _, c := range All() {
			f := c.Form(s, nil)
			if utf8.RuneCountInString(f.Title) > maxFormTitle || f.Submit == "" || f.Verb != c.Name {
				t.Errorf("%s: %+v", c.Name, f)
			}
			for _, in := range f.Inputs {
				a := c.arg(in.Name)
				if a == nil || a.Hidden || in.Label == "" || in.Required != a.Required {
					t.Errorf("%s: input %+v", c.Name, in)
				}
				if (in.Kind == bot.InputChoice || in.Kind == bot.InputMany) && (len(in.Options) == 0 || len(in.Options) > 100) {
					t.Errorf("%s: %s has %d options", c.Name, in.Name, len(in.Options))
				}
				// What a form offers reads back as itself.
				for _, o := range in.Options {
					if got := a.Kind.canon(s, bot.Text(o.Value)); got != bot.Text(o.Value) {
						t.Errorf("%s: %s offers %q, which is %q", c.Name, in.Name, o.Value, got)
					}
				}
			}
		}
	}
}
