package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// names is how many names are tried for a channel.
const names = 9

// ensureChannel makes the incident's channel unless it has one. Every post asks
// for it, so that a channel that could not be made at the declare is made as
// soon as Slack lets it.
func (s *Slack) ensureChannel(ctx context.Context, t *task) error {
	if t.i.Channel != "" {
		return nil
	}
	var first bot.Event // the name follows from the declare, whatever changed since
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		first, err = tx.Event(bot.Self(), t.i.Number, 1)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.allow(ctx, "conversations.create", ""); err != nil {
		return err
	}
	c, err := s.create(ctx, t.i, first)
	if err != nil {
		return err
	}
	t.i.Channel, t.i.ChannelName = bot.ChannelID(c.ID), c.Name
	return s.attach(ctx, t, c)
}

func (s *Slack) create(ctx context.Context, i *bot.Incident, first bot.Event) (*api.Channel, error) {
	var err error
	for suffix := 1; suffix <= names; suffix++ {
		name := channelName(s.settings(), first, suffix)
		var c *api.Channel
		err = s.hold(ctx, "conversations.create", methodLimit("conversations.create"), func(ctx context.Context) (err error) {
			c, err = s.api.CreateConversationContext(ctx, api.CreateConversationParams{ChannelName: name, IsPrivate: i.Private})
			return err
		})
		if err == nil {
			return c, nil
		}
		if !isCode(err, "name_taken") {
			return nil, err
		}
		if c, err := s.adopt(ctx, i, name); c != nil || err != nil {
			return c, err
		}
	}
	return nil, err
}

// adopt returns the channel called name if an earlier try has made it for i:
// this bot is its creator, it is not older than the declare, of the right kind,
// not given up before, and no incident has it. Any other channel stays whose it is.
func (s *Slack) adopt(ctx context.Context, i *bot.Incident, name string) (*api.Channel, error) {
	_, me := s.us()
	if me == "" {
		if err := s.contact(ctx); err != nil {
			return nil, err
		}
		_, me = s.us()
	}
	c, err := s.findChannel(ctx, func(c api.Channel) bool { return c.Name == name })
	if err != nil || c == nil {
		return nil, err
	}
	old := c.Created.Time().Before(i.DeclaredAt.Add(-lookBack))
	if c.Creator != string(me) || old || c.IsArchived || c.IsPrivate != i.Private {
		return nil, nil
	}
	gone := ""
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		if gone, err = tx.Link(bot.Owner(i.Number), linkGone); err != nil {
			return err
		}
		_, err = tx.IncidentByChannel(bot.Self(), bot.ChannelID(c.ID))
		return err
	})
	if bot.KindOf(err) == bot.KindNotFound {
		if gone == c.ID {
			return nil, nil
		}
		return c, nil
	}
	return nil, err
}

// attach keeps the channel, shows it in the announcement, and asks for what a
// late channel lacks: its card, its people and its topic, whose own jobs had
// nothing to do without it, and the rollbacks and action items that the one before it showed.
func (s *Slack) attach(ctx context.Context, t *task, c *api.Channel) error {
	id, n := bot.ChannelID(c.ID), t.i.Number
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		row := bot.Channel{ID: id, Name: c.Name, Private: t.i.Private, SyncedAt: s.now()}
		if err := errors.Join(tx.SaveChannel(row), tx.SetChannel(n, id, c.Name)); err != nil {
			return err
		}
		jobs := []bot.Job{s.job("topic", n, work{})}
		if s.announced(t.i) {
			jobs = append(jobs, s.job("reannounce", n, work{}))
		}
		if t.job.Kind != "channel" {
			jobs = append(jobs, s.job("first", n, work{}), s.job("pin", n, work{}), s.job("invite", n, work{Seq: 1}))
			items, err := s.openItems(tx, n)
			if err != nil {
				return err
			}
			jobs = append(append(jobs, s.liveRollbacks(t.i)...), items...)
		}
		return s.enqueue(tx, jobs...)
	})
}

// setTopic mirrors the severity, the status and the commander over the channel.
// Slack writes a line into the channel each time, so the same is not set twice.
func (s *Slack) setTopic(ctx context.Context, t *task) error {
	if t.i.Channel == "" {
		return nil // see attach
	}
	commander := ""
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		id := t.i.Roles[bot.Commander]
		if id == "" {
			return nil
		}
		p, err := tx.Person(id)
		if bot.KindOf(err) == bot.KindNotFound {
			err = nil
		}
		commander = orElse(strings.TrimSpace(p.Name), orElse(p.Handle, string(id)))
		return err
	})
	if err != nil {
		return err
	}
	text := topic(s.settings(), t.i, commander)
	sum := sha256.Sum256([]byte(text))
	digest := string(t.i.Channel) + "/" + hex.EncodeToString(sum[:8])
	if t.links[linkTopic] == digest {
		return nil
	}
	err = s.limited(ctx, "conversations.setTopic", "", func(ctx context.Context) error {
		_, err := s.api.SetTopicOfConversationContext(ctx, string(t.i.Channel), text)
		return err
	})
	if err != nil {
		return err
	}
	return s.keep(ctx, t, linkTopic, digest)
}

// fresh reports whether a response URL given at t still works: Slack takes them
// for thirty minutes.
func (s *Slack) fresh(t time.Time) bool { return s.now().Sub(t) < 29*time.Minute }
