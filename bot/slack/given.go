package slack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// givenLink lists the direct messages that gave somebody an action item: the
// entry's number, a colon, and where the message is. It is shown there as it is
// now, as long as it is theirs.
func givenLink(number int64) string { return fmt.Sprintf("slack.given.%d", number) }

// given are the jobs that tell somebody that an action item is theirs now, unless
// they took it themselves, and that draw what was told before as it is now. The
// item's message in the channel is an edit at most, and its new owner may not even
// be there. A redacted text may be that of any item, or the incident's.
func (s *Slack) given(e bot.Event) (jobs []bot.Job) {
	m := e.Data.FollowUp
	switch {
	case e.Kind == bot.EventRedacted:
		return []bot.Job{s.regiveJob(e, 0)}
	case m == nil:
		return nil
	case m.What != bot.DeedAdded:
		jobs = append(jobs, s.regiveJob(e, m.Number))
	}
	if m.What != bot.DeedAdded && m.What != bot.DeedOwner || m.Owner == "" || m.Owner == e.Actor {
		return jobs
	}
	return append(jobs, s.job("given", e.Incident, work{Seq: e.Seq, FollowUp: m.Number, User: m.Owner}))
}

func (s *Slack) regiveJob(e bot.Event, item int64) bot.Job {
	j := s.job("regive", e.Incident, work{FollowUp: item})
	j.RunAt = e.RecordedAt.Add(afterChannel)
	return j
}

// tellOwner sends the DM, if the item is still theirs and they may see it. Whoever
// cannot be written to is reminded when it is due.
func (s *Slack) tellOwner(ctx context.Context, t *task) error {
	if t.f.Owner != t.w.User || t.f.State.Closed() {
		return s.lostGiven(ctx, t)
	}
	switch sees, err := s.seesItem(ctx, t, t.w.User); {
	case err != nil:
		return err
	case !sees:
		return s.lostGiven(ctx, t)
	}
	at, err := s.directAt(ctx, t, t.w.User, s.one(s.givenMessage(t, t.e), t.i))
	var e *callError
	if errors.As(err, &e) && e.class == classPermanent {
		s.log.WarnContext(ctx, "the owner of an action item could not be sent a direct message", "incident", t.i.Number, "user", t.w.User, "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	return s.rememberGiven(ctx, t, at)
}

// lostGiven has what an earlier try may have sent follow the item, too.
func (s *Slack) lostGiven(ctx context.Context, t *task) error {
	at, ok, err := s.lostDM(ctx, t)
	if err != nil || !ok {
		return err
	}
	return s.rememberGiven(ctx, t, at)
}

// rememberGiven keeps where a message is. What changed while it was sent was drawn
// nowhere; what an earlier try sent may be older still.
func (s *Slack) rememberGiven(ctx context.Context, t *task, at ref) error {
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		if err := keepIn(tx, t.i.Number, givenLink(t.f.Number), fmt.Sprintf("%d:%s", t.e.Seq, at)); err != nil {
			return err
		}
		now, err := tx.Incident(bot.Self(), t.i.Number)
		if err != nil || t.job.Attempt == 1 && now.Head.Seq == t.i.Head.Seq {
			return err
		}
		return s.enqueue(tx, s.job("regive", t.i.Number, work{FollowUp: t.f.Number}))
	})
}

func (s *Slack) seesItem(ctx context.Context, t *task, who bot.UserID) (bool, error) {
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		_, err := tx.FollowUp(bot.As(who), t.f.Number)
		return err
	})
	if bot.KindOf(err) == bot.KindNotFound {
		return false, nil
	}
	return err == nil, err
}

// givenMessage tells that the item of t was given to its owner by entry e.
func (s *Slack) givenMessage(t *task, e bot.Event) bot.Message {
	by := bot.Text("You have")
	if e.Actor != "" {
		by = bot.Join(bot.MentionUser(e.Actor), " gave you")
	}
	m := s.settings().FollowUpCard(t.f, t.turn)
	line := bot.Join(by, " an action item of ", t.i.Tag(), ".")
	m.Summary = bot.Join(line, " ", m.Summary)
	m.Blocks = append([]bot.Block{bot.Para(line)}, m.Blocks...)
	return m
}

// regive draws the direct messages about an item again: the last one to its owner
// as it is now, every other one for the last time. Without an item it has those of
// all of the incident's drawn.
func (s *Slack) regive(ctx context.Context, t *task) error {
	if t.f == nil {
		return s.regiveAll(ctx, t)
	}
	link := givenLink(t.f.Number)
	list, err := s.kept(ctx, t.i.Number, link)
	if err != nil {
		return err
	}
	var current func() error // behind the others, since its place is not given up
	for k := len(list) - 1; k >= 0; k-- {
		entry, place, _ := strings.Cut(list[k], ":")
		seq, _ := strconv.ParseInt(entry, 10, 64)
		at, _ := parseRef(place)
		e, who, sees, err := s.givenBy(ctx, t, seq)
		switch {
		case err != nil:
			return err
		case who == t.f.Owner && sees && current == nil:
			current = func() error { return s.tryRedraw(ctx, at, s.one(s.givenMessage(t, e), t.i)) }
			continue
		}
		if err := s.amend(ctx, t, keptAt{link, list[k], at}, s.one(takenMessage(t, who, sees), t.i)); err != nil {
			return err
		}
	}
	if current == nil {
		return nil
	}
	return current()
}

// givenBy reads the entry that gave the item of t to somebody, and whether they
// may see it.
func (s *Slack) givenBy(ctx context.Context, t *task, seq int64) (e bot.Event, who bot.UserID, sees bool, err error) {
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		e, err = tx.Event(bot.Self(), t.i.Number, seq)
		return err
	})
	if err != nil || e.Data.FollowUp == nil {
		return e, "", false, err
	}
	who = e.Data.FollowUp.Owner
	sees, err = s.seesItem(ctx, t, who)
	return e, who, sees, err
}

func (s *Slack) regiveAll(ctx context.Context, t *task) error {
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		list, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{Incident: t.i.Number, Limit: 500})
		for _, f := range list {
			told, e := tx.Link(bot.Owner(t.i.Number), givenLink(f.Number))
			if err = errors.Join(err, e); err != nil || told == "" {
				continue
			}
			err = s.enqueue(tx, s.job("regive", t.i.Number, work{FollowUp: f.Number}))
		}
		return err
	})
}

// takenMessage takes the place of what gave an item to who. It says nothing that
// can change or be redacted, since it is not drawn again.
func takenMessage(t *task, who bot.UserID, sees bool) bot.Message {
	line := bot.Plain(fmt.Sprintf("Action item %d of #%d was given to you", t.f.Number, t.i.Number))
	switch {
	case !sees:
		line = bot.Join(line, ". You can no longer see it.")
	case t.f.Owner == who:
		line = bot.Join(line, ". It came back to you later; a newer message shows it.")
	case t.f.Owner == "":
		line = bot.Join(line, ". It is not yours any more.")
	default:
		line = bot.Join(line, ". It is not yours any more: it went to ", bot.MentionUser(t.f.Owner), ".")
	}
	return bot.Say(line).Message
}
