package commands

import "github.com/tocsin-dev/tocsin/bot"

// stepArg is the step that a person decides about.
func stepArg() Arg {
	return Arg{Name: "step", Kind: Word{}, Help: "Its name; the only one that can be meant if you leave it out"}
}

var _ = register(Command{
	Name: "rollback next", Group: ChangeWorld, Rank: 15, Title: "Start the next step",
	Summary:  "start the next step of a rollback while the one before still runs",
	Args:     []Arg{idArg(), stepArg()},
	Scope:    Optional,
	Examples: []string{"rollback next", "rollback next r7", "rollback next r7 chat"},
	Run:      runNext,
})

var _ = register(Command{
	Name: "rollback done", Group: ChangeWorld, Rank: 16, Title: "A step is done", Submit: "It is done",
	Summary:  "say that a step whose outcome is unknown was done",
	Args:     []Arg{idArg(), stepArg()},
	Scope:    Optional,
	Examples: []string{"rollback done", "rollback done r7", "rollback done r7 main"},
	Run:      runDone,
})

var _ = register(Command{
	Name: "rollback resend", Group: ChangeWorld, Rank: 17, Title: "Send a step again",
	Summary:  "send a step again of which it is unknown whether it was sent",
	Args:     []Arg{idArg(), stepArg()},
	Scope:    Optional,
	Examples: []string{"rollback resend", "rollback resend r7 main"},
	Run:      runResend,
})

func runNext(c *Call) (bot.Reply, error) {
	r, err := c.rollback(live)
	if err != nil {
		return bot.Reply{}, err
	}
	step, _ := get[string](c, "step")
	s, err := bot.NextStep(c.Work, r, step)
	if err != nil {
		return bot.Reply{}, err
	}
	c.noteGroups()
	return bot.Say(bot.Bold(s.Name), bot.Plain(" of "+r.ID+" is being sent now."), " It is followed in ", c.place(), "."), nil
}

func runDone(c *Call) (bot.Reply, error) {
	r, err := c.rollback(states(bot.RollbackUnknown, bot.RollbackTimedOut))
	if err != nil {
		return bot.Reply{}, err
	}
	step, _ := get[string](c, "step")
	s, err := bot.DoneStep(c.Work, r, step)
	if err != nil {
		return bot.Reply{}, err
	}
	c.noteGroups()
	text := bot.Join(bot.Bold(s.Name), bot.Plain(" of "+r.ID+" counts as done. "))
	if next := sending(r); next != "" {
		return bot.Say(text, next), nil
	}
	return bot.Say(text, bot.Plain(r.ID+": "+stepsStand(r)+".")), nil
}

func runResend(c *Call) (bot.Reply, error) {
	r, err := c.rollback(states(bot.RollbackUnknown), states(bot.RollbackTimedOut))
	if err != nil {
		return bot.Reply{}, err
	}
	step, _ := get[string](c, "step")
	s, err := bot.ResendStep(c.Work, r, step)
	if err != nil {
		return bot.Reply{}, err
	}
	c.noteGroups()
	return bot.Say(bot.Bold(s.Name), bot.Plain(" of "+r.ID+" is being sent again."), " It is followed in ", c.place(), "."), nil
}
