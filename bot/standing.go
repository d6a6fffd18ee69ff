package bot

import (
	"slices"
	"time"
)

// How old the word on who is in a group may be where it gives a dangerous right
// (rollback, approve, admin): groups are read every minute, so what is older
// than freshGroup means that reading fails; while the workspace cannot be
// reached, what is up to staleGroup old counts, and is said to.
const (
	freshGroup = 5 * time.Minute
	staleGroup = 24 * time.Hour
)

// dangerous reports whether r changes more than an incident.
func (r Right) dangerous() bool {
	return r == RightRollback || r == RightApprove || r == RightAdmin || r == RightBreakGlass
}

// May reports whether the person holds r, over the incident if there is one.
func (l *Look) May(r Right) bool {
	return l.Bot.Settings.May(r, l.Who, l.standing(r), l.Incident)
}

// standing is the groups in which the person is, as far as their word counts
// for r.
func (l *Look) standing(r Right) []GroupID {
	var out []GroupID
	for _, g := range l.Groups {
		if !r.dangerous() || l.counts(g) {
			out = append(out, g.ID)
		}
	}
	return out
}

// counts reports whether what is known of g is new enough for a dangerous right.
func (l *Look) counts(g Group) bool {
	age := l.Now.Sub(g.SyncedAt)
	return age <= freshGroup || age <= staleGroup && l.Bot.cutOff()
}

// cutOff reports whether the workspace cannot be reached.
func (b *Bot) cutOff() bool { return b.Reachable != nil && !b.Reachable() }

// In reports whether the person is in one of groups, by a word new enough for a
// dangerous right; none named means everybody.
func (l *Look) In(groups []GroupID) bool {
	if len(groups) == 0 {
		return true
	}
	return slices.ContainsFunc(l.standing(RightRollback), func(id GroupID) bool { return slices.Contains(groups, id) })
}

// AsOf returns since when the word on the person's groups was not renewed, if
// it counts only because the workspace cannot be reached.
func (l *Look) AsOf() (at time.Time, old bool) {
	for _, g := range l.Groups {
		if l.counts(g) && l.Now.Sub(g.SyncedAt) > freshGroup && (!old || g.SyncedAt.Before(at)) {
			at, old = g.SyncedAt, true
		}
	}
	return at, old
}

// outdated returns when the groups of the person were read that do not count
// for r for that reason alone.
func (l *Look) outdated(r Right) (at time.Time, ok bool) {
	all := make([]GroupID, len(l.Groups))
	for k, g := range l.Groups {
		all[k] = g.ID
	}
	if !r.dangerous() || !l.Settings().May(r, l.Who, all, l.Incident) {
		return at, false
	}
	for _, g := range l.Groups {
		if !l.counts(g) {
			return g.SyncedAt, true
		}
	}
	return at, false
}
