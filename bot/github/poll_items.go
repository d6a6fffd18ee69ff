package github

import (
	"context"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// items are those that have an issue and are open, or were closed lately. They are
// read before GitHub is asked, so that what changes meanwhile shows.
func (p *poller) items(ctx context.Context) (map[int64]*bot.FollowUp, error) {
	out := map[int64]*bot.FollowUp{}
	err := p.g.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		clear(out) // what p remembers may be added to twice
		now := p.g.now()
		if now.Sub(p.scanned) >= pollScan {
			if err := p.scan(tx, now); err != nil {
				return err
			}
			p.scanned = now
		}
		open := map[int64]bool{}
		err := each(tx, bot.FollowUpFilter{Open: true}, func(f *bot.FollowUp) {
			if open[f.Number] = true; f.Issue.State == bot.IssueOpened {
				out[f.Number] = f
			}
		})
		if err != nil {
			return err
		}
		for number := range p.open {
			if !open[number] {
				p.closed[number] = true // since the scan, and its issue may be the only one in its repository
			}
		}
		p.open = open
		return p.addClosed(tx, out)
	})
	return out, err
}

// scan looks for what was closed lately. The first one reads all that ever was;
// the next begins where the last found something. What was open then, and before
// that, each round notices when it is closed.
func (p *poller) scan(tx bot.ReadTx, now time.Time) error {
	filter := bot.FollowUpFilter{After: p.from, States: []bot.FollowUpState{bot.FollowUpDone, bot.FollowUpDropped}}
	first, last := int64(0), p.from
	err := each(tx, filter, func(f *bot.FollowUp) {
		last = f.Number
		if !lately(f, now) {
			return
		}
		p.closed[f.Number] = true
		if first == 0 {
			first = f.Number
		}
	})
	if err != nil {
		return err
	}
	if p.from = last; first != 0 {
		p.from = first - 1
	}
	return nil
}

// lately reports whether f was closed not long ago.
func lately(f *bot.FollowUp, now time.Time) bool {
	return f.ClosedAt != nil && now.Sub(*f.ClosedAt) < pollPast
}

// addClosed adds what was closed lately, as it is now, and forgets what no longer
// was.
func (p *poller) addClosed(tx bot.ReadTx, out map[int64]*bot.FollowUp) error {
	for number := range p.closed {
		f, err := tx.FollowUp(bot.Self(), number)
		if err != nil {
			return err
		}
		switch {
		case !lately(f, p.g.now()):
			delete(p.closed, number)
		case f.Issue.State == bot.IssueOpened:
			out[number] = f
		}
	}
	return nil
}

// each reads the items that f lets through.
func each(tx bot.ReadTx, f bot.FollowUpFilter, fn func(*bot.FollowUp)) error {
	for f.Limit = 500; ; {
		list, err := tx.FollowUps(bot.Self(), f)
		if err != nil {
			return err
		}
		for _, item := range list {
			fn(item)
			f.After = item.Number
		}
		if len(list) < f.Limit {
			return nil
		}
	}
}
