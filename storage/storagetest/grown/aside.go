package grown

import (
	"fmt"

	"github.com/tocsin-dev/tocsin/bot"
)

// Of what has rows of its own an incident has at most two, so that their numbers
// follow from its own.
const itemsEach = 2

// followUp adds the k-th action item: done long ago, but for those of the newest
// incidents.
func (s *story) followUp(k int) {
	f := &bot.FollowUp{
		Number: itemsEach*(s.i.Number-1) + int64(k) + 1, Incident: s.i.Number, Seq: s.i.Head.Seq + 1,
		Key: fmt.Sprintf("grown-%d-%d", s.i.Number, k), State: bot.FollowUpDone, Owner: s.who(), AddedBy: s.who(),
		Due: bot.DateOf(*s.far()), Priority: "p2", Service: "api",
		Issue: bot.Issue{State: bot.IssueOpened, Repo: "Acme/api", Wanted: 1, Sent: 1},
	}
	f.Issue.Number = int(f.Number)
	f.Issue.URL = fmt.Sprintf("https://github.com/Acme/api/issues/%d", f.Number)
	if s.o.Incidents-int(s.i.Number) < s.o.Open+100 {
		f.State = bot.FollowUpOpen
	}
	e := s.add(bot.Event{Kind: bot.EventFollowUp, Actor: f.AddedBy, Text: s.say(7), Data: bot.Data{FollowUp: &bot.FollowUpMark{
		Number: f.Number, What: bot.DeedAdded, State: bot.FollowUpOpen, Owner: f.Owner, Due: f.Due,
	}}})
	f.Text, f.AddedAt = e.Text, e.RecordedAt
	if f.State.Closed() {
		f.ClosedAt = &e.RecordedAt
	}
	s.followUps = append(s.followUps, f)
}

// remind sets a reminder that has fired.
func (s *story) remind() {
	m := &bot.Reminder{Number: s.i.Number, Incident: s.i.Number, Seq: s.i.Head.Seq + 1, User: s.who(), State: bot.ReminderFired}
	m.At = s.at.Add(s.pace)
	e := s.add(bot.Event{Kind: bot.EventReminder, Actor: m.User, Text: s.say(5), Data: bot.Data{Reminder: &bot.ReminderMark{
		Number: m.Number, State: bot.ReminderWaiting, At: m.At,
	}}})
	m.Text, m.SetAt, m.EndedAt = e.Text, e.RecordedAt, &m.At
	s.reminder = m
}

// rollBack rolls back, in one entry where a real one has several.
func (s *story) rollBack(state bot.RollbackState) {
	b := &bot.Rollback{
		ID: fmt.Sprintf("r%d", s.i.Number), Number: s.i.Number, Incident: s.i.Number, Seq: s.i.Head.Seq + 1, Target: "api-production",
		Service: "api", Environment: "production", LockKey: "api production", State: state, RequestedBy: s.who(), ApprovedBy: s.who(),
	}
	e := s.add(bot.Event{Kind: bot.EventRollback, Actor: b.RequestedBy, Text: s.say(6), Data: bot.Data{Rollback: &bot.RollbackMark{
		ID: b.ID, Target: b.Target, State: state,
	}}})
	b.Reason, b.RequestedAt, b.EndedAt = e.Text, e.RecordedAt, &e.RecordedAt
	s.rollback = b
}

// deploy is one that was told of while the incident lasted.
func (s *story) deploy() bot.Deploy {
	services, places := []string{"api", "web", "search"}, []string{"production", "staging"}
	return bot.Deploy{
		Source: "generic", Key: fmt.Sprintf("deploy-%d", s.i.Number), Service: services[s.i.Number%3], Environment: places[s.i.Number/3%2],
		Kind: bot.DeployOf, Version: fmt.Sprintf("v%d", s.i.Number), Previous: fmt.Sprintf("v%d", s.i.Number-1), Status: bot.DeploySucceeded,
		Actor: "ci", StartedAt: s.i.DeclaredAt, FinishedAt: s.i.DeclaredAt, ReceivedAt: s.i.DeclaredAt,
	}
}
