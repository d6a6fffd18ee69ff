// Package storagetest is the contract of [bot.Store]: what every database must
// do, tested through the interface alone. It knows no database and no SQL, and
// sleeps nowhere.
package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Run runs the contract. open returns an empty store, which it closes when
// the test that it was given ends.
func Run(t *testing.T, open func(t *testing.T) bot.Store) {
	t.Helper()
	groups := []struct {
		name  string
		tests []contract
	}{
		{"Transaction", transactions()},
		{"Incident", incidents()},
		{"Private", privacy()},
		{"Record", record()},
		{"Key", keys()},
		{"Directory", directory()},
		{"Lane", lanes()},
		{"Worker", workers()},
		{"Limit", limits()},
		{"Rollback", rollbacks()},
		{"Deploy", deploys()},
		{"FollowUp", followUps()},
		{"Reminder", reminders()},
		{"Search", searches()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.tests {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.test(&suite{T: t, Store: open(t)})
				})
			}
		})
	}
}

// contract is one promise.
type contract struct {
	name string
	test func(*suite)
}

// suite is a store under test, with what most tests need.
type suite struct {
	*testing.T
	bot.Store
}

// base is when the tests take place. It has microseconds, since times must
// keep them.
func base() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC) }

// update runs fn and fails the test where it fails.
func (s *suite) update(fn func(bot.Tx) error) {
	s.Helper()
	if err := s.Update(s.Context(), fn); err != nil {
		s.Fatalf("Update: %v", err)
	}
}

// view runs fn and fails the test where it fails.
func (s *suite) view(fn func(bot.ReadTx) error) {
	s.Helper()
	if err := s.View(s.Context(), fn); err != nil {
		s.Fatalf("View: %v", err)
	}
}

// declare opens an incident and returns its number. The commander is U0ANA.
func (s *suite) declare(title string, d bot.Data) (number int64) {
	s.Helper()
	s.update(func(tx bot.Tx) (err error) {
		number, err = declareIn(tx, title, d, base())
		return err
	})
	return number
}

func declareIn(tx bot.Tx, title string, d bot.Data, now time.Time) (int64, error) {
	number, err := tx.NextNumber()
	if err != nil {
		return 0, err
	}
	i := &bot.Incident{Number: number, Private: d.Private}
	if err := tx.CreateIncident(i); err != nil {
		return 0, err
	}
	if d.User == "" {
		d.User = ana
	}
	if d.Severity == "" {
		d.Severity = "sev2"
	}
	_, err = appendTo(tx, i, bot.Event{Kind: bot.EventDeclared, Actor: ana, Text: bot.Text(title), Data: d}, now)
	return number, err
}

// record appends e to an incident's stream.
func (s *suite) record(number int64, e bot.Event) (sealed bot.Event) {
	s.Helper()
	s.update(func(tx bot.Tx) (err error) {
		sealed, err = recordIn(tx, number, e, base())
		return err
	})
	return sealed
}

func recordIn(tx bot.Tx, number int64, e bot.Event, now time.Time) (bot.Event, error) {
	i, err := tx.LockIncident(bot.Self(), number)
	if err != nil {
		return bot.Event{}, err
	}
	return appendTo(tx, i, e, now)
}

func appendTo(tx bot.Tx, i *bot.Incident, e bot.Event, now time.Time) (bot.Event, error) {
	e.Incident = i.Number
	if e.Via == "" {
		e.Via = bot.ViaSlack
	}
	e = e.Seal(i.Head, now)
	i.Apply(e)
	return e, tx.Append(e, i)
}

// incident reads an incident as the bot itself.
func (s *suite) incident(number int64) (i *bot.Incident) {
	s.Helper()
	s.view(func(tx bot.ReadTx) (err error) {
		i, err = tx.Incident(bot.Self(), number)
		return err
	})
	return i
}

// events reads a whole stream as the bot itself.
func (s *suite) events(number int64) (list []bot.Event) {
	s.Helper()
	s.view(func(tx bot.ReadTx) (err error) {
		list, err = tx.Events(bot.Self(), number, bot.EventFilter{})
		return err
	})
	return list
}

// verify checks a stream's chain from its first entry.
func (s *suite) verify(list []bot.Event) {
	s.Helper()
	var head bot.Head
	for _, e := range list {
		if err := e.Verify(head); err != nil {
			s.Errorf("what was read back does not verify: %v", err)
		}
		head = e.Head()
	}
}

// equal fails the test unless both print alike, which is how nested values,
// times and pointers compare best.
func (s *suite) equal(what string, got, want any) {
	s.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		s.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// refused fails the test unless err is of kind.
func (s *suite) refused(what string, err error, kind bot.Kind) {
	s.Helper()
	if bot.KindOf(err) != kind {
		s.Errorf("%s: error %v (kind %q), want kind %q", what, err, bot.KindOf(err), kind)
	}
}

// missing fails the test unless err says that there is no incident number.
func (s *suite) missing(what string, err error, number int64) {
	s.Helper()
	var e *bot.Error
	if !errors.As(err, &e) || e.Kind != bot.KindNotFound || e.Error() != fmt.Sprintf("There is no incident #%d.", number) {
		s.Errorf("%s: error %v, want the answer for a number never used", what, err)
	}
}

func numbers(list []*bot.Incident) string {
	out := make([]string, len(list))
	for k, i := range list {
		out[k] = fmt.Sprint(i.Number)
	}
	return strings.Join(out, " ")
}

func seqs(list []bot.Event) string {
	out := make([]string, len(list))
	for k, e := range list {
		out[k] = fmt.Sprint(e.Seq)
	}
	return strings.Join(out, " ")
}

// The people of the tests.
const (
	ana bot.UserID = "U0ANA"
	ben bot.UserID = "U0BEN"
	cat bot.UserID = "U0CAT"
	dan bot.UserID = "U0DAN"
)
