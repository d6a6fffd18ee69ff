package commands

import (
	"maps"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// maxFormTitle is how many characters Slack shows of a form's title.
const maxFormTitle = 24

// Form draws the verb's declaration as a form, filled with what was given.
func (c *Command) Form(s *bot.Settings, given map[string]bot.Text) *bot.Form {
	title := c.Title
	if title == "" {
		title = strings.ToUpper(c.Name[:1]) + c.Name[1:]
	}
	submit := c.Submit
	if submit == "" {
		submit, _, _ = strings.Cut(title, " ")
	}
	f := &bot.Form{Verb: c.Name, Title: title, Submit: submit, Close: c.Close}
	for k := range c.Args {
		a := &c.Args[k]
		if a.Kept && given[a.Name] != "" {
			if f.Hidden == nil {
				f.Hidden = map[string]bot.Text{}
			}
			f.Hidden[a.Name] = given[a.Name]
		}
		if a.Hidden {
			continue
		}
		in := a.Kind.input(s)
		if in.Kind == bot.InputMany && !a.Many {
			in.Kind = bot.InputChoice
		}
		if choice := in.Kind == bot.InputChoice || in.Kind == bot.InputMany; choice && len(in.Options) == 0 {
			continue // nothing of that kind is configured
		}
		in.Name, in.Label, in.Required = a.Name, a.label(), a.Required
		if in.Hint == "" {
			in.Hint = a.Help
		}
		in.Value = prefill(in, given[a.Name])
		f.Inputs = append(f.Inputs, in)
	}
	// What must be filled in comes first: in a bad hour few read further.
	slices.SortStableFunc(f.Inputs, func(a, b bot.FormInput) int {
		switch {
		case a.Required == b.Required:
			return 0
		case a.Required:
			return -1
		}
		return 1
	})
	return f
}

// prefill is v as the input can show it: a choice shows only what it offers.
func prefill(in bot.FormInput, v bot.Text) bot.Text {
	switch in.Kind {
	case bot.InputUser:
		if u := v.Users(); len(u) > 0 {
			return bot.Text(u[0])
		}
		if bot.IsUserID(string(v)) {
			return v
		}
		return ""
	case bot.InputChoice, bot.InputMany:
		var out []string
		for _, item := range items(v) {
			for _, o := range in.Options {
				if o.Value == string(item) {
					out = append(out, o.Value)
				}
			}
		}
		return bot.Text(strings.Join(out, "\n"))
	case bot.InputLine, bot.InputText, bot.InputFlag:
	}
	return v
}

// fillIn is form with what the verb itself knows to fill in. It is looked for again
// whenever the form is opened again.
func (c *Call) fillIn(given values) (bot.Reply, error) {
	if c.Cmd.Fill == nil {
		return c.form(given), nil
	}
	line := c.form(given).Form.Line
	filled := maps.Clone(given)
	intro, err := c.Cmd.Fill(c, filled)
	if err != nil {
		return bot.Reply{}, c.placedError(err)
	}
	r := c.form(filled)
	r.Form.Line = line
	if intro != "" && r.Form.Intro != "" {
		intro = bot.Join(r.Form.Intro, "\n\n", intro)
	}
	if intro != "" {
		r.Form.Intro = intro
	}
	return r, nil
}

// form is the answer that opens the verb's form. Its message is what is shown
// where no form can be opened.
func (c *Call) form(given values) bot.Reply {
	f := c.Cmd.Form(c.Settings(), given)
	f.Channel = c.Req.Channel
	r := bot.Say("This needs more: ", bot.Code(c.Cmd.Usage()))
	if c.Incident != nil {
		f.Incident, r.Incident = c.Incident.Number, c.Incident.Number
		if c.Cmd.Scope == Needed {
			f.Intro = c.Incident.Tag()
		}
	}
	again := maps.Clone(given)
	if again == nil {
		again = values{}
	}
	again[editArg.Name] = "true"
	f.Line = c.again(c.Cmd, again)
	r.Form = f
	return r
}
