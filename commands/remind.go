package commands

import (
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func remindText() Arg {
	return Arg{Name: "text", Kind: Text{}, Required: true, Label: "Reminder", Help: "What you are to be reminded of"}
}

var _ = register(Command{
	Name: "remind", Aliases: []string{"reminder"}, Group: FollowUp, Rank: 40, Later: []string{"every"},
	Summary: "list the reminders that wait, as remind list does",
	Scope:   Optional, Reads: true,
	Examples: []string{"remind"},
	Run:      runReminders,
})

var _ = register(Command{
	Name: "remind in", Group: FollowUp, Rank: 41, Title: "Set a reminder",
	Summary: "be reminded after a while, in the incident's channel; elsewhere by a direct message",
	Args: []Arg{
		{Name: "in", Kind: Wait{}, Required: true, Label: "In", Help: "How long from now"},
		remindText(),
	},
	Scope:    Optional,
	Examples: []string{"remind in 20m Look at the queue", "remind in 2 hours Ask the provider", "#12 remind in 3d Write the post-mortem"},
	Run:      func(c *Call) (bot.Reply, error) { return c.remind("in") },
})

var _ = register(Command{
	Name: "remind at", Group: FollowUp, Rank: 42, Title: "Set a reminder",
	Summary: "be reminded at a time of day, the next one in your time zone, or at a date and time",
	Args: []Arg{
		{Name: "at", Kind: Until{}, Meta: "15:04", Required: true, Label: "At", Help: "When"},
		remindText(),
	},
	Scope:    Optional,
	Examples: []string{"remind at 15:04 Call the provider", "remind at tomorrow 09:00 Check the batch"},
	Run:      func(c *Call) (bot.Reply, error) { return c.remind("at") },
})

var _ = register(Command{
	Name: "remind list", Group: FollowUp, Rank: 43,
	Summary: "list the reminders that wait: of the incident, elsewhere your own",
	Scope:   Optional, Reads: true,
	Examples: []string{"remind list"},
	Run:      runReminders,
})

var _ = register(Command{
	Name: "remind cancel", Group: FollowUp, Rank: 44, Title: "Cancel a reminder",
	Summary:  "take a reminder back",
	Args:     []Arg{{Name: "n", Kind: ReminderNumber{}, Required: true, Label: "Reminder", Help: "Its number; remind list shows it"}},
	Scope:    Optional,
	Examples: []string{"remind cancel 3"},
	Run:      runRemindCancel,
})

// mayRemind refuses who may not change the incident at hand. Outside of one
// everybody may have reminders.
func (c *Call) mayRemind() error {
	if c.Incident == nil {
		return nil
	}
	return c.Need(bot.RightRespond)
}

func (c *Call) remind(arg string) (bot.Reply, error) {
	if err := c.mayRemind(); err != nil {
		return bot.Reply{}, err
	}
	at, _ := get[time.Time](c, arg)
	r, err := bot.SetReminder(c.Work, at, c.text("text"))
	if err != nil {
		return bot.Reply{}, err
	}
	text := bot.Join(bot.Plain(fmt.Sprintf("Reminder %d is set for ", r.Number)), bot.Moment(r.At), ": ", r.Text.OneLine(200), "\n")
	if c.Incident != nil {
		text = bot.Join(text, "It comes in ", c.place(), " and names you.")
	} else {
		text = bot.Join(text, "It comes as a direct message.")
	}
	return bot.Say(text).With(bot.Buttons(cancelButton(r))), nil
}

func cancelButton(r *bot.Reminder) bot.Button {
	return bot.Button{Label: fmt.Sprintf("Cancel reminder %d", r.Number), Line: fmt.Sprintf("remind cancel %d", r.Number)}
}

func runRemindCancel(c *Call) (bot.Reply, error) {
	if err := c.mayRemind(); err != nil {
		return bot.Reply{}, err
	}
	n, _ := get[int64](c, "n")
	r, err := bot.CancelReminder(c.Work, n)
	if err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(bot.Plain(fmt.Sprintf("Reminder %d is cancelled: ", r.Number)), said(r.Text).OneLine(200), "."), nil
}

// waiting are the reminders that wait: of the incident at hand, else the person's
// own.
func (c *Call) waiting() ([]*bot.Reminder, error) {
	f := bot.ReminderFilter{User: c.Who.ID, Waiting: true}
	if c.Incident != nil {
		f = bot.ReminderFilter{Incident: c.Incident.Number, Waiting: true}
	}
	list, err := c.Tx.Reminders(c.Viewer(), f)
	if err != nil {
		return nil, fmt.Errorf("reminders: %w", err)
	}
	return list, nil
}

func runReminders(c *Call) (bot.Reply, error) {
	list, err := c.waiting()
	if err != nil {
		return bot.Reply{}, err
	}
	of := bot.Text("you outside of incidents")
	if c.Incident != nil {
		of = c.Incident.Tag()
	}
	usage := bot.Small(bot.Code("remind in 20m TEXT"), " or ", bot.Code("remind at 15:04 TEXT"), " sets one.")
	if len(list) == 0 {
		return bot.Say("No reminder waits for ", of, ".").With(usage), nil
	}
	head := bot.Join(bot.Bold("Reminders"), " that wait for ", of)
	r := bot.Reply{Message: bot.Message{Summary: bot.Join(bot.Plain(fmt.Sprintf("%d reminders wait for ", len(list))), of, "."), Blocks: []bot.Block{bot.Para(head)}}}
	var rest []bot.Text
	for k, x := range list[:min(len(list), maxRows)] {
		row := bot.Join(bot.Code(fmt.Sprint(x.Number)), " ", bot.Moment(x.At), " ", bot.MentionUser(x.User), ": ", said(x.Text).OneLine(200))
		if k >= maxActs {
			rest = append(rest, row)
			continue
		}
		r = r.With(bot.Para(row), bot.Buttons(cancelButton(x)))
	}
	if len(rest) > 0 {
		r = r.With(paras(rest)...)
	}
	if more := len(list) - maxRows; more > 0 {
		r = r.With(bot.Small(bot.Plain(fmt.Sprintf("%d more are not shown.", more))))
	}
	return r.With(usage), nil
}
