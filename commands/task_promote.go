package commands

import (
	"errors"
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "task promote", Group: FollowUp, Rank: 14, Title: "Make an action item",
	Summary: "make a task, or all open ones, an action item",
	Args:    []Arg{{Name: "n", Kind: NumberOrAll{}, Required: true, Label: "Task", Help: "Its number, or all"}},
	Right:   bot.RightRespond, Scope: Needed,
	Examples: []string{"task promote 3", "task promote all"},
	Run:      runTaskPromote,
})

func runTaskPromote(c *Call) (bot.Reply, error) {
	n, _ := get[int64](c, "n")
	if n != 0 {
		f, err := bot.PromoteTask(c.Work, n)
		if err != nil {
			return bot.Reply{}, err
		}
		return c.added(f), nil
	}
	open := c.Incident.OpenTasks()
	if len(open) == 0 {
		return bot.Reply{}, bot.Conflict("No task of #%d is open.", c.Incident.Number).WithLine("Show the tasks", "task list")
	}
	var made []*bot.FollowUp
	var first error
	for _, t := range open {
		f, err := bot.PromoteTask(c.Work, t.Number)
		var e *bot.Error
		switch {
		case err == nil:
			made = append(made, f)
			continue
		case !errors.As(err, &e):
			return bot.Reply{}, err
		case first == nil:
			first = e
		}
		c.note(bot.Join(bot.Plain(fmt.Sprintf("Task %d stays a task: ", t.Number)), e.Sentence()))
	}
	switch len(made) {
	case 0:
		return bot.Reply{}, first
	case 1:
		return c.added(made[0]), nil
	}
	return c.addedAll(made), nil
}

// addedAll tells of several action items.
func (c *Call) addedAll(made []*bot.FollowUp) bot.Reply {
	rows := make([]bot.Text, len(made))
	wanted := 0
	for k, f := range made {
		rows[k] = c.actionRow(f)
		if f.Issue.State == bot.IssueWanted {
			wanted++
		}
	}
	end := bot.Plain(fmt.Sprintf("%d issues in %s are being opened.", wanted, made[0].Issue.Repo))
	if wanted == 0 {
		end = bot.Plain(c.NoRepo())
	}
	head := bot.Plain(fmt.Sprintf("%d tasks are action items now.", len(made)))
	return bot.Reply{Message: bot.Message{Summary: bot.Join(head, " ", end), Blocks: []bot.Block{bot.Para(head)}}}.
		With(paras(rows)...).With(bot.Small(end))
}
