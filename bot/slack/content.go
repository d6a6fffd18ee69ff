package slack

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// content is what the incident's channel reads of an entry: what it is, what
// was written, and below who and when in full, since incidents last for days.
func content(set *bot.Settings, i *bot.Incident, e bot.Event) bot.Message {
	head, quoted := headline(set, e)
	m := bot.Message{Summary: bot.Join(bot.Plain(fmt.Sprintf("#%d: ", i.Number)), head, sentence(e, quoted)), Blocks: []bot.Block{bot.Para(bot.Bold(plainOf(head)))}}
	if bare := plainOf(head); bare != head.String() {
		m.Blocks[0] = bot.Para(head) // it holds a mention, which bold cannot
	}
	switch {
	case e.Redacted && !published(e):
		m.Blocks = append(m.Blocks, bot.Para(bot.RedactedText))
	case quoted && e.Text != "":
		m.Blocks = append(m.Blocks, bot.Para(e.Text))
	}
	if parts := components(set, e); parts != "" && e.Kind != bot.EventComponent {
		m.Blocks = append(m.Blocks, bot.Para(parts))
	}
	if e.Data.Stock {
		m.Blocks = append(m.Blocks, bot.Para("Customers read: ", bot.StockLine(stockStatus(e))))
	}
	if extra := report(set, i, e); len(extra) > 0 {
		m.Blocks = append(m.Blocks, extra...)
	}
	if e.Data.NextBy != nil {
		m.Blocks = append(m.Blocks, bot.Para("Next update by ", bot.Moment(*e.Data.NextBy)))
	}
	m.Blocks = append(m.Blocks, bot.Small(signature(e)))
	return m
}

// stockStatus is the status that e brought, whatever came after it.
func stockStatus(e bot.Event) bot.Status {
	switch e.Kind {
	case bot.EventResolved:
		return bot.Resolved
	case bot.EventCancelled:
		return bot.Cancelled
	case bot.EventReopened:
		return bot.Investigating
	}
	return e.Data.Status
}

// signature says who and when, and when others than the team read it.
func signature(e bot.Event) bot.Text {
	t := bot.Join(author(e), " · ", bot.Moment(e.At))
	if e.Public && !e.Data.Stock {
		t = bot.Join("Customers read this · ", t)
	}
	if e.Data.OnBehalf {
		t = bot.Join(t, " · through the API's root token")
	}
	return t
}

func author(e bot.Event) bot.Text {
	if e.Actor == "" {
		return "Tocsin"
	}
	return bot.MentionUser(e.Actor)
}

// sentence is the text of an entry as the end of its summary.
func sentence(e bot.Event, quoted bool) bot.Text {
	if e.Redacted || e.Text == "" || !quoted {
		return "."
	}
	return bot.Join(": ", e.Text.OneLine(300))
}

// headline is what happened. quoted says that the entry's text belongs below.
func headline(set *bot.Settings, e bot.Event) (head bot.Text, quoted bool) {
	d := e.Data
	switch e.Kind {
	case bot.EventUpdated:
		if d.Ref != 0 {
			return bot.Plain(fmt.Sprintf("Correction of update %d", d.Ref)), true
		}
		if d.Status != "" {
			return bot.Plain("Update, now " + strings.ToLower(d.Status.Label())), true
		}
		return "Update", true
	case bot.EventStatus:
		return bot.Plain("Status: " + d.Status.Label()), true
	case bot.EventSeverity:
		sev := set.Severity(d.Severity)
		return bot.Plain("Severity: " + strings.ToUpper(sev.ID) + " " + sev.Name), true
	case bot.EventTitle:
		if e.Redacted {
			return "New title", false
		}
		if d.Public {
			return bot.Join("Title for customers: ", e.Text), false
		}
		return bot.Join("New title: ", e.Text), false
	case bot.EventComponent:
		return components(set, e), true
	case bot.EventRole:
		role := set.Role(d.Role).Name
		if d.User == "" {
			return bot.Plain("Nobody is " + role + " any more"), true
		}
		return bot.Join(bot.MentionUser(d.User), bot.Plain(" is "+role)), true
	case bot.EventPublished:
		return bot.Plain(fmt.Sprintf("Customers now read update %d", d.Ref)), true
	case bot.EventRetracted:
		return bot.Plain(fmt.Sprintf("Update %d was taken back; customers no longer read it", d.Ref)), true
	case bot.EventDeclared:
		return bot.Plain("Declared as " + strings.ToUpper(d.Severity)), true
	case bot.EventResolved:
		return "Resolved", true
	case bot.EventReopened:
		return "Reopened", true
	case bot.EventCancelled:
		return "Cancelled", true
	case bot.EventRollback:
		return rollbackHead(e), true
	case bot.EventDeploy:
		return "Deploy", true
	case bot.EventPostmortem:
		return postmortemHead(set, e)
	}
	return capital(set.Deed(e)), true
}

