package fakeslack

import (
	"slices"
	"strings"
)

func peopleMethods() map[string]method {
	return map[string]method{
		"auth.test":             {5, "", nil, (*Slack).authTest},
		"team.info":             {3, "team:read", nil, (*Slack).teamInfo},
		"bots.info":             {3, "users:read", nil, (*Slack).botsInfo},
		"users.list":            {2, "users:read", nil, (*Slack).usersList},
		"users.info":            {4, "users:read", []string{"user"}, (*Slack).usersInfo},
		"users.lookupByEmail":   {3, "users:read.email", []string{"email"}, (*Slack).usersByEmail},
		"usergroups.list":       {2, "usergroups:read", nil, (*Slack).groupsList},
		"usergroups.users.list": {2, "usergroups:read", []string{"usergroup"}, (*Slack).groupUsers},
	}
}

func (s *Slack) authTest(args) (obj, error) {
	return obj{
		"url": "https://" + s.opt.TeamDomain + ".slack.com/", "team": s.opt.TeamName, "team_id": s.opt.TeamID,
		"user": s.opt.BotName, "user_id": botUserID, "bot_id": botID, "is_enterprise_install": false,
	}, nil
}

func (s *Slack) teamInfo(args) (obj, error) {
	return obj{"team": obj{
		"id": s.opt.TeamID, "name": s.opt.TeamName, "domain": s.opt.TeamDomain, "email_domain": "", "icon": obj{"image_default": true},
	}}, nil
}

func (s *Slack) botsInfo(a args) (obj, error) {
	if id := a["bot"]; id != "" && id != botID {
		return nil, fail("bot_not_found")
	}
	return obj{"bot": obj{
		"id": botID, "name": s.opt.BotName, "deleted": false, "user_id": botUserID, "app_id": appID, "updated": 1, "icons": obj{},
	}}, nil
}

// usersList omits people of other organisations, as Slack does.
func (s *Slack) usersList(a args) (obj, error) {
	var all []obj
	for _, id := range s.order {
		if u := s.users[id]; !s.external(u) {
			all = append(all, s.userJSON(u))
		}
	}
	list, next, err := page(a, all, 1000, 1000)
	if err != nil {
		return nil, err
	}
	return withCursor(obj{"members": notNull(list), "cache_ts": s.opt.SignNow().Unix()}, next), nil
}

func (s *Slack) usersInfo(a args) (obj, error) {
	u := s.users[a["user"]]
	if u == nil {
		return nil, fail("user_not_found")
	}
	return obj{"user": s.userJSON(u)}, nil
}

func (s *Slack) usersByEmail(a args) (obj, error) {
	for _, id := range s.order {
		u := s.users[id]
		if u.Email != "" && strings.EqualFold(u.Email, a["email"]) && !u.Deleted && !s.external(u) {
			return obj{"user": s.userJSON(u)}, nil
		}
	}
	return nil, fail("users_not_found")
}

func (s *Slack) groupsList(a args) (obj, error) {
	list := []obj{}
	for _, g := range s.groups {
		if g.Disabled && !a.bool("include_disabled") {
			continue
		}
		deleted := 0
		if g.Disabled {
			deleted = 1
		}
		o := obj{
			"id": g.ID, "team_id": s.opt.TeamID, "is_usergroup": true, "is_subteam": true, "name": g.Name, "handle": g.Handle,
			"description": "", "is_external": false, "date_create": 1, "date_update": 1, "date_delete": deleted,
			"auto_type": nil, "created_by": slackbotID, "updated_by": slackbotID, "deleted_by": nil,
			"prefs": obj{"channels": []string{}, "groups": []string{}},
		}
		if a.bool("include_users") {
			o["users"] = notNull(slices.Clone(g.Users))
		}
		if a.bool("include_count") {
			o["user_count"] = len(g.Users)
		}
		list = append(list, o)
	}
	return obj{"usergroups": list}, nil
}

func (s *Slack) groupUsers(a args) (obj, error) {
	for _, g := range s.groups {
		if g.ID != a["usergroup"] {
			continue
		}
		if g.Disabled && !a.bool("include_disabled") {
			return nil, fail("subteam_disabled")
		}
		return obj{"users": notNull(slices.Clone(g.Users))}, nil
	}
	return nil, fail("no_such_subteam")
}
