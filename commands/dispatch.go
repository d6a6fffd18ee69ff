package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// Dispatcher finds what a request asks for and has it done.
type Dispatcher struct{ bot *bot.Bot }

var _ bot.Dispatcher = (*Dispatcher)(nil)

// New returns a dispatcher over b.
func New(b *bot.Bot) *Dispatcher { return &Dispatcher{bot: b} }

// Dispatch carries out r: it reads the line or the form, refuses outsiders,
// finds the incident, checks the right, and runs the verb, all but the reading
// in one transaction. A refusal claims no key and changes nothing.
func (d *Dispatcher) Dispatch(ctx context.Context, r bot.Request) (bot.Reply, error) {
	p, fault := d.read(r)
	var c *Call
	var reply bot.Reply
	var err error
	if fault != nil || p.cmd.Reads || asks(p) {
		reply, err = d.bot.Look(ctx, r, func(l *bot.Look) (bot.Reply, error) {
			c = &Call{Look: l, Cmd: p.cmd, values: maps.Clone(p.values), parsed: p}
			return d.run(c, fault)
		})
	} else {
		reply, err = d.bot.Carry(ctx, r, func(w *bot.Work) (bot.Reply, error) {
			c = &Call{Look: &w.Look, Work: w, Cmd: p.cmd, values: maps.Clone(p.values), parsed: p}
			return d.run(c, nil)
		})
	}
	d.log(ctx, r, c, err)
	return reply, err
}

// log tells of a request, with its text only at debug, and never with that of
// a private incident or of a line that could not be placed.
func (d *Dispatcher) log(ctx context.Context, r bot.Request, c *Call, err error) {
	attrs := []slog.Attr{slog.String("user", string(r.User)), slog.String("via", string(r.Via))}
	if err != nil {
		attrs = append(attrs, slog.String("refused", string(bot.KindOf(err))))
	}
	if c != nil && c.Cmd != nil {
		attrs = append(attrs, slog.String("verb", c.Cmd.Name))
		if c.Incident != nil {
			attrs = append(attrs, slog.Int64("incident", c.Incident.Number))
		}
		if err == nil && c.values["private"] == "" && (c.Incident == nil || !c.Incident.Private) {
			attrs = append(attrs, slog.String("line", c.Cmd.line(c.values).String()))
		}
	}
	d.bot.Log.LogAttrs(ctx, slog.LevelDebug, "command", attrs...)
}

// read understands a line, or the verb and values of a form, in which nothing
// is a flag.
func (d *Dispatcher) read(r bot.Request) (parsed, error) {
	if r.Verb == "" {
		p, err := parse(d.bot.Settings, r.Line)
		if r.Exact { // a program fills in no forms
			delete(p.values, editArg.Name)
		}
		return p, err
	}
	p := parsed{values: values{}}
	p.cmd, _ = find(strings.ToLower(r.Verb))
	if p.cmd == nil {
		return p, bot.Invalid("There is no command %q.", short(bot.Text(r.Verb)))
	}
	for name, v := range r.Values {
		a := p.cmd.arg(name)
		if a == nil {
			return p, bot.Invalid("%s has no %q.", p.cmd.Name, short(bot.Text(name)))
		}
		p.values[name] = trim(v)
	}
	p.values.canon(d.bot.Settings, p.cmd)
	return p, nil
}

// asks reports whether p is to be answered with its form.
func asks(p parsed) bool {
	return p.values[editArg.Name] != "" || len((&Call{Cmd: p.cmd, values: p.values}).missing()) > 0
}

// run answers inside the transaction. It checks in an order in which nobody
// learns of what is not theirs: the person, the token, the incident, the right.
func (d *Dispatcher) run(c *Call, fault error) (bot.Reply, error) {
	if err := c.admit(); err != nil {
		return bot.Reply{}, err
	}
	if fault != nil {
		return bot.Reply{}, fault
	}
	if err := c.locate(); err != nil {
		return bot.Reply{}, err
	}
	if err := c.allowed(); err != nil {
		return bot.Reply{}, err
	}
	if asks(c.parsed) {
		return c.ask()
	}
	if err := c.understand(); err != nil {
		return bot.Reply{}, c.placedError(err)
	}
	reply, err := c.Cmd.Run(c)
	if err != nil {
		return bot.Reply{}, c.placedError(err)
	}
	return c.finish(reply), nil
}

// admit refuses outsiders, and what a token was not made for.
func (c *Call) admit() error {
	if c.Who.ID == "" {
		return bot.Forbidden("Nobody is asking.")
	}
	if !c.May(bot.RightNone) {
		if c.Who.Unknown {
			return bot.UnknownYet(c.Who.ID)
		}
		return bot.Forbidden("Guests, apps and people of other organisations cannot use this.").
			WithHint("An admin can name you by your id under permissions in the configuration.")
	}
	if c.Cmd == nil || len(c.Req.Verbs) == 0 {
		return nil
	}
	verb, _, _ := strings.Cut(c.Cmd.Name, " ")
	if verb == "card" {
		verb = "show" // nobody types it: "#12" alone shows the card
	}
	if slices.Contains(c.Req.Verbs, c.Cmd.Name) || slices.Contains(c.Req.Verbs, verb) {
		return nil
	}
	return bot.Forbidden("This token may not %s.", c.Cmd.Name).WithHint("It may: %s.", strings.Join(c.Req.Verbs, ", "))
}

