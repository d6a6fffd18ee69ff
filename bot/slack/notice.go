package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ bot.Notifier = (*Slack)(nil)

// noticeLate is how late a day's reminder or a digest is still sent.
const noticeLate = 24 * time.Hour

// Notice implements [bot.Notifier]. Each strike of a clock is one job for ever:
// what is said of an incident waits in its lane, what is for one person in theirs.
func (s *Slack) Notice(n bot.Notice) []bot.Job {
	var j bot.Job
	switch {
	case n.Kind == bot.NoticeDigest:
		j = s.job("digest", bot.House, work{Notice: &n})
		j.Lane = "slack:channel:" + n.Channel
	case n.Kind == bot.NoticeHead:
		j = s.job("head", bot.House, work{Notice: &n})
		j.Lane = "slack:channel:" + n.Channel
	case n.Kind == bot.NoticeDue || n.Kind == bot.NoticeReminder && n.Incident == bot.House:
		j = s.job("personal", bot.House, work{Notice: &n, User: n.User})
	case n.Kind == bot.NoticeTeam || n.Kind == bot.NoticePublic || n.Kind == bot.NoticeReminder:
		j = s.job("notice", n.Incident, work{Notice: &n})
	default:
		return nil
	}
	j.Dedup = fmt.Sprintf("slack:notice:%s:%d:%d:%s:%s:%s:%d", n.Kind, n.Incident, n.Reminder, n.User, n.Date, n.Channel, n.At.Unix())
	return []bot.Job{j}
}

// notice says in an incident's channel what a clock has to say, if that still
// holds.
func (s *Slack) notice(ctx context.Context, t *task) error {
	m, ok, err := s.noticeMessage(ctx, t)
	if err != nil || !ok {
		return err
	}
	if err := s.ensureChannel(ctx, t); err != nil {
		return err
	}
	at, err := s.post(ctx, t, ref{channel: t.i.Channel}, s.one(m, t.i))
	if err != nil || t.w.Notice.Kind != bot.NoticeReminder {
		return err
	}
	r, err := s.reminder(ctx, t.w.Notice.Reminder)
	if err != nil {
		return err
	}
	return s.keep(ctx, t, postLink(r.Seq), at.String()) // a redaction of its text draws it again
}

// givenReminder is a reminder that was given, with the text that its entry e has now.
func givenReminder(e bot.Event) bot.Message {
	m := e.Data.Reminder
	r := bot.Reminder{Number: m.Number, Incident: e.Incident, User: e.Actor, At: m.At, Text: e.Text}
	return r.Message(m.At)
}

func (s *Slack) noticeMessage(ctx context.Context, t *task) (m bot.Message, ok bool, err error) {
	if t.w.Notice.Kind != bot.NoticeReminder {
		m, ok = s.settings().Nudge(*t.w.Notice, t.i, s.now())
		return m, ok, nil
	}
	r, err := s.reminder(ctx, t.w.Notice.Reminder)
	if err != nil || r.State != bot.ReminderFired {
		return m, false, err
	}
	return r.Message(s.now()), true, nil
}

func (s *Slack) reminder(ctx context.Context, number int64) (r *bot.Reminder, err error) {
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		r, err = tx.Reminder(bot.Self(), number)
		return err
	})
	if bot.KindOf(err) == bot.KindNotFound {
		err = bot.Permanent(err)
	}
	return r, err
}

// personal tells one person what they wanted to be told, or what of theirs is due.
func (s *Slack) personal(ctx context.Context, t *task) error {
	switch t.w.Notice.Kind {
	case bot.NoticeDue:
		return s.tellDue(ctx, t)
	case bot.NoticeDigest:
		return s.tellUnposted(ctx, t)
	}
	r, err := s.reminder(ctx, t.w.Notice.Reminder)
	if err != nil || r.State != bot.ReminderFired {
		return err
	}
	return s.direct(ctx, t, t.w.User, s.houseMessage(r.Message(s.now())))
}

