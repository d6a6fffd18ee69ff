package commands

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tocsin-dev/tocsin/bot"
)

// Call is a verb being run.
type Call struct {
	*bot.Look
	// Work is nil for a verb that only reads.
	Work *bot.Work
	Cmd  *Command

	values values
	typed  map[string]any
	parsed parsed
	notes  []bot.Text
}

// note adds a small line to the answer, once.
func (c *Call) note(t bot.Text) {
	if !slices.Contains(c.notes, t) {
		c.notes = append(c.notes, t)
	}
}

// argError is what is wrong with one argument.
type argError struct {
	arg *Arg
	err *bot.Error
}

// understand reads every value that was given. For a line the first fault is
// the answer; a form gets all of them, each at its field.
func (c *Call) understand() error {
	c.typed = map[string]any{}
	var faults []argError
	for k := range c.Cmd.Args {
		a := &c.Cmd.Args[k]
		v := c.values[a.Name]
		if v == "" {
			continue
		}
		err := c.readArg(a, v)
		var e *bot.Error
		switch {
		case err == nil:
		case errors.As(err, &e):
			faults = append(faults, argError{a, e})
		default:
			return err
		}
	}
	return c.faults(faults)
}

func (c *Call) readArg(a *Arg, v bot.Text) error {
	if !a.Many {
		x, err := a.Kind.read(c, v)
		c.typed[a.Name] = x
		return err
	}
	var list []any
	for _, item := range items(v) {
		x, err := a.Kind.read(c, item)
		if err != nil {
			return err
		}
		list = append(list, x)
	}
	c.typed[a.Name] = list
	if k, ok := a.Kind.(Change); ok {
		return k.agree(c, a, list)
	}
	return nil
}

func (c *Call) faults(faults []argError) error {
	if len(faults) == 0 {
		return nil
	}
	if c.Req.Verb != "" {
		form := &bot.FormError{Fields: map[string]string{}}
		for _, f := range faults {
			form.Fields[f.arg.Name] = f.err.Error()
		}
		return form
	}
	e := faults[0].err
	if e.Hint == "" {
		e.Hint = "The line is: " + c.Cmd.Usage()
	}
	return c.mend(faults[0].arg, e)
}

// maxMends is how many values are offered in place of one that is none; there are
// six sections of a post-mortem.
const maxMends = 6

// mend offers, for a value that is none of a short list, the line with each of
// the list's values in its place, and with it as text where that is possible.
func (c *Call) mend(a *Arg, e *bot.Error) error {
	in := a.Kind.input(c.Settings())
	if a.Many || len(in.Options) > maxMends {
		return e
	}
	for _, o := range in.Options {
		fixed := maps.Clone(c.values)
		fixed[a.Name] = bot.Text(o.Value)
		e.Lines = append(e.Lines, button(o.Label, c.again(c.Cmd, fixed))...)
	}
	if l := c.parsed.lead; l != nil && l.arg == a.Name {
		e.Lines = append(e.Lines, button("It was text", c.asText())...)
	}
	return e
}

// asText is the line with the words that were read as a value kept as text.
func (c *Call) asText() string {
	l := c.parsed.lead
	fixed := maps.Clone(c.values)
	delete(fixed, l.arg)
	fixed[c.Cmd.text().Name] = l.text
	if l.text == "" {
		fixed[c.Cmd.text().Name] = bot.Text(l.raw)
	}
	return c.again(c.Cmd, fixed)
}

// again writes a line that names the incident as the one at hand did, or by
// its number once it is known.
func (c *Call) again(cmd *Command, v values) string {
	head := c.parsed.head
	if c.Incident != nil && cmd.Scope != None {
		head = fmt.Sprintf("#%d ", c.Incident.Number)
	}
	return head + cmd.line(v).String()
}

// placed puts the incident at hand in front of a line that needs one and names
// none, so that it works wherever it is clicked or typed.
func (c *Call) placed(line string) string {
	if c.Incident == nil || line == "" {
		return line
	}
	p, err := scan(c.Settings(), bot.ParseRefs(line))
	if err != nil || p.head != "" || p.cmd.Scope != Needed {
		return line
	}
	return fmt.Sprintf("#%d %s", c.Incident.Number, line)
}

// placedError does that for the lines that an error offers.
func (c *Call) placedError(err error) error {
	var e *bot.Error
	if errors.As(err, &e) {
		e.Line = c.placed(e.Line)
		for k := range e.Lines {
			e.Lines[k].Line = c.placed(e.Lines[k].Line)
		}
	}
	return err
}

// lineFor writes a line of another verb about this incident.
func (c *Call) lineFor(verb string, v values) string {
	return c.again(table[verb], v)
}

// get returns the value of an argument; ok is false when it was not given.
func get[T any](c *Call, name string) (v T, ok bool) {
	v, ok = c.typed[name].(T)
	return v, ok
}

// opt returns a pointer to the value, nil when it was not given: the form in
// which package bot takes what may be missing.
func opt[T any](c *Call, name string) *T {
	if v, ok := get[T](c, name); ok {
		return &v
	}
	return nil
}

// list returns the values of an argument that may be given several times.
func list[T any](c *Call, name string) []T {
	all, _ := c.typed[name].([]any)
	out := make([]T, 0, len(all))
	for _, x := range all {
		if v, ok := x.(T); ok {
			out = append(out, v)
		}
	}
	return out
}

// text returns a text argument, "" when it was not given.
func (c *Call) text(name string) bot.Text {
	v, _ := get[bot.Text](c, name)
	return v
}

// is reports whether a switch was given.
func (c *Call) is(name string) bool {
	v, _ := get[bool](c, name)
	return v
}

// typedLine reports whether the request is a line that a person typed or
// clicked, so that a question can be asked back.
func (c *Call) typedLine() bool { return c.Req.Verb == "" && !c.Req.Exact }

// missing returns the arguments that the verb needs and that were not given.
func (c *Call) missing() []*Arg {
	var out []*Arg
	for k := range c.Cmd.Args {
		if a := &c.Cmd.Args[k]; a.Required && c.values[a.Name] == "" {
			out = append(out, a)
		}
	}
	return out
}
