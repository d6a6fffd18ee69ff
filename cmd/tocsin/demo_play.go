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
		err = s.types(ctx, x.By, a.Line)
	case scenario.Click:
		err = s.clicks(ctx, x.By, a.Label)
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
func (s *stage) types(ctx context.Context, who, line string) error {
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
	answer, err := p.Slash(ctx, channel, "/incident", line)
	if err != nil {
		return err
	}
	// A line that is refused is handed back.
	if head := line[:min(len(line), 30)]; strings.Contains(answer.Text, "/incident "+head) {
		return fmt.Errorf("refused: %s", answer.Text)
	}
	if s.incident == 0 && strings.HasPrefix(line, "declare ") {
		return s.declared(ctx)
	}
	return nil
}

// place is the incident's channel; until there is one, that of announcements.
func (s *stage) place(ctx context.Context) (string, error) {
	if s.incident == 0 {
		return "incidents", nil
	}
	i, err := s.read(ctx)
	if err != nil {
		return "", err
	}
	if i.Channel == "" {
		return "", errors.New("the incident has no channel")
	}
	return string(i.Channel), nil
}

// read is the incident that is played.
func (s *stage) read(ctx context.Context) (i *bot.Incident, err error) {
	err = s.app.store.View(ctx, func(tx bot.ReadTx) (err error) {
		i, err = tx.Incident(bot.Self(), s.incident)
		return err
	})
	return i, err
}

// declared finds the incident that was just declared.
func (s *stage) declared(ctx context.Context) error {
	return s.app.store.View(ctx, func(tx bot.ReadTx) error {
		list, err := tx.Incidents(bot.Self(), bot.IncidentFilter{Limit: 20})
		for _, i := range list {
			if i.Title.String() == s.scenario.Title {
				s.incident = i.Number
				s.shown.declared(i.Number)
				return nil
			}
		}
		return errors.Join(err, errors.New("it was not declared"))
	})
}

// longestClick is how late, in the demo's time, a button may appear: some messages
// keep a distance from the one before.
const longestClick = 2 * time.Minute

// clicks has somebody click the newest button of a label, wherever they see it.
func (s *stage) clicks(ctx context.Context, who, label string) error {
	p := s.slack.As(who)
	var m fakeslack.Message
	err := s.goOn(ctx, longestClick, func() (ok bool, err error) {
		m, ok = s.button(p, label)
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
func (s *stage) button(p *fakeslack.Person, label string) (newest fakeslack.Message, ok bool) {
	for _, c := range s.slack.Channels() {
		if !slices.Contains(c.Members, p.ID()) {
			continue
		}
		for _, m := range s.slack.Messages(c.ID) {
			mine := m.EphemeralTo == "" || m.EphemeralTo == p.ID()
			if mine && m.TS > newest.TS && strings.Contains(s.slack.PlainText(m), "["+label) {
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
	f, err := s.item(ctx, a.Title)
	if err != nil {
		return err
	}
	if a.State != bot.FollowUpDone {
		return s.types(ctx, who, fmt.Sprintf("action %s %d", a.Verb(), f.Number))
	}
	if f.Issue.State != bot.IssueOpened {
		return fmt.Errorf("action item %d has no issue: %s %s", f.Number, f.Issue.State, f.Issue.Why)
	}
	return s.issues.As(who).Close(ctx, f.Issue.Repo, f.Issue.Number, "completed")
}

func (s *stage) item(ctx context.Context, title string) (f *bot.FollowUp, err error) {
	err = s.app.store.View(ctx, func(tx bot.ReadTx) error {
		list, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{Incident: s.incident})
		for _, x := range list {
			if x.Text.String() == title {
				f = x
				return nil
			}
		}
		return errors.Join(err, fmt.Errorf("there is no action item %q", title))
	})
	return f, err
}
