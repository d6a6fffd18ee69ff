package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// invite brings people into the channel. Nobody who cannot come keeps the
// others away; who could not is named in the channel.
func (s *Slack) invite(ctx context.Context, t *task) error {
	if t.i.Channel == "" {
		return nil // see attach
	}
	people, err := s.toInvite(ctx, t)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return nil
	}
	if err := s.allow(ctx, "conversations.invite", ""); err != nil {
		return err
	}
	refused := map[bot.UserID]string{}
	// Slack takes a hundred at a time by the stricter reading of its reference.
	for some := range slices.Chunk(people, 100) {
		if err := s.inviteSome(ctx, t.i.Channel, some, refused); err != nil {
			return err
		}
	}
	came := slices.DeleteFunc(people, func(id bot.UserID) bool { return refused[id] != "" })
	if t.i.Private {
		for _, id := range came {
			if err := s.member(ctx, t.i.Channel, id, true); err != nil {
				return err
			}
		}
	}
	if len(refused) == 0 {
		return nil
	}
	j := s.job("refused", t.i.Number, work{Refused: refused})
	j.Dedup = fmt.Sprintf("slack:refused:%d:%v", t.i.Number, refused) // maps print in order
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.enqueue(tx, j) })
}

func (s *Slack) toInvite(ctx context.Context, t *task) ([]bot.UserID, error) {
	people := invitees(t.e, t.i)
	if t.i.Private && t.e.Kind == bot.EventDeclared {
		err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
			people = invitees(t.e, t.i)
			for _, id := range s.settings().PrivateInvite {
				g, err := tx.Group(id)
				if err != nil && bot.KindOf(err) != bot.KindNotFound {
					return err
				}
				people = append(people, g.Members...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	_, me := s.us()
	slices.Sort(people)
	return slices.DeleteFunc(slices.Compact(people), func(id bot.UserID) bool { return id == "" || id == me }), nil
}

// inviteSome invites people together. Slack then refuses all for the sake of
// one and says who it was, so those are left out and the others asked again; if
// it does not say, each is asked alone.
func (s *Slack) inviteSome(ctx context.Context, c bot.ChannelID, people []bot.UserID, refused map[bot.UserID]string) error {
	if len(people) == 0 {
		return nil
	}
	err := s.inviteCall(ctx, c, people)
	var e *callError
	if !errors.As(err, &e) || e.class != classPermanent || !aboutPeople(e.code) {
		return err
	}
	bad := map[bot.UserID]string{}
	var said api.SlackErrorResponse
	if errors.As(e.err, &said) {
		for _, one := range said.Errors {
			if u := one.ConversationsInviteResponseError; u != nil && !u.Ok {
				bad[bot.UserID(u.User)] = u.Error
			}
		}
	}
	if len(people) == 1 && len(bad) == 0 {
		bad[people[0]] = e.code
	}
	var rest []bot.UserID
	for _, id := range people {
		switch code := bad[id]; code {
		case "":
			rest = append(rest, id)
		case "already_in_channel", "cant_invite_self":
		default:
			refused[id] = code
		}
	}
	if len(rest) < len(people) {
		return s.inviteSome(ctx, c, rest, refused)
	}
	for _, id := range rest {
		if err := s.inviteSome(ctx, c, []bot.UserID{id}, refused); err != nil {
			return err
		}
	}
	return nil
}

func (s *Slack) inviteCall(ctx context.Context, c bot.ChannelID, people []bot.UserID) error {
	ids := make([]string, len(people))
	for k, id := range people {
		ids[k] = string(id)
	}
	return s.hold(ctx, "conversations.invite", methodLimit("conversations.invite"), func(ctx context.Context) error {
		_, err := s.api.InviteUsersToConversationContext(ctx, string(c), ids...)
		return err
	})
}

// aboutPeople reports whether an invitation failed for the people's sake and
// not for the channel's or the app's.
func aboutPeople(code string) bool {
	switch code {
	case "channel_not_found", "is_archived", "not_in_channel", "missing_scope", "restricted_action", "method_not_supported_for_channel_type":
		return false
	}
	return true
}
