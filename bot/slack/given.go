package slack

import (
	"context"
	"errors"

	"github.com/tocsin-dev/tocsin/bot"
)

// given are the jobs that tell somebody that an action item is theirs now, unless
// they took it themselves. The item's message in the channel is an edit at most,
// and its new owner may not even be there.
func (s *Slack) given(e bot.Event) []bot.Job {
	m := e.Data.FollowUp
	if m == nil || m.What != bot.DeedAdded && m.What != bot.DeedOwner || m.Owner == "" || m.Owner == e.Actor {
		return nil
	}
	return []bot.Job{s.job("given", e.Incident, work{Seq: e.Seq, FollowUp: m.Number, User: m.Owner})}
}

// tellOwner sends the DM, if the item is still theirs and they may see it. Whoever
// cannot be written to is reminded when it is due.
func (s *Slack) tellOwner(ctx context.Context, t *task) error {
	if t.f.Owner != t.w.User || t.f.State.Closed() {
		return nil
	}
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		_, err := tx.FollowUp(bot.As(t.w.User), t.f.Number)
		return err
	})
	if bot.KindOf(err) == bot.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	by := bot.Text("You have")
	if t.e.Actor != "" {
		by = bot.Join(bot.MentionUser(t.e.Actor), " gave you")
	}
	m := s.settings().FollowUpCard(t.f, t.turn)
	line := bot.Join(by, " an action item of ", t.i.Tag(), ".")
	m.Summary = bot.Join(line, " ", m.Summary)
	m.Blocks = append([]bot.Block{bot.Para(line)}, m.Blocks...)
	err = s.direct(ctx, t, t.w.User, s.one(m, t.i))
	var e *callError
	if errors.As(err, &e) && e.class == classPermanent {
		s.log.WarnContext(ctx, "the owner of an action item could not be sent a direct message", "incident", t.i.Number, "user", t.w.User, "error", err)
		return nil
	}
	return err
}
