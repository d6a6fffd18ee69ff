package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Run sets the clocks that nobody's command sets, and waits for ctx to end.
func (c *Clock) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := c.wind(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			c.bot.Log.Error("the clocks cannot be set", "error", err)
		}
		sleep(ctx, windPause)
	}
	<-ctx.Done()
	return nil
}

// windPause is the time between two tries to set the clocks.
const windPause = 5 * time.Second

// wind enqueues the day that has begun, the next post of every digest, and the
// next nudge of every open incident that has none. What waits already stays, and
// what was done is not done again.
func (c *Clock) wind(ctx context.Context) error {
	still, err := c.still(ctx)
	if err != nil {
		return err
	}
	_, err = c.bot.Carry(ctx, Request{}, func(w *Work) (Reply, error) {
		w.planClock(dayJob(newest(w.Now)))
		today := DateOf(w.Now.In(w.Settings().Zone))
		w.planClock(headJob(today, w.Settings().Zone))
		w.planClock(purgeJob(today, w.Settings().Zone))
		for _, d := range w.Settings().Digests {
			j, err := digestJob(d, w.Settings().Zone, w.Now)
			if err != nil {
				return Reply{}, fmt.Errorf("digest %q: %w", d.Cron, err)
			}
			w.planClock(j)
		}
		for _, k := range still {
			if err := c.windNudge(w, k); err != nil {
				return Reply{}, err
			}
		}
		return Reply{}, nil
	})
	return err
}

// nudgeOf is one of the two clocks of an incident.
type nudgeOf struct {
	kind     string
	incident int64
}

// still returns the clocks of open incidents for which no nudge waits: those of
// incidents that are older than the program's clock, or than a severity's.
func (c *Clock) still(ctx context.Context) (out []nudgeOf, err error) {
	err = c.bot.Store.View(ctx, func(tx ReadTx) error {
		out = nil
		waits := map[nudgeOf]bool{}
		for f := (JobFilter{States: []JobState{JobWaiting}, Limit: 1000}); ; {
			jobs, err := tx.Jobs(Self(), f)
			if err != nil {
				return err
			}
			for _, j := range jobs {
				f.After = j.ID
				if kind, ok := strings.CutPrefix(j.Kind, clockName+"."); ok {
					waits[nudgeOf{kind, j.Incident}] = true
				}
			}
			if len(jobs) == 0 {
				break
			}
		}
		for f := (IncidentFilter{Open: true, Limit: 500}); ; {
			list, err := tx.Incidents(Self(), f)
			if err != nil {
				return err
			}
			for _, i := range list {
				f.Before = i.Number
				for _, kind := range []string{"team", "public"} {
					if k := (nudgeOf{kind, i.Number}); !waits[k] && c.bot.Settings.silence(kind, i) != "" {
						out = append(out, k)
					}
				}
			}
			if len(list) < f.Limit {
				return nil
			}
		}
	})
	slices.SortFunc(out, func(a, b nudgeOf) int { return int(a.incident - b.incident) }) // in which they are locked
	return out, err
}

// windNudge plans the next nudge of a clock, unless as many were given of the same
// silence as there may be.
func (c *Clock) windNudge(w *Work, k nudgeOf) error {
	if err := w.Lock(k.incident); err != nil {
		return err
	}
	given, err := w.Tx.Link(Owner(k.incident), silenceLink(k.kind))
	if err != nil || given != "" && given == w.Settings().silence(k.kind, w.Incident) {
		return err
	}
	if j, ok := c.nudgeJob(k.kind, w.Incident, w.Now, 1); ok {
		w.planClock(j)
	}
	return nil
}

// silenceLink is the name of the link that says of which silence all nudges were
// given.
func silenceLink(kind string) string { return clockName + "." + kind }

// silence names what a clock of i nudges of now; empty: of nothing.
func (s *Settings) silence(kind string, i *Incident) string {
	d, ok := s.deadline(kind, i)
	if !ok {
		return ""
	}
	return i.Severity + " " + itoa(d.At.Unix()) + " " + d.Every.String()
}
