package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// replyLink answers the declare with the channel, where it was typed.
func (s *Slack) replyLink(ctx context.Context, t *task) error {
	to := t.links[bot.LinkReply]
	if to == "" || !s.fresh(t.i.DeclaredAt) {
		return nil
	}
	if t.i.Channel == "" {
		return nil // which was told
	}
	m := bot.Say(t.i.Tag(), " has its channel: ", bot.MentionChannel(t.i.Channel)).Message
	err := s.hook(ctx, to, draw(m, t.i.Number)[0])
	var e *callError
	if errors.As(err, &e) && e.class == classPermanent {
		s.log.InfoContext(ctx, "the declarer was not sent the channel", "incident", t.i.Number, "error", err)
		err = nil // the URL is used up; the channel is in their list
	}
	if err != nil {
		return err
	}
	return s.keep(ctx, t, bot.LinkReply, "") // it is a secret, and was used
}

// hook posts to a response URL for a job: one try, since the job has its own.
func (s *Slack) hook(ctx context.Context, to string, d drawn) error {
	return s.call(ctx, hookMethod, func(ctx context.Context) error { return s.postOnce(ctx, to, s.response(d)) })
}

// step says in words what a method was to do.
func step(method string) string {
	switch method {
	case "conversations.create":
		return "making the channel"
	case "conversations.invite":
		return "inviting people"
	case "conversations.open":
		return "sending a direct message"
	case "conversations.setTopic":
		return "setting the topic"
	case "pins.add":
		return "pinning the card"
	case "chat.postMessage":
		return "posting a message"
	case "chat.update":
		return "changing a message"
	case "announce":
		return "announcing it"
	}
	return method
}

// tell says once, to one person, what will not happen and what to do: in answer
// to the declare as long as that has none, else in a DM to the commander, else
// to the declarer.
func (s *Slack) tell(ctx context.Context, t *task) error {
	fault := &callError{method: t.w.Call, code: t.w.Code, needed: t.w.Needed}
	if t.job.Attempt == 1 {
		s.log.WarnContext(ctx, "slack refused", "incident", t.i.Number, "step", step(t.w.Call), "code", t.w.Code, "fix", advice(fault))
	}
	to := bot.Text("")
	if t.w.User != "" {
		to = bot.Join(" to ", bot.MentionUser(t.w.User))
	}
	m := bot.Say(t.i.Tag(), " is recorded, but ", bot.Plain(step(t.w.Call)), to, " failed: ", bot.Code(strings.TrimSpace(t.w.Code+" "+t.w.Needed)), ".").With(
		bot.Para(bot.Plain(advice(fault))),
		bot.Buttons(bot.Button{Label: fmt.Sprintf("Show #%d", t.i.Number), Line: fmt.Sprintf("show #%d", t.i.Number)}),
	).Message
	d := draw(m, t.i.Number)[0]
	if to := t.links[bot.LinkReply]; to != "" && s.fresh(t.i.DeclaredAt) {
		err := s.hook(ctx, to, d)
		var e *callError
		if err == nil || errors.As(err, &e) && e.class != classPermanent {
			return err
		}
	}
	who := t.i.Roles[bot.Commander]
	if who == "" {
		who = t.i.DeclaredBy
	}
	if who == "" {
		s.log.WarnContext(ctx, "a delivery failed and there is nobody to tell", "incident", t.i.Number, "call", t.w.Call, "code", t.w.Code)
		return nil
	}
	return s.direct(ctx, t, who, d)
}

// behalf tells somebody what was done in their name with the API's root token,
// which anybody who runs the install may hold.
func (s *Slack) behalf(ctx context.Context, t *task) error {
	if t.e.Actor == "" {
		return nil
	}
	head, _ := headline(s.settings(), t.e)
	what := bot.Join(t.i.Tag(), ": ", head)
	m := bot.Say("With the root token of the API this was done in your name. If it was not you, tell whoever runs Tocsin.").With(bot.Quote(what)).Message
	if t.e.Text != "" && !t.e.Redacted {
		m.Blocks = append(m.Blocks, bot.Quote(t.e.Text.OneLine(600)))
	}
	m.Summary = bot.Join("Done in your name with the API's root token: ", what, ".")
	return s.direct(ctx, t, t.e.Actor, draw(m, t.i.Number)[0])
}

// direct sends a DM.
func (s *Slack) direct(ctx context.Context, t *task, who bot.UserID, d drawn) error {
	_, err := s.directAt(ctx, t, who, d)
	return err
}

// directAt sends a DM that is to be changed later.
func (s *Slack) directAt(ctx context.Context, t *task, who bot.UserID, d drawn) (ref, error) {
	c, err := s.conversation(ctx, who)
	if err != nil {
		return ref{}, err
	}
	return s.post(ctx, t, ref{channel: c}, d)
}

// conversation is where somebody's direct messages are.
func (s *Slack) conversation(ctx context.Context, who bot.UserID) (bot.ChannelID, error) {
	var c *api.Channel
	err := s.limited(ctx, "conversations.open", "", func(ctx context.Context) (err error) {
		c, _, _, err = s.api.OpenConversationContext(ctx, &api.OpenConversationParameters{Users: []string{string(who)}})
		return err
	})
	if err != nil {
		return "", err
	}
	return bot.ChannelID(c.ID), nil
}

// tellRefused names in the channel who could not be invited, and why.
func (s *Slack) tellRefused(ctx context.Context, t *task) error {
	m := bot.Message{Summary: bot.Plain(fmt.Sprintf("#%d: not everybody could be invited.", t.i.Number)), Blocks: []bot.Block{bot.Para("Not everybody could be invited:")}}
	for _, id := range sortedKeys(t.w.Refused) {
		code := t.w.Refused[id]
		m.Blocks = append(m.Blocks, bot.Para(bot.MentionUser(id), ": ", bot.Code(code), ". ", bot.Plain(inviteAdvice(code))))
	}
	if err := s.ensureChannel(ctx, t); err != nil {
		return err
	}
	_, err := s.post(ctx, t, ref{channel: t.i.Channel}, s.one(m, t.i))
	return err
}

func inviteAdvice(code string) string {
	switch code {
	case "user_is_restricted", "ura_max_channels":
		return "This is a guest; an administrator can add them to the channel."
	case "user_team_not_in_channel", "no_external_invite_permission", "org_user_not_in_team":
		return "They are of another organisation; share the channel with it."
	}
	return advice(&callError{code: code})
}
