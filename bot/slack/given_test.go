package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// giveShows fails unless somebody's DM number k from the end, of those about an
// action item, holds each of has and none of lacks.
func (w *world) giveShows(who string, k int, has, lacks []string) {
	w.t.Helper()
	var all []string
	for _, s := range w.said(w.fake.DM(who)) {
		if strings.Contains(strings.ToLower(s), "action item") {
			all = append(all, s)
		}
	}
	if len(all) <= k {
		w.t.Fatalf("%d messages: %v", len(all), all)
	}
	text := all[len(all)-1-k]
	w.t.Log(text)
	for _, part := range has {
		if !strings.Contains(text, part) {
			w.t.Errorf("%q is not in:\n%s", part, text)
		}
	}
	for _, part := range lacks {
		if strings.Contains(text, part) {
			w.t.Errorf("%q is in:\n%s", part, text)
		}
	}
}

func (w *world) own(by, to bot.UserID) {
	w.t.Helper()
	w.onItem(by, func(work *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(work, f, to) })
}

func (w *world) toState(to bot.FollowUpState) {
	w.t.Helper()
	w.onItem(ben, func(work *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(work, f, to, "") })
}

// TestGivenFollows: the direct message that gave somebody an action item shows it
// as it is now, as long as it is theirs, whatever Slack does.
func TestGivenFollows(t *testing.T) {
	for name, faults := range map[string][]fakeslack.Fault{
		"well":         nil,
		"away":         {{Method: "chat.update", Status: 503, Times: 3}},
		"answers lost": {{Method: "chat.postMessage", DropAfterCommit: true, Times: 2}, {Method: "conversations.history", Status: 503, Times: 8}},
		"slow":         {{Method: "chat.postMessage", Delay: 8 * time.Second, Times: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.declared()
				for _, fault := range faults {
					w.fake.Inject(fault)
				}
				w.addItem(bot.FollowUpDraft{Text: "Add an alert", Owner: ben})
				w.rest(500 * time.Millisecond)
				w.openIssue()
				w.rest(time.Minute)
				w.giveShows(ben, 0, []string{"@ana gave you", "[OPEN]", "acme/postmortems#12", "[Start] [Done] [Drop]"}, []string{"being opened"})
				w.toState(bot.FollowUpInProgress)
				w.rest(20 * time.Second)
				w.giveShows(ben, 0, []string{"@ana gave you", "[IN PROGRESS]", "[Done] [Drop]"}, []string{"[Start]"})
				w.toState(bot.FollowUpDone)
				w.rest(20 * time.Second)
				w.giveShows(ben, 0, []string{"[DONE]", "[Reopen]"}, []string{"[Drop]"})
				w.toState(bot.FollowUpOpen)
				w.own(ana, guest)
				w.rest(20 * time.Second)
				w.giveShows(ben, 0, []string{"Action item 1 of #1 was given to you. It is not yours any more: it went to @guest."}, []string{"Add an alert", "["})
				w.giveShows(guest, 0, []string{"@ana gave you", "Add an alert", "[Start]"}, nil)
				w.own(ana, ben)
				w.rest(20 * time.Second)
				w.giveShows(ben, 0, []string{"@ana gave you", "Add an alert", "[Start]"}, nil)
				w.giveShows(ben, 1, []string{"it went to @guest"}, nil)
				w.giveShows(guest, 0, []string{"it went to @ben"}, []string{"Add an alert"})
				w.own(ben, "")
				w.rest(20 * time.Second)
				w.giveShows(ben, 0, []string{"It is not yours any more."}, []string{"Add an alert", "["})
				for _, j := range w.jobs() {
					if j.Kind == "slack.regive" && j.State == bot.JobWaiting {
						t.Errorf("still to be done: %+v", j)
					}
				}
			}, withRepo)
		})
	}
}

// TestGivenBack: when an item comes back at once, the newer message shows it.
func TestGivenBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		w.addItem(bot.FollowUpDraft{Text: "Add an alert", Owner: ben})
		w.rest(10 * time.Second)
		w.own(ana, guest)
		w.own(ana, ben)
		w.rest(10 * time.Second)
		w.toState(bot.FollowUpInProgress)
		w.rest(10 * time.Second)
		w.giveShows(ben, 0, []string{"@ana gave you", "[IN PROGRESS]", "[Done]"}, nil)
		w.giveShows(ben, 1, []string{"It came back to you later; a newer message shows it."}, []string{"["})
	})
}

