package github

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// pollAlone is how often issues are polled when nothing else tells of them,
	// pollBeside when webhooks do.
	pollAlone  = time.Minute
	pollBeside = 10 * time.Minute
	// pollPast is for how long a closed item is looked at, since its issue may be
	// opened again; pollScan is how often it is asked which those are.
	pollPast = 30 * 24 * time.Hour
	pollScan = time.Hour
	// unseenAfter is when an issue that no listing shows is asked for by itself: its
	// label was taken off, it was moved, or it is gone. unseenMost bounds how many are
	// in one round.
	unseenAfter = 24 * time.Hour
	unseenMost  = 20
	// overlap is by how much GitHub's lists may lag behind.
	overlap = 2 * time.Minute
)

// poller is the listing of repositories, which is the word that counts: webhooks
// get lost, and come in any order.
type poller struct {
	g       *GitHub
	lists   map[string]*listing // by repository, in lower case
	scanned time.Time
	from    int64               // the scan begins behind this item
	closed  map[int64]bool      // closed lately
	open    map[int64]bool      // those that were open in the last round
	asked   map[int64]time.Time // when an item's issue was last seen or asked for
	listed  map[int64]bool      // those that a listing has shown since they were asked for
}

// listing is what is known of a repository's issues.
type listing struct {
	etag  string
	first map[int]seen // those of the first page, by number
	whole bool         // there is no other page
	mark  time.Time    // when the newest change was that was read
}

// seen is an issue as a listing showed it.
type seen struct {
	bot.FoundIssue
	ours bool // it has a marker
}

func newPoller(g *GitHub) *poller {
	return &poller{g: g, lists: map[string]*listing{}, closed: map[int64]bool{}, asked: map[int64]time.Time{}, listed: map[int64]bool{}}
}

func (p *poller) every() time.Duration {
	if p.g.signer == nil {
		return pollAlone
	}
	return pollBeside
}

// poll asks once for every repository in which an item has an issue. Trouble with
// one is logged and leaves the others alone. Of several replicas one asks each time.
// One that had no turn loses nothing: what it knows of a listing is as old as its
// ETag and its mark, so it is shown all that changed since when it has a turn; only
// which of two reads an issue that no listing shows may change with the turns.
func (p *poller) poll(ctx context.Context) {
	items, err := p.items(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.g.log.Error("cannot read the action items to poll", "error", err)
		}
		return
	}
	byRepo := map[string][]*bot.FollowUp{}
	for _, f := range items {
		key := strings.ToLower(f.Issue.Repo)
		byRepo[key] = append(byRepo[key], f)
	}
	if len(byRepo) == 0 {
		return
	}
	if ours, err := p.turn(ctx); err != nil || !ours {
		if err != nil && ctx.Err() == nil {
			p.g.log.Error("cannot take the turn to poll", "error", err)
		}
		return
	}
	for _, repo := range slices.Sorted(maps.Keys(byRepo)) {
		if err := p.repo(ctx, byRepo[repo]); err != nil && ctx.Err() == nil {
			p.g.log.Warn("cannot poll the issues of a repository", slog.String("repo", repo), slog.String("error", err.Error()))
			var f *fault
			if errors.As(err, &f) && f.kind == limited {
				if _, err := p.g.hold(ctx, f); err != nil {
					p.g.log.Error("cannot hold GitHub's limit", "error", err)
				}
				return
			}
		}
	}
}

// turn takes the turn to poll, a little before the next is due, so that the next
// is on time.
func (p *poller) turn(ctx context.Context) (ours bool, err error) {
	if p.g.alone {
		return true, nil
	}
	err = p.g.bot.Store.Update(ctx, func(tx bot.Tx) error {
		again, err := tx.Reserve("github:poll", p.g.now(), p.every()-5*time.Second)
		ours = again.IsZero()
		return err
	})
	return ours && err == nil, err
}

// repo asks for the issues of a repository and takes over what differs.
func (p *poller) repo(ctx context.Context, items []*bot.FollowUp) error {
	repo := items[0].Issue.Repo
	shown, err := p.list(ctx, repo)
	if err != nil {
		return err
	}
	now, unseen := p.g.now(), []*bot.FollowUp(nil)
	for _, f := range items {
		s, ok := shown[f.Issue.Number]
		if !ok {
			unseen = append(unseen, f)
			continue
		}
		delete(shown, f.Issue.Number)
		p.asked[f.Number], p.listed[f.Number] = now, true
		if err := p.hear(ctx, f, s.FoundIssue); err != nil {
			return err
		}
	}
	for number, s := range shown { // an item that was closed long ago, or a moment ago
		if !s.ours {
			continue
		}
		f, err := p.item(ctx, s.Repo, number)
		if err != nil {
			return err
		}
		if f != nil {
			if err := p.hear(ctx, f, s.FoundIssue); err != nil {
				return err
			}
		}
	}
	return p.unseen(ctx, unseen, p.lists[strings.ToLower(repo)].whole)
}

