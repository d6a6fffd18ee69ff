package commands

import (
	"fmt"
	"unicode/utf8"

	"github.com/tocsin-dev/tocsin/bot"
)

// numberArg is the entry of the timeline that is meant.
func numberArg() Arg {
	return Arg{Name: "n", Kind: Number{}, Label: "Entry", Help: "Its number in the timeline; the last public one if you leave it out"}
}

var _ = register(Command{
	Name: "update fix", Group: RunIncident, Rank: 21, Title: "Correct an update",
	Summary: "put another text in the place of a public update; both stay in the record",
	Args: []Arg{
		numberArg(),
		{Name: "text", Kind: Text{}, Required: true, Label: "Text", Help: "What customers are to read instead"},
		sureArg(), seenArg(),
	},
	Right: bot.RightPublish, Scope: Needed,
	Fill:     fillFix,
	Examples: []string{"update fix Chat is slow, not down", "update fix 7 Chat is slow, not down"},
	Run:      runFix,
})

var _ = register(Command{
	Name: "update retract", Group: RunIncident, Rank: 22, Title: "Take back an update", Submit: "Take back",
	Summary: "take a public update off the page; it stays in the record",
	Args: []Arg{
		numberArg(),
		{Name: "text", Kind: Text{}, Meta: "REASON", Required: true, Label: "Reason", Help: "Why; customers do not read it"},
	},
	Right: bot.RightPublish, Scope: Needed,
	Examples: []string{"update retract It was another cluster", "update retract 7 It was another cluster"},
	Run:      runRetract,
})

var _ = register(Command{
	Name: "update publish", Group: RunIncident, Rank: 23, Title: "Publish an update", Wordy: "update",
	Summary: "let customers read an update that was written for the team",
	Args: []Arg{
		{Name: "n", Kind: Number{}, Label: "Entry", Help: "Its number in the timeline; the last update if you leave it out"},
		sureArg(), seenArg(),
	},
	Right: bot.RightPublish, Scope: Needed,
	Examples: []string{"update publish", "update publish 7"},
	Run:      runPublish,
})

// fillFix fills the form with the text that stands, and with the number of the
// update that has it, whatever is published meanwhile.
func fillFix(c *Call, given values) (bot.Text, error) {
	n, _ := number(string(given["n"]))
	u := c.publicUpdate(n)
	if given["text"] != "" || u == nil || !u.Stands() || n == 0 && given["n"] != "" {
		return "", nil
	}
	if long := utf8.RuneCountInString(u.Text.String()); long > formRunes {
		return "", bot.Conflict("Update %d has %d characters, and a form holds %d.", u.Seq, long, formRunes).
			WithHint("Write it through the API or with tocsin run: update fix %d TEXT", u.Seq)
	}
	given["n"], given["text"] = bot.Plain(fmt.Sprint(u.Seq)), u.Text
	return "", nil
}

func runFix(c *Call) (bot.Reply, error) {
	n, named := get[int64](c, "n")
	was := c.publicUpdate(n)
	if n == 0 && was != nil { // what is held is of this one, whatever is the last one by then
		n = was.Seq
		c.values["n"] = bot.Plain(fmt.Sprint(n))
	}
	if held, r, err := c.hold(c.text("text")); held {
		return r, err
	}
	e, err := bot.FixUpdate(c.Work, n, c.text("text"))
	if err != nil {
		return bot.Reply{}, err
	}
	r := bot.Say("Update ", bot.Plain(fmt.Sprint(e.Data.Ref)), " now reads: ", e.Text)
	var buttons []bot.Button
	if was != nil {
		buttons = button("Undo", c.lineFor("update fix", c.sure(values{"n": bot.Plain(fmt.Sprint(e.Data.Ref)), "text": was.Text})))
	}
	if !named && c.typedLine() {
		// Who wrote "update fix deployed" meant an update.
		buttons = append(buttons, button("It was an update", c.lineFor("update", values{"text": bot.Join("fix ", c.text("text"))}))...)
	}
	return r.With(bot.Buttons(buttons...)), nil
}

// publicUpdate is a copy of public update n as it reads now; 0 is the last.
func (c *Call) publicUpdate(n int64) *bot.PublicUpdate {
	if n == 0 {
		if u := c.Incident.LastPublic(); u != nil {
			was := *u
			return &was
		}
		return nil
	}
	for _, u := range c.Incident.Updates {
		if u.Seq == n {
			return &u
		}
	}
	return nil
}

func runRetract(c *Call) (bot.Reply, error) {
	n, _ := get[int64](c, "n")
	was := c.publicUpdate(n)
	e, err := bot.RetractUpdate(c.Work, n, c.text("text"))
	if err != nil {
		return bot.Reply{}, err
	}
	r := bot.Say("Update ", bot.Plain(fmt.Sprint(e.Data.Ref)), " is off the page. ", c.pageSays())
	if was == nil || was.Status.Ended() {
		return r, nil
	}
	// What was written for the team first is published by its own number.
	source := was.Seq
	if was.From != 0 {
		source = was.From
	}
	return r.With(bot.Buttons(bot.Button{
		Label: "Publish it again", Line: c.lineFor("update publish", values{"n": bot.Plain(fmt.Sprint(source))}),
	})), nil
}

// pageSays is what customers read last of this incident.
func (c *Call) pageSays() bot.Text {
	u := c.Incident.LastPublic()
	if u == nil || !c.Incident.Published() {
		return "Customers read nothing of this incident."
	}
	return bot.Join("Customers read last: ", bot.Plain(u.Status.Label()+" — "), u.Text.OneLine(200))
}

func runPublish(c *Call) (bot.Reply, error) {
	n, _ := get[int64](c, "n")
	first := !c.Incident.Published()
	if !c.Incident.Private && !c.Incident.Drill && !c.Incident.NeverTold() {
		e, text, err := bot.UpdateToPublish(c.Look, n)
		if err != nil {
			return bot.Reply{}, err
		}
		// What was looked at is what is sent, whatever is written meanwhile.
		n = e.Seq
		c.values["n"] = bot.Plain(fmt.Sprint(n))
		if held, r, err := c.hold(c.firstRead(text)); held {
			return r, err
		}
	}
	e, err := bot.PublishUpdate(c.Work, n)
	if err != nil {
		return bot.Reply{}, err
	}
	if first {
		return c.firstPublished(e), nil
	}
	return bot.Say(c.pageSays()), nil
}
