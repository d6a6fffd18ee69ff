package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Nudge is what is said when the clock of a team or of customers strikes. ok is
// false when there is nothing to say any more: the clock has moved since n.At, or
// has struck again, which says it anew.
func (s *Settings) Nudge(n Notice, i *Incident, now time.Time) (m Message, ok bool) {
	if !s.nudgesAt(string(n.Kind), i, n.At) {
		return Message{}, false
	}
	if next, again := s.nudgeAfter(string(n.Kind), i, n.At); again && !now.Before(next) {
		return Message{}, false
	}
	d, _ := s.deadline(string(n.Kind), i)
	if n.Kind == NoticePublic {
		return s.publicNudge(i, d, now), true
	}
	return s.teamNudge(i, d, now), true
}

// nudge is a message to somebody.
func nudge(i *Incident, to, what Text) Message {
	line := what
	if to != "" {
		line = Join(to, ": ", what)
	}
	return Message{Summary: Join(Plain(fmt.Sprintf("#%d: ", i.Number)), line), Blocks: []Block{Para(line)}}
}

// asks is what the severity's policy wants: SEV1 asks for WHAT every 30 min.
func (s *Settings) asks(i *Incident, what string, every time.Duration) Text {
	return Plain(fmt.Sprintf("%s asks for %s every %s.", strings.ToUpper(s.Severity(i.Severity).ID), what, roundly(every)))
}

func (s *Settings) teamNudge(i *Incident, d Deadline, now time.Time) Message {
	var what Text
	switch early := now.Before(d.At); {
	case early && d.Promised:
		what = Join("An update was promised by ", Moment(d.At), ".")
	case early:
		what = Join("An update for the team is due by ", Moment(d.At), ".")
	case d.Promised:
		what = Join("An update was promised by ", Moment(d.At), " and has not come.")
	default:
		what = Join(Plain("The team has heard nothing for "+roundly(now.Sub(i.LastUpdate))+"; "), s.asks(i, "an update", d.Every))
	}
	buttons := []Button{
		{Label: "Update", Line: "update", Style: "primary"}, {Label: "Remind me in 10 min", Line: "remind in 10m Update the team"},
	}
	to := Text("")
	if c := i.Roles[Commander]; c != "" {
		to = MentionUser(c)
	} else {
		what = Join(what, " Nobody is ", Plain(strings.ToLower(s.Role(Commander).Name)), ".")
		buttons = append(buttons, takeCommand())
	}
	return nudge(i, to, what).with(Buttons(buttons...))
}

func takeCommand() Button { return Button{Label: "Take command", Line: "ic"} }

func (s *Settings) publicNudge(i *Incident, d Deadline, now time.Time) Message {
	early, last := now.Before(d.At), i.LastPublic()
	var what Text
	switch {
	case d.First && early:
		what = Join("Customers read nothing yet. ", s.firstAsk(i), ", by ", Moment(d.At), ".")
	case d.First:
		what = Join(Plain("Customers read nothing yet, "+roundly(now.Sub(i.DeclaredAt))+" after the declare. "), s.firstAsk(i), ".")
	case d.Promised && early:
		what = Join("Customers were promised an update by ", Moment(d.At), ".")
	case d.Promised:
		what = Join("Customers were promised an update by ", Moment(d.At), ", and it has not come.")
	case early:
		what = Join("An update for customers is due by ", Moment(d.At), ".")
	default:
		what = Join(Plain("Customers have read nothing new for "+roundly(now.Sub(last.At))+"; "), s.asks(i, "an update", d.Every))
	}
	buttons := []Button{{Label: "Tell customers", Line: "update --public", Style: "primary"}}
	to := s.publishers(i)
	if to == "" && i.Roles[Commander] == "" {
		what = Join(what, " Nobody is ", Plain(strings.ToLower(s.Role(Commander).Name)), ".")
		buttons = append(buttons, takeCommand())
	}
	m := nudge(i, to, what)
	if last != nil {
		m.Blocks = append(m.Blocks, Quote(anonymous(last.Text).OneLine(600)), Small("What customers read last, ", Moment(last.At)))
	}
	return m.with(Buttons(buttons...))
}

// firstAsk is what the severity's policy wants of the first public update.
func (s *Settings) firstAsk(i *Incident) Text {
	sev := s.Severity(i.Severity)
	return Plain(fmt.Sprintf("%s asks for a first update within %s", strings.ToUpper(sev.ID), roundly(sev.FirstPublic)))
}

// publishers mentions those who may speak to customers: who holds a role in i
// that lets them, else the groups and people named, else the administrators.
func (s *Settings) publishers(i *Incident) Text {
	names := s.Permissions[RightPublish]
	roles := names
	if slices.Contains(names, everyone) {
		roles = append(slices.Clone(names), Commander)
	}
	var out []Text
	for _, name := range roles {
		if id := i.Roles[name]; id != "" {
			out = append(out, MentionUser(id))
		}
	}
	if len(out) == 0 {
		out = mentions(names)
	}
	if len(out) == 0 && slices.Contains(names, string(RightAdmin)) {
		out = mentions(s.Permissions[RightAdmin])
	}
	var line Text
	for k, t := range out {
		if slices.Contains(out[:k], t) {
			continue // one person may hold two roles
		}
		if k > 0 {
			line = Join(line, ", ")
		}
		line = Join(line, t)
	}
	return line
}

// mentions are those of a right's names that are groups or people.
func mentions(names []string) []Text {
	var out []Text
	for _, name := range names {
		switch {
		case IsUserID(name):
			out = append(out, MentionUser(UserID(name)))
		case IsGroupID(name):
			out = append(out, MentionGroup(GroupID(name)))
		}
	}
	return out
}

// lateBy is how late a reminder may be without saying so.
const lateBy = 2 * time.Minute

// Message is a reminder that is given.
func (r *Reminder) Message(now time.Time) Message {
	who, number := Text("You"), Text("")
	if r.Incident != House {
		who, number = MentionUser(r.User), Plain(fmt.Sprintf("#%d: ", r.Incident))
	}
	line := Join(who, " asked to be reminded: ", r.Text)
	m := Message{Summary: Join(number, line), Blocks: []Block{Para(line)}}
	if now.Sub(r.At) > lateBy {
		m.Blocks = append(m.Blocks, Small("Late: it was due ", Moment(r.At)))
	}
	// A line is read as what it shows, so one that would read as something else is
	// not offered.
	if text := r.Text.String(); ParseRefs(text) == r.Text && r.Text != RedactedText {
		m = m.with(Buttons(Button{Label: "Again in 20 min", Line: "remind in 20m -- " + text}, Button{Label: "Again in 1 h", Line: "remind in 1h -- " + text}))
	}
	return m
}
