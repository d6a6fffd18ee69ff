package slack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Some direct messages are changed when what they say no longer holds. Where they
// are is a list in a link of the incident, and one that will not change again is
// taken off it: every edit has to wait for its place under the limit, and the job
// then begins anew.

// afterChannel leaves the first places under the limit for edits to the messages
// that everybody in the channel looks at.
const afterChannel = 5 * time.Second

// kept is a list of messages.
func (s *Slack) kept(ctx context.Context, incident int64, link string) (list []string, err error) {
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		v, err := tx.Link(bot.Owner(incident), link)
		list = strings.Fields(v)
		return err
	})
	return list, err
}

// keptAt is one of a list.
type keptAt struct {
	link, word string
	at         ref
}

// keepIn adds one to a list.
func keepIn(tx bot.Tx, incident int64, link, word string) error {
	v, err := tx.Link(bot.Owner(incident), link)
	if err != nil || slices.Contains(strings.Fields(v), word) {
		return err
	}
	return tx.SetLink(bot.Link{Owner: bot.Owner(incident), Name: link, Value: strings.TrimSpace(v + " " + word)})
}

// lostDM finds what an earlier try of t sent to its person, of which nobody heard
// that it was. Where Slack lets nobody look there is nothing to be found, and what
// need not be said any more is no failure.
func (s *Slack) lostDM(ctx context.Context, t *task) (at ref, ok bool, err error) {
	if t.job.Attempt <= 1 {
		return ref{}, false, nil
	}
	c, err := s.conversation(ctx, t.w.User)
	if err == nil {
		at.channel = c
		at.ts, err = s.find(ctx, t.job, c, "")
	}
	if e := (*callError)(nil); errors.As(err, &e) && e.class == classPermanent {
		return ref{}, false, nil
	}
	return at, err == nil && at.ts != "", err
}

// amend changes one for the last time. One that is gone, or that Slack keeps us
// from, says nothing to anybody any more.
func (s *Slack) amend(ctx context.Context, t *task, k keptAt, d drawn) error {
	if err := s.tryRedraw(ctx, k.at, d); err != nil {
		return err
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		v, err := tx.Link(bot.Owner(t.i.Number), k.link)
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(strings.Fields(v), func(w string) bool { return w == k.word })
		return tx.SetLink(bot.Link{Owner: bot.Owner(t.i.Number), Name: k.link, Value: strings.Join(left, " ")})
	})
}

// tryRedraw is redraw for a message that may be left as it is when Slack refuses.
func (s *Slack) tryRedraw(ctx context.Context, at ref, d drawn) error {
	_, err := s.redraw(ctx, at, d)
	if e := (*callError)(nil); errors.As(err, &e) && e.class == classPermanent {
		return nil
	}
	return err
}
