package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "reopen", Group: RunIncident, Rank: 130, Title: "Reopen",
	Summary: "open an ended incident again; if customers read of it, the form to tell them follows",
	Args: []Arg{
		{Name: "text", Kind: Text{}, Meta: "REASON", Required: true, Label: "Reason", Help: "What came back"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"reopen Chat shows errors again"},
	Run:      runReopen,
})

func runReopen(c *Call) (bot.Reply, error) {
	if _, err := bot.Reopen(c.Work, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	r := bot.Say(c.Incident.Tag(), " is open again, as ", bot.Plain(string(c.Incident.Status)), ".")
	if !c.Incident.Published() {
		return r, nil
	}
	tell := values{"public": "true", "status": bot.Text(c.Incident.Status)}
	r = r.With(bot.Para(c.pageSays()), bot.Buttons(bot.Button{Label: "Tell customers", Line: c.lineFor("update", tell)}))
	if c.Req.Exact || c.Need(bot.RightPublish) != nil {
		return r, nil
	}
	form := (&Call{Look: c.Look, Cmd: table["update"]}).form(tell).Form
	form.Intro = bot.Join(c.Incident.Tag(), " is open again, and customers read that it ended. What do you tell them?")
	r.Form = form
	return r, nil
}
