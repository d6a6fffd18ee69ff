package slack

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// peoplePage is how many people are asked for at a time; Slack gives fewer than
	// a thousand.
	peoplePage = 999
	// meetTime bounds the one look-up that a command waits for: of a person never
	// seen before, who could be a guest.
	meetTime = 500 * time.Millisecond
	// meetAgain is the pause after such a look-up failed.
	meetAgain = time.Minute
)

// syncPeople reads everybody. Where Slack asks to wait, whoever has the next turn
// goes on from there.
func (s *Slack) syncPeople(ctx context.Context) error {
	const method = "users.list"
	ours, err := s.turn(ctx, "people", method)
	if err != nil || !ours {
		return err
	}
	from, err := s.peopleCursor(ctx)
	if err != nil {
		return err
	}
	page := s.api.GetUsersPaginated(api.GetUsersOptionLimit(peoplePage), api.GetUsersOptionCursor(from))
	for {
		read := s.now()
		err := s.read(ctx, method, func(ctx context.Context) (err error) {
			page, err = page.Next(ctx)
			if page.Done(err) {
				return nil
			}
			return err
		})
		if err == nil {
			err = s.savePeople(ctx, page.Users, read)
		}
		if isCode(err, "invalid_cursor") {
			page.Cursor = ""
		}
		if err != nil {
			return errors.Join(err, s.keepCursor(ctx, from, page.Cursor))
		}
		if page.Cursor == "" {
			return errors.Join(s.keepCursor(ctx, from, ""), s.shut(ctx, syncLimit("people"), peopleEvery-groupsEvery+syncEvery))
		}
	}
}

// linkCursor is where the reading of everybody goes on, after the time at which it
// stopped there.
const linkCursor = "people"

// peopleCursor returns where the reading of everybody goes on; empty: at its
// beginning.
func (s *Slack) peopleCursor(ctx context.Context) (cursor string, err error) {
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		kept, err := tx.Link(syncOwner, linkCursor)
		at, from, _ := strings.Cut(kept, " ")
		if us, fault := strconv.ParseInt(at, 10, 64); fault == nil && s.now().Sub(time.UnixMicro(us)) < peopleEvery {
			cursor = from
		}
		return err
	})
	return cursor, err
}

// keepCursor keeps where the reading stopped that began at from.
func (s *Slack) keepCursor(ctx context.Context, from, cursor string) error {
	if from == cursor && cursor == "" {
		return nil
	}
	value := ""
	if cursor != "" {
		value = strconv.FormatInt(s.now().UnixMicro(), 10) + " " + cursor
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		return tx.SetLink(bot.Link{Owner: syncOwner, Name: linkCursor, Value: value})
	})
}

// savePeople keeps what was read of people at a time.
func (s *Slack) savePeople(ctx context.Context, users []api.User, read time.Time) error {
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
			if err := tx.SavePerson(s.person(u, read)); err != nil {
				return err
			}
		}
		return nil
	})
}

// person reads a user object, of which every field but the id may be missing.
func (s *Slack) person(u api.User, read time.Time) bot.Person {
	s.state.mu.Lock()
	team, enterprise := s.state.team, s.state.enterprise
	s.state.mu.Unlock()
	foreign := u.TeamID != "" && u.TeamID != team && (enterprise == "" || u.Enterprise.EnterpriseID != enterprise)
	p := bot.Person{
		ID: bot.UserID(u.ID), Handle: u.Name, Name: u.RealName, Zone: u.TZ, Email: u.Profile.Email,
		Deleted: u.Deleted, Bot: u.IsBot || u.IsWorkflowBot || u.ID == "USLACKBOT", Guest: u.IsRestricted || u.IsUltraRestricted || u.IsInvitedUser,
		External: u.IsStranger || foreign, SyncedAt: read,
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
	read := s.now()
	err = s.call(ctx, "users.info", func(ctx context.Context) (err error) {
		u, err = s.api.GetUserInfoContext(ctx, string(id))
		return err
	})
	if err == nil {
		err = s.savePeople(ctx, []api.User{*u}, read)
	}
	if err != nil {
		s.sight.fail(id)
		s.log.WarnContext(ctx, "somebody new could not be looked up", "user", id, "error", err)
	}
}
