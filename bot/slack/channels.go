package slack

import (
	"context"
	"errors"
	"strings"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// codeNoChannel is a configured channel that the workspace does not have.
const codeNoChannel = "no_such_channel"

// syncChannels finds the announcement channel when it is configured by name,
// and joins it when it can.
func (s *Slack) syncChannels(ctx context.Context) error {
	configured := s.settings().Announce
	if configured == "" {
		return nil
	}
	if id, _, err := s.knownChannel(ctx, channelWord(configured)); err != nil || id != "" {
		return err
	}
	ours, err := s.turn(ctx, "channels", "conversations.list")
	if err != nil || !ours {
		return err
	}
	_, err = s.channelID(ctx, configured)
	return err
}

// knownChannel returns the id of a configured channel without asking Slack. What a
// name stood for once is kept, so that a channel can be renamed; archived says that
// it has to be given up for another of the name.
func (s *Slack) knownChannel(ctx context.Context, name string) (id bot.ChannelID, archived bool, err error) {
	if isChannelID(name) {
		return bot.ChannelID(name), false, nil
	}
	var row bot.Channel
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		known, err := tx.Link(channelOwner, name)
		if err == nil && known != "" {
			row, err = tx.Channel(bot.ChannelID(known))
		}
		return err
	})
	if bot.KindOf(err) == bot.KindNotFound {
		return "", false, nil
	}
	if err != nil || row.Archived {
		return "", row.Archived, err
	}
	return row.ID, false, nil
}

// channelID returns the id of a configured channel, which may be a name.
func (s *Slack) channelID(ctx context.Context, configured string) (bot.ChannelID, error) {
	name := channelWord(configured)
	known, archived, err := s.knownChannel(ctx, name)
	if err != nil || known != "" {
		return known, err
	}
	read := s.now()
	c, err := s.findChannel(ctx, func(c api.Channel) bool { return c.Name == name && !c.IsArchived })
	if err != nil {
		return "", err
	}
	if c == nil && archived {
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
		return errors.Join(tx.SaveChannel(bot.Channel{ID: id, Name: c.Name, Private: c.IsPrivate, SyncedAt: read}),
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
		err := s.read(ctx, "conversations.list", func(ctx context.Context) (err error) {
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
