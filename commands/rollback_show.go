package commands

import "github.com/tocsin-dev/tocsin/bot"

var _ = register(Command{
	Name: "rollback show", Group: ChangeWorld, Rank: 14, Title: "Show a rollback",
	Summary: "show a rollback as it stands: the plan, each step with its clock",
	Args:    []Arg{idArg()},
	Scope:   Optional, Reads: true,
	Examples: []string{"rollback show", "rollback show r7"},
	Run:      runRollbackShow,
})

func runRollbackShow(c *Call) (bot.Reply, error) {
	r, err := c.rollback(live)
	if err != nil {
		return bot.Reply{}, err
	}
	var who bot.Approvers
	if r.State == bot.RollbackAwaiting {
		t, _ := bot.Find(c.Settings().Targets, r.Target)
		if who, err = c.Approvers(t, r.RequestedBy); err != nil {
			return bot.Reply{}, err
		}
	}
	m := c.Settings().RollbackCard(r, who, c.Now)
	for _, b := range m.Blocks {
		for k := range b.Buttons {
			b.Buttons[k].Line = c.placed(b.Buttons[k].Line)
		}
	}
	return bot.Reply{Message: m}, nil
}
