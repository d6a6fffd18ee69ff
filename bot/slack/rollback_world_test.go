package slack

import (
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// canRollBack lets Ana ask for rollbacks of a gateway with two clusters, and Ben
// and Cat approve them.
func canRollBack(set *bot.Settings) {
	set.Services = []bot.Service{{ID: "api-gateway", Name: "API Gateway"}}
	set.Targets = []bot.Target{{
		Name: "gateway-prod", Service: "api-gateway", Environment: "production", LockKey: "api-gateway/production", Digest: "d1",
		Steps: []bot.TargetStep{{Name: "main"}, {Name: "chat"}},
	}}
	set.Permissions[bot.RightRollback] = []string{ana}
	set.Permissions[bot.RightApprove] = []string{ben, cat}
}

// inRollback does something to r1, as somebody or, without a name, as the bot.
func (w *world) inRollback(who bot.UserID, fn func(*bot.Work, *bot.Rollback) error) {
	w.t.Helper()
	_, err := w.bot.Carry(w.ctx, bot.Request{User: who, Via: bot.ViaSlack}, func(work *bot.Work) (bot.Reply, error) {
		r, err := bot.TakeRollback(work, "r1")
		if err != nil {
			return bot.Reply{}, err
		}
		return bot.Reply{}, fn(work, r)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// askRollback declares incident 1 unless it is there, and asks for r1.
func (w *world) askRollback(d bot.RollbackDraft) {
	w.t.Helper()
	if d.Target.Name == "" {
		d.Target = w.bot.Settings.Targets[0]
	}
	_, err := w.bot.Carry(w.ctx, bot.Request{User: ana, Via: bot.ViaSlack}, func(work *bot.Work) (bot.Reply, error) {
		if err := work.Lock(1); err != nil {
			return bot.Reply{}, err
		}
		_, err := bot.RequestRollback(work, d)
		return bot.Reply{}, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// planRollback makes the plan of r1: every step goes from v43 to v42.
func (w *world) planRollback() {
	w.t.Helper()
	w.inRollback("", func(work *bot.Work, r *bot.Rollback) error {
		menus := map[string]bot.Menu{}
		for _, s := range r.Steps {
			menus[s.Name] = bot.Menu{Versions: []bot.Version{{ID: "43", Label: "v43"}, {ID: "42", Label: "v42"}}}
		}
		return bot.MakePlan(work, r, menus)
	})
}

func (w *world) approve() { w.inRollback(ben, bot.ApproveRollback) }

// begin sends a step, which the deploy system takes.
func (w *world) begin(step string) {
	w.t.Helper()
	w.inRollback("", func(work *bot.Work, r *bot.Rollback) error {
		_, err := bot.BeginStep(work, r, step, nil)
		return err
	})
	w.inRollback("", func(work *bot.Work, r *bot.Rollback) error { return bot.AcceptStep(work, r, step, bot.Accepted{}) })
}

func (w *world) end(step string, ok bool) {
	w.t.Helper()
	w.inRollback("", func(work *bot.Work, r *bot.Rollback) error { return bot.EndStep(work, r, step, bot.Ended{OK: ok}) })
}

// shown is the message of r1 as it stands, without its emphases, and where.
func (w *world) shown() (text string, at ref) {
	w.t.Helper()
	at, ok := parseRef(w.link(1, rollbackLink("r1")))
	m, found := w.fake.Message(string(at.channel), at.ts)
	if !ok || !found {
		w.t.Fatalf("no message of r1, %+v", at)
	}
	return strings.NewReplacer("*", "", "`", "").Replace(w.fake.PlainText(m)), at
}

// cards are the messages in incident 1's channel that show r1 whole.
func (w *world) cards() (out []string) {
	for _, s := range w.said(string(w.incident(1).Channel)) {
		if strings.Contains(s, "Asked for by") {
			out = append(out, s)
		}
	}
	return out
}

func (w *world) shows(parts ...string) {
	w.t.Helper()
	text, _ := w.shown()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			w.t.Errorf("%q is not in:\n%s", p, text)
		}
	}
}

func (w *world) started() {
	w.t.Helper()
	w.fake.AddUser(fakeslack.User{ID: cat, Name: "cat"})
	w.slash(ana, "general", "declare Checkout is down")
	w.rest(2 * time.Minute) // for the directory as well
}
