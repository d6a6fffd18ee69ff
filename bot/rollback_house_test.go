package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// The people of the rollbacks' tests. Ana may roll back by her own name, Cat
// through a group; Ben and Eve may approve through one; Dan may neither.
const (
	ana bot.UserID = "U0ANA"
	ben bot.UserID = "U0BEN"
	cat bot.UserID = "U0CAT"
	dan bot.UserID = "U0DAN"
	eve bot.UserID = "U0EVE"

	oncall bot.GroupID = "S0ONCALL"
	sre    bot.GroupID = "S0SRE"
)

// house is a bot over a real store, with a target of two clusters.
type house struct {
	t   testing.TB
	bot *bot.Bot
	now time.Time
}

func newHouse(t testing.TB, change func(*bot.Settings)) *house {
	t.Helper()
	store := fresh.Open(t, filepath.Join(t.TempDir(), "tocsin.db"))
	s := bot.Defaults()
	s.Services = []bot.Service{{ID: "api-gateway", Name: "API Gateway"}, {ID: "billing", Name: "Billing"}}
	s.Targets = []bot.Target{{
		Name: "gateway", Service: "api-gateway", Environment: "production", LockKey: "api-gateway/production", Digest: "d1",
		Steps: []bot.TargetStep{{Name: "main"}, {Name: "chat"}},
	}}
	s.Permissions[bot.RightRollback] = []string{string(ana), string(oncall)}
	s.Permissions[bot.RightApprove] = []string{string(sre)}
	if change != nil {
		change(&s)
	}
	h := &house{t: t, bot: bot.New(fresh.Twice(store), &s, slog.New(slog.DiscardHandler)), now: time.Date(2020, 1, 23, 21, 30, 0, 0, time.UTC)}
	h.bot.Now = func() time.Time { return h.now }
	t.Cleanup(func() {
		if !t.Failed() {
			h.check()
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	h.sync()
	return h
}

// sync lets the workspace tell of everybody again.
func (h *house) sync() {
	h.t.Helper()
	h.update(func(tx bot.Tx) error {
		for _, id := range []bot.UserID{ana, ben, cat, dan, eve} {
			if err := tx.SavePerson(bot.Person{ID: id, SyncedAt: h.now}); err != nil {
				return err
			}
		}
		if err := tx.SaveGroup(bot.Group{ID: oncall, Members: []bot.UserID{cat, ben}, SyncedAt: h.now}); err != nil {
			return err
		}
		return tx.SaveGroup(bot.Group{ID: sre, Members: []bot.UserID{ben, eve}, SyncedAt: h.now})
	})
}

func (h *house) update(fn func(bot.Tx) error) {
	h.t.Helper()
	if err := h.bot.Store.Update(context.Background(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) view(fn func(bot.ReadTx) error) {
	h.t.Helper()
	if err := h.bot.Store.View(context.Background(), fn); err != nil {
		h.t.Fatal(err)
	}
}

// later lets time pass, in which groups are read as always.
func (h *house) later(d time.Duration) {
	h.t.Helper()
	h.now = h.now.Add(d)
	h.sync()
}

// ask does something as user (empty: the bot itself).
func (h *house) ask(r bot.Request, fn func(*bot.Work) error) error {
	r.Via = bot.ViaSlack
	_, err := h.bot.Carry(context.Background(), r, func(w *bot.Work) (bot.Reply, error) { return bot.Reply{}, fn(w) })
	return err
}

// on does something as user with a rollback under its lock.
func (h *house) on(user bot.UserID, id string, fn func(*bot.Work, *bot.Rollback) error) error {
	return h.ask(bot.Request{User: user}, func(w *bot.Work) error {
		r, err := bot.TakeRollback(w, id)
		if err != nil {
			return err
		}
		return fn(w, r)
	})
}

// must is on for what has to succeed.
func (h *house) must(user bot.UserID, id string, fn func(*bot.Work, *bot.Rollback) error) *bot.Rollback {
	h.t.Helper()
	if err := h.on(user, id, fn); err != nil {
		h.t.Fatal(err)
	}
	return h.rollback(id)
}

// declare opens an incident of the target's service. Ana commands it.
func (h *house) declare(d bot.Draft) (number int64) {
	h.t.Helper()
	d.Title, d.Services = "Checkout is down", []string{"api-gateway"}
	err := h.ask(bot.Request{User: ana}, func(w *bot.Work) error {
		e, err := bot.Declare(w, d)
		number = e.Incident
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return number
}

// request asks for a rollback; a draft without a target means the first one.
func (h *house) request(user bot.UserID, incident int64, d bot.RollbackDraft) (id string, err error) {
	if d.Target.Name == "" {
		d.Target = h.bot.Settings.Targets[0]
	}
	err = h.ask(bot.Request{User: user}, func(w *bot.Work) error {
		if err := w.Lock(incident); err != nil {
			return err
		}
		r, err := bot.RequestRollback(w, d)
		if err == nil {
			id = r.ID
		}
		return err
	})
	return id, err
}

func menu() bot.Menu {
	return bot.Menu{Versions: []bot.Version{{ID: "102", Label: "v2"}, {ID: "101", Label: "v1"}, {ID: "100", Label: "v0"}}}
}

// plan makes the plan of a rollback from the same menu for every step.
func (h *house) plan(id string, m bot.Menu) *bot.Rollback {
	h.t.Helper()
	return h.must("", id, func(w *bot.Work, r *bot.Rollback) error {
		menus := map[string]bot.Menu{}
		for _, s := range r.Steps {
			menus[s.Name] = m
		}
		return bot.MakePlan(w, r, menus)
	})
}

// planned is a rollback that waits for approval, asked for by Ana.
func (h *house) planned(incident int64) string {
	h.t.Helper()
	id, err := h.request(ana, incident, bot.RollbackDraft{Reason: "Latency since v2"})
	if err != nil {
		h.t.Fatal(err)
	}
	if r := h.plan(id, menu()); r.State != bot.RollbackAwaiting {
		h.t.Fatalf("planned: %s %s", r.State, r.Why)
	}
	return id
}

// approved is one that Ben approved.
func (h *house) approved(incident int64) string {
	h.t.Helper()
	id := h.planned(incident)
	h.must(ben, id, bot.ApproveRollback)
	return id
}

// begin begins a step and says whether it may be sent.
func (h *house) begin(id, step string, running *bot.Version) (ok bool) {
	h.t.Helper()
	h.must("", id, func(w *bot.Work, r *bot.Rollback) (err error) {
		ok, err = bot.BeginStep(w, r, step, running)
		return err
	})
	return ok
}

func (h *house) accept(id, step string) *bot.Rollback {
	h.t.Helper()
	return h.must("", id, func(w *bot.Work, r *bot.Rollback) error {
		return bot.AcceptStep(w, r, step, bot.Accepted{Link: "https://deploy.example.com/7", Message: "queued", Vars: map[string]string{"run": "7"}})
	})
}

func (h *house) end(id, step string, end bot.Ended) *bot.Rollback {
	h.t.Helper()
	return h.must("", id, func(w *bot.Work, r *bot.Rollback) error { return bot.EndStep(w, r, step, end) })
}

// run begins a step and has it accepted.
func (h *house) run(id, step string) *bot.Rollback {
	h.t.Helper()
	if !h.begin(id, step, nil) {
		h.t.Fatalf("%s did not begin: %s", step, h.stands(id))
	}
	return h.accept(id, step)
}

func (h *house) lose(id, step string) *bot.Rollback {
	h.t.Helper()
	return h.must("", id, func(w *bot.Work, r *bot.Rollback) error { return bot.LoseStep(w, r, step, "the connection broke") })
}

func (h *house) timeOut(id, step string) *bot.Rollback {
	h.t.Helper()
	return h.must("", id, func(w *bot.Work, r *bot.Rollback) error {
		return bot.TimeOutStep(w, r, step, "watched for 30 min")
	})
}

func (h *house) rollback(id string) (r *bot.Rollback) {
	h.t.Helper()
	h.view(func(tx bot.ReadTx) (err error) {
		r, err = tx.Rollback(bot.Self(), id)
		return err
	})
	return r
}

// stands is how a rollback and its steps stand, those that are to be sent with
// a star.
func (h *house) stands(id string) string {
	h.t.Helper()
	r := h.rollback(id)
	out := string(r.State) + ":"
	for _, s := range r.Steps {
		out += " "
		if s.State == bot.StepPending && s.QueuedAt != nil {
			out += "*"
		}
		out += string(s.State)
	}
	return out
}

// is fails the test unless a rollback stands as said.
func (h *house) is(what, id, want string) {
	h.t.Helper()
	if got := h.stands(id); got != want {
		h.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func (h *house) events(incident int64, kinds ...bot.EventKind) (list []bot.Event) {
	h.t.Helper()
	h.view(func(tx bot.ReadTx) (err error) {
		list, err = tx.Events(bot.Self(), incident, bot.EventFilter{Kinds: kinds})
		return err
	})
	return list
}

// last is the newest entry about rollbacks of an incident, in words.
func (h *house) last(incident int64) string {
	h.t.Helper()
	list := h.events(incident, bot.EventRollback)
	if len(list) == 0 {
		return ""
	}
	e := list[len(list)-1]
	out := bot.RollbackDeed(e.Data.Rollback).String()
	if e.Text != "" {
		out += " – " + e.Text.String()
	}
	if start := e.Data.Rollback.Start; len(start) > 0 {
		out += " → " + strings.Join(start, " ")
	}
	return out
}

// refused fails the test unless err is of kind and has the text.
func (h *house) refused(what string, err error, kind bot.Kind, text string) {
	h.t.Helper()
	if bot.KindOf(err) != kind || !strings.Contains(fmt.Sprint(err), text) {
		h.t.Errorf("%s: %q (%s), want %s with %q", what, fmt.Sprint(err), bot.KindOf(err), kind, text)
	}
}

// check is what must hold at the end of every test: an incident is the fold of
// its record, and how each rollback ended is in it.
func (h *house) check() {
	h.view(func(tx bot.ReadTx) error {
		list, err := tx.Incidents(bot.Self(), bot.IncidentFilter{})
		if err != nil {
			return err
		}
		for _, i := range list {
			events, err := tx.Events(bot.Self(), i.Number, bot.EventFilter{})
			if err != nil {
				return err
			}
			again := bot.Fold(events)
			again.Version, again.Channel, again.ChannelName = i.Version, i.Channel, i.ChannelName
			if !reflect.DeepEqual(again, i) {
				h.t.Errorf("#%d folds to %+v, and is stored as %+v", i.Number, again, i)
			}
			if err := h.itemsExplained(tx, i.Number, events); err != nil {
				return err
			}
			rollbacks, err := tx.Rollbacks(bot.Self(), bot.RollbackFilter{Incident: i.Number})
			if err != nil {
				return err
			}
			for _, r := range rollbacks {
				h.explained(r, events)
			}
		}
		return nil
	})
}

// explained fails the test unless the last entry about r says how it stands, if
// it is over or wants a person.
func (h *house) explained(r *bot.Rollback, events []bot.Event) {
	var last *bot.RollbackMark
	for _, e := range events {
		if m := e.Data.Rollback; m != nil && m.ID == r.ID {
			last = m
		}
	}
	if last == nil {
		h.t.Errorf("%s is in no entry", r.ID)
		return
	}
	if (r.State.Final() || r.State == bot.RollbackUnknown || r.State == bot.RollbackTimedOut) && last.State != r.State {
		h.t.Errorf("%s is %s, and the last entry says %s", r.ID, r.State, last.State)
	}
	if r.State.Final() != (r.EndedAt != nil) {
		h.t.Errorf("%s is %s and ended at %v", r.ID, r.State, r.EndedAt)
	}
	if bot.RollbackDeed(last) == "" {
		h.t.Errorf("%+v reads as nothing", last)
	}
}
