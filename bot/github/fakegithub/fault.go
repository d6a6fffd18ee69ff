package fakegithub

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// A Fault makes calls of the API go wrong on purpose. What is empty matches all
// calls. The pages have no faults.
type Fault struct {
	// Method is an HTTP method. Path is a regular expression that has to match at
	// the beginning of the path without /api/v3; a plain prefix is one.
	Method, Path string
	// Times is how many calls it spoils; 0 is one, negative is until ClearFaults.
	Times int
	// Delay waits before anything else, Hold until it is closed. A client that
	// gives up meanwhile has caused nothing.
	Delay time.Duration
	Hold  <-chan struct{}
	// DropBefore cuts the connection and does nothing.
	DropBefore bool
	// Status answers with this status and Body, with Header added, and does
	// nothing. Body alone answers 200. With Done the work is done all the same:
	// an answer that got lost on the way, or was broken.
	Status int
	Body   string
	Header map[string]string
	Done   bool
	// HoldAnswer does the work, then waits until it is closed.
	HoldAnswer <-chan struct{}
	// Drop does the work, then cuts the connection without an answer.
	Drop bool

	at *regexp.Regexp
}

// Fail adds a fault. Faults that match the same calls are used up in order. It
// panics if Path is no regular expression.
func (g *GitHub) Fail(f Fault) {
	f.at = regexp.MustCompile(`^(?:` + f.Path + `)`)
	g.mu.Lock()
	defer g.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	g.faults = append(g.faults, &f)
}

// ClearFaults takes back all faults.
func (g *GitHub) ClearFaults() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = nil
}

// PrimaryLimit is the answer to too many calls an hour. GitHub gives it as 403
// or 429.
func PrimaryLimit(status int, reset time.Time) Fault {
	return Fault{
		Status: status,
		Body: `{"message":"API rate limit exceeded for installation ID 1. If you reach out to GitHub Support for help, please include the request ID.",` +
			`"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api","status":"` + strconv.Itoa(status) + `"}`,
		Header: map[string]string{
			"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Used": "5000", "X-RateLimit-Resource": "core",
			"X-RateLimit-Reset": strconv.FormatInt(reset.Unix(), 10),
		},
	}
}

// SecondaryLimit is the answer to too many calls at once, which GitHub gives as
// 403 or 429 and, with a wait of 0, without Retry-After.
func SecondaryLimit(status int, wait time.Duration) Fault {
	f := Fault{
		Status: status,
		Body: `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",` +
			`"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits","status":"` + strconv.Itoa(status) + `"}`,
		Header: map[string]string{},
	}
	if wait > 0 {
		f.Header["Retry-After"] = strconv.Itoa(int(wait.Seconds()))
	}
	return f
}

// takeFault takes the next fault for a call; the zero value if there is none.
func (g *GitHub) takeFault(method, path string) Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, f := range g.faults {
		if f.Method != "" && f.Method != method || !f.at.MatchString(path) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				g.faults = append(g.faults[:k:k], g.faults[k+1:]...)
			}
		}
		return *f
	}
	return Fault{}
}

// reply is what the fault answers; ok is false if it has no answer of its own.
func (f Fault) reply() (rep reply, ok bool) {
	if f.Status == 0 && f.Body == "" {
		return reply{}, false
	}
	rep = reply{status: f.Status, text: f.Body, header: f.Header}
	if rep.status == 0 {
		rep.status = http.StatusOK
	}
	return rep, true
}

// wait lets d go by, then waits for the channel, and says whether the client is
// still there.
func (g *GitHub) wait(ctx context.Context, d time.Duration, hold <-chan struct{}) bool {
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return false
		case <-g.stop.Done():
			return false
		}
	}
	if hold == nil {
		return true
	}
	select {
	case <-hold:
		return true
	case <-ctx.Done():
	case <-g.stop.Done():
	}
	return false
}
