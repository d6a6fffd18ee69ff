package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// codeNoChannel is a configured channel that the workspace does not have.
const codeNoChannel = "no_such_channel"

// syncChannels finds the announcement channel when it is configured by name,
// and joins it when it can.
func (s *Slack) syncChannels(ctx context.Context) error {
	if s.settings().Announce == "" {
		return nil
	}
	_, err := s.channelID(ctx, s.settings().Announce)
	return err
}

// channelID returns the id of a configured channel, which may be a name. What a
// name stood for once is kept, so that a channel can be renamed; one that was
// archived is given up for another of the name.
func (s *Slack) channelID(ctx context.Context, configured string) (bot.ChannelID, error) {
	name := channelWord(configured)
	if isChannelID(name) {
		return bot.ChannelID(name), nil
	}
	var row bot.Channel
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		known, err := tx.Link(channelOwner, name)
		if err == nil && known != "" {
			row, err = tx.Channel(bot.ChannelID(known))
		}
		return err
	})
	if err == nil && row.ID != "" && !row.Archived {
		return row.ID, nil
	}
	if err != nil && bot.KindOf(err) != bot.KindNotFound {
		return "", err
	}
	c, err := s.findChannel(ctx, func(c api.Channel) bool { return c.Name == name && !c.IsArchived })
	if err != nil {
		return "", err
	}
	if c == nil && row.Archived {
		return "", &callError{method: "announce", code: "is_archived", class: classPermanent, err: errors.New(name + " is archived")}
	}
	if c == nil {
		return "", &callError{method: "announce", code: codeNoChannel, class: classPermanent, err: errors.New("there is no channel called " + name)}
	}
	id := bot.ChannelID(c.ID)
	if !c.IsMember && !c.IsPrivate {
		if err := s.join(ctx, id); err != nil {
			s.log.WarnContext(ctx, "the announcement channel could not be joined", "channel", name, "error", err)
		}
	}
	return id, s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		return errors.Join(tx.SaveChannel(bot.Channel{ID: id, Name: c.Name, Private: c.IsPrivate, SyncedAt: s.now()}),
			tx.SetLink(bot.Link{Owner: channelOwner, Name: name, Value: c.ID}))
	})
}

// channelOwner owns the links from configured names to channels.
const channelOwner = "slack:channels"

// channelWord is a configured channel without its #: an id or a name.
func channelWord(configured string) string {
	return strings.TrimPrefix(strings.TrimSpace(configured), "#")
}

func isChannelID(s string) bool {
	return len(s) > 8 && (s[0] == 'C' || s[0] == 'G') && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func (s *Slack) join(ctx context.Context, c bot.ChannelID) error {
	return s.call(ctx, "conversations.join", func(ctx context.Context) error {
		_, _, _, err := s.api.JoinConversationContext(ctx, string(c))
		return err
	})
}

// findChannel goes through the channels that the app can see until one is
// wanted; nil: none is. Pages may be short, or empty, before the last.
func (s *Slack) findChannel(ctx context.Context, want func(api.Channel) bool) (*api.Channel, error) {
	q := &api.GetConversationsParameters{Limit: pageSize, Types: []string{"public_channel", "private_channel"}}
	for {
		var page []api.Channel
		err := s.call(ctx, "conversations.list", func(ctx context.Context) (err error) {
			page, q.Cursor, err = s.api.GetConversationsContext(ctx, q)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if want(c) {
				return &c, nil
			}
		}
		if q.Cursor == "" {
			return nil, nil
		}
	}
}

// endedAtATime is how many channels of ended incidents are read in one round.
const endedAtATime = 20

// syncMembers reads who is in the channels of private incidents, for what no
// event told: of all open ones and of some ended ones, from the newest to the
// oldest and then anew. It returns before which ended one the next round goes on.
func (s *Slack) syncMembers(ctx context.Context, before int64) (next int64, err error) {
	var open, ended []*bot.Incident
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		if open, err = tx.Incidents(bot.Self(), bot.IncidentFilter{Open: true, Limit: 500}); err != nil {
			return err
		}
		ended, err = tx.Incidents(bot.Self(), bot.IncidentFilter{Before: before, Limit: 500})
		return err
	})
	if err != nil {
		return before, err
	}
	list := slices.DeleteFunc(open, func(i *bot.Incident) bool { return !i.Private || i.Channel == "" })
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
	// One bad channel must not hide the others.
	var errs []error
	for _, i := range list {
		err := s.syncChannelMembers(ctx, i.Channel)
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

func (s *Slack) syncChannelMembers(ctx context.Context, c bot.ChannelID) error {
	q := &api.GetUsersInConversationParameters{ChannelID: string(c), Limit: 200}
	var all []bot.UserID
	for {
		var page []string
		err := s.call(ctx, "conversations.members", func(ctx context.Context) (err error) {
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
			return s.bot.Members(ctx, c, all)
		}
	}
}
