package main

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestDemoClock: the time of a demo stands still until it is moved, is the real one
// once it is released, and never goes back.
func TestDemoClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := newDemoClock(began.Add(-time.Hour))
		c.move(began.Add(time.Minute))
		c.move(began)
		if got := c.Now(); !got.Equal(began.Add(time.Minute)) {
			t.Errorf("moved to %v", got)
		}
		c.release()
		if got := c.Now(); !got.Equal(began.Add(time.Minute)) {
			t.Errorf("it went back to %v", got)
		}
		<-time.After(2 * time.Minute) // the bubble's
		if got := c.Now(); !got.Equal(began.Add(2 * time.Minute)) {
			t.Errorf("it is %v after two minutes", got)
		}
	})
}
