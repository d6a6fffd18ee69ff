package slack

import (
	"context"
	"fmt"
	"reflect"

	"github.com/tocsin-dev/tocsin/bot"
)

// An action item is one message in its incident's channel, posted when it was
// added and changed in place with all that becomes of it and of its issue. What
// must be noticed is posted besides.

// itemsLane is where the redrawing of an incident's action items waits.
func itemsLane(incident int64) string { return fmt.Sprintf("slack:items:%d", incident) }

// followUpLink remembers the message of an action item.
func followUpLink(number int64) string { return fmt.Sprintf("slack.followup.%d", number) }

// followUpKinds are the jobs that follow from an entry about an action item.
func followUpKinds(m *bot.FollowUpMark) []string {
	switch {
	case m == nil:
		return nil
	case m.What == bot.DeedAdded:
		return []string{"item"}
	case m.Noticed():
		return []string{"reitem", "post"}
	}
	return []string{"reitem"}
}

// followUpID is the action item that e is about, or 0.
func followUpID(e bot.Event) int64 {
	if e.Data.FollowUp == nil {
		return 0
	}
	return e.Data.FollowUp.Number
}

// loadFollowUp reads the action item that t is about, if it is about one.
func (s *Slack) loadFollowUp(tx bot.ReadTx, t *task) (err error) {
	id := t.w.FollowUp
	if id == 0 {
		id = followUpID(t.e)
	}
	if id == 0 {
		return nil
	}
	if t.f, t.turn, err = followUp(tx, t.i.Number, id); err != nil {
		return err
	}
	t.links[followUpLink(id)], err = tx.Link(bot.Owner(t.i.Number), followUpLink(id))
	return err
}

// followUp reads an action item and the entry that brought it where it stands.
func followUp(tx bot.ReadTx, incident, id int64) (f *bot.FollowUp, turn bot.Event, err error) {
	if f, err = tx.FollowUp(bot.Self(), id); err != nil {
		return f, turn, err
	}
	all, err := tx.Events(bot.Self(), incident, bot.EventFilter{Kinds: []bot.EventKind{bot.EventFollowUp}})
	for _, e := range all {
		if m := e.Data.FollowUp; m != nil && m.Number == id && m.What == bot.DeedState {
			turn = e
		}
	}
	return f, turn, err
}

// item posts the message of an action item.
func (s *Slack) item(ctx context.Context, t *task) error {
	if err := s.ensureChannel(ctx, t); err != nil {
		return err
	}
	return s.drawItem(ctx, t)
}

// reitem draws the message of an action item again. One that is not there yet will
// be drawn with all that is known by then.
func (s *Slack) reitem(ctx context.Context, t *task) error {
	if t.i.Channel == "" || t.links[followUpLink(t.f.Number)] == "" {
		return nil
	}
	return s.drawItem(ctx, t)
}

// drawItem draws the message of an action item, and asks for another drawing when
// the item changed meanwhile or what an earlier try posted may be older.
func (s *Slack) drawItem(ctx context.Context, t *task) error {
	shown := s.settings().FollowUpCard(t.f, t.turn)
	if err := s.place(ctx, t, spot{followUpLink(t.f.Number), t.i.Channel}, s.one(shown, t.i)); err != nil {
		return err
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		f, turn, err := followUp(tx, t.i.Number, t.f.Number)
		again := t.job.Kind == "item" && t.job.Attempt > 1
		if err != nil || !again && reflect.DeepEqual(s.settings().FollowUpCard(f, turn), shown) {
			return err
		}
		return s.enqueue(tx, s.itemJob(t.i.Number, f.Number))
	})
}

func (s *Slack) itemJob(incident, number int64) bot.Job {
	return s.job("reitem", incident, work{FollowUp: number})
}

// openItems draws the action items of an incident that are not closed, for a
// channel that took the place of another.
func (s *Slack) openItems(tx bot.ReadTx, incident int64) ([]bot.Job, error) {
	list, err := tx.FollowUps(bot.Self(), bot.FollowUpFilter{Incident: incident, Open: true, Limit: 500})
	var jobs []bot.Job
	for _, f := range list {
		jobs = append(jobs, s.itemJob(incident, f.Number))
	}
	return jobs, err
}

// taskKinds are the jobs that follow from an entry about a task: its message, which
// is changed in place. post is the entry whose message is drawn again, or 0.
func taskKinds(e bot.Event, i *bot.Incident) (kinds []string, post int64) {
	m := e.Data.Task
	switch {
	case m == nil:
		return nil, 0
	case !m.Done:
		return []string{"post"}, 0
	}
	if t := i.Task(m.Number); t != nil {
		return []string{"repost"}, t.Seq
	}
	return nil, 0
}
