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

// withRepo lets action items have issues.
func withRepo(set *bot.Settings) {
	set.Followups.Repo = "acme/postmortems"
	set.BaseURL = "https://tocsin.test"
}

// do does something to incident n, as somebody or, without a name, as the bot.
func (w *world) do(who bot.UserID, n int64, fn func(*bot.Work) error) {
	w.t.Helper()
	_, err := w.bot.Carry(w.ctx, bot.Request{User: who, Via: bot.ViaSlack}, func(work *bot.Work) (bot.Reply, error) {
		if err := work.Lock(n); err != nil {
			return bot.Reply{}, err
		}
		return bot.Reply{}, fn(work)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) addItem(d bot.FollowUpDraft) {
	w.t.Helper()
	w.do(ana, 1, func(work *bot.Work) error {
		_, err := bot.AddFollowUp(work, d)
		return err
	})
}

// onItem does something to action item 1.
func (w *world) onItem(who bot.UserID, fn func(*bot.Work, *bot.FollowUp) error) {
	w.t.Helper()
	w.do(who, 1, func(work *bot.Work) error {
		f, err := bot.TakeFollowUp(work, 1)
		if err != nil {
			return err
		}
		return fn(work, f)
	})
}

func (w *world) beginIssue() {
	w.t.Helper()
	w.onItem("", func(work *bot.Work, f *bot.FollowUp) error {
		_, err := bot.BeginIssue(work, f)
		return err
	})
}

// openIssue lets GitHub open the issue of action item 1.
func (w *world) openIssue() {
	w.t.Helper()
	w.beginIssue()
	w.onItem("", func(work *bot.Work, f *bot.FollowUp) error {
		return bot.OpenIssue(work, f, bot.FoundIssue{Repo: "acme/postmortems", Number: 12, URL: "https://github.com/acme/postmortems/issues/12", UpdatedAt: work.Now})
	})
}

// items are the messages in incident 1's channel that show an action item whole.
func (w *world) items() (out []string) {
	for _, s := range w.said(string(w.incident(1).Channel)) {
		if strings.Contains(s, "Action item ") {
			out = append(out, s)
		}
	}
	return out
}

// itemShows fails unless the one message of action item 1 holds each part.
func (w *world) itemShows(parts ...string) {
	w.t.Helper()
	at, _ := parseRef(w.link(1, followUpLink(1)))
	m, ok := w.fake.Message(string(at.channel), at.ts)
	if all := w.items(); !ok || len(all) != 1 {
		w.t.Fatalf("%d messages of the item, link %v:\n%s", len(all), at, strings.Join(all, "\n---\n"))
	}
	text := w.fake.PlainText(m)
	w.t.Log(text)
	for _, p := range parts {
		if !strings.Contains(text, p) {
			w.t.Errorf("%q is not in:\n%s", p, text)
		}
	}
}

func (w *world) declared() {
	w.t.Helper()
	w.slash(ana, "general", "declare Checkout is down")
	w.rest(20 * time.Second)
}

// TestFollowUpMessage: an action item is one message, changed in place with what
// people do and what GitHub says, and nothing is posted besides.
func TestFollowUpMessage(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		w.addItem(bot.FollowUpDraft{Text: "Add an alert on queue depth", Owner: ben, Due: "2000-02-01", Priority: "p1"})
		w.rest(3 * time.Second)
		w.itemShows("*Action item 1 [OPEN]* Add an alert on queue depth\nOwner @ben · due 1 Feb 2000 · p1\n", "An issue in `acme/postmortems` is being opened", "Added by @ana", "[Start] [Done] [Drop]")
		first := w.link(1, followUpLink(1))
		w.openIssue()
		w.rest(3 * time.Second)
		w.itemShows("Issue acme/postmortems#12 (https://github.com/acme/postmortems/issues/12)")
		edits := len(w.fake.Calls("chat.update"))
		w.onItem(ben, func(work *bot.Work, f *bot.FollowUp) error {
			return bot.SetFollowUp(work, f, bot.FollowUpInProgress, "")
		})
		w.onItem(ben, func(work *bot.Work, f *bot.FollowUp) error {
			return bot.DueFollowUp(work, f, "2000-03-01", "it takes longer")
		})
		w.onItem(ben, func(work *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(work, f, "") })
		w.rest(3 * time.Second)
		if n := len(w.fake.Calls("chat.update")) - edits; n > 2 { // what was superseded is dropped
			t.Errorf("%d edits", n)
		}
		w.itemShows("[IN PROGRESS]", "Nobody owns it · due 1 Mar 2000", "started by @ben", "[Done] [Drop]")
		w.onItem("", func(work *bot.Work, f *bot.FollowUp) error { return bot.SentIssue(work, f, f.Issue.Wanted, work.Now) })
		w.onItem("", func(work *bot.Work, f *bot.FollowUp) error {
			return bot.HearIssue(work, f, bot.FoundIssue{Closed: true, Reason: "not_planned", UpdatedAt: work.Now}, "octo-<!channel>")
		})
		w.rest(6 * time.Second)
		w.itemShows("[DROPPED]", "closed as not planned", "dropped by octo-<!channel> on GitHub", "[Reopen]")
		if again := w.link(1, followUpLink(1)); again != first {
			t.Errorf("%s, then %s", first, again)
		}
		if all := w.said(string(w.incident(1).Channel)); len(all) != 2 || len(w.jobs()) > 0 {
			t.Errorf("posted besides, or left over:\n%s\n%+v", strings.Join(all, "\n---\n"), w.jobs())
		}
		w.click(ana, string(w.incident(1).Channel), strings.Split(first, "/")[1], "Reopen")
		if r := w.talk.seen.Load(); r.Line != "action reopen 1" || r.Incident != 1 {
			t.Errorf("%+v", r)
		}
		if s := strings.Join(w.said("incidents"), ""); strings.Contains(s, "alert") {
			t.Error("announced: " + s)
		}
	}, withRepo)
}

