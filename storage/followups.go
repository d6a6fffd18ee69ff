package storage

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// The most and the usual number of action items in a list, as
// [bot.FollowUpFilter] has them.
const (
	mostFollowUps  = 500
	usualFollowUps = 50
)

// FollowUp implements [bot.FollowUpReader]. The answer for a number that was
// never used is, word for word, the one for an action item of an incident that
// the viewer may not know of.
func (t *tx) FollowUp(v bot.Viewer, number int64) (*bot.FollowUp, error) {
	row, err := t.q.GetFollowUp(t.ctx, number, v.All(), string(v.User()))
	if err != nil {
		return nil, t.find("read an action item", err, bot.NotFound("There is no action item %d.", number))
	}
	return t.followUp(kept(row))
}

// FollowUps implements [bot.FollowUpReader].
func (t *tx) FollowUps(v bot.Viewer, f bot.FollowUpFilter) ([]*bot.FollowUp, error) {
	rows, err := t.followUpRows(v, f)
	if err != nil {
		return nil, t.fail("list action items", err)
	}
	list := make([]*bot.FollowUp, len(rows))
	for k, row := range rows {
		if list[k], err = t.followUp(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// followUpRows starts from what is rarest among the things asked for.
func (t *tx) followUpRows(v bot.Viewer, f bot.FollowUpFilter) ([]kept, error) {
	states := wantedStates(f)
	if len(states) == 0 {
		return nil, nil
	}
	state := func(k int) string { return string(states[min(k, len(states)-1)]) }
	args := db.ListFollowUpsParams{
		After: f.After, Incident: f.Incident, Owner: string(f.Owner), RepoKey: nameKey(f.Repo), Issue: int64(f.Issue), DueBefore: string(f.DueBefore),
		State1: state(0), State2: state(1), State3: state(2), State4: state(3), State5: state(4),
		SeeAll: v.All(), Viewer: string(v.User()), RowLimit: clamp(f.Limit, usualFollowUps, mostFollowUps),
	}
	if f.Concerns != "" && f.Open {
		return alike(t.q.ListFollowUpsConcerning(t.ctx, concerning(string(f.Concerns), args)))
	}
	switch {
	case f.Issue != 0:
		return alike(t.q.ListFollowUpsOfIssue(t.ctx, db.ListFollowUpsOfIssueParams(args)))
	case f.Incident != 0:
		return alike(t.q.ListFollowUpsOfIncident(t.ctx, db.ListFollowUpsOfIncidentParams(args)))
	case f.Owner != "":
		return alike(t.q.ListFollowUpsOfOwner(t.ctx, db.ListFollowUpsOfOwnerParams(args)))
	case f.Open:
		return alike(t.q.ListOpenFollowUps(t.ctx, db.ListOpenFollowUpsParams(args)))
	}
	return alike(t.q.ListFollowUps(t.ctx, args))
}

func concerning(who string, a db.ListFollowUpsParams) db.ListFollowUpsConcerningParams {
	return db.ListFollowUpsConcerningParams{
		Concerns: who, After: a.After, Incident: a.Incident, Owner: a.Owner, RepoKey: a.RepoKey, Issue: a.Issue, DueBefore: a.DueBefore,
		State1: a.State1, State2: a.State2, State3: a.State3, State4: a.State4, State5: a.State5,
		SeeAll: a.SeeAll, Viewer: a.Viewer, RowLimit: a.RowLimit,
	}
}

// wantedStates are those of the states there are that f asks for.
func wantedStates(f bot.FollowUpFilter) []bot.FollowUpState {
	return slices.DeleteFunc(bot.FollowUpStates(), func(s bot.FollowUpState) bool {
		return len(f.States) > 0 && !slices.Contains(f.States, s) || f.Open && s.Closed()
	})
}

// followUp is the stored action item with the text of its entry.
func (t *tx) followUp(row kept) (*bot.FollowUp, error) {
	f := &bot.FollowUp{Text: row.text()}
	if err := t.decode(row.Data, f); err != nil {
		return nil, t.fail("read an action item", err)
	}
	return f, nil
}

// NextFollowUp implements [bot.FollowUpWriter]. A transaction that fails gives
// its number back.
func (t *tx) NextFollowUp() (int64, error) { return t.nextID("followup") }

// CreateFollowUp implements [bot.FollowUpWriter]. An issue belongs to one action
// item: of several that ask for it at once, one gets it.
func (t *tx) CreateFollowUp(f *bot.FollowUp) error {
	data, err := json.Marshal(f)
	if err != nil {
		return t.fail("write an action item", err)
	}
	n, err := t.q.CreateFollowUp(t.ctx, db.CreateFollowUpParams{
		Number: f.Number, Incident: f.Incident, Seq: f.Seq, Key: f.Key, State: string(f.State), Closed: f.State.Closed(), Owner: string(f.Owner), AddedBy: string(f.AddedBy),
		Due: string(f.Due), RepoKey: nameKey(f.Issue.Repo), Issue: int64(f.Issue.Number), Data: string(data),
	})
	ok, err := t.wrote("write an action item", n, err)
	if err == nil && !ok {
		return bot.Conflict("That issue belongs to an action item already.")
	}
	return err
}

// SaveFollowUp implements [bot.FollowUpWriter]. An action item that is not there
// is an internal error, and so is another number, incident or key than it was
// created with, and an issue that belongs to another. Broken UTF-8 in what
// GitHub answered is kept as U+FFFD, since refusing it would lose what became of
// the issue.
func (t *tx) SaveFollowUp(f *bot.FollowUp) error {
	data, err := t.encode(f)
	if err != nil {
		return t.fail("save an action item", err)
	}
	n, err := t.q.SaveFollowUp(t.ctx, db.SaveFollowUpParams{
		Number: f.Number, Incident: f.Incident, Key: f.Key, Seq: f.Seq, State: string(f.State), Closed: f.State.Closed(), Owner: string(f.Owner),
		Due: string(f.Due), RepoKey: nameKey(f.Issue.Repo), Issue: int64(f.Issue.Number), Data: data,
	})
	ok, err := t.wrote("save an action item", n, err)
	if err == nil && !ok {
		return t.fail("save an action item", fmt.Errorf("there is none that was created as %d of incident %d with its key", f.Number, f.Incident))
	}
	return err
}
