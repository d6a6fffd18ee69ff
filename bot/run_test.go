package bot

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// lossy is a store whose commits fail after the closure ran, as on a full disk.
type lossy struct {
	Store
	claims int
}

func (l *lossy) View(_ context.Context, fn func(ReadTx) error) error { return fn(lossyTx{l: l}) }

func (l *lossy) Update(_ context.Context, fn func(Tx) error) error {
	if err := fn(lossyTx{l: l}); err != nil {
		return err
	}
	return errors.New("disk full")
}

func (l *lossy) Watch(context.Context) <-chan struct{} { return nil }

type lossyTx struct {
	Tx
	l *lossy
}

func (t lossyTx) NextDue() (time.Time, bool, error) { return time.Now(), true, nil }
func (t lossyTx) DropKeys(time.Time) (int64, error) { return 0, nil }
func (t lossyTx) Claim(time.Time, time.Duration, int) ([]Job, error) {
	t.l.claims++
	return []Job{{ID: 1, Kind: "spy.work", Attempt: 1}}, nil
}

// spy counts the jobs that it is given.
type spy struct{ done int }

func (*spy) Name() string                    { return "spy" }
func (*spy) Plan(Event, *Incident) []Job     { return nil }
func (s *spy) Do(context.Context, Job) error { s.done++; return nil }

// TestALostClaimRunsNothing: a claim that was not committed was none. Its jobs
// run when they are claimed for good, or the same job would run at every try,
// each time as if for the first time.
func TestALostClaimRunsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		settings, store, in := Defaults(), &lossy{}, &spy{}
		b := New(store, &settings, slog.New(slog.DiscardHandler))
		b.Use(in)
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		NewRunner(b).Run(ctx)
		if store.claims < 3 || in.done != 0 {
			t.Errorf("%d claims were lost, and %d jobs ran", store.claims, in.done)
		}
	})
}
