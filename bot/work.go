package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Look is one request being answered from what is stored. It is valid until
// the function that it was given to returns.
type Look struct {
	Bot    *Bot
	Tx     ReadTx
	Req    Request
	Who    Person
	Groups []Group
	Now    time.Time
	// Incident is the one that the request is about, once it was found.
	Incident *Incident
}

// Work is one request being carried out in one transaction: everything that it
// decides is committed together or not at all.
type Work struct {
	Look
	Tx   Tx
	jobs []Job
}

// Viewer is for whom this request reads.
func (l *Look) Viewer() Viewer {
	if l.Who.ID == "" {
		return Self()
	}
	return As(l.Who.ID)
}

// Settings is a shorthand.
func (l *Look) Settings() *Settings { return l.Bot.Settings }

// Zone is the time zone in which the person's times are read.
func (l *Look) Zone() *time.Location {
	loc, _ := l.Who.Location(l.Bot.Settings.Zone)
	return loc
}

// Look answers r from what is stored.
func (b *Bot) Look(ctx context.Context, r Request, fn func(*Look) (Reply, error)) (reply Reply, err error) {
	err = b.Store.View(ctx, func(tx ReadTx) error {
		l, err := b.look(tx, r)
		if err != nil {
			return err
		}
		reply, err = fn(l)
		return err
	})
	return reply, err
}

func (b *Bot) look(tx ReadTx, r Request) (*Look, error) {
	l := &Look{Bot: b, Tx: tx, Req: r, Now: b.Now().UTC()}
	if r.User == "" {
		return l, nil
	}
	var err error
	if l.Who, err = FindPerson(tx, r.User); err != nil {
		return nil, err
	}
	l.Groups, err = tx.GroupsOf(r.User)
	return l, err
}

// Carry carries out r: it claims r's key, runs fn, and commits what fn decided
// with the effects that follow and the reply. A repeat gets the reply that was
// kept. When fn fails nothing happened and the key is free.
func (b *Bot) Carry(ctx context.Context, r Request, fn func(*Work) (Reply, error)) (reply Reply, err error) {
	err = b.Store.Update(ctx, func(tx Tx) error {
		reply = Reply{}
		l, err := b.look(tx, r)
		if err != nil {
			return err
		}
		w := &Work{Look: *l, Tx: tx}
		stored, taken, err := w.claim()
		if err != nil || taken {
			reply = stored
			return err
		}
		if reply, err = fn(w); err != nil {
			return err
		}
		return w.close(reply)
	})
	return reply, err
}

func (w *Work) claim() (Reply, bool, error) {
	if w.Req.Key == "" {
		return Reply{}, false, nil
	}
	c, err := w.Tx.ClaimKey(w.Req.Key, w.Req.Digest, w.Now)
	if err != nil || !c.Taken {
		return Reply{}, false, err
	}
	if !c.Same && w.Req.Digest != "" {
		return Reply{}, true, Conflict("The idempotency key was used for another request.").WithHint("Use a new key for a new request.")
	}
	var reply Reply
	if len(c.Reply) > 0 {
		if err := json.Unmarshal(c.Reply, &reply); err != nil {
			return Reply{}, true, fmt.Errorf("stored reply of %s: %w", w.Req.Key, err)
		}
	}
	return reply, true, nil
}

// close writes the effects, in the order of their lanes so that two
// transactions never wait for each other's, and keeps the reply.
func (w *Work) close(reply Reply) error {
	slices.SortStableFunc(w.jobs, func(a, b Job) int { return strings.Compare(a.Lane, b.Lane) })
	for _, j := range w.jobs {
		j.CreatedAt = w.Now
		if err := w.Tx.Enqueue(j); err != nil {
			return err
		}
	}
	if w.Req.Key == "" {
		return nil
	}
	kept, err := json.Marshal(reply)
	if err != nil {
		return err
	}
	return w.Tx.SaveReply(w.Req.Key, kept)
}

// Lock takes incident number for this work and makes it w.Incident. For
// somebody who may not see it, it does not exist.
func (w *Work) Lock(number int64) error {
	i, err := w.Tx.LockIncident(w.Viewer(), number)
	if err != nil {
		return err
	}
	w.Incident = i
	return nil
}

// Record appends e to the stream of w.Incident and plans what follows from it.
// The use case sets Kind, Text, Public, Data and, if it is not now, At.
func (w *Work) Record(e Event) (Event, error) {
	i := w.Incident
	if i == nil {
		return Event{}, errors.New("bot: no incident is locked")
	}
	e = w.signed(e)
	e.Incident = i.Number
	e = e.Seal(i.Head, w.Now)
	i.Apply(e)
	if err := w.Tx.Append(e, i); err != nil {
		return Event{}, err
	}
	w.jobs = append(w.jobs, w.Bot.plan(e, i)...)
	return e, nil
}

// RecordHouse appends e to the house's stream.
func (w *Work) RecordHouse(e Event) (Event, error) {
	head, err := w.Tx.LockHouse()
	if err != nil {
		return Event{}, err
	}
	e = w.signed(e)
	e.Incident = House
	e = e.Seal(head, w.Now)
	if err := w.Tx.Append(e, nil); err != nil {
		return Event{}, err
	}
	w.jobs = append(w.jobs, w.Bot.plan(e, nil)...)
	return e, nil
}

func (w *Work) signed(e Event) Event {
	e.Actor = w.Who.ID
	if e.Via == "" {
		e.Via = w.Req.Via
	}
	if e.Via == "" {
		e.Via = ViaBot
	}
	e.Data.OnBehalf = w.Req.Root
	return e
}

// Plan adds a job that follows from no event.
func (w *Work) Plan(j Job) { w.jobs = append(w.jobs, j) }
