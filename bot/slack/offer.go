package slack

import (
	"context"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// offer offers to everybody to start the next step as soon as one was accepted,
// while who asked looks elsewhere: the second cluster is the one that is
// forgotten. Each step is offered once.
func (s *Slack) offer(ctx context.Context, t *task) error {
	next := t.r.Next()
	if next == nil || t.links[offerLink(t.r.ID, next.Name)] != "" {
		return nil
	}
	if err := s.ensureChannel(ctx, t); err != nil {
		return err
	}
	m, ok := s.offerMessage(t, next)
	if !ok {
		return nil
	}
	at, err := s.post(ctx, t, ref{channel: t.i.Channel}, s.one(m, t.i))
	if err != nil {
		return err
	}
	if err := s.keep(ctx, t, offerLink(t.r.ID, next.Name), at.String()); err != nil {
		return err
	}
	// It may have been started before there was an offer to take back.
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		r, err := tx.Rollback(bot.Self(), t.r.ID)
		if now := r.Next(); err != nil || now != nil && now.Name == next.Name {
			return err
		}
		return s.enqueue(tx, s.progressJob(t.i.Number, r.ID))
	})
}

// offerMessage offers a step with the button that the rollback's own message has;
// ok is false when it has none.
func (s *Slack) offerMessage(t *task, next *bot.Step) (m bot.Message, ok bool) {
	line := bot.Join(bot.Bold(t.e.Data.Rollback.Step), " was accepted. ", bot.Bold(next.Name), " can be started now; otherwise it starts when the one before is done.")
	for _, b := range s.settings().RollbackButtons(t.r) {
		if strings.HasPrefix(b.Line, "rollback next ") {
			return bot.Message{
				Summary: bot.Join(bot.Plain("Rollback "+t.r.ID+": "), line),
				Blocks: []bot.Block{
					bot.Para(bot.Plain("Rollback "+t.r.ID+": "), line, " ", bot.Code(next.From.Name()), " → ", bot.Code(next.To.Name())), bot.Buttons(b),
				},
			}, true
		}
	}
	return m, false
}

// closeOffers takes the button from the offers that no longer hold, lest a late
// click on one starts the step behind it.
func (s *Slack) closeOffers(ctx context.Context, t *task) error {
	next := t.r.Next()
	for k := range t.r.Steps {
		step := &t.r.Steps[k]
		name := offerLink(t.r.ID, step.Name)
		at, ok := parseRef(t.links[name])
		if !ok || next != nil && next.Name == step.Name {
			continue
		}
		if at.channel == t.i.Channel {
			if _, err := s.redraw(ctx, at, s.one(closedOffer(t.r, step), t.i)); err != nil {
				return err
			}
		}
		if err := s.keep(ctx, t, name, ""); err != nil {
			return err
		}
	}
	return nil
}

func closedOffer(r *bot.Rollback, step *bot.Step) bot.Message {
	what := " was started."
	switch {
	case step.State == bot.RollbackCancelled:
		what = " was cancelled."
	case step.State == bot.StepPending && step.QueuedAt == nil:
		what = " cannot be started now."
	}
	line := bot.Join(bot.Plain("Rollback "+r.ID+": "), bot.Bold(step.Name), bot.Text(what))
	return bot.Message{Summary: line, Blocks: []bot.Block{bot.Para(line)}}
}
