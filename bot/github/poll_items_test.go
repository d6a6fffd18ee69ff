package github

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// reading is a store that remembers behind which item the closed ones are read.
type reading struct {
	bot.Store
	after []int64
}

// View implements [bot.Store].
func (r *reading) View(ctx context.Context, fn func(bot.ReadTx) error) error {
	return r.Store.View(ctx, func(tx bot.ReadTx) error { return fn(readingTx{tx, r}) })
}

type readingTx struct {
	bot.ReadTx
	r *reading
}

// FollowUps implements [bot.FollowUpReader].
func (r readingTx) FollowUps(v bot.Viewer, f bot.FollowUpFilter) ([]*bot.FollowUp, error) {
	if len(f.States) > 0 {
		r.r.after = append(r.r.after, f.After)
	}
	return r.ReadTx.FollowUps(v, f)
}

// What was closed long ago is read once and not again each hour; what was closed
// lately is polled, however old it is.
func TestTheScanForWhatWasClosedIsBounded(t *testing.T) {
	still(t, func(p *plan) { p.deaf = true }, func(w *world) {
		for k := range 5 {
			w.add(bot.FollowUpDraft{Text: bot.Plain("item " + string(rune('a'+k)))})
			w.must(w.on("", int64(k+1), func(work *bot.Work, f *bot.FollowUp) error {
				if _, err := bot.BeginIssue(work, f); err != nil {
					return err
				}
				return bot.OpenIssue(work, f, bot.FoundIssue{Repo: openRepo, Number: k + 1, UpdatedAt: work.Now})
			}))
		}
		store := &reading{Store: w.bot.Store}
		w.bot.Store = store
		p := newPoller(w.g)
		polled := func(want ...int64) {
			t.Helper()
			items, err := p.items(w.ctx)
			w.must(err)
			if got := slices.Sorted(maps.Keys(items)); !slices.Equal(got, want) {
				t.Errorf("%v are polled, want %v", got, want)
			}
		}
		w.set(1, bot.FollowUpDone)
		w.set(2, bot.FollowUpDone)
		after(pollPast + time.Hour)
		w.set(4, bot.FollowUpDropped)
		polled(3, 4, 5)
		after(pollScan)
		polled(3, 4, 5)
		w.set(3, bot.FollowUpDone) // before where the scan begins
		polled(3, 4, 5)
		after(pollScan)
		polled(3, 4, 5)
		after(pollPast)
		polled(5)
		after(pollScan)
		polled(5)
		if want := []int64{0, 3, 3, 3, 4}; !slices.Equal(store.after, want) {
			t.Errorf("read behind %v, want %v", store.after, want)
		}
	})
}

// What the poll finds late happened when GitHub says that it did.
func TestThePollTellsGitHubsTime(t *testing.T) {
	opened(t, alone, func(w *world) {
		w.net.down.Store(true)
		closed := time.Now().UTC().Truncate(time.Second)
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, ""))
		w.rest(3 * time.Hour)
		w.must(w.hub.As("cy").Comment(w.ctx, openRepo, 1, "Done."))
		w.net.down.Store(false)
		w.rest(time.Hour)
		f := w.expect(bot.FollowUpDone, bot.IssueOpened)
		all := w.record()
		e := all[len(all)-1]
		if !f.ClosedAt.Equal(closed) || !e.At.Equal(closed) || e.RecordedAt.Sub(closed) < 3*time.Hour {
			t.Errorf("closed at %s, told at %s, recorded at %s; want %s", f.ClosedAt, e.At, e.RecordedAt, closed)
		}
	})
}
