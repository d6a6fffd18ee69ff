package storage_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// rowOf returns the columns of the only row that a query finds, and its data.
func rowOf(t *testing.T, path, query string) (columns, data string) {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.QueryRowContext(t.Context(), query).Scan(&columns, &data); err != nil {
		t.Fatal(err)
	}
	return columns, data
}

// TestFollowUpRow reads the row of an action item: its columns say what its data
// says, created and saved, and its text is not in it.
func TestFollowUpRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tocsin.db")
	s := open(t, path)
	f := &bot.FollowUp{
		Number: 7, Incident: declare(t, s), Seq: 2, Key: "abc", State: bot.FollowUpOpen, Owner: "U0ANA", Due: "2026-12-01",
		Issue: bot.Issue{State: bot.IssueWanted, Repo: "Acme/Web"}, Text: "canary text",
	}
	check := func(want string) {
		t.Helper()
		columns, data := rowOf(t, path, `SELECT concat_ws(' ', number, incident, seq, key, state, closed, owner, due, repo_key, issue), data FROM followups`)
		if columns != want {
			t.Errorf("the row is\n%s, want\n%s", columns, want)
		}
		if !strings.Contains(data, `"repo":"Acme/Web"`) || strings.Contains(data, "canary") {
			t.Errorf("its data is %s", data)
		}
	}
	if err := s.Update(t.Context(), func(tx bot.Tx) error { return tx.CreateFollowUp(f) }); err != nil {
		t.Fatal(err)
	}
	check("7 1 2 abc open 0 U0ANA 2026-12-01 acme/web 0")
	f.State, f.Owner, f.Due, f.Seq, f.Issue.Number = bot.FollowUpDropped, "U0BEN", "", 3, 41
	if err := s.Update(t.Context(), func(tx bot.Tx) error { return tx.SaveFollowUp(f) }); err != nil {
		t.Fatal(err)
	}
	check("7 1 3 abc dropped 1 U0BEN  acme/web 41")
	execSQL(t, path, "DELETE FROM followups")
	if err := s.Update(t.Context(), func(tx bot.Tx) error { return tx.CreateFollowUp(f) }); err != nil { // as it is brought in from elsewhere
		t.Fatal(err)
	}
	check("7 1 3 abc dropped 1 U0BEN  acme/web 41")
}

// TestReminderRow reads the rows of reminders: only one without an incident
// holds its text, in the column for it.
func TestReminderRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tocsin.db")
	s := open(t, path)
	at := time.UnixMicro(1_700_000_000_123_456)
	for _, c := range []struct {
		r                 bot.Reminder
		waiting, finished string
	}{
		{
			bot.Reminder{Number: 1, Incident: declare(t, s), Seq: 2}, "1 1 2 U0ANA 1700000000123456 waiting null", "1 1 2 U0ANA 1700000060123456 fired null",
		},
		{bot.Reminder{Number: 2}, "2 null null U0ANA 1700000000123456 waiting canary", "2 null null U0ANA 1700000060123456 fired canary"},
	} {
		c.r.User, c.r.State, c.r.At, c.r.Text = "U0ANA", bot.ReminderWaiting, at, "canary"
		check := func(want string) {
			t.Helper()
			columns, data := rowOf(t, path, `SELECT concat_ws(' ', number, coalesce(incident, 'null'), coalesce(seq, 'null'), user_id, at, state,
				coalesce(text, 'null')), data FROM reminders`)
			if columns != want {
				t.Errorf("the row is\n%s, want\n%s", columns, want)
			}
			if strings.Contains(data, "canary") {
				t.Errorf("its data is %s", data)
			}
		}
		if err := s.Update(t.Context(), func(tx bot.Tx) error { return tx.CreateReminder(&c.r) }); err != nil {
			t.Fatal(err)
		}
		check(c.waiting)
		c.r.State, c.r.At = bot.ReminderFired, at.Add(time.Minute)
		if err := s.Update(t.Context(), func(tx bot.Tx) error { return tx.SaveReminder(&c.r) }); err != nil {
			t.Fatal(err)
		}
		check(c.finished)
		execSQL(t, path, "DELETE FROM reminders")
	}
}

// TestRowsAgree shows that the database itself refuses rows whose columns
// contradict each other, whatever the program believes.
func TestRowsAgree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tocsin.db")
	s := open(t, path)
	declare(t, s)
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const (
		item     = "INSERT INTO followups (number, incident, seq, key, owner, added_by, due, repo_key, issue, data, state, closed) VALUES (1, 1, 1, 'k', '', '', '', '', 0, '{}', "
		reminder = "INSERT INTO reminders (number, user_id, at, state, data, incident, seq, text) VALUES (1, 'U0ANA', 0, 'waiting', '{}', "
	)
	for _, c := range []struct{ insert, wrong, right string }{
		{item, "'done', false)", "'done', true)"},
		{item, "'ongoing', true)", "'ongoing', false)"},
		{reminder, "1, 1, 'a text twice')", "1, 1, NULL)"},
		{reminder, "NULL, NULL, NULL)", "NULL, NULL, 'a text')"},
	} {
		if _, err := pool.ExecContext(t.Context(), c.insert+c.wrong); err == nil || !strings.Contains(err.Error(), "CHECK") {
			t.Errorf("%s: %v", c.wrong, err)
		}
		if _, err := pool.ExecContext(t.Context(), c.insert+c.right); err != nil {
			t.Errorf("%s: %v", c.right, err)
		}
		execSQL(t, path, "DELETE FROM followups")
		execSQL(t, path, "DELETE FROM reminders")
	}
}
