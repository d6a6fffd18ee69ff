package commands

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "deploys", Group: ChangeWorld, Rank: 1,
	Summary: "show the last deploys: of a service, else of the incident's, else of all",
	Args: []Arg{
		{Name: "service", Kind: Deployed{}, Help: "A service, also one that only a deploy system knows"},
	},
	Scope: Optional, Reads: true,
	Examples: []string{"deploys", "deploys api-gateway"},
	Run:      runDeploys,
})

const (
	maxDeploys = 10
	// deploysBack is how far the one before the impact is looked for.
	deploysBack = 200
)

// Deployed is a service of which deploys are known: a configured one, or what a
// deploy system calls one that is not.
type Deployed struct{ one }

func (Deployed) meta() string { return "SERVICE" }

func (Deployed) take(s *bot.Settings, words []word) (int, bool) {
	n, _ := takeName(s.Services, words)
	return n, n > 0
}

func (Deployed) canon(s *bot.Settings, v bot.Text) bot.Text { return canonName(s.Services, v) }

func (Deployed) read(c *Call, v bot.Text) (any, error) {
	services := c.Settings().Services
	if s, ok := bot.Find(services, v.String()); ok {
		return s.ID, nil
	}
	exact, err := c.Tx.Deploys(bot.DeployFilter{Services: []string{v.String()}, Limit: 1})
	if err != nil || len(exact) > 0 {
		return v.String(), err
	}
	names := bot.IDs(services)
	all, err := c.Tx.Deploys(bot.DeployFilter{Limit: deploysBack})
	if err != nil {
		return nil, fmt.Errorf("deploys: %w", err)
	}
	for _, d := range all {
		if strings.EqualFold(d.Service, v.String()) {
			return d.Service, nil
		}
		if !slices.Contains(names, d.Service) {
			names = append(names, d.Service)
		}
	}
	if len(names) == 0 {
		return nil, bot.Invalid("No deploy of %q was told of.", short(v)).WithHint("%s", c.howDeploysCome())
	}
	return nil, unknownName("service", v, names, names)
}

func runDeploys(c *Call) (bot.Reply, error) {
	var of []string
	if s, ok := get[string](c, "service"); ok {
		of = []string{s}
	} else if c.Incident != nil {
		of = c.Incident.Services
	}
	names := make([]string, len(of))
	for k, id := range of {
		names[k] = c.serviceName(id)
	}
	list, err := c.Tx.Deploys(bot.DeployFilter{Services: of, Limit: deploysBack})
	if err == nil && len(list) == 0 && len(of) > 0 && c.values["service"] == "" {
		c.note(bot.Plain("No deploy of " + strings.Join(names, ", ") + " was told of; these are all."))
		names = nil
		list, err = c.Tx.Deploys(bot.DeployFilter{Limit: deploysBack})
	}
	if err != nil {
		return bot.Reply{}, fmt.Errorf("deploys: %w", err)
	}
	what := bot.Text("")
	if len(names) > 0 {
		what = bot.Plain(" of " + strings.Join(names, ", "))
	}
	if len(list) == 0 {
		c.notes = nil
		return bot.Say("No deploy", what, " was told of yet. ", bot.Plain(c.howDeploysCome())), nil
	}
	return c.deploys(bot.Join("Deploys", what, ", newest first"), list), nil
}

// howDeploysCome says what has to be done for deploys to be known.
func (c *Call) howDeploysCome() string {
	return fmt.Sprintf("A deploy system tells of them with POST %s/hooks/deploys/generic; its secret stands under deploys in the configuration.", c.Settings().BaseURL)
}

// deploys lays the newest of a list out, with the last one before the impact of
// the incident at hand, however long ago that was.
func (c *Call) deploys(head bot.Text, list []bot.Deploy) bot.Reply {
	suspect := c.beforeImpact(list)
	var lines []bot.Text
	for k, d := range list {
		if k >= maxDeploys && k != suspect {
			continue
		}
		line := c.deploy(d)
		if k == suspect {
			line = bot.Join(line, " ", bot.Bold("← last before the impact"))
		}
		if k > maxDeploys {
			line = bot.Join("…\n", line)
		}
		lines = append(lines, line)
	}
	r := bot.Reply{Message: bot.Message{Summary: head, Blocks: []bot.Block{bot.Para(bot.Bold(head.String()))}}}
	return r.With(paras(lines)...)
}

// beforeImpact is the place of the last deploy before the impact began, as far
// as that is known, else before the incident was declared; -1 for none.
func (c *Call) beforeImpact(list []bot.Deploy) int {
	if c.Incident == nil {
		return -1
	}
	began, known := c.Incident.At(bot.MilestoneImpact)
	if !known {
		began = c.Incident.DeclaredAt
	}
	return slices.IndexFunc(list, func(d bot.Deploy) bool { return !d.At().After(began) })
}

// deploy is one line.
func (c *Call) deploy(d bot.Deploy) bot.Text {
	t := bot.Join(bot.Moment(d.At()), " ", bot.Bold(c.serviceName(d.Service)), " ", bot.Code(d.Version))
	if d.Previous != "" {
		t = bot.Join(t, " from ", bot.Code(d.Previous))
	}
	t = bot.Join(t, bot.Plain(" · "+d.Environment+" · "+string(d.Kind)+" "+string(d.Status)), by(d))
	if d.URL != "" {
		t = bot.Join(t, " · ", bot.LinkTo(d.URL, "open"))
	}
	return t
}
