package slack

import (
	"context"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// How often the rows are read again. The rights of dangerous verbs count a
// group's row for five minutes; events make changes known sooner.
const (
	groupsEvery = time.Minute
	peopleEvery = 10 * time.Minute
)

// keeper is what one round of [Slack.Run] leaves to the next.
type keeper struct {
	s     *Slack
	ended int64 // syncMembers goes on before this incident
	// told is that a group changed, woken that what waited was tried since Slack
	// answers.
	told, woken bool
	again       time.Duration // after which to look at the groups, if that was told
}

// Run keeps the rows of people, groups and channels until ctx ends. Of several
// replicas one reads each part; all ask who they are, which is also the probe of
// each one's way to Slack. A failure keeps what is known and is tried again a
// minute later.
func (s *Slack) Run(ctx context.Context) error {
	tick := time.NewTicker(groupsEvery)
	defer tick.Stop()
	k := keeper{s: s}
	for {
		k.round(ctx)
		var again <-chan time.Time
		if k.again > 0 {
			again = time.After(k.again)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-again:
		case <-s.poked:
			k.told = true
		}
	}
}

func (k *keeper) round(ctx context.Context) {
	s := k.s
	k.again = 0
	if s.contact(ctx) != nil {
		k.woken = false
		return
	}
	if !k.woken {
		s.attempt(ctx, "jobs", func(ctx context.Context) (err error) {
			k.woken, err = s.wakeHeld(ctx)
			return err
		})
	}
	s.attempt(ctx, "groups", k.groups)
	s.attempt(ctx, "people", s.syncPeople)
	s.attempt(ctx, "channels", s.syncChannels)
	s.attempt(ctx, "members", func(ctx context.Context) (err error) {
		k.ended, err = s.syncMembers(ctx, k.ended)
		return err
	})
}

// groups reads the groups when it is their time, or when one is told to have
// changed: only this replica heard that.
func (k *keeper) groups(ctx context.Context) error {
	const method = "usergroups.list"
	places := []place{{methodLimit(method), spacing(method)}}
	if !k.told {
		places = append(places, place{syncLimit("groups"), syncEvery})
	}
	wait, err := k.s.take(ctx, nil, places...)
	if err != nil {
		return err
	}
	if wait > 0 {
		if k.told {
			k.again = wait
		}
		return nil
	}
	if err = k.s.syncGroups(ctx); err == nil {
		k.told = false
	}
	return err
}

// poke makes Run look now.
func (s *Slack) poke() {
	select {
	case s.poked <- struct{}{}:
	default:
	}
}

func (s *Slack) attempt(ctx context.Context, what string, fn func(context.Context) error) {
	if err := fn(ctx); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "the workspace could not be read; what is known stays", "what", what, "error", err)
	}
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
	read := s.now()
	err := s.read(ctx, "usergroups.list", func(ctx context.Context) (err error) {
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
			row := bot.Group{ID: bot.GroupID(g.ID), Handle: g.Handle, Name: g.Name, SyncedAt: read}
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