// capital begins t, which is ours, with a capital letter.
func capital(t bot.Text) bot.Text {
	if t == "" {
		return ""
	}
	return bot.Text(strings.ToUpper(string(t[:1]))) + t[1:]
}

func postmortemHead(set *bot.Settings, e bot.Event) (head bot.Text, quoted bool) {
	switch m := e.Data.Postmortem; {
	case m == nil:
	case m.What == bot.PostmortemOwned && m.Owner != "":
		return bot.Join(bot.MentionUser(m.Owner), " writes the post-mortem"), false
	case m.What == bot.PostmortemOwned:
		return "Nobody writes the post-mortem any more", false
	case m.What == bot.PostmortemSkipped:
		return "There will be no post-mortem", true
	case m.What == bot.PostmortemPublished && e.Public && !m.Again:
		return "Customers can read the post-mortem now", false
	case m.What == bot.PostmortemPublished && m.Again:
		return "The post-mortem was published again", false // the text is the whole of it
	case m.What == bot.PostmortemPublished:
		return "The post-mortem can be read", false
	case m.What == bot.PostmortemRetracted:
		return "Customers no longer read the post-mortem", true
	}
	return capital(set.Deed(e)), true
}

// report is where the post-mortem that e tells of is read, or by when it is owed.
func report(set *bot.Settings, i *bot.Incident, e bot.Event) []bot.Block {
	m := e.Data.Postmortem
	switch {
	case m == nil:
		return nil
	case published(e):
		links := bot.LinkTo(set.PostmortemURL(i, e.RecordedAt), "Read it")
		if e.Public && i.Published() {
			links = bot.Join(links, " · ", bot.LinkTo(set.PublicURL+"/incidents/"+bot.PublicID("incident", strconv.FormatInt(i.Number, 10)), "What customers read"))
		}
		return []bot.Block{bot.Para(links)}
	case m.What != bot.PostmortemOwned:
		return nil
	}
	var out []bot.Block
	if due := set.PostmortemDue(i); due != "" {
		out = append(out, bot.Para(bot.Plain("It is due on "+due.Label()+".")))
	}
	return append(out, bot.Buttons(bot.Button{Label: "Post-mortem", Line: "postmortem"}))
}

func components(set *bot.Settings, e bot.Event) bot.Text {
	parts := make([]string, len(e.Data.Components))
	for k, c := range e.Data.Components {
		parts[k] = set.Component(c.Component).Name + ": " + strings.ToLower(c.State.Label())
	}
	return bot.Plain(strings.Join(parts, ", "))
}

// brief is what the announcement's thread reads of an entry.
func brief(set *bot.Settings, i *bot.Incident, e bot.Event) bot.Message {
	head, _ := headline(set, e)
	line := bot.Join(bot.Plain(fmt.Sprintf("#%d: ", i.Number)), head)
	m := bot.Message{Summary: bot.Join(line, "."), Blocks: []bot.Block{bot.Para(line)}}
	if e.Kind == bot.EventResolved && e.Text != "" && !e.Redacted {
		m.Blocks = append(m.Blocks, bot.Para(e.Text.OneLine(300)))
	}
	m.Blocks = append(m.Blocks, report(set, i, e)...)
	m.Blocks = append(m.Blocks, bot.Small(author(e), " · ", bot.Moment(e.At)))
	return m
}
