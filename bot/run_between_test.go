package bot_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// slow is an integration whose jobs take a while.
type slow struct{ began, done int }

func (*slow) Name() string                            { return "slow" }
func (*slow) Plan(bot.Event, *bot.Incident) []bot.Job { return nil }

func (s *slow) Do(context.Context, bot.Job) error {
	s.began++
	time.Sleep(10 * time.Second)
	s.done++
	return nil
}

// TestBetween: a clock that is moved past a lease, but never while a job is under
// way, has no job done twice.
func TestBetween(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, in := newHouse(t, nil), &slow{}
		h.bot.Use(in)
		ctx, stop := context.WithCancel(t.Context())
		r, ended := bot.NewRunner(h.bot), make(chan struct{})
		go func() {
			r.Run(ctx)
			close(ended)
		}()
		err := h.bot.Store.Update(ctx, func(tx bot.Tx) error {
			return tx.Enqueue(bot.Job{Kind: "slow.work", Lane: "slow", CreatedAt: h.now, RunAt: h.now})
		})
		if err != nil {
			t.Fatal(err)
		}
		jump := func() { h.now = h.now.Add(time.Hour) }
		for refused := 0; ; refused++ {
			synctest.Wait()
			if r.Between(jump) {
				if refused == 0 || in.done != 1 {
					t.Errorf("the clock moved after %d tries, %d jobs done", refused, in.done)
				}
				break
			}
			time.Sleep(time.Second)
		}
		h.bot.Wake()
		time.Sleep(time.Minute)
		if in.began != 1 {
			t.Errorf("the job was done %d times", in.began)
		}
		stop()
		<-ended
	})
}
