package commands

import (
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "note", Group: RunIncident, Rank: 90, Title: "Add a note",
	Summary: "add to the timeline; posts nothing",
	Args: []Arg{
		{Name: "text", Kind: Text{}, Required: true, Label: "Note", Help: "What was seen or done"},
		atArg(),
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"note Latency of the gateway went up right after the deploy", "note Ben restarted the second node --at 16:40"},
	Run:      runNote,
})

func runNote(c *Call) (bot.Reply, error) {
	e, err := bot.AddNote(c.Work, c.text("text"), opt[time.Time](c, "at"))
	if err != nil {
		return bot.Reply{}, err
	}
	return bot.Say("Noted as entry ", bot.Plain(fmt.Sprint(e.Seq)), " of ", c.Incident.Tag(), "."), nil
}
