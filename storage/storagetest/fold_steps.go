package storagetest

import (
	"context"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// plain makes a step of a use case in an incident that returns what it made; do
// chooses and returns the use case.
func plain[T any](h *History, name string, do func() func(*bot.Work) (T, error)) historyStep {
	return historyStep{name, func(ctx context.Context) error {
		use := do()
		return h.in(ctx, func(w *bot.Work) error { _, err := use(w); return err })
	}}
}

type use = func(*bot.Work) (bot.Event, error)

// steps are what can be done; the first declares.
func (h *History) steps() []historyStep {
	out := []historyStep{{"declare", h.declare}}
	out = append(out, h.timelineSteps()...)
	out = append(out, h.publicSteps()...)
	out = append(out, h.workSteps()...)
	return append(out, h.itemSteps()...)
}

func (h *History) declare(ctx context.Context) error {
	d := bot.Draft{
		Title: h.text(), Severity: pick(h.rng, "", "sev1", "sev3"), Since: h.when(), Private: h.rng.IntN(5) == 0, Drill: h.rng.IntN(6) == 0,
		Services: pick(h.rng, nil, []string{"api"}, []string{"api", "billing"}),
	}
	return h.carry(ctx, pick(h.rng, ana, ben, cat), func(w *bot.Work) error {
		e, err := bot.Declare(w, d)
		h.incidents = max(h.incidents, e.Incident)
		return err
	})
}

func (h *History) timelineSteps() []historyStep {
	return []historyStep{
		plain(h, "update", func() use {
			d := bot.UpdateDraft{
				Text: h.text(), Status: pick(h.rng, "", bot.Identified, bot.Monitoring, bot.Resolved), Public: h.rng.IntN(2) == 0,
				Components: h.changes(), At: h.when(),
			}
			if h.rng.IntN(3) == 0 {
				next := h.now.Add(time.Hour)
				d.NextBy = &next
			}
			return func(w *bot.Work) (bot.Event, error) { return bot.Update(w, d) }
		}),
		plain(h, "status", func() use {
			s, at := pick(h.rng, bot.Statuses()...), h.when()
			return func(w *bot.Work) (bot.Event, error) { return bot.SetStatus(w, s, at) }
		}),
		plain(h, "severity", func() use {
			id := pick(h.rng, "sev1", "sev2", "sev3")
			return func(w *bot.Work) (bot.Event, error) { return bot.SetSeverity(w, id) }
		}),
		plain(h, "title", func() use {
			text, public := h.text(), h.rng.IntN(2) == 0
			return func(w *bot.Work) (bot.Event, error) { return bot.SetTitle(w, text, public) }
		}),
		plain(h, "summary", func() use {
			text := h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.SetSummary(w, text) }
		}),
		plain(h, "components", func() use {
			c, at := h.changes(), h.when()
			return func(w *bot.Work) (bot.Event, error) { return bot.SetComponents(w, c, at) }
		}),
		plain(h, "role", func() use {
			role, who := pick(h.rng, bot.Commander, "comms"), pick(h.rng, ana, ben, cat, "")
			return func(w *bot.Work) (bot.Event, error) { return bot.Assign(w, role, who) }
		}),
		plain(h, "note", func() use {
			text, at := h.text(), h.when()
			return func(w *bot.Work) (bot.Event, error) { return bot.AddNote(w, text, at) }
		}),
		plain(h, "link", func() use {
			name := h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.AddLink(w, "https://example.com/a", name) }
		}),
		plain(h, "milestone", func() use {
			m, at := pick(h.rng, bot.Milestones()...), h.now.Add(-time.Minute)
			return func(w *bot.Work) (bot.Event, error) { return bot.SetMilestone(w, m, at) }
		}),
		plain(h, "resolve", func() use {
			d := bot.ResolveDraft{Text: pick(h.rng, "", h.text()), Public: h.rng.IntN(3) == 0, AllClear: h.rng.IntN(2) == 0, At: h.when()}
			return func(w *bot.Work) (bot.Event, error) { return bot.Resolve(w, d) }
		}),
		plain(h, "cancel", func() use {
			text := h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.Cancel(w, text) }
		}),
		plain(h, "reopen", func() use {
			text := h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.Reopen(w, text) }
		}),
	}
}

