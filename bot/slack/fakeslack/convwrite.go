package fakeslack

import (
	"slices"
	"unicode/utf8"
)

// maxTopic is the longest topic and purpose.
const maxTopic = 250

func conversationWrites() map[string]method {
	manage := "channels:manage|groups:write"
	open := "im:write|mpim:write|" + manage
	return map[string]method{
		"conversations.create":     {2, manage, nil, (*Slack).convCreate},
		"conversations.invite":     {3, manage + "|channels:write.invites|groups:write.invites", []string{"channel", "users"}, (*Slack).convInvite},
		"conversations.join":       {3, "channels:join", []string{"channel"}, (*Slack).convJoin},
		"conversations.leave":      {3, manage, []string{"channel"}, (*Slack).convLeave},
		"conversations.open":       {3, open, nil, (*Slack).convOpen},
		"conversations.close":      {2, open, []string{"channel"}, (*Slack).convClose},
		"conversations.rename":     {2, manage, []string{"channel"}, (*Slack).convRename},
		"conversations.setTopic":   {2, manage + "|channels:write.topic|groups:write.topic", []string{"channel"}, (*Slack).convTopic},
		"conversations.setPurpose": {2, manage + "|channels:write.topic|groups:write.topic", []string{"channel"}, (*Slack).convPurpose},
		"conversations.archive":    {2, manage, []string{"channel"}, (*Slack).convArchive},
		"conversations.unarchive":  {2, manage, []string{"channel"}, (*Slack).convUnarchive},
	}
}

// writable is a channel, not a direct conversation, the bot may change.
func (s *Slack) writable(id string) (*channel, error) {
	c, err := s.joined(id)
	switch {
	case err != nil:
		return nil, err
	case c.archived:
		return nil, fail("is_archived")
	case c.im || c.mpim:
		return nil, fail("method_not_supported_for_channel_type")
	}
	return c, nil
}

func (s *Slack) convCreate(a args) (obj, error) {
	if err := checkName(a["name"]); err != nil {
		return nil, err
	}
	if s.channelNamed(a["name"]) != nil {
		return nil, fail("name_taken")
	}
	c := s.newChannel(a["name"], botUserID)
	c.private = a.bool("is_private")
	c.add(botUserID)
	s.emit("channel_created", obj{"channel": obj{"id": c.id, "name": c.name, "created": c.created, "creator": botUserID}})
	s.changed()
	return obj{"channel": s.channelJSON(c)}, nil
}

func (s *Slack) convInvite(a args) (obj, error) {
	c, err := s.writable(a["channel"])
	if err != nil {
		return nil, err
	}
	ids := a.list("users")
	if len(ids) > 100 {
		return nil, fail("too_many_users")
	}
	var good []string
	var bad []obj
	blocked := false
	for _, id := range ids {
		if code := s.inviteError(c, id); code != "" {
			bad = append(bad, obj{"user": id, "ok": false, "error": code})
			// Deactivated people fail alone; everybody else fails all.
			blocked = blocked || s.users[id] == nil || !s.users[id].Deleted
		} else {
			good = append(good, id)
		}
	}
	if !blocked || a.bool("force") {
		for _, id := range good {
			s.join(c, id, botUserID)
		}
	}
	if len(bad) > 0 && (!a.bool("force") || len(good) == 0) {
		return nil, &apiError{bad[0]["error"].(string), obj{"errors": bad}}
	}
	o := obj{"channel": s.channelJSON(c)}
	if len(bad) > 0 {
		o["errors"] = bad
	}
	return o, nil
}

func (s *Slack) inviteError(c *channel, id string) string {
	u := s.users[id]
	switch {
	case u == nil:
		return "user_not_found"
	case id == botUserID:
		return "cant_invite_self"
	case u.Deleted || id == slackbotID:
		return "cant_invite"
	case s.external(u):
		return "user_team_not_in_channel"
	case c.has(id):
		return "already_in_channel"
	case u.IsUltraRestricted && slices.ContainsFunc(s.names, func(n string) bool { return !s.channels[n].im && s.channels[n].has(id) }):
		return "ura_max_channels"
	case u.IsRestricted || u.IsUltraRestricted:
		return "user_is_restricted"
	}
	return ""
}

// join adds a person, with Slack's line about it and the event.
func (s *Slack) join(c *channel, user, inviter string) {
	if !c.add(user) {
		return
	}
	m := message{user: user, subtype: "channel_join", text: "<@" + user + "> has joined the channel"}
	if inviter != "" {
		m.extra = obj{"inviter": inviter}
	}
	s.system(c, m)
	e := obj{"user": user, "channel": c.id, "channel_type": c.id[:1], "team": s.opt.TeamID}
	setIf(e, "inviter", inviter)
	s.emitIn(c, "member_joined_channel", e)
}

func (s *Slack) leave(c *channel, user string) {
	s.system(c, message{user: user, subtype: "channel_leave", text: "<@" + user + "> has left the channel"})
	s.emitIn(c, "member_left_channel", obj{"user": user, "channel": c.id, "channel_type": c.id[:1], "team": s.opt.TeamID})
	c.remove(user)
	s.changed()
}

