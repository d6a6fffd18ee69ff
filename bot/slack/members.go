package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// endedAtATime is how many channels of ended incidents are read in one round.
	endedAtATime = 20
	// membersPage is how many members are asked for at a time.
	membersPage = 999
	// linkMembers is when an event last told who is in an incident's channel.
	linkMembers = "slack.members"
	// linkTurn is whose turn it is to read the members of channels.
	linkTurn = "members"
)

// errPassed is a turn that passed to another replica: what was read in it may be
// older than what that one reads.
var errPassed = errors.New("another replica reads the channels' members")

// membersTurn is the turn to read the members of channels. It is kept up while it
// goes on; once a replica was held up for so long that another has it, it saves
// nothing more.
type membersTurn struct {
	id   string
	kept time.Time
}

// takeMembers takes the turn; nil: it is not ours.
func (s *Slack) takeMembers(ctx context.Context) (*membersTurn, error) {
	t := &membersTurn{kept: s.now()}
	t.id = strconv.FormatInt(t.kept.UnixNano(), 36)
	wait, err := s.take(ctx, func(tx bot.Tx) error {
		return tx.SetLink(bot.Link{Owner: syncOwner, Name: linkTurn, Value: t.id})
	}, place{syncLimit("members"), syncEvery}, place{methodLimit("conversations.members"), 0})
	if err != nil || wait > 0 {
		return nil, err
	}
	return t, nil
}

// keepUp keeps the turn ours for another while.
func (s *Slack) keepUp(ctx context.Context, t *membersTurn) error {
	if s.now().Sub(t.kept) < syncEvery/2 {
		return nil
	}
	t.kept = s.now()
	return s.shut(ctx, syncLimit("members"), syncEvery)
}

// syncMembers reads who is in the channels of private incidents, for what no
// event told: of all open ones and of some ended ones, from the newest to the
// oldest and then anew. It returns before which ended one the next round goes on.
func (s *Slack) syncMembers(ctx context.Context, before int64) (next int64, err error) {
	list, next, err := s.privateChannels(ctx, before)
	if err != nil || len(list) == 0 {
		return next, err
	}
	t, err := s.takeMembers(ctx)
	if err != nil || t == nil {
		return before, err
	}
	// One bad channel must not hide the others.
	var errs []error
	for _, i := range list {
		if err := s.keepUp(ctx, t); err != nil {
			return before, err
		}
		err := s.syncChannelMembers(ctx, t, i)
		if errors.Is(err, errPassed) {
			return before, errors.Join(errs...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("channel of #%d: %w", i.Number, err))
		}
		var e *callError
		if errors.As(err, &e) && (e.class == classWait || e.class == classToken) || ctx.Err() != nil {
			return before, errors.Join(errs...) // the others would fare no better
		}
	}
	return next, errors.Join(errs...)
}

// privateChannels are the incidents whose channels are read in this round.
func (s *Slack) privateChannels(ctx context.Context, before int64) (list []*bot.Incident, next int64, err error) {
	var open, ended []*bot.Incident
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		if open, err = tx.Incidents(bot.Self(), bot.IncidentFilter{Open: true, Limit: 500}); err != nil {
			return err
		}
		ended, err = tx.Incidents(bot.Self(), bot.IncidentFilter{Before: before, Limit: 500})
		return err
	})
	if err != nil {
		return nil, before, err
	}
	list = slices.DeleteFunc(open, func(i *bot.Incident) bool { return !i.Private || i.Channel == "" })
	read := 0
	for _, i := range ended {
		if next = i.Number; i.Open() || !i.Private || i.Channel == "" {
			continue
		}
		list = append(list, i)
		if read++; read == endedAtATime {
			break
		}
	}
	return list, next, nil
}

func (s *Slack) syncChannelMembers(ctx context.Context, t *membersTurn, i *bot.Incident) error {
	q := &api.GetUsersInConversationParameters{ChannelID: string(i.Channel), Limit: membersPage}
	var all []bot.UserID
	began := s.now()
	for {
		var page []string
		err := s.read(ctx, "conversations.members", func(ctx context.Context) (err error) {
			page, q.Cursor, err = s.api.GetUsersInConversationContext(ctx, q)
			return err
		})
		if err != nil {
			return err
		}
		for _, u := range page {
			all = append(all, bot.UserID(u))
		}
		if q.Cursor == "" {
			return s.saveMembers(ctx, t, i, all, began)
		}
	}
}

// saveMembers keeps who is in an incident's channel, as it was read from began on,
// unless something newer is known. Mostly there is nothing to write.
func (s *Slack) saveMembers(ctx context.Context, t *membersTurn, i *bot.Incident, all []bot.UserID, began time.Time) error {
	slices.Sort(all)
	all = slices.Compact(all)
	differs := func(tx bot.ReadTx) (bool, error) {
		old, err := tx.Members(i.Number)
		slices.Sort(old)
		return !slices.Equal(old, all), err
	}
	differ := false
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		differ, err = differs(tx)
		return err
	})
	if err != nil || !differ {
		return err
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		now, err := tx.LockIncident(bot.Self(), i.Number)
		if err != nil || now.Channel != i.Channel {
			return err
		}
		if err := s.newest(tx, t, i.Number, began); err != nil {
			if errors.Is(err, errHeard) {
				return nil
			}
			return err
		}
		if differ, err := differs(tx); err != nil || !differ {
			return err
		}
		return tx.SetMembers(i.Number, all)
	})
}

// errHeard is a reading that began before an event told of the same channel.
var errHeard = errors.New("an event told of it since")

// newest refuses what was read before what is known.
func (s *Slack) newest(tx bot.Tx, t *membersTurn, incident int64, began time.Time) error {
	if !s.alone {
		if turn, err := tx.Link(syncOwner, linkTurn); err != nil || turn != t.id {
			return errors.Join(err, errPassed)
		}
	}
	heard, err := tx.Link(bot.Owner(incident), linkMembers)
	if err != nil {
		return err
	}
	if us, err := strconv.ParseInt(heard, 10, 64); err == nil && us >= began.UnixMicro() {
		return errHeard
	}
	return nil
}

// member keeps that somebody came into a channel or left it. What was read of a
// private incident's channel before counts no more.
func (s *Slack) member(ctx context.Context, c bot.ChannelID, who bot.UserID, joined bool) error {
	n := int64(0)
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		i, err := tx.IncidentByChannel(bot.Self(), c)
		if err == nil && i.Private {
			n = i.Number
		}
		return err
	})
	if bot.KindOf(err) == bot.KindNotFound {
		return nil
	}
	if err != nil || n == 0 {
		return err
	}
	// Before the change, so that a reading that is saved between the two has seen it.
	err = s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		return tx.SetLink(bot.Link{Owner: bot.Owner(n), Name: linkMembers, Value: strconv.FormatInt(s.now().UnixMicro(), 10)})
	})
	if err != nil {
		return err
	}
	return s.bot.Membership(ctx, c, who, joined)
}
