// Package grown fills a database as years of use would: incidents with their
// records, action items, rollbacks, deploys, jobs that were done, keys and people,
// in minutes where the program itself would need hours. What it writes is what the
// program would have written (a test compares the two): chains verify, and an
// incident is the fold of its entries.
//
// Of two databases of one seed everything is the same but for salts and hashes,
// which are random, and for times, which count back from now.
package grown

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/storage"
)

// Options say how a database is to have grown.
type Options struct {
	// Incidents is how many there are, Events how many entries they have together.
	// An incident has 2/5, once or three times its share, so that the sum is exact
	// where Incidents is a multiple of 20 and a share one of 5.
	Incidents, Events int
	// Open is how many of the newest are not over.
	Open int
	// Public is of how many of the open ones customers read; of those that are over
	// they read of one in Told.
	Public, Told int
	// Age is how long ago the first one was.
	Age time.Duration
	// Seed chooses what happened.
	Seed uint64
	// Now is when the last entry was written; zero: now.
	Now time.Time
}

// Large is an install of ten years with a hundred thousand incidents and five
// million entries; customers have read of two incidents a week.
func Large(incidents int) Options {
	return Options{
		Incidents: incidents, Events: 50 * incidents, Open: 200, Public: 10, Told: max(incidents/1000, 10), Age: 10 * 365 * 24 * time.Hour, Seed: 1,
	}
}

// Young is an install of a quarter, of which customers have read as much as they
// have in the last quarter of a large one: what differs is the past.
func Young() Options {
	return Options{Incidents: 100, Events: 5000, Open: 50, Public: 10, Told: 2, Age: 90 * 24 * time.Hour, Seed: 1}
}

// part is how many incidents are made and written together.
const part = 200

// sink is an open database that takes rows, a part at a time.
type sink interface {
	write(ctx context.Context, rows *rows) error
	// end makes what was written a database that the program can open.
	end(ctx context.Context) error
	close() error
}

// Fill makes the tables of an empty database and fills them. A path names an SQLite
// file that is not there yet; postgres://… an empty database. After an error the
// database is of no use.
func Fill(ctx context.Context, url string, o Options) (err error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	o.Now = o.Now.UTC().Truncate(time.Second)
	if err := o.check(); err != nil {
		return err
	}
	store, err := storage.Open(ctx, url, storage.Options{Alone: true})
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	open := openFile
	if storage.IsPostgres(url) {
		open = openServer
	}
	to, err := open(ctx, url)
	if err != nil {
		return err
	}
	if err := fill(ctx, to, o); err != nil {
		return fmt.Errorf("fill: %w", join(err, to.close()))
	}
	return join(to.end(ctx), to.close())
}

func (o Options) check() error {
	switch {
	case o.Open > o.Incidents || o.Public > o.Open:
		return fmt.Errorf("of %d incidents %d are to be open, and %d of those public; give no more than there are", o.Incidents, o.Open, o.Public)
	case o.Incidents < 1 || o.Events < 25*o.Incidents:
		return fmt.Errorf("%d incidents cannot have %d entries; give at least one incident, and 25 entries to each", o.Incidents, o.Events)
	case o.Told < 1 || o.Age < 24*time.Hour:
		return fmt.Errorf("customers read of one in %d, since %v; give at least 1, and a day", o.Told, o.Age)
	}
	return nil
}

func fill(ctx context.Context, to sink, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := to.write(ctx, house(o)); err != nil {
		return err
	}
	for made := range parts(ctx, o) {
		select {
		case rows := <-made:
			if err := to.write(ctx, rows); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// parts makes the incidents on all processors and gives them in their order, a few
// parts ahead of who takes them.
func parts(ctx context.Context, o Options) <-chan chan *rows {
	type work struct {
		from int
		made chan *rows
	}
	todo, out := make(chan work), make(chan chan *rows, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for w := range todo {
				w.made <- incidents(o, w.from, min(w.from+part, o.Incidents+1))
			}
		})
	}
	go func() {
		defer close(out)
		defer close(todo)
		for from := 1; from <= o.Incidents; from += part {
			w := work{from, make(chan *rows, 1)}
			select {
			case todo <- w:
			case <-ctx.Done():
				return
			}
			select {
			case out <- w.made:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
