package fakeslack

import (
	"encoding/json"
	"slices"
	"sort"
	"unicode/utf8"
)

// A Message is what a test sees of a message: a copy.
type Message struct {
	Channel, TS string
	// ThreadTS is the parent's TS, also on the parent once it has replies.
	ThreadTS string
	// User is who posted it, the bot's user for the app. Subtype is empty for
	// what people and apps say; channel_join, channel_topic and so on are
	// Slack's own lines.
	User, BotID, Subtype string
	Text                 string
	Blocks, Attachments  json.RawMessage
	Metadata             json.RawMessage
	// EphemeralTo is the one person who sees it.
	EphemeralTo string
	// Edited is Slack's "(edited)" mark. Past holds every earlier version, also
	// of updates that leave no mark.
	Edited    bool
	Past      []Version
	Reactions []Reaction
	Replies   int
	Pinned    bool
	Broadcast bool
	Files     []string
}

// A Version is what a message was before an update.
type Version struct {
	Text   string
	Blocks json.RawMessage
}

// A Reaction is one emoji and the people who gave it, in order.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

type message struct {
	ts, threadTS, user    string
	bot                   bool
	subtype, text         string
	blocks, attachments   json.RawMessage
	metadata              json.RawMessage
	username, ephemeralTo string
	edited                string // ts of the edit, when it shows
	past                  []Version
	reactions             []Reaction
	broadcast             bool
	files                 []string
	extra                 obj
}

// Messages returns a conversation's messages in order of time, ephemeral ones
// and replies among them.
func (s *Slack) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.findChannel(channel)
	if c == nil {
		return nil
	}
	out := make([]Message, 0, len(c.msgs))
	for _, m := range c.msgs {
		out = append(out, c.export(m))
	}
	return out
}

// Message returns one message.
func (s *Slack) Message(channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.findChannel(channel); c != nil {
		if m := c.find(ts); m != nil {
			return c.export(m), true
		}
	}
	return Message{}, false
}

func (c *channel) export(m *message) Message {
	out := Message{
		Channel: c.id, TS: m.ts, ThreadTS: m.threadTS, User: m.user, Subtype: m.subtype, Text: m.text,
		Blocks: m.blocks, Attachments: m.attachments, Metadata: m.metadata, EphemeralTo: m.ephemeralTo,
		Edited: m.edited != "", Past: slices.Clone(m.past), Broadcast: m.broadcast, Files: slices.Clone(m.files),
		Pinned: c.pinned(m.ts), Replies: len(c.replies(m.ts)),
	}
	if m.bot {
		out.BotID = botID
	}
	for _, r := range m.reactions {
		r.Users = slices.Clone(r.Users)
		out.Reactions = append(out.Reactions, r)
	}
	return out
}

func (c *channel) find(ts string) *message {
	i := sort.Search(len(c.msgs), func(i int) bool { return !before(c.msgs[i].ts, ts) })
	if i < len(c.msgs) && c.msgs[i].ts == ts {
		return c.msgs[i]
	}
	return nil
}

func before(a, b string) bool {
	x, _ := parseTS(a)
	y, _ := parseTS(b)
	return x < y
}

// lasting finds a message that is not ephemeral, which is all the API knows.
func (c *channel) lasting(ts string) *message {
	if m := c.find(ts); m != nil && m.ephemeralTo == "" {
		return m
	}
	return nil
}

func (c *channel) replies(ts string) []*message {
	var out []*message
	for _, m := range c.msgs {
		if m.threadTS == ts && m.ts != ts && m.ephemeralTo == "" {
			out = append(out, m)
		}
	}
	return out
}

func (c *channel) pinned(ts string) bool {
	return slices.ContainsFunc(c.pins, func(p pin) bool { return p.ts == ts })
}

// drop removes a message and what hangs on it.
func (c *channel) drop(ts string) {
	c.msgs = slices.DeleteFunc(c.msgs, func(m *message) bool { return m.ts == ts })
	c.pins = slices.DeleteFunc(c.pins, func(p pin) bool { return p.ts == ts })
}

