package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// offers are the messages that offer, or offered, a step.
func (w *world) offers() (out []string) {
	for _, s := range w.said(string(w.incident(1).Channel)) {
		if strings.HasPrefix(s, "Rollback r1: *") {
			out = append(out, s)
		}
	}
	return out
}

func threeSteps(set *bot.Settings) {
	set.Targets[0].Steps = []bot.TargetStep{{Name: "main"}, {Name: "chat"}, {Name: "voice"}}
}

// TestOffer: the next step is offered as soon as one was accepted, once, and the
// offer goes when it was taken.
func TestOffer(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.approve()
		w.rest(5 * time.Second)
		if l := w.offers(); len(l) > 0 {
			t.Errorf("nothing was accepted yet: %v", l)
		}
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", DropAfterCommit: true})
		w.begin("main")
		w.rest(time.Minute)
		if l := w.offers(); len(l) != 1 || !strings.Contains(l[0], "main* was accepted. *chat* can be started now") || !strings.Contains(l[0], "[Start chat now]") {
			t.Fatalf("%q", l)
		}
		// A second acceptance of the same offers nothing new.
		w.inRollback("", func(work *bot.Work, r *bot.Rollback) error {
			return bot.HearStep(work, r, "main", bot.Heard{State: bot.RollbackBlocked})
		})
		w.inRollback("", func(work *bot.Work, r *bot.Rollback) error {
			return bot.HearStep(work, r, "main", bot.Heard{State: bot.RollbackRunning})
		})
		w.rest(5 * time.Second)
		at, _ := parseRef(w.link(1, offerLink("r1", "chat")))
		w.click(ana, string(at.channel), at.ts, "Start chat now")
		if r := w.talk.seen.Load(); r.Line != "rollback next r1 chat" || r.Incident != 1 {
			t.Errorf("%+v", r)
		}
		w.inRollback(ana, func(work *bot.Work, r *bot.Rollback) error {
			_, err := bot.NextStep(work, r, "")
			return err
		})
		w.rest(5 * time.Second)
		if l := w.offers(); len(l) != 1 || l[0] != "Rollback r1: *chat* was started." {
			t.Errorf("%q", l)
		}
		w.once(w.said(string(at.channel)), "Rollback r1: chat is sent*\n@ana ·")
		w.begin("chat")
		w.rest(5 * time.Second)
		if l := w.offers(); len(l) != 2 || !strings.Contains(l[1], "chat* was accepted. *voice* can be started now") {
			t.Errorf("%q", l)
		}
		w.inRollback(ana, func(work *bot.Work, r *bot.Rollback) error { return bot.CancelRollback(work, r, "") })
		w.rest(5 * time.Second)
		if l := w.offers(); l[1] != "Rollback r1: *voice* was cancelled." {
			t.Errorf("%q", l)
		}
		w.once(w.said(string(at.channel)), "@ana cancelled what had not begun of r1")
	}, canRollBack, threeSteps)
}

// TestOfferTooLate: what was started while the offer waited is not offered.
func TestOfferTooLate(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.approve()
		w.begin("main")
		w.end("main", true)
		w.rest(10 * time.Second)
		if l := w.offers(); len(l) > 0 {
			t.Errorf("%q", l)
		}
	}, canRollBack)
}

// TestOfferTakenMeanwhile: a step that was started while its offer was being
// posted does not stay offered.
func TestOfferTakenMeanwhile(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.started()
		w.askRollback(bot.RollbackDraft{})
		w.planRollback()
		w.approve()
		w.rest(10 * time.Second)
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", Delay: 4 * time.Second})
		w.begin("main")
		w.rest(time.Second)
		w.inRollback(ana, func(work *bot.Work, r *bot.Rollback) error {
			_, err := bot.NextStep(work, r, "")
			return err
		})
		w.rest(10 * time.Second)
		if l := w.offers(); len(l) != 1 || l[0] != "Rollback r1: *chat* was started." {
			t.Errorf("%q", l)
		}
	}, canRollBack)
}
