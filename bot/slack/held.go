package slack

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// What is said waits while its channel takes no messages or the app may not
// post: somebody is told once, the lane is tried ever less often, it goes on at
// once when Slack tells of the repair, and after longestHold a job is given up.
const (
	firstHold   = 15 * time.Minute
	lastHold    = 6 * time.Hour
	longestHold = 7 * 24 * time.Hour
)

const (
	// linkGone is the channel that an incident had and that was deleted.
	linkGone = "slack.gone"
	// linkMended is when a channel took messages again, so that the next time it
	// does not is told anew. Owned by the incident, or by channelOwner.
	linkMended = "slack.mended"
)

// codeDeleted is a channel that was deleted and is made anew.
const codeDeleted = "channel_deleted"

// refused says what follows when Slack understood a call and said no.
func (s *Slack) refused(ctx context.Context, t *task, e *callError) error {
	if t.i == nil {
		return s.refusedHouse(ctx, t, e)
	}
	if t.job.Kind == "tell" {
		s.log.ErrorContext(ctx, "nobody could be told of a failure", "incident", t.i.Number, "call", t.w.Call, "code", t.w.Code, "error", e)
		return bot.Permanent(e)
	}
	if t.job.Kind == "ask" {
		return s.unasked(ctx, t, e)
	}
	if e.code == "channel_not_found" && replaceable(t) {
		if err := s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.detach(tx, t.i.Channel) }); err != nil {
			return err
		}
		return bot.RetryAt(s.now(), e)
	}
	if err := s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.tellOnce(tx, t, e) }); err != nil {
		return err
	}
	age := s.now().Sub(t.job.CreatedAt)
	if !holds(t.job.Kind, e) || age >= longestHold {
		return bot.Permanent(e)
	}
	return bot.RetryAt(s.now().Add(min(max(age, firstHold), lastHold)), e)
}

// holds reports whether a refusal is of the channel or of the right to post at
// all, which people mend, and not of this one message or step.
func holds(kind string, e *callError) bool {
	if slices.Contains([]string{"tell", "behalf", "reply", "ask"}, kind) {
		return false // they are for one person
	}
	if e.code == "missing_scope" {
		return slices.Contains([]string{"chat.postMessage", "chat.update", "conversations.create"}, e.method)
	}
	return channelShut(e)
}

// channelShut reports whether err says that a channel takes nothing.
func channelShut(err error) bool {
	return isCode(err, "is_archived", "is_inactive", "channel_not_found", "not_in_channel", codeNoChannel)
}

// ofAnnouncement reports whether a kind of job works in the announcement channel.
func ofAnnouncement(kind string) bool {
	return kind == "announce" || kind == "reannounce" || kind == "thread"
}

// replaceable reports whether the incident's channel, which Slack does not know
// any more, may be made anew. A private one may only have lost the app, and one
// that was made anew already is not the fault.
func replaceable(t *task) bool {
	return t.i.Channel != "" && !t.i.Private && t.links[linkGone] == "" && !ofAnnouncement(t.job.Kind) && holds(t.job.Kind, &callError{code: "channel_not_found"})
}

// detach takes a deleted channel from its incident; the next message makes
// another.
func (s *Slack) detach(tx bot.Tx, channel bot.ChannelID) error {
	i, err := tx.IncidentByChannel(bot.Self(), channel)
	if bot.KindOf(err) == bot.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	n := i.Number
	if err := tx.SetChannel(n, "", ""); err != nil {
		return err
	}
	if err := tx.SetLink(bot.Link{Owner: bot.Owner(n), Name: linkGone, Value: string(channel)}); err != nil {
		return err
	}
	var jobs []bot.Job
	if s.announced(i) {
		jobs = append(jobs, s.job("reannounce", n, work{}))
	}
	if err := s.enqueue(tx, jobs...); err != nil {
		return err
	}
	if err := tx.Wake(lane(n), s.now()); err != nil {
		return err
	}
	return s.enqueue(tx, s.tellJob(n, work{Call: "chat.postMessage", Code: codeDeleted}, string(channel)))
}