func (s *Slack) convJoin(a args) (obj, error) {
	c, err := s.visible(a["channel"])
	switch {
	case err != nil:
		return nil, err
	case c.archived:
		return nil, fail("is_archived")
	case c.private:
		return nil, fail("method_not_supported_for_channel_type")
	case c.has(botUserID):
		o := withCursor(obj{"channel": s.channelJSON(c), "warning": "already_in_channel"}, "")
		o["response_metadata"] = obj{"warnings": []string{"already_in_channel"}}
		return o, nil
	}
	s.join(c, botUserID, "")
	return obj{"channel": s.channelJSON(c)}, nil
}

func (s *Slack) convLeave(a args) (obj, error) {
	c, err := s.visible(a["channel"])
	switch {
	case err != nil:
		return nil, err
	case c.general:
		return nil, fail("cant_leave_general")
	case !c.has(botUserID):
		return obj{"not_in_channel": true}, nil
	case c.archived:
		return nil, fail("is_archived")
	}
	s.leave(c, botUserID)
	return nil, nil
}

func (s *Slack) convOpen(a args) (obj, error) {
	var c *channel
	before := len(s.names)
	if a["channel"] != "" {
		if c = s.channels[a["channel"]]; c == nil || !c.has(botUserID) || !(c.im || c.mpim) {
			return nil, fail("channel_not_found")
		}
	} else {
		ids := a.list("users")
		if len(ids) == 0 {
			return nil, fail("users_list_not_supplied")
		}
		if len(ids) > 8 {
			return nil, fail("too_many_users")
		}
		for _, id := range ids {
			switch u := s.users[id]; {
			case u == nil:
				return nil, fail("user_not_found")
			case u.Deleted:
				return nil, fail("user_disabled")
			case id == botUserID:
				return nil, fail("cannot_dm_bot")
			}
		}
		c = s.direct(append(ids, botUserID)...)
	}
	o := obj{"channel": obj{"id": c.id}}
	if a.bool("return_im") {
		o["channel"] = s.channelJSON(c)
	}
	if len(s.names) == before {
		o["no_op"], o["already_open"] = true, true
	}
	return o, nil
}

func (s *Slack) convClose(a args) (obj, error) {
	c, err := s.joined(a["channel"])
	switch {
	case err != nil:
		return nil, err
	case !c.im && !c.mpim:
		return nil, fail("method_not_supported_for_channel_type")
	}
	return obj{"no_op": true, "already_closed": true}, nil
}

func (s *Slack) convRename(a args) (obj, error) {
	c, err := s.writable(a["channel"])
	if err != nil {
		return nil, err
	}
	if err := checkName(a["name"]); err != nil {
		return nil, err
	}
	if other := s.channelNamed(a["name"]); other != nil && other != c {
		return nil, fail("name_taken")
	}
	if c.creator != botUserID {
		return nil, fail("not_authorized")
	}
	old := c.name
	c.previousNames = append(c.previousNames, old)
	c.name = a["name"]
	s.system(c, message{
		user: botUserID, subtype: "channel_name", text: "has renamed the channel from \"" + old + "\" to \"" + c.name + "\"",
		extra: obj{"old_name": old, "name": c.name},
	})
	s.emitIn(c, "channel_rename", obj{"channel": obj{"id": c.id, "name": c.name, "created": c.created}})
	return obj{"channel": s.channelJSON(c)}, nil
}

func (s *Slack) convTopic(a args) (obj, error)   { return s.setNote(a, "topic") }
func (s *Slack) convPurpose(a args) (obj, error) { return s.setNote(a, "purpose") }

func (s *Slack) setNote(a args, what string) (obj, error) {
	c, err := s.writable(a["channel"])
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(a[what]) > maxTopic {
		return nil, fail("too_long")
	}
	n := note{a[what], botUserID, s.opt.Now().Unix()}
	if what == "topic" {
		c.topic = n
	} else {
		c.purpose = n
	}
	text := "set the channel " + what + ": " + n.value
	if n.value == "" {
		text = "cleared the channel " + what
	}
	s.system(c, message{user: botUserID, subtype: "channel_" + what, text: text, extra: obj{what: n.value}})
	return obj{"channel": s.channelJSON(c), what: n.value}, nil
}

func (s *Slack) convArchive(a args) (obj, error) {
	c, err := s.visible(a["channel"])
	switch {
	case err != nil:
		return nil, err
	case c.archived:
		return nil, fail("already_archived")
	case c.general:
		return nil, fail("cant_archive_general")
	}
	if c, err = s.writable(a["channel"]); err != nil {
		return nil, err
	}
	s.system(c, message{user: botUserID, subtype: "channel_archive", text: "archived the channel"})
	c.archived = true
	s.emitIn(c, "channel_archive", obj{"channel": c.id, "user": botUserID})
	return nil, nil
}

// convUnarchive fails as it does in Slack: archiving takes bots out of the
// channel, and only members may undo it. People can ([Person.Unarchive]).
func (s *Slack) convUnarchive(a args) (obj, error) {
	c, err := s.visible(a["channel"])
	switch {
	case err != nil:
		return nil, err
	case !c.archived:
		return nil, fail("not_archived")
	}
	return nil, fail("not_in_channel")
}
