package fakeslack

import (
	"slices"
	"strings"
	"time"
)

// A User is a person, a guest, a bot or somebody of another organisation.
type User struct {
	// ID is made when empty.
	ID string
	// Name is the handle, without @.
	Name string
	// RealName is what is shown; empty: Name.
	RealName string
	// TZ is an IANA zone; empty: UTC.
	TZ    string
	Email string
	// Deleted people are deactivated: found by id, not by e-mail, not invitable.
	Deleted, IsBot, IsRestricted, IsUltraRestricted bool
	// TeamID of another workspace makes an external person; empty: our own.
	TeamID string
}

// A Group is a user group, mentioned as <!subteam^ID>.
type Group struct {
	// ID is made when empty.
	ID string
	// Handle is what people type after @; Name is what is shown.
	Handle, Name string
	Users        []string
	// Disabled groups are left out of usergroups.list unless asked for.
	Disabled bool
}

// AddUser adds or replaces a person and returns the id.
func (s *Slack) AddUser(u User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.ID == "" {
		u.ID = s.id("U")
	}
	if u.TeamID == "" {
		u.TeamID = s.opt.TeamID
	}
	if u.RealName == "" {
		u.RealName = u.Name
	}
	if u.TZ == "" {
		u.TZ = "UTC"
	}
	if _, known := s.users[u.ID]; !known {
		s.order = append(s.order, u.ID)
	}
	s.users[u.ID] = &u
	s.changed()
	return u.ID
}

// AddGroup adds or replaces a user group and returns the id.
func (s *Slack) AddGroup(g Group) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.ID == "" {
		g.ID = s.id("S")
	}
	if g.Name == "" {
		g.Name = g.Handle
	}
	g.Users = slices.Clone(g.Users)
	s.groups = slices.DeleteFunc(s.groups, func(old Group) bool { return old.ID == g.ID })
	s.groups = append(s.groups, g)
	s.changed()
	return g.ID
}

// User returns a person by id or handle.
func (s *Slack) User(idOrName string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.findUser(idOrName); u != nil {
		return *u, true
	}
	return User{}, false
}

// Users returns everybody, as they were added.
func (s *Slack) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]User, 0, len(s.order))
	for _, id := range s.order {
		all = append(all, *s.users[id])
	}
	return all
}

func (s *Slack) findUser(idOrName string) *User {
	if u := s.users[idOrName]; u != nil {
		return u
	}
	handle := strings.TrimPrefix(idOrName, "@")
	for _, id := range s.order {
		if u := s.users[id]; u.Name == handle {
			return u
		}
	}
	return nil
}

func (s *Slack) external(u *User) bool { return u.TeamID != s.opt.TeamID }

func (s *Slack) userJSON(u *User) obj {
	loc, err := time.LoadLocation(u.TZ)
	if err != nil {
		loc = time.UTC
	}
	zone, offset := s.opt.SignNow().In(loc).Zone()
	profile := obj{
		"real_name": u.RealName, "real_name_normalized": u.RealName,
		"display_name": u.Name, "display_name_normalized": u.Name,
		"team": u.TeamID, "avatar_hash": "g" + strings.ToLower(u.ID),
	}
	o := obj{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "deleted": u.Deleted,
		"real_name": u.RealName, "tz": u.TZ, "tz_label": zone, "tz_offset": offset,
		"profile": profile, "is_bot": u.IsBot, "is_restricted": u.IsRestricted || u.IsUltraRestricted,
		"is_ultra_restricted": u.IsUltraRestricted, "is_app_user": false, "updated": 1,
		"is_admin": false, "is_owner": false, "is_primary_owner": false, "locale": "en-US",
	}
	if u.Email != "" && !s.external(u) {
		profile["email"] = u.Email
	}
	if s.external(u) {
		o["is_stranger"] = false
		delete(o, "locale")
	}
	if u.ID == botUserID {
		profile["api_app_id"], profile["bot_id"] = appID, botID
	}
	return o
}
