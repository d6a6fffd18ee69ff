package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// verb is what can follow `tocsin`.
type verb struct {
	name  string
	args  string // as the usage line shows them
	short string // what it does, in a few words
	run   func(context.Context, env, []string) error
}

// verbs lists them in the order of help.
func verbs() []verb {
	return []verb{
		{"serve", "[--config FILE] [--database URL] [--listen ADDR]", "run the bot", serve},
		{"demo", "[--scenario NAME|FILE] [--speed N|instant] [--exit] [--listen ADDR]", "play an incident against local stand-ins for Slack, GitHub and a deploy system", demo},
		{"run", `"COMMAND LINE" [--as USER] [--in CHANNEL] [--url URL] [--key KEY]`, "one command through the JSON API, for when Slack is down", runLine},
		{"config", "[--example]", "print the effective configuration, secrets masked", printConfig},
		{"backup", "FILE [--config FILE] [--database PATH]", "copy the SQLite file, also while it is used", backup},
		{"restore", "FILE [--config FILE] [--database PATH]", "put a backup in the place of the SQLite file", restore},
		{"migrate", "[--to postgres://…] [--config FILE] [--database URL]", "bring the database to this version's schema, or copy it into PostgreSQL", migrateDatabase},
		{"token", "create USER [--verbs LIST] [--expires 90d] | list | revoke ID", "personal API tokens", token},
		{"audit", "verify [--head HEAD] [--json]", "check that nobody changed the record", audit},
		{"health", "", "ask the running server whether it is ready", health},
		{"version", "", "print the version", printVersion},
		{"help", "[VERB]", "print this, or one verb's flags", help},
	}
}

// usageError is a command line that cannot be understood.
type usageError struct{ text, verb string }

func (e *usageError) Error() string { return e.text }

func wrongUsage(verb, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...), verb}
}

func dispatch(ctx context.Context, e env, args []string) error {
	if len(args) == 0 {
		return wrongUsage("", "there is no verb")
	}
	name := args[0]
	switch name {
	case "-h", "-help", "--help":
		return help(ctx, e, args[1:])
	case "-v", "-version", "--version":
		name = "version"
	}
	v, ok := findVerb(name)
	if !ok {
		return wrongUsage("", "unknown verb %s%s", quote(name), suggest(name, verbNames()))
	}
	return v.run(ctx, e, args[1:])
}

func findVerb(name string) (verb, bool) {
	all := verbs()
	if i := slices.IndexFunc(all, func(v verb) bool { return v.name == name }); i >= 0 {
		return all[i], true
	}
	return verb{}, false
}

func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

func usageLine(name string) string {
	v, ok := findVerb(name)
	if !ok {
		return "usage: tocsin " + strings.Join(verbNames(), "|") + " …; tocsin help says more"
	}
	return strings.TrimSpace("usage: tocsin " + v.name + " " + v.args)
}

// exit reports err on standard error and returns the exit code.
func (e env) exit(err error) int {
	var usage *usageError
	var faults Faults
	var mine *bot.Error
	say := func(format string, args ...any) {
		_, _ = fmt.Fprint(e.stderr, e.redactor().Redact(fmt.Sprintf(format, args...))+"\n")
	}
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		say("tocsin: %s\n%s", usage.text, usageLine(usage.verb))
		return 2
	case errors.As(err, &faults) && len(faults) > 1:
		say("tocsin: the configuration has %d faults:\n%s", len(faults), faults)
	case errors.As(err, &mine):
		say("tocsin: %s", strings.ReplaceAll(mine.Error(), "\n", " "))
	case errors.Is(err, context.Canceled):
		say("tocsin: interrupted")
	default:
		say("tocsin: %s", err)
	}
	return 1
}

// redactor masks the secrets of the environment, for errors that come from
// before there is a configuration or from below it.
func (e env) redactor() *wire.Redactor {
	c := &Config{lookup: lookupIn(e.environ)}
	c.Database, _ = c.lookup("TOCSIN_DATABASE")
	_ = c.readSecrets() // only the values are wanted
	return wire.NewRedactor(c.Secrets()...)
}

// flags is the command line of one verb.
type flags struct {
	*flag.FlagSet
	verb string
	out  io.Writer // for --help
	o    overrides
}

// newFlags returns the flags of a verb, which knows those of --config,
// --database and --listen that are named. More can be added before parse.
func newFlags(e env, verb string, common ...string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(verb, flag.ContinueOnError), verb: verb, out: e.stdout}
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	for _, c := range []struct {
		name, usage string
		to          **string
	}{
		{"config", "`FILE` to read; the default is tocsin.yaml, if it is there", &f.o.config},
		{"database", "a file `PATH` or postgres://…", &f.o.database},
		{"listen", "`ADDRESS` of the HTTP server, such as 127.0.0.1:8080", &f.o.listen},
	} {
		if slices.Contains(common, c.name) {
			f.Func(c.name, c.usage, func(s string) error { *c.to = &s; return nil })
		}
	}
	return f
}

// parse reads flags before and after the other words, and returns the latter.
// After a bare -- all are words.
func (f *flags) parse(args []string) ([]string, error) {
	var words []string
	for len(args) > 0 {
		if err := f.Parse(args); err != nil {
			return nil, f.explain(err)
		}
		rest := f.Args()
		if used := len(args) - len(rest); used > 0 && args[used-1] == "--" {
			return append(words, rest...), nil
		}
		if len(rest) == 0 {
			break
		}
		words, args = append(words, rest[0]), rest[1:]
	}
	return words, nil
}

// explain turns what package flag says into our words. --help is answered here.
func (f *flags) explain(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		f.printHelp()
		return err
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		var known []string
		f.VisitAll(func(g *flag.Flag) { known = append(known, "--"+g.Name) })
		return wrongUsage(f.verb, "unknown flag %s%s", quote("--"+strings.TrimLeft(name, "-")), suggest("--"+name, known))
	}
	return wrongUsage(f.verb, "%s", strings.ReplaceAll(err.Error(), " -", " --"))
}

func (f *flags) printHelp() {
	v, _ := findVerb(f.verb)
	text := usageLine(f.verb) + "\n\n" + strings.ToUpper(v.short[:1]) + v.short[1:] + ".\n"
	f.VisitAll(func(g *flag.Flag) {
		arg, usage := flag.UnquoteUsage(g)
		text += fmt.Sprintf("  --%-18s %s\n", strings.TrimSpace(g.Name+" "+arg), usage)
	})
	_, _ = io.WriteString(f.out, text)
}

// config reads the configuration that the flags lead to.
func (f *flags) config(e env) (*Config, error) { return loadConfig(f.o, e.environ) }

// parseAlone reads the flags of a verb that takes no words.
func (f *flags) parseAlone(args []string) error {
	words, err := f.parse(args)
	if err != nil {
		return err
	}
	return f.none(words)
}

// none refuses words where a verb takes none.
func (f *flags) none(words []string) error {
	if len(words) > 0 {
		return wrongUsage(f.verb, "%s is too much", quote(words[0]))
	}
	return nil
}
