package github

import (
	"context"
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// The kinds of job.
const (
	jobOpen   = "open"   // opens an issue, once, or takes one that exists
	jobLook   = "look"   // finds out whether an issue was opened
	jobPush   = "push"   // brings an issue to where its item is
	jobAssign = "assign" // gives an issue to the item's owner
	jobLabel  = "label"  // labels an issue that existed
	jobRedact = "redact" // sees whether a redacted text is in an issue
)

// work is a job's payload.
type work struct {
	Item int64 `json:"item,omitempty"`
	// Entry is the entry that was redacted.
	Entry int64 `json:"entry,omitempty"`
}

// recordTime bounds the wait for the database of what must be written down
// although the job's own time may be over. With two calls it stays within the
// lease of a lane.
const recordTime = 10 * time.Second

func itemLane(n int64) string { return fmt.Sprintf("github:followup:%d", n) }

func lookLane(n int64) string { return fmt.Sprintf("github:look:%d", n) }

// Plan implements [bot.Integration]. What it needs to know of an action item, the
// entry tells.
//
// All work on an issue waits in one lane. The looks wait beside it: a person may
// say "open it again" while they go on, and that must not stand behind them.
func (g *GitHub) Plan(e bot.Event, _ *bot.Incident) []bot.Job {
	m := e.Data.FollowUp
	if e.Kind == bot.EventRedacted && e.Incident != bot.House {
		return []bot.Job{{
			Kind: jobRedact, Lane: fmt.Sprintf("github:redact:%d", e.Incident), Incident: e.Incident, Payload: bot.Payload(work{Entry: e.Data.Ref}),
		}}
	}
	if e.Kind != bot.EventFollowUp || m == nil {
		return nil
	}
	j := bot.Job{Lane: itemLane(m.Number), Incident: e.Incident, Payload: bot.Payload(work{Item: m.Number})}
	switch {
	case m.What == bot.DeedIssue && m.Issue == bot.IssueUnknown:
		j.Kind, j.Lane, j.RunAt = jobLook, lookLane(m.Number), e.RecordedAt.Add(lookAt[0])
		j.Edit = j.Lane // the look for an earlier try is over
	case m.What == bot.DeedAdded && m.Push, m.What == bot.DeedRetry:
		j.Kind = jobOpen
	case m.Push:
		j.Kind, j.Edit = jobPush, fmt.Sprintf("github:push:%d", m.Number)
	default:
		return nil
	}
	return []bot.Job{j}
}

// plan adds a job about f that follows from no entry.
func (g *GitHub) plan(w *bot.Work, f *bot.FollowUp, kind string) {
	w.Plan(bot.Job{
		Kind: g.Name() + "." + kind, Lane: itemLane(f.Number), Edit: fmt.Sprintf("github:%s:%d", kind, f.Number),
		Incident: f.Incident, Payload: bot.Payload(work{Item: f.Number}),
	})
}

// task is a job with its item as it was when the job began. What it decides is
// decided again under the lock.
type task struct {
	job bot.Job
	f   *bot.FollowUp
	i   *bot.Incident
	// place says that the next write has its place under the limits.
	place bool
}

// Do implements [bot.Integration]. A refusal of GitHub's to open an issue becomes
// a state of the item; only what no person can do anything about through the item
// is a job that failed.
func (g *GitHub) Do(ctx context.Context, j bot.Job) error {
	do, ok := map[string]func(context.Context, *task) error{
		jobOpen: g.open, jobLook: g.look, jobPush: g.push, jobAssign: g.assign, jobLabel: g.label, jobRedact: nil,
	}[j.Kind]
	if !ok {
		return g.bot.NewerJob("github." + j.Kind)
	}
	var payload work
	if err := j.Unmarshal(&payload); err != nil {
		return err
	}
	if j.Kind == jobRedact {
		return g.redacted(ctx, j, payload.Entry)
	}
	end, err := g.begin()
	if err != nil {
		return err
	}
	defer end()
	t := &task{job: j}
	err = g.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		if t.f, err = tx.FollowUp(bot.Self(), payload.Item); err != nil {
			return err
		}
		t.i, err = tx.Incident(bot.Self(), t.f.Incident)
		return err
	})
	if bot.KindOf(err) == bot.KindNotFound {
		return bot.Permanent(err)
	}
	if err != nil {
		return err
	}
	if err := do(ctx, t); err != nil || t.f.Issue.RefusedAt == nil {
		return err
	}
	return g.record(ctx, t, bot.ResumeIssue)
}

// record writes down what became of t: in the bot's own name, with its incident
// locked and the item read anew. It is done although ctx is over.
func (g *GitHub) record(ctx context.Context, t *task, fn func(*bot.Work, *bot.FollowUp) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	_, err := g.bot.Carry(ctx, bot.Request{}, func(w *bot.Work) (bot.Reply, error) {
		f, err := bot.TakeFollowUp(w, t.f.Number)
		if err != nil {
			return bot.Reply{}, err
		}
		return bot.Reply{}, fn(w, f)
	})
	if err != nil {
		return fmt.Errorf("%s of action item %d cannot be written down: %w", t.job.Kind, t.f.Number, err)
	}
	return nil
}

// opened says that f's issue exists, and plans what is done to it then, each by
// itself: that an owner cannot be assigned does not take the issue away.
func (g *GitHub) opened(w *bot.Work, f *bot.FollowUp, at bot.FoundIssue) error {
	if f.Issue.State == bot.IssueOpened || f.Issue.State == bot.IssueNone {
		return nil
	}
	if err := bot.OpenIssue(w, f, at); err != nil {
		return err
	}
	if f.Owner != "" && g.settings().Logins[f.Owner] != "" {
		g.plan(w, f, jobAssign)
	}
	if f.Text == bot.RedactedText && !f.Issue.Adopted { // it may have been redacted since it was sent
		g.plan(w, f, jobPush)
	}
	if f.Issue.Adopted && len(g.labels(f)) > 0 {
		g.plan(w, f, jobLabel)
	}
	return nil
}

// labels are those of f's issue.
func (g *GitHub) labels(f *bot.FollowUp) []string {
	out := append([]string{}, g.settings().Labels...)
	if f.Priority != "" {
		out = append(out, f.Priority)
	}
	return out
}

// mainLabel is the one by which our issues are found again; empty: all are looked
// through.
func (g *GitHub) mainLabel() string {
	if l := g.settings().Labels; len(l) > 0 {
		return l[0]
	}
	return ""
}
