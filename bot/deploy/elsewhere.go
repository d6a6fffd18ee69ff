package deploy

import (
	"context"
	"errors"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// While replicas are started anew one after the other, some have a target as it was
// and some as it is. What one of them does not know, or knows otherwise than it was
// asked for, is left to the others for a while before anything is ended for good.

const (
	// elsewherePause is the time after which another replica may try.
	elsewherePause = 5 * time.Second
	// elsewhereTime is for how long a step is watched by nobody before it is given
	// up. Plans and sendings have their own, shorter times.
	elsewhereTime = 5 * time.Minute
)

// errElsewhere is why a job is left to another replica.
var errElsewhere = errors.New("the target is not configured here as it was asked for; another replica may know it")

// here reports whether the target is configured here as it was when t was asked for.
func (d *Deploy) here(t *task) bool {
	target, ok := bot.Find(d.bot.Settings.Targets, t.r.Target)
	_, known := d.targets[t.r.Target]
	return ok && known && target.Digest == t.r.TargetDigest && (t.s == nil || t.known)
}

// leave leaves t to another replica, unless it is late then; nil: it is not to be
// left.
func (d *Deploy) leave(t *task, inTime func(time.Time) bool) error {
	if again := d.now().Add(elsewherePause); !d.here(t) && inTime(again) {
		return bot.WaitUntil(again, errElsewhere)
	}
	return nil
}

// leaveWatching leaves a step to a replica that can watch it, for a while since the
// last one that could; nil: this one goes on with it. Since when is a link, so that
// it counts for all of them.
func (d *Deploy) leaveWatching(ctx context.Context, t *task) error {
	if d.here(t) {
		if t.elsewhere == "" {
			return nil
		}
		return d.setElsewhere(ctx, t, "")
	}
	now := d.now()
	since, err := time.Parse(time.RFC3339Nano, t.elsewhere)
	if err != nil {
		if err := d.setElsewhere(ctx, t, now.Format(time.RFC3339Nano)); err != nil {
			return err
		}
		since = now
	}
	if now.Sub(since) > elsewhereTime {
		return nil
	}
	return bot.WaitUntil(now.Add(elsewherePause), errElsewhere)
}

func (d *Deploy) setElsewhere(ctx context.Context, t *task, value string) error {
	return d.record(ctx, t, func(w *bot.Work, _ *bot.Rollback) error {
		return w.Tx.SetLink(bot.Link{Owner: "rollback:" + t.Rollback, Name: elsewhereLink(t.Step), Value: value})
	})
}

// elsewhereLink says since when nobody has watched a step who knows its target.
func elsewhereLink(step string) string { return "deploy.elsewhere." + step }
