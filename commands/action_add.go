package commands

import (
	"fmt"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "action add", Group: FollowUp, Rank: 21, Title: "Add an action item",
	Summary: "add an action item, which outlives the incident and has an issue of its own",
	Args: []Arg{
		{Name: "text", Kind: Item{Text{Short: true}}, Required: true, Meta: "TEXT or ISSUE-URL", Label: "Action item", Help: "What is to be done, or the address of an issue that says so"},
		ownerArg(),
		{Name: "due", Kind: Day{}, Flag: true, Meta: "2026-12-01 or 14d", Label: "Due", Help: "By when; by the severity's policy if you leave it out"},
		{Name: "priority", Kind: Choice{Words: []string{"p0", "p1", "p2", "p3", "p4"}}, Flag: true, Meta: "p1", Label: "Priority", Help: "p0 is the highest, p4 the lowest"},
		{Name: "service", Kind: Service{}, Flag: true, Meta: "S", Label: "Service", Help: "Whose it is; its repository gets the issue"},
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{
		"action add Alert on the queue's length",
		"action add Limit the retries --owner @ana --due 14d --priority p1",
		"followup add https://github.com/acme/api-gateway/issues/7",
		"#12 action add acme/api-gateway#7 --due 2099-12-01",
	},
	Run: runActionAdd,
})

func runActionAdd(c *Call) (bot.Reply, error) {
	d := bot.FollowUpDraft{Text: c.text("text")}
	if x, ok := get[issue](c, "text"); ok {
		d.Repo, d.Issue = x.repo, x.number
	}
	var err error
	if d.Owner, err = c.owner("owner"); err != nil {
		return bot.Reply{}, err
	}
	d.Due, _ = get[bot.Date](c, "due")
	d.Priority, _ = get[string](c, "priority")
	if s, ok := get[bot.Service](c, "service"); ok {
		d.Service = s.ID
	}
	f, err := bot.AddFollowUp(c.Work, d)
	if err != nil {
		return bot.Reply{}, err
	}
	r := c.added(f)
	if d.Due == "" && f.Due != "" {
		sev := c.Settings().Severity(c.Incident.Severity)
		r = r.With(bot.Small(bot.Plain(fmt.Sprintf("Due %s after today by the policy of %s.", period(sev.FollowupDue), strings.ToUpper(sev.ID)))))
	}
	return r, nil
}

// period writes a length of time in words.
func period(p bot.Period) string {
	unit := map[string]string{"d": "day", "w": "week", "bd": "business day", "h": "hour", "m": "minute", "s": "second"}[p.Unit]
	if p.N == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", p.N, unit)
}

// added tells of a new action item: whose it is, by when, and its issue.
func (c *Call) added(f *bot.FollowUp) bot.Reply {
	text := bot.Join(bot.Bold(fmt.Sprintf("Action item %d", f.Number)), " of ", c.Incident.Tag(), ": ", f.Text, "\n")
	switch {
	case f.Owner != "":
		text = bot.Join(text, "Owner ", bot.MentionUser(f.Owner))
	default:
		text = bot.Join(text, "No owner; ", bot.MentionUser(c.reminded(f)), " is reminded of it")
	}
	if f.Due != "" {
		text = bot.Join(text, bot.Plain(", due "+f.Due.Label()))
	} else {
		text = bot.Join(text, ", without a due date")
	}
	n := values{"n": bot.Plain(fmt.Sprint(f.Number))}
	buttons := []bot.Button{
		{Label: "Give it to somebody", Line: c.lineFor("action owner", n)},
		{Label: "Move the due date", Line: c.lineFor("action due", n)},
	}
	return bot.Say(text, ". ", c.issueSays(f)).With(bot.Buttons(buttons...))
}

// reminded is who is reminded of an action item without an owner.
func (c *Call) reminded(f *bot.FollowUp) bot.UserID {
	if who := c.Incident.Roles[bot.Commander]; who != "" {
		return who
	}
	return f.AddedBy
}

// issueSays is how the issue of a new action item stands.
func (c *Call) issueSays(f *bot.FollowUp) bot.Text {
	switch {
	case f.Issue.State == bot.IssueNone:
		return bot.Plain(c.NoRepo())
	case f.Issue.Adopted:
		return bot.Join(bot.LinkTo(f.Issue.URL, issueRef(f)), " is being read; the item takes its title and follows it.")
	}
	return bot.Plain("An issue in " + f.Issue.Repo + " is being opened.")
}

func issueRef(f *bot.FollowUp) string { return fmt.Sprintf("%s#%d", f.Issue.Repo, f.Issue.Number) }
