package bot

import (
	"context"
	"time"
)

// How much one purge removes before it makes way for others. Each incident, and
// each page of jobs, is a transaction of its own.
const (
	purgeIncidents = 100
	purgeMostJobs  = 10_000
	purgeJobPage   = 500
	purgePause     = time.Minute
)

// headJob makes the head of the record on a day, just after it has begun.
func headJob(d Date, zone *time.Location) Job {
	at := d.At(0, zone).Add(10 * time.Minute)
	return Job{Kind: "head", Lane: "clock:head", Dedup: "clock:head:" + string(d), RunAt: at, Payload: Payload(strike{At: at, Date: d})}
}

// purgeJob purges what the policies let go on a day, while most are asleep.
func purgeJob(d Date, zone *time.Location) Job {
	at := d.At(0, zone).Add(3*time.Hour + 30*time.Minute)
	return Job{Kind: "purge", Lane: "clock:purge", Dedup: "clock:purge:" + string(d), RunAt: at, Payload: Payload(strike{At: at, Date: d})}
}

// nextDay is the first day that begins after both d and now.
func (c *Clock) nextDay(d Date) Date {
	return max(d, DateOf(c.bot.Now().In(c.bot.Settings.Zone))).Add(Period{1, "d"}, nil)
}

// head makes the head of the record, writes it to the log, and has it posted. One
// that was missed while the program was down is made late, once. The record is
// read before the transaction, since that takes longer the more there is.
func (c *Clock) head(ctx context.Context, s strike) error {
	head, err := RecordHeadAt(ctx, c.bot.Store, HeadCut(c.bot.Now()))
	if err != nil {
		return err
	}
	zone := c.bot.Settings.Zone
	_, err = c.bot.Carry(ctx, Request{}, func(w *Work) (Reply, error) {
		w.planClock(headJob(c.nextDay(s.Date), zone))
		if channel := w.Settings().AuditChannel; channel != "" && head.Entries > 0 {
			// One a day, also when that of a day before comes late beside it.
			day := max(s.Date, DateOf(w.Now.In(zone)))
			w.notify(Notice{Kind: NoticeHead, Channel: channel, Head: head.String(), Date: day, At: headJob(day, zone).RunAt})
		}
		return Reply{}, nil
	})
	if err == nil && head.Entries > 0 {
		c.bot.Log.Info("the head of the record", "head", head.String())
	}
	return err
}

func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return itoa(n) + " entries"
}

// HeadMessage is what is said of a head.
func (s *Settings) HeadMessage(n Notice) Message {
	h, err := ParseRecordHead(n.Head)
	if err != nil {
		return Message{}
	}
	return Say("The head of the record as of ", Moment(h.At), ": ",
		Plain(entries(h.Entries)+" in "+count(int(h.Streams), "stream")+".")).
		With(Para(Code(n.Head)), Small("tocsin audit verify --head checks the record against it.")).Message
}

// purge removes what the policies let go, a part at a time.
func (c *Clock) purge(ctx context.Context, s strike) error {
	keep, now := c.bot.Settings.Retention, c.bot.Now()
	zone := c.bot.Settings.Zone
	more := false
	if p := keep.Incidents; !p.Zero() {
		m, err := c.purgeIncidents(ctx, ago(p, now.In(zone)))
		if err != nil {
			return err
		}
		more = m
	}
	var gone int64
	if p := keep.Jobs; !p.Zero() {
		m, n, err := c.purgeJobs(ctx, ago(p, now.In(zone)))
		if err != nil {
			return err
		}
		more, gone = more || m, n
	}
	_, err := c.bot.Carry(ctx, Request{}, func(w *Work) (Reply, error) {
		next := purgeJob(c.nextDay(s.Date), zone)
		if more {
			at := w.Now.Add(purgePause)
			next = purgeJob(s.Date, zone)
			next.Dedup += ":" + itoa(int64(s.N+1))
			next.RunAt, next.Payload = at, Payload(strike{At: at, Date: s.Date, N: s.N + 1})
		}
		w.planClock(next)
		if gone == 0 {
			return Reply{}, nil
		}
		_, err := w.RecordHouse(Event{Kind: EventPurged, Data: Data{Purge: &PurgeMark{What: PurgedJobs, Policy: keep.Jobs.String(), Count: gone}}})
		return Reply{}, err
	})
	return err
}

// ago is the time p before t. Policies know no business days.
func ago(p Period, t time.Time) time.Time { return Period{-p.N, p.Unit}.From(t, nil) }

// purgeIncidents purges incidents that were over before a time, and reports whether
// there may be more.
func (c *Clock) purgeIncidents(ctx context.Context, before time.Time) (more bool, err error) {
	for done, after := 0, House; done < purgeIncidents; {
		var over []int64
		err := c.bot.Store.View(ctx, func(tx ReadTx) (err error) {
			over, err = tx.Over(after, before, purgeIncidents)
			return err
		})
		if err != nil || len(over) == 0 {
			return false, err
		}
		for _, number := range over {
			after = number
			purged := false
			_, err := c.bot.Carry(ctx, Request{}, func(w *Work) (_ Reply, err error) {
				purged, err = w.purge(number, before)
				return Reply{}, err
			})
			if err != nil && KindOf(err) != KindNotFound {
				return false, err
			}
			if purged {
				done++
			}
		}
	}
	return true, nil
}

// purge removes an incident that is still over, and tells the house. One whose
// record does not verify stays as it is: it is evidence.
func (w *Work) purge(number int64, before time.Time) (bool, error) {
	if err := w.Lock(number); err != nil {
		return false, err
	}
	over, err := w.Tx.Over(number-1, before, 1)
	if err != nil || len(over) == 0 || over[0] != number {
		return false, err
	}
	events, err := w.Tx.Events(Self(), number, EventFilter{})
	if err != nil {
		return false, err
	}
	if fault := broken(events, w.Incident.Head); fault != "" {
		w.Bot.Log.Warn("an incident is not purged: its record does not verify", "incident", number, "fault", fault)
		return false, nil
	}
	t := entomb(events)
	e, err := w.RecordHouse(Event{Kind: EventPurged, Data: Data{Purge: &PurgeMark{
		What: PurgedIncident, Policy: w.Settings().Retention.Incidents.String(),
		Count: t.Head.Seq, Incident: number, Hash: t.Head.Hash, Chain: t.sum(),
	}}})
	if err != nil {
		return false, err
	}
	t.Entry = e.Seq
	return true, w.Tx.Purge(number, t)
}

// broken says why events are not the whole stream that ends with head; empty: they
// are.
func broken(events []Event, head Head) string {
	var last Head
	for _, e := range events {
		if err := e.Verify(last); err != nil {
			return err.Error()
		}
		last = e.Head()
	}
	if last.Seq != head.Seq || last.Hash != head.Hash {
		return "its row does not hold the end of it"
	}
	return ""
}

// purgeJobs drops effects that were done before a time, and reports whether there
// may be more, and how many are gone.
func (c *Clock) purgeJobs(ctx context.Context, before time.Time) (more bool, gone int64, err error) {
	var d DroppedJobs
	for gone < purgeMostJobs {
		last := d.Last
		err := c.bot.Store.Update(ctx, func(tx Tx) (err error) {
			d, err = tx.DropJobs(last, before, purgeJobPage)
			return err
		})
		if err != nil {
			return false, gone, err
		}
		if gone += d.Count; !d.More {
			return false, gone, nil
		}
	}
	return true, gone, nil
}
