package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "assign", Aliases: []string{"role"}, Group: RunIncident, Rank: 80, Title: "Assign a role",
	Shorts: []Short{
		{Word: "ic", Args: bot.Commander, Alone: bot.Commander + " me"},
		{Word: "lead", Args: bot.Commander, Alone: bot.Commander + " me"},
	},
	Summary: "give a role to somebody, or to nobody; ic alone: I take command",
	Args: []Arg{
		{Name: "role", Kind: Role{}, Required: true, Help: "Which role"},
		{Name: "user", Kind: Person{}, Required: true, Label: "Who", Help: "Somebody, me, or none"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"assign comms @ana", "assign commander none", "ic", "ic @ben"},
	Run:      runAssign,
})

func runAssign(c *Call) (bot.Reply, error) {
	role, _ := get[bot.Role](c, "role")
	user, _ := get[bot.UserID](c, "user")
	if _, err := bot.Assign(c.Work, role.ID, user); err != nil {
		return bot.Reply{}, err
	}
	switch user {
	case "":
		return bot.Say("Nobody is ", bot.Plain(role.Name), " of ", c.Incident.Tag(), " now."), nil
	case c.Who.ID:
		return bot.Say("You are ", bot.Plain(role.Name), " of ", c.Incident.Tag(), " now."), nil
	}
	return bot.Say(bot.MentionUser(user), " is ", bot.Plain(role.Name), " of ", c.Incident.Tag(), " now."), nil
}
