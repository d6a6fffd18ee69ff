package github

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// linkHidden says of an item that its issue does not hold its redacted text any
// more. What people write there later stays.
const linkHidden = "hidden"

// redacted brings a redaction to the issue of the item whose text it removed. An
// issue that existed before its item holds nothing of ours.
func (g *GitHub) redacted(ctx context.Context, j bot.Job, entry int64) error {
	_, err := g.bot.Carry(ctx, bot.Request{}, func(w *bot.Work) (bot.Reply, error) {
		for filter := (bot.FollowUpFilter{Incident: j.Incident, Limit: 500}); ; {
			list, err := w.Tx.FollowUps(bot.Self(), filter)
			if err != nil {
				return bot.Reply{}, err
			}
			for _, f := range list {
				if f.Seq == entry && f.Issue.State == bot.IssueOpened && !f.Issue.Adopted {
					g.plan(w, f, jobPush)
				}
				filter.After = f.Number
			}
			if len(list) < filter.Limit {
				return bot.Reply{}, nil
			}
		}
	})
	return err
}

// hides reports whether the text of f was redacted and its issue is to be told.
func (g *GitHub) hides(ctx context.Context, f *bot.FollowUp) (bool, error) {
	if f.Text != bot.RedactedText || f.Issue.Adopted {
		return false, nil
	}
	done := ""
	err := g.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		done, err = tx.Link(keyOwner(f.Key), linkHidden)
		return err
	})
	return done == "", err
}

// hide takes our text out of the body of an issue: what is before our facts, of
// which the incident is the first. What people added below stays.
func hide(body string, incident int64, key string) string {
	ours, _, ok := strings.Cut(body, marker(key))
	if key == "" || !ok {
		return body
	}
	facts := regexp.MustCompile(fmt.Sprintf(`(?m)^Incident: #%s?%d\b`, breaker, incident))
	all := facts.FindAllStringIndex(ours, -1)
	if len(all) == 0 {
		return body
	}
	return `\[redacted\]` + "\n\n" + body[all[len(all)-1][0]:]
}
