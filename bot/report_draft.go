package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// drafter writes what follows from the record. What a machine cannot know, the
// root cause and the lessons, it leaves empty.
type drafter struct {
	s         *Settings
	i         *Incident
	now       time.Time
	rollbacks []*Rollback // oldest first
	deploys   []Deploy    // newest first
}

// draft is a section for those who run incidents and for customers.
func (d *drafter) draft(slug string) (internal, public Text) {
	switch slug {
	case SectionSummary:
		return d.summary()
	case SectionImpact:
		return d.impact()
	case SectionTrigger:
		return d.trigger()
	case SectionResolution:
		return d.resolution()
	}
	return "", ""
}

// clock is a time of day in the report's zone; with the date where that is not
// the day of the incident.
func (d *drafter) clock(t time.Time) string {
	t = t.In(d.s.Zone)
	if DateOf(t) == DateOf(d.began().In(d.s.Zone)) {
		return t.Format("15:04 MST")
	}
	return t.Format("15:04 MST on 2 January")
}

// began is when the impact began, as far as that is known.
func (d *drafter) began() time.Time {
	if t, ok := d.i.At(MilestoneImpact); ok {
		return t
	}
	return d.i.DeclaredAt
}

// itBegan begins what a draft says of the times, behind a title or a summary.
const itBegan = "It began on "

func (d *drafter) summary() (internal, public Text) {
	began := d.began()
	t := itBegan + began.In(d.s.Zone).Format("2 January 2006") + " at " + d.clock(began)
	if at, ok := d.i.At(MilestoneMitigated); ok && at.After(began) {
		t += " and was mitigated at " + d.clock(at) + ", " + roundly(at.Sub(began)) + " later"
	}
	if at, ok := d.i.At(MilestoneResolved); ok {
		t += "; it was resolved at " + d.clock(at)
	}
	t += "."
	public = Plain(EscapeMarkdown(anonymous(d.i.CustomerTitle()).String()) + ". " + t)
	if d.i.Summary != "" && d.i.Summary != RedactedText {
		return Join(d.i.Summary, "\n\n", Plain(t)), public
	}
	return Join(Plain(EscapeMarkdown(d.i.Title.String())), ". ", Plain(t)), public
}

func (d *drafter) impact() (internal, public Text) {
	var lines []string
	for _, c := range d.s.affected(d.i) {
		worstState := Operational
		for _, ch := range d.i.Changes {
			if ch.Component == c.ID && ch.State.Worse(worstState) {
				worstState = ch.State
			}
		}
		if worstState == Operational {
			continue
		}
		lines = append(lines, "- "+EscapeMarkdown(c.Label())+": "+strings.ToLower(worstState.Label())+d.down(c.ID))
	}
	if len(lines) == 0 {
		return "", ""
	}
	t := Plain("Affected were:\n\n" + strings.Join(lines, "\n"))
	return t, t
}

// down says how long a component was not operational. What still was not when the
// incident ended is counted up to then: what is published stays as it was written.
func (d *drafter) down(component string) string {
	until, word := d.now, " so far"
	switch end, over := d.i.At(MilestoneResolved); {
	case d.i.Components[component] == Operational:
		word = " until operational again"
	case over:
		until, word = end, " until the incident ended; it was not operational again then"
	}
	if took := d.i.Downtime(component, until); took > 0 {
		return ", " + roundly(took) + word
	}
	return ""
}

// triggerBefore is how long before the impact a deploy may be and still be
// named.
const triggerBefore = 24 * time.Hour

func (d *drafter) trigger() (internal, public Text) {
	began := d.began()
	k := slices.IndexFunc(d.deploys, func(x Deploy) bool {
		return x.Source != "tocsin" && !x.At().After(began) && began.Sub(x.At()) < triggerBefore
	})
	if k < 0 || len(d.i.Services) == 0 {
		return "", ""
	}
	x := d.deploys[k]
	before := roundly(began.Sub(x.At())) + " before the impact began."
	t := x.Version + " of " + d.s.service(x.Service) + " was deployed to " + x.Environment + " at " + d.clock(x.At())
	internal = Plain(EscapeMarkdown(t))
	if by := ActorText(x.Actor); by != "" {
		if len(by.Users()) == 0 {
			by = Plain(EscapeMarkdown(x.Actor))
		}
		internal = Join(internal, " by ", by)
	}
	return Join(internal, ", ", Plain(before)), Plain("A deploy at " + d.clock(x.At()) + ", " + before)
}

func (d *drafter) resolution() (internal, public Text) {
	var lines []string
	var from, to time.Time
	for _, r := range d.rollbacks {
		for k := range r.Steps {
			s := &r.Steps[k]
			if s.State != RollbackSucceeded || s.SubmittedAt == nil || s.EndedAt == nil {
				continue
			}
			lines = append(lines, "- "+EscapeMarkdown(fmt.Sprintf("%s: %s → %s between %s and %s, %s", r.stepName(s), s.From.Name(), s.To.Name(),
				d.clock(*s.SubmittedAt), d.clock(*s.EndedAt), roundly(s.EndedAt.Sub(*s.SubmittedAt)))))
			if from.IsZero() || s.SubmittedAt.Before(from) {
				from = *s.SubmittedAt
			}
			if s.EndedAt.After(to) {
				to = *s.EndedAt
			}
		}
	}
	if len(lines) > 0 {
		internal = Plain("Rolled back:\n\n" + strings.Join(lines, "\n"))
		public = Plain("The change was rolled back between " + d.clock(from) + " and " + d.clock(to) + ".")
	}
	if d.i.Status == Resolved && d.i.LastText != "" && d.i.LastText != RedactedText {
		internal = Text(strings.TrimSpace(string(Join(internal, "\n\n", d.i.LastText))))
	}
	if last := d.i.LastPublic(); public == "" && last != nil && last.Status == Resolved {
		public = Plain(linked(anonymous(last.Text).String()))
	}
	return internal, public
}

// stepName is a step with its target, which often has the same name.
func (r *Rollback) stepName(s *Step) string {
	if s.Name == r.Target {
		return r.Target
	}
	return r.Target + ", " + s.Name
}