// tellOnce has somebody told of a refusal: once for each step and code, and of a
// channel once until it was mended. The announcement channel is every
// incident's; the people of the first one that needs it are told.
func (s *Slack) tellOnce(tx bot.Tx, t *task, e *callError) error {
	w := work{Call: e.method, Code: e.code, Needed: e.needed}
	if !holds(t.job.Kind, e) {
		return s.enqueue(tx, s.tellJob(t.i.Number, w, e.method))
	}
	owner, what := bot.Owner(t.i.Number), "channel"
	if ofAnnouncement(t.job.Kind) {
		owner, what, w.Call = channelOwner, s.settings().Announce, "announce"
	}
	since, err := tx.Link(owner, linkMended)
	if err != nil {
		return err
	}
	kind := e.code
	if channelShut(e) { // methods have different words for it
		kind = "shut"
	}
	if w.Code == "is_inactive" {
		w.Code = "is_archived"
	}
	j := s.tellJob(t.i.Number, w, "")
	j.Dedup = fmt.Sprintf("slack:tell:%s:%s:%s:%s", owner, what, kind, since)
	return s.enqueue(tx, j)
}

// tellJob has a lane of its own: the incident's may be what is stuck.
func (s *Slack) tellJob(incident int64, w work, about string) bot.Job {
	j := s.job("tell", incident, w)
	j.Lane = fmt.Sprintf("slack:tell:%d", incident)
	j.Dedup = fmt.Sprintf("slack:tell:%d:%s:%s", incident, about, w.Code)
	return j
}

// mended lets go on what waited for a channel. redraw says that what is drawn
// there may be old.
func (s *Slack) mended(tx bot.Tx, channel bot.ChannelID, redraw bool) error {
	i, err := tx.IncidentByChannel(bot.Self(), channel)
	if bot.KindOf(err) == bot.KindNotFound {
		return s.mendedOther(tx, channel)
	}
	if err != nil {
		return err
	}
	n := i.Number
	if err := tx.SetLink(bot.Link{Owner: bot.Owner(n), Name: linkMended, Value: s.stamp()}); err != nil {
		return err
	}
	if redraw {
		if err := s.enqueue(tx, s.job("card", n, work{}), s.job("topic", n, work{})); err != nil {
			return err
		}
	}
	return s.wake(tx, append([]string{faceLane(n), lane(n), itemsLane(n)}, rollbackLanes(i)...))
}

// mendedOther is mended for a channel that is no incident's: it may be that of
// the announcements, under whatever name it is configured.
func (s *Slack) mendedOther(tx bot.Tx, channel bot.ChannelID) error {
	name := channelWord(s.settings().Announce)
	known, err := tx.Link(channelOwner, name)
	if err != nil {
		return err
	}
	if known == string(channel) || name == string(channel) {
		if err := tx.SetLink(bot.Link{Owner: channelOwner, Name: linkMended, Value: s.stamp()}); err != nil {
			return err
		}
	}
	lanes, err := s.heldLanes(tx)
	if err != nil {
		return err
	}
	return s.wake(tx, lanes)
}

func (s *Slack) stamp() string { return strconv.FormatInt(s.now().Unix(), 10) }

// heldLanes are the lanes, in order, whose first job was tried and waits.
func (s *Slack) heldLanes(tx bot.ReadTx) ([]string, error) {
	const page = 500
	lanes, after := []string{}, int64(0)
	for {
		jobs, err := tx.Jobs(bot.Self(), bot.JobFilter{States: []bot.JobState{bot.JobWaiting}, After: after, Limit: page})
		if err != nil {
			return nil, err
		}
		for _, j := range jobs {
			after = j.ID
			if strings.HasPrefix(j.Kind, s.Name()+".") && j.Attempt > 0 && j.RunAt.After(s.now()) {
				lanes = append(lanes, j.Lane)
			}
		}
		if len(jobs) < page {
			slices.Sort(lanes)
			return slices.Compact(lanes), nil
		}
	}
}

func (s *Slack) wake(tx bot.Tx, lanes []string) error {
	for _, l := range lanes {
		if err := tx.Wake(l, s.now()); err != nil {
			return err
		}
	}
	return nil
}

// resumeEvery is how often what waits is tried because a replica reached Slack.
const resumeEvery = 5 * time.Minute

// wakeHeld tries everything that waits: Slack answers again, or the program was
// started again, perhaps with what was missing. When that was done a moment ago,
// also for another replica, it is not done yet.
func (s *Slack) wakeHeld(ctx context.Context) (done bool, err error) {
	var lanes []string
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		lanes, err = s.heldLanes(tx)
		return err
	})
	if err != nil || len(lanes) == 0 {
		return err == nil, err
	}
	err = s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		again, err := tx.Reserve("slack:resume", s.now(), resumeEvery)
		if done = again.IsZero(); err != nil || !done {
			return err
		}
		return s.wake(tx, lanes)
	})
	return done && err == nil, err
}
