package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// clockHouse is a house with a clock, and with somebody who carries notices. Its
// jobs are done one by one, in the order in which they are due, so that a test
// can stop between a job and the note that it is done, as a crash does.
type clockHouse struct {
	*house
	clock *bot.Clock
	told  *teller
}

// teller is a [bot.Notifier] that says each notice once, as those do that know
// what they said before by the notice itself, and says nothing to somebody of whom
// nothing is due by then.
type teller struct {
	bot  *bot.Bot
	said []bot.Notice
}

func (*teller) Name() string                            { return "teller" }
func (*teller) Plan(bot.Event, *bot.Incident) []bot.Job { return nil }

func (*teller) Notice(n bot.Notice) []bot.Job {
	p := bot.Payload(n)
	return []bot.Job{{Kind: "say", Lane: "teller", Dedup: "teller:" + string(p), Incident: n.Incident, Payload: p}}
}

func (t *teller) Do(ctx context.Context, j bot.Job) error {
	var n bot.Notice
	if err := json.Unmarshal(j.Payload, &n); err != nil {
		return err
	}
	if n.Kind == bot.NoticeDue {
		var items bot.DueItems
		_, err := t.bot.Look(ctx, bot.Request{}, func(l *bot.Look) (_ bot.Reply, err error) {
			items, err = l.DueFor(n.User, n.Date)
			return bot.Reply{}, err
		})
		if err != nil || items.Empty() {
			return err
		}
	}
	t.said = append(t.said, n)
	return nil
}

func newClockHouse(t *testing.T, change func(*bot.Settings)) *clockHouse {
	t.Helper()
	h := newHouse(t, func(s *bot.Settings) {
		s.DefaultSeverity = "sev1"
		if change != nil {
			change(s)
		}
	})
	c := &clockHouse{house: h, clock: bot.NewClock(h.bot), told: &teller{bot: h.bot}}
	h.bot.Use(c.clock)
	h.bot.Use(c.told)
	return c
}

// wind starts the clock, as the start of the program does, and stops it.
func (c *clockHouse) wind() {
	c.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	wound, ended := c.bot.Store.Watch(ctx), make(chan error)
	go func() { ended <- c.clock.Run(ctx) }()
	<-wound
	stop()
	if err := <-ended; err != nil {
		c.t.Error(err)
	}
}

// due is when the next job is.
func (c *clockHouse) due() (at time.Time, ok bool) {
	c.t.Helper()
	c.view(func(tx bot.ReadTx) (err error) {
		at, ok, err = tx.NextDue()
		return err
	})
	return at, ok
}

// until lets time pass up to t, and what is due happen.
func (c *clockHouse) until(t time.Time) {
	c.t.Helper()
	for k := 0; ; k++ {
		at, ok := c.due()
		if !ok || at.After(t) {
			break
		}
		if k > 500 {
			c.t.Fatalf("jobs without end at %v", c.now)
		}
		if at.After(c.now) {
			c.now = at
		}
		c.strike(true)
	}
	c.now = t
}

func (c *clockHouse) pass(d time.Duration) {
	c.t.Helper()
	c.until(c.now.Add(d))
}

// strike does what is due now. When it is not noted, the program died before it
// could be, and starts again.
func (c *clockHouse) strike(noted bool) {
	c.t.Helper()
	var jobs []bot.Job
	c.update(func(tx bot.Tx) (err error) {
		jobs, err = tx.Claim(c.now, time.Minute, 100)
		return err
	})
	for _, j := range jobs {
		name, kind, _ := strings.Cut(j.Kind, ".")
		var in bot.Integration = c.clock
		if name == c.told.Name() {
			in = c.told
		}
		part := j
		part.Kind = kind
		err := in.Do(c.t.Context(), part)
		if err != nil && !bot.OutcomeOf(j, err, c.now).Free {
			c.t.Fatalf("%s: %v", j.Kind, err)
		}
		if noted {
			c.update(func(tx bot.Tx) error {
				_, err := tx.Finish(j, bot.OutcomeOf(j, err, c.now), c.now, 0)
				return err
			})
		}
	}
	if !noted {
		c.update(func(tx bot.Tx) error { return tx.ReleaseLeases() })
	}
}

// heard is what was said since it was asked last: kinds and times.
func (c *clockHouse) heard() string {
	var out []string
	for _, n := range c.told.said {
		word := string(n.Kind)
		switch n.Kind {
		case bot.NoticeDue:
			word += " " + string(n.User) + " " + string(n.Date)
		case bot.NoticeReminder:
			word += fmt.Sprintf(" %d", n.Reminder)
		case bot.NoticeDigest:
			word += " " + n.Channel
		case bot.NoticeTeam, bot.NoticePublic:
		}
		out = append(out, word+" "+n.At.UTC().Format("15:04"))
	}
	slices.Sort(out)
	c.told.said = nil
	return strings.Join(out, ", ")
}

// hears fails the test unless that was said since it was asked last, in the
// order of the words.
func (c *clockHouse) hears(what, want string) {
	c.t.Helper()
	if got := c.heard(); got != want {
		c.t.Errorf("%s: heard %q, want %q", what, got, want)
	}
}

// in does something in an incident as user.
func (h *house) in(user bot.UserID, incident int64, fn func(*bot.Work) error) error {
	return h.ask(bot.Request{User: user}, func(w *bot.Work) error {
		if err := w.Lock(incident); err != nil {
			return err
		}
		return fn(w)
	})
}

// done is in for what has to succeed.
func (h *house) done(user bot.UserID, incident int64, fn func(*bot.Work) error) {
	h.t.Helper()
	if err := h.in(user, incident, fn); err != nil {
		h.t.Fatal(err)
	}
}

func tells(text bot.Text, public bool, next time.Duration) func(*bot.Work) error {
	return func(w *bot.Work) error {
		d := bot.UpdateDraft{Text: text, Public: public}
		if next != 0 {
			by := w.Now.Add(next)
			d.NextBy = &by
		}
		_, err := bot.Update(w, d)
		return err
	}
}

func resolve(w *bot.Work) error {
	_, err := bot.Resolve(w, bot.ResolveDraft{})
	return err
}

// itemsExplained fails the test unless the record tells how each action item of
// an incident stands.
func (h *house) itemsExplained(tx bot.ReadTx, incident int64, events []bot.Event) error {
	items, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{Incident: incident, Limit: 500})
	if err != nil {
		return err
	}
	last := map[int64]*bot.FollowUpMark{}
	for _, e := range events {
		if m := e.Data.FollowUp; m != nil {
			last[m.Number] = m
			if s := h.bot.Settings.Deed(e); s == "" || s == "followup" {
				h.t.Errorf("%+v reads as %q", m, s)
			}
		}
	}
	for _, f := range items {
		m := last[f.Number]
		if m == nil {
			h.t.Errorf("action item %d is in no entry", f.Number)
			continue
		}
		if m.State != f.State || m.Owner != f.Owner || m.Due != f.Due {
			h.t.Errorf("action item %d is %+v, and the last entry says %+v", f.Number, f, m)
		}
		if f.State.Closed() != (f.ClosedAt != nil) {
			h.t.Errorf("action item %d is %s and closed at %v", f.Number, f.State, f.ClosedAt)
		}
		if e := events[f.Seq-1]; e.Text != f.Text || e.Data.FollowUp == nil || e.Data.FollowUp.Number != f.Number {
			h.t.Errorf("action item %d reads %q, and entry %d %q", f.Number, f.Text, f.Seq, e.Text)
		}
	}
	return nil
}
