package deploy

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// poll looks at a step once, and comes back until it is no longer watched. A
// process that was down looks before it says that the time is over.
func (d *Deploy) poll(ctx context.Context, t *task) error {
	if !t.s.State.Watched() {
		return nil
	}
	if err := d.leaveWatching(ctx, t); err != nil {
		return err
	}
	switch {
	case !t.known || t.way.template.Blind:
		return d.stopWatching(ctx, t, seen{}, "it cannot be watched as it is configured now")
	case t.s.State == bot.RollbackVerifying:
		return d.verify(ctx, t)
	}
	got, err := t.way.client.poll(ctx, t.vars(), t.sentThere())
	heard := bot.Heard{State: got.state, Link: got.link, Message: got.message, Vars: news(got.vars, t.s.Vars)}
	switch {
	case err != nil:
		heard = bot.Heard{State: t.s.State, Message: "no answer: " + err.Error(), Quiet: true}
	case got.state == bot.RollbackFailed:
		return d.end(ctx, t, got, false)
	case got.state == bot.RollbackSucceeded && len(d.targets[t.r.Target].checks) == 0:
		return d.end(ctx, t, got, true)
	case got.state == bot.RollbackSucceeded:
		heard.State = bot.RollbackVerifying
	case d.watched(t) > t.timeout():
		return d.stopWatching(ctx, t, got, t.overdue(got))
	}
	if err != nil && d.watched(t) > t.timeout() {
		return d.stopWatching(ctx, t, got, "it was watched for "+plainly(t.timeout())+"; at the end there was "+heard.Message)
	}
	if err := d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error { return bot.HearStep(w, r, t.Step, heard) }); err != nil {
		return err
	}
	if heard.State == bot.RollbackVerifying {
		return bot.WaitUntil(d.now(), errLater)
	}
	return bot.WaitUntil(d.now().Add(t.way.every().next(d.watched(t))), errLater)
}

// overdue says how a step stood when its time was over.
func (t *task) overdue(got seen) string {
	why := "it was watched for " + plainly(t.timeout()) + " and is still running there"
	if got.state == bot.RollbackBlocked {
		why = "after " + plainly(t.timeout()) + " it still waits for somebody there"
	}
	if got.message != "" {
		why += ": " + got.message
	}
	return why
}

// sentThere is when the step was sent, by the deploy system's clock if that is
// known: what it says of an earlier time is not about the step.
func (t *task) sentThere() time.Time {
	if t.s.SentThere != nil {
		return *t.s.SentThere
	}
	return t.since()
}

// since is when the step was sent.
func (t *task) since() time.Time {
	if t.s.SubmittedAt == nil {
		return t.r.RequestedAt
	}
	return *t.s.SubmittedAt
}

// watched is for how long the step has been followed.
func (d *Deploy) watched(t *task) time.Duration {
	from := t.since()
	if t.s.AcceptedAt != nil {
		from = *t.s.AcceptedAt
	}
	return d.now().Sub(from)
}

func (t *task) timeout() time.Duration {
	if t.way.template.Timeout > 0 {
		return t.way.template.Timeout
	}
	return DefaultTimeout
}

// end ends a step as the deploy system says.
func (d *Deploy) end(ctx context.Context, t *task, got seen, ok bool) error {
	if !ok && got.message == "" {
		got.message = "the deploy system says that it failed"
	}
	return d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error {
		got.leaveIn(r.Step(t.Step))
		return bot.EndStep(w, r, t.Step, bot.Ended{OK: ok, Message: got.message})
	})
}

// stopWatching says that nobody here will learn how the step ends.
func (d *Deploy) stopWatching(ctx context.Context, t *task, got seen, why string) error {
	return d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error {
		got.leaveIn(r.Step(t.Step))
		return bot.TimeOutStep(w, r, t.Step, why)
	})
}

// leaveIn adds what the last answer held.
func (g seen) leaveIn(s *bot.Step) {
	if g.link != "" {
		s.Link = g.link
	}
	if s.Vars == nil && len(g.vars) > 0 {
		s.Vars = map[string]string{}
	}
	maps.Copy(s.Vars, g.vars)
}

// plainly writes a length of time as a configuration does: 1h, 90s as 1m30s.
func plainly(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
