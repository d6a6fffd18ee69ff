package grown

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// people is how many the workspace has.
const people = 500

// story is what happened in one incident.
type story struct {
	o       Options
	r       *rand.Rand
	i       *bot.Incident
	events  []bot.Event
	at      time.Time // of the last entry
	pace    time.Duration
	open    bool
	public  bool
	private bool

	followUps []*bot.FollowUp
	reminder  *bot.Reminder
	rollback  *bot.Rollback
}

// tell returns the story of an incident: who declares it, what is written while it
// lasts, how it ends, and what is left to be done.
func tell(o Options, number int) *story {
	s := &story{o: o, r: rand.New(rand.NewPCG(o.Seed, uint64(number))), i: &bot.Incident{Number: int64(number)}} //nolint:gosec // the same in every run
	rank := o.Incidents - number                                                                                 // 0: the newest
	s.open = rank < o.Open
	s.private = number%50 == 7
	s.public = s.open && rank < o.Public || !s.open && number%o.Told == 0
	s.private = s.private && !s.public
	s.at = o.Now.Add(-time.Duration(rank+1) * (o.Age / time.Duration(o.Incidents)))
	if s.open {
		s.at = o.Now.Add(-time.Hour - time.Duration(rank)*time.Minute)
	}
	total := s.entries()
	s.pace = min(4*time.Minute, o.Now.Sub(s.at)/time.Duration(total+1))
	s.declare()
	s.middle(total - 1 - s.endings())
	s.end()
	return s
}

// entries is how many entries the incident has: 2/5, once or three times the mean.
func (s *story) entries() int {
	mean := s.o.Events / s.o.Incidents
	switch k := s.i.Number * 7 % 20; {
	case k < 10:
		return mean * 2 / 5
	case k < 17:
		return mean
	}
	return mean * 3
}

// add appends an entry some time after the last one.
func (s *story) add(e bot.Event) bot.Event {
	s.at = s.at.Add(s.pace/2 + time.Duration(s.r.Int64N(int64(s.pace/2))))
	e.Incident = s.i.Number
	if e.Via == "" {
		e.Via = bot.ViaSlack
	}
	e = e.Seal(s.i.Head, s.at)
	s.i.Apply(e)
	s.events = append(s.events, e)
	return e
}

func (s *story) who() bot.UserID { return person(s.r.IntN(people)) }

func person(n int) bot.UserID { return bot.UserID(fmt.Sprintf("U0P%05d", n)) }

func (s *story) declare() {
	who := s.who()
	s.add(bot.Event{Kind: bot.EventDeclared, Actor: who, Text: s.say(4 + s.r.IntN(5)), Data: bot.Data{
		Severity: pick(s.r, "sev1", "sev2", "sev2", "sev3", "sev3", "sev3"), User: who, Private: s.private,
		Drill: !s.open && s.i.Number%40 == 3, Services: []string{pick(s.r, "api", "web", "search")}, Origin: "C0GENERAL",
	}})
}

// middle writes n entries.
func (s *story) middle(n int) {
	for k := range n {
		switch p := s.r.IntN(100); {
		case k == 0:
			s.add(bot.Event{Kind: bot.EventRole, Actor: s.who(), Data: bot.Data{Role: bot.Commander, User: s.who()}})
		case k == 1 && s.public || p < 6:
			s.update(pick(s.r, bot.Investigating, bot.Identified, bot.Monitoring))
		case k == 2 && s.i.Number%20 == 9:
			s.rollBack(bot.RollbackSucceeded)
		case k == 3 && s.i.Number%10 == 7:
			s.remind()
		case p < 16:
			s.add(bot.Event{Kind: bot.EventUpdated, Actor: s.who(), Text: s.say(20)})
		case p < 20:
			s.add(bot.Event{Kind: bot.EventStatus, Actor: s.who(), Data: bot.Data{Status: pick(s.r, bot.Identified, bot.Monitoring)}})
		case p < 23:
			s.add(bot.Event{Kind: bot.EventDeploy, Via: bot.ViaBot, Text: s.say(4), Data: bot.Data{Deploy: &bot.DeployMark{
				Source: "generic", Service: "api", Kind: bot.DeployOf, Status: bot.DeploySucceeded,
			}}})
		case p < 25:
			s.add(bot.Event{Kind: bot.EventLink, Actor: s.who(), Text: "https://grafana.example.com/d/api " + s.say(3)})
		default:
			s.add(bot.Event{Kind: bot.EventNote, Actor: s.who(), Text: s.say(6 + s.r.IntN(18))})
		}
	}
}

