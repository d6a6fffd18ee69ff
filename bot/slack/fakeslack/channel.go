package fakeslack

import (
	"slices"
	"strings"
)

// A Channel is what a test sees of a conversation: a copy.
type Channel struct {
	ID, Name                    string
	Topic, Purpose              string
	Creator                     string
	Members                     []string
	Pins                        []string // message timestamps
	Bookmarks                   []Bookmark
	Private, IM, MPIM, Archived bool
	// With is the other person of a direct message with the bot.
	With string
}

// A Bookmark is a link at the top of a channel.
type Bookmark struct {
	ID, Title, Link, Emoji string
}

type channel struct {
	id, name      string
	private       bool
	im, mpim      bool
	general       bool
	archived      bool
	creator       string
	created       int64
	topic         note
	purpose       note
	members       []string
	msgs          []*message // in order of ts
	pins          []pin
	bookmarks     []*bookmark
	previousNames []string
	read          map[string]int64
}

type note struct {
	value, creator string
	set            int64
}

type pin struct {
	ts, by  string
	created int64
}

type bookmark struct {
	Bookmark
	created, updated int64
	by               string
}

// AddChannel makes a channel with these members and returns its id; a channel
// of that name is given the members and its id returned. The first public one
// is the general channel, which cannot be archived.
func (s *Slack) AddChannel(name string, private bool, members ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	name = strings.TrimPrefix(name, "#")
	c := s.channelNamed(name)
	if c == nil {
		creator := slackbotID
		if len(members) > 0 {
			creator = members[0]
		}
		first := !slices.ContainsFunc(s.names, func(id string) bool { return !s.channels[id].private })
		c = s.newChannel(name, creator)
		c.private, c.general = private, first && !private
	}
	for _, m := range members {
		if u := s.findUser(m); u != nil {
			c.add(u.ID)
		}
	}
	s.changed()
	return c.id
}

func (s *Slack) newChannel(name, creator string) *channel {
	c := &channel{id: s.id("C"), name: name, creator: creator, created: s.opt.Now().Unix(), read: map[string]int64{}}
	s.channels[c.id] = c
	s.names = append(s.names, c.id)
	return c
}

func (s *Slack) channelNamed(name string) *channel {
	name = strings.ToLower(strings.TrimPrefix(name, "#"))
	for _, id := range s.names {
		if c := s.channels[id]; !c.im && strings.ToLower(c.name) == name {
			return c
		}
	}
	return nil
}

func (s *Slack) findChannel(idOrName string) *channel {
	if c := s.channels[idOrName]; c != nil {
		return c
	}
	if idOrName == "" {
		return nil
	}
	return s.channelNamed(idOrName)
}

// direct finds or makes the conversation of exactly these people.
func (s *Slack) direct(people ...string) *channel {
	slices.Sort(people)
	people = slices.Compact(people)
	for _, id := range s.names {
		c := s.channels[id]
		if (c.im || c.mpim) && slices.Equal(c.members, people) {
			return c
		}
	}
	prefix, name := "D", ""
	if len(people) > 2 {
		var handles []string
		for _, id := range people {
			handles = append(handles, s.users[id].Name)
		}
		prefix, name = "C", "mpdm-"+strings.Join(handles, "--")+"-1"
	}
	c := &channel{
		id: s.id(prefix), name: name, private: true, im: prefix == "D", mpim: prefix == "C",
		creator: people[0], created: s.opt.Now().Unix(), members: people, read: map[string]int64{},
	}
	s.channels[c.id] = c
	s.names = append(s.names, c.id)
	return c
}

// Channels returns every conversation, in the order of their making.
func (s *Slack) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Channel, 0, len(s.names))
	for _, id := range s.names {
		all = append(all, s.channels[id].snapshot())
	}
	return all
}

// Channel returns one conversation by id or name.
func (s *Slack) Channel(idOrName string) (Channel, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.findChannel(idOrName); c != nil {
		return c.snapshot(), true
	}
	return Channel{}, false
}

// DM returns the id of the direct conversation of the bot and a person, which
// may have no messages yet.
func (s *Slack) DM(user string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.findUser(user); u != nil {
		return s.direct(botUserID, u.ID).id
	}
	return ""
}

func (c *channel) snapshot() Channel {
	out := Channel{
		ID: c.id, Name: c.name, Topic: c.topic.value, Purpose: c.purpose.value, Creator: c.creator,
		Members: slices.Clone(c.members), Private: c.private, IM: c.im, MPIM: c.mpim,
		Archived: c.archived, With: c.with(botUserID),
	}
	for _, p := range c.pins {
		out.Pins = append(out.Pins, p.ts)
	}
	for _, b := range c.bookmarks {
		out.Bookmarks = append(out.Bookmarks, b.Bookmark)
	}
	return out
}

func (c *channel) has(user string) bool { return slices.Contains(c.members, user) }

func (c *channel) add(user string) bool {
	if c.has(user) {
		return false
	}
	c.members = append(c.members, user)
	return true
}

func (c *channel) remove(user string) bool {
	n := len(c.members)
	c.members = slices.DeleteFunc(c.members, func(m string) bool { return m == user })
	return len(c.members) < n
}

// with is the other one in a direct conversation.
func (c *channel) with(me string) string {
	if !c.im {
		return ""
	}
	for _, m := range c.members {
		if m != me {
			return m
		}
	}
	return me
}

// kind is the word events and lists use.
func (c *channel) kind() string {
	switch {
	case c.im:
		return "im"
	case c.mpim:
		return "mpim"
	case c.private:
		return "group"
	}
	return "channel"
}

// payloadName is the name in slash commands and interactions, where Slack does
// not tell those of private conversations.
func (c *channel) payloadName() string {
	switch {
	case c.im:
		return "directmessage"
	case c.private:
		return "privategroup"
	}
	return c.name
}

func (n note) json() obj { return obj{"value": n.value, "creator": n.creator, "last_set": n.set} }

// channelJSON is the conversation object as the bot sees it.
func (s *Slack) channelJSON(c *channel) obj {
	if c.im {
		return obj{
			"id": c.id, "created": c.created, "is_im": true, "is_org_shared": false, "user": c.with(botUserID),
			"is_user_deleted": s.users[c.with(botUserID)].Deleted, "is_archived": false, "is_open": true, "priority": 0,
		}
	}
	return obj{
		"id": c.id, "name": c.name, "name_normalized": c.name, "created": c.created, "creator": c.creator,
		"is_channel": !c.private, "is_group": c.private && !c.mpim, "is_im": false, "is_mpim": c.mpim,
		"is_private": c.private, "is_archived": c.archived, "is_general": c.general, "is_member": c.has(botUserID),
		"is_shared": false, "is_ext_shared": s.extShared(c), "is_org_shared": false, "is_pending_ext_shared": false,
		"unlinked": 0, "context_team_id": s.opt.TeamID, "topic": c.topic.json(), "purpose": c.purpose.json(),
		"previous_names": slices.Clone(c.previousNames), "num_members": len(c.members), "updated": c.created * 1000,
	}
}

func (s *Slack) extShared(c *channel) bool {
	return slices.ContainsFunc(c.members, func(id string) bool { return s.external(s.users[id]) })
}
