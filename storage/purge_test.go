package storage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestPurgesJobs: effects that were done long ago go; what waits or failed stays.
func TestPurgesJobs(t *testing.T) {
	bothDatabases(t, func(k *kept) {
		plan := func(state string, n int) {
			k.do(0, func(w *bot.Work) error {
				for i := range n {
					w.Plan(bot.Job{Kind: "x." + state, Lane: fmt.Sprint(state, i)})
				}
				return nil
			})
			k.exec(fmt.Sprintf("UPDATE jobs SET state = '%s', done_at = %d WHERE kind = 'x.%s'", state, k.now.UnixMicro(), state))
		}
		plan("waiting", 600) // more than are looked at together
		plan("done", 700)
		plan("superseded", 1)
		plan("failed", 1)
		k.now = k.now.AddDate(0, 0, 91)
		k.do(0, func(w *bot.Work) error {
			w.Plan(bot.Job{Kind: "x.recent", Lane: "r"})
			return nil
		})
		k.exec(fmt.Sprintf("UPDATE jobs SET state = 'done', done_at = %d WHERE kind = 'x.recent'", k.now.UnixMicro()))
		k.purge()
		for state, want := range map[string]int{"waiting": 600, "done": 0, "superseded": 0, "failed": 1, "recent": 1} {
			var n int
			if err := k.sql.QueryRowContext(k.Context(), "SELECT count(*) FROM jobs WHERE kind = 'x."+state+"'").Scan(&n); err != nil || n != want {
				t.Errorf("%d jobs are %s, want %d (%v)", n, state, want, err)
			}
		}
		err := k.store.View(context.Background(), func(tx bot.ReadTx) error {
			e, err := tx.Event(bot.Self(), bot.House, 1)
			if got := k.bot.Settings.Deed(e).String(); !strings.HasPrefix(got, "purged 701 finished jobs") {
				t.Errorf("the house says %q", got)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
