package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Tag is how an incident is called in a sentence: "#12 Checkout is down".
func (i *Incident) Tag() Text { return Join(Bold(fmt.Sprintf("#%d", i.Number)), " ", i.Title) }

// Card is the incident at a glance, short enough for a phone, with the buttons
// that matter most. It is the channel's pinned message and the answer to the
// bare command.
func (s *Settings) Card(i *Incident, now time.Time) Message {
	sev := s.Severity(i.Severity)
	summary := Join(Plain(strings.ToUpper(sev.ID)+" "), i.Tag(), Plain(": "+strings.ToLower(i.Status.Label())+", commander "), MentionUser(i.Roles[Commander]), ".")
	m := Message{Summary: summary, Blocks: []Block{
		Heading(Join(Plain(fmt.Sprintf("#%d ", i.Number)), i.Title)),
		FieldsOf(s.cardFields(i, sev)...),
	}}
	if i.Summary != "" {
		m.Blocks = append(m.Blocks, Quote(i.Summary))
	}
	if i.LastText != "" {
		m.Blocks = append(m.Blocks, Para(Bold("Last update"), " ", Moment(i.LastTextAt), "\n", i.LastText.OneLine(600)))
	}
	if lines := s.cardLinks(i, sev); lines != "" {
		m.Blocks = append(m.Blocks, Para(lines))
	}
	if lines := i.cardRollbacks(); lines != "" {
		m.Blocks = append(m.Blocks, Para(lines))
	}
	m.Blocks = append(m.Blocks, s.cardSmall(i, now)...)
	if b := s.cardButtons(i); len(b) > 0 {
		m.Blocks = append(m.Blocks, Buttons(b...))
	}
	return m
}

// headFields are the three that everybody asks for.
func (s *Settings) headFields(i *Incident, sev Severity) []Field {
	severity := Plain(strings.ToUpper(sev.ID) + " " + sev.Name)
	if i.Assumed {
		severity = Join(severity, " (assumed)")
	}
	commander := MentionUser(i.Roles[Commander])
	if i.Acting {
		commander = Join(commander, " (acting)")
	}
	return []Field{{"Status", Plain(i.Status.Label())}, {"Severity", severity}, {s.Role(Commander).Name, commander}}
}

func (s *Settings) cardFields(i *Incident, sev Severity) []Field {
	fields := s.headFields(i, sev)
	for _, r := range s.Roles {
		if holder, ok := i.Roles[r.ID]; ok && r.ID != Commander {
			fields = append(fields, Field{r.Name, MentionUser(holder)})
		}
	}
	if len(i.Services) > 0 {
		names := make([]string, len(i.Services))
		for k, id := range i.Services {
			names[k] = s.service(id)
		}
		fields = append(fields, Field{"Services", Plain(strings.Join(names, ", "))})
	}
	if len(i.Components) > 0 {
		fields = append(fields, Field{"Components", s.cardComponents(i)})
	}
	if at, ok := i.At(MilestoneImpact); ok {
		fields = append(fields, Field{"Impact since", Moment(at)})
	}
	return fields
}

func (s *Settings) service(id string) string {
	if v, ok := Find(s.Services, id); ok {
		return v.Name
	}
	return id
}

func (s *Settings) cardComponents(i *Incident) Text {
	ids := make([]string, 0, len(i.Components))
	for id := range i.Components {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		if i.Components[a].Worse(i.Components[b]) {
			return -1
		}
		if i.Components[b].Worse(i.Components[a]) {
			return 1
		}
		return strings.Compare(a, b)
	})
	parts := make([]string, len(ids))
	for k, id := range ids {
		parts[k] = s.Component(id).Name + ": " + strings.ToLower(i.Components[id].Label())
	}
	return Plain(strings.Join(parts, "\n"))
}

func (s *Settings) cardLinks(i *Incident, sev Severity) Text {
	var parts []Text
	if sev.Call != "" {
		parts = append(parts, LinkTo(strings.ReplaceAll(sev.Call, "{number}", fmt.Sprint(i.Number)), "Join the call"))
	}
	if i.Published() {
		parts = append(parts, LinkTo(s.PublicURL+"/incidents/"+PublicID("incident", fmt.Sprint(i.Number)), "Status page"))
	}
	for _, l := range i.Links {
		name := l.Name.String()
		if name == "" {
			name = l.URL
		}
		parts = append(parts, LinkTo(l.URL, name))
	}
	var out Text
	for k, p := range parts {
		if k > 0 {
			out = Join(out, " · ")
		}
		out = Join(out, p)
	}
	return out
}

// cardRollbacks says how the rollbacks of i stand: those under way, else the
// last one.
func (i *Incident) cardRollbacks() Text {
	var lines []Text
	for k, r := range i.Rollbacks {
		if r.State.Final() && k < len(i.Rollbacks)-1 {
			continue
		}
		lines = append(lines, Join(Bold("Rollback "+r.ID), Plain(" of "+r.Target+": "+r.State.Label())))
	}
	return joinLines(lines)
}

