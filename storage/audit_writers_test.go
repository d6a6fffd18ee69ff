package storage_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// TestTwoWritersNeverForkAChain: two replicas write to one incident and to the
// house at once, each from several goroutines. Every entry is there once, and what
// they made together verifies.
func TestTwoWritersNeverForkAChain(t *testing.T) {
	t.Parallel()
	const writers, each = 3, 12
	url := fresh.Postgres(t)
	var replicas []*bot.Bot
	for range 2 {
		s := bot.Defaults()
		store := openWith(t, url, storage.Options{})
		b := bot.New(store, &s, slog.New(slog.DiscardHandler))
		b.Now = store.Now
		replicas = append(replicas, b)
	}
	carry := func(b *bot.Bot, fn func(*bot.Work) error) {
		r := bot.Request{User: auditor, Via: bot.ViaSlack}
		if _, err := b.Carry(t.Context(), r, func(w *bot.Work) (bot.Reply, error) { return bot.Reply{}, fn(w) }); err != nil {
			t.Error(err)
		}
	}
	carry(replicas[0], func(w *bot.Work) error { _, err := bot.Declare(w, bot.Draft{Title: "Both write"}); return err })
	var all sync.WaitGroup
	for n, b := range replicas {
		for k := range writers {
			all.Go(func() {
				for i := range each {
					text := bot.Text(fmt.Sprintf("%d of writer %d of replica %d", i, k, n))
					carry(b, func(w *bot.Work) error {
						if err := w.Lock(1); err != nil {
							return err
						}
						if _, err := bot.AddNote(w, text, nil); err != nil {
							return err
						}
						_, err := w.RecordHouse(bot.Event{Kind: bot.EventNote, Text: text})
						return err
					})
				}
			})
		}
	}
	all.Wait()
	r, err := bot.Audit(t.Context(), replicas[1].Store, replicas[1].Now(), replicas[1].Now())
	if err != nil {
		t.Fatal(err)
	}
	const notes = 2 * writers * each
	if len(r.Broken)+len(r.Rows) > 0 || r.Entries != 1+2*notes || r.Streams != 2 {
		t.Errorf("%+v", r)
	}
	for _, stream := range []int64{bot.House, 1} {
		texts := map[bot.Text]int{}
		err := replicas[0].Store.View(t.Context(), func(tx bot.ReadTx) error {
			list, err := tx.Events(bot.Self(), stream, bot.EventFilter{Kinds: []bot.EventKind{bot.EventNote}})
			for _, e := range list {
				texts[e.Text]++
			}
			return err
		})
		if err != nil || len(texts) != notes {
			t.Errorf("%s: %d of %d notes (%v)", bot.Stream(stream), len(texts), notes, err)
		}
	}
}