// update tells the team, and customers where they read of it. What was promised
// next lies so far ahead that no clock strikes in what is measured.
func (s *story) update(status bot.Status) {
	e := bot.Event{Kind: bot.EventUpdated, Actor: s.who(), Text: s.say(16), Data: bot.Data{Status: status}}
	if s.open {
		e.Data.NextBy = s.far()
	}
	if s.public && len(s.i.Updates) < 4 {
		e.Public = true
		e.Data.Components = []bot.ComponentChange{{Component: "api", State: bot.PartialOutage}}
	}
	s.add(e)
}

func (s *story) far() *time.Time { at := s.o.Now.Add(300 * 24 * time.Hour); return &at }

// endings is how many entries end writes.
func (s *story) endings() int {
	if s.open {
		return 1
	}
	return 2 + s.items()
}

// items is how many action items the incident leaves.
func (s *story) items() int {
	if s.open {
		return 0
	}
	return int(s.i.Number % 3)
}

// end resolves the incident, unless it is one that goes on: then the last entry is
// an update, so that what was promised holds.
func (s *story) end() {
	if s.open {
		e := bot.Event{Kind: bot.EventUpdated, Actor: s.who(), Text: s.say(16), Public: s.public, Data: bot.Data{NextBy: s.far()}}
		s.add(e)
		return
	}
	e := bot.Event{Kind: bot.EventResolved, Actor: s.who(), Text: s.say(12), Public: s.public}
	if s.i.Number%25 == 4 {
		e.Kind = bot.EventCancelled
	}
	if s.public {
		e.Data.Components = []bot.ComponentChange{{Component: "api", State: bot.Operational}}
	}
	s.add(e)
	for k := range s.items() {
		s.followUp(k)
	}
	if s.o.Incidents-int(s.i.Number) < s.o.Open+20 { // the newest still have theirs before them
		s.add(bot.Event{Kind: bot.EventPostmortem, Actor: s.who(), Data: bot.Data{Postmortem: &bot.PostmortemMark{What: bot.PostmortemMoved, Due: bot.DateOf(*s.far())}}})
		return
	}
	what := pick(s.r, bot.PostmortemPublished, bot.PostmortemSkipped)
	s.add(bot.Event{Kind: bot.EventPostmortem, Actor: s.who(), Text: s.say(8), Data: bot.Data{Postmortem: &bot.PostmortemMark{What: what}}})
}

// words are what texts are made of, the first ones oftener.
var words = strings.Fields(`the latency of checkout went up after deploy and error rate database is back to normal in both clusters we see
timeouts from payment provider cache misses are high on primary replica lag grows connection pool exhausted rolling restart helps not
retry storm from mobile clients queue depth falls now disk full on node index rebuild certificate expired dns resolver slow packet loss between zones
customers report blank page login fails for some tenants webhook delivery delayed search returns nothing export stuck invoice job memory leak
kernel panic scheduler starved garbage collector pause throttled quota limit raised feature flag disabled config rolled forward canary healthy`)

// say makes a sentence of n words, some of them rare ones.
func (s *story) say(n int) bot.Text {
	var b strings.Builder
	for k := range n {
		if k > 0 {
			b.WriteByte(' ')
		}
		if s.r.IntN(15) == 0 {
			fmt.Fprintf(&b, "node-%d", s.r.IntN(5000))
			continue
		}
		b.WriteString(words[min(s.r.IntN(len(words)), s.r.IntN(len(words)))])
	}
	return bot.Text(b.String())
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
