package slack

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// line lies between a replica and Slack.
type line struct {
	net  http.RoundTripper
	late string // of this method the answers are kept back for a while
	page string // how many people are asked for instead
}

const lateBy = 5 * time.Second

func (w *line) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.page != "" && strings.HasSuffix(r.URL.Path, "users.list") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.Replace(body, []byte("limit=999"), []byte("limit="+w.page), 1)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	resp, err := w.net.RoundTrip(r)
	if w.late != "" && strings.HasSuffix(r.URL.Path, w.late) {
		<-time.After(lateBy) // the bubble's time
	}
	return resp, err
}

// replica is another process of the program over the world's database.
func (w *world) replica(change func(*Config, *line)) *Slack {
	w.t.Helper()
	lies := &line{net: w.slack.http.Transport}
	c := Config{
		BotToken: testToken, SigningSecrets: []string{testSecret}, APIURL: "https://slack.test/api/",
		HTTPClient: &http.Client{Transport: lies}, Bot: w.bot, Dispatcher: w.talk,
	}
	if change != nil {
		change(&c, lies)
	}
	s, err := New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			w.t.Error(err)
		}
	})
	return s
}

// apart runs fn in a bubble in which nothing runs by itself.
func apart(t *testing.T, fn func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		fn(w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestReplicasShareTheReading: what the workspace says is read once for all, and
// each knows who it is.
func TestReplicasShareTheReading(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.rest(17 * time.Second)
		ctx, cancel := context.WithCancel(w.ctx)
		var other *Slack
		done := make(chan struct{})
		other = w.replica(nil)
		go func() { defer close(done); _ = other.Run(ctx) }()
		defer func() { cancel(); <-done }()
		w.slash(ana, "general", "secret Keys leaked")
		w.rest(time.Minute)
		before := map[string]int{}
		methods := map[string]int{"usergroups.list": 20, "users.list": 2, "conversations.members": 20, "conversations.list": 0, "auth.test": 40}
		for m := range methods {
			before[m] = len(w.fake.Calls(m))
		}
		w.rest(20 * time.Minute)
		for m, want := range methods {
			if n := len(w.fake.Calls(m)) - before[m]; n != want {
				t.Errorf("%s was called %d times in 20 minutes, want %d", m, n, want)
			}
		}
		if _, me := other.us(); me != bot.UserID(w.fake.BotUser()) {
			t.Errorf("the other takes itself for %q", me)
		}
		// A group that only one replica was told of is read at once.
		w.fake.AddGroup(fakeslack.Group{ID: "S00SECURE", Handle: "security", Users: []string{ana}})
		other.poke()
		w.rest(spacing("usergroups.list"))
		if got := w.group("S00SECURE"); !slices.Equal(got, []bot.UserID{ana}) {
			t.Errorf("told of a change: %v", got)
		}
	}, noPrivateInvite)
}

func (w *world) group(id bot.GroupID) (members []bot.UserID) {
	w.t.Helper()
	w.must(w.bot.Store.View(w.ctx, func(tx bot.ReadTx) error {
		g, err := tx.Group(id)
		members = g.Members
		return err
	}))
	return members
}

// TestAloneWritesNothing: a process that is alone needs no rows for its turns.
func TestAloneWritesNothing(t *testing.T) {
	t.Parallel()
	apart(t, func(w *world) {
		s := w.replica(func(c *Config, _ *line) { c.Alone = true })
		k := keeper{s: s}
		k.round(w.ctx)
		free := ""
		w.must(w.bot.Store.Update(w.ctx, func(tx bot.Tx) error {
			for _, l := range []string{syncLimit("groups"), syncLimit("people"), syncLimit("channels"), syncLimit("members"), methodLimit("users.list")} {
				if at, err := tx.Reserve(l, s.now(), 0); err != nil || !at.IsZero() {
					free += l + " "
				}
			}
			return nil
		}))
		if free != "" {
			t.Errorf("rows were written of %s", free)
		}
		k.round(w.ctx)
		if n := len(w.fake.Calls("users.list", "usergroups.list")); n != 2 {
			t.Errorf("%d calls in one minute", n)
		}
	})
}

// TestStaleGroup: a replica that was held up after it read a group does not give
// back who was taken out since.
func TestStaleGroup(t *testing.T) {
	t.Parallel()
	apart(t, func(w *world) {
		slow := w.replica(func(_ *Config, l *line) { l.late = "usergroups.list" })
		go func() { _ = slow.syncGroups(w.ctx) }()
		w.rest(time.Second)
		w.fake.AddGroup(fakeslack.Group{ID: "S00SECURE", Handle: "security", Users: []string{ana}})
		w.must(w.slack.syncGroups(w.ctx))
		w.rest(lateBy)
		if got := w.group("S00SECURE"); !slices.Equal(got, []bot.UserID{ana}) {
			t.Errorf("%v", got)
		}
	})
}

