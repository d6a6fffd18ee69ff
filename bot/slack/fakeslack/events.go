package fakeslack

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultEvents are the bot events an incident bot may be subscribed to.
func DefaultEvents() []string {
	return []string{
		"app_mention", "app_home_opened", "message.channels", "message.groups", "message.im", "message.mpim",
		"reaction_added", "reaction_removed", "pin_added", "pin_removed", "member_joined_channel", "member_left_channel",
		"channel_archive", "channel_unarchive", "channel_rename", "channel_created",
	}
}

// delivery is one event on its way.
type delivery struct {
	id    string
	body  []byte
	first chan struct{} // closed after the first attempt
}

// waits are the pauses before Slack's retries.
var waits = [...]time.Duration{0, time.Minute, 5 * time.Minute}

// emit queues an event for the app if it is subscribed.
func (s *Slack) emit(kind string, event obj) {
	s.emitAs(kind, kind, event)
}

// emitIn is emit for events that only members of a conversation get.
func (s *Slack) emitIn(c *channel, kind string, event obj) {
	if c.has(botUserID) {
		s.emit(kind, event)
	}
}

func (s *Slack) emitAs(subscription, kind string, event obj) {
	if s.opt.AppURL == "" || s.closed || !slices.Contains(s.opt.Events, subscription) {
		return
	}
	event["type"] = kind
	if event["event_ts"] == nil {
		event["event_ts"] = formatTS(s.opt.Now().UnixMicro())
	}
	s.queue = append(s.queue, s.newDelivery(event))
	if !s.draining {
		s.draining = true
		s.wg.Add(1)
		go s.drain()
	}
}

func (s *Slack) newDelivery(event any) *delivery {
	d := &delivery{id: s.id("Ev"), first: make(chan struct{})}
	d.body = encode(obj{
		"token": "unused", "team_id": s.opt.TeamID, "api_app_id": appID, "event": event, "type": "event_callback",
		"event_id": d.id, "event_time": s.opt.Now().Unix(), "event_context": "4-" + d.id, "context_team_id": s.opt.TeamID,
		"context_enterprise_id": nil, "is_ext_shared_channel": false,
		"authorizations": []obj{{"enterprise_id": nil, "team_id": s.opt.TeamID, "user_id": botUserID, "is_bot": true, "is_enterprise_install": false}},
	})
	return d
}

// drain makes the first attempts in order, and ends when there is no more.
func (s *Slack) drain() {
	defer s.wg.Done()
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.closed {
			for _, d := range s.queue {
				close(d.first)
			}
			s.queue, s.draining = nil, false
			s.mu.Unlock()
			return
		}
		d := s.queue[0]
		s.mu.Unlock()
		reason, again := s.attempt(s.stop, d, 0, "")
		s.mu.Lock()
		s.queue = s.queue[1:]
		s.mu.Unlock()
		close(d.first)
		if reason != "" && again {
			s.wg.Go(func() { _ = s.retry(s.stop, d, reason) }) // nobody waits for it
		}
	}
}

var errUndelivered = errors.New("fakeslack: event not delivered")

// retry repeats a failed delivery at once, after one minute and after five.
func (s *Slack) retry(ctx context.Context, d *delivery, reason string) error {
	for n, wait := range waits {
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
		again := false
		if reason, again = s.attempt(ctx, d, n+1, reason); reason == "" {
			return nil
		}
		if !again {
			break
		}
	}
	return errUndelivered
}

// attempt sends an event once. It returns why it failed, in Slack's words, and
// whether the app lets Slack try again.
func (s *Slack) attempt(ctx context.Context, d *delivery, num int, because string) (reason string, again bool) {
	out := outgoing{path: "/slack/events", contentType: "application/json", body: d.body}
	if num > 0 {
		out.headers = map[string]string{"X-Slack-Retry-Num": strconv.Itoa(num), "X-Slack-Retry-Reason": because}
	}
	r, err := s.call(ctx, out)
	switch {
	case errors.Is(err, ErrTimeout):
		return "http_timeout", true
	case errors.Is(err, errTooManyRedirects):
		return "too_many_redirects", true
	case err != nil:
		return "connection_failed", true
	case r.status < 200 || r.status > 299:
		return "http_error", r.header.Get("X-Slack-No-Retry") != "1"
	}
	return "", false
}

// SendEvent delivers any event, which must have a type, with Slack's retries,
// and returns when the app took it or Slack gave up.
func (s *Slack) SendEvent(ctx context.Context, event any) error {
	s.mu.Lock()
	d := s.newDelivery(event)
	s.mu.Unlock()
	reason, again := s.attempt(ctx, d, 0, "")
	switch {
	case reason == "":
		return nil
	case !again:
		return errUndelivered
	}
	return s.retry(ctx, d, reason)
}

// Settle waits until every event so far has been offered to the app once.
func (s *Slack) Settle(ctx context.Context) error {
	for {
		s.mu.Lock()
		var last *delivery
		if n := len(s.queue); n > 0 {
			last = s.queue[n-1]
		}
		s.mu.Unlock()
		if last == nil {
			return nil
		}
		select {
		case <-last.first:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Slack) subscription(c *channel) string {
	return "message." + map[string]string{"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}[c.kind()]
}

// emitMessage tells of a message, and of the mention in it.
func (s *Slack) emitMessage(c *channel, m *message) {
	if !c.has(botUserID) {
		return
	}
	e := s.messageJSON(c, m, true)
	e["channel"], e["channel_type"], e["event_ts"] = c.id, c.kind(), m.ts
	s.emitAs(s.subscription(c), "message", e)
	if !c.im && m.user != botUserID && m.subtype == "" && strings.Contains(m.text, "<@"+botUserID) {
		mention := s.messageJSON(c, m, true)
		mention["channel"], mention["event_ts"] = c.id, m.ts
		s.emitAs("app_mention", "app_mention", mention)
	}
}

func (s *Slack) emitChanged(c *channel, m *message, previous obj) {
	if c.has(botUserID) {
		s.emitAs(s.subscription(c), "message", obj{
			"subtype": "message_changed", "hidden": true, "channel": c.id, "channel_type": c.kind(), "ts": s.nextTS(),
			"message": s.messageJSON(c, m, true), "previous_message": previous,
		})
	}
}

func (s *Slack) emitDeleted(c *channel, ts string, previous obj) {
	if c.has(botUserID) {
		s.emitAs(s.subscription(c), "message", obj{
			"subtype": "message_deleted", "hidden": true, "channel": c.id, "channel_type": c.kind(), "ts": s.nextTS(),
			"deleted_ts": ts, "previous_message": previous,
		})
	}
}

func (s *Slack) emitReaction(kind string, c *channel, m *message, e obj) {
	e["item"] = obj{"type": "message", "channel": c.id, "ts": m.ts}
	e["item_user"] = m.user
	s.emitIn(c, kind, e)
}

func (s *Slack) emitPin(kind string, c *channel, m *message, user string) {
	s.emitIn(c, kind, obj{
		"user": user, "channel_id": c.id, "item": s.pinItem(c, m, user, s.opt.Now().Unix()),
		"item_user": m.user, "pin_count": len(c.pins), "has_pins": len(c.pins) > 0,
	})
}
