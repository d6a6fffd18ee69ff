package slack

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// A rollback is one message in its incident's channel, posted when its plan was
// made and changed in place until it ends. Edits notify nobody, so what must be
// noticed is posted besides.

// tick is how often the message of a rollback that is under way is drawn again,
// since each step's clock is on it.
const tick = 30 * time.Second

// rollbackLane is where the redrawing of a rollback's message waits, and what it
// is called as an edit.
func rollbackLane(id string) string { return "slack:rollback:" + id }

// rollbackLink remembers the message of a rollback, offerLink the one in which a
// step is offered.
func rollbackLink(id string) string { return "slack.rollback." + id }

func offerLink(id, step string) string { return "slack.offer." + id + "." + step }

// rollbackID is the rollback that e is about, or "".
func rollbackID(e bot.Event) string {
	if e.Data.Rollback == nil {
		return ""
	}
	return e.Data.Rollback.ID
}

// rollbackKinds are the jobs that follow from an entry about a rollback. That it
// was asked for shows nowhere: who asked was told, and the plan comes next.
func rollbackKinds(m *bot.RollbackMark) []string {
	if m == nil {
		return nil
	}
	var kinds []string
	switch {
	case m.Step == "" && m.State == bot.RollbackRequested:
	case planned(m):
		kinds = []string{"plan"}
	default:
		kinds = []string{"progress"}
	}
	if noticed(m) {
		kinds = append(kinds, "post")
	}
	if m.StepState == bot.RollbackRunning {
		kinds = append(kinds, "offer")
	}
	if !m.PlanOnly { // which no card lists
		kinds = append(kinds, "card")
	}
	return kinds
}

// planned reports whether m is the first that there is to show of a rollback: a
// plan, or that there is none.
func planned(m *bot.RollbackMark) bool {
	if m.Step != "" || m.StepState != "" {
		return false
	}
	return m.State == bot.RollbackAwaiting || m.State == bot.RollbackFailed || m.State == bot.RollbackVoided && m.PlanOnly
}

// noticed reports whether m is posted. What a plan's own message says when it
// appears is not said twice, and neither is what follows of itself: that a step
// was taken, and that its health is checked.
func noticed(m *bot.RollbackMark) bool {
	if m.Step != "" {
		return m.StepState != bot.RollbackRunning && m.StepState != bot.RollbackVerifying
	}
	switch m.State {
	case bot.RollbackRequested, bot.RollbackAwaiting:
		return false
	case bot.RollbackVoided:
		return !m.PlanOnly
	}
	return true
}

// rollbackHead is what happened to a rollback. Who did it comes first where the
// sentence is about them.
func rollbackHead(e bot.Event) bot.Text {
	m := e.Data.Rollback
	if m == nil {
		return "Rollback"
	}
	head := bot.RollbackDeed(m)
	switch {
	case strings.HasPrefix(head.String(), m.ID):
		head = bot.Join("Rollback ", head)
	case e.Actor != "":
		head = bot.Join(bot.MentionUser(e.Actor), " ", head)
	default:
		head = capital(head)
	}
	if len(m.Start) > 0 && m.StepState != bot.StepPending {
		verb := " is being sent"
		if len(m.Start) > 1 {
			verb = " are being sent"
		}
		head = bot.Join(head, bot.Plain("; "+strings.Join(m.Start, " and ")+verb))
	}
	return head
}

// addressed names who asked for a rollback in the post that says that nothing
// will come of it, so that they notice.
func addressed(m bot.Message, t *task) bot.Message {
	mark := t.e.Data.Rollback
	if t.r == nil || mark == nil || mark.Step != "" || !mark.State.Final() || t.r.ApprovedAt != nil || t.r.RequestedBy == t.e.Actor {
		return m
	}
	last := len(m.Blocks) - 1 // the signature
	m.Blocks = slices.Insert(m.Blocks, last, bot.Para(bot.MentionUser(t.r.RequestedBy), " asked for it."))
	return m
}

// loadRollback reads the rollback that t is about, if it is about one.
func (s *Slack) loadRollback(tx bot.ReadTx, t *task) (err error) {
	id := t.w.Rollback
	if id == "" {
		id = rollbackID(t.e)
	}
	if id == "" {
		return nil
	}
	if t.r, t.who, err = s.rollback(tx, t.i, id); err != nil {
		return err
	}
	names := []string{rollbackLink(id)}
	for _, st := range t.r.Steps {
		names = append(names, offerLink(id, st.Name))
	}
	for _, name := range names {
		if t.links[name], err = tx.Link(bot.Owner(t.i.Number), name); err != nil {
			return err
		}
	}
	return nil
}

