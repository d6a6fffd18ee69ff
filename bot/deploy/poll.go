package deploy

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/tocsin-dev/tocsin/bot"
)

// seen is what a deploy system says of a step.
type seen struct {
	state         bot.RollbackState // running, blocked, succeeded or failed
	link, message string
	vars          map[string]string // what the stages extracted
	fresh         bool              // the last stage's guard shows that its answer is about this sending
}

// poll asks how a step goes that was sent at since. Stages that have what they
// look for are not asked again. A state that the template does not name, one
// that is missing or null, and one older than since are "still running".
func (c *client) poll(ctx context.Context, vars map[string]string, since time.Time) (seen, error) {
	out := seen{state: bot.RollbackRunning, vars: map[string]string{}}
	if len(c.t.Poll) == 0 {
		return out, errors.New("the template has no poll")
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	known := map[string]string{}
	maps.Copy(known, vars)
	for k, p := range c.t.Poll {
		last := k == len(c.t.Poll)-1
		if !last && c.done(p, known) {
			continue
		}
		missing, err := c.stage(ctx, p, known, since, &out)
		out.fresh = out.fresh && last
		if err != nil || missing || out.state != bot.RollbackRunning {
			return out, err
		}
		maps.Copy(known, out.vars)
	}
	return out, nil
}

// done reports whether all that a stage must extract is known.
func (c *client) done(p Poll, known map[string]string) bool {
	needs := 0
	for name, x := range p.Extract {
		if x.Optional || c.shown(name) {
			continue
		}
		needs++
		if _, ok := known[name]; !ok {
			return false
		}
	}
	return needs > 0
}

// stage asks one stage and adds what it says to out. missing says that it does
// not have yet what later stages need.
func (c *client) stage(ctx context.Context, p Poll, vars map[string]string, since time.Time, out *seen) (missing bool, err error) {
	a, doc, err := c.get(ctx, p.URL, vars)
	if err != nil {
		return false, err
	}
	if stale, err := p.stale(doc, vars, since); err != nil || stale {
		return stale, c.scrubbed(err)
	}
	out.fresh = p.Guard != ""
	h, err := c.harvest(a, doc, p.Extract, vars)
	if err != nil {
		return false, c.scrub.error(err)
	}
	maps.Copy(out.vars, h.vars)
	if h.link != "" {
		out.link = h.link
	}
	state, status, err := p.state(doc, vars)
	if err != nil {
		return false, c.scrub.error(err)
	}
	out.state, out.message = state, h.message
	if said, err := at(doc, p.Message, vars); err == nil && p.Message != "" {
		if s, ok := text(said); ok {
			out.message = c.scrub.line(s)
		}
	}
	if ended := state == bot.RollbackFailed || state == bot.RollbackBlocked; ended && out.message == "" && status != "" {
		out.message = c.scrub.line("its state is " + status)
	}
	return len(h.missing) > 0, nil
}

func (c *client) scrubbed(err error) error {
	if err == nil {
		return nil
	}
	return c.scrub.error(err)
}

// clockStep allows for guard times in whole seconds: one that began 0.4 s after
// the submit shows up to a second before it.
const clockStep = time.Second

// stale reports whether an answer is about something older than since, or about
// nothing yet.
func (p Poll) stale(doc gjson.Result, vars map[string]string, since time.Time) (bool, error) {
	if p.Guard == "" {
		return false, nil
	}
	r, err := at(doc, p.Guard, vars)
	if err != nil {
		return false, err
	}
	when, ok := moment(r)
	return !ok || when.Before(since.Add(-clockStep)), nil
}

// state reads how a step stands, and what the system calls it. Waiting for
// somebody comes before success: there are systems where a build that waits has
// passed so far.
func (p Poll) state(doc gjson.Result, vars map[string]string) (bot.RollbackState, string, error) {
	if p.BlockedPath != "" {
		r, err := at(doc, p.BlockedPath, vars)
		if err != nil {
			return bot.RollbackRunning, "", err
		}
		if s, ok := text(r); ok && s == p.BlockedEquals {
			return bot.RollbackBlocked, "", nil
		}
	}
	if p.Status == "" {
		return bot.RollbackRunning, "", nil
	}
	r, err := at(doc, p.Status, vars)
	if err != nil {
		return bot.RollbackRunning, "", err
	}
	status, ok := text(r)
	switch {
	case !ok:
	case slices.Contains(p.Blocked, status):
		return bot.RollbackBlocked, status, nil
	case slices.Contains(p.Failure, status):
		return bot.RollbackFailed, status, nil
	case slices.Contains(p.Success, status):
		return bot.RollbackSucceeded, status, nil
	}
	return bot.RollbackRunning, status, nil
}

// paths lists the gjson paths of p, those of its extracts included.
func (p Poll) paths() []string {
	out := []string{p.Guard, p.Status, p.BlockedPath, p.Message}
	for _, name := range slices.Sorted(maps.Keys(p.Extract)) {
		out = append(out, p.Extract[name].JSON)
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// canPollBlind reports whether a step of which no answer came can be looked for
// by polling: no stage needs what only that answer holds, and a guard tells the
// step from what was before it.
func (c *client) canPollBlind() bool {
	if len(c.t.Poll) == 0 || c.t.Poll[len(c.t.Poll)-1].Guard == "" {
		return false
	}
	lost := maps.Clone(c.t.Submit.Extract)
	for _, p := range c.t.Poll {
		needs := p.URL.Names()
		for _, path := range p.paths() {
			if q, err := ParsePattern(path); err == nil {
				needs = append(needs, q.Names()...)
			}
		}
		for _, name := range needs {
			if _, ok := lost[name]; ok {
				return false
			}
		}
		for name := range p.Extract {
			delete(lost, name)
		}
	}
	return true
}

// The pace of polling where a template sets none.
const (
	everyFirst = 2 * time.Second
	everyThen  = 15 * time.Second
	everyAfter = time.Minute
	afterAll   = 5 * time.Minute
)

// next is how long to wait for the next poll of a step that was accepted since
// ago.
func (e Every) next(since time.Duration) time.Duration {
	pick := func(d, otherwise time.Duration) time.Duration {
		if d <= 0 {
			return otherwise
		}
		return d
	}
	switch first := pick(e.First, everyFirst); {
	case since < first:
		return first
	case since < afterAll:
		return pick(e.Then, everyThen)
	}
	return pick(e.After, everyAfter)
}
