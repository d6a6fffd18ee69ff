package main

import (
	"sync"
	"time"
)

// demoClock is the time of a demo. While a scenario is played it stands still
// and is moved from event to event; afterwards it is the real time.
type demoClock struct {
	mu   sync.Mutex
	at   time.Time
	real bool
}

func newDemoClock(at time.Time) *demoClock { return &demoClock{at: at} }

// Now is the time by which incidents, messages, issues and deploys are kept.
func (c *demoClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.real {
		return later(time.Now(), c.at)
	}
	return c.at
}

// move sets the time to t; it never goes back.
func (c *demoClock) move(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.at) {
		c.at = t
	}
}

// release makes it the real time, from now on, or as soon as that has caught up: a
// button that was waited for may have taken the last steps a little too far.
func (c *demoClock) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.real = true
}
