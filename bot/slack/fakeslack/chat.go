package fakeslack

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

func chatMethods() map[string]method {
	return map[string]method{
		"chat.postMessage":   {5, "chat:write", []string{"channel"}, (*Slack).chatPost},
		"chat.postEphemeral": {4, "chat:write", []string{"channel", "user"}, (*Slack).chatEphemeral},
		"chat.update":        {3, "chat:write", []string{"channel", "ts"}, (*Slack).chatUpdate},
		"chat.delete":        {3, "chat:write", []string{"channel", "ts"}, (*Slack).chatDelete},
		"chat.getPermalink":  {5, "", []string{"channel", "message_ts"}, (*Slack).chatPermalink},
	}
}

// The limits of a message's text.
const (
	maxPostText   = 40000
	maxUpdateText = 4000
	maxAttached   = 100
)

// draft is the content of a message, checked.
type draft struct {
	text                   string
	blocks, attachments    json.RawMessage
	metadata               json.RawMessage
	threadTS               string
	hasText, hasBlocks     bool
	hasMetadata, broadcast bool
}

// readDraft checks what was sent as a message's content. Empty is not an error
// here: an update may leave things as they are.
func readDraft(a args) (draft, error) {
	d := draft{text: a["text"], hasText: a.given("text"), threadTS: a["thread_ts"], broadcast: a.bool("reply_broadcast")}
	if md := a["markdown_text"]; md != "" {
		if d.hasText || a["blocks"] != "" {
			return d, fail("markdown_text_conflict")
		}
		a["blocks"] = string(encode([]obj{{"type": "markdown", "text": md}}))
	}
	if a["blocks"] != "" && a["blocks"] != "null" {
		blocks, err := checkBlocks("/blocks", json.RawMessage(a["blocks"]), inMessage)
		if err != nil {
			return d, err
		}
		d.blocks, d.hasBlocks = blocks, true
	}
	if raw := a["attachments"]; raw != "" && raw != "null" {
		var list []json.RawMessage
		if json.Unmarshal([]byte(raw), &list) != nil {
			return d, fail("invalid_attachments")
		}
		if len(list) > maxAttached {
			return d, fail("too_many_attachments")
		}
		if len(list) > 0 {
			d.attachments = json.RawMessage(raw)
		}
	}
	if raw := a["metadata"]; raw != "" {
		md, err := checkMetadata(raw)
		if err != nil {
			return d, err
		}
		d.metadata, d.hasMetadata = md, true
	}
	return d, nil
}

func (d draft) empty() bool {
	return strings.TrimSpace(d.text) == "" && d.blocks == nil && d.attachments == nil
}

// checkMetadata returns nil for {}, which clears.
func checkMetadata(raw string) (json.RawMessage, error) {
	var md struct {
		EventType    string                     `json:"event_type"`
		EventPayload map[string]json.RawMessage `json:"event_payload"`
	}
	if json.Unmarshal([]byte(raw), &md) != nil {
		return nil, fail("invalid_metadata_format")
	}
	if md.EventType == "" && md.EventPayload == nil {
		return nil, nil
	}
	if md.EventType == "" || md.EventPayload == nil {
		return nil, fail("invalid_metadata_schema")
	}
	for _, v := range md.EventPayload {
		var list []json.RawMessage
		if json.Unmarshal(v, &list) != nil {
			list = []json.RawMessage{v}
		}
		for _, one := range list {
			if one[0] == '{' || one[0] == '[' {
				return nil, fail("invalid_metadata_schema")
			}
		}
	}
	return json.RawMessage(raw), nil
}

// target is the channel of a post: an id, a public channel's name, or a
// person, to whom it opens the direct conversation.
func (s *Slack) target(to string) (*channel, error) {
	if u := s.users[to]; u != nil {
		if u.Deleted || u.ID == botUserID {
			return nil, fail("channel_not_found")
		}
		return s.direct(botUserID, u.ID), nil
	}
	c := s.findChannel(to)
	if c == nil || (c.private && !c.has(botUserID)) {
		return nil, fail("channel_not_found")
	}
	if c.archived {
		return nil, fail("is_archived")
	}
	if !c.has(botUserID) && (s.opt.Scopes == nil || !s.allowed("chat:write.public")) {
		return nil, fail("not_in_channel")
	}
	return c, nil
}

