package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// task is a job with what it is about, read when it is done.
type task struct {
	job   bot.Job
	w     work
	i     *bot.Incident
	e     bot.Event // with Seq
	links map[string]string
	// With a rollback: as it is, and who could approve it if it waits for that.
	r   *bot.Rollback
	who bot.Approvers
	// With an action item: as it is, and the entry that brought it there.
	f    *bot.FollowUp
	turn bot.Event
	// incident is one of those that a notice to a person is about.
	incident int64
}

// The links of an incident that this package keeps. A message is kept as
// "channel/ts".
const (
	linkCard     = "slack.card"
	linkAnnounce = "slack.announcement"
	linkTopic    = "slack.topic" // a digest of what was set last
	linkPost     = "slack.post." // and the entry's number
)

// kinds says how each kind of job is done.
func (s *Slack) kinds() map[string]func(context.Context, *task) error {
	return map[string]func(context.Context, *task) error{
		"channel": s.ensureChannel, "invite": s.invite, "refused": s.tellRefused, "topic": s.setTopic,
		"first": s.first, "card": s.card, "pin": s.pin, "post": s.postEvent, "repost": s.repost,
		"reply": s.replyLink, "announce": s.announce, "reannounce": s.reannounce, "thread": s.thread, "behalf": s.behalf, "tell": s.tell,
		"plan": s.showPlan, "progress": s.progress, "offer": s.offer, "summon": s.summon, "ask": s.askApprover, "unask": s.unask, "nudge": s.nudge,
		"item": s.item, "reitem": s.reitem, "notice": s.notice, "given": s.tellOwner, "regive": s.regive, "personal": s.personal, "digest": s.digest, "head": s.head,
	}
}

// Do implements [bot.Integration].
func (s *Slack) Do(ctx context.Context, j bot.Job) error {
	do, ok := s.kinds()[j.Kind]
	if !ok {
		return s.bot.NewerJob("slack." + j.Kind)
	}
	t := &task{job: j}
	if err := j.Unmarshal(&t.w); err != nil {
		return err
	}
	if err := s.load(ctx, t); err != nil {
		if bot.KindOf(err) == bot.KindNotFound {
			return bot.Permanent(err)
		}
		return err
	}
	err := do(ctx, t)
	var e *callError
	if !errors.As(err, &e) {
		return err
	}
	return s.settle(ctx, t, e)
}

// load reads what t is about: one consistent state, however old the job is.
func (s *Slack) load(ctx context.Context, t *task) error {
	return s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		if t.job.Incident == bot.House && t.w.Notice != nil {
			return nil // it reads what it needs
		}
		var err error
		if t.i, err = tx.Incident(bot.Self(), t.job.Incident); err != nil {
			return err
		}
		seq := t.w.Seq
		if t.w.Post != 0 {
			seq = t.w.Post
		}
		if seq != 0 {
			if t.e, err = tx.Event(bot.Self(), t.job.Incident, seq); err != nil {
				return err
			}
		}
		t.links = map[string]string{}
		for _, name := range []string{linkCard, linkAnnounce, linkTopic, linkGone, bot.LinkReply, postLink(t.e.Seq)} {
			if t.links[name], err = tx.Link(bot.Owner(t.i.Number), name); err != nil {
				return err
			}
		}
		if err := s.loadFollowUp(tx, t); err != nil {
			return err
		}
		return s.loadRollback(tx, t)
	})
}

func postLink(seq int64) string { return fmt.Sprintf("%s%d", linkPost, seq) }

// settle says what follows from a refused or failed call, and sees to it that
// somebody is told of what will not happen.
func (s *Slack) settle(ctx context.Context, t *task, e *callError) error {
	switch e.class {
	case classWait:
		return bot.WaitUntil(s.now().Add(e.wait), e)
	case classToken:
		return bot.RetryAt(s.now().Add(tokenWait), e)
	case classPermanent:
		return s.refused(ctx, t, e)
	case classRetry:
	}
	return e
}

// errBusy is a limit of ours that is used up.
var errBusy = errors.New("waiting for Slack's limits")

// spacing is the time between two calls of a method, by Slack's tiers: 20, 50
// and 100 a minute (docs.slack.dev/apis/web-api/rate-limits). Bursts are
// allowed, but nobody says how long.
func spacing(method string) time.Duration {
	switch method {
	case "conversations.create", "conversations.setTopic", "conversations.list", "pins.add", "usergroups.list", "users.list":
		return 3 * time.Second
	case "conversations.invite", "conversations.join", "conversations.history", "conversations.replies", "conversations.open", "chat.update":
		return 1200 * time.Millisecond
	}
	return 0
}

// allow takes a place under the limits of method and, for a post, of its
// channel; they are rows, so all replicas keep to them together.
func (s *Slack) allow(ctx context.Context, method string, channel bot.ChannelID) error {
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		at, err := tx.Reserve(methodLimit(method), s.now(), spacing(method))
		if err == nil && at.IsZero() && channel != "" {
			at, err = tx.Reserve(channelLimit(channel), s.now(), s.settings().PostEvery)
		}
		if err != nil || at.IsZero() {
			return err
		}
		return bot.WaitUntil(at, errBusy) // which undoes the first of the two
	})
}

func methodLimit(method string) string { return "slack:method:" + method }

func channelLimit(c bot.ChannelID) string { return "slack:post:" + string(c) }

// limited makes a call under its limits. A 429 closes them for everybody until
// the time that Slack names.
func (s *Slack) limited(ctx context.Context, method string, channel bot.ChannelID, fn func(context.Context) error) error {
	if err := s.allow(ctx, method, channel); err != nil {
		return err
	}
	limit := methodLimit(method)
	if channel != "" {
		limit = channelLimit(channel)
	}
	return s.hold(ctx, method, limit, fn)
}

// hold makes a call for which a place was taken, and closes limit on a 429.
func (s *Slack) hold(ctx context.Context, method, limit string, fn func(context.Context) error) error {
	err := s.call(ctx, method, fn)
	var e *callError
	if !errors.As(err, &e) || e.class != classWait {
		return err
	}
	if held := s.bot.Store.Update(ctx, func(tx bot.Tx) error { return tx.Hold(limit, s.now().Add(e.wait)) }); held != nil {
		return errors.Join(err, held)
	}
	return err
}

// keep stores a link of the task's incident.
func (s *Slack) keep(ctx context.Context, t *task, name, value string) error {
	t.links[name] = value
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		return tx.SetLink(bot.Link{Owner: bot.Owner(t.i.Number), Name: name, Value: value})
	})
}

// ref is where a message is.
type ref struct {
	channel bot.ChannelID
	ts      string
}

func (r ref) String() string { return string(r.channel) + "/" + r.ts }

func parseRef(s string) (ref, bool) {
	channel, ts, ok := strings.Cut(s, "/")
	return ref{bot.ChannelID(channel), ts}, ok && channel != "" && ts != ""
}
