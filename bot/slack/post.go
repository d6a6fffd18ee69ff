package slack

import (
	"context"
	"errors"
	"strconv"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// deliveryEvent is the type of the metadata by which a post is found again. It
// holds the job's number and nothing else: every app in the workspace reads it.
const deliveryEvent = "tocsin_delivery"

// lookBack is how far before the job was written its post is looked for, since
// clocks differ.
const lookBack = 5 * time.Minute

// options are those of every message: its blocks, the sentence that stands for
// them, nothing parsed, nothing unfurled.
func options(d drawn, thread string) []api.MsgOption {
	o := []api.MsgOption{
		api.MsgOptionText(d.text, false), api.MsgOptionBlocks(d.blocks...), api.MsgOptionParse(false),
		api.MsgOptionDisableLinkUnfurl(), api.MsgOptionDisableMediaUnfurl(),
	}
	if thread != "" {
		o = append(o, api.MsgOptionTS(thread))
	}
	return o
}

// one draws m as one message; the rest of a long one is in the timeline.
func (s *Slack) one(m bot.Message, i *bot.Incident) drawn {
	return drawOne(m, i.Number, "`"+escape(s.settings().Command)+" #"+strconv.FormatInt(i.Number, 10)+" timeline --full`")
}

// post posts d where to is: a channel, or with a ts the thread under that
// message. It does not when an earlier try of the job did. A public channel that
// the bot is not in is joined.
func (s *Slack) post(ctx context.Context, t *task, to ref, d drawn) (ref, error) {
	channel, thread := to.channel, to.ts
	if t.job.Attempt > 1 {
		ts, err := s.find(ctx, t.job, channel, thread)
		// Who may post but not read cannot look; better twice than never.
		if err != nil && !isCode(err, "missing_scope", "not_in_channel", "thread_not_found") {
			return ref{}, err
		}
		if ts != "" {
			return ref{channel, ts}, nil
		}
	}
	o := append(options(d, thread), api.MsgOptionMetadata(api.SlackMetadata{
		EventType: deliveryEvent, EventPayload: map[string]any{"id": strconv.FormatInt(t.job.ID, 10)},
	}))
	at := ref{channel: channel}
	send := func(ctx context.Context) (err error) {
		_, at.ts, err = s.api.PostMessageContext(ctx, string(channel), o...)
		return err
	}
	err := s.limited(ctx, "chat.postMessage", channel, send)
	if isCode(err, "not_in_channel") {
		if joined := s.join(ctx, channel); joined != nil {
			if e := (*callError)(nil); errors.As(joined, &e) && e.class != classPermanent {
				return ref{}, joined
			}
			return ref{}, err
		}
		err = s.call(ctx, "chat.postMessage", send)
	}
	return at, err
}

// pageSize is the most that Slack gives at a time.
const pageSize = 999

// find returns the ts of what an earlier try of j posted, or "". All its pages
// have one place under the limits: if the second had to wait, the job would
// begin with the first again, for ever.
func (s *Slack) find(ctx context.Context, j bot.Job, channel bot.ChannelID, thread string) (string, error) {
	id, cursor := strconv.FormatInt(j.ID, 10), ""
	oldest := strconv.FormatInt(j.CreatedAt.Add(-lookBack).Unix(), 10)
	method := "conversations.history"
	if thread != "" {
		method = "conversations.replies"
	}
	if err := s.allow(ctx, method, ""); err != nil {
		return "", err
	}
	for {
		var page []api.Message
		var err error
		if thread == "" {
			page, cursor, err = s.history(ctx, api.GetConversationHistoryParameters{
				ChannelID: string(channel), Oldest: oldest, Limit: pageSize, Cursor: cursor, IncludeAllMetadata: true,
			})
		} else {
			page, cursor, err = s.replies(ctx, api.GetConversationRepliesParameters{
				ChannelID: string(channel), Timestamp: thread, Oldest: oldest, Limit: pageSize, Cursor: cursor, IncludeAllMetadata: true,
			})
		}
		if err != nil {
			return "", err
		}
		for _, m := range page {
			if m.Metadata.EventType == deliveryEvent && m.Metadata.EventPayload["id"] == id {
				return m.Timestamp, nil
			}
		}
		if cursor == "" {
			return "", nil
		}
	}
}

func (s *Slack) history(ctx context.Context, q api.GetConversationHistoryParameters) (page []api.Message, next string, err error) {
	err = s.hold(ctx, "conversations.history", methodLimit("conversations.history"), func(ctx context.Context) error {
		r, err := s.api.GetConversationHistoryContext(ctx, &q)
		if err == nil {
			page, next = r.Messages, r.ResponseMetaData.NextCursor
		}
		return err
	})
	return page, next, err
}

func (s *Slack) replies(ctx context.Context, q api.GetConversationRepliesParameters) (page []api.Message, next string, err error) {
	err = s.hold(ctx, "conversations.replies", methodLimit("conversations.replies"), func(ctx context.Context) (err error) {
		page, _, next, err = s.api.GetConversationRepliesContext(ctx, &q)
		return err
	})
	return page, next, err
}

// redraw replaces a message of ours. ok is false when it is gone or can no
// longer be changed, so that another must take its place.
func (s *Slack) redraw(ctx context.Context, at ref, d drawn) (ok bool, err error) {
	err = s.limited(ctx, "chat.update", "", func(ctx context.Context) error {
		_, _, _, err := s.api.UpdateMessageContext(ctx, string(at.channel), at.ts, options(d, "")...)
		return err
	})
	if isCode(err, "message_not_found", "cant_update_message", "edit_window_closed") {
		return false, nil
	}
	return true, err
}
