package bot_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// watched is a store that counts the rows of the lists which are read while nobody
// else can write, and of all.
type watched struct {
	bot.Store
	all, inWriter int
}

func (s *watched) Update(ctx context.Context, fn func(bot.Tx) error) error {
	return s.Store.Update(ctx, func(tx bot.Tx) error { return fn(countedTx{tx, s}) })
}

func (s *watched) View(ctx context.Context, fn func(bot.ReadTx) error) error {
	return s.Store.View(ctx, func(tx bot.ReadTx) error { return fn(countedView{tx, s}) })
}

type countedTx struct {
	bot.Tx
	w *watched
}

func (t countedTx) FollowUps(v bot.Viewer, f bot.FollowUpFilter) ([]*bot.FollowUp, error) {
	list, err := t.Tx.FollowUps(v, f)
	t.w.inWriter += 1 + len(list)
	return list, err
}

func (t countedTx) Incidents(v bot.Viewer, f bot.IncidentFilter) ([]*bot.Incident, error) {
	list, err := t.Tx.Incidents(v, f)
	t.w.inWriter += 1 + len(list)
	return list, err
}

type countedView struct {
	bot.ReadTx
	w *watched
}

func (t countedView) FollowUps(v bot.Viewer, f bot.FollowUpFilter) ([]*bot.FollowUp, error) {
	list, err := t.ReadTx.FollowUps(v, f)
	t.w.all += len(list)
	return list, err
}

func (t countedView) Incidents(v bot.Viewer, f bot.IncidentFilter) ([]*bot.Incident, error) {
	list, err := t.ReadTx.Incidents(v, f)
	t.w.all += len(list)
	return list, err
}

// crowd gives a house n ended incidents and as many action items that are due on
// Monday, spread over so many people.
func crowd(tb testing.TB, h *house, n, people int) {
	tb.Helper()
	for from := 0; from < n; from += 250 {
		h.update(func(tx bot.Tx) error {
			for k := from; k < min(from+250, n); k++ {
				if err := crowdIncident(tx, h.now, k, bot.UserID(fmt.Sprintf("U0P%d", k%people))); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func crowdIncident(tx bot.Tx, now time.Time, k int, who bot.UserID) error {
	number, err := tx.NextNumber()
	if err != nil {
		return err
	}
	i := &bot.Incident{Number: number}
	if err := tx.CreateIncident(i); err != nil {
		return err
	}
	item := &bot.FollowUp{
		Number: int64(k + 1), Incident: number, Seq: 3, Key: fmt.Sprint("key", k), State: bot.FollowUpOpen, Owner: who, Due: "2020-01-27", AddedBy: who, AddedAt: now,
	}
	if _, err := tx.NextFollowUp(); err != nil {
		return err
	}
	if err := tx.CreateFollowUp(item); err != nil {
		return err
	}
	for _, e := range []bot.Event{
		{Kind: bot.EventDeclared, Text: "Checkout is down", Data: bot.Data{User: who, Severity: "sev1"}},
		{Kind: bot.EventResolved, Data: bot.Data{Status: bot.Resolved}},
		{Kind: bot.EventFollowUp, Text: "Test each service alone", Data: bot.Data{FollowUp: &bot.FollowUpMark{
			Number: item.Number, What: bot.DeedAdded, State: bot.FollowUpOpen, Owner: who, Due: item.Due,
		}}},
	} {
		e.Incident, e.Actor = number, who
		e = e.Seal(i.Head, now)
		i.Apply(e)
		if err := tx.Append(e, i); err != nil {
			return err
		}
	}
	return nil
}

// TestTheWriterIsNotHeldUp: what the clock does under the lock of whoever writes
// does not grow with what there is, and one person's reminder reads what concerns
// them.
func TestTheWriterIsNotHeldUp(t *testing.T) {
	t.Parallel()
	c := newClockHouse(t, func(s *bot.Settings) { s.Severities[0].PostmortemDue = bot.Period{N: 2, Unit: "bd"} })
	crowd(t, c.house, 200, 20)
	seen := &watched{Store: c.bot.Store}
	c.bot.Store = seen
	c.wind()
	c.until(time.Date(2020, 1, 27, 8, 0, 0, 0, time.UTC))
	if seen.all == 0 {
		t.Fatal("nothing was looked through")
	}
	seen.all = 0
	c.pass(90 * time.Minute)
	if n := len(c.told.said); n != 20 {
		t.Errorf("%d people were reminded", n)
	}
	if seen.inWriter > 0 {
		t.Errorf("%d rows were read in the writer", seen.inWriter)
	}
	if seen.all > 2*400 { // ten items and ten post-mortems each; every view runs twice
		t.Errorf("%d rows were read for 20 people", seen.all)
	}
}

// BenchmarkReminders is one person's reminder, and the look through a day, with
// 5,000 incidents and action items of 100 people.
func BenchmarkReminders(b *testing.B) {
	h := newHouse(b, func(s *bot.Settings) {
		s.DefaultSeverity = "sev1"
		s.Severities[0].PostmortemDue = bot.Period{N: 2, Unit: "bd"}
	})
	clock := bot.NewClock(h.bot)
	h.bot.Use(clock)
	crowd(b, h, 5000, 100)
	h.now = time.Date(2020, 1, 26, 10, 0, 0, 0, time.UTC)
	strike := bot.Payload(map[string]any{"at": h.now, "user": "U0P7", "date": "2020-01-27"})
	b.Run("DueFor", func(b *testing.B) {
		for b.Loop() {
			_, err := h.bot.Look(b.Context(), bot.Request{}, func(l *bot.Look) (bot.Reply, error) {
				items, err := l.DueFor("U0P7", "2020-01-27")
				if len(items.FollowUps) != 50 || len(items.Postmortems) != 50 {
					b.Fatalf("%d and %d", len(items.FollowUps), len(items.Postmortems))
				}
				return bot.Reply{}, err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, kind := range []string{"due", "day"} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				if err := clock.Do(b.Context(), bot.Job{Kind: kind, Payload: strike}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