func (s *Slack) chatPost(a args) (obj, error) {
	c, err := s.target(a["channel"])
	if err != nil {
		return nil, err
	}
	d, err := readDraft(a)
	if err != nil {
		return nil, err
	}
	if d.empty() {
		return nil, fail("no_text")
	}
	if d.threadTS, err = c.thread(d.threadTS); err != nil {
		return nil, err
	}
	m := s.post(c, &message{
		user: botUserID, bot: true, text: cut(d.text, maxPostText), blocks: d.blocks, attachments: d.attachments,
		metadata: d.metadata, threadTS: d.threadTS, broadcast: d.broadcast, username: a["username"],
	})
	return obj{"channel": c.id, "ts": m.ts, "message": s.messageJSON(c, m, true)}, nil
}

// thread checks a thread_ts: the parent's, never a reply's.
func (c *channel) thread(ts string) (string, error) {
	if ts == "" {
		return "", nil
	}
	parent := c.lasting(ts)
	if parent == nil || (parent.threadTS != "" && parent.threadTS != parent.ts) {
		return "", fail("thread_not_found")
	}
	return ts, nil
}

func (s *Slack) chatEphemeral(a args) (obj, error) {
	c, err := s.target(a["channel"])
	if err != nil {
		return nil, err
	}
	u := s.users[a["user"]]
	if u == nil || u.Deleted || !c.has(u.ID) {
		return nil, fail("user_not_in_channel")
	}
	d, err := readDraft(a)
	if err != nil {
		return nil, err
	}
	if d.empty() {
		return nil, fail("no_text")
	}
	m := s.post(c, &message{
		user: botUserID, bot: true, text: cut(d.text, maxPostText), blocks: d.blocks,
		attachments: d.attachments, threadTS: d.threadTS, ephemeralTo: u.ID,
	})
	return obj{"message_ts": m.ts}, nil
}

// own finds a message of the bot's that may be changed. Updates want an id.
func (s *Slack) own(a args, not string) (*channel, *message, error) {
	c := s.channels[a["channel"]]
	if c == nil || (c.private && !c.has(botUserID)) {
		return nil, nil, fail("channel_not_found")
	}
	m := c.lasting(a["ts"])
	switch {
	case m == nil || m.subtype == "tombstone":
		return nil, nil, fail("message_not_found")
	case !m.bot:
		return nil, nil, fail(not)
	case c.archived:
		return nil, nil, fail("is_inactive")
	}
	return c, m, nil
}

func (s *Slack) chatUpdate(a args) (obj, error) {
	c, m, err := s.own(a, "cant_update_message")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(a["text"]) > maxUpdateText {
		return nil, fail("msg_too_long")
	}
	d, err := readDraft(a)
	if err != nil {
		return nil, err
	}
	if !d.hasText && !d.hasBlocks && d.attachments == nil && !d.hasMetadata {
		return nil, fail("no_text")
	}
	if d.hasText && !d.hasBlocks && d.empty() {
		return nil, fail("no_text")
	}
	if string(d.blocks) == "[]" {
		d.blocks = nil
	}
	s.revise(c, m, d)
	return obj{"channel": c.id, "ts": m.ts, "text": m.text, "message": s.messageJSON(c, m, true)}, nil
}

// revise changes a message the way chat.update and response URLs do: text
// without blocks removes the blocks, and only a message without them is marked
// as edited.
func (s *Slack) revise(c *channel, m *message, d draft) {
	previous := s.messageJSON(c, m, true)
	m.past = append(m.past, Version{m.text, m.blocks})
	if d.hasText {
		m.text = d.text
	}
	if d.hasBlocks || d.hasText {
		m.blocks, m.attachments = d.blocks, d.attachments
	}
	if d.hasMetadata {
		m.metadata = d.metadata
	}
	if m.blocks == nil && m.ephemeralTo == "" {
		m.edited = s.nextTS()
	}
	if m.ephemeralTo == "" {
		s.emitChanged(c, m, previous)
	}
	s.changed()
}

func (s *Slack) chatDelete(a args) (obj, error) {
	c, m, err := s.own(a, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	s.erase(c, m)
	return obj{"channel": c.id, "ts": m.ts}, nil
}

// erase removes a message; one with replies leaves a tombstone for them.
func (s *Slack) erase(c *channel, m *message) {
	previous := s.messageJSON(c, m, true)
	if len(c.replies(m.ts)) > 0 {
		c.pins = c.pinsWithout(m.ts)
		*m = message{ts: m.ts, threadTS: m.threadTS, user: slackbotID, subtype: "tombstone", text: "This message was deleted."}
	} else {
		c.drop(m.ts)
	}
	s.emitDeleted(c, m.ts, previous)
	s.changed()
}

func (s *Slack) chatPermalink(a args) (obj, error) {
	c, err := s.visible(a["channel"])
	if err != nil {
		return nil, err
	}
	m := c.lasting(a["message_ts"])
	if m == nil {
		return nil, fail("message_not_found")
	}
	return obj{"channel": c.id, "permalink": s.permalink(c, m)}, nil
}
