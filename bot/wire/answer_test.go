package wire

import (
	"net/http"
	"testing"
	"time"
)

// TestRetryAfter counts a date from the answer's own time: the clock here may be
// wrong by hours.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(-5 * time.Hour).UTC().Truncate(time.Second)
	date := func(d time.Duration) string { return at.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		after, date string
		want        time.Duration
		told        bool
	}{
		{"120", "", 2 * time.Minute, true},
		{date(90 * time.Second), date(0), 90 * time.Second, true},
		{date(-time.Second), date(0), 0, true},
		{date(90 * time.Second), "", 0, true},
		{"soon", date(0), 0, false},
	} {
		h := http.Header{"Retry-After": {c.after}, "Date": {c.date}}
		if got, told := RetryAfter(h); got != c.want || told != c.told {
			t.Errorf("%q at %q: %s %v", c.after, c.date, got, told)
		}
	}
}
