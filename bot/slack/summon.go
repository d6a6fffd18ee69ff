package slack

import (
	"context"
	"slices"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// mostAsked is how many people get a DM in one round.
const mostAsked = 25

// rounds is when the approvers of a plan are called, from when it was made
// (requirement F2).
func rounds() []time.Duration { return []time.Duration{0, 2 * time.Minute, 5 * time.Minute} }

// summons are the jobs that call the approvers when e says that a plan waits.
func (s *Slack) summons(e bot.Event) []bot.Job {
	m := e.Data.Rollback
	if m == nil || m.Step != "" || m.State != bot.RollbackAwaiting {
		return nil
	}
	var jobs []bot.Job
	for round, after := range rounds() {
		j := s.job("summon", e.Incident, work{Rollback: m.ID, Round: round})
		j.RunAt = e.RecordedAt.Add(after)
		jobs = append(jobs, j)
	}
	return jobs
}

// waits reports whether t's round is still the one to call: the plan waits, and
// no later round is due, which would say the same again.
func (s *Slack) waits(t *task) bool {
	r, now, next := t.r, s.now(), t.w.Round+1
	if r.State != bot.RollbackAwaiting || r.ReadAt == nil || r.ExpiresAt == nil || !now.Before(*r.ExpiresAt) {
		return false
	}
	return next >= len(rounds()) || now.Before(r.ReadAt.Add(rounds()[next]))
}

// summon calls the approvers of a plan, each by a job of their own. Who is one is
// looked up each time.
func (s *Slack) summon(ctx context.Context, t *task) error {
	target, _ := bot.Find(s.settings().Targets, t.r.Target)
	if !s.waits(t) || target.Approval.Alone {
		return nil
	}
	var jobs []bot.Job
	for _, id := range t.who.Users[:min(len(t.who.Users), mostAsked)] {
		jobs = append(jobs, s.job("ask", t.i.Number, work{Rollback: t.r.ID, Round: t.w.Round, User: id}))
	}
	if t.w.Round > 0 { // the first mention is in the plan's own message
		jobs = append(jobs, s.job("nudge", t.i.Number, work{Rollback: t.r.ID, Round: t.w.Round}))
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.enqueue(tx, jobs...) })
}

// askApprover sends one of them the plan, with its buttons.
func (s *Slack) askApprover(ctx context.Context, t *task) error {
	if !s.waits(t) || !slices.Contains(t.who.Users, t.w.User) {
		return s.lostAsked(ctx, t)
	}
	at, err := s.directAt(ctx, t, t.w.User, s.one(s.askMessage(t), t.i))
	if err != nil {
		return err
	}
	return s.rememberAsked(ctx, t, at)
}

func (s *Slack) askMessage(t *task) bot.Message {
	line := bot.Join(bot.MentionUser(t.r.RequestedBy), " asks for approval of a rollback in ", t.i.Tag())
	if t.i.Channel != "" {
		line = bot.Join(line, " ", bot.MentionChannel(t.i.Channel))
	}
	m := s.settings().RollbackCard(t.r, bot.Approvers{}, s.now())
	m.Summary = bot.Join(line, ". ", m.Summary)
	m.Blocks = slices.Insert(m.Blocks, 0, bot.Para(line))
	return m
}

// unasked ends the call for somebody whom Slack does not let us write to. The
// others are called, and the channel is, so it is no failure of the incident.
func (s *Slack) unasked(ctx context.Context, t *task, e *callError) error {
	s.log.WarnContext(ctx, "an approver could not be sent a direct message", "incident", t.i.Number, "rollback", t.r.ID, "user", t.w.User, "error", e)
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.tellOnce(tx, t, e) })
}

// nudge mentions the approvers in the channel again.
func (s *Slack) nudge(ctx context.Context, t *task) error {
	if !s.waits(t) {
		return nil
	}
	if err := s.ensureChannel(ctx, t); err != nil {
		return err
	}
	_, err := s.post(ctx, t, ref{channel: t.i.Channel}, s.one(nudgeMessage(t), t.i))
	return err
}

func nudgeMessage(t *task) bot.Message {
	r, names := t.r, t.who.Mention()
	line := bot.Join(bot.Bold(r.ID), bot.Plain(", rollback of "+r.Target+", still waits for approval until "), bot.Moment(*r.ExpiresAt))
	switch {
	case t.i.Private && len(t.who.Users) == 0 && !t.who.Everyone:
		line = bot.Join(line, ". Nobody who can see this incident can approve it; bring somebody in who can.")
		if names != "" {
			line = bot.Join(line, " ", names)
		}
	case names != "":
		line = bot.Join(line, ": ", names)
	default:
		line = bot.Join(line, ".")
	}
	return bot.Message{
		Summary: line,
		Blocks:  []bot.Block{bot.Para(line), bot.Buttons(bot.Button{Label: "Show " + r.ID, Line: "rollback show " + r.ID})},
	}
}