// houseMessage draws m as one message that belongs to no incident.
func (s *Slack) houseMessage(m bot.Message) drawn {
	return drawOne(m, bot.House, "`"+escape(s.settings().Command)+" action list`")
}

// overslept reports whether it is too late for what t has to say, and has that
// recorded.
func (s *Slack) overslept(ctx context.Context, t *task) (bool, error) {
	n := t.w.Notice
	if s.now().Sub(n.At) <= noticeLate {
		return false, nil
	}
	why := "A digest was not posted: it could not be sent in time."
	if n.Kind == bot.NoticeDue {
		why = "A reminder of what was due on " + n.Date.Label() + " was not sent: it could not be sent in time."
	}
	_, err := s.bot.Carry(ctx, bot.Request{}, func(w *bot.Work) (bot.Reply, error) { return bot.Reply{}, w.Skipped(*n, why) })
	return true, err
}

func (s *Slack) tellDue(ctx context.Context, t *task) error {
	if late, err := s.overslept(ctx, t); late || err != nil {
		return err
	}
	due, err := s.readDue(ctx, t)
	if err != nil || due.Empty() {
		return err
	}
	return s.direct(ctx, t, t.w.User, s.houseMessage(s.settings().DueMessage(due.DueItems, due.seen, due.today)))
}

// due is what a person is reminded of, as they may see it.
type due struct {
	bot.DueItems
	seen  map[int64]*bot.Incident
	today bot.Date // where they are
}

// readDue reads what t's person is reminded of, and nothing of an incident that
// they cannot see.
func (s *Slack) readDue(ctx context.Context, t *task) (out due, err error) {
	_, err = s.bot.Look(ctx, bot.Request{}, func(l *bot.Look) (bot.Reply, error) {
		person, err := bot.FindPerson(l.Tx, t.w.User)
		if err != nil {
			return bot.Reply{}, err
		}
		zone, _ := person.Location(s.settings().Zone)
		out = due{seen: map[int64]*bot.Incident{}, today: bot.DateOf(l.Now.In(zone))}
		if out.DueItems, err = l.DueFor(t.w.User, t.w.Notice.Date); err != nil {
			return bot.Reply{}, err
		}
		blind := func(incident int64) bool {
			sees, e := out.sees(l.Tx, t.w.User, incident)
			err = errors.Join(err, e)
			return !sees
		}
		out.FollowUps = slices.DeleteFunc(out.FollowUps, func(f *bot.FollowUp) bool { return blind(f.Incident) })
		out.Postmortems = slices.DeleteFunc(out.Postmortems, func(i *bot.Incident) bool { return blind(i.Number) })
		return bot.Reply{}, err
	})
	if len(out.seen) > 0 {
		t.incident = sortedKeys(out.seen)[0]
	}
	return out, err
}

func (d *due) sees(tx bot.ReadTx, who bot.UserID, incident int64) (bool, error) {
	if d.seen[incident] != nil {
		return true, nil
	}
	i, err := tx.Incident(bot.As(who), incident)
	if bot.KindOf(err) == bot.KindNotFound {
		return false, nil
	}
	if err == nil {
		d.seen[incident] = i
	}
	return err == nil, err
}

// digest says in a configured channel how the action items stand that everybody
// may see.
func (s *Slack) digest(ctx context.Context, t *task) error {
	if late, err := s.overslept(ctx, t); late || err != nil {
		return err
	}
	var m bot.Message
	_, err := s.bot.Look(ctx, bot.Request{}, func(l *bot.Look) (bot.Reply, error) {
		items, err := openToAll(l.Tx)
		if err != nil {
			return bot.Reply{}, err
		}
		today := bot.DateOf(l.Now.In(s.settings().Zone))
		m = s.settings().DigestMessage(items, today, func(id bot.UserID) string {
			p, e := bot.FindPerson(l.Tx, id)
			if e != nil {
				err = e
			}
			return orElse(strings.TrimSpace(p.Name), orElse(p.Handle, string(id)))
		})
		return bot.Reply{}, err
	})
	if err != nil {
		return err
	}
	c, err := s.channelID(ctx, t.w.Notice.Channel)
	if err != nil {
		return err
	}
	_, err = s.post(ctx, t, ref{channel: c}, s.houseMessage(m))
	return err
}

