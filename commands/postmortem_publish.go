package commands

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "postmortem publish", Group: FollowUp, Rank: 55, Title: "Publish the post-mortem",
	Summary: "say that the post-mortem can be read; with --public customers read its sections as they stand now",
	Args: []Arg{
		{Name: "public", Kind: Switch{}, Flag: true, Label: "To customers", Help: "Customers read it on the incident's page", Right: bot.RightPublish},
		sureArg(), seenArg(),
	},
	Right: bot.RightRespond, Scope: Needed,
	Examples: []string{"postmortem publish", "pm publish --public"},
	Run:      runPublishPostmortem,
})

func runPublishPostmortem(c *Call) (bot.Reply, error) {
	public := c.is("public")
	if public && !c.Incident.Private && !c.Incident.Drill && c.Incident.Status != bot.Cancelled {
		if held, r, err := c.holdReport(); held || err != nil {
			return r, err
		}
	}
	if _, err := bot.PublishPostmortem(c.Work, public); err != nil {
		return bot.Reply{}, err
	}
	page := c.Settings().PostmortemURL(c.Incident, c.Now)
	if !public {
		return bot.Say("The post-mortem of ", c.Incident.Tag(), " is published: ", bot.LinkTo(page, "read it"), ". Customers do not see it.").
			With(bot.Buttons(c.publishButtons()[1:]...)), nil
	}
	site := c.Settings().PublicURL + "/incidents/" + bot.PublicID("incident", fmt.Sprint(c.Incident.Number))
	return bot.Say("Customers read the post-mortem of ", c.Incident.Tag(), " now, on ", bot.LinkTo(site, "the incident's page"),
		". Later changes reach them with the next publication.").
		With(bot.Buttons(button("Take back", c.lineFor("postmortem retract", nil))...)), nil
}

// holdReport shows a person what customers would read before they do. A program
// cannot look: it is refused only what customers should not read.
func (c *Call) holdReport() (held bool, r bot.Reply, err error) {
	text, err := bot.ReportToPublish(c.Look)
	if err != nil || c.Req.Exact && c.is("sure") {
		return false, r, err
	}
	if c.Req.Exact {
		return c.hold(text)
	}
	// What was looked at is what is sent, whatever is written meanwhile.
	seen, _ := get[string](c, "seen")
	now, err := c.reportMark()
	if err != nil || c.is("sure") && (seen == "" || seen == now) {
		return false, r, err
	}
	return true, c.preview(text, now), nil
}

// reportMark tells apart what customers would read at two times. It is made as at
// the end of the incident, since how long a thing has been down changes by itself.
func (c *Call) reportMark() (string, error) {
	then := *c.Look
	if c.Incident.ResolvedAt != nil {
		then.Now = *c.Incident.ResolvedAt
	}
	text, err := bot.ReportToPublish(&then)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6]), err
}

// previewRunes is how much of a report a message shows.
const previewRunes = 9000

// preview shows what customers would read.
func (c *Call) preview(text bot.Text, now string) bot.Reply {
	head := bot.Text("Customers would read this on the incident's page. Nothing was published yet.")
	if c.is("sure") {
		head = "It was changed since you looked. Customers would read this; nothing was published yet."
	}
	style := "primary"
	if why := bot.HeldBecause(text); why != "" {
		head = bot.Join(head, " Look again, since ", bot.Plain(why), ".")
		style = "danger"
	}
	shown, whole := shorten(text, previewRunes)
	r := bot.Reply{Message: bot.Message{Summary: head, Blocks: []bot.Block{bot.Para(head)}}}
	for _, part := range strings.Split("\n"+string(shown), "\n## ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		r = r.With(bot.Para(bot.Bold(bot.UnescapeMarkdown(bot.Text(title)).String())), bot.Quote(bot.UnescapeMarkdown(bot.Text(strings.TrimSpace(body)))))
	}
	if !whole {
		r = r.With(bot.Small("It goes on; ", bot.LinkTo(c.Settings().PostmortemURL(c.Incident, c.Now), "the whole, with what only you read"), "."))
	}
	sure := maps.Clone(c.values)
	sure["sure"], sure["seen"] = "true", bot.Text(now)
	return r.With(bot.Buttons(
		bot.Button{Label: "Publish", Line: c.again(c.Cmd, sure), Style: style},
		bot.Button{Label: "Edit", Line: c.lineFor("postmortem", nil)},
	))
}