// post appends a message, marks its thread and tells the app.
func (s *Slack) post(c *channel, m *message) *message {
	m.ts = s.nextTS()
	c.msgs = append(c.msgs, m)
	if parent := c.find(m.threadTS); parent != nil && m.ephemeralTo == "" && parent.threadTS == "" {
		parent.threadTS = parent.ts
	}
	if m.user != "" {
		c.markRead(m.user, m.ts)
	}
	if m.ephemeralTo == "" {
		s.emitMessage(c, m)
	}
	s.changed()
	return m
}

func (c *channel) markRead(user, ts string) {
	if at, ok := parseTS(ts); ok && at > c.read[user] {
		c.read[user] = at
	}
}

// system posts one of Slack's own lines, such as "set the channel topic".
func (s *Slack) system(c *channel, m message) {
	if c.private && len(m.subtype) > 8 && m.subtype[:8] == "channel_" {
		m.subtype = "group_" + m.subtype[8:]
	}
	s.post(c, &m)
}

// messageJSON is a message as history returns it.
func (s *Slack) messageJSON(c *channel, m *message, allMetadata bool) obj {
	o := obj{"type": "message", "user": m.user, "text": m.text, "ts": m.ts, "team": s.opt.TeamID}
	for k, v := range m.extra {
		o[k] = v
	}
	setIf(o, "subtype", m.subtype)
	setIf(o, "thread_ts", m.threadTS)
	setIf(o, "username", m.username)
	if m.bot {
		o["bot_id"], o["app_id"] = botID, appID
		o["bot_profile"] = obj{"id": botID, "app_id": appID, "name": s.opt.BotName, "deleted": false, "team_id": s.opt.TeamID, "icons": obj{}, "updated": 1}
	}
	if m.blocks != nil {
		o["blocks"] = m.blocks
	}
	if m.attachments != nil {
		o["attachments"] = m.attachments
	}
	if m.edited != "" {
		o["edited"] = obj{"user": m.user, "ts": m.edited}
	}
	if m.metadata != nil {
		o["metadata"] = shortMetadata(m.metadata, allMetadata)
	}
	if len(m.reactions) > 0 {
		o["reactions"] = m.reactions
	}
	if c.pinned(m.ts) {
		o["pinned_to"] = []string{c.id}
	}
	for _, id := range m.files {
		list, _ := o["files"].([]obj)
		o["files"] = append(list, s.fileJSON(s.files[id]))
	}
	s.threadJSON(c, m, o)
	return o
}

func (s *Slack) threadJSON(c *channel, m *message, o obj) {
	if m.threadTS == "" {
		return
	}
	if m.threadTS != m.ts {
		if parent := c.find(m.threadTS); parent != nil {
			o["parent_user_id"] = parent.user
		}
		return
	}
	replies := c.replies(m.ts)
	if len(replies) == 0 {
		return
	}
	var users []string
	for _, r := range replies {
		if !slices.Contains(users, r.user) {
			users = append(users, r.user)
		}
	}
	o["reply_count"], o["reply_users"], o["reply_users_count"] = len(replies), users, len(users)
	o["latest_reply"], o["is_locked"], o["subscribed"] = replies[len(replies)-1].ts, false, false
}

// shortMetadata leaves only the event type, as Slack does unless asked.
func shortMetadata(raw json.RawMessage, all bool) any {
	if all {
		return raw
	}
	var md struct {
		EventType string `json:"event_type"`
	}
	_ = json.Unmarshal(raw, &md) // it was checked when it came in
	return obj{"event_type": md.EventType}
}

func (s *Slack) permalink(c *channel, m *message) string {
	micros, _ := parseTS(m.ts)
	link := s.opt.PublicURL + "/archives/" + c.id + "/p" + jsonText(micros)
	if m.threadTS != "" && m.threadTS != m.ts {
		link += "?thread_ts=" + m.threadTS + "&cid=" + c.id
	}
	return link
}

// cut shortens by code points, as Slack counts.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}

func setIf(o obj, key, value string) {
	if value != "" {
		o[key] = value
	}
}
