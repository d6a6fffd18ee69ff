package storage_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// BenchmarkUpdate is a note as the bot records it (look, key, lock, entry,
// reply), durable, by 1, 8 and 64 writers at once. Writers that wait share a
// commit, so more of them get more done.
func BenchmarkUpdate(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(writers), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "tocsin.db"))
			numbers := make([]int64, writers)
			for k := range numbers {
				numbers[k] = declare(b, s)
			}
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for w := range writers {
				wg.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						if err := s.Update(b.Context(), func(tx bot.Tx) error { return note(tx, numbers[w], fmt.Sprint(n)) }); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
		})
	}
}

// BenchmarkView is a timeline read by 1 and 8 readers at once.
func BenchmarkView(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "tocsin.db"))
	number := declare(b, s)
	for n := range 20 {
		if err := s.Update(b.Context(), func(tx bot.Tx) error { return note(tx, number, fmt.Sprint(n)) }); err != nil {
			b.Fatal(err)
		}
	}
	for _, readers := range []int{1, 8} {
		b.Run(fmt.Sprint(readers), func(b *testing.B) {
			b.SetParallelism(readers)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					err := s.View(b.Context(), func(tx bot.ReadTx) error {
						if _, err := tx.Incident(bot.As("U0ANA"), number); err != nil {
							return err
						}
						_, err := tx.Timeline(bot.As("U0ANA"), number, bot.EventFilter{Last: true, Limit: 10})
						return err
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func declare(tb testing.TB, s bot.Store) (number int64) {
	tb.Helper()
	err := s.Update(tb.Context(), func(tx bot.Tx) (err error) {
		if number, err = tx.NextNumber(); err != nil {
			return err
		}
		i := &bot.Incident{Number: number}
		if err := tx.CreateIncident(i); err != nil {
			return err
		}
		e := bot.Event{Incident: number, Kind: bot.EventDeclared, Text: "Checkout is down", Data: bot.Data{User: "U0ANA"}}.Seal(i.Head, time.Now())
		i.Apply(e)
		return tx.Append(e, i)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return number
}

func note(tx bot.Tx, number int64, key string) error {
	if _, err := tx.Person("U0ANA"); err != nil && bot.KindOf(err) != bot.KindNotFound {
		return err
	}
	if _, err := tx.GroupsOf("U0ANA"); err != nil {
		return err
	}
	if _, err := tx.ClaimKey(key, "", time.Now()); err != nil {
		return err
	}
	i, err := tx.LockIncident(bot.As("U0ANA"), number)
	if err != nil {
		return err
	}
	e := bot.Event{Incident: number, Kind: bot.EventNote, Actor: "U0ANA", Via: bot.ViaSlack, Text: "The database is full."}.Seal(i.Head, time.Now())
	i.Apply(e)
	if err := tx.Append(e, i); err != nil {
		return err
	}
	return tx.SaveReply(key, []byte(`{"summary":"Noted."}`))
}
