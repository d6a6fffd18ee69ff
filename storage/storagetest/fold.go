package storagetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// foldEqualsState appends random entries, a few to a transaction, and compares
// what is stored with what the stored entries fold to.
func foldEqualsState(s *suite) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // the same entries in every run
		number := s.declare(fmt.Sprint("Seed ", seed), bot.Data{Drill: r.IntN(4) == 0, Services: []string{"api"}})
		for range 5 {
			s.update(func(tx bot.Tx) error {
				i, err := tx.LockIncident(bot.Self(), number)
				if err != nil {
					return err
				}
				for range r.IntN(5) {
					if _, err := appendTo(tx, i, randomEvent(r, i.Head.Seq), base().Add(time.Duration(r.IntN(1000))*time.Second)); err != nil {
						return err
					}
				}
				return nil
			})
		}
		stored, list := s.incident(number), s.events(number)
		folded := bot.Fold(list)
		s.verify(list)
		s.equal(fmt.Sprint("state of seed ", seed), asJSON(stored), asJSON(folded))
		s.equal("head", stored.Head, folded.Head)
	}
}

func randomEvent(r *rand.Rand, last int64) bot.Event {
	kinds := []bot.EventKind{
		bot.EventUpdated, bot.EventUpdated, bot.EventStatus, bot.EventSeverity, bot.EventTitle, bot.EventSummary, bot.EventComponent,
		bot.EventRole, bot.EventNote, bot.EventLink, bot.EventMilestone, bot.EventPublished, bot.EventRetracted, bot.EventResolved,
		bot.EventReopened, bot.EventCancelled, bot.EventFailed, bot.EventRollback, bot.EventDeploy,
	}
	at := base().Add(time.Duration(r.IntN(10_000)-5_000) * time.Second)
	when := at.Add(-time.Hour)
	e := bot.Event{
		Kind: pick(r, kinds...), Actor: pick(r, ana, ben, cat, ""), Text: pick[bot.Text](r, "", "Known", "日本 🔥", "it's \"here\""),
		Public: r.IntN(2) == 0, At: at, Via: pick(r, bot.ViaSlack, bot.ViaAPI),
		Data: bot.Data{
			Severity: pick(r, "sev1", "sev2"), Status: pick(r, bot.Statuses()...), Role: pick(r, bot.Commander, "comms"),
			User: pick(r, ana, ben, ""), Milestone: pick(r, bot.Milestones()...), When: &when,
			Public: r.IntN(3) == 0, Stock: r.IntN(3) == 0,
		},
	}
	if r.IntN(3) == 0 {
		e.Data.Ref = 1 + r.Int64N(last)
	}
	if e.Kind == bot.EventRollback && r.IntN(4) > 0 {
		e.Data.Rollback = &bot.RollbackMark{
			ID: pick(r, "r1", "r2", "r3"), Target: "api", State: pick(r, bot.RollbackAwaiting, bot.RollbackRunning, bot.RollbackFailed), PlanOnly: r.IntN(4) == 0,
		}
	}
	if r.IntN(2) == 0 {
		e.Data.NextBy = &at
		e.Data.Components = []bot.ComponentChange{{Component: pick(r, "api", "web"), State: pick(r, bot.ComponentStates()...)}}
	}
	return e
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
