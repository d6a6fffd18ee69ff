package fakeslack

import "context"

// changed tells the watchers. Call it with the mutex held.
func (s *Slack) changed() {
	s.version++
	for w := range s.watchers {
		select {
		case w <- struct{}{}:
		default: // it has one waiting
		}
	}
}

// Watch returns a channel that gets a value after changes, several changes
// making one, and is closed when ctx is done.
func (s *Slack) Watch(ctx context.Context) <-chan struct{} {
	w := make(chan struct{}, 1)
	s.mu.Lock()
	s.watchers[w] = struct{}{}
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, w)
		close(w)
	})
	return w
}

// Await waits until ok is true, looking again after every change. ok is called
// without the mutex held.
func (s *Slack) Await(ctx context.Context, ok func() bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := s.Watch(ctx)
	for !ok() {
		if _, more := <-w; !more {
			return ctx.Err()
		}
	}
	return nil
}
