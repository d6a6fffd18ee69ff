package storage

import "sync"

// Bus tells the stores of one process of each other's commits. It stands in for
// LISTEN and NOTIFY where time is virtual: a bubble's time does not pass while
// somebody listens to a network.
type Bus struct {
	mu     sync.Mutex
	stores map[*Store]bool
}

func (b *Bus) join(s *Store) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stores == nil {
		b.stores = map[*Store]bool{}
	}
	b.stores[s] = true
}

func (b *Bus) leave(s *Store) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.stores, s)
}

func (b *Bus) notify() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for s := range b.stores {
		s.notify()
	}
}
