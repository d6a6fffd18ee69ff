package fakeslack

import (
	"net/url"
	"slices"
	"strings"
)

func reactionMethods() map[string]method {
	need := []string{"name"}
	return map[string]method{
		"reactions.add":    {3, "reactions:write", need, (*Slack).reactionsAdd},
		"reactions.remove": {2, "reactions:write", need, (*Slack).reactionsRemove},
		"reactions.get":    {3, "reactions:read", nil, (*Slack).reactionsGet},
	}
}

func pinMethods() map[string]method {
	need := []string{"channel"}
	return map[string]method{
		"pins.add":    {2, "pins:write", need, (*Slack).pinsAdd},
		"pins.remove": {2, "pins:write", need, (*Slack).pinsRemove},
		"pins.list":   {2, "pins:read", need, (*Slack).pinsList},
	}
}

func bookmarkMethods() map[string]method {
	need := []string{"channel_id"}
	return map[string]method{
		"bookmarks.add":    {2, "bookmarks:write", []string{"channel_id", "title", "type"}, (*Slack).bookmarksAdd},
		"bookmarks.edit":   {2, "bookmarks:write", []string{"channel_id", "bookmark_id"}, (*Slack).bookmarksEdit},
		"bookmarks.remove": {2, "bookmarks:write", []string{"channel_id", "bookmark_id"}, (*Slack).bookmarksRemove},
		"bookmarks.list":   {3, "bookmarks:read", need, (*Slack).bookmarksList},
	}
}

// item finds the message a reaction or pin is about.
func (s *Slack) item(a args) (*channel, *message, error) {
	if a["timestamp"] == "" || a["channel"] == "" {
		return nil, nil, fail("no_item_specified")
	}
	c, err := s.joined(a["channel"])
	if err != nil {
		return nil, nil, err
	}
	if _, ok := parseTS(a["timestamp"]); !ok {
		return nil, nil, fail("bad_timestamp")
	}
	m := c.lasting(a["timestamp"])
	if m == nil {
		return nil, nil, fail("message_not_found")
	}
	return c, m, nil
}

func (s *Slack) reactionsAdd(a args) (obj, error) {
	c, m, err := s.item(a)
	switch {
	case err != nil:
		return nil, err
	case c.archived:
		return nil, fail("is_archived")
	case strings.ContainsAny(a["name"], ": "):
		return nil, fail("invalid_name")
	case !s.react(c, m, botUserID, a["name"]):
		return nil, fail("already_reacted")
	}
	return nil, nil
}

// react adds a person's reaction; false when it was there.
func (s *Slack) react(c *channel, m *message, user, name string) bool {
	i := slices.IndexFunc(m.reactions, func(r Reaction) bool { return r.Name == name })
	if i < 0 {
		m.reactions = append(m.reactions, Reaction{Name: name})
		i = len(m.reactions) - 1
	}
	if slices.Contains(m.reactions[i].Users, user) {
		return false
	}
	r := &m.reactions[i]
	r.Users = append(slices.Clone(r.Users), user)
	r.Count = len(r.Users)
	s.emitReaction("reaction_added", c, m, obj{"user": user, "reaction": name})
	s.changed()
	return true
}

func (s *Slack) unreact(c *channel, m *message, user, name string) bool {
	for i := range m.reactions {
		r := &m.reactions[i]
		if r.Name != name || !slices.Contains(r.Users, user) {
			continue
		}
		r.Users = slices.DeleteFunc(slices.Clone(r.Users), func(u string) bool { return u == user })
		if r.Count = len(r.Users); r.Count == 0 {
			m.reactions = slices.Delete(m.reactions, i, i+1)
		}
		s.emitReaction("reaction_removed", c, m, obj{"user": user, "reaction": name})
		s.changed()
		return true
	}
	return false
}

func (s *Slack) reactionsRemove(a args) (obj, error) {
	c, m, err := s.item(a)
	switch {
	case err != nil:
		return nil, err
	case c.archived:
		return nil, fail("is_archived")
	case !s.unreact(c, m, botUserID, a["name"]):
		return nil, fail("no_reaction")
	}
	return nil, nil
}

func (s *Slack) reactionsGet(a args) (obj, error) {
	c, m, err := s.item(a)
	if err != nil {
		return nil, err
	}
	o := s.messageJSON(c, m, false)
	o["permalink"] = s.permalink(c, m)
	return obj{"type": "message", "channel": c.id, "message": o}, nil
}

// maxPins is not documented; people report about a hundred.
const maxPins = 100

func (s *Slack) pinsAdd(a args) (obj, error) {
	c, m, err := s.item(a)
	switch {
	case err != nil:
		return nil, err
	case c.archived:
		return nil, fail("is_archived")
	case c.pinned(m.ts):
		return nil, fail("already_pinned")
	case len(c.pins) >= maxPins:
		return nil, fail("too_many_pins")
	}
	s.pin(c, m, botUserID)
	return nil, nil
}

