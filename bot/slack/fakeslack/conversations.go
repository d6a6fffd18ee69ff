package fakeslack

import (
	"math"
	"slices"
	"strings"
)

func conversationMethods() map[string]method {
	read := "channels:read|groups:read|im:read|mpim:read"
	history := "channels:history|groups:history|im:history|mpim:history"
	return map[string]method{
		"conversations.list":    {2, read, nil, (*Slack).convList},
		"conversations.info":    {3, read, []string{"channel"}, (*Slack).convInfo},
		"conversations.members": {4, read, []string{"channel"}, (*Slack).convMembers},
		"conversations.history": {3, history, []string{"channel"}, (*Slack).convHistory},
		"conversations.replies": {3, history, []string{"channel", "ts"}, (*Slack).convReplies},
		"users.conversations":   {2, read, nil, (*Slack).userConversations},
	}
}

// visible is a conversation the bot may know of: private ones only as a member.
func (s *Slack) visible(id string) (*channel, error) {
	c := s.channels[id]
	if c == nil || (c.private && !c.has(botUserID)) {
		return nil, fail("channel_not_found")
	}
	return c, nil
}

// joined is a conversation the bot is a member of.
func (s *Slack) joined(id string) (*channel, error) {
	c, err := s.visible(id)
	if err == nil && !c.has(botUserID) {
		err = fail("not_in_channel")
	}
	return c, err
}

// wanted tells whether a conversation is of the types and state asked for.
func wanted(a args, c *channel) bool {
	types := a.list("types")
	if len(types) == 0 {
		types = []string{"public_channel"}
	}
	kind := map[string]string{"channel": "public_channel", "group": "private_channel", "im": "im", "mpim": "mpim"}[c.kind()]
	return slices.Contains(types, kind) && (!c.archived || !a.bool("exclude_archived"))
}

func (s *Slack) convList(a args) (obj, error) {
	return s.listWhere(a, func(c *channel) bool { return !c.private || c.has(botUserID) })
}

func (s *Slack) userConversations(a args) (obj, error) {
	user := a["user"]
	if user == "" {
		user = botUserID
	}
	if s.users[user] == nil {
		return nil, fail("user_not_found")
	}
	return s.listWhere(a, func(c *channel) bool { return c.has(user) && (!c.private || c.has(botUserID)) })
}

func (s *Slack) listWhere(a args, ok func(*channel) bool) (obj, error) {
	var all []obj
	for _, id := range s.names {
		if c := s.channels[id]; ok(c) && wanted(a, c) {
			all = append(all, s.channelJSON(c))
		}
	}
	list, next, err := page(a, all, 100, 999)
	if err != nil {
		return nil, err
	}
	return withCursor(obj{"channels": notNull(list)}, next), nil
}

// notNull makes an empty list of none, which JSON tells apart.
func notNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (s *Slack) convInfo(a args) (obj, error) {
	c, err := s.visible(a["channel"])
	if err != nil {
		return nil, err
	}
	o := s.channelJSON(c)
	if !a.bool("include_num_members") {
		delete(o, "num_members")
	}
	return obj{"channel": o}, nil
}

func (s *Slack) convMembers(a args) (obj, error) {
	c, err := s.visible(a["channel"])
	if err != nil {
		return nil, err
	}
	list, next, err := page(a, c.members, 100, 999)
	if err != nil {
		return nil, err
	}
	return withCursor(obj{"members": notNull(slices.Clone(list))}, next), nil
}

// window reads oldest, latest and inclusive.
func window(a args) (inside func(ts string) bool, err error) {
	oldest, latest := int64(math.MinInt64), int64(math.MaxInt64)
	for name, at := range map[string]*int64{"oldest": &oldest, "latest": &latest} {
		if a[name] == "" {
			continue
		}
		n, ok := parseTS(a[name])
		if !ok {
			return nil, fail("invalid_ts_" + name)
		}
		*at = n
	}
	inclusive := a.bool("inclusive")
	return func(ts string) bool {
		n, _ := parseTS(ts)
		return (n > oldest && n < latest) || (inclusive && (n == oldest || n == latest))
	}, nil
}

func (s *Slack) convHistory(a args) (obj, error) {
	c, err := s.joined(a["channel"])
	if err != nil {
		return nil, err
	}
	inside, err := window(a)
	if err != nil {
		return nil, err
	}
	var all []*message
	for _, m := range slices.Backward(c.msgs) {
		reply := m.threadTS != "" && m.threadTS != m.ts && !m.broadcast
		if m.ephemeralTo == "" && !reply && inside(m.ts) {
			all = append(all, m)
		}
	}
	o, err := s.messagePage(a, c, all)
	if err == nil {
		o["pin_count"] = len(c.pins)
	}
	return o, err
}

func (s *Slack) convReplies(a args) (obj, error) {
	c, err := s.joined(a["channel"])
	if err != nil {
		return nil, err
	}
	inside, err := window(a)
	if err != nil {
		return nil, err
	}
	parent := c.lasting(a["ts"])
	if parent != nil && parent.threadTS != "" {
		parent = c.lasting(parent.threadTS)
	}
	if parent == nil {
		return nil, fail("thread_not_found")
	}
	all := []*message{parent}
	for _, m := range c.replies(parent.ts) {
		if inside(m.ts) {
			all = append(all, m)
		}
	}
	return s.messagePage(a, c, all)
}

func (s *Slack) messagePage(a args, c *channel, all []*message) (obj, error) {
	list, next, err := page(a, all, 100, 999)
	if err != nil {
		return nil, err
	}
	out := make([]obj, 0, len(list))
	for _, m := range list {
		out = append(out, s.messageJSON(c, m, a.bool("include_all_metadata")))
	}
	return withCursor(obj{"messages": out, "has_more": next != ""}, next), nil
}

// checkName applies Slack's rules for the names of channels.
func checkName(name string) error {
	switch {
	case name == "":
		return fail("invalid_name_required")
	case len([]rune(name)) > 80:
		return fail("invalid_name_maxlength")
	case strings.Trim(name, "-_") == "":
		return fail("invalid_name_punctuation")
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return fail("invalid_name_specials")
		}
	}
	return nil
}
