package bot

import (
	"slices"
	"time"
)

// DueItems is what a person is reminded of.
type DueItems struct {
	FollowUps   []*FollowUp
	Postmortems []*Incident
}

// Empty reports whether there is nothing.
func (d DueItems) Empty() bool { return len(d.FollowUps) == 0 && len(d.Postmortems) == 0 }

// pastPostmortems is how far back post-mortems are reminded of.
const pastPostmortems = 180 * 24 * time.Hour

// dueOn calls fn with everything of which somebody is to be reminded on d.
func (l *Look) dueOn(d Date, item func(UserID, *FollowUp), postmortem func(UserID, *Incident)) error {
	s := l.Settings()
	incidents := map[int64]*Incident{}
	for f := (FollowUpFilter{Open: true, Limit: 500}); ; {
		list, err := l.Tx.FollowUps(Self(), f)
		if err != nil {
			return err
		}
		for _, x := range list {
			f.After = x.Number
			if !s.remindsOn(x.Due, d) {
				continue
			}
			who, err := l.responsible(x, incidents)
			if err != nil {
				return err
			}
			item(who, x)
		}
		if len(list) < f.Limit {
			break
		}
	}
	for f := (IncidentFilter{Since: l.Now.Add(-pastPostmortems), Limit: 500}); ; {
		list, err := l.Tx.Incidents(Self(), f)
		if err != nil {
			return err
		}
		for _, i := range list {
			f.Before = i.Number
			if s.remindsOn(s.PostmortemDue(i), d) {
				who, err := l.writer(i)
				if err != nil {
					return err
				}
				postmortem(who, i)
			}
		}
		if len(list) < f.Limit {
			return nil
		}
	}
}

// responsible is who is reminded of f: its owner, else the incident's commander,
// else who added it; the first of them who can be.
func (l *Look) responsible(f *FollowUp, known map[int64]*Incident) (UserID, error) {
	i := known[f.Incident]
	if i == nil {
		var err error
		if i, err = l.Tx.Incident(Self(), f.Incident); err != nil {
			return "", err
		}
		known[f.Incident] = i
	}
	return l.firstOf(i, f.Owner, i.Roles[Commander], f.AddedBy)
}

// writer is who is reminded of the post-mortem of i: [Incident.PostmortemOwner],
// unless they cannot be.
func (l *Look) writer(i *Incident) (UserID, error) {
	return l.firstOf(i, i.PostmortemOwner(), i.Roles[Commander], i.DeclaredBy)
}

// firstOf is the first of some people who has an account and may know of i.
func (l *Look) firstOf(i *Incident, people ...UserID) (UserID, error) {
	for _, id := range people {
		if id == "" {
			continue
		}
		p, err := FindPerson(l.Tx, id)
		if err != nil {
			return "", err
		}
		if p.Deleted {
			continue
		}
		if !i.Private {
			return id, nil
		}
		switch _, err := l.Tx.Incident(As(id), i.Number); KindOf(err) {
		case "":
			return id, nil
		case KindNotFound:
		default:
			return "", err
		}
	}
	return "", nil
}

// Reminded are the people who are to be reminded of something on d, in order.
func (l *Look) Reminded(d Date) ([]UserID, error) {
	var out []UserID
	err := l.dueOn(d, func(who UserID, _ *FollowUp) { out = append(out, who) }, func(who UserID, _ *Incident) { out = append(out, who) })
	out = slices.DeleteFunc(out, func(id UserID) bool { return id == "" })
	slices.Sort(out)
	return slices.Compact(out), err
}

// DueFor is what who is to be reminded of on d.
func (l *Look) DueFor(who UserID, d Date) (DueItems, error) {
	var out DueItems
	err := l.dueOn(d,
		func(id UserID, f *FollowUp) {
			if id == who {
				out.FollowUps = append(out.FollowUps, f)
			}
		},
		func(id UserID, i *Incident) {
			if id == who {
				out.Postmortems = append(out.Postmortems, i)
			}
		})
	return out, err
}

// remindHour is the hour of the day, in the owner's zone, at which they are
// reminded of what is due.
const remindHour = 9

// dueJob reminds somebody of what is due on d.
func dueJob(p Person, d Date, zone *time.Location) Job {
	zone, _ = p.Location(zone)
	lane := "clock:due:" + string(p.ID) + ":" + string(d)
	at := d.At(remindHour, zone)
	return Job{Kind: "due", Lane: lane, Dedup: lane, RunAt: at, Payload: Payload(strike{At: at, User: p.ID, Date: d})}
}

// remindSoon plans the reminders of the days that [Clock] has looked through
// already: what is added, moved or handed over today may be due tomorrow.
func (w *Work) remindSoon(who UserID, due Date) error {
	if who == "" || due == "" {
		return nil
	}
	p, err := FindPerson(w.Tx, who)
	if err != nil {
		return err
	}
	latest := newest(w.Now)
	for d := oldest(w.Now); d <= latest; d = d.Add(Period{1, "d"}, nil) {
		if j := dueJob(p, d, w.Settings().Zone); j.RunAt.After(w.Now) && w.Settings().remindsOn(due, d) {
			w.planClock(j)
		}
	}
	return nil
}

// newest is the day of t where it is latest, oldest where it is earliest.
func newest(t time.Time) Date { return DateOf(t.UTC().Add(14 * time.Hour)) }
func oldest(t time.Time) Date { return DateOf(t.UTC().Add(-12 * time.Hour)) }
