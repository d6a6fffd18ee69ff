package bot_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestANewerJobWaits: what a newer replica planned is not ended by an older one, and
// the try does not count.
func TestANewerJobWaits(t *testing.T) {
	t.Parallel()
	settings := bot.Defaults()
	b := bot.New(nil, &settings, slog.New(slog.NewTextHandler(io.Discard, nil)))
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	b.Now = func() time.Time { return now }
	job := bot.Job{Kind: "of a later year", Attempt: 1, Payload: bot.Payload(struct{}{})}
	o := bot.OutcomeOf(job, bot.NewClock(b).Do(context.Background(), job), now)
	if o.State != bot.JobWaiting || !o.Free || !o.RunAt.After(now) {
		t.Errorf("the outcome is %+v", o)
	}
}
