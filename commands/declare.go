package commands

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "declare", Aliases: []string{"new"}, Shorts: []Short{{Word: "test", Args: "--drill"}},
	Group: RunIncident, Rank: 10, Title: "Declare an incident",
	Summary: "open an incident with a channel of its own; you are its acting commander. Without a title: the form",
	Args: []Arg{
		{Name: "severity", Kind: Severity{}, Help: "How bad it is; the usual one if you leave it out"},
		{Name: "title", Kind: Text{Short: true}, Required: true, Help: "What is broken, in a few words"},
		{Name: "service", Kind: Service{}, Meta: "S", Flag: true, Many: true, Label: "Services", Help: "The service that has it"},
		{Name: "since", Kind: Time{}, Flag: true, Label: "Impact since", Help: "When users began to notice"},
		{Name: "private", Kind: Switch{}, Flag: true, Help: "Only its members ever know of it"},
		{Name: "drill", Kind: Switch{}, Flag: true, Help: "A practice: pages nobody, publishes nothing"},
		{Name: "new", Kind: Switch{}, Flag: true, Hidden: true, Shown: true, Help: "Declare, although a like one was declared just now"},
		sureArg(),
	},
	Right: bot.RightDeclare,
	Examples: []string{
		"declare sev1 Checkout is down",
		"declare sev 2 Chat is slow --since 16:15",
		"declare Logins fail",
		"test Everybody is paged on a Sunday",
	},
	Run: runDeclare,
})

func runDeclare(c *Call) (bot.Reply, error) {
	d := bot.Draft{
		Title: c.text("title"), Since: opt[time.Time](c, "since"),
		Private: c.is("private"), Drill: c.is("drill"),
	}
	if sev, ok := get[bot.Severity](c, "severity"); ok {
		d.Severity = sev.ID
	}
	for _, s := range list[bot.Service](c, "service") {
		d.Services = append(d.Services, s.ID)
	}
	if r, ask := c.askPrivate(d); ask {
		return r, nil
	}
	if !c.Req.Exact && !c.is("new") {
		twin, err := bot.FindDuplicate(c.Look, d)
		if err != nil {
			return bot.Reply{}, fmt.Errorf("look for a duplicate: %w", err)
		}
		if twin != nil {
			return c.askDuplicate(twin), nil
		}
	}
	if _, err := bot.Declare(c.Work, d); err != nil {
		return bot.Reply{}, err
	}
	return c.declared(), nil
}

// secretWord is --private or --drill where a flag is not read: in the midst of a
// title, with a comma behind it, with one dash, misspelled at its end.
var secretWord = regexp.MustCompile(`(?i)(^|\s)[-\x{2010}-\x{2015}]{1,2}(priv\pL*|drill?\pL*)\S*`)

// askPrivate asks before an incident is told to everybody whose title says that
// it should not be: nothing makes it private again.
func (c *Call) askPrivate(d bot.Draft) (bot.Reply, bool) {
	found := secretWord.FindStringSubmatch(d.Title.String())
	if found == nil || c.Req.Exact || !c.typedLine() || d.Private || d.Drill || c.is(sureArg().Name) {
		return bot.Reply{}, false
	}
	meant, plain := maps.Clone(c.values), maps.Clone(c.values)
	flag, label := "private", "Declare it privately"
	if strings.HasPrefix(strings.ToLower(found[2]), "d") {
		flag, label = "drill", "Declare a drill"
	}
	meant[flag], plain[sureArg().Name] = "true", "true"
	meant["title"] = bot.Text(strings.TrimSpace(secretWord.ReplaceAllString(string(d.Title), "")))
	return bot.Say("Did you mean ", bot.Code("--"+flag), "? It stands in the title, and nothing was declared yet.").With(
		bot.Buttons(append(button(label, c.again(c.Cmd, meant)), button("It is part of the title", c.again(c.Cmd, plain))...)...),
	), true
}

// askDuplicate asks before a second incident about the same thing.
func (c *Call) askDuplicate(twin *bot.Incident) bot.Reply {
	anyway := maps.Clone(c.values)
	anyway["new"] = "true"
	r := bot.Say("Declared ", bot.Moment(twin.DeclaredAt), " by ", bot.MentionUser(twin.DeclaredBy), ": ", twin.Tag(), ". Is it the same?")
	r.Incident = twin.Number
	buttons := []bot.Button{{Label: fmt.Sprintf("Join #%d", twin.Number), Line: fmt.Sprintf("show %d", twin.Number), Style: "primary"}}
	return r.With(bot.Buttons(append(buttons, button("Declare anyway", c.again(c.Cmd, anyway))...)...))
}

// declared tells the declarer what there is now, and what was assumed.
func (c *Call) declared() bot.Reply {
	i := c.Incident
	what := "incident"
	if i.Drill {
		what = "drill"
	}
	sev := c.Settings().Severity(i.Severity)
	text := bot.Join("Declared ", bot.Plain(what), " ", i.Tag(), " as ", bot.Bold(strings.ToUpper(sev.ID)), bot.Plain(" ("+sev.Name+"). You are the acting commander; its channel is being opened."))
	if !i.Assumed {
		r := bot.Say(text)
		// A severity read off a title by its name may have been a part of it.
		if l := c.parsed.lead; l != nil && c.typedLine() && !bot.LooksLikeSeverity(strings.TrimSuffix(strings.ReplaceAll(l.raw, " ", ""), ":")) {
			r = r.With(bot.Buttons(button("It was text", c.lineFor("title", values{"text": l.text}))...))
		}
		return r
	}
	r := bot.Say(text, " The severity is assumed.")
	var buttons []bot.Button
	for _, s := range c.Settings().Severities {
		if s.ID != i.Severity && len(buttons) < 5 {
			buttons = append(buttons, bot.Button{Label: strings.ToUpper(s.ID) + " " + s.Name, Line: c.lineFor("severity", values{"severity": bot.Text(s.ID)})})
		}
	}
	return r.With(bot.Buttons(buttons...))
}