// TestStalePerson is the same of somebody who was deactivated.
func TestStalePerson(t *testing.T) {
	t.Parallel()
	apart(t, func(w *world) {
		slow := w.replica(func(_ *Config, l *line) { l.late = "users.list" })
		go func() { _ = slow.syncPeople(w.ctx) }()
		w.rest(time.Second)
		w.must(w.fake.SendEvent(w.ctx, map[string]any{"type": "user_change", "user": map[string]any{"id": ben, "team_id": "T0DEMO", "deleted": true}}))
		w.rest(lateBy)
		if p := w.person(ben); !p.Deleted {
			t.Errorf("%+v", p)
		}
		if p := w.person(ana); p.Name != "Ana Lima" {
			t.Errorf("%+v", p)
		}
	})
}

// TestStaleMembers: neither a reading that began before somebody left, nor one in
// a turn that has passed to another replica, lets them see the incident again.
func TestStaleMembers(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "secret Keys leaked")
		w.rest(2*groupsEvery - 2*time.Second) // the last round's turn is over
		i := w.incident(1)
		both := []bot.UserID{ana, ben, bot.UserID(w.fake.BotUser())}
		turn, err := w.slack.takeMembers(w.ctx)
		if err != nil || turn == nil {
			t.Fatalf("no turn: %v", err)
		}
		if theirs, err := w.replica(nil).takeMembers(w.ctx); err != nil || theirs != nil {
			t.Errorf("two have the turn: %v", err)
		}
		began := w.slack.now()
		w.must(w.slack.saveMembers(w.ctx, turn, i, both, began))
		if !w.sees(ben, 1) {
			t.Fatal("a reading was not kept")
		}
		w.rest(time.Millisecond)
		w.must(w.slack.moved(w.ctx, i.Channel, ben, false))
		w.must(w.slack.saveMembers(w.ctx, turn, i, both, began))
		if w.sees(ben, 1) {
			t.Error("an older reading brought ben back")
		}
		w.rest(time.Millisecond)
		began = w.slack.now()
		w.must(w.bot.Store.Update(w.ctx, func(tx bot.Tx) error { // the turn is over
			return tx.SetLink(bot.Link{Owner: syncOwner, Name: linkTurn, Value: "another's"})
		}))
		if err := w.slack.saveMembers(w.ctx, turn, i, both, began); err == nil || w.sees(ben, 1) {
			t.Errorf("a turn that has passed: %v", err)
		}
	}, noPrivateInvite)
}

// TestPeopleGoOn: where Slack asked to wait in the middle, the next turn goes on
// there, in whatever replica.
func TestPeopleGoOn(t *testing.T) {
	t.Parallel()
	apart(t, func(w *world) {
		few := func(_ *Config, l *line) { l.page = "2" }
		one, two := w.replica(few), w.replica(few)
		pages := func() int { return len(w.fake.Calls("users.list")) }
		w.fake.Inject(fakeslack.Fault{Method: "users.list", Delay: time.Millisecond}) // none of the first
		w.fake.Inject(fakeslack.Fault{Method: "users.list", RetryAfter: 100})
		if err := one.syncPeople(w.ctx); !isCode(err, "ratelimited") || pages() != 2 {
			t.Fatalf("%v after %d pages", err, pages())
		}
		w.rest(time.Minute)
		w.must(two.syncPeople(w.ctx))
		if pages() != 2 {
			t.Error("the other did not wait")
		}
		w.rest(time.Minute)
		w.must(two.syncPeople(w.ctx))
		calls := w.fake.Calls("users.list")[2:]
		if len(calls) == 0 || calls[0].Args["cursor"] != "offset:2" {
			t.Errorf("it began anew: %+v", calls)
		}
		if w.person(ana).SyncedAt.IsZero() || w.person(guest).SyncedAt.IsZero() {
			t.Error("somebody was left out")
		}
		before := pages()
		w.rest(9 * time.Minute)
		w.must(one.syncPeople(w.ctx))
		if pages() != before {
			t.Error("read again within ten minutes")
		}
		w.rest(time.Minute)
		w.must(one.syncPeople(w.ctx))
		if c := w.fake.Calls("users.list")[before:]; len(c) == 0 || c[0].Args["cursor"] != "" {
			t.Errorf("the next reading: %+v", c)
		}
	})
}

// TestHurriedOnce: replicas that start one after the other try what waits once in
// a while, and each in the end.
func TestHurriedOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		w.rest(20 * time.Second)
		w.archive(string(w.incident(1).Channel))
		w.slash(ana, "general", "update first")
		w.rest(10 * time.Minute)
		tries := func() int { return len(w.fake.Calls("chat.postMessage", "chat.update")) }
		before := tries()
		for k, want := range []bool{true, false, false} {
			done, err := w.replica(nil).wakeHeld(w.ctx)
			if w.must(err); done != want {
				t.Errorf("start %d: woke %v", k, done)
			}
			w.rest(time.Second)
		}
		woken := tries() - before
		if woken == 0 || woken > 2 {
			t.Errorf("%d tries after three starts", woken)
		}
		w.rest(resumeEvery)
		if done, err := w.replica(nil).wakeHeld(w.ctx); err != nil || !done {
			t.Errorf("later: %v %v", done, err)
		}
	})
}