func (s *Slack) pin(c *channel, m *message, user string) {
	c.pins = append(c.pins, pin{m.ts, user, s.opt.Now().Unix()})
	s.emitPin("pin_added", c, m, user)
	s.changed()
}

func (s *Slack) pinsRemove(a args) (obj, error) {
	c, m, err := s.item(a)
	switch {
	case err != nil:
		return nil, err
	case !c.pinned(m.ts):
		return nil, fail("no_pin")
	}
	s.unpin(c, m, botUserID)
	return nil, nil
}

func (s *Slack) unpin(c *channel, m *message, user string) {
	c.pins = c.pinsWithout(m.ts)
	s.emitPin("pin_removed", c, m, user)
	s.changed()
}

func (c *channel) pinsWithout(ts string) []pin {
	return slices.DeleteFunc(slices.Clone(c.pins), func(p pin) bool { return p.ts == ts })
}

func (s *Slack) pinsList(a args) (obj, error) {
	c, err := s.joined(a["channel"])
	if err != nil {
		return nil, err
	}
	items := []obj{}
	for _, p := range slices.Backward(c.pins) {
		if m := c.find(p.ts); m != nil {
			items = append(items, s.pinItem(c, m, p.by, p.created))
		}
	}
	return obj{"items": items}, nil
}

func (s *Slack) pinItem(c *channel, m *message, by string, created int64) obj {
	o := s.messageJSON(c, m, false)
	o["permalink"] = s.permalink(c, m)
	return obj{"type": "message", "channel": c.id, "message": o, "created": created, "created_by": by}
}

// maxBookmarks is Slack's limit for a conversation.
const maxBookmarks = 100

func (s *Slack) bookmarksAdd(a args) (obj, error) {
	c, err := s.joined(a["channel_id"])
	switch {
	case err != nil:
		return nil, err
	case c.archived:
		return nil, fail("is_archived")
	case a["type"] != "link":
		return nil, fail("invalid_bookmark_type")
	case !webLink(a["link"]):
		return nil, fail("invalid_link")
	case len(c.bookmarks) >= maxBookmarks:
		return nil, fail("too_many_bookmarks")
	}
	now := s.opt.Now().Unix()
	b := &bookmark{Bookmark{s.id("Bk"), a["title"], a["link"], a["emoji"]}, now, now, botUserID}
	c.bookmarks = append(c.bookmarks, b)
	s.changed()
	return obj{"bookmark": s.bookmarkJSON(c, b)}, nil
}

func webLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func (s *Slack) bookmarkJSON(c *channel, b *bookmark) obj {
	return obj{
		"id": b.ID, "channel_id": c.id, "title": b.Title, "link": b.Link, "emoji": b.Emoji, "icon_url": nil, "type": "link",
		"entity_id": nil, "date_created": b.created, "date_updated": b.updated, "rank": "U",
		"last_updated_by_user_id": b.by, "last_updated_by_team_id": s.opt.TeamID, "shortcut_id": nil, "app_id": nil,
	}
}

func (s *Slack) findBookmark(a args) (*channel, *bookmark, error) {
	c, err := s.joined(a["channel_id"])
	if err != nil {
		return nil, nil, err
	}
	for _, b := range c.bookmarks {
		if b.ID == a["bookmark_id"] {
			return c, b, nil
		}
	}
	return nil, nil, fail("not_found")
}

func (s *Slack) bookmarksEdit(a args) (obj, error) {
	c, b, err := s.findBookmark(a)
	if err != nil {
		return nil, err
	}
	if a.given("link") && !webLink(a["link"]) {
		return nil, fail("invalid_link")
	}
	for name, field := range map[string]*string{"title": &b.Title, "link": &b.Link, "emoji": &b.Emoji} {
		if a.given(name) {
			*field = a[name]
		}
	}
	b.updated = s.opt.Now().Unix()
	s.changed()
	return obj{"bookmark": s.bookmarkJSON(c, b)}, nil
}

func (s *Slack) bookmarksRemove(a args) (obj, error) {
	c, b, err := s.findBookmark(a)
	if err != nil {
		return nil, err
	}
	c.bookmarks = slices.DeleteFunc(c.bookmarks, func(x *bookmark) bool { return x == b })
	s.changed()
	return nil, nil
}

func (s *Slack) bookmarksList(a args) (obj, error) {
	c, err := s.joined(a["channel_id"])
	if err != nil {
		return nil, err
	}
	list := []obj{}
	for _, b := range c.bookmarks {
		list = append(list, s.bookmarkJSON(c, b))
	}
	return obj{"bookmarks": list}, nil
}
