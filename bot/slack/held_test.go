package slack

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// archive archives a channel as an administrator would.
func (w *world) archive(channel string) {
	w.t.Helper()
	if err := w.slackCall("conversations.archive", channel); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) event(e map[string]any) {
	w.t.Helper()
	if err := w.fake.SendEvent(w.ctx, e); err != nil {
		w.t.Fatal(err)
	}
}

// TestArchived: what is said while the channel is archived is told to wait, once,
// and is posted in its order when the channel is back.
func TestArchived(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		w.rest(time.Hour)
		channel := string(w.incident(1).Channel)
		told := func(n int) {
			t.Helper()
			dm := strings.Join(w.said(w.fake.DM(ana)), "\n")
			if strings.Count(dm, "`is_archived`") != n || strings.Count(dm, "[Show #1]") != n || !strings.Contains(dm, "Unarchive it") || strings.Count(w.logs.String(), "code=is_archived") != n {
				t.Errorf("told, want %d times: %s", n, dm)
			}
		}
		for round := range 2 {
			w.archive(channel)
			w.slash(ana, "general", fmt.Sprintf("update first of %d", round))
			w.slash(ana, "general", fmt.Sprintf("update second of %d", round))
			before := len(w.fake.Calls())
			w.rest(3 * time.Hour)
			told(round + 1)
			tries := 0
			for _, c := range w.fake.Calls()[before:] {
				if c.Method == "chat.postMessage" || c.Method == "chat.update" {
					tries++
				}
			}
			if tries > 16 {
				t.Errorf("%d tries", tries)
			}
			if err := w.fake.As(ana).Unarchive(w.ctx, channel); err != nil {
				t.Fatal(err)
			}
			w.rest(time.Minute)
			all := w.said(channel)
			w.once(all[1:], fmt.Sprintf("first of %d", round))
			w.once(all[1:], fmt.Sprintf("second of %d", round))
			if text := strings.Join(all, "\n"); strings.LastIndex(text, "first of") > strings.LastIndex(text, "second of") {
				t.Error("out of order")
			}
			if !strings.Contains(all[0], fmt.Sprintf("second of %d", round)) {
				t.Errorf("the card is old: %s", all[0])
			}
		}
		if left := w.jobs(); len(left) > 0 {
			t.Errorf("left over: %+v", left)
		}
	})
}

// TestHolds: the tries grow apart and end, and only what people can mend in one
// place for all messages is waited for.
func TestHolds(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		w.rest(10 * time.Second)
		day := 24 * time.Hour
		for _, c := range []struct {
			kind, method, code string
			age, want          time.Duration // 0: failed
		}{
			{"post", "chat.postMessage", "is_archived", 0, firstHold},
			{"post", "chat.postMessage", "not_in_channel", time.Hour, time.Hour},
			{"invite", "conversations.invite", "is_archived", 3 * day, lastHold},
			{"post", "chat.postMessage", "is_archived", longestHold, 0},
			{"post", "chat.postMessage", "missing_scope", 0, firstHold},
			{"channel", "conversations.create", "missing_scope", 0, firstHold},
			{"pin", "pins.add", "missing_scope", 0, 0},
			{"post", "chat.postMessage", "msg_too_long", 0, 0},
			{"announce", "chat.postMessage", "channel_not_found", 0, firstHold},
			{"tell", "chat.postMessage", "channel_not_found", 0, 0},
			{"behalf", "conversations.open", "missing_scope", 0, 0},
		} {
			now := w.slack.now()
			job := bot.Job{Kind: c.kind, Attempt: 1, CreatedAt: now.Add(-c.age)}
			err := w.slack.settle(w.ctx, &task{job: job, i: w.incident(1)}, &callError{method: c.method, code: c.code, class: classPermanent})
			o := bot.OutcomeOf(job, err, now)
			if (o.State == bot.JobFailed) != (c.want == 0) || c.want > 0 && (o.RunAt.Sub(now) != c.want || o.Free) {
				t.Errorf("%+v: %+v", c, o)
			}
		}
	})
}

// TestScopeComesBack: without the right to post everything waits, and a restart,
// which a new installation of the app needs, sends it.
func TestScopeComesBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		w.rest(time.Hour)
		channel := string(w.incident(1).Channel)
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", Error: "missing_scope", Times: -1})
		w.slash(ana, "general", "update waits for a scope")
		w.rest(2 * time.Hour)
		w.fake.ClearFaults()
		w.rest(10 * time.Minute)
		if text := strings.Join(w.said(channel)[1:], "\n"); strings.Contains(text, "scope") {
			t.Fatal("it was not held")
		}
		w.fake.Inject(fakeslack.Fault{Method: "auth.test", Status: 503})
		w.rest(3 * time.Minute)
		w.once(w.said(channel)[1:], "waits for a scope")
	})
}

