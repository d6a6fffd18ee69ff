package deploy

import (
	"context"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// lookAt is when it is looked for what may have been sent, from when that became
// unknown. Lists of deploy systems lag behind by seconds to minutes, so that one
// early look which finds nothing proves nothing; afterwards a person decides.
var lookAt = [...]time.Duration{5 * time.Second, 20 * time.Second, time.Minute, 3 * time.Minute, 10 * time.Minute}

// look finds out whether an unknown step was sent after all. It only ever finds:
// that nothing was found does not send anything.
func (d *Deploy) look(ctx context.Context, t *task) error {
	switch {
	case t.s.State != bot.RollbackUnknown || t.known && t.way.template.Blind:
		return nil
	case !t.known:
		return d.lookAgain(t, errElsewhere)
	}
	if t.way.template.Find == nil && !t.way.client.canPollBlind() {
		return nil
	}
	a, found, err := d.find(ctx, t)
	if err == nil && found {
		return d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error {
			if r.Step(t.Step).Tries != t.s.Tries {
				return nil // a person had it sent again meanwhile
			}
			return bot.AcceptStep(w, r, t.Step, a) // from where it is polled
		})
	}
	if err == nil {
		err = errLater
	}
	return d.lookAgain(t, err)
}

// lookAgain is for when the next look is; nil: there is none.
func (d *Deploy) lookAgain(t *task, why error) error {
	now := d.now()
	for _, after := range lookAt {
		if next := t.job.CreatedAt.Add(after); next.After(now) {
			return bot.WaitUntil(next, why)
		}
	}
	return nil
}

// find asks for the step by its own marks; where a template has no way to, its
// poll tells of what is newer than the sending.
func (d *Deploy) find(ctx context.Context, t *task) (bot.Accepted, bool, error) {
	if t.way.template.Find != nil {
		return t.way.client.find(ctx, t.vars())
	}
	got, err := t.way.client.poll(ctx, t.vars(), t.since())
	if err != nil || !got.fresh {
		return bot.Accepted{}, false, err
	}
	return bot.Accepted{Link: got.link, Message: got.message, Vars: got.vars}, true, nil
}
