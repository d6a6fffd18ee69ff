package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// MaxTitle is the longest title in runes; MaxText the longest of other texts.
// Slack itself takes 40,000 characters in a message.
const (
	MaxTitle = 1000
	MaxText  = 30_000
)

// LinkReply is the link under which the place for a later answer to a declare
// is kept until it was used.
const LinkReply = "reply"

// Owner is the owner of an incident's links.
func Owner(incident int64) string { return Stream(incident) }

// Draft is what an incident is declared with.
type Draft struct {
	Title    Text
	Severity string // empty: the default one, which counts as assumed
	Services []string
	Since    *time.Time // when the impact started
	Private  bool
	Drill    bool
}

// Declare opens an incident. The declarer is its acting commander. Needs
// [RightDeclare].
func Declare(w *Work, d Draft) (Event, error) {
	if err := w.Need(RightDeclare); err != nil {
		return Event{}, err
	}
	title, err := oneLine("title", d.Title, MaxTitle)
	if err != nil {
		return Event{}, err
	}
	if err := w.past("--since", d.Since); err != nil {
		return Event{}, err
	}
	assumed := d.Severity == ""
	if assumed {
		d.Severity = w.Settings().DefaultSeverity
	}
	number, err := w.Tx.NextNumber()
	if err != nil {
		return Event{}, err
	}
	w.Incident = &Incident{Number: number, Private: d.Private}
	if err := w.Tx.CreateIncident(w.Incident); err != nil {
		return Event{}, err
	}
	if w.Req.ReplyURL != "" {
		if err := w.Tx.SetLink(Link{Owner(number), LinkReply, w.Req.ReplyURL}); err != nil {
			return Event{}, err
		}
	}
	return w.Record(Event{Kind: EventDeclared, Text: title, Data: Data{
		Severity: d.Severity, Assumed: assumed, Services: d.Services, When: utc(d.Since),
		Private: d.Private, Drill: d.Drill, Origin: w.Req.Channel, User: w.Who.ID, Acting: true,
	}})
}

// FindDuplicate returns an open incident, declared within
// [Settings.DuplicateWithin], that d seems to be about, too: one of the same
// service, or with nearly the same title. Nil: none that the person may see.
func FindDuplicate(l *Look, d Draft) (*Incident, error) {
	recent, err := l.Tx.Incidents(l.Viewer(), IncidentFilter{
		Open: true, Since: l.Now.Add(-l.Settings().DuplicateWithin), Limit: 50,
	})
	if err != nil {
		return nil, err
	}
	for _, i := range recent {
		if i.Drill != d.Drill {
			continue
		}
		if sharesService(i.Services, d.Services) || similar(i.Title.String(), d.Title.String()) {
			return i, nil
		}
	}
	return nil, nil
}

func sharesService(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// similar reports whether two titles share most of their words: at least two
// thirds of the words of the shorter one, and two of them.
func similar(a, b string) bool {
	wa, wb := words(a), words(b)
	if len(wa) > len(wb) {
		wa, wb = wb, wa
	}
	if len(wa) == 0 {
		return false
	}
	common := 0
	for w := range wa {
		if wb[w] {
			common++
		}
	}
	if len(wa) == len(wb) && common == len(wa) {
		return true
	}
	return common >= 2 && 3*common >= 2*len(wa) && 2*common >= len(wb)
}

// words returns the words of s that carry meaning, in lower case.
func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, f := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		switch f {
		case "the", "a", "an", "is", "are", "it", "we", "of", "in", "on", "to", "and", "for", "with", "not", "no":
		default:
			out[f] = true
		}
	}
	return out
}

// oneLine checks a text that stands on one line.
func oneLine(what string, t Text, limit int) (Text, error) {
	t = t.OneLine(0)
	if t == "" {
		return "", Invalid("The %s is empty.", what)
	}
	if n := len([]rune(t.String())); n > limit {
		return "", Invalid("The %s has %d characters; %d is the most.", what, n, limit)
	}
	return t, nil
}

// body checks a text of any number of lines.
func body(what string, t Text) (Text, error) {
	t = Text(strings.TrimSpace(string(t)))
	if t == "" {
		return "", Invalid("The %s is empty.", what)
	}
	if n := len([]rune(t.String())); n > MaxText {
		return "", Invalid("The %s has %d characters; %d is the most.", what, n, MaxText)
	}
	return t, nil
}

// clockSlack is how far in the future a fact may lie, since people's clocks
// and the server's differ.
const clockSlack = time.Minute

// past refuses a fact that lies in the future.
func (l *Look) past(what string, t *time.Time) error {
	if t != nil && t.After(l.Now.Add(clockSlack)) {
		return Invalid("%s is %s, which is in the future.", what, t.In(l.Zone()).Format("2006-01-02 15:04 MST"))
	}
	return nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC().Truncate(time.Microsecond)
	return &u
}

func orNow(t *time.Time) time.Time {
	if t == nil {
		return time.Time{} // Seal puts the time of recording
	}
	return *t
}

// Need refuses when the person does not hold r, and says who does.
func (l *Look) Need(r Right) error {
	if l.May(r) {
		return nil
	}
	e := Forbidden("You may not do this: it needs the right %q.", r)
	if l.Who.Unread {
		return e.WithHint("Who is in the workspace could not be read yet; until then it belongs to those who are named by id.")
	}
	if at, ok := l.outdated(r); ok {
		return e.WithHint("%s Who is in your groups was last read on %s, which is too long ago for this.", l.holders(r), at.In(l.Zone()).Format("2 January 15:04 MST"))
	}
	return e.WithHint("%s", l.holders(r))
}

// holders says in words who holds r.
func (l *Look) holders(r Right) string {
	names := l.Settings().Permissions[r]
	if len(names) == 0 {
		return fmt.Sprintf("Nobody has it yet; name people or groups under permissions.%s in the configuration.", r)
	}
	out := make([]string, len(names))
	for k, n := range names {
		switch {
		case IsUserID(n):
			out[k] = "<@" + n + ">"
		case IsGroupID(n):
			out[k] = "<!subteam^" + n + ">"
		case n == everyone:
			out[k] = "every full member of the workspace"
		case n == string(RightAdmin):
			out[k] = "admins"
		default:
			out[k] = "the " + strings.ToLower(l.Settings().Role(n).Name)
			if l.Incident != nil && l.Incident.Roles[n] != "" {
				out[k] += " (<@" + string(l.Incident.Roles[n]) + ">)"
			}
		}
	}
	return "It belongs to: " + strings.Join(out, ", ") + "."
}