// rollback reads a rollback and, while it waits for a second person, who could
// approve it: of a private incident only those who can see it.
func (s *Slack) rollback(tx bot.ReadTx, i *bot.Incident, id string) (r *bot.Rollback, who bot.Approvers, err error) {
	if r, err = tx.Rollback(bot.Self(), id); err != nil || r.State != bot.RollbackAwaiting {
		return r, who, err
	}
	target, _ := bot.Find(s.settings().Targets, r.Target)
	if target.Approval.Alone {
		return r, who, nil
	}
	l := &bot.Look{Bot: s.bot, Tx: tx, Now: s.now(), Incident: i}
	if who, err = l.Approvers(target, r.RequestedBy); err != nil || !i.Private {
		return r, who, err
	}
	blind := func(id bot.UserID) bool {
		_, e := tx.Incident(bot.As(id), i.Number)
		if e != nil && bot.KindOf(e) != bot.KindNotFound {
			err = e
		}
		return e != nil
	}
	who.Users, who.Named = slices.DeleteFunc(who.Users, blind), slices.DeleteFunc(who.Named, blind)
	return r, who, err
}

// showPlan posts the message of a rollback.
func (s *Slack) showPlan(ctx context.Context, t *task) error {
	if err := s.ensureChannel(ctx, t); err != nil {
		return err
	}
	return s.draw(ctx, t)
}

// progress draws the message of a rollback again. One that is not there yet will
// be drawn with all that is known by then.
func (s *Slack) progress(ctx context.Context, t *task) error {
	if t.links[rollbackLink(t.r.ID)] == "" {
		return nil
	}
	return s.draw(ctx, t)
}

// draw draws the message of a rollback and sees to it that it is drawn again: at
// once when the rollback changed meanwhile, else with the next tick as long as
// it is under way.
//
// The next drawing is a job of its own and not this one put off: it has not
// started, so what changes the rollback supersedes it and never waits for it.
func (s *Slack) draw(ctx context.Context, t *task) error {
	at := s.now()
	shown := s.settings().RollbackCard(t.r, t.who, at)
	if t.i.Channel != "" { // see attach
		// The offers first: each is done with once it was drawn, while the message
		// would take the place under the limit again and again.
		if err := s.closeOffers(ctx, t); err != nil {
			return err
		}
		if err := s.place(ctx, t, spot{rollbackLink(t.r.ID), t.i.Channel}, s.one(shown, t.i)); err != nil {
			return err
		}
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		r, who, err := s.rollback(tx, t.i, t.r.ID)
		if err != nil {
			return err
		}
		next := s.progressJob(t.i.Number, r.ID)
		switch {
		case t.job.Attempt > 1 && t.job.Kind == "plan": // an earlier try may have posted something older
		case !reflect.DeepEqual(s.settings().RollbackCard(r, who, at), shown):
		case ticking(r):
			next.RunAt = s.now().Add(tick)
		default:
			return nil
		}
		return s.enqueue(tx, next)
	})
}

// ticking reports whether a clock runs on the message of r.
func ticking(r *bot.Rollback) bool {
	return r.State == bot.RollbackApproved || slices.ContainsFunc(r.Steps, func(st bot.Step) bool {
		return st.State == bot.RollbackSubmitting || st.State.Watched()
	})
}

func (s *Slack) progressJob(incident int64, id string) bot.Job {
	return s.job("progress", incident, work{Rollback: id})
}

// liveRollbacks draws the rollbacks of i that have not ended, for a channel that
// took the place of another.
func (s *Slack) liveRollbacks(i *bot.Incident) []bot.Job {
	var jobs []bot.Job
	for _, r := range i.Rollbacks {
		if !r.State.Final() {
			jobs = append(jobs, s.progressJob(i.Number, r.ID))
		}
	}
	return jobs
}

// rollbackLanes are the lanes of i's rollbacks, in order.
func rollbackLanes(i *bot.Incident) []string {
	var out []string
	for _, r := range i.Rollbacks {
		out = append(out, rollbackLane(r.ID))
	}
	slices.Sort(out)
	return out
}
