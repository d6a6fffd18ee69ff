package fakedeploy

import (
	"context"
	"net/http"
	"path"
	"time"
)

// A Fault makes calls of the API go wrong on purpose. What is empty matches all
// calls. The page has no faults.
type Fault struct {
	// Method is an HTTP method. Path is one as [path.Match] takes it:
	// /api/apps/*/rollback.
	Method, Path string
	// Times is how many calls it spoils; 0 is one, negative is until
	// ClearFaults.
	Times int
	// Delay waits before anything else. AnswerDelay waits after the work. Either
	// is a fault by itself; a client that gives up meanwhile gets no answer.
	Delay, AnswerDelay time.Duration
	// DropBefore cuts the connection and does nothing.
	DropBefore bool
	// Status answers with this status and Body, with Header added, and does
	// nothing. Body alone answers 200.
	Status int
	Body   string
	Header map[string]string
	// DropAfter does the work, then cuts the connection without an answer.
	DropAfter bool
}

// Fault adds a fault. Faults that match the same calls are used up in order. It
// panics if Path is no pattern.
func (s *System) Fault(f Fault) {
	if _, err := path.Match(f.Path, ""); err != nil {
		panic("fakedeploy: the Path of a fault is no pattern: " + f.Path)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

// ClearFaults takes back all faults.
func (s *System) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault takes the next fault for a call; the zero value if there is none.
func (s *System) takeFault(method, at string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !f.matches(method, at) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return *f
	}
	return Fault{}
}

func (f *Fault) matches(method, at string) bool {
	ok, err := path.Match(f.Path, at)
	return (f.Method == "" || f.Method == method) && (f.Path == "" || ok && err == nil)
}

// reply is what the fault answers; ok is false if it only delays or drops.
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

// pass lets d go by and says whether the client is still there.
func (s *System) pass(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-s.stop.Done():
	}
	return false
}
