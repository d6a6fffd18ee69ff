package bot

import (
	"context"
	"time"
)

// NoticeKind is what a [Notice] is about.
type NoticeKind string

// The kinds of notice.
const (
	NoticeTeam     NoticeKind = "team"     // the team is waiting to hear more
	NoticePublic   NoticeKind = "public"   // customers are
	NoticeReminder NoticeKind = "reminder" // somebody wanted to be reminded
	NoticeDue      NoticeKind = "due"      // a person's action items and post-mortems that are due, or near
	NoticeDigest   NoticeKind = "digest"   // how the action items stand
	NoticeHead     NoticeKind = "head"     // the head of the record
)

// Notice is something that a clock has to say. It holds ids alone: what is said
// is read when it is said.
type Notice struct {
	Kind     NoticeKind `json:"kind"`
	Incident int64      `json:"incident,omitempty"`
	Reminder int64      `json:"reminder,omitempty"`
	User     UserID     `json:"user,omitempty"`    // of NoticeDue
	Date     Date       `json:"date,omitempty"`    // of NoticeDue
	Channel  string     `json:"channel,omitempty"` // of NoticeDigest and NoticeHead: a name or an id
	Head     string     `json:"head,omitempty"`    // of NoticeHead: a [RecordHead], which is no text
	At       time.Time  `json:"at"`                // when it was to be said
}

// Notifier is an [Integration] that carries notices to people.
type Notifier interface {
	// Notice answers with the jobs that do so. It is pure and runs in the
	// transaction in which the clock struck.
	Notice(n Notice) []Job
}

// notify hands n to every integration that carries notices.
func (w *Work) notify(n Notice) {
	for _, in := range w.Bot.integrations {
		to, ok := in.(Notifier)
		if !ok {
			continue
		}
		for _, j := range to.Notice(n) {
			j.Kind = in.Name() + "." + j.Kind
			w.Plan(j)
		}
	}
}

// Clock is what happens because time goes by: nudges, reminders, digests. Each
// is a job with a later RunAt that looks again when it is due, decides in one
// transaction whether there is something to say, and leaves the saying to the
// notifiers. Give it to [Bot.Use] and run it.
type Clock struct{ bot *Bot }

// NewClock returns the clock of b.
func NewClock(b *Bot) *Clock { return &Clock{b} }

// clockName begins the kinds of a clock's jobs.
const clockName = "clock"

// Name implements [Integration].
func (c *Clock) Name() string { return clockName }

// strike is the payload of a clock's job.
type strike struct {
	At       time.Time `json:"at"`
	N        int       `json:"n,omitempty"` // of a nudge or a purge: how many there were, with this one; of a digest: how often it was not configured
	Reminder int64     `json:"reminder,omitempty"`
	User     UserID    `json:"user,omitempty"`
	Date     Date      `json:"date,omitempty"`
	Digest   *Digest   `json:"digest,omitempty"`
}

