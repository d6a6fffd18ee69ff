package commands

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// desk is an install on a file, at which people type. It is the afternoon of
// 23 January 2020 in New York, where Ana, Ben and Cat sit; Dan sits in Berlin.
type desk struct {
	*testing.T
	bot *bot.Bot
	to  *Dispatcher
	now time.Time
	// exact lets the next lines come from a program.
	exact bool
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := emptyDesk(t)
	for _, p := range []bot.Person{
		{ID: "U0ANA", Handle: "ana", Zone: "America/New_York"}, {ID: "U0BEN", Handle: "ben", Zone: "America/New_York"},
		{ID: "U0CAT", Handle: "cat"}, {ID: "U0DAN", Handle: "dan", Zone: "Europe/Berlin"}, {ID: "U0BOSS", Handle: "boss"},
		{ID: "U0GUEST", Guest: true}, {ID: "U0EXT", External: true}, {ID: "U0BOT", Bot: true}, {ID: "U0GONE", Deleted: true},
	} {
		p.SyncedAt = d.now
		d.update(func(tx bot.Tx) error { return tx.SavePerson(p) })
	}
	return d
}

// emptyDesk is a desk whose workspace has told of nobody yet.
func emptyDesk(t *testing.T) *desk {
	t.Helper()
	store := fresh.Open(t, filepath.Join(t.TempDir(), "test.db"))
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s := house()
	s.Permissions[bot.RightAdmin] = []string{"U0BOSS"}
	s.Permissions[bot.RightRollback] = []string{"admin", "U0BEN"}
	s.Permissions[bot.RightApprove] = []string{"admin", "U0DAN"}
	d := &desk{T: t, bot: bot.New(fresh.Twice(store), s, slog.New(slog.DiscardHandler)), now: time.Date(2020, 1, 23, 21, 20, 0, 0, time.UTC)}
	d.bot.Now = func() time.Time { return d.now }
	d.to = New(d.bot)
	return d
}

func (d *desk) update(fn func(bot.Tx) error) {
	d.Helper()
	if err := d.bot.Store.Update(d.Context(), fn); err != nil {
		d.Fatal(err)
	}
}

// open is an incident that Ana declared, with the channel C1.
func (d *desk) open() *desk {
	d.Helper()
	d.next()
	return d
}

// next is another incident of Ana's, with a channel.
func (d *desk) next() (n int64, channel bot.ChannelID) {
	d.Helper()
	n = d.say("U0ANA", "C0", "declare sev1 Checkout is down --new").Incident
	channel = bot.ChannelID(fmt.Sprintf("C%d", n))
	d.update(func(tx bot.Tx) error { return tx.SetChannel(n, channel, string(channel)) })
	return n, channel
}

func (d *desk) request(user bot.UserID, channel bot.ChannelID, line string) bot.Request {
	return bot.Request{User: user, Channel: channel, Line: bot.ParseRefs(line), Exact: d.exact, At: d.now, Via: bot.ViaSlack}
}

func (d *desk) try(user bot.UserID, channel bot.ChannelID, line string) (bot.Reply, error) {
	d.now = d.now.Add(time.Second)
	return d.to.Dispatch(d.Context(), d.request(user, channel, line))
}

// say is try for a line that must be carried out.
func (d *desk) say(user bot.UserID, channel bot.ChannelID, line string) bot.Reply {
	d.Helper()
	r, err := d.try(user, channel, line)
	if err != nil {
		d.Fatalf("%s: %q: %v", user, line, err)
	}
	return r
}

// refused is try for a line that must be refused in this way.
func (d *desk) refused(user bot.UserID, channel bot.ChannelID, line string, kind bot.Kind) *bot.Error {
	d.Helper()
	r, err := d.try(user, channel, line)
	var e *bot.Error
	if !errors.As(err, &e) || e.Kind != kind {
		d.Fatalf("%s: %q: %v, %q; want %s", user, line, err, all(r), kind)
	}
	return e
}

func (d *desk) incident(n int64) *bot.Incident {
	d.Helper()
	var i *bot.Incident
	err := d.bot.Store.View(d.Context(), func(tx bot.ReadTx) (err error) {
		i, err = tx.Incident(bot.Self(), n)
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return i
}

func (d *desk) events(n int64) []bot.Event {
	d.Helper()
	var out []bot.Event
	err := d.bot.Store.View(d.Context(), func(tx bot.ReadTx) (err error) {
		out, err = tx.Events(bot.Self(), n, bot.EventFilter{})
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return out
}

// all is everything that a reply says.
func all(r bot.Reply) string {
	var b strings.Builder
	b.WriteString(r.Summary.String())
	for _, k := range r.Blocks {
		b.WriteString("\n" + k.Text.String())
		for _, f := range k.Fields {
			b.WriteString("\n" + f.Name + ": " + f.Value.String())
		}
	}
	return b.String()
}

// buttons are the lines of a reply's buttons, by label.
func buttons(r bot.Reply) map[string]string {
	out := map[string]string{}
	for _, k := range r.Blocks {
		for _, b := range k.Buttons {
			out[b.Label] = b.Line
		}
	}
	return out
}

// click says the line of a button.
func (d *desk) click(user bot.UserID, channel bot.ChannelID, r bot.Reply, label string) bot.Reply {
	d.Helper()
	line, ok := buttons(r)[label]
	if !ok {
		d.Fatalf("no button %q among %q", label, buttons(r))
	}
	return d.say(user, channel, line)
}

func (d *desk) holds(r bot.Reply, parts ...string) {
	d.Helper()
	for _, p := range parts {
		if !strings.Contains(all(r), p) {
			d.Errorf("the answer lacks %q:\n%s", p, all(r))
		}
	}
}