func (h *History) publicSteps() []historyStep {
	return []historyStep{
		plain(h, "publish", func() use {
			seq := h.seq()
			return func(w *bot.Work) (bot.Event, error) { return bot.PublishUpdate(w, seq) }
		}),
		plain(h, "fix", func() use {
			text := h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.FixUpdate(w, lastUpdate(w), text) }
		}),
		plain(h, "retract", func() use {
			text := h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.RetractUpdate(w, lastUpdate(w), text) }
		}),
		plain(h, "redact", func() func(*bot.Work) (bot.Redacted, error) {
			seq, text := h.seq(), h.text()
			return func(w *bot.Work) (bot.Redacted, error) { return bot.Redact(w, seq, text) }
		}),
	}
}

func lastUpdate(w *bot.Work) int64 {
	if u := w.Incident.LastPublic(); u != nil {
		return u.Seq
	}
	return 1
}

func (h *History) workSteps() []historyStep {
	return []historyStep{
		plain(h, "task", func() func(*bot.Work) (*bot.Task, error) {
			text := h.text()
			return func(w *bot.Work) (*bot.Task, error) { return bot.AddTask(w, text, ben) }
		}),
		plain(h, "task done", func() func(*bot.Work) (*bot.Task, error) {
			n := 1 + h.rng.Int64N(3)
			return func(w *bot.Work) (*bot.Task, error) { return bot.DoneTask(w, n) }
		}),
		plain(h, "task promoted", func() func(*bot.Work) (*bot.FollowUp, error) {
			n := 1 + h.rng.Int64N(3)
			return func(w *bot.Work) (*bot.FollowUp, error) { return bot.PromoteTask(w, n) }
		}),
		plain(h, "section", func() use {
			slug, text := pick(h.rng, bot.SectionSummary, bot.SectionImpact, bot.SectionTrigger, bot.SectionResolution), h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.SetSection(w, slug, text, nil) }
		}),
		plain(h, "postmortem owner", func() use {
			return func(w *bot.Work) (bot.Event, error) { return bot.OwnPostmortem(w, cat) }
		}),
		plain(h, "postmortem due", func() use {
			return func(w *bot.Work) (bot.Event, error) { return bot.DuePostmortem(w, "2026-12-01") }
		}),
		plain(h, "postmortem skipped", func() use {
			text := h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.SkipPostmortem(w, text) }
		}),
		plain(h, "postmortem published", func() use {
			public := h.rng.IntN(2) == 0
			return func(w *bot.Work) (bot.Event, error) { return bot.PublishPostmortem(w, public) }
		}),
		plain(h, "postmortem retracted", func() use {
			text := h.text()
			return func(w *bot.Work) (bot.Event, error) { return bot.RetractPostmortem(w, text) }
		}),
		{"freeze of nothing", func(ctx context.Context) error { // the house has a stream, too
			text := h.text()
			return h.carry(ctx, ana, func(w *bot.Work) error {
				_, err := w.RecordHouse(bot.Event{Kind: bot.EventNote, Text: text})
				return err
			})
		}},
	}
}