// TestGivenBehindTheChannel: of changes that follow each other only the last is
// drawn in the DM, after the channel's own message.
func TestGivenBehindTheChannel(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		w.addItem(bot.FollowUpDraft{Text: "Add an alert", Owner: ben})
		w.rest(10 * time.Second)
		for _, to := range []bot.FollowUpState{bot.FollowUpInProgress, bot.FollowUpDone, bot.FollowUpOpen, bot.FollowUpOngoing} {
			w.toState(to)
		}
		w.rest(3 * time.Second)
		w.itemShows("[ONGOING]")
		w.giveShows(ben, 0, []string{"[OPEN]"}, nil)
		w.rest(10 * time.Second)
		w.giveShows(ben, 0, []string{"[ONGOING]"}, nil)
		var done, dropped int
		for _, j := range w.jobs(bot.JobDone, bot.JobSuperseded) {
			if j.Kind == "slack.regive" && j.State == bot.JobDone {
				done++
			} else if j.Kind == "slack.regive" {
				dropped++
			}
		}
		if done != 1 || dropped != 3 {
			t.Errorf("%d done, %d dropped", done, dropped)
		}
	})
}

// TestGivenRefused: an edit that Slack refuses is no failure of the incident.
func TestGivenRefused(t *testing.T) {
	for _, code := range []string{"cant_update_message", "message_not_found", "channel_not_found", "is_archived"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.declared()
				w.addItem(bot.FollowUpDraft{Text: "Add an alert", Owner: ben})
				w.rest(10 * time.Second)
				w.toState(bot.FollowUpInProgress)
				w.rest(3 * time.Second) // the channel's message is drawn
				w.fake.Inject(fakeslack.Fault{Method: "chat.update", Error: code, Times: -1})
				w.rest(time.Minute)
				for _, j := range w.jobs(bot.JobWaiting, bot.JobFailed, bot.JobDone) {
					if j.Kind == "slack.tell" || j.Kind == "slack.regive" && j.State != bot.JobDone {
						t.Errorf("%+v", j)
					}
				}
			})
		})
	}
}

// TestGivenRedacted: what is redacted goes from the DM, too: the item's text, and
// the title of its incident.
func TestGivenRedacted(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare canary-title")
		w.rest(20 * time.Second)
		w.addItem(bot.FollowUpDraft{Text: "canary-item", Owner: ben})
		item := w.incident(1).Head.Seq
		w.rest(10 * time.Second)
		w.giveShows(ben, 0, []string{"canary-item", "canary-title"}, nil)
		for seq, word := range map[int64]string{item: "canary-item", 1: "canary-title"} {
			w.do(ana, 1, func(work *bot.Work) error {
				_, err := bot.Redact(work, seq, "it was a secret")
				return err
			})
			w.rest(20 * time.Second)
			w.giveShows(ben, 0, []string{"[OPEN]"}, []string{word})
		}
	})
}

// TestGivenPrivate: who was taken out of a private incident reads nothing more of
// it where they were given an item of it.
func TestGivenPrivate(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "secret canary-title")
		w.rest(20 * time.Second)
		w.addItem(bot.FollowUpDraft{Text: "canary-item", Owner: ben})
		w.rest(10 * time.Second)
		w.giveShows(ben, 0, []string{"canary-item"}, nil)
		if err := w.bot.Membership(w.ctx, w.incident(1).Channel, ben, false); err != nil {
			t.Fatal(err)
		}
		w.own(ana, guest)
		w.rest(20 * time.Second)
		w.giveShows(ben, 0, []string{"You can no longer see it."}, []string{"canary", "@guest", "["})
	})
}

// TestGivenLost: a message of which Slack took the post and lost the answer follows
// its item, too, although the item went to somebody else before the next try.
func TestGivenLost(t *testing.T) {
	bubble(t, func(w *world) {
		w.declared()
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", DropAfterCommit: true, Times: -1})
		w.addItem(bot.FollowUpDraft{Text: "Add an alert", Owner: ben})
		for range 60 {
			if w.rest(time.Second); len(w.said(w.fake.DM(ben))) > 0 {
				break
			}
		}
		w.fake.ClearFaults()
		w.own(ana, cat)
		w.rest(10 * time.Minute)
		w.giveShows(ben, 0, []string{"not yours any more"}, []string{"[Start]"})
	})
}
