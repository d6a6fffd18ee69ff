package commands

import (
	"slices"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "rollback", Group: ChangeWorld, Rank: 10, Title: "Roll back", Submit: "Roll back",
	Summary: "ask to bring a target back to the version before; alone it lists the targets",
	Args: []Arg{
		{Name: "target", Kind: Target{}, Help: "What to roll back"},
		{Name: "to", Kind: Word{}, Meta: "VERSION", Flag: true, Label: "Version", Help: "Its label or id; the one before the current one if you leave it out"},
		{Name: "reason", Kind: Text{Short: true}, Meta: "TEXT", Flag: true, Help: "Why; whoever approves reads it"},
		{Name: "plan", Kind: Switch{}, Flag: true, Label: "Only the plan", Help: "Show what would be done, and send nothing"},
	},
	Right: bot.RightRollback, Scope: Needed,
	// The configuration refuses targets that are called so.
	Later: []string{"watch", "undo", "break-glass"},
	Examples: []string{
		"rollback",
		"rollback gateway-prod",
		"rollback gateway-prod --to v41 --reason The new memory settings starve it",
		"rollback gateway-prod --plan",
	},
	Run: runRollback,
})

func runRollback(c *Call) (bot.Reply, error) {
	t, ok := get[bot.Target](c, "target")
	if !ok {
		return c.targets()
	}
	d := bot.RollbackDraft{Target: t, Reason: c.text("reason"), PlanOnly: c.is("plan")}
	d.To, _ = get[string](c, "to")
	r, err := bot.RequestRollback(c.Work, d)
	if err != nil {
		return bot.Reply{}, err
	}
	c.noteGroups()
	i := c.Incident
	if len(i.Services) > 0 && !slices.Contains(i.Services, t.Service) {
		c.note(bot.Join(bot.Plain(c.serviceName(t.Service)+" is none of the services of "), i.Tag(), "."))
	}
	end := bot.Text(" when they are read.")
	if d.PlanOnly {
		end = bot.Join(end, " Nothing is sent.")
	}
	return bot.Say("Reading versions of ", bot.Bold(t.Name), bot.Plain(" ("+r.ID+")… The plan appears in "), c.place(), end).
		With(bot.Buttons(showButton(r), bot.Button{Label: "Cancel", Line: "rollback cancel " + r.ID})), nil
}

// place is where the people of the incident at hand read.
func (c *Call) place() bot.Text {
	if c.Incident.Channel == "" {
		return "the incident's channel"
	}
	return bot.MentionChannel(c.Incident.Channel)
}

func showButton(r *bot.Rollback) bot.Button {
	return bot.Button{Label: "Show " + r.ID, Line: "rollback show " + r.ID}
}

// serviceName is how people call a service.
func (c *Call) serviceName(id string) string {
	if v, ok := bot.Find(c.Settings().Services, id); ok {
		return v.Name
	}
	return id
}

// noteGroups says that a right counted by an old word on who is in which group.
func (c *Call) noteGroups() {
	if at, old := c.AsOf(); old {
		c.note(bot.Join("Who is in your groups is as of ", bot.Moment(at), ", since Slack cannot be reached."))
	}
}
