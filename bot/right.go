package bot

import (
	"slices"
	"strings"
)

// Right is something that a person may do.
type Right string

// The rights. Looking at what one may see needs none.
const (
	RightNone       Right = ""
	RightDeclare    Right = "declare"
	RightRespond    Right = "respond"
	RightPublish    Right = "publish"
	RightRollback   Right = "rollback"
	RightApprove    Right = "approve"
	RightBreakGlass Right = "break_glass"
	RightAdmin      Right = "admin"
)

// Rights lists every right that a configuration can give.
func Rights() []Right {
	return []Right{RightDeclare, RightRespond, RightPublish, RightRollback, RightApprove, RightBreakGlass, RightAdmin}
}

// everyone is every full member of the workspace.
const everyone = "everyone"

// DefaultPermissions is who may do what when nobody said: rollback, approve
// and admin nobody.
func DefaultPermissions() map[Right][]string {
	return map[Right][]string{
		RightDeclare:    {everyone},
		RightRespond:    {everyone},
		RightPublish:    {Commander, "comms", string(RightAdmin)},
		RightBreakGlass: {Commander},
	}
}

// Rights are judged by names of these forms: everyone, admin, a role's id, a
// user's id, a group's id. IsUserID and IsGroupID tell the last two apart.

// IsUserID reports whether s has the form of a user's id.
func IsUserID(s string) bool {
	return (strings.HasPrefix(s, "U") || strings.HasPrefix(s, "W")) && isID(s)
}

// IsGroupID reports whether s has the form of a user group's id.
func IsGroupID(s string) bool { return strings.HasPrefix(s, "S") && isID(s) }

// May reports whether who, a member of groups, holds right r over i (nil: over
// no incident in particular). Guests, apps, deactivated accounts, people of
// other organisations and those of whom nothing is known hold nothing unless
// named by id. Before the workspace has told of anybody, everybody is a full
// member for what an incident needs (declare, respond, publish) and for nothing
// else unless named by id.
func (s *Settings) May(r Right, who Person, groups []GroupID, i *Incident) bool {
	if r == RightNone {
		return !who.Outsider() || !who.Deleted && s.named(who.ID)
	}
	for _, name := range s.Permissions[r] {
		if name == string(who.ID) && !who.Deleted {
			return true
		}
		if who.Outsider() {
			continue
		}
		switch {
		case name == string(RightAdmin) && r != RightAdmin && s.May(RightAdmin, who, groups, i):
			return true
		case who.Unread && r != RightDeclare && r != RightRespond && r != RightPublish:
		case name == everyone:
			return true
		case IsGroupID(name) && slices.Contains(groups, GroupID(name)):
			return true
		case i != nil && i.Roles[name] == who.ID && who.ID != "":
			return true
		}
	}
	return false
}

// named reports whether the configuration names id for any right.
func (s *Settings) named(id UserID) bool {
	for _, names := range s.Permissions {
		if slices.Contains(names, string(id)) {
			return true
		}
	}
	return false
}