func (s *Settings) cardSmall(i *Incident, now time.Time) []Block {
	declared := Join("Declared by ", MentionUser(i.DeclaredBy), " ", Moment(i.DeclaredAt))
	switch {
	case i.Drill:
		declared = Join(declared, " · This is a drill")
	case i.Private:
		declared = Join(declared, " · Private: only its members see it")
	case i.Published():
		declared = Join(declared, " · Customers read: ", i.customersRead(), s.cardPublic(i, now))
	default:
		declared = Join(declared, " · Customers read nothing yet", s.cardPublic(i, now))
	}
	if next := s.NextUpdate(i); next != nil {
		word := " · Next update by "
		if next.Before(now) {
			word = " · Next update was due "
		}
		declared = Join(declared, Text(word), Moment(*next))
	}
	return []Block{Small(declared)}
}

// customersRead is what the page's last word calls the state of i.
func (i *Incident) customersRead() Text {
	last := i.LastPublic().Status
	if i.Status == Cancelled && last == Resolved {
		return "no impact" // which is what the page says, in a status that knows no cancelled
	}
	return Plain(last.Label())
}

// cardPublic is by when customers expect more: a first update, or what they were
// promised, unless the team was promised it by then, too.
func (s *Settings) cardPublic(i *Incident, now time.Time) Text {
	d, ok := s.PublicDeadline(i)
	team := s.NextUpdate(i)
	late := d.At.Before(now)
	switch {
	case !ok || !d.First && !d.Promised || d.Promised && team != nil && team.Equal(d.At):
		return ""
	case d.First && late:
		return Join("; a first update was due ", Moment(d.At))
	case d.First:
		return Join("; a first update is due by ", Moment(d.At))
	}
	return Join("; they were promised more by ", Moment(d.At))
}

// NextUpdate is when the team expects to hear more: as promised, else by the
// severity's clock. Nil when nothing is expected.
func (s *Settings) NextUpdate(i *Incident) *time.Time {
	if !i.Open() {
		return nil
	}
	if i.NextBy != nil {
		return i.NextBy
	}
	if every := s.Severity(i.Severity).UpdateEvery; every > 0 {
		t := i.LastUpdate.Add(every)
		return &t
	}
	return nil
}

func (s *Settings) cardButtons(i *Incident) []Button {
	if !i.Open() {
		return []Button{{Label: "Post-mortem", Line: "postmortem", Style: "primary"}, {Label: "Add action item", Line: "action add"}, {Label: "Reopen", Line: "reopen"}, {Label: "Timeline", Line: "timeline"}}
	}
	b := []Button{{Label: "Update", Line: "update", Style: "primary"}}
	if !i.Private && !i.Drill {
		b = append(b, Button{Label: "Tell customers", Line: "update --public"})
	}
	if len(s.Targets) > 0 && !i.Drill {
		b = append(b, Button{Label: "Roll back", Line: "rollback"})
	}
	if i.Acting || i.Roles[Commander] == "" {
		b = append(b, Button{Label: "Take command", Line: "ic"})
	}
	return append(b, s.resolveButton(i), Button{Label: "More", Line: "show --more"})
}

// resolveButton asks first, since one slip of a thumb would end the incident.
func (s *Settings) resolveButton(i *Incident) Button {
	text := Text("The team is told, and the clocks stop.")
	if i.Published() {
		text = Join(text, " Customers will read: “", StockLine(Resolved), "”")
	}
	return Button{Label: "Resolve", Line: "resolve", Confirm: &Confirm{
		Title: fmt.Sprintf("Resolve #%d?", i.Number), Text: text, Yes: "Resolve", No: "Not yet",
	}}
}

// MoreButtons are the card's less frequent buttons.
func (s *Settings) MoreButtons(i *Incident) []Button {
	b := []Button{{Label: "Timeline", Line: "timeline"}, {Label: "Add a note", Line: "note"}}
	if !i.Open() {
		return b[1:] // the card itself has the timeline then
	}
	for _, st := range Statuses() {
		if st != Resolved && st != i.Status {
			b = append(b, Button{Label: st.Label(), Line: "status " + string(st)})
		}
	}
	return append(b, Button{Label: "Severity", Line: "severity"}, Button{Label: "Assign a role", Line: "assign"},
		Button{Label: "Components", Line: "component"}, Button{Label: "Title", Line: "title"},
		Button{Label: "Summary", Line: "summary"}, Button{Label: "Add a link", Line: "link"},
		Button{Label: "Cancel: no incident", Line: "cancel", Style: "danger"})
}

// Announcement is what the whole organisation reads of an incident in the
// channel where incidents are announced: one message, edited in place.
func (s *Settings) Announcement(i *Incident) Message {
	sev := s.Severity(i.Severity)
	where := Text("")
	if i.Channel != "" {
		where = Join(" ", MentionChannel(i.Channel))
	}
	head := Join(Bold(strings.ToUpper(sev.ID)), " ", i.Tag(), where)
	m := Message{
		Summary: Join(Plain(strings.ToUpper(sev.ID)+" incident "), i.Tag(), Plain(": "+strings.ToLower(i.Status.Label())+"."), where),
		Blocks:  []Block{Para(head), FieldsOf(s.headFields(i, sev)...)},
	}
	if i.LastText != "" {
		m.Blocks = append(m.Blocks, Para(Moment(i.LastTextAt), " ", i.LastText.OneLine(300)))
	}
	m.Blocks = append(m.Blocks, Small(Join("Declared by ", MentionUser(i.DeclaredBy), " ", Moment(i.DeclaredAt))))
	return m
}