func (h *History) itemSteps() []historyStep {
	return []historyStep{
		plain(h, "action item", func() func(*bot.Work) (*bot.FollowUp, error) {
			d := bot.FollowUpDraft{Text: h.text(), Owner: pick(h.rng, ana, ben, ""), Priority: pick(h.rng, "", "p1")}
			return func(w *bot.Work) (*bot.FollowUp, error) {
				f, err := bot.AddFollowUp(w, d)
				if err == nil {
					h.followups = max(h.followups, f.Number)
				}
				return f, err
			}
		}),
		h.itemStep("action item's state", func() func(*bot.Work, *bot.FollowUp) error {
			s, why := pick(h.rng, bot.FollowUpStates()...), h.text()
			return func(w *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(w, f, s, why) }
		}),
		h.itemStep("action item's day", func() func(*bot.Work, *bot.FollowUp) error {
			why := h.text()
			return func(w *bot.Work, f *bot.FollowUp) error { return bot.DueFollowUp(w, f, "2027-01-15", why) }
		}),
		h.itemStep("action item's owner", func() func(*bot.Work, *bot.FollowUp) error {
			return func(w *bot.Work, f *bot.FollowUp) error { return bot.OwnFollowUp(w, f, cat) }
		}),
		plain(h, "reminder", func() func(*bot.Work) (*bot.Reminder, error) {
			at, text := h.now.Add(time.Hour), h.text()
			return func(w *bot.Work) (*bot.Reminder, error) {
				r, err := bot.SetReminder(w, at, text)
				if err == nil {
					h.reminders = max(h.reminders, r.Number)
				}
				return r, err
			}
		}),
		plain(h, "reminder cancelled", func() func(*bot.Work) (*bot.Reminder, error) {
			n := 1 + h.rng.Int64N(h.reminders+1)
			return func(w *bot.Work) (*bot.Reminder, error) { return bot.CancelReminder(w, n) }
		}),
		plain(h, "rollback", func() func(*bot.Work) (*bot.Rollback, error) {
			d := bot.RollbackDraft{Target: h.Bot.Settings.Targets[0], Reason: h.text(), PlanOnly: h.rng.IntN(4) == 0}
			return func(w *bot.Work) (*bot.Rollback, error) {
				r, err := bot.RequestRollback(w, d)
				if err == nil {
					h.rollbacks = append(h.rollbacks, r.ID)
				}
				return r, err
			}
		}),
		h.rollbackStep("plan", func(w *bot.Work, r *bot.Rollback, _ bot.Text) error {
			menu := bot.Menu{Versions: []bot.Version{{ID: "102", Label: "v2"}, {ID: "101", Label: "v1"}}}
			return bot.MakePlan(w, r, map[string]bot.Menu{"main": menu, "chat": menu})
		}),
		h.rollbackStep("approve", func(w *bot.Work, r *bot.Rollback, _ bot.Text) error { return bot.ApproveRollback(w, r) }),
		h.rollbackStep("begin", func(w *bot.Work, r *bot.Rollback, _ bot.Text) error {
			_, err := bot.BeginStep(w, r, "main", nil)
			return err
		}),
		h.rollbackStep("accept", func(w *bot.Work, r *bot.Rollback, _ bot.Text) error {
			return bot.AcceptStep(w, r, "main", bot.Accepted{Message: "queued"})
		}),
		h.rollbackStep("fail", func(w *bot.Work, r *bot.Rollback, _ bot.Text) error {
			return bot.EndStep(w, r, "main", bot.Ended{Message: "it fell over"})
		}),
		h.rollbackStep("deny", bot.DenyRollback),
		h.rollbackStep("cancel", bot.CancelRollback),
	}
}

func (h *History) itemStep(name string, do func() func(*bot.Work, *bot.FollowUp) error) historyStep {
	return historyStep{name, func(ctx context.Context) error {
		n, use := 1+h.rng.Int64N(h.followups+1), do()
		return h.carry(ctx, ana, func(w *bot.Work) error {
			f, err := bot.TakeFollowUp(w, n)
			if err != nil {
				return err
			}
			return use(w, f)
		})
	}}
}

// rollbackStep moves the newest rollback on.
func (h *History) rollbackStep(name string, do func(*bot.Work, *bot.Rollback, bot.Text) error) historyStep {
	return historyStep{"rollback: " + name, func(ctx context.Context) error {
		who, why := pick(h.rng, ana, ben, cat), h.text()
		if name == "plan" || name == "begin" || name == "accept" || name == "fail" {
			who = ""
		}
		if len(h.rollbacks) == 0 {
			return nil
		}
		id := h.rollbacks[len(h.rollbacks)-1]
		return h.carry(ctx, who, func(w *bot.Work) error {
			r, err := bot.TakeRollback(w, id)
			if err != nil {
				return err
			}
			return do(w, r, why)
		})
	}}
}
