package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/tocsin-dev/tocsin/bot"
)

// maxBatch is how many transactions share a commit at most. It bounds how long
// the first of them waits for the others.
const maxBatch = 64

// request is a transaction that somebody waits for.
type request struct {
	ctx  context.Context // of the caller; looked at only before fn starts
	fn   func(bot.Tx) error
	done chan error

	started bool
	err     error // what fn returned
	news    bool  // others have to hear of it
}

// answer tells the caller; it never blocks.
func (r *request) answer(err error) { r.done <- err }

// writer runs the transactions that write, on the one connection that may.
// Those that wait while a commit is under way are run together: each in a
// savepoint of its own, so that one's error undoes nothing of another's, and
// with one commit for all. Nobody is answered before the commit.
type writer struct {
	session *session
	notify  func() // called after a commit that others have to hear of
	log     *slog.Logger
	// work is taken by a second goroutine, which runs the callers' functions, so
	// that nothing that they do can end the writer's. It is kept from one to the
	// next for its stack, which the database has made grow. Nil: there is none.
	work chan func()
	hand sync.WaitGroup
}

// run serves queue until closing is closed.
func (w *writer) run(queue <-chan *request, closing <-chan struct{}) {
	defer w.dismiss()
	for {
		select {
		case <-closing:
			return
		case r := <-queue:
			w.serve(gather(r, queue))
		}
	}
}

// gather returns first and whoever else waits now.
func gather(first *request, queue <-chan *request) []*request {
	batch := []*request{first}
	for len(batch) < maxBatch {
		select {
		case r := <-queue:
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

func (w *writer) serve(batch []*request) {
	if len(batch) == 1 {
		w.alone(batch[0])
		return
	}
	err := w.together(batch)
	if err == nil {
		for _, r := range batch {
			r.answer(r.err)
		}
		return
	}
	// Nothing of the batch was kept. One of them is to blame (it filled the
	// disk, say), or none is; by itself each gets what it deserves. That goes for
	// those that were refused, too: what they were refused for may be what
	// another did, which did not happen.
	w.log.Warn("storage: a shared commit failed; its transactions are repeated one by one",
		"transactions", len(batch), "error", err)
	for _, r := range batch {
		w.alone(r)
	}
}

// together runs batch with one commit. An error means that nothing was kept.
func (w *writer) together(batch []*request) (err error) {
	if err := w.session.begin("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.session.end()
		}
	}()
	news := false
	for _, r := range batch {
		if err := w.inSavepoint(r); err != nil {
			return err
		}
		news = news || r.news
	}
	if err := w.session.control("COMMIT"); err != nil {
		return err
	}
	if news {
		w.notify()
	}
	return nil
}

// inSavepoint runs r as a part of the open transaction. Its error is not r's:
// it says that the transaction is lost.
func (w *writer) inSavepoint(r *request) error {
	if r.err = r.ctx.Err(); r.err != nil {
		return nil
	}
	if err := w.session.control("SAVEPOINT one"); err != nil {
		return err
	}
	w.call(r)
	if r.err != nil {
		if err := w.session.control("ROLLBACK TO one"); err != nil {
			return err
		}
	}
	return w.session.control("RELEASE one")
}

// alone runs r in a transaction of its own and answers.
func (w *writer) alone(r *request) {
	if err := r.ctx.Err(); err != nil && !r.started {
		r.answer(err)
		return
	}
	if err := w.session.begin("BEGIN IMMEDIATE"); err != nil {
		r.answer(fmt.Errorf("storage: begin writing: %w", err))
		return
	}
	w.call(r)
	if r.err != nil {
		w.session.end()
		r.answer(r.err)
		return
	}
	if err := w.session.control("COMMIT"); err != nil {
		w.session.end()
		r.answer(fmt.Errorf("storage: commit: %w", err))
		return
	}
	if r.news {
		w.notify()
	}
	r.answer(nil)
}

// errExited is what a caller gets whose function ended its goroutine, as a
// test's FailNow does.
var errExited = errors.New("storage: the function ended its goroutine instead of returning")

// call runs r's function and waits for it. A panic becomes an error that holds
// the stack.
func (w *writer) call(r *request) {
	r.started = true
	w.session.failed, w.session.refused = nil, nil
	t := newTx(w.session)
	over := make(chan error, 1)
	if w.work == nil {
		w.hire()
	}
	w.work <- func() {
		err := errExited
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("storage: panic in a transaction: %v\n%s", p, debug.Stack())
			}
			over <- err
		}()
		err = r.fn(t)
	}
	r.err, r.news = <-over, t.news
	if errors.Is(r.err, errExited) {
		w.dismiss()
	}
	if r.err == nil {
		r.err = w.session.failed // a failed statement that fn passed over
	}
}

func (w *writer) hire() {
	work := make(chan func())
	w.work = work
	w.hand.Go(func() {
		for do := range work {
			do()
		}
	})
}

// dismiss waits for the second goroutine to end, or to have ended.
func (w *writer) dismiss() {
	if w.work != nil {
		close(w.work)
		w.work = nil
		w.hand.Wait()
	}
}
