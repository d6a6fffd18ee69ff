package fakeslack

import (
	"context"
	"net/http"
	"time"
)

// A Fault makes calls go wrong on purpose.
type Fault struct {
	// Method is an API method, "response_url", or empty for all of them.
	Method string
	// Times is how many calls it spoils; 0 is one, negative is until
	// ClearFaults.
	Times int
	// Error answers ok false with this code. RetryAfter alone, or with Error
	// "ratelimited", answers HTTP 429.
	Error      string
	RetryAfter int
	// Status answers with this HTTP status and no JSON.
	Status int
	// Delay waits before anything else, and is a fault by itself.
	Delay time.Duration
	// Hang never answers; the request ends when the client gives up.
	Hang bool
	// DropAfterCommit does the work, then cuts the connection.
	DropAfterCommit bool
}

// Inject adds a fault. Faults of one method are used up in order.
func (s *Slack) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

// ClearFaults takes back all faults.
func (s *Slack) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault takes the next fault for a method and lets its time pass; abort says
// that the client is gone and nobody is to be answered.
func (s *Slack) fault(ctx context.Context, name string) (f *Fault, abort bool) {
	if f = s.takeFault(name); f == nil {
		return nil, false
	}
	if f.Delay > 0 {
		t := time.NewTimer(f.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return f, true
		case <-s.stop.Done():
			return f, true
		}
	}
	if f.Hang {
		select {
		case <-ctx.Done():
		case <-s.stop.Done():
		}
		return f, true
	}
	return f, false
}

func (s *Slack) takeFault(name string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Method != "" && f.Method != name {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		taken := *f
		return &taken
	}
	return nil
}

// reply is what the fault answers, or nil when it only delays or drops.
func (f *Fault) reply() *reply {
	switch {
	case f.RetryAfter > 0:
		return &reply{status: http.StatusTooManyRequests, retryAfter: f.RetryAfter, body: obj{"ok": false, "error": "ratelimited"}}
	case f.Status != 0:
		return &reply{status: f.Status}
	case f.Error != "":
		r := answer(nil, fail(f.Error))
		return &r
	}
	return nil
}

// limiter holds the times of the calls of the last minute, per method, and of
// the last message, per channel.
type limiter map[string][]time.Time

// perMinute are Slack's tiers; the last is for what it calls special.
var perMinute = [...]int{1: 1, 2: 20, 3: 50, 4: 100, 5: 600}

// LimitRates switches Slack's rate limits on or off.
func (s *Slack) LimitRates(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limited = on
}

// limit returns the seconds to wait, or 0 and counts the call.
func (s *Slack) limit(name string, tier int, channel string) int {
	if !s.limited || tier == 0 {
		return 0
	}
	key, window, most := name, time.Minute, perMinute[tier]
	if name == "chat.postMessage" {
		key, window, most = name+" "+channel, time.Second, 1
	}
	now := s.opt.SignNow()
	times := s.limits[key]
	for len(times) > 0 && now.Sub(times[0]) >= window {
		times = times[1:]
	}
	if len(times) >= most {
		s.limits[key] = times
		return ceilSeconds(window - now.Sub(times[0]))
	}
	s.limits[key] = append(times, now)
	return 0
}
