package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// The kinds of job. See [Deploy.Plan] for what causes them.
const (
	jobVersions = "versions" // reads what runs and could, and makes the plan
	jobExpire   = "expire"   // ends a plan that nobody approved in time
	jobSubmit   = "submit"   // sends one step, once
	jobPoll     = "poll"     // follows one step to its end
	jobLook     = "look"     // finds out whether a step was sent
)

// work is a job's payload.
type work struct {
	Rollback string `json:"rollback"`
	Step     string `json:"step,omitempty"`
}

// recordTime bounds the wait for the database of what must be written down
// although the job's own time may be over. With [readTime] and [sendTime] it
// stays within the lease of a lane, which is a minute: whoever takes the lane
// afterwards finds the step as this job left it.
const recordTime = 10 * time.Second

// errLater is why a job comes back that has seen nothing new.
var errLater = errors.New("looked, and looks again")

// Plan implements [bot.Integration]. What it needs to know of a rollback, the
// entry tells.
//
// A step waits in one lane from its submit to the end of its polling, which
// follow one another. The looks wait beside it: a person may say "send again"
// while they go on, and that must not stand behind them.
func (d *Deploy) Plan(e bot.Event, _ *bot.Incident) []bot.Job {
	m := e.Data.Rollback
	if e.Kind != bot.EventRollback || m == nil {
		return nil
	}
	job := func(kind, lane, step string, at time.Time) bot.Job {
		return bot.Job{Kind: kind, Lane: lane, Incident: e.Incident, RunAt: at, Payload: bot.Payload(work{m.ID, step})}
	}
	var jobs []bot.Job
	switch {
	case m.State == bot.RollbackRequested:
		jobs = append(jobs, job(jobVersions, "deploy:rollback:"+m.ID, "", time.Time{}))
	case m.State == bot.RollbackAwaiting && !m.PlanOnly && e.Data.When != nil:
		jobs = append(jobs, job(jobExpire, "deploy:clock:"+m.ID, "", *e.Data.When))
	case m.Step != "" && m.StepState == bot.RollbackRunning:
		// A step is accepted once and followed until it is no longer watched. The
		// other entries in which it runs (again, after it was blocked) come from that
		// very job; the name keeps them from starting a second one.
		way, _ := d.way(m.Target, m.Step)
		poll := job(jobPoll, stepLane(m.ID, m.Step), m.Step, e.RecordedAt.Add(way.every().next(0)))
		poll.Dedup = "deploy:poll:" + m.ID + ":" + m.Step
		jobs = append(jobs, poll)
	case m.Step != "" && m.StepState == bot.RollbackUnknown:
		lane := "deploy:look:" + m.ID + ":" + m.Step
		look := job(jobLook, lane, m.Step, e.RecordedAt.Add(lookAt[0]))
		look.Edit = lane // the look for an earlier sending is over
		jobs = append(jobs, look)
	}
	for _, name := range m.Start {
		jobs = append(jobs, job(jobSubmit, stepLane(m.ID, name), name, time.Time{}))
	}
	return jobs
}

func stepLane(id, step string) string { return "deploy:step:" + id + ":" + step }

// every is how often the step is polled; without a template by the default.
func (w stepWay) every() Every {
	if w.template == nil {
		return Every{}
	}
	return w.template.Every
}

// Do implements [bot.Integration]. An error that ends a job for good would leave
// its rollback as it stands, with its lock: only what no rollback hangs on is
// permanent, and every other trouble becomes an outcome of the step or the plan.
func (d *Deploy) Do(ctx context.Context, j bot.Job) error {
	do, ok := map[string]func(context.Context, *task) error{
		jobVersions: d.versions, jobExpire: d.expire, jobSubmit: d.submit, jobPoll: d.poll, jobLook: d.look,
	}[j.Kind]
	if !ok {
		return d.bot.NewerJob("deploy." + j.Kind)
	}
	t := &task{job: j}
	if err := j.Unmarshal(&t.work); err != nil {
		return err
	}
	err := d.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		if t.r, err = tx.Rollback(bot.Self(), t.Rollback); err == nil && j.Kind == jobPoll {
			t.elsewhere, err = tx.Link("rollback:"+t.Rollback, elsewhereLink(t.Step))
		}
		return err
	})
	if bot.KindOf(err) == bot.KindNotFound {
		return bot.Permanent(err)
	}
	if err != nil {
		return err
	}
	if t.Step == "" {
		return do(ctx, t)
	}
	if t.s = t.r.Step(t.Step); t.s == nil {
		return bot.Permanent(fmt.Errorf("%s has no step %s", t.Rollback, t.Step))
	}
	t.way, t.known = d.way(t.r.Target, t.Step)
	return do(ctx, t)
}

// task is a job with what it is about, as it was when the job began. What it
// decides is decided again under the lock.
type task struct {
	work
	job   bot.Job
	r     *bot.Rollback
	s     *bot.Step // nil for what is about the whole
	way   stepWay
	known bool // way is what the configuration says

	elsewhere string // see [elsewhereLink]
}

func (t *task) vars() map[string]string { return variables(t.r, t.s, t.way.vars) }

// record writes down what became of t: in the bot's own name, with its incident
// locked and everything read anew. It is done although ctx is over.
func (d *Deploy) record(ctx context.Context, t *task, fn func(*bot.Work, *bot.Rollback) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	_, err := d.bot.Carry(ctx, bot.Request{}, func(w *bot.Work) (bot.Reply, error) {
		r, err := bot.TakeRollback(w, t.Rollback)
		if err != nil {
			return bot.Reply{}, err
		}
		return bot.Reply{}, fn(w, r)
	})
	if err != nil {
		return fmt.Errorf("%s of %s cannot be written down: %w", t.job.Kind, t.Rollback, err)
	}
	return nil
}
