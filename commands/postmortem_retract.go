package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "postmortem retract", Aliases: []string{"postmortem unpublish"}, Group: FollowUp, Rank: 56, Title: "Take it back", Submit: "Take back",
	Summary: "take the post-mortem off the page that customers read; it stays in the record",
	Args: []Arg{
		{Name: "text", Kind: Text{Short: true}, Meta: "REASON", Required: true, Label: "Reason", Help: "Why; it stays in the timeline"},
	},
	Right: bot.RightPublish, Scope: Needed,
	Examples: []string{"postmortem retract It names a customer"},
	Run: func(c *Call) (bot.Reply, error) {
		if _, err := bot.RetractPostmortem(c.Work, c.text("text")); err != nil {
			return bot.Reply{}, err
		}
		return bot.Say("Customers no longer read the post-mortem of ", c.Incident.Tag(), ".").
			With(bot.Buttons(button("Publish again", c.lineFor("postmortem publish", values{"public": "true"}))...)), nil
	},
})