// list is what a repository's listing shows: as much of it as has changed since
// the last, and always the first page.
func (p *poller) list(ctx context.Context, repo string) (map[int]seen, error) {
	key := strings.ToLower(repo)
	l := p.lists[key]
	if l == nil {
		l = &listing{}
		p.lists[key] = l
	}
	next, shown, at := *l, map[int]seen{}, page{etag: l.etag}
	for n := range maxPages {
		if err := p.g.allow(ctx, toRead); err != nil {
			return nil, err
		}
		got, err := p.g.client.list(ctx, repo, p.g.mainLabel(), "updated", at)
		if err != nil {
			return nil, err
		}
		if got.same {
			return maps.Clone(l.first), nil
		}
		for _, i := range got.issues {
			shown[i.GetNumber()] = seen{found(i, repo), keyIn(i.GetBody()) != ""}
			if i.GetUpdatedAt().After(next.mark) {
				next.mark = i.GetUpdatedAt().Time
			}
		}
		if n == 0 {
			next.etag, next.first, next.whole = got.etag, maps.Clone(shown), got.next == 0
		}
		if got.next == 0 || got.oldest == nil || got.oldest.GetUpdatedAt().Before(l.mark.Add(-overlap)) {
			break
		}
		at = page{next: got.next}
	}
	*l = next // only now: a page that could not be read is asked for again
	return shown, nil
}

func (p *poller) item(ctx context.Context, repo string, number int) (f *bot.FollowUp, err error) {
	err = p.g.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		f, err = itemOf(tx, repo, number)
		return err
	})
	return f, err
}

// hear takes over what GitHub says of an item's issue, where that differs. What
// was read before it changed here is left for the next time: GitHub's times have
// no fractions of a second, and would not tell which was first.
func (p *poller) hear(ctx context.Context, f *bot.FollowUp, at bot.FoundIssue) error {
	if at.Closed == f.State.Closed() && at.Number == f.Issue.Number && strings.EqualFold(at.Repo, f.Issue.Repo) {
		return nil
	}
	return p.g.record(ctx, &task{f: f, job: bot.Job{Kind: "poll"}}, func(w *bot.Work, now *bot.FollowUp) error {
		if now.State != f.State || now.Issue.Wanted != f.Issue.Wanted || now.Issue.Sent != f.Issue.Sent || now.Issue.Number != f.Issue.Number {
			return nil
		}
		return bot.HearIssue(w, now, at, "")
	})
}

// unseen asks for the open issues that no listing has shown for a day, one by one;
// at once for one that has left a listing that is whole, since it was moved or is
// gone.
func (p *poller) unseen(ctx context.Context, items []*bot.FollowUp, whole bool) error {
	asked := 0
	var failed []error
	for _, f := range items {
		left := whole && p.listed[f.Number]
		if f.State.Closed() || !left && p.g.now().Sub(p.asked[f.Number]) < unseenAfter {
			continue
		}
		if asked++; asked > unseenMost {
			break
		}
		if err := p.g.allow(ctx, toRead); err != nil {
			return err
		}
		issue, err := p.g.client.issue(ctx, f.Issue.Repo, f.Issue.Number)
		if err == nil {
			err = p.hear(ctx, f, found(issue, f.Issue.Repo))
		} else if s := statusOf(err); s == http.StatusGone || s == http.StatusNotFound {
			err = p.missing(ctx, f, err)
		}
		if err != nil { // it is asked again with the next poll, and holds up no other
			failed = append(failed, err)
			continue
		}
		p.asked[f.Number], p.listed[f.Number] = p.g.now(), false
	}
	return errors.Join(failed...)
}

// missing takes over that an issue is gone, if that is sure.
func (p *poller) missing(ctx context.Context, f *bot.FollowUp, cause error) error {
	var no *fault
	if !errors.As(cause, &no) {
		return cause
	}
	why, err := p.g.gone(ctx, f, no)
	if err != nil || why == "" {
		return err
	}
	return p.g.record(ctx, &task{f: f, job: bot.Job{Kind: "poll"}}, func(w *bot.Work, now *bot.FollowUp) error {
		return bot.GoneIssue(w, now, why)
	})
}
