package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestClockJumps sets the clock forward and back under the program. What people say
// arrives, once and in order; the record's times rise all the same; a reminder fires
// once; and a rule that was passed over is made up for, or not done twice.
func TestClockJumps(t *testing.T) {
	inWorld(t, "", func(w *world) {
		jump := func(d time.Duration) {
			w.skew.Add(int64(d))
			w.app.bot.Wake()
			w.settle()
		}
		w.lines(
			"ana> /incident declare sev3 Clocks go wrong",
			"ana> /incident #1 update One.",
			"ana> /incident #1 remind in 20m Look at the clock",
		)
		jump(3 * time.Hour)
		w.lines("#inc-1-clocks-go-wrong once< Look at the clock", "ben> /incident #1 update Two.")
		jump(-5 * time.Hour)
		w.lines("ana> /incident #1 update Three.", "ben> /incident #1 note Four")
		jump(4 * time.Hour)
		w.lines("ana> /incident #1 update Five.", "wait 1h", "#inc-1-clocks-go-wrong once< Look at the clock")
		var head bot.Head
		var order []string
		for _, e := range w.record(1) {
			if err := e.Verify(head); err != nil {
				t.Error(err)
			}
			if !e.RecordedAt.After(head.RecordedAt) {
				t.Errorf("entry %d was recorded at %v, the one before at %v", e.Seq, e.RecordedAt, head.RecordedAt)
			}
			head = e.Head()
			if e.Kind == bot.EventUpdated {
				order = append(order, string(e.Text))
			}
		}
		if got := strings.Join(order, " "); got != "One. Two. Three. Five." {
			t.Errorf("recorded: %s", got)
		}
		for _, text := range order {
			n := 0
			for _, m := range w.slack.Messages(w.channel("#inc-1-clocks-go-wrong")) {
				if !m.Pinned && strings.Contains(w.slack.PlainText(m), text) { // the card shows the last one, too
					n++
				}
			}
			if n != 1 {
				t.Errorf("%q was posted %d times", text, n)
			}
		}
	})
}

// record reads an incident's entries in the order in which they were written.
func (w *world) record(incident int64) (list []bot.Event) {
	w.t.Helper()
	err := w.app.store.View(context.Background(), func(tx bot.ReadTx) (err error) {
		list, err = tx.Events(bot.Self(), incident, bot.EventFilter{})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}
