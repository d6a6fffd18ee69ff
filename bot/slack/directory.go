package slack

import (
	"context"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// How often the rows are read again. The rights of dangerous verbs count a
// group's row for five minutes; events make changes known sooner.
const (
	groupsEvery = time.Minute
	peopleEvery = 10 * time.Minute
	// meetTime bounds the one look-up that a command waits for: of a person never
	// seen before, who could be a guest.
	meetTime = 500 * time.Millisecond
	// meetAgain is the pause after such a look-up failed.
	meetAgain = time.Minute
)

// Run keeps the rows of people, groups and channels until ctx ends. A failure
// keeps what is known and is tried again a minute later.
func (s *Slack) Run(ctx context.Context) error {
	tick := time.NewTicker(groupsEvery)
	defer tick.Stop()
	var people time.Time
	var ended int64
	reached := false
	for {
		err := s.contact(ctx)
		if err == nil {
			if !reached {
				s.attempt(ctx, "jobs", s.wakeHeld)
			}
			s.attempt(ctx, "groups", s.syncGroups)
			if people.IsZero() || time.Since(people) >= peopleEvery {
				if s.attempt(ctx, "people", s.syncPeople) {
					people = time.Now()
				}
			}
			s.attempt(ctx, "channels", s.syncChannels)
			s.attempt(ctx, "members", func(ctx context.Context) (err error) {
				ended, err = s.syncMembers(ctx, ended)
				return err
			})
		}
		reached = err == nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.poked:
		}
	}
}

// poke makes Run look now.
func (s *Slack) poke() {
	select {
	case s.poked <- struct{}{}:
	default:
	}
}

func (s *Slack) attempt(ctx context.Context, what string, fn func(context.Context) error) bool {
	err := fn(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "the workspace could not be read; what is known stays", "what", what, "error", err)
	}
	return err == nil
}

// contact learns who we are; it is also the probe behind [Slack.Health].
func (s *Slack) contact(ctx context.Context) error {
	return s.call(ctx, "auth.test", func(ctx context.Context) error {
		r, err := s.api.AuthTestContext(ctx)
		if err != nil {
			return err
		}
		s.state.mu.Lock()
		defer s.state.mu.Unlock()
		s.state.team, s.state.enterprise, s.state.botUser = r.TeamID, r.EnterpriseID, bot.UserID(r.UserID)
		return nil
	})
}

func (s *Slack) syncGroups(ctx context.Context) error {
	var groups []api.UserGroup
	err := s.call(ctx, "usergroups.list", func(ctx context.Context) (err error) {
		groups, err = s.api.GetUserGroupsContext(ctx, api.GetUserGroupsOptionIncludeUsers(true), api.GetUserGroupsOptionIncludeDisabled(true))
		return err
	})
	if isCode(err, "plan_upgrade_required") {
		return nil // a workspace without groups
	}
	if err != nil || len(groups) == 0 {
		return err
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		for _, g := range groups {
			row := bot.Group{ID: bot.GroupID(g.ID), Handle: g.Handle, Name: g.Name, SyncedAt: s.now()}
			if g.DateDelete == 0 { // a disabled group gives nobody a right
				for _, u := range g.Users {
					row.Members = append(row.Members, bot.UserID(u))
				}
			}
			if err := tx.SaveGroup(row); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Slack) syncPeople(ctx context.Context) error {
	page := s.api.GetUsersPaginated(api.GetUsersOptionLimit(200))
	for {
		err := s.call(ctx, "users.list", func(ctx context.Context) (err error) {
			page, err = page.Next(ctx)
			if page.Done(err) {
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := s.savePeople(ctx, page.Users); err != nil || page.Cursor == "" {
			return err
		}
	}
}

func (s *Slack) savePeople(ctx context.Context, users []api.User) error {
	if len(users) == 0 {
		return nil
	}
	// Without our own team nobody can be told to be of another one.
	if team, _ := s.us(); team == "" {
		if err := s.contact(ctx); err != nil {
			return err
		}
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		for _, u := range users {
			if err := tx.SavePerson(s.person(u)); err != nil {
				return err
			}
		}
		return nil
	})
}

// person reads a user object, of which every field but the id may be missing.
func (s *Slack) person(u api.User) bot.Person {
	s.state.mu.Lock()
	team, enterprise := s.state.team, s.state.enterprise
	s.state.mu.Unlock()
	foreign := u.TeamID != "" && u.TeamID != team && (enterprise == "" || u.Enterprise.EnterpriseID != enterprise)
	p := bot.Person{
		ID: bot.UserID(u.ID), Handle: u.Name, Name: u.RealName, Zone: u.TZ, Email: u.Profile.Email,
		Deleted: u.Deleted, Bot: u.IsBot || u.IsWorkflowBot || u.ID == "USLACKBOT", Guest: u.IsRestricted || u.IsUltraRestricted || u.IsInvitedUser,
		External: u.IsStranger || foreign, SyncedAt: s.now(),
	}
	if p.Name == "" {
		p.Name = u.Profile.RealName
	}
	return p
}

// sight remembers of whom there is a row, which is never taken away, and whom a
// look-up failed for.
type sight struct {
	mu     sync.Mutex
	known  map[bot.UserID]bool
	failed map[bot.UserID]time.Time
}

// sightMost bounds what is remembered; it is then forgotten, and learnt again.
const sightMost = 10_000

func (v *sight) again(id bot.UserID) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.known[id] && time.Since(v.failed[id]) >= meetAgain
}

func (v *sight) know(id bot.UserID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known == nil || len(v.known) >= sightMost {
		v.known = map[bot.UserID]bool{}
	}
	v.known[id] = true
}

func (v *sight) fail(id bot.UserID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed == nil || len(v.failed) > 1000 {
		v.failed = map[bot.UserID]time.Time{}
	}
	v.failed[id] = time.Now()
}

// meet looks up a person of whom there is no row. It waits for Slack only once
// and not for long; a failure leaves what the dispatcher makes of the unknown.
func (s *Slack) meet(ctx context.Context, id bot.UserID) {
	if id == "" || !s.sight.again(id) {
		return
	}
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		_, err := tx.Person(id)
		return err
	})
	if err == nil {
		s.sight.know(id)
	}
	if bot.KindOf(err) != bot.KindNotFound {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, meetTime)
	defer cancel()
	var u *api.User
	err = s.call(ctx, "users.info", func(ctx context.Context) (err error) {
		u, err = s.api.GetUserInfoContext(ctx, string(id))
		return err
	})
	if err == nil {
		err = s.savePeople(ctx, []api.User{*u})
	}
	if err != nil {
		s.sight.fail(id)
		s.log.WarnContext(ctx, "somebody new could not be looked up", "user", id, "error", err)
	}
}
