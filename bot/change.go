package bot

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// SetStatus sets where the incident stands. An ended incident refuses; see
// [Reopen].
func SetStatus(w *Work, s Status, at *time.Time) (Event, error) {
	if s == Resolved {
		return Resolve(w, ResolveDraft{At: at})
	}
	if err := w.mayTurn(s); err != nil {
		return Event{}, err
	}
	if err := w.past("--at", at); err != nil {
		return Event{}, err
	}
	if s == w.Incident.Status {
		return Event{}, w.statusAlready()
	}
	return w.Record(Event{Kind: EventStatus, At: orNow(at), Data: Data{Status: s}})
}

// statusAlready says who gave the incident the status that it has.
func (l *Look) statusAlready() error {
	s := l.Incident.Status
	return l.already(func(e Event) bool {
		return e.Data.Status == s && e.Kind != EventPublished || s == Investigating && e.Kind == EventDeclared
	}, "Incident #%d is %s already", l.Incident.Number, s)
}

// SetComponents sets the states of components, which must be configured. What
// is so already is left out; when nothing is left it is a conflict.
func SetComponents(w *Work, changes []ComponentChange, at *time.Time) (Event, error) {
	if err := w.past("--at", at); err != nil {
		return Event{}, err
	}
	changed := w.Incident.news(changes)
	if len(changes) == 0 {
		return Event{}, Invalid("Which component?")
	}
	if len(changed) == 0 && at == nil {
		return Event{}, w.already(func(e Event) bool {
			return slices.ContainsFunc(e.Data.Components, func(c ComponentChange) bool { return c.Component == changes[0].Component })
		}, "%s already", w.describe(changes))
	}
	if len(changed) == 0 {
		changed = changes
	}
	return w.Record(Event{Kind: EventComponent, At: orNow(at), Data: Data{Components: changed}})
}

// news drops the changes that change nothing.
func (i *Incident) news(changes []ComponentChange) []ComponentChange {
	var out []ComponentChange
	for _, c := range changes {
		if old, set := i.Components[c.Component]; !set || old != c.State {
			out = append(out, c)
		}
	}
	return out
}

func (l *Look) describe(changes []ComponentChange) string {
	parts := make([]string, len(changes))
	for k, c := range changes {
		parts[k] = l.Settings().Component(c.Component).Name + " is " + strings.ToLower(c.State.Label())
	}
	return strings.Join(parts, ", ")
}

// SetSeverity sets how bad it is.
func SetSeverity(w *Work, id string) (Event, error) {
	if id == w.Incident.Severity && !w.Incident.Assumed {
		return Event{}, w.already(ofKind(EventSeverity, EventDeclared), "Incident #%d is %s already", w.Incident.Number, id)
	}
	return w.Record(Event{Kind: EventSeverity, Data: Data{Severity: id}})
}

// SetTitle names the incident, for the team or (public) for customers, who read
// the team's title until they have one of their own. Somebody without
// [RightPublish] changes nothing that customers read.
func SetTitle(w *Work, title Text, public bool) (Event, error) {
	title, err := oneLine("title", title, MaxTitle)
	if err != nil {
		return Event{}, err
	}
	e := Event{Kind: EventTitle, Text: title, Public: public, Data: Data{Public: public}}
	current := w.Incident.Title
	if public {
		if err := w.mayPublish(); err != nil {
			return Event{}, err
		}
		current = w.Incident.PublicTitle
	} else {
		e.Data.Kept = w.Incident.Published() && !w.May(RightPublish)
	}
	if title == current {
		return Event{}, w.already(func(e Event) bool {
			return e.Kind == EventTitle && e.Data.Public == public || e.Kind == EventDeclared && !public
		}, "It is called that already")
	}
	return w.Record(e)
}

// SetSummary says what the incident is, in a few sentences for the team.
func SetSummary(w *Work, text Text) (Event, error) {
	text, err := body("summary", text)
	if err != nil {
		return Event{}, err
	}
	if text == w.Incident.Summary {
		return Event{}, w.already(ofKind(EventSummary), "The summary reads like that already")
	}
	return w.Record(Event{Kind: EventSummary, Text: text})
}

// Assign gives a role, which must be configured, to user (empty: to nobody).
func Assign(w *Work, role string, user UserID) (Event, error) {
	if w.Incident.Roles[role] == user && (role != Commander || !w.Incident.Acting) {
		name := w.Settings().Role(role).Name
		if user == "" {
			return Event{}, Conflict("Nobody is %s.", name)
		}
		return Event{}, w.already(func(e Event) bool {
			return e.Data.Role == role && e.Data.User == user || e.Kind == EventDeclared && role == Commander
		}, "<@%s> is %s already", user, name)
	}
	if user != "" {
		p, err := w.Tx.Person(user)
		if err != nil && KindOf(err) != KindNotFound {
			return Event{}, err
		}
		if p.Deleted || p.Bot {
			return Event{}, Invalid("<@%s> has no active account, so nobody would answer.", user)
		}
	}
	return w.Record(Event{Kind: EventRole, Data: Data{Role: role, User: user}})
}

// AddNote adds to the timeline and tells nobody.
func AddNote(w *Work, text Text, at *time.Time) (Event, error) {
	text, err := body("note", text)
	if err != nil {
		return Event{}, err
	}
	if err := w.past("--at", at); err != nil {
		return Event{}, err
	}
	return w.Record(Event{Kind: EventNote, Text: text, At: orNow(at)})
}

// AddLink adds a link; name may be empty.
func AddLink(w *Work, address string, name Text) (Event, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(address) > 2000 {
		return Event{}, Invalid("%q is no web address.", address).WithHint("Write link https://example.com/dashboard NAME.")
	}
	for _, l := range w.Incident.Links {
		if l.URL == address {
			return Event{}, w.already(func(e Event) bool { return e.Seq == l.Seq }, "That link is there already")
		}
	}
	return w.Record(Event{Kind: EventLink, Text: Join(Plain(u.String()), " ", name.OneLine(200)).OneLine(0)})
}

// SetMilestone says when something was reached, whatever the record says. It
// may lie before the declare and be set after the end.
func SetMilestone(w *Work, m Milestone, t time.Time) (Event, error) {
	if err := w.past(string(m), &t); err != nil {
		return Event{}, err
	}
	if old, set := w.Incident.Marks[m]; set && old.Equal(t) {
		return Event{}, w.already(func(e Event) bool { return e.Data.Milestone == m }, "%s is set to that already", m)
	}
	return w.Record(Event{Kind: EventMilestone, Data: Data{Milestone: m, When: utc(&t)}})
}
