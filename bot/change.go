package bot

import (
	"net/url"
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
	list, err := l.Tx.Events(l.Viewer(), l.Incident.Number, EventFilter{
		Kinds: []EventKind{EventDeclared, EventStatus, EventUpdated, EventResolved, EventReopened, EventCancelled}, Last: true, Limit: 200,
	})
	if err != nil {
		return err
	}
	s := l.Incident.Status
	refusal := Conflict("Incident #%d is %s already", l.Incident.Number, s)
	for k := len(list) - 1; k >= 0; k-- {
		e := list[k]
		if e.Data.Status == s || e.Kind == EventResolved && s == Resolved || e.Kind == EventCancelled && s == Cancelled ||
			s == Investigating && (e.Kind == EventDeclared || e.Kind == EventReopened) {
			return refusal.by(e)
		}
	}
	return refusal.by(Event{})
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
		return Event{}, w.already(0, EventComponent, "%s already", w.describe(changes))
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
		return Event{}, w.already(0, EventSeverity, "Incident #%d is %s already", w.Incident.Number, id)
	}
	return w.Record(Event{Kind: EventSeverity, Data: Data{Severity: id}})
}

// SetTitle names the incident, for the team or (public) for customers.
func SetTitle(w *Work, title Text, public bool) (Event, error) {
	title, err := oneLine("title", title, MaxTitle)
	if err != nil {
		return Event{}, err
	}
	current := w.Incident.Title
	if public {
		if err := w.mayPublish(); err != nil {
			return Event{}, err
		}
		current = w.Incident.CustomerTitle()
	}
	if title == current {
		return Event{}, w.already(0, EventTitle, "It is called that already")
	}
	return w.Record(Event{Kind: EventTitle, Text: title, Public: public, Data: Data{Public: public}})
}

// SetSummary says what the incident is, in a few sentences for the team.
func SetSummary(w *Work, text Text) (Event, error) {
	text, err := body("summary", text)
	if err != nil {
		return Event{}, err
	}
	if text == w.Incident.Summary {
		return Event{}, w.already(0, EventSummary, "The summary reads like that already")
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
		return Event{}, w.roleAlready(role, user)
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

func (l *Look) roleAlready(role string, user UserID) error {
	list, err := l.Tx.Events(l.Viewer(), l.Incident.Number, EventFilter{Kinds: []EventKind{EventRole, EventDeclared}, Last: true, Limit: 100})
	if err != nil {
		return err
	}
	var found Event
	for _, e := range list {
		if e.Data.Role == role && e.Data.User == user || e.Kind == EventDeclared && role == Commander {
			found = e
		}
	}
	return Conflict("<@%s> is %s already", user, l.Settings().Role(role).Name).by(found)
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
			return Event{}, w.already(l.Seq, "", "That link is there already")
		}
	}
	return w.Record(Event{Kind: EventLink, Text: name.OneLine(200), Data: Data{URL: address}})
}

// SetMilestone says when something was reached, whatever the record says. It
// may lie before the declare and be set after the end.
func SetMilestone(w *Work, m Milestone, t time.Time) (Event, error) {
	if err := w.past(string(m), &t); err != nil {
		return Event{}, err
	}
	if old, set := w.Incident.Marks[m]; set && old.Equal(t) {
		return Event{}, w.already(0, EventMilestone, "%s is set to that already", m)
	}
	return w.Record(Event{Kind: EventMilestone, Data: Data{Milestone: m, When: utc(&t)}})
}

// Redact removes the text of entry seq from the record, for everybody and for
// good; that it was there, when, and why it went stays. A public update goes
// off the page with it.
func Redact(w *Work, seq int64, reason Text) (Event, error) {
	reason, err := body("reason", reason)
	if err != nil {
		return Event{}, err
	}
	e, err := w.Tx.Event(w.Viewer(), w.Incident.Number, seq)
	if err != nil {
		return Event{}, err
	}
	if e.Redacted {
		return Event{}, w.already(seq, EventRedacted, "Entry %d was redacted already", seq)
	}
	if e.Text == "" {
		return Event{}, Invalid("Entry %d holds no text.", seq).WithHint("timeline shows the numbers.")
	}
	if err := w.Tx.Redact(w.Incident.Number, seq); err != nil {
		return Event{}, err
	}
	// What the text became part of (title, summary, page) is only known by
	// folding the record again.
	all, err := w.Tx.Events(Self(), w.Incident.Number, EventFilter{})
	if err != nil {
		return Event{}, err
	}
	again := Fold(all)
	again.Version, again.Channel, again.ChannelName = w.Incident.Version, w.Incident.Channel, w.Incident.ChannelName
	w.Incident = again
	return w.Record(Event{Kind: EventRedacted, Text: reason, Data: Data{Ref: seq}})
}
