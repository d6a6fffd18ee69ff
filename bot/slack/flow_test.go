package slack

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

func TestDeclareToResolve(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		a := w.slash(ana, "general", "declare Checkout <is> down & @ben knows")
		if !strings.Contains(a.Text, "Declared") {
			t.Fatalf("answer: %s", a.Text)
		}
		w.rest(20 * time.Second)
		i := w.incident(1)
		if i.ChannelName != "inc-1-checkout-is-down-and-knows" {
			t.Errorf("channel %q", i.ChannelName)
		}
		w.once(w.whispered("general", ana), "has its channel: #inc-1")
		w.once(w.said("incidents"), "#1* Checkout <is> down & @ben knows #inc-1-checkout")
		c, _ := w.fake.Channel(string(i.Channel))
		if len(c.Pins) != 1 || !strings.Contains(c.Topic, "Commander: Ana Lima") {
			t.Errorf("pins %v, topic %q", c.Pins, c.Topic)
		}
		for _, line := range []string{"update We see timeouts", "note nobody reads this", "status identified", "severity sev1", "ic <@" + ben + ">", "public We are on it", "resolve It was DNS"} {
			w.slash(ana, "general", strings.ReplaceAll(line, "<@"+ben+">", "@ben"))
			w.rest(3 * time.Second)
		}
		w.rest(20 * time.Second)
		all := w.said(string(i.Channel))
		for _, part := range []string{"We see timeouts", "Status: Identified", "Severity: SEV1 Critical", "@ben is Incident commander", "*Resolved*\nIt was DNS\n@ana · 2000-01-01 00:00 UTC"} {
			w.once(all[1:], part)
		}
		w.once(w.said("incidents"), "#1: Severity: SEV1 Critical")
		w.once(w.said("incidents"), "#1: @ben is Incident commander")
		w.once(w.said("incidents"), "#1: Resolved\nIt was DNS")
		if s := strings.Join(append(all, w.said("incidents")...), "\n"); strings.Contains(s, "nobody reads this") {
			t.Error("a note was posted")
		}
		if l := w.jobs(); len(l) > 0 {
			t.Errorf("jobs are left: %+v", l)
		}
	})
}

// TestPrivate: a private incident is told to nobody but its members, who are
// those in its channel.
func TestPrivate(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "secret canary-title")
		w.rest(20 * time.Second)
		w.slash(ana, "general", "severity sev1")
		w.slash(ana, "general", "resolve canary-text")
		w.rest(20 * time.Second)
		i := w.incident(1)
		c, _ := w.fake.Channel(string(i.Channel))
		if !c.Private || !slices.Contains(c.Members, ben) || slices.Contains(c.Members, gone) {
			t.Errorf("%+v", c)
		}
		if all := strings.Join(append(w.said("incidents"), w.said("general")...), "\n"); strings.Contains(all, "canary") || strings.Contains(all, "#1") {
			t.Errorf("told: %s", all)
		}
		if strings.Contains(w.logs.String(), "canary") {
			t.Error("it is in the log")
		}
		members := func() (out []bot.UserID) {
			_ = w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
				out, err = tx.Members(1)
				return err
			})
			return out
		}
		if m := members(); !slices.Contains(m, ana) || !slices.Contains(m, ben) {
			t.Errorf("members %v", m)
		}
		w.once(w.said(string(i.Channel)), "deactivated")
		if err := w.fake.As(ben).Leave(w.ctx, string(i.Channel)); err != nil {
			t.Fatal(err)
		}
		if m := members(); slices.Contains(m, ben) {
			t.Errorf("members %v", m)
		}
	})
}

func TestDrill(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "drill Fire")
		w.slash(ana, "general", "resolve")
		w.rest(20 * time.Second)
		if len(w.said("incidents")) != 0 || len(w.said(string(w.incident(1).Channel))) != 2 {
			t.Errorf("%v", w.said("incidents"))
		}
	})
}

// TestNameTaken: a foreign channel of the same name is left alone.
func TestNameTaken(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		foreign := w.fake.AddChannel("inc-1-down", false, ben, w.fake.BotUser())
		w.fake.Inject(fakeslack.Fault{Method: "conversations.create", Error: "internal_error"})
		w.slash(ana, "general", "declare Down")
		w.rest(20 * time.Second)
		i := w.incident(1)
		if i.ChannelName != "inc-1-down-2" || string(i.Channel) == foreign || len(w.said(foreign)) > 0 {
			t.Errorf("%s %s", i.ChannelName, i.Channel)
		}
	})
}

func TestRename(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Down")
		w.rest(20 * time.Second)
		id := string(w.incident(1).Channel)
		err := w.slack.call(w.ctx, "conversations.rename", func(ctx context.Context) error {
			_, err := w.slack.api.RenameConversationContext(ctx, id, "inc-1-up")
			return err
		})
		w.slash(ana, "general", "update still here")
		w.rest(20 * time.Second)
		if i := w.incident(1); err != nil || i.ChannelName != "inc-1-up" || string(i.Channel) != id || len(w.said(id)) != 2 {
			t.Errorf("%v %+v", err, i.ChannelName)
		}
	})
}

// TestRedacted: what was posted is drawn again without the text.
func TestRedacted(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Down")
		w.slash(ana, "general", "update the canary-password")
		w.rest(20 * time.Second)
		w.slash(ana, "general", "redact")
		w.rest(20 * time.Second)
		for _, channel := range []string{string(w.incident(1).Channel), "incidents"} {
			if all := strings.Join(w.said(channel), "\n"); strings.Contains(all, "canary") {
				t.Errorf("%s: %s", channel, all)
			}
		}
	})
}

// TestDeletedCard: a card and an announcement that somebody deleted come back.
func TestDeletedCard(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Down")
		w.rest(20 * time.Second)
		for _, link := range []string{linkCard, linkAnnounce} {
			at, _ := parseRef(w.link(1, link))
			err := w.slack.call(w.ctx, "chat.delete", func(ctx context.Context) error {
				_, _, err := w.slack.api.DeleteMessageContext(ctx, string(at.channel), at.ts)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		w.slash(ana, "general", "status monitoring")
		w.rest(20 * time.Second)
		w.once(w.said("incidents"), "Monitoring")
		if all := w.said(string(w.incident(1).Channel)); len(all) != 2 {
			t.Errorf("%v", all)
		}
	})
}

// TestOldChannel: not even a channel of the bot's own is adopted when it is
// older than the declare, as after a restore of the database.
func TestOldChannel(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		err := w.slack.call(w.ctx, "conversations.create", func(ctx context.Context) error {
			_, err := w.slack.api.CreateConversationContext(ctx, api.CreateConversationParams{ChannelName: "inc-1-down"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.rest(time.Hour)
		w.slash(ana, "general", "declare Down")
		w.rest(20 * time.Second)
		if i := w.incident(1); i.ChannelName != "inc-1-down-2" {
			t.Errorf("%s", i.ChannelName)
		}
	})
}

// TestKickedOut: a public channel that the bot was removed from is joined again.
func TestKickedOut(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Down")
		w.rest(20 * time.Second)
		id := string(w.incident(1).Channel)
		err := w.slack.call(w.ctx, "conversations.leave", func(ctx context.Context) error {
			_, err := w.slack.api.LeaveConversationContext(ctx, id)
			return err
		})
		w.slash(ana, "general", "update back again")
		w.rest(20 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		w.once(w.said(id)[1:], "back again")
	})
}
