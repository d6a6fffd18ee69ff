package commands

import (
	"fmt"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "list", Aliases: []string{"ls"}, Group: LookAt, Rank: 10,
	Summary:  "show the open incidents, or all, newest first",
	Args:     []Arg{{Name: "which", Kind: Choice{Words: []string{"open", "all"}}}},
	Reads:    true,
	Examples: []string{"list", "list all"},
	Run:      runList,
})

// maxList is how many incidents a list shows; more would not fit a phone.
const maxList = 25

func runList(c *Call) (bot.Reply, error) {
	if which, _ := get[string](c, "which"); which != "all" {
		return c.openIncidents()
	}
	all, err := c.Tx.Incidents(c.Viewer(), bot.IncidentFilter{Limit: maxList + 1})
	if err != nil {
		return bot.Reply{}, fmt.Errorf("incidents: %w", err)
	}
	return c.incidents(all, "There was no incident yet.", "The newest incidents"), nil
}

func (c *Call) openIncidents() (bot.Reply, error) {
	open, err := c.Tx.Incidents(c.Viewer(), bot.IncidentFilter{Open: true, Limit: maxList + 1})
	if err != nil {
		return bot.Reply{}, fmt.Errorf("open incidents: %w", err)
	}
	return c.incidents(open, "No incident is open.", "Open incidents"), nil
}

// incidents lays a list out, two lines an incident.
func (c *Call) incidents(all []*bot.Incident, none, head string) bot.Reply {
	if len(all) == 0 {
		return bot.Say(bot.Plain(none))
	}
	more := len(all) > maxList
	all = all[:min(len(all), maxList)]
	r := bot.Reply{Message: bot.Message{Blocks: []bot.Block{bot.Para(bot.Bold(head))}}}
	tags := make([]bot.Text, len(all))
	for k, i := range all {
		tags[k] = i.Tag()
		r = r.With(bot.Para(c.row(i)))
	}
	r.Summary = bot.Join(bot.Plain(head+": "), commas(tags))
	if more {
		r = r.With(bot.Small("There are more; GET /api/v1/incidents has them all."))
	}
	return r
}

func commas(parts []bot.Text) (out bot.Text) {
	for k, p := range parts {
		if k > 0 {
			out = bot.Join(out, ", ")
		}
		out = bot.Join(out, p)
	}
	return out
}

// row is an incident in a list.
func (c *Call) row(i *bot.Incident) bot.Text {
	sev := c.Settings().Severity(i.Severity)
	marks := ""
	if i.Private {
		marks += " · private"
	}
	if i.Drill {
		marks += " · drill"
	}
	t := bot.Join(i.Tag(), "\n", bot.Plain(strings.ToUpper(sev.ID)+" · "+i.Status.Label()+marks+" · "),
		bot.MentionUser(i.Roles[bot.Commander]), " · since ", bot.Moment(i.DeclaredAt))
	if i.Channel != "" {
		t = bot.Join(t, " · ", bot.MentionChannel(i.Channel))
	}
	return t
}