func openToAll(tx bot.ReadTx) (out []*bot.FollowUp, err error) {
	for f := (bot.FollowUpFilter{Open: true, Limit: 500}); ; {
		page, err := tx.FollowUps(bot.Everyone(), f)
		if err != nil {
			return nil, err
		}
		if out = append(out, page...); len(page) < f.Limit {
			return out, nil
		}
		f.After = page[len(page)-1].Number
	}
}

// refusedHouse says what follows when Slack refuses what belongs to no incident. A
// channel that takes nothing may be mended, and the administrators are told of it;
// of somebody who cannot be written to an incident's people are, once.
func (s *Slack) refusedHouse(ctx context.Context, t *task, e *callError) error {
	n := t.w.Notice
	s.log.WarnContext(ctx, "slack refused a notice", "kind", n.Kind, "user", n.User, "channel", n.Channel, "code", e.code, "fix", advice(e), "error", e)
	if n.Kind == bot.NoticeDigest && t.job.Kind == "digest" {
		if err := s.tellAdmins(ctx, t, e); err != nil {
			return err
		}
	}
	switch {
	case t.job.Kind == "personal" && n.Kind == bot.NoticeDigest:
		return nil // there is nobody else to tell
	case n.Kind == bot.NoticeDigest && channelShut(e):
		return bot.RetryAt(s.now().Add(firstHold), e) // overslept ends it
	case n.Kind == bot.NoticeDigest || n.Kind == bot.NoticeHead:
		return bot.Permanent(e) // the head is in the log as well
	case t.incident == 0 || n.Kind != bot.NoticeDue:
		return nil // nobody else's business
	}
	w := work{Call: e.method, Code: e.code, Needed: e.needed, User: n.User}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		return s.enqueue(tx, s.tellJob(t.incident, w, "due:"+string(n.User)))
	})
}

// tellAdmins has the people whom the configuration names as administrators told
// that a digest is not posted, once for each of its posts.
func (s *Slack) tellAdmins(ctx context.Context, t *task, e *callError) error {
	n := t.w.Notice
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		for _, name := range s.settings().Permissions[bot.RightAdmin] {
			if !bot.IsUserID(name) {
				continue
			}
			w := work{Notice: n, User: bot.UserID(name), Call: e.method, Code: e.code, Needed: e.needed}
			j := s.job("personal", bot.House, w)
			j.Dedup = fmt.Sprintf("slack:unposted:%s:%d:%s", n.Channel, n.At.Unix(), name)
			if err := s.enqueue(tx, j); err != nil {
				return err
			}
		}
		return nil
	})
}

// tellUnposted tells an administrator that a digest is not posted, and what to do.
func (s *Slack) tellUnposted(ctx context.Context, t *task) error {
	fault := &callError{method: t.w.Call, code: t.w.Code, needed: t.w.Needed}
	m := bot.Say("The digest for ", bot.Code(t.w.Notice.Channel), " of ", bot.Moment(t.w.Notice.At), " could not be posted: ",
		bot.Code(strings.TrimSpace(t.w.Code+" "+t.w.Needed)), ".").With(bot.Para(bot.Plain(digestAdvice(fault)))).Message
	return s.direct(ctx, t, t.w.User, s.houseMessage(m))
}

// digestAdvice is [advice] for the channel of a digest, which is tried for a day.
func digestAdvice(e *callError) string {
	switch {
	case e.code == codeNoChannel:
		return "Make the channel, or name another one under digests. Until then it is tried again for a day."
	case e.code == "is_archived" || e.code == "is_inactive":
		return "The channel is archived. Unarchive it, or name another one under digests. Until then it is tried again for a day."
	case channelShut(e):
		return "Invite the app to the channel, or name another one under digests. Until then it is tried again for a day."
	}
	return advice(e)
}
