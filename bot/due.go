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

// duty finds out who is reminded of what on a day, and remembers whom and what it
// has read for that.
type duty struct {
	*Look
	day       Date
	people    map[UserID]Person
	incidents map[int64]*Incident
}

func (l *Look) duty(d Date) *duty {
	return &duty{l, d, map[UserID]Person{}, map[int64]*Incident{}}
}

// each calls fn with everything of which somebody is to be reminded: of who alone,
// or, if that is empty, of everybody.
func (d *duty) each(who UserID, item func(UserID, *FollowUp), postmortem func(UserID, *Incident)) error {
	s := d.Settings()
	for f := (FollowUpFilter{Open: true, Concerns: who, DueBefore: s.remindBefore(d.day), Limit: 500}); ; {
		list, err := d.Tx.FollowUps(Self(), f)
		if err != nil {
			return err
		}
		for _, x := range list {
			f.After = x.Number
			if !s.remindsOn(x.Due, d.day) {
				continue
			}
			to, err := d.responsible(x)
			if err != nil {
				return err
			}
			item(to, x)
		}
		if len(list) < f.Limit {
			break
		}
	}
	for f := (IncidentFilter{Owed: true, Writer: who, Since: d.Now.Add(-pastPostmortems), Limit: 500}); ; {
		list, err := d.Tx.Incidents(Self(), f)
		if err != nil {
			return err
		}
		for _, i := range list {
			f.Before = i.Number
			if s.remindsOn(s.PostmortemDue(i), d.day) {
				to, err := d.writer(i)
				if err != nil {
					return err
				}
				postmortem(to, i)
			}
		}
		if len(list) < f.Limit {
			return nil
		}
	}
}

// remindBefore is a day from which on what is due is not reminded of yet on d.
func (s *Settings) remindBefore(d Date) Date {
	last := d
	for _, r := range s.Followups.Remind {
		if r.Before {
			last = max(last, d.Add(r.Period, s.Holiday))
		}
	}
	return last.Add(Period{maxDaysOff, "d"}, nil)
}

// maxDaysOff is more days off than follow one another.
const maxDaysOff = 60

// responsible is who is reminded of f: its owner, else the incident's commander,
// else who added it; the first of them who can be.
func (d *duty) responsible(f *FollowUp) (UserID, error) {
	i := d.incidents[f.Incident]
	if i == nil {
		var err error
		if i, err = d.Tx.Incident(Self(), f.Incident); err != nil {
			return "", err
		}
		d.incidents[f.Incident] = i
	}
	return d.firstOf(i, f.Owner, i.Roles[Commander], f.AddedBy)
}

// writer is who is reminded of the post-mortem of i: [Incident.PostmortemOwner],
// unless they cannot be.
func (d *duty) writer(i *Incident) (UserID, error) {
	return d.firstOf(i, i.PostmortemOwner(), i.Roles[Commander], i.DeclaredBy)
}

// firstOf is the first of some people who has an account and may know of i.
func (d *duty) firstOf(i *Incident, people ...UserID) (UserID, error) {
	for _, id := range people {
		if id == "" {
			continue
		}
		p, err := d.person(id)
		if err != nil {
			return "", err
		}
		if p.Deleted {
			continue
		}
		if !i.Private {
			return id, nil
		}
		switch _, err := d.Tx.Incident(As(id), i.Number); KindOf(err) {
		case "":
			return id, nil
		case KindNotFound:
		default:
			return "", err
		}
	}
	return "", nil
}

func (d *duty) person(id UserID) (Person, error) {
	if p, ok := d.people[id]; ok {
		return p, nil
	}
	p, err := FindPerson(d.Tx, id)
	if err == nil {
		d.people[id] = p
	}
	return p, err
}

// reminded are the people who are to be reminded of something on d, in order.
func (l *Look) reminded(day Date) ([]Person, error) {
	d := l.duty(day)
	var ids []UserID
	err := d.each("", func(who UserID, _ *FollowUp) { ids = append(ids, who) }, func(who UserID, _ *Incident) { ids = append(ids, who) })
	if err != nil {
		return nil, err
	}
	slices.Sort(ids)
	var out []Person
	for _, id := range slices.Compact(ids) {
		if id != "" {
			out = append(out, d.people[id])
		}
	}
	return out, nil
}

// DueFor is what who is to be reminded of on a day.
func (l *Look) DueFor(who UserID, day Date) (DueItems, error) {
	var out DueItems
	err := l.duty(day).each(who,
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

// remindOwner plans the reminders of f, one of w.Incident, as remindSoon does.
func (w *Work) remindOwner(f *FollowUp) error {
	d := w.duty("")
	d.incidents[f.Incident] = w.Incident
	who, err := d.responsible(f)
	if err != nil {
		return err
	}
	return w.remindSoon(who, f.Due)
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
