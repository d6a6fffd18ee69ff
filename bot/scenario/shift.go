package scenario

import (
	"regexp"
	"slices"
	"time"
)

// localTime is a time of day as a text tells it, in the zone of the source.
var localTime = regexp.MustCompile(`\b([01]?\d|2[0-3]):([0-5]\d) local\b`)

// Shift returns s as if all of it had happened later by d, which may be negative.
// Times of day that texts name move, too, and are then told with their zone.
func (s *Scenario) Shift(d time.Duration) *Scenario {
	out := *s
	day := s.Begin()
	for _, p := range out.Milestones.all() {
		if *p != nil {
			moved := (*p).Add(d)
			*p = &moved
		}
	}
	out.Events = slices.Clone(s.Events)
	for k := range out.Events {
		e := &out.Events[k]
		e.Text = s.retime(e.Text, e.At, d)
		e.At = e.At.Add(d)
	}
	if s.Postmortem != nil {
		p := *s.Postmortem
		for _, text := range []*string{&p.Summary, &p.Impact, &p.RootCause, &p.Trigger, &p.Resolution} {
			*text = s.retime(*text, day, d)
		}
		out.Postmortem = &p
	}
	return &out
}

// retime moves the times of day in text, which are of the day of near.
func (s *Scenario) retime(text string, near time.Time, d time.Duration) string {
	zone := s.Location()
	y, m, day := near.In(zone).Date()
	return localTime.ReplaceAllStringFunc(text, func(found string) string {
		clock, err := time.Parse("15:04 local", found)
		if err != nil {
			return found
		}
		return time.Date(y, m, day, clock.Hour(), clock.Minute(), 0, 0, zone).Add(d).Format("15:04 MST")
	})
}
