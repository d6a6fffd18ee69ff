package storage

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// mostReminders is how many reminders a list holds at most.
const mostReminders = 200

// Reminder implements [bot.ReminderReader]. The answer for a number that was
// never used is, word for word, the one for a reminder that the viewer may not
// know of.
func (t *tx) Reminder(v bot.Viewer, number int64) (*bot.Reminder, error) {
	row, err := t.q.GetReminder(t.ctx, number, v.All(), string(v.User()))
	if err != nil {
		return nil, t.find("read a reminder", err, bot.NotFound("There is no reminder %d.", number))
	}
	return t.reminder(kept(row))
}

// Reminders implements [bot.ReminderReader].
func (t *tx) Reminders(v bot.Viewer, f bot.ReminderFilter) ([]*bot.Reminder, error) {
	rows, err := t.reminderRows(v, f)
	if err != nil {
		return nil, t.fail("list reminders", err)
	}
	list := make([]*bot.Reminder, len(rows))
	for k, row := range rows {
		if list[k], err = t.reminder(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (t *tx) reminderRows(v bot.Viewer, f bot.ReminderFilter) ([]kept, error) {
	all, viewer := v.All(), string(v.User())
	if f.Incident != bot.House {
		return alike(t.q.ListRemindersOfIncident(t.ctx, db.ListRemindersOfIncidentParams{
			Incident: f.Incident, OnlyWaiting: f.Waiting, SeeAll: all, Viewer: viewer, RowLimit: mostReminders,
		}))
	}
	args := db.ListRemindersOfParams{UserID: string(f.User), SeeAll: all, Viewer: viewer, RowLimit: mostReminders}
	if f.Waiting {
		return withOwnText(t.q.ListWaitingRemindersOf(t.ctx, db.ListWaitingRemindersOfParams(args)))
	}
	return withOwnText(t.q.ListRemindersOf(t.ctx, args))
}

// withOwnText is [alike] for what no entry holds the text of.
func withOwnText[R ~struct {
	Data string
	Text sql.NullString
}](rows []R, err error) ([]kept, error) {
	type own struct {
		Data string
		Text sql.NullString
	}
	out := make([]kept, len(rows))
	for k, row := range rows {
		o := own(row)
		out[k] = kept{Data: o.Data, Text: o.Text}
	}
	return out, err
}

// reminder is the stored reminder with its text.
func (t *tx) reminder(row kept) (*bot.Reminder, error) {
	r := &bot.Reminder{Text: row.text()}
	if err := t.decode(row.Data, r); err != nil {
		return nil, t.fail("read a reminder", err)
	}
	return r, nil
}

// NextReminder implements [bot.ReminderWriter]. A transaction that fails gives
// its number back.
func (t *tx) NextReminder() (int64, error) { return t.nextID("reminder") }

// CreateReminder implements [bot.ReminderWriter].
func (t *tx) CreateReminder(r *bot.Reminder) error {
	data, err := json.Marshal(r)
	if err != nil {
		return t.fail("write a reminder", err)
	}
	n, err := t.q.CreateReminder(t.ctx, db.CreateReminderParams{
		Number: r.Number, Incident: maybeNumber(r.Incident), Seq: maybeNumber(r.Seq), UserID: string(r.User), At: micros(r.At),
		State: string(r.State), Text: ownText(r), Data: string(data),
	})
	return t.save("write a reminder", n, err)
}

// SaveReminder implements [bot.ReminderWriter]. A reminder that is not there is
// an internal error, and so is another number, incident, entry or user than it
// was created with.
func (t *tx) SaveReminder(r *bot.Reminder) error {
	data, err := t.encode(r)
	if err != nil {
		return t.fail("save a reminder", err)
	}
	n, err := t.q.SaveReminder(t.ctx, db.SaveReminderParams{
		Number: r.Number, Incident: r.Incident, Seq: r.Seq, UserID: string(r.User), At: micros(r.At),
		State: string(r.State), Text: ownText(r), Data: data,
	})
	ok, err := t.wrote("save a reminder", n, err)
	if err == nil && !ok {
		return t.fail("save a reminder", fmt.Errorf("there is none that was created as %d of %s", r.Number, bot.Stream(r.Incident)))
	}
	return err
}

// ownText is the text that is kept with r: with an incident, none.
func ownText(r *bot.Reminder) sql.NullString {
	if r.Incident != bot.House {
		return sql.NullString{}
	}
	return sql.NullString{String: string(r.Text), Valid: true}
}

// maybeNumber is n as it is stored where none is a null.
func maybeNumber(n int64) sql.NullInt64 { return sql.NullInt64{Int64: n, Valid: n != 0} }
