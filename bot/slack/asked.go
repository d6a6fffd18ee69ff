package slack

import (
	"context"

	"github.com/tocsin-dev/tocsin/bot"
)

// A direct message that asks for approval must not go on asking once it was
// decided: its buttons would be answered, but only with what is wrong with them.

// askedLink lists the messages in which a rollback asks for approval.
func askedLink(id string) string { return "slack.asked." + id }

// unasks is the job that changes them, when e says that it was decided.
func (s *Slack) unasks(e bot.Event) []bot.Job {
	m := e.Data.Rollback
	if m == nil || m.Step != "" || m.PlanOnly || m.State == bot.RollbackRequested || planned(m) {
		return nil
	}
	j := s.job("unask", e.Incident, work{Rollback: m.ID})
	j.RunAt = e.RecordedAt.Add(afterChannel)
	return []bot.Job{j}
}

// rememberAsked keeps where somebody was asked. If it was decided meanwhile, the
// message is changed at once.
func (s *Slack) rememberAsked(ctx context.Context, t *task, at ref) error {
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		if err := keepIn(tx, t.i.Number, askedLink(t.r.ID), at.String()); err != nil {
			return err
		}
		r, err := tx.Rollback(bot.Self(), t.r.ID)
		if err != nil || r.State == bot.RollbackAwaiting {
			return err
		}
		return s.enqueue(tx, s.job("unask", t.i.Number, work{Rollback: t.r.ID}))
	})
}

// lostAsked looks for what an earlier try of t may have sent, of which nobody heard
// that it was: it must not go on asking either.
func (s *Slack) lostAsked(ctx context.Context, t *task) error {
	at, ok, err := s.lostDM(ctx, t)
	if err != nil || !ok {
		return err
	}
	return s.rememberAsked(ctx, t, at)
}

// unask changes the messages that asked for approval, now that it was decided.
func (s *Slack) unask(ctx context.Context, t *task) error {
	if t.r.State == bot.RollbackAwaiting {
		return nil
	}
	link := askedLink(t.r.ID)
	list, err := s.kept(ctx, t.i.Number, link)
	for _, word := range list {
		at, _ := parseRef(word)
		if err := s.amend(ctx, t, keptAt{link, word, at}, s.one(decidedMessage(t), t.i)); err != nil {
			return err
		}
	}
	return err
}

// decidedMessage takes the place of what asked for approval.
func decidedMessage(t *task) bot.Message {
	r, became := t.r, bot.Plain(t.r.State.Label())
	if r.ApprovedBy != "" {
		became = bot.Join("approved by ", bot.MentionUser(r.ApprovedBy))
	}
	line := bot.Join(bot.MentionUser(r.RequestedBy), " asked for approval of ", bot.Bold(r.ID), bot.Plain(", rollback of "+r.Target+", in "), t.i.Tag())
	if t.i.Channel != "" {
		line = bot.Join(line, " ", bot.MentionChannel(t.i.Channel))
	}
	line = bot.Join(line, ": ", became, ".")
	return bot.Message{
		Summary: line,
		Blocks:  []bot.Block{bot.Para(line), bot.Buttons(bot.Button{Label: "Show " + r.ID, Line: "rollback show " + r.ID})},
	}
}
