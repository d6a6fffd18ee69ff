package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/scenario"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// Do implements [scenario.Stage].
func (s *stage) Do(ctx context.Context, x scenario.Step) (err error) {
	switch a := x.Act.(type) {
	case scenario.Type:
		err = s.types(ctx, x.By, a)
	case scenario.Approve:
		err = s.approves(ctx, x.By, a.Target)
	case scenario.Click:
		err = s.clicks(ctx, x.By, a.Label, "")
	case scenario.Deploy:
		for _, app := range a.Targets {
			err = errors.Join(err, s.deploys.DeployNow(ctx, app, "", x.By))
		}
	case scenario.Finish:
		err = s.finish(ctx, a.Target)
	case scenario.Settle:
		err = s.settle(ctx, x.By, a)
	default:
		err = fmt.Errorf("this stage knows no %T", a)
	}
	if err != nil {
		return err
	}
	return s.rest(ctx)
}

// types has somebody type a line where the incident is.
func (s *stage) types(ctx context.Context, who string, a scenario.Type) error {
	before, err := s.stands(ctx)
	if err != nil {
		return err
	}
	channel, err := s.place(ctx)
	if err != nil {
		return err
	}
	p := s.slack.As(who)
	if c, ok := s.slack.Channel(channel); ok && !slices.Contains(c.Members, p.ID()) {
		if err := p.Join(ctx, channel); err != nil {
			return err
		}
	}
	answer, err := p.Slash(ctx, channel, "/incident", a.Line)
	if err != nil {
		return err
	}
	after, err := s.stands(ctx)
	switch {
	case err != nil:
		return err
	case after.newest > before.newest && s.incident == 0:
		s.incident = after.newest
		s.shown.declared(s.incident)
		return nil
	case after.item > before.item:
		s.items = append(s.items, after.item)
		return nil
	case a.Asks || after.version > before.version:
		return nil
	}
	said, _, _ := strings.Cut(strings.TrimSpace(answer.Text), "\n")
	if s.incident == 0 {
		return fmt.Errorf("refused: %s (%w)", said, scenario.ErrLost)
	}
	return fmt.Errorf("refused: %s", said)
}

// stands is what a line may change.
type stands struct {
	newest  int64 // incident
	item    int64 // the newest action item
	version int64 // of the incident that is played
}

func (s *stage) stands(ctx context.Context) (out stands, err error) {
	err = s.app.store.View(ctx, func(tx bot.ReadTx) error {
		list, err := tx.Incidents(bot.Self(), bot.IncidentFilter{Limit: 1})
		if err != nil {
			return err
		}
		for _, i := range list {
			out.newest = i.Number
		}
		if s.incident == 0 {
			return nil
		}
		i, err := tx.Incident(bot.Self(), s.incident)
		if err != nil {
			return err
		}
		out.version = i.Version
		items, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{Incident: s.incident})
		for _, f := range items {
			out.item = max(out.item, f.Number)
		}
		return err
	})
	return out, err
}

// place is the incident's channel; until there is one, that of announcements.
func (s *stage) place(ctx context.Context) (string, error) {
	if s.incident == 0 {
		return "incidents", nil
	}
	i, err := s.read(ctx, s.incident)
	if err != nil {
		return "", err
	}
	if i.Channel == "" {
		return "", errors.New("the incident has no channel")
	}
	return string(i.Channel), nil
}

// read is an incident as it stands.
func (s *sandbox) read(ctx context.Context, number int64) (i *bot.Incident, err error) {
	err = s.app.store.View(ctx, func(tx bot.ReadTx) (err error) {
		i, err = tx.Incident(bot.Self(), number)
		return err
	})
	return i, err
}

// longestClick is how late, in the demo's time, a button may appear: some messages
// keep a distance from the one before.
const longestClick = 2 * time.Minute

// approves has somebody approve the newest rollback of a target.
func (s *stage) approves(ctx context.Context, who, target string) error {
	r, err := s.rollback(ctx, target)
	if err != nil {
		return err
	}
	return s.clicks(ctx, who, "Approve", "Rollback "+r.ID+":")
}