// Plan implements [Integration]: what may move a clock sets it anew.
func (c *Clock) Plan(e Event, i *Incident) []Job {
	if i == nil || !movesClock(e.Kind) {
		return nil
	}
	var jobs []Job
	for _, kind := range []string{"team", "public"} {
		if j, ok := c.nudgeJob(kind, i, e.RecordedAt, 1); ok {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// movesClock reports whether an entry of kind k may change when somebody should
// hear more.
func movesClock(k EventKind) bool {
	switch k {
	case EventDeclared, EventUpdated, EventSeverity, EventPublished, EventRetracted, EventRedacted, EventReopened:
		return true
	}
	return false
}

// nudgeJob is the next nudge of a clock of i after t, the nth in a row.
func (c *Clock) nudgeJob(kind string, i *Incident, t time.Time, n int) (Job, bool) {
	at, ok := c.bot.Settings.nudgeAfter(kind, i, t)
	ok = ok && n <= maxNudges
	lane := "clock:" + kind + ":" + itoa(i.Number)
	return Job{Kind: kind, Lane: lane, Edit: lane, Incident: i.Number, RunAt: at, Payload: Payload(strike{At: at, N: n})}, ok
}

func remindJob(r *Reminder) Job {
	return Job{
		Kind: clockName + ".remind", Lane: "clock:remind:" + itoa(r.Number), Incident: r.Incident,
		RunAt: r.At, Payload: Payload(strike{At: r.At, Reminder: r.Number}),
	}
}

// Do implements [Integration].
func (c *Clock) Do(ctx context.Context, j Job) error {
	var s strike
	if err := j.Unmarshal(&s); err != nil {
		return err
	}
	do, ok := map[string]func(*Work, Job, strike) error{
		"team": c.nudge, "public": c.nudge, "remind": c.remind, "due": c.due, "digest": c.digest,
	}[j.Kind]
	switch j.Kind {
	case "day":
		return c.day(ctx, s)
	case "head":
		return c.head(ctx, s)
	case "purge":
		return c.purge(ctx, s)
	}
	if !ok {
		return c.bot.NewerJob(clockName + "." + j.Kind)
	}
	_, err := c.bot.Carry(ctx, Request{}, func(w *Work) (Reply, error) { return Reply{}, do(w, j, s) })
	if KindOf(err) == KindNotFound {
		return Permanent(err)
	}
	return err
}

// nudge says that an update is due, if it still is, and sets the clock anew.
func (c *Clock) nudge(w *Work, j Job, s strike) error {
	if err := w.Lock(j.Incident); err != nil {
		return err
	}
	n := 1
	if w.Settings().nudgesAt(j.Kind, w.Incident, s.At) {
		n += s.N
		w.notify(Notice{Kind: NoticeKind(j.Kind), Incident: j.Incident, At: s.At})
	}
	// The clock may have been put back since this one was due; it is not said twice.
	if next, ok := c.nudgeJob(j.Kind, w.Incident, later(w.Now, s.At), n); ok {
		w.planClock(next)
	} else if n > maxNudges {
		return w.Tx.SetLink(Link{Owner: Owner(j.Incident), Name: silenceLink(j.Kind), Value: w.Settings().silence(j.Kind, w.Incident)})
	}
	return nil
}

func (w *Work) planClock(j Job) {
	j.Kind = clockName + "." + j.Kind
	w.Plan(j)
}

// remind gives a reminder, once.
func (c *Clock) remind(w *Work, _ Job, s strike) error {
	r, err := w.Tx.Reminder(Self(), s.Reminder)
	if err != nil {
		return err
	}
	if r.Incident != House {
		if err := w.Lock(r.Incident); err != nil {
			return err
		}
		if r, err = w.Tx.Reminder(Self(), s.Reminder); err != nil {
			return err
		}
	}
	if r.State != ReminderWaiting {
		return nil
	}
	w.notify(Notice{Kind: NoticeReminder, Incident: r.Incident, Reminder: r.Number, User: r.User, At: r.At})
	return w.endReminder(r, ReminderFired)
}

// dayBegins is when the earliest zone begins d.
func dayBegins(d Date) time.Time { return d.At(0, time.UTC).Add(-14 * time.Hour) }

func dayJob(d Date) Job {
	return Job{Kind: "day", Lane: "clock:day", Dedup: "clock:day:" + string(d), RunAt: dayBegins(d), Payload: Payload(strike{At: dayBegins(d), Date: d})}
}

// day looks which people are to be reminded on a day, each at nine of their own
// zone, and comes back the next day. A day that is over was missed while the
// program was down; what is overdue says so on the next. The looking is done
// before the transaction, since it takes longer the more there is, and whoever
// writes would wait for it; what changes meanwhile is remindSoon's.
func (c *Clock) day(ctx context.Context, s strike) error {
	now := c.bot.Now()
	last, first := max(s.Date, newest(now)), max(s.Date, oldest(now))
	var jobs []Job
	_, err := c.bot.Look(ctx, Request{}, func(l *Look) (Reply, error) {
		jobs = []Job{dayJob(last.Add(Period{1, "d"}, nil))}
		for d := first; d <= last; d = d.Add(Period{1, "d"}, nil) {
			who, err := l.reminded(d)
			if err != nil {
				return Reply{}, err
			}
			for _, p := range who {
				jobs = append(jobs, dueJob(p, d, l.Settings().Zone))
			}
		}
		return Reply{}, nil
	})
	if err != nil {
		return err
	}
	_, err = c.bot.Carry(ctx, Request{}, func(w *Work) (Reply, error) {
		for _, j := range jobs {
			w.planClock(j)
		}
		if s.Date >= first {
			return Reply{}, nil
		}
		days := "on " + s.Date.Label()
		if to := first.Add(Period{-1, "d"}, nil); to != s.Date {
			days = "from " + s.Date.Label() + " to " + to.Label()
		}
		return Reply{}, w.Skipped(Notice{Kind: NoticeDue, Date: s.Date, At: s.At}, "Nobody was reminded of what was due "+days+": the program was down.")
	})
	return err
}

// due reminds one person of what is due, in one message a day. Whether any of it
// is still theirs and open is seen when it is said.
func (c *Clock) due(w *Work, _ Job, s strike) error {
	n := Notice{Kind: NoticeDue, User: s.User, Date: s.Date, At: s.At}
	if w.Now.Sub(s.At) > dueLate {
		return w.Skipped(n, "A reminder of what was due on "+s.Date.Label()+" was not sent: the program was down when it was to be.")
	}
	w.notify(n)
	return nil
}

// dueLate is how late somebody is still reminded of what was due on a day when
// that was missed while the program was down.
const dueLate = 12 * time.Hour
