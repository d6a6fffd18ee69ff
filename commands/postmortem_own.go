package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "postmortem owner", Group: FollowUp, Rank: 52, Title: "Who writes it",
	Submit:  "Assign",
	Summary: "say who writes the post-mortem; the commander, if nobody is named",
	Args:    []Arg{{Name: "user", Kind: Person{}, Required: true, Label: "Who", Help: "Somebody, me, or none"}},
	Right:   bot.RightRespond, Scope: Needed,
	Examples: []string{"postmortem owner @ana", "pm owner me"},
	Run:      runPostmortemOwner,
})

var _ = register(Command{
	Name: "postmortem due", Group: FollowUp, Rank: 53, Title: "When it is due",
	Submit:  "Set",
	Summary: "say by when the post-mortem is to be written; one that was skipped is owed again",
	Args:    []Arg{{Name: "date", Kind: Day{}, Required: true, Label: "Due", Help: "By when"}},
	Right:   bot.RightRespond, Scope: Needed,
	Examples: []string{"postmortem due 2099-12-01", "pm due 5bd"},
	Run:      runPostmortemDue,
})

var _ = register(Command{
	Name: "postmortem skip", Group: FollowUp, Rank: 54, Title: "No post-mortem",
	Submit:  "Skip it",
	Summary: "say that there will be no post-mortem, and why",
	Args:    []Arg{{Name: "text", Kind: Text{}, Meta: "REASON", Required: true, Label: "Reason", Help: "Why; it stays in the timeline"}},
	Right:   bot.RightRespond, Scope: Needed,
	Examples: []string{"postmortem skip It was a false alarm of the probe"},
	Run:      runPostmortemSkip,
})

func runPostmortemOwner(c *Call) (bot.Reply, error) {
	who, err := c.owner("user")
	if err != nil {
		return bot.Reply{}, err
	}
	if _, err := bot.OwnPostmortem(c.Work, who); err != nil {
		return bot.Reply{}, err
	}
	if who == "" {
		return bot.Say("Nobody is named to write the post-mortem of ", c.Incident.Tag(), "; ", bot.MentionUser(c.Incident.PostmortemOwner()), " is reminded of it."), nil
	}
	return bot.Say(bot.MentionUser(who), " writes the post-mortem of ", c.Incident.Tag(), ". ", c.postmortemDue()), nil
}

func runPostmortemDue(c *Call) (bot.Reply, error) {
	due, _ := get[bot.Date](c, "date")
	if _, err := bot.DuePostmortem(c.Work, due); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say("The post-mortem of ", c.Incident.Tag(), bot.Plain(" is due on "+due.Label()+"; "),
		bot.MentionUser(c.Incident.PostmortemOwner()), " is reminded of it."), nil
}

func runPostmortemSkip(c *Call) (bot.Reply, error) {
	if _, err := bot.SkipPostmortem(c.Work, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(c.Incident.Tag(), " gets no post-mortem; nobody is reminded of it. ", bot.Code("postmortem due DATE"), " takes that back."), nil
}

// postmortemDue is by when the post-mortem of the incident at hand is owed.
func (c *Call) postmortemDue() bot.Text {
	if due := c.Settings().PostmortemDue(c.Incident); due != "" {
		return bot.Plain("It is due on " + due.Label() + ".")
	}
	return "It has no due date."
}