// clicks has somebody click the newest button of a label, wherever they see it, on
// a message that says what says is.
func (s *stage) clicks(ctx context.Context, who, label, says string) error {
	p := s.slack.As(who)
	var m fakeslack.Message
	err := s.goOn(ctx, longestClick, func() (ok bool, err error) {
		m, ok = s.button(p, label, says)
		return ok, nil
	})
	if err != nil {
		return fmt.Errorf("there is no button %q: %w", label, err)
	}
	_, err = p.Click(ctx, m.Channel, m.TS, label)
	return err
}

// goOn moves the time from job to job until done says so.
func (s *stage) goOn(ctx context.Context, limit time.Duration, done func() (bool, error)) error {
	for until := s.clock.Now().Add(limit); ; {
		if err := s.rest(ctx); err != nil {
			return err
		}
		if ok, err := done(); ok || err != nil {
			return err
		}
		due, ok, err := s.nextDue(ctx)
		switch {
		case err != nil:
			return err
		case !ok || due.After(until):
			return fmt.Errorf("not within %s", limit)
		}
		s.move(due)
	}
}

// button is the newest message with a button of that label that p can see.
func (s *stage) button(p *fakeslack.Person, label, says string) (newest fakeslack.Message, ok bool) {
	for _, c := range s.slack.Channels() {
		if !slices.Contains(c.Members, p.ID()) {
			continue
		}
		for _, m := range s.slack.Messages(c.ID) {
			mine := m.EphemeralTo == "" || m.EphemeralTo == p.ID()
			if !mine || m.TS <= newest.TS {
				continue
			}
			if text := s.slack.PlainText(m); strings.Contains(text, "["+label) && strings.Contains(text, says) {
				newest, ok = m, true
			}
		}
	}
	return newest, ok
}

// longestRollback bounds the wait for one, in the demo's time.
const longestRollback = 2 * time.Hour

// finish goes on until the rollback of target has succeeded.
func (s *stage) finish(ctx context.Context, target string) error {
	var r *bot.Rollback
	err := s.goOn(ctx, longestRollback, func() (_ bool, err error) {
		r, err = s.rollback(ctx, target)
		return err == nil && r.State.Final(), err
	})
	switch {
	case err != nil:
		return fmt.Errorf("the rollback of %s is not over: %w", target, err)
	case r.State != bot.RollbackSucceeded:
		return fmt.Errorf("the rollback of %s is %s, not succeeded", target, r.State.Label())
	}
	return nil
}

// rollback is the newest one of a target in this incident.
func (s *stage) rollback(ctx context.Context, target string) (r *bot.Rollback, err error) {
	err = s.app.store.View(ctx, func(tx bot.ReadTx) error {
		list, err := tx.Rollbacks(bot.Self(), bot.RollbackFilter{Incident: s.incident})
		if err != nil {
			return err
		}
		k := slices.IndexFunc(list, func(r *bot.Rollback) bool { return r.Target == target })
		if k < 0 {
			return fmt.Errorf("nobody asked for a rollback of %s", target)
		}
		r = list[k]
		return nil
	})
	return r, err
}

// settle brings an action item to where it stands.
func (s *stage) settle(ctx context.Context, who string, a scenario.Settle) error {
	if a.Item >= len(s.items) {
		return errors.New("the action item was not added")
	}
	number := s.items[a.Item]
	if a.State != bot.FollowUpDone {
		return s.types(ctx, who, scenario.Type{Line: fmt.Sprintf("action %s %d", a.Verb(), number)})
	}
	var f *bot.FollowUp
	err := s.app.store.View(ctx, func(tx bot.ReadTx) (err error) {
		f, err = tx.FollowUp(bot.Self(), number)
		return err
	})
	if err != nil {
		return err
	}
	if f.Issue.State != bot.IssueOpened {
		return fmt.Errorf("action item %d has no issue: %s %s", f.Number, f.Issue.State, f.Issue.Why)
	}
	return s.issues.As(who).Close(ctx, f.Issue.Repo, f.Issue.Number, "completed")
}
