package commands

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// reasonArg is why somebody ends a rollback.
func reasonArg() Arg {
	return Arg{Name: "text", Kind: Text{Short: true}, Meta: "REASON", Label: "Reason", Help: "Why; it stays in the timeline"}
}

var _ = register(Command{
	Name: "rollback approve", Group: ChangeWorld, Rank: 11, Title: "Approve a rollback",
	Summary: "let a rollback that somebody else asked for begin",
	Args:    []Arg{idArg()},
	Scope:   Optional,
	// Who may is the target's to say, so the use cases check it.
	Examples: []string{"rollback approve", "rollback approve r7"},
	Run:      runApprove,
})

var _ = register(Command{
	Name: "rollback deny", Group: ChangeWorld, Rank: 12, Title: "Deny a rollback",
	Summary:  "end a rollback that waits for approval",
	Args:     []Arg{idArg(), reasonArg()},
	Scope:    Optional,
	Examples: []string{"rollback deny", "rollback deny r7 The migration cannot go back"},
	Run:      runDeny,
})

var _ = register(Command{
	Name: "rollback cancel", Group: ChangeWorld, Rank: 13, Title: "Cancel a rollback",
	Summary:  "end a rollback as far as it has not begun; what runs is watched to its end",
	Args:     []Arg{idArg(), reasonArg()},
	Scope:    Optional,
	Examples: []string{"rollback cancel", "rollback cancel r7 A fix is out already"},
	Run:      runRollbackCancel,
})

func runApprove(c *Call) (bot.Reply, error) {
	r, err := c.rollback(states(bot.RollbackAwaiting))
	if err != nil {
		return bot.Reply{}, err
	}
	if err := bot.ApproveRollback(c.Work, r); err != nil {
		return bot.Reply{}, err
	}
	c.noteGroups()
	return bot.Say(bot.Bold(r.ID), " is approved: ", sending(r), " Every step is followed in ", c.place(), ".").
		With(bot.Buttons(showButton(r))), nil
}

func runDeny(c *Call) (bot.Reply, error) {
	r, err := c.rollback(states(bot.RollbackAwaiting), states(bot.RollbackRequested))
	if err != nil {
		return bot.Reply{}, err
	}
	if err := bot.DenyRollback(c.Work, r, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	c.noteGroups()
	return bot.Say(bot.Bold(r.ID), " is denied; nothing was sent."), nil
}

func runRollbackCancel(c *Call) (bot.Reply, error) {
	r, err := c.rollback(live)
	if err != nil {
		return bot.Reply{}, err
	}
	if err := bot.CancelRollback(c.Work, r, c.text("text")); err != nil {
		return bot.Reply{}, err
	}
	switch {
	case r.ApprovedAt == nil:
		return bot.Say(bot.Bold(r.ID), " is cancelled; nothing was sent."), nil
	case r.State.Final():
		return bot.Say(bot.Bold(r.ID), bot.Plain(" is closed as it stands: "+stepsStand(r)+".")), nil
	}
	return bot.Say("What had not begun of ", bot.Bold(r.ID), bot.Plain(" is cancelled; what runs is watched to its end: "+stepsStand(r)+".")), nil
}

// stepsStand is each step with where it stands.
func stepsStand(r *bot.Rollback) string {
	parts := make([]string, len(r.Steps))
	for k, s := range r.Steps {
		parts[k] = s.Name + " " + s.State.Label()
	}
	return strings.Join(parts, ", ")
}

// sending is a sentence that names the steps which are to be sent now; empty if
// there are none.
func sending(r *bot.Rollback) bot.Text {
	var names []string
	for _, s := range r.Steps {
		if s.State == bot.StepPending && s.QueuedAt != nil {
			names = append(names, s.Name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return bot.Plain(names[0] + " is being sent.")
	}
	last := len(names) - 1
	return bot.Plain(strings.Join(names[:last], ", ") + " and " + names[last] + " are being sent.")
}
