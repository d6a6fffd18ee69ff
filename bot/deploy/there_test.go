package deploy

import (
	"net/http"
	"testing"
	"time"
)

// TestSentThere: what a step's guard is compared with is the deploy system's time,
// as its answer told it, less what the answer took.
func TestSentThere(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	says := func(date string) http.Header { return http.Header{"Date": {date}} }
	got := sentThere(answer{header: says(at.Format(http.TimeFormat))}, 3*time.Second)
	if got == nil || !got.Equal(at.Add(-3*time.Second)) {
		t.Errorf("%v", got)
	}
	for _, h := range []http.Header{nil, says(""), says("yesterday")} {
		if got := sentThere(answer{header: h}, 0); got != nil {
			t.Errorf("%v tells %v", h, got)
		}
	}
}

// TestAcceptedByTheirClock: a deploy system that is an hour behind still shows its
// answers to be about this sending.
func TestAcceptedByTheirClock(t *testing.T) {
	still(t, nil, func(w *world) {
		behind := time.Now().Add(-time.Hour)
		w.yard.set(func(y *yard) {
			y.deploy = func(rw http.ResponseWriter, _ *http.Request) bool {
				rw.Header().Set("Date", behind.UTC().Format(http.TimeFormat))
				return false
			}
		})
		w.sentOnce()
		s := w.rollback().Steps[0]
		if s.SentThere == nil || behind.Sub(*s.SentThere).Abs() > 2*time.Second {
			t.Fatalf("sent there at %v, not %v", s.SentThere, behind)
		}
		if since := (&task{s: &s}).sentThere(); !since.Equal(*s.SentThere) {
			t.Errorf("it is looked for since %v", since)
		}
	})
}
