package bot

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Integration carries effects to one system. It hears of every event and
// answers with jobs; it is given back its own jobs to do.
type Integration interface {
	// Name is the first part of the kinds of its jobs.
	Name() string
	// Plan says what is to be done about e, which has just made i what it is (i
	// is nil for the house's events). It is pure and runs in the transaction.
	Plan(e Event, i *Incident) []Job
	// Do does a job: at least once, so it looks before it repeats (Attempt > 1).
	// Its error says what follows; see [WaitUntil], [RetryAt], [Permanent].
	Do(ctx context.Context, j Job) error
}

// Bot is the centre of a running install. Its fields are set once, before use.
type Bot struct {
	Store    Store
	Settings *Settings
	// Now is the time by which incidents are kept: the real one, or a demo's.
	Now func() time.Time
	Log *slog.Logger
	// Reachable reports whether the workspace answers. While it does not, an older
	// word on who is in which group counts; see [Look.May]. Nil: it answers.
	Reachable func() bool

	integrations []Integration
	wake         chan struct{}
}

// New returns a bot over store.
func New(store Store, settings *Settings, log *slog.Logger) *Bot {
	return &Bot{Store: store, Settings: settings, Now: time.Now, Log: log, wake: make(chan struct{}, 1)}
}

// Use adds an integration. Names must differ.
func (b *Bot) Use(in Integration) {
	for _, other := range b.integrations {
		if other.Name() == in.Name() {
			panic("bot: two integrations are called " + in.Name())
		}
	}
	b.integrations = append(b.integrations, in)
}

// Wake makes the [Runner] look at the clock again; a demo calls it when it
// moves its time.
func (b *Bot) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// plan asks every integration what follows from e.
func (b *Bot) plan(e Event, i *Incident) []Job {
	var jobs []Job
	for _, in := range b.integrations {
		for _, j := range in.Plan(e, i) {
			j.Kind = in.Name() + "." + j.Kind
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// do hands j to its integration.
func (b *Bot) do(ctx context.Context, j Job) error {
	for _, in := range b.integrations {
		if n := len(in.Name()); len(j.Kind) > n && j.Kind[:n] == in.Name() && j.Kind[n] == '.' {
			j.Kind = j.Kind[n+1:]
			return in.Do(ctx, j)
		}
	}
	return b.NewerJob(j.Kind)
}

// newerPause is how long a job waits that this version does not know. It is short,
// since this replica may come first again.
const newerPause = 2 * time.Second

// NewerJob is what an integration answers to a job of a kind that it does not know: a
// newer replica wrote it, and it is that one's to do, or this one's after its own
// upgrade. To end it would end what it was to set in motion again.
func (b *Bot) NewerJob(kind string) error {
	return WaitUntil(b.Now().Add(newerPause), fmt.Errorf("this version does no jobs of kind %s", kind))
}