// allowed checks the verb's right and those of the arguments that were given.
func (c *Call) allowed() error {
	if err := c.Need(c.Cmd.Right); err != nil {
		return err
	}
	for k := range c.Cmd.Args {
		if a := &c.Cmd.Args[k]; c.values[a.Name] != "" {
			if err := c.Need(a.Right); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask answers a line that lacks something with the form, filled with what was
// given; who cannot fill in forms is told what lacks.
func (c *Call) ask() (bot.Reply, error) {
	given := c.values
	delete(given, editArg.Name)
	missing := c.missing()
	if c.Req.Verb != "" && len(missing) > 0 {
		form := &bot.FormError{Fields: map[string]string{}}
		for _, a := range missing {
			form.Fields[a.Name] = "This is needed."
		}
		return bot.Reply{}, form
	}
	if !c.Req.Exact {
		return c.fillIn(given)
	}
	names := make([]string, len(missing))
	for k, a := range missing {
		names[k] = a.meta()
	}
	e := bot.Invalid("%s needs %s.", c.Cmd.Name, strings.Join(names, " and "))
	if len(c.Cmd.Examples) > 0 {
		return bot.Reply{}, e.WithHint("The line is: %s — for example: %s", c.Cmd.Usage(), c.Cmd.Examples[0])
	}
	return bot.Reply{}, e.WithHint("The line is: %s", c.Cmd.Usage())
}

// finish completes a reply.
func (c *Call) finish(r bot.Reply) bot.Reply {
	if r.Incident == 0 && c.Incident != nil {
		r.Incident = c.Incident.Number
	}
	for _, n := range append(c.parsed.notes, c.notes...) {
		r = r.With(bot.Small(n))
	}
	return r
}

// locate finds the incident that the request is about: the one that the line
// names, else the form's or the button's, else the channel's. In a work it is
// locked.
func (c *Call) locate() error {
	if c.Cmd.Scope == None {
		if c.parsed.head != "" && !c.Cmd.Reads {
			return suggest(bot.Invalid("%s is about no incident.", c.Cmd.Name).WithHint("Leave the number out."), c.Cmd.line(c.values).String())
		}
		return nil
	}
	if brought, err := c.bring(); brought || err != nil {
		return err
	}
	n, channel := c.parsed.incident, c.parsed.channel
	if c.parsed.head == "" {
		if n = c.Req.Incident; n == 0 {
			channel = c.Req.Channel
		}
	}
	if n == 0 && channel != "" {
		i, err := c.Tx.IncidentByChannel(c.Viewer(), channel)
		if err == nil {
			n = i.Number
		} else if bot.KindOf(err) != bot.KindNotFound {
			return fmt.Errorf("incident of %s: %w", channel, err)
		}
	}
	if n != 0 {
		return c.take(n)
	}
	if c.parsed.channel != "" {
		return bot.NotFound("%s is no incident's channel.", bot.MentionChannel(c.parsed.channel).String())
	}
	if c.Cmd.Scope == Needed {
		return c.whichIncident()
	}
	return nil
}

// take makes incident n the one at hand. The refusal of one that the person
// must not know of is that of a number never used.
func (c *Call) take(n int64) error {
	var err error
	if c.Work != nil {
		err = c.Work.Lock(n)
	} else {
		c.Incident, err = c.Tx.Incident(c.Viewer(), n)
	}
	var known *bot.Error
	if errors.As(err, &known) && known.Kind == bot.KindNotFound {
		c.Incident = nil
		return bot.NotFound("There is no incident #%d.", n).WithHint("list shows the open ones.")
	}
	return err
}

// maxOffers is how many incidents are offered when none was named.
const maxOffers = 5

// whichIncident hands the line back with a button for each incident that may
// have been meant: those in which the person holds a role first.
func (c *Call) whichIncident() error {
	e := bot.Invalid("Which incident? This is no incident's channel.").
		WithHint("Name it first: #12 %s", c.Cmd.Usage())
	open, err := c.Tx.Incidents(c.Viewer(), bot.IncidentFilter{Open: true, Limit: 50})
	if err != nil {
		return fmt.Errorf("open incidents: %w", err)
	}
	if len(open) == 0 {
		e.Hint = "No incident is open. " + e.Hint
	}
	slices.SortStableFunc(open, func(a, b *bot.Incident) int { return rank(b, c.Who.ID) - rank(a, c.Who.ID) })
	line := c.Cmd.line(c.values).String()
	for _, i := range open[:min(len(open), maxOffers)] {
		label := fmt.Sprintf("Send to #%d %s", i.Number, i.Title.OneLine(40).String())
		e.Lines = append(e.Lines, button(label, fmt.Sprintf("#%d %s", i.Number, line))...)
	}
	return e
}

func rank(i *bot.Incident, id bot.UserID) int {
	if i.Has(id) || i.DeclaredBy == id {
		return 1
	}
	return 0
}
