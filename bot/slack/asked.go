package slack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// A direct message that asks for approval must not go on asking once it was
// decided: its buttons would be answered, but only with what is wrong with them.

// askedLink lists the messages in which a rollback asks for approval.
func askedLink(id string) string { return "slack.asked." + id }

// unaskAfter leaves the first places under the limit for edits to the message that
// everybody in the channel looks at.
const unaskAfter = 5 * time.Second

// unasks is the job that changes them, when e says that it was decided.
func (s *Slack) unasks(e bot.Event) []bot.Job {
	m := e.Data.Rollback
	if m == nil || m.Step != "" || m.PlanOnly || m.State == bot.RollbackRequested || planned(m) {
		return nil
	}
	j := s.job("unask", e.Incident, work{Rollback: m.ID})
	j.RunAt = e.RecordedAt.Add(unaskAfter)
	return []bot.Job{j}
}

// rememberAsked keeps where somebody was asked. If it was decided meanwhile, the
// message is changed at once.
func (s *Slack) rememberAsked(ctx context.Context, t *task, at ref) error {
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		owner, name := bot.Owner(t.i.Number), askedLink(t.r.ID)
		was, err := tx.Link(owner, name)
		if err != nil {
			return err
		}
		if list := strings.Fields(was); !slices.Contains(list, at.String()) {
			list = append(list, at.String())
			if err := tx.SetLink(bot.Link{Owner: owner, Name: name, Value: strings.Join(list, " ")}); err != nil {
				return err
			}
		}
		r, err := tx.Rollback(bot.Self(), t.r.ID)
		if err != nil || r.State == bot.RollbackAwaiting {
			return err
		}
		return s.enqueue(tx, s.job("unask", t.i.Number, work{Rollback: t.r.ID}))
	})
}

// unask changes the messages that asked for approval, now that it was decided. Each
// is forgotten once it was changed, since every change has to wait for its place
// under the limit and the job then begins anew.
func (s *Slack) unask(ctx context.Context, t *task) error {
	if t.r.State == bot.RollbackAwaiting {
		return nil
	}
	for {
		at, ok, err := s.nextAsked(ctx, t)
		if err != nil || !ok {
			return err
		}
		// One that is gone, or that Slack keeps us from, asks nobody any more.
		_, err = s.redraw(ctx, at, s.one(decidedMessage(t), t.i))
		if e := (*callError)(nil); err != nil && (!errors.As(err, &e) || e.class != classPermanent) {
			return err
		}
		if err := s.forgetAsked(ctx, t, at); err != nil {
			return err
		}
	}
}

func (s *Slack) nextAsked(ctx context.Context, t *task) (at ref, ok bool, err error) {
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		list, err := tx.Link(bot.Owner(t.i.Number), askedLink(t.r.ID))
		if words := strings.Fields(list); len(words) > 0 {
			at, ok = parseRef(words[0])
		}
		return err
	})
	return at, ok, err
}

func (s *Slack) forgetAsked(ctx context.Context, t *task, at ref) error {
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		owner, name := bot.Owner(t.i.Number), askedLink(t.r.ID)
		list, err := tx.Link(owner, name)
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(strings.Fields(list), func(w string) bool { return w == at.String() })
		return tx.SetLink(bot.Link{Owner: owner, Name: name, Value: strings.Join(left, " ")})
	})
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
