package main

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// balancer gives requests to the replicas in turn.
type balancer struct {
	to   []http.Handler
	next atomic.Uint64
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.to[b.next.Add(1)%uint64(len(b.to))].ServeHTTP(w, r)
}

// balance puts the apps that run behind the front.
func (w *world) balance() {
	b := &balancer{}
	for _, a := range w.apps {
		b.to = append(b.to, a.main)
	}
	if len(b.to) == 0 {
		b = nil
	}
	w.front.Store(b)
}

func (w *world) start() {
	w.t.Helper()
	for len(w.apps) < w.replicas {
		w.startOne()
	}
	w.settle()
}

func (w *world) startOne() {
	w.t.Helper()
	c := w.loadConfig()
	if faults := c.CheckServe(); len(faults) > 0 {
		w.t.Fatalf("configuration: %v", faults)
	}
	a, err := newApp(context.Background(), c, outside{
		slack: &http.Client{Transport: w.net, Timeout: 10 * time.Second}, github: &http.Client{Transport: w.net, Timeout: 10 * time.Second}, deploy: w.dial,
		volatile: true, bus: w.bus, now: w.now,
	}, w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	w.apps = append(w.apps, a)
	w.app = a
	w.balance()
	a.start(context.Background())
}

// stopOne stops the replica that has run longest.
func (w *world) stopOne() {
	w.t.Helper()
	a := w.apps[0]
	w.apps = w.apps[1:]
	w.balance()
	if err := a.stop(); err != nil {
		w.errorf("stop: %v", err)
	}
}

func (w *world) stop() {
	w.t.Helper()
	for len(w.apps) > 0 {
		w.stopOne()
	}
}

// scale makes the replicas that many at most.
func (w *world) scale(replicas int) {
	w.t.Helper()
	w.replicas = min(w.replicas, replicas)
	for len(w.apps) > w.replicas {
		w.stopOne()
	}
}

// restart replaces the replicas one after the other, so that all but an only one
// go on meanwhile.
func (w *world) restart() {
	w.t.Helper()
	for range w.replicas {
		w.stopOne()
		w.start()
	}
}