// TestFollowUpKept: where no issue is wanted that is said.
func TestFollowUpKept(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		w.addItem(bot.FollowUpDraft{Text: "Tell <!channel> & <@U0000BEN1>"})
		w.rest(3 * time.Second)
		w.itemShows("Tell <!channel> & <@U0000BEN1>", "Kept here, no issue opened", "Nobody owns it · due 31 Jan 2000")
	})
}

// TestFollowUpNotices: what must be noticed of an issue is posted, once, to whom it
// concerns, and opened again only by a person.
func TestFollowUpNotices(t *testing.T) {
	for name, c := range map[string]struct {
		become       func(*world)
		card, posted string
		button, line string
	}{
		"failed": {func(w *world) {
			w.onItem("", func(work *bot.Work, f *bot.FollowUp) error {
				return bot.FailIssue(work, f, "410 Issues are disabled <!here>")
			})
		}, "*No issue*: it could not be opened in `acme/postmortems`",
			"*The issue of action item 1 could not be opened in acme/postmortems*\nAdd an alert\n> 410 Issues are disabled <!here>\n@ana added it.", "Try again", "action retry 1"},
		"lost": {func(w *world) {
			w.onItem("", func(work *bot.Work, f *bot.FollowUp) error { return bot.LoseIssue(work, f, "the connection broke") })
			w.rest(5 * time.Second)
			w.itemShows("An issue in `acme/postmortems` may have been opened; it is being looked for")
			if n := len(w.said(string(w.incident(1).Channel))); n != 2 {
				w.t.Errorf("%d messages before anybody is needed", n)
			}
			w.onItem("", bot.AskIssue)
		}, "*Nobody knows* whether its issue in `acme/postmortems` was opened",
			"*Nobody knows whether the issue of action item 1 was opened*\nAdd an alert\nIt was looked for in vain. Look in acme/postmortems (https://github.com/acme/postmortems/issues) first; if it is not there, open it again. @ana added it.",
			"Open it again", "action retry 1"},
		"unassigned": {func(w *world) {
			w.openIssue()
			w.onItem("", func(work *bot.Work, f *bot.FollowUp) error {
				return bot.AssignIssue(work, f, "octo-ben", "no access to the repository")
			})
		}, "#12", "*GitHub did not take octo-ben as assignee of action item 1*\nAdd an alert\n> no access to the repository\n@ben owns it.", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.declared()
				w.addItem(bot.FollowUpDraft{Text: "Add an alert", Owner: ben})
				w.rest(2 * time.Second)
				if name != "unassigned" {
					w.beginIssue()
				}
				c.become(w)
				w.rest(5 * time.Second)
				w.itemShows(c.card)
				channel := string(w.incident(1).Channel)
				all := w.fake.Messages(channel)
				last := all[len(all)-1]
				t.Log(w.fake.PlainText(last))
				w.once(w.said(channel), c.posted)
				if n := len(w.said(channel)); n != 3 {
					t.Errorf("%d messages", n)
				}
				if c.button == "" {
					return
				}
				w.click(ana, channel, last.TS, c.button)
				if r := w.talk.seen.Load(); r.Line != bot.Text(c.line) || r.Incident != 1 {
					t.Errorf("%+v", r)
				}
				w.onItem(ana, bot.RetryIssue)
				w.rest(3 * time.Second)
				w.itemShows("is being opened")
			}, withRepo)
		})
	}
}

