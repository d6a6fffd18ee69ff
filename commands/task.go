package commands

import (
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
)

// ownerArg is who is to do something.
func ownerArg() Arg {
	return Arg{Name: "owner", Kind: Person{}, Flag: true, Meta: "@user", Label: "Owner", Help: "Who does it: somebody, me, or none"}
}

var _ = register(Command{
	Name: "task", Aliases: []string{"todo"}, Group: FollowUp, Rank: 10, Wordy: "task add",
	Summary: "list the tasks of the incident: what is to be done for now, without an issue",
	Scope:   Needed, Reads: true,
	Examples: []string{"task", "todo"},
	Run:      runTasks,
})

var _ = register(Command{
	Name: "task add", Group: FollowUp, Rank: 11, Title: "Add a task",
	Summary: "add a task for now; resolve asks which tasks become action items",
	Args: []Arg{
		{Name: "text", Kind: Text{Short: true}, Required: true, Label: "Task", Help: "What is to be done"},
		ownerArg(),
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"task add Watch the queue until it is empty", "todo add Call the provider --owner @ana"},
	Run:      runTaskAdd,
})

var _ = register(Command{
	Name: "task list", Group: FollowUp, Rank: 12,
	Summary: "list the tasks of the incident, open ones first",
	Scope:   Needed, Reads: true,
	Examples: []string{"task list"},
	Run:      runTasks,
})

var _ = register(Command{
	Name: "task done", Group: FollowUp, Rank: 13, Title: "A task is done", Submit: "It is done",
	Summary: "say that a task is done",
	Args:    []Arg{{Name: "n", Kind: Number{}, Required: true, Label: "Task", Help: "Its number; task list shows it"}},
	Right:   bot.RightRespond, Scope: Needed,
	Examples: []string{"task done 3", "todo done 3"},
	Run:      runTaskDone,
})

func runTaskAdd(c *Call) (bot.Reply, error) {
	owner, err := c.owner("owner")
	if err != nil {
		return bot.Reply{}, err
	}
	t, err := bot.AddTask(c.Work, c.text("text"), owner)
	if err != nil {
		return bot.Reply{}, err
	}
	text := bot.Join(bot.Plain(fmt.Sprintf("Task %d of ", t.Number)), c.Incident.Tag(), ": ", t.Text)
	if t.Owner != "" {
		text = bot.Join(text, " — ", bot.MentionUser(t.Owner))
	}
	return bot.Say(text).With(bot.Buttons(c.taskButtons(*t)...)), nil
}

// taskButtons are what can be done to an open task.
func (c *Call) taskButtons(t bot.Task) []bot.Button {
	n := values{"n": bot.Plain(fmt.Sprint(t.Number))}
	return []bot.Button{
		{Label: fmt.Sprintf("Task %d is done", t.Number), Line: c.lineFor("task done", n)},
		{Label: fmt.Sprintf("Make %d an action item", t.Number), Line: c.lineFor("task promote", n)},
	}
}

func runTaskDone(c *Call) (bot.Reply, error) {
	n, _ := get[int64](c, "n")
	t, err := bot.DoneTask(c.Work, n)
	if err != nil {
		return bot.Reply{}, err
	}
	return bot.Say(bot.Plain(fmt.Sprintf("Task %d is done: ", n)), said(t.Text), bot.Plain(left(len(c.Incident.OpenTasks())))), nil
}

// left says how many tasks are open.
func left(n int) string {
	switch n {
	case 0:
		return ". No task is open."
	case 1:
		return ". 1 task is open."
	}
	return fmt.Sprintf(". %d tasks are open.", n)
}

// said is a text of the record, which may have been redacted.
func said(t bot.Text) bot.Text {
	if t == "" {
		return bot.RedactedText
	}
	return t
}

const (
	// maxRows is how many things of a list are shown, maxActs for how many of them
	// there are buttons: two blocks each, of the fifty that Slack draws.
	maxRows = 25
	maxActs = 10
)

func runTasks(c *Call) (bot.Reply, error) {
	i := c.Incident
	open := i.OpenTasks()
	head := bot.Join("Tasks of ", i.Tag())
	if len(i.Tasks) == 0 {
		return bot.Say(i.Tag(), " has no tasks. Add one: ", bot.Code("task add TEXT")).
			With(bot.Buttons(bot.Button{Label: "Add a task", Line: c.lineFor("task add", nil)})), nil
	}
	r := bot.Reply{Message: bot.Message{Summary: bot.Join(head, bot.Plain(left(len(open)))), Blocks: []bot.Block{bot.Para(bot.Bold("Tasks"), " of ", i.Tag())}}}
	for k, t := range open[:min(len(open), maxRows)] {
		r = r.With(bot.Para(taskRow(t)))
		if k < maxActs {
			r = r.With(bot.Buttons(c.taskButtons(t)...))
		}
	}
	var done []bot.Text
	for k := len(i.Tasks) - 1; k >= 0 && len(done) < maxRows; k-- {
		if t := i.Tasks[k]; !t.Open() {
			done = append(done, taskRow(t))
		}
	}
	if len(done) > 0 {
		r = r.With(paras(done)...)
	}
	if more := len(i.Tasks) - min(len(open), maxRows) - len(done); more > 0 {
		r = r.With(bot.Small(bot.Plain(fmt.Sprintf("%d more are not shown; the timeline has them.", more))))
	}
	return r, nil
}

func taskRow(t bot.Task) bot.Text {
	text := bot.Join(bot.Code(fmt.Sprint(t.Number)), " ", said(t.Text).OneLine(200))
	switch {
	case t.FollowUp != 0:
		return bot.Join(text, bot.Plain(fmt.Sprintf(" — action item %d by now", t.FollowUp)))
	case !t.Open():
		return bot.Join(text, " — done by ", bot.MentionUser(t.DoneBy), " ", bot.Moment(*t.DoneAt))
	case t.Owner != "":
		return bot.Join(text, " — ", bot.MentionUser(t.Owner))
	}
	return text
}
