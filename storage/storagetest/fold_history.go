package storagetest

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// History lets people who choose by chance do what can be done, through the use
// cases that commands call. Most of what they want is refused, as it should be.
// One seed makes the same choices in every run, on every database.
type History struct {
	Bot *bot.Bot
	// Kinds counts the entries of each kind that were recorded.
	Kinds map[bot.EventKind]int

	rng       *rand.Rand
	now       time.Time
	incidents int64
	followups int64
	reminders int64
	rollbacks []string
	last      string // what is being done, for an error
}

// NewHistory begins a history in store, which must be empty.
func NewHistory(ctx context.Context, store bot.Store, seed uint64) (*History, error) {
	s := bot.Defaults()
	s.Services = []bot.Service{{ID: "api", Name: "API"}, {ID: "billing", Name: "Billing"}}
	s.Components = []bot.Component{{ID: "web", Name: "Web"}, {ID: "api", Name: "API"}}
	s.Targets = []bot.Target{{
		Name: "gateway", Service: "api", Environment: "production", LockKey: "api/production", Digest: "d1",
		Steps: []bot.TargetStep{{Name: "main"}, {Name: "chat"}},
	}}
	for _, right := range bot.Rights() {
		s.Permissions[right] = []string{string(ana), string(ben), string(cat)}
	}
	h := &History{
		Bot: bot.New(store, &s, slog.New(slog.DiscardHandler)), Kinds: map[bot.EventKind]int{},
		rng: rand.New(rand.NewPCG(seed, 7)), now: base(), //nolint:gosec // the same choices in every run
	}
	h.Bot.Now = func() time.Time { return h.now }
	h.Bot.Use(counter{h.Kinds})
	return h, store.Update(ctx, func(tx bot.Tx) error {
		for _, id := range []bot.UserID{ana, ben, cat, dan} {
			if err := tx.SavePerson(bot.Person{ID: id, Handle: string(id), SyncedAt: h.now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// counter counts entries; it is told of those of transactions that fail as well.
type counter struct{ kinds map[bot.EventKind]int }

func (counter) Name() string                      { return "counter" }
func (counter) Do(context.Context, bot.Job) error { return nil }
func (c counter) Plan(e bot.Event, _ *bot.Incident) []bot.Job {
	c.kinds[e.Kind]++
	return nil
}

// Now is the time of the history.
func (h *History) Now() time.Time { return h.now }

// Pass lets time pass.
func (h *History) Pass(d time.Duration) { h.now = h.now.Add(d) }

// Run does so many steps. Its error is one that nobody's choice may bring about,
// and names the step.
func (h *History) Run(ctx context.Context, steps int) error {
	all := h.steps()
	for k := range steps {
		// Clocks stand still, go on, and are set back.
		h.now = h.now.Add(time.Duration(h.rng.IntN(400)-40) * time.Second)
		one := all[h.rng.IntN(len(all))]
		if h.incidents == 0 || h.rng.IntN(25) == 0 {
			one = all[0]
		}
		h.last = one.name
		if err := one.do(ctx); err != nil && bot.KindOf(err) == bot.KindInternal {
			return fmt.Errorf("step %d, %s: %w", k, h.last, err)
		}
	}
	return nil
}

type historyStep struct {
	name string
	do   func(context.Context) error
}

// carry does something as somebody.
func (h *History) carry(ctx context.Context, user bot.UserID, fn func(*bot.Work) error) error {
	_, err := h.Bot.Carry(ctx, bot.Request{User: user, Via: pick(h.rng, bot.ViaSlack, bot.ViaAPI)}, func(w *bot.Work) (bot.Reply, error) {
		return bot.Reply{}, fn(w)
	})
	return err
}

// in does something as somebody in an incident. What is chosen inside would be
// chosen again when the transaction is tried again, so it is chosen before.
func (h *History) in(ctx context.Context, fn func(*bot.Work) error) error {
	number := 1 + h.rng.Int64N(h.incidents)
	user := pick(h.rng, ana, ben, cat)
	return h.carry(ctx, user, func(w *bot.Work) error {
		if err := w.Lock(number); err != nil {
			return err
		}
		return fn(w)
	})
}

func (h *History) text() bot.Text {
	return pick[bot.Text](h.rng, "Known since v2", "日本 🔥 is slow", "it's \"here\"", "The database ran full.", "We look into it and tell you more", "<@U0BEN> rolls back")
}

func (h *History) seq() int64 { return 1 + h.rng.Int64N(30) }

// when is a time in the past, or none.
func (h *History) when() *time.Time {
	if h.rng.IntN(3) > 0 {
		return nil
	}
	t := h.now.Add(-time.Duration(h.rng.IntN(5000)) * time.Second)
	return &t
}

func (h *History) changes() []bot.ComponentChange {
	if h.rng.IntN(2) == 0 {
		return nil
	}
	return []bot.ComponentChange{{Component: pick(h.rng, "api", "web"), State: pick(h.rng, bot.ComponentStates()...)}}
}
