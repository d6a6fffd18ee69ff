package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// sendTime bounds one sending, from the connection to the answer.
	sendTime = 15 * time.Second
	// sendPause is the wait before a step of which nothing left is sent again, when
	// the deploy system names none.
	sendPause = 5 * time.Second
)

// errMoved makes a job begin again.
var errMoved = errors.New("the step changed while it was read")

// submit sends one step. The mark that it is being sent is committed before the
// first byte leaves, so of two that come here, in whatever process, one sends;
// and who comes back to a mark does not know what was sent and sends nothing.
func (d *Deploy) submit(ctx context.Context, t *task) error {
	var running *bot.Version
	switch t.s.State {
	case bot.StepPending:
		if err := d.leave(t, func(again time.Time) bool { return d.inTime(t.s, again) }); err != nil {
			return err
		}
		if !t.known {
			return d.notSend(ctx, t, "it is not in the configuration any more")
		}
		var err error
		if running, err = d.running(ctx, t); err != nil {
			return d.sendLater(ctx, t, err)
		}
	case bot.RollbackSubmitting:
	default:
		return nil
	}
	read, began := t.s.State, false
	start := time.Now()
	err := d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) (err error) {
		s := r.Step(t.Step)
		if s.State != read {
			return errMoved // what was read of its version was not read for this
		}
		began, err = bot.BeginStep(w, r, t.Step, running)
		t.r, t.s = r, s
		return err
	})
	if err != nil || !began {
		return err
	}
	// Its own deadline: the time that reading took is not the sending's. It counts from
	// before the mark was set: a process that stood still behind it must not send what
	// a person may have had sent again meanwhile.
	sending, cancel := context.WithDeadline(context.WithoutCancel(ctx), start.Add(recordTime+sendTime))
	defer cancel()
	out := t.way.client.submit(sending, t.vars(), sendKey(t.r, t.s))
	return d.keep(ctx, t, out)
}

// inTime reports whether a step that is to be sent may still be at that time.
func (d *Deploy) inTime(s *bot.Step, at time.Time) bool {
	return s.QueuedAt != nil && at.Sub(*s.QueuedAt) <= bot.SubmitTime
}

// running reads which version the step runs now; nil: its deploy system does
// not say.
func (d *Deploy) running(ctx context.Context, t *task) (*bot.Version, error) {
	menu, err := d.menu(ctx, t.r, t.s, t.way)
	if err != nil || menu.None || menu.Current < 0 || menu.Current >= len(menu.Versions) {
		return nil, err
	}
	return &menu.Versions[menu.Current], nil
}

// sendLater tries again what has not begun, as long as it may begin.
func (d *Deploy) sendLater(ctx context.Context, t *task, cause error) error {
	if again := d.now().Add(sendPause); d.inTime(t.s, again) {
		return bot.RetryAt(again, cause)
	}
	return d.notSend(ctx, t, fmt.Sprintf("which version runs could not be read (%v)", cause))
}

// notSend ends a step that has not begun.
func (d *Deploy) notSend(ctx context.Context, t *task, why string) error {
	return d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error {
		if s := r.Step(t.Step); s.State != bot.StepPending || s.QueuedAt == nil {
			return nil
		}
		return bot.EndStep(w, r, t.Step, bot.Ended{Message: why + "; nothing was sent"})
	})
}

// keep writes down what became of a sending. When that fails the mark stays, and
// the next try makes the step unknown.
func (d *Deploy) keep(ctx context.Context, t *task, out sent) error {
	again := time.Time{}
	err := d.record(ctx, t, func(w *bot.Work, r *bot.Rollback) error {
		again = time.Time{}
		s := r.Step(t.Step)
		if s.Tries != t.s.Tries {
			return nil // it was given up as unknown meanwhile, and a person had it sent again
		}
		switch out.outcome {
		case taken:
			return t.accept(w, r, out.accepted)
		case refused:
			return bot.EndStep(w, r, t.Step, bot.Ended{Message: out.why + refusedEnd(out.why)})
		case notSent:
			var err error
			again, err = d.unsent(w, r, t, out)
			return err
		case unknown:
		}
		return bot.LoseStep(w, r, t.Step, out.why)
	})
	if err != nil || again.IsZero() {
		return err
	}
	return bot.RetryAt(again, fmt.Errorf("nothing was sent: %s", out.why))
}

// accept follows a step that was taken. Where nothing can be followed, nobody
// but a person can tell how it ended.
func (t *task) accept(w *bot.Work, r *bot.Rollback, a bot.Accepted) error {
	if !t.way.template.Blind {
		return bot.AcceptStep(w, r, t.Step, a)
	}
	if a.Link != "" {
		r.Step(t.Step).Link = a.Link
	}
	return bot.LoseStep(w, r, t.Step, "it was accepted; its result cannot be seen from here")
}

// unsent puts a step back of which nothing left, and says when to send it again.
// When that would be too late it ends.
func (d *Deploy) unsent(w *bot.Work, r *bot.Rollback, t *task, out sent) (time.Time, error) {
	if err := bot.KeepStep(w, r, t.Step, out.why); err != nil {
		return time.Time{}, err
	}
	pause := sendPause
	if out.again > 0 {
		pause = out.again
	}
	again := w.Now.Add(pause)
	if s := r.Step(t.Step); s.State == bot.StepPending && !d.inTime(s, again) {
		return time.Time{}, bot.EndStep(w, r, t.Step, bot.Ended{Message: out.why + "; it could not be sent in time, and nothing was"})
	}
	return again, nil
}

// refusedEnd ends the sentence that says why a step was refused.
func refusedEnd(why string) string {
	if strings.HasPrefix(why, "nothing was sent") {
		return ""
	}
	return "; nothing was changed"
}
