package slack

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// cat is in the workspace and in no channel.
const cat = "U0000CAT1"

// sees reports whether somebody can read an incident.
func (w *world) sees(who bot.UserID, n int64) bool {
	w.t.Helper()
	err := w.bot.Store.View(w.ctx, func(tx bot.ReadTx) error {
		_, err := tx.Incident(bot.As(who), n)
		return err
	})
	if err != nil && bot.KindOf(err) != bot.KindNotFound {
		w.t.Fatal(err)
	}
	return err == nil
}

func noPrivateInvite(set *bot.Settings) { set.PrivateInvite = nil }

// TestRoleIsNoMembership: who held a role and never came sees nothing once it is
// somebody else's, whoever came meanwhile.
func TestRoleIsNoMembership(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.fake.AddUser(fakeslack.User{ID: cat, Name: "cat"})
		w.slash(ana, "general", "secret Keys leaked")
		w.rest(20 * time.Second)
		w.fake.Inject(fakeslack.Fault{Method: "conversations.invite", Error: "cant_invite"})
		w.slash(ana, "general", "comms @ben")
		w.rest(20 * time.Second)
		if !w.sees(ben, 1) {
			t.Error("a role lets its holder read")
		}
		if err := w.fake.As(ana).Invite(w.ctx, string(w.incident(1).Channel), cat); err != nil {
			t.Fatal(err)
		}
		w.slash(ana, "general", "comms @cat")
		w.rest(10 * time.Second)
		if w.sees(ben, 1) || !w.sees(cat, 1) {
			t.Errorf("ben %v, cat %v", w.sees(ben, 1), w.sees(cat, 1))
		}
	}, noPrivateInvite)
}

// TestMemberWithoutRole: who is in the channel sees the incident when their role
// is taken from them.
func TestMemberWithoutRole(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "secret Keys leaked")
		w.rest(20 * time.Second)
		w.slash(ana, "general", "comms @ben")
		w.rest(10 * time.Second)
		c, _ := w.fake.Channel(string(w.incident(1).Channel))
		if !slices.Contains(c.Members, ben) {
			t.Fatal("ben was not invited")
		}
		w.slash(ana, "general", "comms @ana")
		w.rest(10 * time.Second)
		if !w.sees(ben, 1) {
			t.Error("ben sits in the channel and sees nothing")
		}
	}, noPrivateInvite)
}

// TestMembersInSpiteOfABadChannel: one channel that cannot be read hides no
// older one, and those of ended incidents are read, too.
func TestMembersInSpiteOfABadChannel(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "secret One")
		w.slash(ana, "general", "secret Two")
		w.rest(20 * time.Second)
		w.slash(ana, "general", "secret Three")
		w.rest(20 * time.Second)
		one, three := string(w.incident(1).Channel), w.incident(3).Channel
		drop := func(who bot.UserID) { // an event that never came
			err := w.bot.Store.Update(w.ctx, func(tx bot.Tx) error {
				i, err := tx.IncidentByChannel(bot.Self(), bot.ChannelID(one))
				if err != nil {
					return err
				}
				return tx.SetMembers(i.Number, []bot.UserID{who})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		// The newest has a channel that Slack does not know.
		err := w.bot.Store.Update(w.ctx, func(tx bot.Tx) error { return tx.SetChannel(3, "C0NOWHERE", "nowhere") })
		if err != nil || three == "" {
			t.Fatal(err)
		}
		drop(cat)
		w.rest(2 * time.Minute)
		if w.sees(cat, 1) || !w.sees(ana, 1) {
			t.Error("the open one was not read")
		}
		w.slash(ana, "general", "resolve") // which is one
		w.rest(10 * time.Second)
		drop(cat)
		w.rest(5 * time.Minute)
		if w.incident(1).Open() || w.sees(cat, 1) {
			t.Error("the ended one was not read")
		}
	}, noPrivateInvite)
}

// TestEndedInTurns: all ended ones have their turn, a few at a time.
func TestEndedInTurns(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		const n = 2*endedAtATime + 5
		err := w.bot.Store.Update(w.ctx, func(tx bot.Tx) error {
			for range n {
				number, err := tx.NextNumber()
				if err != nil {
					return err
				}
				id := w.fake.AddChannel(fmt.Sprint("old-", number), true, ana, w.fake.BotUser())
				i := &bot.Incident{Number: number, Private: true, Status: bot.Resolved, Channel: bot.ChannelID(id)}
				if err := tx.CreateIncident(i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			before := len(w.fake.Calls("conversations.members"))
			w.rest(time.Minute)
			if read := len(w.fake.Calls("conversations.members")) - before; read > endedAtATime {
				t.Errorf("%d at a time", read)
			}
		}
		for k := range int64(n) {
			if !w.sees(ana, k+1) {
				t.Errorf("#%d had no turn", k+1)
			}
		}
		w.rest(2 * time.Minute)
		if got := len(w.fake.Calls("conversations.members")); got <= n {
			t.Error("it does not begin anew")
		}
	})
}
