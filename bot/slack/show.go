package slack

import (
	"context"
	"errors"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// first posts the card.
func (s *Slack) first(ctx context.Context, t *task) error {
	if t.i.Channel == "" {
		return nil // see attach
	}
	if err := s.place(ctx, t, s.cardSpot(t), s.drawCard(t)); err != nil {
		return err
	}
	return s.catchUp(ctx, t, "card")
}

// card redraws the card. One that is not there yet will be drawn with all that
// is known by then.
func (s *Slack) card(ctx context.Context, t *task) error {
	if t.i.Channel == "" || t.links[linkCard] == "" {
		return nil
	}
	return s.place(ctx, t, s.cardSpot(t), s.drawCard(t))
}

func (s *Slack) cardSpot(t *task) spot { return spot{linkCard, t.i.Channel} }

func (s *Slack) drawCard(t *task) drawn {
	return s.one(s.settings().Card(t.i, s.now()), t.i)
}

// catchUp asks for another drawing when the incident changed while its first one
// was posted: the redrawing of that change may have run before there was
// anything to redraw. What an earlier try posted may be older still.
func (s *Slack) catchUp(ctx context.Context, t *task, kind string) error {
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		now, err := tx.Incident(bot.Self(), t.i.Number)
		if err != nil || t.job.Attempt == 1 && now.Head.Seq == t.i.Head.Seq && now.Channel == t.i.Channel {
			return err
		}
		return s.enqueue(tx, s.job(kind, t.i.Number, work{}))
	})
}

// spot is where one message of an incident is kept up to date: the link that
// remembers it, and its channel.
type spot struct {
	link    string
	channel bot.ChannelID
}

// place keeps one message up to date: it is posted once, kept as a link, and
// changed in place afterwards. When it was deleted another is posted.
func (s *Slack) place(ctx context.Context, t *task, at spot, d drawn) error {
	if old, ok := parseRef(t.links[at.link]); ok && old.channel == at.channel {
		if done, err := s.redraw(ctx, old, d); done || err != nil {
			return err
		}
	}
	posted, err := s.post(ctx, t, ref{channel: at.channel}, d)
	if err != nil {
		return err
	}
	return s.keep(ctx, t, at.link, posted.String())
}

// pin pins the card.
func (s *Slack) pin(ctx context.Context, t *task) error {
	at, ok := parseRef(t.links[linkCard])
	if !ok || at.channel != t.i.Channel {
		return nil // the card's own job says why
	}
	err := s.limited(ctx, "pins.add", "", func(ctx context.Context) error {
		return s.api.AddPinContext(ctx, string(at.channel), api.NewRefToMessage(string(at.channel), at.ts))
	})
	if isCode(err, "already_pinned") {
		return nil
	}
	return err
}

// postEvent posts what an entry says, if it is for the channel to see.
func (s *Slack) postEvent(ctx context.Context, t *task) error {
	if err := s.ensureChannel(ctx, t); err != nil {
		return err
	}
	at, err := s.post(ctx, t, ref{channel: t.i.Channel}, s.drawPost(t))
	if err != nil {
		return err
	}
	return s.keep(ctx, t, postLink(t.e.Seq), at.String())
}

func (s *Slack) drawPost(t *task) drawn {
	return s.one(s.postMessage(t), t.i)
}

func (s *Slack) postMessage(t *task) bot.Message {
	if t.f != nil {
		return s.settings().FollowUpNotice(t.f, t.e)
	}
	if m := t.e.Data.Task; m != nil {
		if now := t.i.Task(m.Number); now != nil {
			return now.TaskCard(t.i.Number, t.e)
		}
	}
	if t.e.Data.Reminder != nil {
		return givenReminder(t.e)
	}
	return addressed(content(s.settings(), t.i, t.e), t)
}

// repost draws the post of an entry again, whose text was redacted or which says
// how something stands. The text of a rollback or of an action item is on its own
// message, too.
func (s *Slack) repost(ctx context.Context, t *task) error {
	if t.f != nil {
		err := s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.enqueue(tx, s.itemJob(t.i.Number, t.f.Number)) })
		if err != nil {
			return err
		}
	}
	if t.r != nil {
		err := s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.enqueue(tx, s.progressJob(t.i.Number, t.r.ID)) })
		if err != nil {
			return err
		}
	}
	at, ok := parseRef(t.links[postLink(t.e.Seq)])
	if !ok || at.channel != t.i.Channel {
		return nil // never posted, in which case it will be without the text, or in a channel that was deleted
	}
	_, err := s.redraw(ctx, at, s.drawPost(t))
	return err
}

// announce posts the announcement.
func (s *Slack) announce(ctx context.Context, t *task) error {
	if !s.announced(t.i) {
		return nil // it became private meanwhile
	}
	if err := s.placeAnnouncement(ctx, t); err != nil {
		return err
	}
	return s.catchUp(ctx, t, "reannounce")
}

// reannounce redraws the announcement, if it is there yet.
func (s *Slack) reannounce(ctx context.Context, t *task) error {
	if !s.announced(t.i) || t.links[linkAnnounce] == "" {
		return nil
	}
	return s.placeAnnouncement(ctx, t)
}

func (s *Slack) placeAnnouncement(ctx context.Context, t *task) error {
	configured, err := s.channelID(ctx, s.settings().Announce)
	if err != nil {
		return err
	}
	channel := configured
	if at, ok := parseRef(t.links[linkAnnounce]); ok {
		channel = at.channel // it stays where it is when the configuration changes
	}
	err = s.place(ctx, t, spot{linkAnnounce, channel}, s.one(s.settings().Announcement(t.i), t.i))
	if channel != configured && channelShut(err) {
		return nil // nobody announces there any more
	}
	return err
}

// thread tells under the announcement what its edit would tell nobody.
func (s *Slack) thread(ctx context.Context, t *task) error {
	at, ok := parseRef(t.links[linkAnnounce])
	if !ok || !s.announced(t.i) {
		return nil
	}
	if t.e.Kind == bot.EventSeverity {
		worse, err := s.wasRaised(ctx, t)
		if err != nil || !worse {
			return err
		}
	}
	_, err := s.post(ctx, t, at, s.one(brief(s.settings(), t.i, t.e), t.i))
	if isCode(err, "thread_not_found", "message_not_found") {
		return nil // the announcement was deleted, and with it its thread
	}
	if channelShut(err) {
		configured, unknown := s.channelID(ctx, s.settings().Announce)
		if unknown != nil || configured == at.channel {
			return errors.Join(err, unknown)
		}
		return nil // nobody announces there any more, and it must hold up nothing
	}
	return err
}

func (s *Slack) wasRaised(ctx context.Context, t *task) (bool, error) {
	var list []bot.Event
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		list, err = tx.Events(bot.Self(), t.i.Number, bot.EventFilter{Kinds: []bot.EventKind{bot.EventDeclared, bot.EventSeverity}})
		return err
	})
	var so []string
	for _, e := range list {
		if e.Seq <= t.e.Seq {
			so = append(so, e.Data.Severity)
		}
	}
	return raised(s.settings(), so), err
}