// TestFollowUpOnce: a lost answer posts no second message, one that was deleted
// comes back once, and a change while it was posted shows.
func TestFollowUpOnce(t *testing.T) {
	for _, f := range []fakeslack.Fault{{DropAfterCommit: true, Times: 2}, {Delay: 3 * time.Second}} {
		t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.declared()
				f.Method = "chat.postMessage"
				w.fake.Inject(f)
				w.addItem(bot.FollowUpDraft{Text: "Add an alert"})
				w.rest(500 * time.Millisecond)
				w.openIssue()
				w.rest(time.Minute)
				w.itemShows("#12")
				at, _ := parseRef(w.link(1, followUpLink(1)))
				err := w.slack.call(w.ctx, "chat.delete", func(ctx context.Context) error {
					_, _, err := w.slack.api.DeleteMessageContext(ctx, string(at.channel), at.ts)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				w.fake.Inject(f)
				w.onItem(ben, func(work *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(work, f, ben) })
				w.rest(time.Minute)
				w.itemShows("Owner @ben")
			}, withRepo)
		})
	}
}

// TestFollowUpRedacted: a redacted text goes from the item's message, and so does a
// redacted reason.
func TestFollowUpRedacted(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		w.addItem(bot.FollowUpDraft{Text: "canary-one"})
		text := w.incident(1).Head.Seq
		w.onItem(ana, func(work *bot.Work, f *bot.FollowUp) error {
			return bot.SetFollowUp(work, f, bot.FollowUpDropped, "canary-two")
		})
		reason := w.incident(1).Head.Seq
		w.rest(5 * time.Second)
		w.itemShows("canary-one", "canary-two")
		for _, seq := range []int64{text, reason} {
			w.do(ana, 1, func(work *bot.Work) error {
				_, err := bot.Redact(work, seq, "it was a secret")
				return err
			})
		}
		w.rest(5 * time.Second)
		w.itemShows("[DROPPED]* [redacted]")
		if all := strings.Join(w.items(), ""); strings.Contains(all, "canary") {
			t.Error(all)
		}
	})
}

// TestFollowUpChannels: edits go on as soon as an archived channel takes them, and
// what is open moves into the channel that replaces a deleted one.
func TestFollowUpChannels(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.declared()
		w.addItem(bot.FollowUpDraft{Text: "Add an alert"})
		w.rest(3 * time.Second)
		channel := string(w.incident(1).Channel)
		w.archive(channel)
		w.onItem(ben, func(work *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(work, f, ben) })
		w.rest(10 * time.Second)
		if err := w.fake.As(ana).Unarchive(w.ctx, channel); err != nil {
			t.Fatal(err)
		}
		w.rest(10 * time.Second)
		w.itemShows("Owner @ben")
		w.event(map[string]any{"type": "channel_deleted", "channel": channel})
		w.slash(ana, "general", "update on we go")
		w.rest(30 * time.Second)
		if again := string(w.incident(1).Channel); again == channel {
			t.Fatal("the same channel")
		}
		w.itemShows("Add an alert")
	}, withRepo)
}