// TestInvitedAgain: a private channel that lost the app is not made anew; it goes
// on when the app is invited.
func TestInvitedAgain(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "secret Keys leaked")
		w.rest(time.Hour)
		channel := string(w.incident(1).Channel)
		err := w.slack.call(w.ctx, "conversations.leave", func(ctx context.Context) error {
			_, err := w.slack.api.LeaveConversationContext(ctx, channel)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.slash(ana, "general", "update waits for the app")
		w.rest(2 * time.Hour)
		if i := w.incident(1); string(i.Channel) != channel || len(w.jobs(bot.JobFailed)) > 0 {
			t.Errorf("channel %s, failed %+v", i.Channel, w.jobs(bot.JobFailed))
		}
		if err := w.fake.As(ana).Invite(w.ctx, channel, w.fake.BotUser()); err != nil {
			t.Fatal(err)
		}
		w.rest(time.Minute)
		w.once(w.said(channel)[1:], "waits for the app")
	})
}

// TestDeletedChannel: a deleted channel is made anew by what is said next,
// whether Slack told of it or a post finds out.
func TestDeletedChannel(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprint(known), func(t *testing.T) {
			bubble(t, func(w *world) {
				w.slash(ana, "general", "declare Checkout is down")
				w.rest(time.Hour)
				old := string(w.incident(1).Channel)
				if known {
					w.event(map[string]any{"type": "channel_deleted", "channel": old})
				} else {
					w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", Error: "channel_not_found"})
				}
				w.slash(ana, "general", "update where am I")
				w.rest(time.Minute)
				i := w.incident(1)
				if string(i.Channel) == old || i.Channel == "" {
					t.Fatalf("channel %q", i.Channel)
				}
				all := w.said(string(i.Channel))
				w.once(all, "*Update*\nwhere am I")
				c, _ := w.fake.Channel(string(i.Channel))
				if len(all) != 2 || len(c.Pins) != 1 || !strings.Contains(c.Topic, "Ana Lima") {
					t.Errorf("%v, pins %v, topic %s", all, c.Pins, c.Topic)
				}
				w.once(w.said(w.fake.DM(ana)), codeDeleted)
				if w.once(w.said("incidents"), "#"+i.ChannelName); len(w.jobs()) > 0 {
					t.Errorf("left over: %+v", w.jobs())
				}
			})
		})
	}
}

// TestDeletedOnce: a Slack that knows no channel gets no new one with each try.
func TestDeletedOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		w.rest(time.Hour)
		made := len(w.fake.Calls("conversations.create"))
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", Error: "channel_not_found", Times: -1})
		w.slash(ana, "general", "update where am I")
		w.rest(2 * time.Hour)
		if n := len(w.fake.Calls("conversations.create")) - made; n > 2 { // the old name is taken
			t.Errorf("%d calls", n)
		}
		w.fake.ClearFaults()
		w.rest(3 * time.Hour)
		w.once(w.said(string(w.incident(1).Channel)), "*Update*\nwhere am I")
	})
}

// TestAnnounceArchived: announcements wait for their channel, one person hears of
// it, and the incidents' own channels go on.
func TestAnnounceArchived(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare One")
		w.rest(time.Hour)
		c, _ := w.fake.Channel("incidents")
		w.archive(c.ID)
		w.slash(ana, "general", "ic @ben")
		w.slash(ana, "general", "update goes on")
		w.slash(ben, "general", "declare Two")
		w.rest(2 * time.Hour)
		w.once(w.said(string(w.incident(1).Channel))[1:], "goes on")
		if card := w.said(string(w.incident(1).Channel))[0]; !strings.Contains(card, "goes on") {
			t.Errorf("the card is old: %s", card)
		}
		hears := append(w.said(w.fake.DM(ana)), w.said(w.fake.DM(ben))...)
		if n := strings.Count(strings.Join(append(hears, w.whispered("general", ben)...), "\n"), "announcing it failed"); n != 1 {
			t.Errorf("told %d times: %v", n, hears)
		}
		if err := w.fake.As(ana).Unarchive(w.ctx, c.ID); err != nil {
			t.Fatal(err)
		}
		w.rest(time.Minute)
		w.once(w.said("incidents"), "#1: @ben is Incident commander")
		w.once(w.said("incidents"), "#2* Two")
		if first := w.said("incidents")[0]; !strings.Contains(first, "@ben") {
			t.Errorf("the announcement is old: %s", first)
		}
		if left := w.jobs(); len(left) > 0 {
			t.Errorf("left over: %+v", left)
		}
	})
}

// TestAnnounceElsewhere: an old announcement in a channel that was given up holds
// up no new one.
func TestAnnounceElsewhere(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare One")
		w.rest(time.Hour)
		w.fake.AddChannel("outages", false, ana, w.fake.BotUser())
		c, _ := w.fake.Channel("incidents")
		w.archive(c.ID)
		w.bot.Settings.Announce = "outages"
		w.slash(ana, "general", "ic @ben")
		w.slash(ana, "general", "declare Two")
		w.rest(time.Minute)
		w.once(w.said("outages"), "#2* Two")
		if left := w.jobs(); len(left) > 0 {
			t.Errorf("left over: %+v", left)
		}
	})
}
