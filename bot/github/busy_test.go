package github

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

// beside is another integration, whose jobs are of lanes of their own.
type beside struct{ done atomic.Int64 }

func (b *beside) Name() string                             { return "beside" }
func (b *beside) Plan(bot.Event, *bot.Incident) []bot.Job  { return nil }
func (b *beside) Do(_ context.Context, _ bot.Job) error    { b.done.Add(1); return nil }
func (b *beside) planIn(w *world, lane string) (err error) { return w.carry("", b.plan(lane)) }
func (b *beside) plan(lane string) func(*bot.Work) error {
	return func(work *bot.Work) error {
		work.Plan(bot.Job{Kind: "beside.do", Lane: lane})
		return nil
	}
}

// works runs the jobs, and returns what stops that.
func (w *world) works() (stop func()) {
	ctx, cancel := context.WithCancel(w.ctx)
	var parts sync.WaitGroup
	parts.Go(func() { bot.NewRunner(w.bot).Run(ctx) })
	return func() { cancel(); parts.Wait() }
}

// Neither many items nor a GitHub that hangs hold up what others do, and who waits
// does not ask all the time.
func TestOthersAreNotHeldUp(t *testing.T) {
	for name, f := range map[string]fakegithub.Fault{
		"limits": {Status: 418, Times: 1, Method: http.MethodDelete}, // none that matters
		"hangs":  {Delay: time.Hour, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			other := &beside{}
			still(t, func(p *plan) { p.deaf = true }, func(w *world) {
				w.bot.Use(other)
				defer w.works()()
				w.hub.Fail(f)
				for k := range 60 {
					w.add(bot.FollowUpDraft{Text: bot.Plain(fmt.Sprintf("item %d", k))})
				}
				for k := range 40 {
					w.must(other.planIn(w, fmt.Sprintf("beside:%d", k)))
					w.rest(100 * time.Millisecond)
					if n := other.done.Load(); n != int64(k+1) {
						t.Fatalf("%d of %d were done", n, k+1)
					}
				}
			})
		})
	}
}

// A wait for the limits is no try, and a crowd that waits does not come at once.
func TestWhoWaitsComesInTurn(t *testing.T) {
	still(t, nil, func(w *world) {
		w.add(bot.FollowUpDraft{})
		_, err := w.g.see(w.ctx, openRepo)
		w.must(err)
		w.must(w.g.allow(w.ctx, toWrite))
		began := time.Now()
		for k := range 5 {
			o := w.do(jobOpen, 1)
			if at := began.Add(time.Duration(k+1) * writeEvery); o.State != bot.JobWaiting || !o.Free || !o.RunAt.Equal(at) {
				t.Errorf("%+v, want %s", o, at)
			}
		}
		after(writeEvery)
		w.done(jobOpen, 1)
		for range mostAtOnce {
			_, err := w.g.begin()
			w.must(err)
		}
		began = time.Now()
		for k := range 5 {
			o := w.do(jobPush, 1)
			if at := began.Add(fullWait + time.Duration(k)*fullEvery); o.State != bot.JobWaiting || !o.Free || !o.RunAt.Equal(at) {
				t.Errorf("%+v, want %s", o, at)
			}
		}
		if !time.Now().Equal(began) {
			t.Error("a worker was held")
		}
	})
}

// Many changes at once are sent one a second, each read about once.
func TestManyPushes(t *testing.T) {
	bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
		for k := range createPlaces {
			w.add(bot.FollowUpDraft{Owner: ana, Text: bot.Plain(fmt.Sprintf("item %d", k))})
		}
		w.rest(2 * time.Minute)
		before := len(w.hub.Calls())
		for k := range createPlaces {
			w.set(int64(k+1), bot.FollowUpDone)
		}
		w.rest(createPlaces*writeEvery + 5*time.Second)
		for _, i := range w.issues(openRepo, createPlaces) {
			if i.State != "closed" {
				t.Errorf("issue %d is %s", i.Number, i.State)
			}
		}
		if n := len(w.hub.Calls()) - before; n > 2*createPlaces+2 {
			t.Errorf("%d calls", n)
		}
		w.quiet()
	})
}
